"""The documents of supervision: what a notice and a letter say."""

from datetime import date

import pytest

from votes.exports.formats.layout import Closing, Items, PaperTable, Text
from votes.exports.supervision import letter, notice

DAY = date(2027, 6, 15)
NOTICE = {
    "signer": "示例县人大常委会办公室", "project": "示例公路", "target": "", "unit": "交通运输局", "theme": "年中视察",
    "on": DAY, "place": "示例工地", "lead": "", "committee": "", "issued_on": date(2027, 6, 10), "people": [],
}  # fmt: skip
LETTER = {
    "signer": "示例县人大常委会办公室", "number": "督办〔2027〕1号", "unit": "交通运输局", "project": "示例公路",
    "source": "年中视察", "problem": "边沟没有盖板。", "demand": "限期加装。", "person": "", "issued_on": DAY,
    "due_on": date(2027, 6, 30),
}  # fmt: skip


def of_kind(paper, kind):
    return [block for block in paper.blocks if isinstance(block, kind)]


def headings(paper):
    return [block.text for block in of_kind(paper, Text) if block.strong]


def test_notice_leaves_out_facts_that_are_not_known():
    paper = notice(**NOTICE)
    (facts,) = of_kind(paper, PaperTable)
    assert [name for name, _ in facts.rows] == ["时间", "地点", "项目", "责任单位"]
    assert headings(paper) == ["有关要求"]
    assert of_kind(paper, Closing) == [Closing("示例县人大常委会办公室", "2027年6月10日")]


def test_notice_of_unannounced_inspection_asks_for_secrecy_first():
    (points,) = of_kind(notice(**NOTICE | {"secret": True}), Items)
    assert points.items[0] == "本次为暗访，不事先通知责任单位和施工单位，请注意保密。"


def test_notice_with_people_ends_with_a_sheet_to_sign():
    paper = notice(**NOTICE | {"people": [("王某某", "城关代表团"), ("李某某", "河镇代表团")]})
    sheet = paper.blocks[-1]
    assert [row[:3] for row in sheet.rows] == [("1", "王某某", "城关代表团"), ("2", "李某某", "河镇代表团")]
    assert of_kind(paper, Items)[0].items[-1] == "参加代表2人，名单附后，请到场后签到。"


@pytest.mark.parametrize(
    ("more", "last", "day"),
    [
        ({}, "二、整改要求", "2027年6月15日"),
        ({"failed": [(date(2027, 7, 2), "还缺 3 块。")]}, "三、复查意见", "2027年7月2日"),
        ({"reopened": (date(2027, 9, 1), "问题反复。")}, "三、重新交办的原因", "2027年9月1日"),
        (
            {"failed": [(date(2027, 7, 2), "还缺 3 块。")], "reopened": (date(2027, 9, 1), "问题反复。")},
            "四、重新交办的原因",
            "2027年9月1日",
        ),
    ],
)
def test_letter_numbers_its_parts_and_has_the_day_of_the_last_act(more, last, day):
    paper = letter(**LETTER | more)
    assert headings(paper)[-1] == last
    assert paper.blocks[-1] == Closing("示例县人大常委会办公室", day)


@pytest.mark.parametrize(("person", "named"), [("", False), ("局长（示例）", True)])
def test_letter_names_the_person_where_one_is_known(person, named):
    request = letter(**LETTER | {"person": person}).blocks[-2].text
    assert request.startswith("请于2027年6月30日前完成整改")
    assert request.endswith("整改责任人：局长（示例）。") == named
