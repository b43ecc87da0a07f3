"""A QR code to be hung up: an A4 sheet that says what it is for, readable from two metres."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from votes.exports.formats import layout, pdf, qr


@dataclass(frozen=True)
class Poster:
    """One sheet. ``head``: whose it is; ``title``: what to do, in large type; ``about``: the station or project;
    ``lines``: what happens on scanning; ``url``: the code's address, printed below for those who type."""

    head: str
    title: str
    about: str
    lines: Sequence[str]
    url: str
    foot: str = ""


def sheets(posters: Sequence[Poster]) -> bytes:
    """The posters as one PDF, a page each, in the order given. Raises PdfUnavailable, and ValueError for none."""
    template = layout.template("poster.html")
    css = pdf.faces_css()
    return pdf.render_pages(
        (
            template.render(
                poster=poster,
                png=base64.b64encode(qr.png(poster.url, box=12, border=2)).decode("ascii"),
                faces_css=css,
            )
            for poster in posters
        ),
        base_css=False,
    )
