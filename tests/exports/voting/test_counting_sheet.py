"""计票报告单: figures, sentences, places to sign."""

from datetime import datetime

import pytest

from tests.exports.tools import RARE
from tests.exports.voting.sheets import Row, changed
from tests.exports.voting.test_documents import DATA, RATING, ROWS, SESSION, TIED, block, tables, words
from votes.exports.formats.layout import Closing, Signatures
from votes.exports.voting.announcement import announcement
from votes.exports.voting.counting_sheet import counting_sheet
from votes.exports.voting.sheet import ReportLines, SignatureLine


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


@pytest.mark.parametrize(
    ("reports", "words_of"),
    [
        (ReportLines(2, "已核实"), "有2名代表报告“不是我投的”。总监票人核查结果：已核实。"),
        (
            ReportLines(3, "均系误报。", withdrawn=1),
            "有3名代表报告“不是我投的”，其中1名已当面撤回。总监票人核查结果：均系误报。",
        ),
        (
            ReportLines(1, "", later=1),
            "有1名代表报告“不是我投的”。其中1名在开始签字以后报告。",
        ),
        (
            ReportLines(2, "误报", later=1, finding_later="也是误报"),
            "有2名代表报告“不是我投的”。总监票人核查结果：误报。其中1名在开始签字以后报告。总监票人核查结果：也是误报。",
        ),
    ],
)
def test_reports_of_votes_not_cast_stand_on_the_sheet(reports, words_of):
    assert words_of in words(counting_sheet(changed(DATA, reports=reports)))
