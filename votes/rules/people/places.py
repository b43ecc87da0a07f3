"""Villages and communities as people type them into a sheet: 东山村, 示例镇东山村, 东山村（示例镇）, 东山村委会."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

#: What stands for "no village in particular" in a column of several.
NOWHERE = ("不限", "无", "全县", "全市", "全区", "全镇", "全乡", "全域")
_BETWEEN = re.compile(r"[、，,；;/\n]+")
_KIND = re.compile(r"(?:村民委员会|社区居民委员会|居民委员会|村委会|社区居委会|居委会|社区|村)$")
_BRACKETS = re.compile(r"(.+?)[（(](.+?)[)）]")


def _stem(name: str) -> str:
    """The name without what kind of place it is, also where it is said twice (东山村村委会)."""
    return _KIND.sub("", _KIND.sub("", name))


class Places:
    """The villages in use: (id, township, name), found by what people type."""

    def __init__(self, villages: Sequence[tuple[int, str, str]]) -> None:
        self._words = {id_: f"{township}{name}" for id_, township, name in villages}
        self._places: dict[str, list[tuple[str, int]]] = {}
        self._short: dict[str, list[tuple[str, int]]] = {}
        for id_, township, name in villages:
            for typed in {name, f"{township}{name}"}:
                self._places.setdefault(typed, []).append((township, id_))
                self._short.setdefault(_stem(typed), []).append((township, id_))
        self._names = {id_: (township, name) for id_, township, name in villages}

    def choices(self) -> list[str]:
        """What a sheet offers: the name, with the township where a name occurs twice."""
        return [
            name if len(self._places[name]) == 1 else self._words[id_]
            for id_, (_, name) in self._names.items()
        ]

    def find(self, typed: str, township: str = "") -> int:
        """The one village meant, of ``township`` where one is given. Raises ValueError with words."""
        name, township = "".join(typed.split()), "".join(township.split())
        if brackets := _BRACKETS.fullmatch(name):
            name, township = brackets[1], township or brackets[2]
        for known, key in ((self._places, name), (self._short, _stem(name))):
            found = {id_ for where, id_ in known.get(key, ()) if not township or where == township}
            if len(found) == 1:
                return found.pop()
            if found:
                raise ValueError(f"有几个乡镇都有“{name}”，请填写乡镇（街道）。")
        near = get_close_matches(f"{township}{name}", self._words.values(), n=2, cutoff=0.6)
        if not near:
            bare = get_close_matches(name, [name for _, name in self._names.values()], n=2, cutoff=0.5)
            near = [self._words[id_] for id_, (_, each) in self._names.items() if each in bare][:3]
        asked = f"是不是{'、'.join(f'“{each}”' for each in near)}？" if near else ""
        raise ValueError(
            f"村（社区）名单中没有“{township}{name}”。{asked}请改填名单中的名称，或先在名单中添加。"
        )

    def find_all(self, typed: str) -> list[int]:
        """The villages of a cell that may name several (东山村、西河村), each once in the order of the list; 不限 is none.

        Raises ValueError with the words of all that are unknown.
        """
        if "".join(typed.split()) in NOWHERE:
            return []
        found, problems = set(), []
        for part in _BETWEEN.split(typed):
            if not part.strip():
                continue
            try:
                found.add(self.find(part))
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise ValueError("".join(problems))
        return [id_ for id_ in self._words if id_ in found]
