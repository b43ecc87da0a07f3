"""The documents of adjustments and acceptances: their lines, their words, what stays blank."""

from dataclasses import replace
from datetime import date

import pytest

from votes.exports.delivery import adjustments as papers
from votes.exports.delivery.adjustments import AcceptanceData, AdjustmentData
from votes.exports.formats.layout import Closing, PaperTable, Signatures, Text

SIDES = [("年度目标", "全部完工。", "完成主体。"), ("完成时限", "2027年12月20日", "2028年3月31日")]
APPLIED = AdjustmentData(
    body="示例县人民代表大会", project="示例公路", year=2027, unit="", leader="", kind="major",
    cause="force_majeure", reason="持续强降雨。", sides=SIDES, applied_by="政府办", applied_on=date(2027, 8, 10),
    organ="示例县人民代表大会常务委员会",
)  # fmt: skip
DECIDED = replace(
    APPLIED, leader="分管副县长", decision="同意", document_number="示例常〔2027〕8号",
    decided_on=date(2027, 9, 15), opinion="同意。",
)  # fmt: skip


def tables(paper):
    return [block for block in paper.blocks if isinstance(block, PaperTable)]


def test_adjustment_form_before_the_decision_leaves_it_blank():
    paper = papers.adjustment_form(APPLIED)
    application, sides, decision = tables(paper)
    assert [table.caption for table in tables(paper)] == ["一、申请事项", "二、前后对照", "三、决定情况"]
    assert dict(application.rows) == {
        "项目名称": "示例公路", "实施年度": "2027年", "责任单位": "未定", "申请类型": "重大调整",
        "原因类别": "不可抗力", "原因和依据": "持续强降雨。",
    }  # fmt: skip
    assert [tuple(row) for row in sides.rows] == SIDES
    assert [value for _, value in decision.rows] == ["示例县人民代表大会常务委员会", "", "", "", ""]
    (signatures,) = [block for block in paper.blocks if isinstance(block, Signatures)]
    assert [line[0] for line in signatures.lines] == ["责任单位（盖章）", "政府（盖章）"]


def test_adjustment_form_after_the_decision_says_it():
    paper = papers.adjustment_form(replace(DECIDED, kind="suspend", sides=[]))
    application, decision = tables(paper)
    assert ("分管领导", "分管副县长") in application.rows
    assert decision.caption == "二、决定情况"
    assert [value for _, value in decision.rows][1:] == [
        "同意",
        "示例常〔2027〕8号",
        "2027年9月15日",
        "同意。",
    ]
    assert [line[0] for line in paper.blocks[-2].lines] == ["登记人"]


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("suspend", ["对2027年民生实事项目“示例公路”暂缓实施。", "调整原因：持续强降雨。"]),
        ("terminate", ["对2027年民生实事项目“示例公路”终止实施。", "调整原因：持续强降雨。"]),
        (
            "resume",
            ["对2027年民生实事项目“示例公路”恢复实施，完成时限为2028年6月30日。", "恢复原因：持续强降雨。"],
        ),
        (
            "minor",
            [
                "对2027年民生实事项目“示例公路”作如下调整：",
                "年度目标由“全部完工”调整为“完成主体”；",
                "完成时限由“2027年12月20日”调整为“2028年3月31日”。",
                "调整原因：持续强降雨。",
            ],
        ),
    ],
)
def test_notice_words_say_what_was_decided(kind, lines):
    first, *rest = lines
    head = f"2027年9月15日，示例县人民代表大会常务委员会决定（示例常〔2027〕8号），{first}"
    words = papers.notice_words(replace(DECIDED, kind=kind), date(2028, 6, 30))
    assert words.splitlines() == [head, *rest, "现予公告。"]


def test_notice_words_before_the_decision_leave_the_day_blank():
    assert papers.notice_words(APPLIED, date(2028, 6, 30)).startswith("　　年　　月　　日，示例县")


def test_adjustment_notice_has_a_paragraph_a_line_and_the_announcer():
    paper = papers.adjustment_notice(
        DECIDED, "示例县人民代表大会常务委员会", "甲。\n\n乙。", date(2027, 9, 20)
    )
    assert (paper.title, paper.red) == ("示例县人民代表大会常务委员会公告", True)
    assert paper.subtitle == "关于民生实事项目“示例公路”重大调整的公告"
    assert [block.text for block in paper.blocks if isinstance(block, Text)] == ["甲。", "乙。"]
    assert isinstance(paper.blocks[-1], Closing)


ACCEPTED = AcceptanceData(
    body="示例县人民代表大会", project="示例公路", year=2027, unit="交通运输局", target="完工", content="十公里",
    due_on=date(2027, 12, 20), kind="works", items=[("工程质量", "partly", "待补。")], held_on=date(2027, 8, 1),
    held_by="验收组", conclusion="conditional", opinion="补齐后通过。",
)  # fmt: skip


def test_acceptance_form_says_marks_and_conclusion():
    head, items, end = tables(papers.acceptance_form(ACCEPTED))
    assert (dict(head.rows)["验收日期"], dict(head.rows)["组织验收"]) == ("2027年8月1日", "验收组")
    assert [list(row) for row in items.rows] == [["工程质量", "基本达到", "待补。"]]
    assert list(end.rows) == [("结论", "整改后通过"), ("意见", "补齐后通过。")]


def test_acceptance_form_to_fill_in_offers_the_conclusions():
    blank = replace(ACCEPTED, kind="deputies", items=[("工程质量", "", "")], held_on=None, conclusion="")
    paper = papers.acceptance_form(blank)
    head, items, end = tables(paper)
    assert paper.title == "2027年民生实事项目人大验收表"
    assert (dict(head.rows)["验收日期"], list(items.rows[0]), items.tall) == ("", ["工程质量", "", ""], True)
    assert end.rows[0] == ("结论", "□通过　□整改后通过　□不通过")
