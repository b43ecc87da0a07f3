"""Official Word documents (GB/T 9704): faces, sizes and margins of Chinese official papers.

The faces are those that offices have (小标宋, 仿宋, 楷体); they resolve on the reader's PC, not here.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

TITLE, BODY, LATIN = "方正小标宋简体", "仿宋_GB2312", "Times New Roman"
RED = "C00000"

#: Form or not → margins in mm (top, bottom, left, right), sizes in points: body 三号, title 二号; a form is set closer.
_MEASURES: dict[bool, dict[str, Any]] = {
    False: {"margins": (37, 35, 28, 26), "body": 16, "title": 22, "items": 16, "table": 12, "line": 28},
    True: {"margins": (20, 20, 24, 22), "body": 12, "title": 20, "items": 14, "table": 10.5, "line": 20},
}

# A WordArt shape in the page header, which Word and WPS both repeat on every page as a watermark.
_WATERMARK = """<w:pict xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
 <v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800"
  path="m@7,l@8,m@5,21600l@6,21600e">
  <v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/>
   <v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/>
   <v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>
  <v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/>
 </v:shapetype>
 <v:shape id="watermark" o:spid="_x0000_s2049" type="#_x0000_t136" fillcolor="#d9d9d9" stroked="f"
  style="position:absolute;width:380pt;height:190pt;rotation:325;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:page;mso-position-vertical:center;mso-position-vertical-relative:page">
  <v:textpath style="font-family:&quot;SimSun&quot;;font-size:1pt"/>
 </v:shape></w:pict>"""


class Official:
    """One official document, written from top to bottom; `save` returns the bytes of the .docx.

    ``title`` and ``author`` go into the file's properties, ``watermark`` stands behind every page. The methods `text`,
    `items`, `table`, `page_break`, `signatures` and `closing` take the fields of the blocks in `layout`.
    """

    def __init__(self, *, title: str, author: str = "", form: bool = False, watermark: str = "") -> None:
        self._measure = _MEASURES[form]
        self._document = Document()
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        top, bottom, left, right = self._measure["margins"]
        section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
        section.left_margin, section.right_margin = Mm(left), Mm(right)
        section.header_distance, section.footer_distance = Mm(15), Mm(bottom - 10)
        self._width = 210 - left - right
        self._normal_style()
        self._page_number(section)
        if watermark:
            self._watermark(section, watermark)
        properties = self._document.core_properties
        properties.title, properties.author, properties.language = title, author, "zh-CN"
        properties.comments = ""  # the template says which library made it

    # --- set-up -------------------------------------------------------------------------------------------

    def _normal_style(self) -> None:
        style = self._document.styles["Normal"]
        style.font.size = Pt(self._measure["body"])
        _faces(style.element.get_or_add_rPr(), BODY)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)

    def _page_number(self, section: Any) -> None:
        """Write — 1 — into the footer, as the field PAGE."""
        paragraph = section.footer.paragraphs[0]
        self._shape(paragraph, align="center", exact=False)
        self._run(paragraph, "— ", size=14)
        run = self._run(paragraph, "", size=14)
        for kind in ("begin", "", "end"):
            mark = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                mark.set(qn("w:fldCharType"), kind)
            else:
                mark.text = "PAGE"
            run._r.append(mark)
        self._run(paragraph, " —", size=14)

    def _watermark(self, section: Any, words: str) -> None:
        pict = parse_xml(_WATERMARK)
        for textpath in pict.iter("{urn:schemas-microsoft-com:vml}textpath"):
            if textpath.get("style"):
                textpath.set("string", words)
        section.header.paragraphs[0].add_run()._r.append(pict)

    # --- small tools --------------------------------------------------------------------------------------

    def _run(
        self, paragraph: Any, text: str, *, size: float | None = None, face: str = BODY, bold: bool = False
    ) -> Any:
        run = paragraph.add_run(text)
        run.font.size = Pt(size or self._measure["body"])
        run.font.bold = bold
        _faces(run._r.get_or_add_rPr(), face)
        return run

    def _shape(
        self, paragraph: Any, *, align: str = "left", exact: bool = True, before: float = 0, after: float = 0
    ) -> Any:
        """Set alignment, spacing in points, and the ``exact`` line pitch of official papers; return the format."""
        layout = paragraph.paragraph_format
        layout.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
        layout.space_before, layout.space_after = Pt(before), Pt(after)
        if exact:
            layout.line_spacing = Pt(self._measure["line"])
        return layout

    def _paragraph(self, words: str, *, size: float | None = None, bold: bool = False, **shape: Any) -> Any:
        """Add a paragraph with one run, shaped as `_shape` has it; return its format."""
        paragraph = self._document.add_paragraph()
        self._run(paragraph, words, size=size, bold=bold)
        return self._shape(paragraph, **shape)

    # --- what a document is made of -----------------------------------------------------------------------

    def notice(self, words: str) -> None:
        """Write a line above the title."""
        self._paragraph(words, size=14, align="center", after=6)

    def title(self, words: str, *, red: bool = False) -> None:
        """Write the title; an announcement has a large ``red`` one."""
        paragraph = self._document.add_paragraph()
        size = 30 if red else self._measure["title"]
        self._shape(paragraph, align="center", exact=False, after=4).line_spacing = Pt(size * 1.45)
        run = self._run(paragraph, words, size=size, face=TITLE)
        if red:
            run.font.color.rgb = RGBColor.from_string(RED)

    def subtitle(self, words: str) -> None:
        """Write a line under the title: the session, the number of the document."""
        self._paragraph(words, align="center", after=10)

    def red_rule(self) -> None:
        """Draw the red line under the head of an announcement: the lower border of an empty paragraph."""
        paragraph = self._document.add_paragraph()
        self._shape(paragraph, after=self._measure["line"]).line_spacing = Pt(4)
        _rule(paragraph, "bottom", eighths=24, color=RED)

    def text(
        self, text: str, *, indent: bool = True, strong: bool = False, size: float | None = None
    ) -> None:
        """Write a paragraph; one without ``indent`` is a heading and stays with the next."""
        size = size or self._measure["body"]
        layout = self._paragraph(text, size=size, bold=strong, align="justify", exact=False)
        layout.line_spacing = Pt(size * 1.75)
        if indent:
            layout.first_line_indent = Pt(2 * size)
        layout.keep_with_next = not indent

    def items(self, items: Sequence[str]) -> None:
        """Write a numbered list."""
        for number, item in enumerate(items, start=1):
            self.text(f"{number}．{item}", size=self._measure["items"])

    def table(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        aligns: Sequence[str],
        *,
        caption: str = "",
        tall: bool = False,
        dense: bool = False,
    ) -> None:
        """Write a ruled table over the whole width; ``widths`` are per cent. The head repeats, rows do not break.

        ``tall`` leaves room to sign in, ``dense`` sets many columns smaller.
        """
        if caption:
            self._paragraph(caption, bold=True, before=4).keep_with_next = True
        table = self._document.add_table(rows=0, cols=len(heads), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        measures = [Mm(self._width * width / 100) for width in widths]
        for column, width in zip(table.columns, measures, strict=True):
            column.width = width
        gap, size = (1, 9) if dense else (2, self._measure["table"])
        for place, texts in enumerate([heads, *rows]):
            row = table.add_row()
            settings = row._tr.get_or_add_trPr()
            settings.append(OxmlElement("w:cantSplit"))
            if place == 0:
                settings.append(OxmlElement("w:tblHeader"))
            elif tall:
                row.height = Mm(11)
            for cell, words, width, align in zip(row.cells, texts, measures, aligns, strict=True):
                cell.width = width  # Word obeys the cells, not the columns
                cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
                paragraph = cell.paragraphs[0]
                side = align if place else "center"
                self._shape(paragraph, align=side, exact=False, before=gap, after=gap)
                self._run(paragraph, words, size=size, bold=place == 0)
        # Two tables that touch become one: a thin empty paragraph keeps them apart.
        self._shape(self._document.add_paragraph()).line_spacing = Pt(8)

    def page_break(self) -> None:
        """Begin a new page."""
        self._document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def signatures(self, lines: Sequence[tuple[str, str, str]]) -> None:
        """Write lines of (role, name, remark); an empty name becomes a line to sign on."""
        for place, (role, name, remark) in enumerate(lines):
            paragraph = self._document.add_paragraph()
            layout = self._shape(paragraph, before=2 if place else 10, after=2)
            layout.keep_together = layout.keep_with_next = True
            layout.tab_stops.add_tab_stop(Mm(34))
            layout.tab_stops.add_tab_stop(Mm(80))
            self._run(paragraph, f"{role}：\t")
            if name:
                self._run(paragraph, name)
            else:
                self._run(paragraph, "\u3000" * 12).font.underline = True
            if remark:
                self._run(paragraph, f"\t{remark}", size=self._measure["table"])

    def closing(self, organ: str, date: str) -> None:
        """Write organ and date (成文) at the right, four characters from the edge."""
        for place, words in enumerate(words for words in (organ, date) if words):
            layout = self._paragraph(words, align="right", before=0 if place else self._measure["line"])
            layout.right_indent = Mm(22)
            layout.keep_with_next = place == 0 and bool(organ)

    def foot(self, lines: Sequence[tuple[str, str]]) -> None:
        """Write small print of (label, value) under a thin rule."""
        for place, (label, value) in enumerate(lines):
            paragraph = self._document.add_paragraph()
            self._shape(paragraph, exact=False, before=0 if place else 14)
            if place == 0:
                _rule(paragraph, "top", eighths=4, color="auto")
            self._run(paragraph, f"{label}：{value}", size=8)

    def save(self) -> bytes:
        """Return the bytes of the .docx."""
        out = BytesIO()
        self._document.save(out)
        return out.getvalue()


def _rule(paragraph: Any, side: str, *, eighths: int, color: str) -> None:
    """Draw a border on one side of a paragraph, ``eighths`` of a point thick."""
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:{side} w:val="single" w:sz="{eighths}" w:space="4" w:color="{color}"/></w:pBdr>'
    )
    # Word calls a file damaged when the properties of a paragraph are not in the order of the schema.
    paragraph._p.get_or_add_pPr().insert_element_before(
        border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
    )


def _faces(properties: Any, face: str) -> None:
    """Name the faces for Chinese and Latin apart: font.name alone leaves Chinese in the default face."""
    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        if key.endswith("Theme"):
            del fonts.attrib[key]
    fonts.set(qn("w:eastAsia"), face)
    # Figures and letters inside a title keep the title's face.
    latin = face if face == TITLE else LATIN
    for name in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(name), latin)
