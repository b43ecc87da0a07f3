"""Traces of who cast which ballot, in the memory of processes and in files: are there pairs better than chance?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import comb
from pathlib import Path

#: Bytes between what names a deputy and what names a ballot, at most: the request of a phone is shorter.
NEAR = 8192


@dataclass(frozen=True)
class Found:
    """What was found: ballots, of them those with a deputy nearby, and of those the right ones."""

    ballots: int
    paired: int
    right: int
    among: int  # deputies

    @property
    def by_chance(self) -> float:
        """Return how likely chance alone would be right so often, each deputy being as near as any other."""
        p = 1 / self.among
        hits = range(self.right, self.paired + 1)
        return sum(comb(self.paired, k) * p**k * (1 - p) ** (self.paired - k) for k in hits)

    @property
    def better_than_chance(self) -> bool:
        return self.by_chance < 1e-5


def hunt(pieces: Iterable[bytes], truth: Mapping[str, Iterable[str]]) -> Found:
    """Look in all pieces for each ballot's code, and guess its deputy: the one whose mark stands nearest to it.

    ``truth`` has for each code the marks of the deputy who cast it (a cookie, a resend mark). Three guesses are made, by
    the nearest mark on either side, before and after the code: the best one counts.
    """
    owner = {mark.encode(): code.encode() for code, marks in truth.items() for mark in marks}
    codes = [code.encode() for code in truth]
    nearest: list[dict[bytes, tuple[int, bytes]]] = [{}, {}, {}]
    seen: set[bytes] = set()
    for piece in pieces:
        for code in codes:
            for place in _places(piece, code):
                seen.add(code)
                start = max(place - NEAR, 0)
                around = piece[start : place + NEAR]
                marks = [
                    (start + at - place, who) for mark, who in owner.items() for at in _places(around, mark)
                ]
                sides = (
                    marks,
                    [each for each in marks if each[0] < 0],
                    [each for each in marks if each[0] > 0],
                )
                for guesses, near in zip(nearest, sides, strict=True):
                    best = min(((abs(distance), who) for distance, who in near), default=None)
                    if best:
                        guesses[code] = min(guesses.get(code, best), best)
    found = [
        Found(len(seen), len(guesses), sum(code == who for code, (_, who) in guesses.items()), len(truth))
        for guesses in nearest
    ]
    return min(found, key=lambda each: each.by_chance)


def _places(piece: bytes, word: bytes) -> Iterator[int]:
    place = piece.find(word)
    while place >= 0:
        yield place
        place = piece.find(word, place + 1)


def memory(pid: int) -> Iterator[bytes]:
    """Return the writable memory of a process, region by region. Raises OSError where it may not be read."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as mem:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            where, rights, *_ = line.split()
            if rights.startswith("rw"):
                start, end = (int(each, 16) for each in where.split("-"))
                try:
                    mem.seek(start)
                    piece = mem.read(end - start)
                except (OSError, ValueError):  # gone, or never touched
                    continue
                yield piece


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def memory_of(pids: Iterable[int]) -> Iterator[bytes]:
    """Return the memory of processes, those left out that have ended meanwhile."""
    for pid in pids:
        try:
            yield from memory(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue


def files(folder: Path) -> Iterator[bytes]:
    """Return all files below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.read_bytes()
