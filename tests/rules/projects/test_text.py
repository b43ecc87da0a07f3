"""The text kept of each version, and two texts side by side."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tests.rules.projects.test_fields import part, whole
from votes.rules.projects.fields import FIELDS
from votes.rules.projects.text import TextChange, changes, differences, version_text

TEXT = st.text(alphabet="改造农村公路 12.6公里，。；\nabc", max_size=60)


def plain(side):
    return "".join(piece.text for piece in side)


def marked(side):
    """Pieces as one line: what has gone in [], what is new in {}."""
    return "".join({"same": "%s", "gone": "[%s]", "new": "{%s}"}[p.kind] % p.text for p in side)


def test_version_text_has_every_field_in_words():
    text = version_text(
        whole(
            due_on=date(2027, 12, 20),
            funding=[
                {"source": "县财政", "amount": Decimal(500)},
                {"source": "企业投资", "amount": None},
            ],
            subprojects=[part(target="完工", unit="示例镇", investment=Decimal("90.5")), part(name="二期")],
        ),
        "交通运输局",
    )
    assert list(text) == [*(field.label for field in FIELDS), "资金来源", "子项目"]
    assert (
        text.items()
        >= {
            "实施年度": "2027年",
            "项目名称": "示例路",
            "类别": "交通出行",
            "项目类型": "工程类（硬项目）",
            "建设内容和规模": "改造 12 公里",
            "年度目标": "完工",
            "建设地点": "示例镇",
            "总投资": "860.00万元",
            "当年计划投资": "860.00万元",
            "完成时限": "2027年12月20日",
            "受益范围": "6 个村",
            "受益人数": "8200人",
            "牵头单位": "交通运输局",
            "协同单位": "",
            "分管领导": "",
            "跨年度": "否",
            "年度阶段性目标": "",
            "立项背景": "",
            "可行性分析": "",
            "前期手续": "",
            "保障措施": "",
            "资金来源": "县财政 500.00万元；企业投资",
            "子项目": "1. 一期；目标：完工；实施单位：示例镇；投资：90.50万元\n2. 二期",
        }.items()
    )


def test_changes_name_the_labels_that_differ_or_are_absent():
    assert changes({"甲": "1", "乙": "2", "丁": "9"}, {"甲": "1", "乙": "3", "丙": "4"}) == [
        TextChange("乙", "2", "3"),
        TextChange("丙", "", "4"),
        TextChange("丁", "9", ""),
    ]


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("改造 12 公里。", "改造 12.6 公里。", "改造 [12] 公里。", "改造 {12.6} 公里。"),
        ("一。二。三。", "一。三。", "一。[二。]三。", "一。三。"),
        ("一。", "一。二。", "一。", "一。{二。}"),
        ("", "新写", "", "{新写}"),
        ("删去", "", "[删去]", ""),
        ("相同", "相同", "相同", "相同"),
        # one sign that happens to be the same between two changes is read with them
        ("甲乙丙丁。", "子乙丑丁。", "[甲乙丙]丁。", "{子乙丑}丁。"),
    ],
)
def test_differences_mark_single_words(before, after, left, right):
    old, new = differences(before, after)
    assert (marked(old), marked(new)) == (left, right)


@given(TEXT, TEXT)
def test_differences_joined_are_the_texts(before, after):
    old, new = differences(before, after)
    assert (plain(old), plain(new)) == (before, after)
    assert {p.kind for p in old} <= {"same", "gone"}
    assert {p.kind for p in new} <= {"same", "new"}


@given(TEXT, TEXT)
def test_differences_mark_equal_pieces_on_both_sides(before, after):
    old, new = differences(before, after)
    same = [plain(p for p in side if p.kind == "same") for side in (old, new)]
    assert same[0] == same[1]


@given(TEXT)
def test_differences_of_a_text_from_itself_are_none(text):
    for side in differences(text, text):
        assert [p.kind for p in side] == (["same"] if text else [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("改造公路里程" * 330, "公路改造护栏" * 330),
        ("改造公路里程" * 800, "公路改造护栏" * 800),
        ("。" * 5000, "；" * 2500 + "。" * 2500),
    ],
)
def test_differences_of_long_repetitive_texts_are_fast(before, after):
    started = time.thread_time()
    old, new = differences(before, after)
    assert time.thread_time() - started < 2
    assert (plain(old), plain(new)) == (before, after)


def test_differences_of_one_word_in_a_long_text_mark_it_only():
    before = "".join(f"第{n}标段改造公路{n}公里，" for n in range(120))
    old, new = differences(before, before.replace("第77标段", "第77合同段"))
    assert [p.text for p in old if p.kind == "gone"] == ["标"]
    assert [p.text for p in new if p.kind == "new"] == ["合同"]
