"""QR cards of deputies' own pages, for 代表接待: A6 alone, or four to a sheet of A4 with lines to cut along."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from votes.exports.formats import layout, pdf, qr

PER_SHEET = 4
Size = Literal["a4", "a6"]


@dataclass(frozen=True)
class DeputyCard:
    """One deputy's card; ``url`` is that of the public page."""

    body: str
    member: str
    name: str
    delegation: str
    url: str


def sheets(cards: Sequence[DeputyCard], size: Size = "a4") -> bytes:
    """Return the cards as one PDF, in the order given.

    Raises PdfUnavailable where the system components are missing.
    """
    faces = [(card, qr.data_uri(card.url, box=6, gray=True)) for card in cards]
    per = PER_SHEET if size == "a4" else 1
    html = layout.template("deputy_cards.html").render(
        sheets=[faces[i : i + per] for i in range(0, len(faces), per)],
        size=size,
        faces_css=pdf.faces_css(),
    )
    return pdf.render(html)
