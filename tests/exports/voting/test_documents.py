"""The words of the papers, and that Word, PDF and page say the same."""

from datetime import datetime
from html.parser import HTMLParser
from io import BytesIO

import docx
import pytest
from lxml import etree

from tests.exports.tools import RARE, pdf_info, pdf_pages, pdf_text
from tests.exports.voting.sheets import SHEET, Rated, Row, changed
from votes.exports.formats.layout import Paper, PaperTable, Text, to_docx, to_html, to_pdf
from votes.exports.voting.announcement import announcement
from votes.exports.voting.before_vote import rule_paper
from votes.exports.voting.counting_sheet import counting_sheet
from votes.exports.voting.sheet import SignatureLine

SESSION = "示例县第十八届人民代表大会第五次会议"
ROWS = [
    Row(1, "农村饮水", 160, 0, 10, "selected"),
    Row(2, "老旧小区", 120, 0, 50, "not_selected"),
    Row(3, "危桥改造", 155, 0, 15, "selected"),
    Row(4, "停车位建设", 80, 0, 90, "no_majority"),
]
DATA = changed(SHEET, rows=ROWS, number=1)
TIED = [
    ROWS[0]._replace(outcome="selected"),
    *(row._replace(outcome="undecided") for row in ROWS[1:3]),
    ROWS[3],
]
RATINGS = [
    Rated(1, "农村饮水", 95, 27, 0, 1, "satisfied"),
    Rated(2, "停车位建设", 60, 40, 22, 1, "basically"),
]
RATING = changed(
    DATA,
    method="rating",
    title="2027年民生实事项目满意度测评",
    rows=RATINGS,
    seats=0,
    list_name="示例县2027年民生实事项目",
)
#: 155 and 222 marks of 170 ballots with 2 items each.
OVERALL = "总体满意率（以收回的票数与项目数之积为基数）：仅计满意的为45.59%，满意和基本满意合计的为65.29%。"


def words(paper: Paper) -> list[str]:
    return [block.text for block in paper.blocks if isinstance(block, Text)]


def block(paper: Paper, kind: type):
    return next(each for each in paper.blocks if isinstance(each, kind))


def tables(paper: Paper) -> list[PaperTable]:
    return [each for each in paper.blocks if isinstance(each, PaperTable)]


# --- The three ways to write a paper ----------------------------------------------------------------------

FULL = changed(
    DATA,
    rows=[row._replace(phone=(row.for_, 0, row.abstain), paper=(0, 0, 0)) for row in ROWS]
    + [Row(5, f"<b>&{RARE}", 91, 0, 79, "no_majority", (91, 0, 79), (0, 0, 0))],
    phone=(171, 170, 170, 0),
    paper=(0, 0, 0, 0),
    publish="names+votes",
    next_step="vacant",
    seats_left=1,
    digests=[("选票", "0123456789abcdef" * 4)],
    software="0.1.0",
    signatures=[
        SignatureLine("总监票人", RARE, datetime(2027, 1, 5, 10, 3)),
        SignatureLine("监票人", "示例·乙"),
    ],
)
PAPERS = {
    "sheet": counting_sheet(FULL),
    "announcement": announcement(FULL),
    "names": announcement(DATA),
    "rehearsal": counting_sheet(changed(FULL, rehearsal=True)),
    "points": rule_paper(changed(DATA, title="票决"), ["一  二", "甲 1 项"]),
}
every_paper = pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS.keys())


