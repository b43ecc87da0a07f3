"""The content of an official document, and the three ways to write it: Word, PDF and a page.

A document is built once as a `Paper`, so that no block of it can be in one of the three and missing in another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from votes.exports.formats import pdf
from votes.exports.formats.docx import Official

Align = Literal["left", "center", "right"]
REHEARSAL = "演练"
REHEARSAL_WORDS = "演练材料，不具效力"


@dataclass(frozen=True)
class Text:
    """A paragraph. Official papers indent the first line by two characters."""

    text: str
    indent: bool = True
    strong: bool = False


@dataclass(frozen=True)
class Items:
    """A numbered list: 1．first item."""

    items: Sequence[str]


@dataclass(frozen=True)
class PaperTable:
    """A table: ``widths`` are per cent of the type area, together 100; ``aligns`` one for each column."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    aligns: Sequence[Align]
    caption: str = ""
    tall: bool = False  # rows high enough to sign in
    dense: bool = False  # many columns: smaller, and the heads may break


@dataclass(frozen=True)
class Break:
    """The begin of a new page."""


@dataclass(frozen=True)
class Signatures:
    """Lines of (role, name, remark); an empty name is a ruled line to sign on."""

    lines: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Closing:
    """The issuing organ and the date, at the right, at the end."""

    organ: str
    date: str


Block = Text | Items | PaperTable | Signatures | Closing | Break

#: What templates/print/paper.html calls each block; the method of `Official` that writes it has the same name.
KINDS: dict[type[Block], str] = {
    Text: "text",
    Items: "items",
    PaperTable: "table",
    Signatures: "signatures",
    Closing: "closing",
    Break: "page_break",
}


@dataclass(frozen=True)
class Paper:
    """One document. `number` stands under the title; `foot` is small print of (label, value).

    `organ` is who issues it and goes into the file's properties; `red` gives it the red head that only an
    announcement has; `form` sets it closer, as a sheet to sign and file, and `close` a PDF closer still; `rehearsal`
    marks every page, `watermark` puts another word behind it (票样).
    """

    title: str
    blocks: Sequence[Block]
    subtitle: str = ""
    number: str = ""
    foot: Sequence[tuple[str, str]] = ()
    organ: str = ""
    red: bool = False
    form: bool = False
    close: bool = False
    rehearsal: bool = False
    watermark: str = ""

    @property
    def behind(self) -> str:
        """Return the word behind every page; that of a rehearsal goes before ``watermark``."""
        return REHEARSAL if self.rehearsal else self.watermark


_TEMPLATES = Environment(
    loader=FileSystemLoader(pdf.TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def template(name: str) -> Template:
    """Return a template of templates/print; it escapes by itself, and an unknown name in it is an error."""
    return _TEMPLATES.get_template(name)


def to_html(paper: Paper) -> str:
    """Return the document as an HTML fragment without style attributes (the pages' CSP allows none)."""
    kinds = [(KINDS[type(block)], block) for block in paper.blocks]
    return template("paper.html").render(paper=paper, kinds=kinds, rehearsal_words=REHEARSAL_WORDS)


def to_pdf(paper: Paper) -> bytes:
    """Return the document as a PDF on A4; raise PdfUnavailable where the system components are missing."""
    return pdf.render(template("document.html").render(paper=paper, fragment=to_html(paper)))


def to_docx(paper: Paper) -> bytes:
    """Return the document as a Word file, to be edited and given the official seal."""
    document = Official(title=paper.title, author=paper.organ, form=paper.form, watermark=paper.behind)
    if paper.rehearsal:
        document.notice(REHEARSAL_WORDS)
    document.title(paper.title, red=paper.red)
    for line in (paper.subtitle, paper.number):
        if line:
            document.subtitle(line)
    if paper.red:
        document.red_rule()
    for block in paper.blocks:
        getattr(document, KINDS[type(block)])(**vars(block))
    document.foot(paper.foot)
    return document.save()
