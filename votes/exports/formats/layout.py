"""The shape of an official paper, and the three ways to write it: Word, PDF and a page.

A paper is built once as a `Paper`; whatever is not in it cannot be in one of the three and missing in another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from votes.exports.formats import pdf

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
    """A numbered list, written 1．2．3．"""

    items: Sequence[str]


@dataclass(frozen=True)
class PaperTable:
    """`widths` are per cent of the type area, together 100; `aligns` one for each column."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    aligns: Sequence[Align]
    caption: str = ""
    tall: bool = False  # rows high enough to sign in
    dense: bool = False  # many columns: smaller, and the heads may break


@dataclass(frozen=True)
class Break:
    """What follows begins on a new page."""


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

#: What templates/print/paper.html calls each block.
KINDS: dict[type[Block], str] = {
    Text: "text",
    Items: "items",
    PaperTable: "table",
    Signatures: "signatures",
    Closing: "closing",
    Break: "break",
}


@dataclass(frozen=True)
class Paper:
    """One paper. `number` stands under the title; `foot` is small print of (label, value).

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
        """The word behind every page; a rehearsal is said first."""
        return REHEARSAL if self.rehearsal else self.watermark


@lru_cache(maxsize=1)
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(pdf.TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template(name: str) -> Any:
    """A template of templates/print: escapes by itself, and an unknown name is an error."""
    return _templates().get_template(name)


def to_html(paper: Paper) -> str:
    """The paper as an HTML fragment, escaped, without style attributes (the pages' CSP allows none)."""
    kinds = [(KINDS[type(block)], block) for block in paper.blocks]
    return (
        _templates()
        .get_template("paper.html")
        .render(paper=paper, kinds=kinds, rehearsal_words=REHEARSAL_WORDS)
    )


def to_pdf(paper: Paper) -> bytes:
    """The paper as a PDF on A4. Raises PdfUnavailable where the system components are missing."""
    html = _templates().get_template("document.html").render(paper=paper, fragment=to_html(paper))
    return pdf.render(html)


def to_docx(paper: Paper) -> bytes:
    """The paper as a Word document, to be edited and given the official seal."""
    from votes.exports.formats.docx import Official

    document = Official(
        title=paper.title,
        author=paper.organ,
        form=paper.form,
        watermark=paper.behind,
    )
    if paper.rehearsal:
        document.notice(REHEARSAL_WORDS)
    document.title(paper.title, red=paper.red)
    if paper.subtitle:
        document.subtitle(paper.subtitle)
    if paper.number:
        document.subtitle(paper.number)
    if paper.red:
        document.red_rule()
    for block in paper.blocks:
        match block:
            case Text():
                document.text(block.text, indent=block.indent, strong=block.strong)
            case Items():
                document.items(block.items)
            case PaperTable():
                document.table(
                    block.heads,
                    block.rows,
                    block.widths,
                    block.aligns,
                    caption=block.caption,
                    tall=block.tall,
                    dense=block.dense,
                )
            case Break():
                document.page_break()
            case Signatures():
                document.signatures(block.lines)
            case Closing():
                document.closing(block.organ, block.date)
    if paper.foot:
        document.foot(paper.foot)
    return document.save()
