"""What is printed before the vote."""

from dataclasses import replace

import pytest

from tests.exports.tools import RARE, pdf_text
from tests.exports.voting.test_documents import DATA, block
from tests.exports.voting.test_meeting_documents import ALL, BLANK, DAY, table, texts
from votes.exports.formats.layout import Items
from votes.exports.voting import before_vote
from votes.exports.voting.before_vote import rule_paper
from votes.exports.voting.blanks import sheets
from votes.exports.voting.day import chinese_number
from votes.rules.meeting.key_points import key_points
from votes.rules.meeting.rule import Rule
from votes.rules.people import organs
from votes.rules.people.roles import BodyKind


def test_key_points_are_set_without_blanks_between_chinese_and_figures():
    points = key_points(Rule(seats=10), 12, 180)
    paper = rule_paper(replace(DATA, rehearsal=True), points)
    assert (paper.title, paper.rehearsal) == ("2027年民生实事项目票决办法要点", True)
    items = block(paper, Items).items
    assert items[0].startswith("候选项目12项，应选10项，差额2项（差额比例20.00%）")
    assert [item.replace(" ", "") for item in items] == [point.replace(" ", "") for point in points]


def test_the_method_has_articles_in_order_with_the_figures():
    found = texts(ALL["method"])
    assert [line.split("　")[0] for line in found] == [
        f"第{chinese_number(n)}条" for n in range(1, len(found) + 1)
    ]
    whole = "".join(found)
    for sentence in (
        "根据《中华人民共和国地方各级人民代表大会和地方各级人民政府组织法》",
        "候选项目3项，应选2项，差额1项",
        "应到180人，须实到120人以上",
        "须得赞成票91张以上",
        "第1项“农村饮水”",
        "票决记录公开全部回执码",
    ):
        assert sentence in whole
    assert ALL["method"].number == "（草案，提请大会全体会议通过）"


@pytest.mark.parametrize(
    ("kind", "presider", "law"),
    [
        (BodyKind.COUNTY, "由主席团主持", True),
        (BodyKind.COMMITTEE, "由主任会议主持", True),
        (BodyKind.STREET, "由人大街道工委主持", False),
    ],
)
def test_the_method_speaks_of_the_organ(kind, presider, law):
    whole = "".join(texts(before_vote.method(replace(DAY, organ=organs.of(kind)))))
    assert presider in whole
    assert ("组织法" in whole) == law


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"paper": "keyed"}, "投票可以使用手机，也可以使用纸质票"),
        ({}, "投票使用手机进行"),
        ({"tie": "presidium"}, "由主席团决定"),
        ({"shortfall": "further"}, "另行票决"),
        ({"disclosure": "none"}, "票决记录不公开回执码"),
        ({"method": "rating", "seats": 0}, "计算等次以应到180人为基数"),
    ],
)
def test_the_method_follows_the_rule(rule, sentence):
    day = replace(DAY, rule=Rule(**{"seats": 2, **rule}))
    assert sentence in "".join(texts(before_vote.method(day)))


def test_the_sample_is_marked_as_such_and_names_nobody():
    paper = ALL["sample"]
    assert (paper.behind, paper.number) == ("票样", "（票样）")
    assert table(paper).heads == ["序号", "项目名称", "总投资", "选择"]
    assert [row[1:3] for row in table(paper).rows] == [
        ["农村饮水", "860.00万元"], [f"老旧小区{RARE}", "—"], ["危桥改造", "—"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "seats", "heads"),
    [
        ("threeway", 2, ["赞成", "反对", "弃权"]),
        ("confirm", 3, ["赞成", "反对", "弃权"]),
        ("rating", 0, ["满意", "基本满意", "不满意"]),
    ],
)
def test_the_sample_is_the_ballot_in_word_too(method, seats, heads):
    blank = replace(BLANK, rule=replace(BLANK.rule, method=method, seats=seats), colour="粉红色")
    paper = before_vote.sample(DAY, blank)
    assert table(paper).heads[3:] == heads
    assert paper.number == "（票样，粉红色票）"
    ballot = pdf_text(sheets(blank, 1))
    names = [row[1] for row in table(paper).rows]
    for piece in [paper.title, *table(paper).heads, *names, "粉红色票", texts(paper)[1][:30]]:
        assert "".join(piece.split()) in ballot
