"""Draw posters with a QR code: A4 sheets that can be read from two metres."""

from collections.abc import Sequence
from dataclasses import dataclass

from votes.exports.formats import layout, pdf, qr


@dataclass(frozen=True)
class Poster:
    """One sheet."""

    head: str  # whose it is
    title: str  # what to do, in large type
    about: str  # the station or project
    lines: Sequence[str]  # what happens on scanning
    url: str  # in the code, and printed below for those who type
    foot: str = ""


def sheets(posters: Sequence[Poster]) -> bytes:
    """Return the posters as one PDF, a page each.

    Raises PdfUnavailable, and ValueError for no poster.
    """
    template, css = layout.template("poster.html"), pdf.faces_css()
    return pdf.render_pages(
        template.render(poster=each, code=qr.data_uri(each.url, box=12, border=2), faces_css=css)
        for each in posters
    )
