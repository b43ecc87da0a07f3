"""One document written in three ways: each has every block of it."""

from io import BytesIO

import docx
import lxml.html
import pytest

from tests.exports.tools import pdf_text
from votes.exports.formats.layout import (
    KINDS,
    Block,
    Break,
    Closing,
    Items,
    Paper,
    PaperTable,
    Signatures,
    Text,
    to_docx,
    to_html,
    to_pdf,
)

BLOCKS: list[Block] = [
    Text("一、<基本>情况", indent=False, strong=True),
    Items(["修路", "架桥"]),
    PaperTable(["序号", "项目"], [["1", "农村公路"]], [20, 80], ["center", "left"], caption="二、结果"),
    Break(),
    Signatures([("总监票人", "示例甲", "已签名")]),
    Closing("示例县人民代表大会", "2027年1月15日"),
]
WORDS = (
    "计票报告单",
    "一、<基本>情况",
    "1．修路",
    "2．架桥",
    "二、结果",
    "农村公路",
    "示例甲",
    "2027年1月15日",
    "摘要：ab",
)


def words_of_docx(data: bytes) -> str:
    document = docx.Document(BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_every_block_is_written_in_word_and_page_and_pdf():
    assert {type(block) for block in BLOCKS} == set(KINDS)
    paper = Paper("计票报告单", BLOCKS, foot=[("摘要", "ab")])
    page = lxml.html.fromstring(to_html(paper)).text_content()
    for written in (words_of_docx(to_docx(paper)), page, pdf_text(to_pdf(paper))):
        assert [word for word in WORDS if word not in written] == []


@pytest.mark.parametrize(
    ("marks", "behind", "notice"),
    [
        ({}, "", False),
        ({"watermark": "票样"}, "票样", False),
        ({"rehearsal": True, "watermark": "票样"}, "演练", True),
    ],
)
def test_rehearsal_is_marked_on_every_page(marks, behind, notice):
    paper = Paper("公告", [], **marks)
    assert paper.behind == behind
    assert ("演练材料，不具效力" in to_html(paper)) is notice
    assert ("演练材料，不具效力" in words_of_docx(to_docx(paper))) is notice
