"""Word documents as an office expects them; tests of the single documents check their words."""

from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn

from votes.exports.formats.docx import Official


def made(build=lambda document: None, **options):
    official = Official(**({"title": "计票报告单"} | options))
    build(official)
    return docx.Document(BytesIO(official.save()))


@pytest.mark.parametrize(("form", "margins"), [(False, (37, 35, 28, 26)), (True, (20, 20, 24, 22))])
def test_a4_and_margins(form, margins):
    section = made(form=form).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    sides = section.top_margin, section.bottom_margin, section.left_margin, section.right_margin
    assert tuple(round(side.mm) for side in sides) == margins


def faces(run) -> dict[str, str]:
    fonts = run._r.rPr.rFonts
    return {name: fonts.get(qn(f"w:{name}")) for name in ("eastAsia", "ascii", "hAnsi")}


def test_faces_and_sizes_for_chinese_and_latin():
    document = made(lambda document: (document.title("2027年公告"), document.text("共10项")))
    title, text = (paragraph.runs[0] for paragraph in document.paragraphs)
    assert (faces(title)["eastAsia"], title.font.size.pt) == ("方正小标宋简体", 22)
    assert (faces(text), text.font.size.pt) == (
        {"eastAsia": "仿宋_GB2312", "ascii": "Times New Roman", "hAnsi": "Times New Roman"},
        16,
    )
    assert document.paragraphs[1].paragraph_format.first_line_indent.pt == 32


def test_red_head():
    document = made(lambda document: (document.title("公告", red=True), document.red_rule()))
    head, rule = document.paragraphs
    assert str(head.runs[0].font.color.rgb) == "C00000"
    assert rule._p.pPr.find(qn("w:pBdr"))[0].get(qn("w:color")) == "C00000"


def test_paragraph_properties_stand_in_the_order_of_the_schema():
    """Word refuses a file in which a border follows the spacing."""
    document = made(lambda document: (document.red_rule(), document.foot([("选票", "00")])))
    for paragraph in document.paragraphs:
        names = [child.tag for child in paragraph._p.pPr]
        order = [qn(f"w:{name}") for name in ("keepNext", "pBdr", "tabs", "spacing", "ind", "jc")]
        assert names == [name for name in order if name in names]


def test_tables_repeat_their_head_and_keep_their_widths():
    document = made(
        lambda document: document.table(
            ["序号", "项目名称"],
            [["1", "农村饮水"], ["2", "危桥"]],
            [25, 75],
            ["center", "left"],
            caption="二、得票",
        )
    )
    (table,) = document.tables
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows] == [True, False, False]
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    assert [[round(cell.width.mm) for cell in row.cells] for row in table.rows] == [[39, 117]] * 3
    assert document.paragraphs[0].paragraph_format.keep_with_next is True


def test_page_number_is_a_field():
    (paragraph,) = made().sections[0].footer.paragraphs
    assert [code.text for code in paragraph._p.iter(qn("w:instrText"))] == ["PAGE"]
    assert paragraph.text == "—  —"


def test_signing_lines():
    document = made(
        lambda document: document.signatures([("总监票人", "示例甲", "1月5日签名"), ("监票人", "", "")])
    )
    signed, empty = document.paragraphs
    assert signed.text == "总监票人：\t示例甲\t1月5日签名"
    assert empty.runs[1].font.underline is True
