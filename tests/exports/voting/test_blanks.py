"""Blank ballots as they are printed: every word on them, in every way of voting, on both sizes of paper."""

from dataclasses import replace
from datetime import date

import pytest

from tests.exports.tools import RARE, pdf_info, pdf_text
from votes.exports.voting.blanks import BlankBallot, sheets
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import BallotLine

BLANK = BlankBallot(
    body="示例县人民代表大会",
    session="第十八届人民代表大会第五次会议",
    held_on=date(2027, 1, 20),
    title="2027年民生实事项目票决",
    rule=Rule(seats=2, marks={"for": "○", "against": "×", "abstain": "空白"}, paper="keyed"),
    lines=[
        BallotLine(1, "农村饮水", amount="860.00万元"),
        BallotLine(2, f"老旧小区{RARE}"),
        BallotLine(4, "危桥改造", amount="95.50万元"),
    ],
    date="2027年1月15日",
    stack=7,
    check="a1b2c3d4",
)
SIZES = {"a4": ("595", "841"), "a5": ("419", "595")}


def printed(**changed) -> str:
    size = changed.pop("size", "a4")
    of_rule = {
        name: changed.pop(name)
        for name in ("method", "seats", "marks", "overvote", "paper")
        if name in changed
    }
    return pdf_text(sheets(replace(BLANK, rule=replace(BLANK.rule, **of_rule), **changed), 1, size))


@pytest.mark.parametrize("size", SIZES)
def test_a_ballot_says_everything_on_one_page_of_its_size(size):
    pdf = sheets(BLANK, 3, size)
    info = pdf_info(pdf)
    assert info["Pages"] == "3"
    assert tuple(side.split(".")[0] for side in info["Page size"].split() if side[0].isdigit()) == SIZES[size]
    text = pdf_text(sheets(BLANK, 1, size))
    for words in (
        "示例县第十八届人民代表大会第五次会议",
        "2027年民生实事项目票决票",
        "填写说明",
        "应选2项，候选3项，差额1项。在所选项目的“选择”栏画“○”，不选的留空，视为弃权。",
        "多于2项的整票无效。请用黑色笔填写，不写姓名，不作其他记号。",
        "序号项目名称总投资选择",
        "1农村饮水860.00万元",
        f"2老旧小区{RARE}—",
        "4危桥改造95.50万元",
        "（盖章处）",
        "2027年1月15日",
        "票叠编号第7叠",
        "名单校验a1b2c3d4",
    ):
        assert words in text, words
    assert not [word for word in ("票样", "演练", "第一轮", "色票") if word in text]


@pytest.mark.parametrize(
    ("method", "seats", "heads", "how"),
    [
        ("threeway", 2, "赞成反对弃权", "赞成的在“赞成”栏画“○”，反对的在“反对”栏画“×”，弃权的留空。没有标记的视为弃权。赞成等于或者少于2项的有效"),
        ("confirm", 3, "赞成反对弃权", "应选3项，候选3项。赞成的在"),
        ("rating", 0, "满意基本满意不满意", "对每项在“满意”“基本满意”“不满意”中选择一栏画“○”。"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", SIZES)
def test_every_way_of_voting_has_its_boxes_and_its_words(method, seats, heads, how, size):
    text = printed(method=method, seats=seats, size=size)
    assert f"总投资{heads}" in text
    assert how in text
    assert ("差额" in text) == (method == "threeway")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"marks": {"for": "√", "against": "△", "abstain": "空白"}}, "栏画“√”"),
        ({"method": "threeway", "marks": {"for": "√", "against": "△", "abstain": "○"}}, "弃权的在“弃权”栏画“○”"),
        ({"method": "threeway", "overvote": "allow"}, "没有标记的视为弃权。请用黑色笔"),
        ({"colour": "粉红色"}, "粉红色票"),
        ({"ordinal": 2}, "票决票（第二轮）"),
        ({"rehearsal": True}, "演练，不具效力"),
        ({"stack": None}, "票样，不能用于投票"),
        ({"stack": None, "foot": "票决办法（SM3）　" + "e" * 64}, "票决办法（SM3）" + "e" * 64),
        ({"stack": None, "paper": "none"}, "本次投票使用手机进行"),
    ],
)  # fmt: skip
def test_what_is_there_only_sometimes(changed, words):
    assert words in printed(**changed)
    assert words not in printed()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("method", "many"), [("choose", 15), ("threeway", 15)])
def test_a_usual_list_stays_on_one_page(size, method, many):
    lines = [
        BallotLine(n, f"示例项目{n:02d}农村饮用水安全巩固提升工程", amount="1200.00万元")
        for n in range(1, many + 1)
    ]
    assert (
        pdf_info(sheets(replace(BLANK, lines=lines, rule=replace(BLANK.rule, method=method)), 1, size))[
            "Pages"
        ]
        == "1"
    )
