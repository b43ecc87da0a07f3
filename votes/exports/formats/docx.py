"""Official Word documents (GB/T 9704): faces, sizes and margins of Chinese official papers.

The faces are those that offices have (小标宋, 仿宋, 楷体); they resolve on the reader's PC, not here.
"""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

TITLE, BODY, LATIN = "方正小标宋简体", "仿宋_GB2312", "Times New Roman"
RED = "C00000"

# Margins in mm (top, bottom, left, right) and sizes in points: body 三号, title 二号; a form is set closer.
_NORMAL: dict[str, Any] = {
    "margins": (37, 35, 28, 26),
    "body": 16,
    "title": 22,
    "items": 16,
    "table": 12,
    "line": 28,
}
_FORM: dict[str, Any] = {
    "margins": (20, 20, 24, 22),
    "body": 12,
    "title": 20,
    "items": 14,
    "table": 10.5,
    "line": 20,
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
    """One official document, written from top to bottom; `save` gives the bytes of the .docx.

    `title` and `author` go into the file's properties, `watermark` behind every page, `created` is passed in.
    """

    def __init__(
        self,
        *,
        title: str,
        author: str = "",
        form: bool = False,
        watermark: str = "",
        created: datetime | None = None,
    ) -> None:
        from docx import Document
        from docx.shared import Mm

        self._measure = _FORM if form else _NORMAL
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
        if created:
            properties.created = properties.modified = created

    # --- set-up -------------------------------------------------------------------------------------------

    def _normal_style(self) -> None:
        from docx.shared import Pt

        style = self._document.styles["Normal"]
        style.font.size = Pt(self._measure["body"])
        _faces(style.element.get_or_add_rPr(), BODY)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)

    def _page_number(self, section: Any) -> None:
        """— 1 —, as the field PAGE."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        paragraph = section.footer.paragraphs[0]
        self._shape(paragraph, align="center", exact=False)
        self._run(paragraph, "— ", size=14)
        run = self._run(paragraph, "", size=14)
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            if kind:
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
            else:
                mark = OxmlElement("w:instrText")
                mark.text = text
            run._r.append(mark)
        self._run(paragraph, " —", size=14)

    def _watermark(self, section: Any, words: str) -> None:
        from docx.oxml import parse_xml

        pict = parse_xml(_WATERMARK)
        for textpath in pict.iter("{urn:schemas-microsoft-com:vml}textpath"):
            if textpath.get("style"):
                textpath.set("string", words)
        section.header.paragraphs[0].add_run()._r.append(pict)

    # --- small tools --------------------------------------------------------------------------------------

    def _run(
        self, paragraph: Any, text: str, *, size: float | None = None, face: str = BODY, bold: bool = False
    ) -> Any:
        from docx.shared import Pt

        run = paragraph.add_run(text)
        run.font.size = Pt(size or self._measure["body"])
        run.font.bold = bold
        _faces(run._r.get_or_add_rPr(), face)
        return run

    def _shape(
        self,
        paragraph: Any,
        *,
        align: str = "left",
        exact: bool = True,
        before: float = 0,
        after: float = 0,
    ) -> Any:
        """Alignment, spacing in points, and the `exact` line pitch of official papers."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        layout = paragraph.paragraph_format
        layout.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
        layout.space_before, layout.space_after = Pt(before), Pt(after)
        if exact:
            layout.line_spacing = Pt(self._measure["line"])
        return layout

    # --- what a paper is made of --------------------------------------------------------------------------

    def notice(self, words: str) -> None:
        """A line above the title."""
        paragraph = self._document.add_paragraph()
        self._shape(paragraph, align="center", after=6)
        self._run(paragraph, words, size=14)

    def title(self, words: str, *, red: bool = False) -> None:
        from docx.shared import Pt, RGBColor

        paragraph = self._document.add_paragraph()
        layout = self._shape(paragraph, align="center", exact=False, after=4)
        size = 30 if red else self._measure["title"]
        layout.line_spacing = Pt(size * 1.45)
        run = self._run(paragraph, words, size=size, face=TITLE)
        if red:
            run.font.color.rgb = RGBColor.from_string(RED)

    def subtitle(self, words: str) -> None:
        paragraph = self._document.add_paragraph()
        self._shape(paragraph, align="center", after=10)
        self._run(paragraph, words)

    def red_rule(self) -> None:
        """The red line under the head of an announcement: the lower border of an empty paragraph."""
        from docx.shared import Pt

        paragraph = self._document.add_paragraph()
        layout = self._shape(paragraph, after=self._measure["line"])
        layout.line_spacing = Pt(4)
        _rule(paragraph, "bottom", eighths=24, color=RED)

    def text(
        self, words: str, *, indent: bool = True, strong: bool = False, size: float | None = None
    ) -> None:
        from docx.shared import Pt

        paragraph = self._document.add_paragraph()
        size = size or self._measure["body"]
        layout = self._shape(paragraph, align="justify", exact=False)
        layout.line_spacing = Pt(size * 1.75)
        if indent:
            layout.first_line_indent = Pt(2 * size)
        layout.keep_with_next = not indent  # a heading line
        self._run(paragraph, words, bold=strong, size=size)

    def items(self, items: Sequence[str]) -> None:
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
        """A ruled table over the whole width; `widths` in per cent. The head repeats, rows do not break; `tall`
        leaves room to sign in, `dense` sets many columns smaller.
        """
        from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
        from docx.oxml import OxmlElement
        from docx.shared import Mm

        if caption:
            paragraph = self._document.add_paragraph()
            self._shape(paragraph, before=4).keep_with_next = True
            self._run(paragraph, caption, bold=True)
        table = self._document.add_table(rows=0, cols=len(heads), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        measures = [Mm(self._width * width / 100) for width in widths]
        for column, width in zip(table.columns, measures, strict=True):
            column.width = width
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
                gap = 1 if dense else 2
                self._shape(
                    paragraph, align="center" if place == 0 else align, exact=False, before=gap, after=gap
                )
                self._run(paragraph, words, size=9 if dense else self._measure["table"], bold=place == 0)
        self._gap()

    def page_break(self) -> None:
        """What follows begins on a new page."""
        from docx.enum.text import WD_BREAK

        self._document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def _gap(self) -> None:
        """Two tables that touch become one; a thin empty paragraph keeps them apart."""
        from docx.shared import Pt

        self._shape(self._document.add_paragraph()).line_spacing = Pt(8)

    def signatures(self, lines: Sequence[tuple[str, str, str]]) -> None:
        for place, (role, name, remark) in enumerate(lines):
            paragraph = self._document.add_paragraph()
            layout = self._shape(paragraph, before=10 if place == 0 else 2, after=2)
            layout.keep_together = layout.keep_with_next = True
            layout.tab_stops.add_tab_stop(_mm(34))
            layout.tab_stops.add_tab_stop(_mm(80))
            self._run(paragraph, f"{role}：\t")
            if name:
                self._run(paragraph, name)
            else:
                self._run(paragraph, "\u3000" * 12).font.underline = True
            if remark:
                self._run(paragraph, f"\t{remark}", size=self._measure["table"])

    def closing(self, organ: str, date: str) -> None:
        """成文: organ and date at the right, four characters from the edge."""
        for place, words in enumerate(words for words in (organ, date) if words):
            paragraph = self._document.add_paragraph()
            layout = self._shape(paragraph, align="right", before=0 if place else self._measure["line"])
            layout.right_indent = _mm(22)
            layout.keep_with_next = place == 0 and bool(organ)
            self._run(paragraph, words)

    def foot(self, lines: Sequence[tuple[str, str]]) -> None:
        """Small print under a thin rule."""
        for place, (label, value) in enumerate(lines):
            paragraph = self._document.add_paragraph()
            self._shape(paragraph, exact=False, before=0 if place else 14)
            if place == 0:
                _rule(paragraph, "top", eighths=4, color="auto")
            self._run(paragraph, f"{label}：{value}", size=8)

    def save(self) -> bytes:
        out = BytesIO()
        self._document.save(out)
        return out.getvalue()


def _mm(length: float) -> Any:
    from docx.shared import Mm

    return Mm(length)


def _rule(paragraph: Any, side: str, *, eighths: int, color: str) -> None:
    """A border line on one side of a paragraph, `eighths` of a point thick."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:{side} w:val="single" w:sz="{eighths}" w:space="4" w:color="{color}"/></w:pBdr>'
    )
    # Word calls a file damaged when the properties of a paragraph are not in the order of the schema.
    paragraph._p.get_or_add_pPr().insert_element_before(
        border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
    )


def _faces(properties: Any, face: str) -> None:
    """Name the faces for Chinese and Latin apart: font.name alone leaves Chinese in the default face."""
    from docx.oxml.ns import qn

    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        if key.endswith("Theme"):
            del fonts.attrib[key]
    fonts.set(qn("w:eastAsia"), face)
    # Figures and letters inside a title keep the title's face.
    latin = face if face == TITLE else LATIN
    for name in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(name), latin)
