"""The words of the papers, and that Word, PDF and page say the same."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from io import BytesIO

import docx
import pytest
from hypothesis import given, strategies as st
from lxml import etree

from tests.exports.tools import RARE, pdf_info, pdf_pages, pdf_text
from tests.exports.voting.sheets import SHEET, Rated, Row, changed
from votes.exports.formats.layout import (
    Closing,
    Items,
    Paper,
    Signatures,
    Table,
    Text,
    to_docx,
    to_html,
    to_pdf,
)
from votes.exports.formats.official import full_session, percent
from votes.exports.voting.announcement import announcement
from votes.exports.voting.before_vote import rule_paper
from votes.exports.voting.counting_sheet import counting_sheet
from votes.exports.voting.sheet import SignatureLine, results_table
from votes.rules.meeting.rule import Rule, key_points

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


def tables(paper: Paper) -> list[Table]:
    return [each for each in paper.blocks if isinstance(each, Table)]


# --- Figures ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        # 沾益 2019, of 28
        *((25, 28, "89.29%"), (26, 28, "92.86%"), (20, 28, "71.43%"), (8, 28, "28.57%"), (7, 28, "25.00%")),
        *((1, 28, "3.57%"), (23, 28, "82.14%"), (5, 28, "17.86%")),
        (281, 282, "99.65%"),
        (1, 800, "0.13%"),  # 0.125: half up, where float formatting says 0.12
        (0, 5, "0.00%"),
        (5, 5, "100.00%"),
        (0, 0, "—"),
    ],
)
def test_rates(part, whole, shown):
    assert percent(part, whole) == shown


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_rates_are_rounded_half_up(part, whole):
    exact = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert percent(part, whole) == f"{exact}%"


@pytest.mark.parametrize(
    ("body", "session", "full"),
    [
        ("示例县人民代表大会", "第十八届人民代表大会第五次会议", SESSION),
        ("示例县人民代表大会", SESSION, SESSION),
        ("示例县人民代表大会常务委员会", "第三十次会议", "示例县第三十次会议"),
    ],
)
def test_sessions_are_named_after_the_place(body, session, full):
    assert full_session(body, session) == full


# --- Counting sheet ---------------------------------------------------------------------------------------


def test_counting_sheet_of_a_plain_round():
    paper = counting_sheet(DATA)
    assert (paper.title, paper.subtitle) == ("2027年民生实事项目票决计票报告单", SESSION)
    assert (paper.red, paper.form, paper.rehearsal) == (False, True, False)
    turnout, results = tables(paper)
    assert turnout.heads == ["应到", "实到", "发出", "收回", "有效", "无效", "未投"]
    assert turnout.rows == [["180", "171", "171", "170", "170", "0", "1"]]
    assert results.heads == ["序号", "项目名称", "赞成", "弃权", "占应到", "占有效票", "结果"]
    assert results.rows == [
        ["1", "农村饮水", "160", "10", "88.89%", "94.12%", "入选"],
        ["2", "老旧小区", "120", "50", "66.67%", "70.59%", "未入选"],
        ["3", "危桥改造", "155", "15", "86.11%", "91.18%", "入选"],
        ["4", "停车位建设", "80", "90", "44.44%", "47.06%", "未过半数"],
    ]
    assert words(paper) == [
        f"{SESSION}于2027年1月5日以无记名投票方式进行2027年民生实事项目票决。现将计票情况报告如下：",
        "收回的票少于发出的票，本次投票有效。",
        "三、结果",
        "应选2项。确定第1、3项，共2个项目为示例县2027年民生实事项目。",
    ]
    assert block(paper, Closing) == Closing("", "2027年1月5日")


def test_uncast_is_told_apart_from_abstaining():
    assert changed(DATA, issued=171, returned=165).turnout.uncast == 6


def test_threeway_has_the_votes_against():
    data = changed(DATA, method="threeway", rows=[Row(1, "农村饮水", 150, 12, 8, "selected")])
    assert results_table(data).heads[2:5] == ["赞成", "反对", "弃权"]
    assert results_table(data).rows == [["1", "农村饮水", "150", "12", "8", "83.33%", "88.24%", "入选"]]


@pytest.mark.parametrize(
    ("method", "heads", "row"),
    [
        (
            "choose",
            ["手机赞成", "手机弃权", "纸质赞成", "纸质弃权", "合计赞成", "合计弃权"],
            ["7", "2", "3", "1", "10", "3"],
        ),
        (
            "threeway",
            [f"{way}{mark}" for way in ("手机", "纸质", "合计") for mark in ("赞成", "反对", "弃权")],
            ["7", "1", "2", "3", "0", "1", "10", "1", "3"],
        ),
    ],
)
def test_phone_and_paper_stand_side_by_side_and_are_summed(method, heads, row):
    rows = [Row(1, "农村饮水", 10, 1, 3, "selected", (7, 1, 2), (3, 0, 1))]
    data = changed(DATA, method=method, rows=rows, phone=(167, 166, 166, 0), paper=(4, 4, 3, 1))
    turnout, channels = tables(counting_sheet(data))
    assert turnout.rows == [
        ["合计", "180", "171", "171", "170", "170", "0", "1"],
        ["手机票", "", "", "167", "166", "166", "0", "1"],
        ["纸质票", "", "", "4", "4", "3", "1", "0"],
    ]
    assert channels.heads == ["序号", "项目名称", *heads, "占应到", "占有效票", "结果"]
    assert channels.rows == [["1", "农村饮水", *row, "5.56%", "5.88%", "入选"]]
    assert (sum(channels.widths), len(channels.aligns)) == (100, len(channels.heads))


def test_a_small_way_of_voting_is_not_set_apart():
    sheet = counting_sheet(changed(DATA, phone=(170, 169), paper=(1, 1), small_body=20))
    turnout, _ = tables(sheet)
    assert turnout.rows[1:] == [
        ["手机票", "", "", "170", "169", "—", "—", "1"],
        ["纸质票", "", "", "1", "1", "—", "—", "0"],
    ]
    assert "其中一种票不足20张，为保守投票秘密，不分列各项目得票。" in words(sheet)
    assert not any("不分列" in said for said in words(counting_sheet(DATA)))


@pytest.mark.parametrize(
    ("changes", "validity", "following"),
    [
        ({}, "收回的票少于发出的票，本次投票有效。", []),
        ({"returned": 171, "valid": 171}, "收回的票等于发出的票，本次投票有效。", []),
        (
            {"rows": TIED, "next_step": "tie_rerun", "seats_left": 1},
            "收回的票少于发出的票，本次投票有效。",
            ["第2、3项共2个项目票数相等，尚有1个名额不能确定，按照票决办法，就票数相等的项目再次投票。"],
        ),
        (
            {"rows": TIED, "next_step": "tie_presidium", "seats_left": 1},
            "收回的票少于发出的票，本次投票有效。",
            ["第2、3项共2个项目票数相等，尚有1个名额不能确定，按照票决办法，由主席团决定。"],
        ),
        (
            {"seats": 3, "next_step": "vacant", "seats_left": 1},
            "收回的票少于发出的票，本次投票有效。",
            ["获得通过的项目比应选名额少1项，按照票决办法，不足的名额从缺。"],
        ),
        (
            {"seats": 3, "next_step": "shortfall_further", "seats_left": 1},
            "收回的票少于发出的票，本次投票有效。",
            ["获得通过的项目比应选名额少1项，按照票决办法，不足的名额另行票决。"],
        ),
    ],
)
def test_what_follows(changes, validity, following):
    said = words(counting_sheet(changed(DATA, **changes)))
    assert said[1] == validity
    assert said[4:] == following


@pytest.mark.parametrize(
    ("changes", "validity"),
    [
        (
            {"void": "returned_exceeds_issued", "returned": 172},
            "收回的票多于发出的票，本次投票无效，应重新投票。",
        ),
        ({"returned": 172}, "收回的票多于发出的票，本次投票无效，应重新投票。"),
        ({"void": "no_quorum"}, "实到人数不足法定人数，本次投票无效。"),
        ({"void": "网络中断。"}, "网络中断，本次投票无效。"),
    ],
)
def test_a_void_round_has_figures_but_no_outcome(changes, validity):
    data = changed(DATA, next_step="void_again", **changes)
    paper = counting_sheet(data)
    assert words(paper)[1:] == [validity, "三、结果", "按照票决办法，重新投票。"]
    assert {row[-1] for row in tables(paper)[1].rows} == {"—"}
    with pytest.raises(ValueError):
        announcement(data)


def test_nobody_selected():
    data = changed(DATA, rows=[ROWS[3]])
    assert words(counting_sheet(data))[3] == "应选2项。没有项目获得通过。"
    assert words(announcement(data))[0] == (
        f"{SESSION}于2027年1月5日以无记名投票方式，对2027年民生实事项目进行票决，没有项目获得通过。"
    )


@pytest.mark.parametrize(
    "kind",
    ["none", "tie_rerun", "tie_presidium", "vacant", "shortfall_further", "void_again"],
)
def test_every_next_step_of_the_counting_rules_has_words(kind):
    counting_sheet(changed(DATA, next_step=kind))
    announcement(changed(DATA, next_step=kind))


def test_a_further_round_says_so():
    data = changed(DATA, ordinal=2)
    assert counting_sheet(data).subtitle == f"{SESSION}（第二轮）"
    assert "以无记名投票方式进行第二轮投票，票决确定下列2个项目" in words(announcement(data))[0]


@pytest.mark.parametrize(
    ("signatures", "lines"),
    [
        ([], [("总监票人", "", ""), ("监票人", "", ""), ("计票人", "", "")]),
        (
            [
                SignatureLine("监票人", "示例乙", datetime(2027, 1, 5, 10, 3)),
                SignatureLine("总监票人", RARE, datetime(2027, 1, 5, 9, 58)),
                SignatureLine("监票人"),
                SignatureLine("主席团成员", "示例丙"),
            ],
            [
                ("总监票人", RARE, "2027年1月5日9时58分在系统签名"),
                ("监票人", "示例乙", "2027年1月5日10时03分在系统签名"),
                ("监票人", "", ""),
                ("计票人", "", ""),
                ("主席团成员", "示例丙", ""),
            ],
        ),
    ],
)
def test_places_to_sign(signatures, lines):
    assert block(counting_sheet(changed(DATA, signatures=signatures)), Signatures).lines == lines


def test_digests_in_the_foot():
    data = changed(
        DATA, digests=[("票决办法", "a" * 64), ("选票", "b" * 64)], algorithm="sm3", software="0.1.0"
    )
    assert counting_sheet(data).foot == [
        ("票决办法（SM3）", "a" * 64),
        ("选票（SM3）", "b" * 64),
        ("软件版本", "0.1.0"),
    ]
    assert counting_sheet(DATA).foot == []


def test_rating_sheet():
    paper = counting_sheet(RATING)
    assert tables(paper)[1].heads == [
        "序号",
        "项目名称",
        "满意",
        "基本满意",
        "不满意",
        "无效",
        "满意率",
        "等次",
    ]
    assert tables(paper)[1].rows == [
        ["1", "农村饮水", "95", "27", "0", "1", "67.78%", "满意"],
        ["2", "停车位建设", "60", "40", "22", "1", "55.56%", "基本满意"],
    ]


# --- Announcement -----------------------------------------------------------------------------------------


def test_announcement_gives_the_names_in_list_order_and_no_figures():
    paper = announcement(DATA)
    assert (paper.title, paper.number, paper.red) == ("示例县人民代表大会主席团公告", "（第1号）", True)
    assert paper.blocks == [
        Text(
            f"{SESSION}于2027年1月5日以无记名投票方式，票决确定下列2个项目为示例县2027年民生实事项目"
            "（按选票所列顺序排列）："
        ),
        Items(["农村饮水", "危桥改造"]),
        Text("现予公告。"),
        Closing(f"{SESSION}主席团", "2027年1月5日"),
    ]


def test_announcement_with_votes():
    paper = announcement(changed(DATA, publish="names+votes", announced_on=date(2027, 1, 6)))
    assert tables(paper) == [
        Table(
            ["序号", "项目名称", "赞成票数"],
            [["1", "农村饮水", "160"], ["2", "危桥改造", "155"]],
            [12, 66, 22],
            ["center", "left", "center"],
        )
    ]
    assert words(paper)[1] == (
        "应到代表180人，实到171人；发出选票171张，收回170张，其中有效票170张、无效票0张。"
    )
    assert block(paper, Closing).date == "2027年1月6日"


@pytest.mark.parametrize("publish", ["names", "names+votes"])
@pytest.mark.parametrize("data", [DATA, changed(DATA, rows=TIED, next_step="tie_rerun", seats_left=1)])
def test_losers_and_the_tied_are_not_named(publish, data):
    text = to_html(announcement(changed(data, publish=publish)))
    names = {data.names[row.no] for row in data.result.counts if row.outcome == "selected"}
    assert {name for name in data.names.values() if name in text} == names


def test_names_alone_leak_no_figure():
    text = to_html(announcement(DATA))
    assert [number for number in ("160", "155", "171", "170", "180") if number in text] == []


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("tie_rerun", "其余1个名额，按照票决办法再次投票确定，结果另行公告。"),
        ("tie_presidium", "其余1个名额，按照票决办法由主席团决定，结果另行公告。"),
        ("shortfall_further", "其余1个名额，按照票决办法另行票决，结果另行公告。"),
        ("vacant", "应选2项，其余1个名额从缺。"),
    ],
)
def test_open_places_are_announced(kind, sentence):
    assert words(announcement(changed(DATA, next_step=kind, seats_left=1)))[1] == sentence


@pytest.mark.parametrize(
    ("publish", "heads"),
    [
        ("names", ["序号", "项目名称", "等次"]),
        ("names+votes", ["序号", "项目名称", "满意", "基本满意", "不满意", "等次"]),
    ],
)
def test_announcement_of_a_rating(publish, heads):
    paper = announcement(changed(RATING, publish=publish))
    assert words(paper)[0] == (
        f"{SESSION}于2027年1月5日以无记名投票方式，对示例县2027年民生实事项目进行了满意度测评，测评等次如下："
    )
    (table,) = tables(paper)
    assert table.heads == heads
    assert [row[-1] for row in table.rows] == ["满意", "基本满意"]
    assert (OVERALL in words(paper)) == (publish == "names+votes")
    assert OVERALL in words(counting_sheet(changed(RATING, publish=publish)))


def test_key_points_are_set_without_blanks_between_chinese_and_figures():
    points = key_points(Rule(seats=10), 12, 180)
    paper = rule_paper(body=DATA.body, session=DATA.session, title=DATA.title, points=points, rehearsal=True)
    assert (paper.title, paper.rehearsal) == ("2027年民生实事项目票决办法要点", True)
    items = block(paper, Items).items
    assert items[0].startswith("候选项目12项，应选10项，差额2项（差额比例20.00%）")
    assert [item.replace(" ", "") for item in items] == [point.replace(" ", "") for point in points]


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
    "points": rule_paper(body=DATA.body, session=DATA.session, title="票决", points=["一  二", "甲 1 项"]),
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
