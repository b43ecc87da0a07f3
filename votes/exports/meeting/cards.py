"""Personal QR cards (凭证): A4, eight to a sheet, with marks to cut along."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from votes.exports.formats import layout, pdf, qr

PER_SHEET = 8
# Sheets laid out together. Smaller batches show finer progress, larger ones read the style fewer times.
_SHEETS_PER_BATCH = 5
# Any of the eight QR masks can be read; trying all of them would double the time for a roll of 500.
_MASK = 3
# So many full-width characters of 11 pt fit across a card.
_HEAD = 22


@dataclass(frozen=True)
class Card:
    """One deputy's card. `url` carries a bearer secret, `pin` is six figures: neither is kept anywhere here."""

    name: str
    delegation: str
    number: str
    url: str
    pin: str
    body: str
    session: str


@dataclass(frozen=True)
class _Face:
    """What the template prints of a card: its name and its other lines, broken to fit beside the code."""

    head: str
    head_size: str
    name: str
    size: str
    lines: str
    png: str


def _broken(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` full-width characters; Latin letters and figures count about a half.

    Done here and not by the layout engine: lines of known number need one box a card instead of three.
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
    """The name and its size class: as large as it fits beside the code, in one line of 16 mm or two of 8."""
    for size, width in (("l", 4), ("m", 6)):
        if len(_broken(name, width)) == 1:
            return name, size
    size, width = ("s", 8) if len(_broken(name, 8)) <= 2 else ("xs", 12)
    return "\n".join([*_broken(name, width), ""][:2]), size


def _face(card: Card) -> _Face:
    name, size = _name(card.name)
    delegation = _broken(card.delegation, 12)[:2]
    lines = [*delegation, f"代表证号 {card.number}", f"口令 {card.pin}"]
    lines += [""] * (4 - len(lines))  # the last line of the card stands at one height on all
    png = base64.b64encode(qr.png(card.url, box=4, mask=_MASK, gray=True)).decode("ascii")
    long = max(len(card.body), len(card.session)) > _HEAD
    return _Face(f"{card.body}\n{card.session}", "n" if long else "", name, size, "\n".join(lines), png)


def sheets(cards: Sequence[Card], *, progress: Callable[[int, int], None] | None = None) -> bytes:
    """The cards as one PDF, in the order given, eight to an A4 sheet; one card alone is a reprint.

    The codes are at least 30 mm wide. `progress(done, total)` is called with numbers of cards after each batch
    of forty. Raises PdfUnavailable, and ValueError when there is no card or an address is empty.
    """
    total, size = len(cards), PER_SHEET * _SHEETS_PER_BATCH
    marks = layout.template("marks.svg").render(marks=_MARKS)

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

    return pdf.render_pages(documents(), report, base_css=False)


def _marks() -> list[tuple[float, float, float, float]]:
    """Where to cut, as lines (x1, y1, x2, y2) in mm of the sheet: ticks in the margins, crosses between cards."""
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


_MARKS = _marks()
