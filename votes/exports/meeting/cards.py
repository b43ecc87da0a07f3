"""Personal QR cards (凭证): eight on an A4 sheet, with marks to cut along."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from votes.exports.formats import layout, pdf, qr

PER_SHEET = 8
# Sheets laid out together. A smaller batch reports progress more often, a larger one parses the style less often.
_SHEETS_PER_BATCH = 5
# A scanner reads any of the eight QR masks. Trying them all would double the time for a roll of 500.
_MASK = 3
# So many full-width characters of 11 pt fit across a card.
_HEAD = 22


@dataclass(frozen=True)
class VotingCard:
    """One deputy's card. `url` carries a bearer secret and `pin` is eight figures: this module stores neither."""

    name: str
    delegation: str
    number: str
    url: str
    pin: str
    body: str
    session: str


@dataclass(frozen=True)
class _Face:
    """The text that the template prints, broken into lines that fit beside the code."""

    head: str
    head_size: str
    name: str
    size: str
    lines: str
    png: str


def _broken(text: str, width: int) -> list[str]:
    """Break `text` into lines of at most `width` full-width characters; a Latin letter or digit counts 0.6.

    The layout engine would need three boxes for each card; with the number of lines known, one box is enough.
    """
    lines, used = [""], 0.0
    for letter in text:
        step = 1.0 if ord(letter) > 0x2E7F else 0.6
        if used + step > width and letter not in "·・":  # never at the head of a line
            lines.append("")
            used = 0.0
        lines[-1] += letter
        used += step
    return lines


def _name(name: str) -> tuple[str, str]:
    """Return the name and its size class: the largest that fits beside the code, in one line or two."""
    for size, width in (("l", 4), ("m", 6)):
        if len(_broken(name, width)) == 1:
            return name, size
    size, width = ("s", 8) if len(_broken(name, 8)) <= 2 else ("xs", 12)
    return "\n".join([*_broken(name, width), ""][:2]), size


def _face(card: VotingCard) -> _Face:
    name, size = _name(card.name)
    delegation = _broken(card.delegation, 12)[:2]
    lines = [*delegation, f"代表证号 {card.number}", f"口令 {card.pin}"]
    lines += [""] * (4 - len(lines))  # the last line stands at the same height on all cards
    png = base64.b64encode(qr.png(card.url, box=4, mask=_MASK, gray=True)).decode("ascii")
    long = max(len(card.body), len(card.session)) > _HEAD
    return _Face(f"{card.body}\n{card.session}", "n" if long else "", name, size, "\n".join(lines), png)


def sheets(cards: Sequence[VotingCard], *, progress: Callable[[int, int], None] | None = None) -> bytes:
    """Return the cards as one PDF in the given order, eight on an A4 sheet.

    The codes are at least 30 mm wide. `progress(done, total)` is called with numbers of cards after each batch
    of forty. Raises PdfUnavailable, and ValueError for no card or an empty URL.
    """
    total, size = len(cards), PER_SHEET * _SHEETS_PER_BATCH
    marks = layout.template("marks.svg").render(marks=_marks())

    def documents() -> Iterator[str]:
        for start in range(0, total, size):
            faces = [_face(card) for card in cards[start : start + size]]
            yield layout.template("cards.html").render(
                sheets=[faces[place : place + PER_SHEET] for place in range(0, len(faces), PER_SHEET)],
                marks=marks,
                faces_css=pdf.faces_css(),
            )

    def report(batches: int) -> None:
        if progress:
            progress(min(batches * size, total), total)

    return pdf.render_pages(documents(), report)


def _marks() -> list[tuple[float, float, float, float]]:
    """Return the cutting lines (x1, y1, x2, y2) in mm: ticks in the margins, crosses between cards."""
    left, top, width, height, tick = 10.0, 12.5, 95.0, 68.0, 5.0
    xs = [left + width * place for place in range(3)]
    ys = [top + height * place for place in range(5)]
    lines = [
        (x, y1, x, y2) for x in xs for y1, y2 in ((top - 1 - tick, top - 1), (ys[-1] + 1, ys[-1] + 1 + tick))
    ]
    lines += [
        (x1, y, x2, y)
        for y in ys
        for x1, x2 in ((left - 1 - tick, left - 1), (xs[-1] + 1, xs[-1] + 1 + tick))
    ]
    for y in ys[1:-1]:
        lines += [(xs[1] - 3, y, xs[1] + 3, y), (xs[1], y - 3, xs[1], y + 3)]
    return lines