class Cells(HTMLParser):
    """The tables of a fragment, cell by cell, and everything else it says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.attributes |= {name for name, _ in attrs}
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        self.cell = tag in ("td", "th")

    def handle_endtag(self, tag):
        self.cell = False

    def handle_data(self, data):
        self.text += "".join(data.split())
        if self.cell:
            self.tables[-1][-1][-1] += data


@every_paper
def test_word_and_page_have_the_same_tables(paper):
    wanted = [[list(table.heads), *map(list, table.rows)] for table in tables(paper)]
    document = docx.Document(BytesIO(to_docx(paper)))
    in_word = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    assert in_word == wanted
    assert Cells(to_html(paper)).tables == wanted


@every_paper
def test_word_page_and_pdf_say_the_same(paper):
    in_page = Cells(to_html(paper)).text
    document = docx.Document(BytesIO(to_docx(paper)))
    in_word = ""
    for part in document.iter_inner_content():
        paragraphs = (
            [part]
            if hasattr(part, "runs")
            else [p for row in part.rows for cell in row.cells for p in cell.paragraphs]
        )
        in_word += "".join("".join(paragraph.text.split()) for paragraph in paragraphs)
    assert in_word == in_page
    printed = pdf_text(to_pdf(paper))
    for piece in words(paper):
        assert "".join(piece.split()) in printed
    for table in tables(paper):
        for row in table.rows:
            assert [cell for cell in row if "".join(cell.split()) not in printed] == []


@every_paper
def test_pages_need_no_style_attribute(paper):
    assert Cells(to_html(paper)).attributes <= {"class", "scope", "width"}


def test_what_is_typed_is_escaped():
    html = to_html(PAPERS["sheet"])
    assert "<b>&" not in html
    assert f"&lt;b&gt;&amp;{RARE}" in html


@pytest.mark.parametrize(
    ("make", "method", "papers"),
    [
        *((make, method, 0) for make in (counting_sheet, announcement) for method in ("choose", "threeway")),
        *((counting_sheet, method, 40) for method in ("choose", "threeway", "rating")),
        (counting_sheet, "threeway", 4),
    ],
)
def test_a_usual_list_takes_one_page(make, method, papers):
    """``papers``: none, so many that they stand beside the phones, or too few for that."""
    name = "{}号示例农村公路危桥改造和生命安全防护提升工程" if papers == 40 else "第{}个示例项目提升改造工程"
    apart = papers == 40
    by_phone, on_paper = ((120, 10, 0), (30, 5, 5)) if apart else (None, None)
    rows = [
        Rated(no, name.format(no), 95, 27, 0, 1, "basically", (60, 20, 0), (35, 7, 0))
        if method == "rating"
        else Row(no, name.format(no), 150, 15, 5, "no_majority", by_phone, on_paper)
        for no in range(1, 13)
    ]
    data = changed(
        DATA,
        method=method,
        rows=rows,
        phone=(131, 130, *([130] if apart else [])) if papers else None,
        paper=(papers, papers, *([40] if apart else [])) if papers else None,
        signatures=[
            SignatureLine(role, "示例甲", datetime(2027, 1, 5, 10))
            for role in ("总监票人", "监票人", "监票人")
        ],
        digests=[(label, "0" * 64) for label in ("票决办法", "代表名册", "选票", "计票结果", "过程记录")],
        software="0.1.0",
    )
    assert pdf_info(to_pdf(make(data)))["Pages"] == "1"


def test_file_properties():
    info = pdf_info(to_pdf(PAPERS["announcement"]))
    assert (info["Title"], info["Author"]) == ("示例县人民代表大会主席团公告", f"{SESSION}主席团")
    properties = docx.Document(BytesIO(to_docx(PAPERS["announcement"]))).core_properties
    assert (properties.title, properties.author, properties.comments) == (
        *("示例县人民代表大会主席团公告", f"{SESSION}主席团"),
        "",
    )


def test_a_rehearsal_is_marked_on_every_page(tmp_path):
    rows = [ROWS[0]._replace(no=no, phone=(160, 0, 10), paper=(0, 0, 0)) for no in range(1, 60)]
    many = changed(FULL, rows=rows, phone=(171, 170, 170), paper=(0, 0, 0), rehearsal=True)
    made = to_pdf(counting_sheet(many))
    marked = [image.histogram()[238] > 2000 for image in pdf_pages(made, tmp_path)]
    assert len(marked) > 1
    assert all(marked)
    assert "演练材料，不具效力" in pdf_text(made)


def test_a_real_round_is_not_marked(tmp_path):
    (page,) = pdf_pages(to_pdf(PAPERS["sheet"]), tmp_path)
    assert page.histogram()[238] < 2000
    for text in (to_html(PAPERS["sheet"]), pdf_text(to_pdf(PAPERS["sheet"]))):
        assert "演练" not in text
    assert b"textpath" not in to_docx_part(PAPERS["sheet"], "header")


def to_docx_part(paper: Paper, kind: str) -> bytes:
    section = docx.Document(BytesIO(to_docx(paper))).sections[0]

    return etree.tostring(getattr(section, kind)._element, encoding="utf-8")


def test_word_repeats_the_mark_of_a_rehearsal_in_its_header():
    assert 'string="演练"'.encode() in to_docx_part(PAPERS["rehearsal"], "header")


def test_only_the_announcement_has_a_red_head():
    assert {name: paper.red for name, paper in PAPERS.items()} == {
        **dict.fromkeys(["sheet", "rehearsal", "points"], False),
        **dict.fromkeys(["announcement", "names"], True),
    }
