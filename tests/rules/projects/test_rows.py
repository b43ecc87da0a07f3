"""What people type into the cells of a project workbook."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from votes.rules.projects import rows
from votes.rules.projects.text import funding_words

UNITS = {"交通运输局": 7}


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (None, None),
        ("", None),
        (860, Decimal(860)),
        (860.5, Decimal("860.50")),
        (0.1 + 0.2, Decimal("0.30")),
        ("1,234.50", Decimal("1234.50")),
        ("１２３．５", Decimal("123.5")),
        (" 860 万元 ", Decimal(860)),
        ("-3", Decimal(-3)),  # a number; that it cannot be negative is another rule's word
    ],
)
def test_read_amount_returns_decimals(cell, amount):
    assert rows.read_amount(cell) == amount


@pytest.mark.parametrize("cell", ["一百万", "约500", "500元整", "nan", "Infinity", "1e400x"])
def test_read_amount_refuses_what_is_no_number(cell):
    with pytest.raises(ValueError, match="不是金额，请填写数字，单位万元"):
        rows.read_amount(cell)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (None, None),
        (date(2027, 12, 20), date(2027, 12, 20)),
        (datetime(2027, 12, 20, 8, 30), date(2027, 12, 20)),
        ("2027-12-20", date(2027, 12, 20)),
        ("2027.12.20", date(2027, 12, 20)),
        ("2027/1/5", date(2027, 1, 5)),
        ("2027年12月20日", date(2027, 12, 20)),
        ("２０２７年２月", date(2027, 2, 28)),
        ("2028年2月底", date(2028, 2, 29)),
        ("2027年12月底前", date(2027, 12, 31)),
    ],
)
def test_read_day_accepts_the_usual_spellings(cell, day):
    assert rows.read_day(cell) == day


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2027-02-30", "“2027-02-30”不是日历上的日期，请核对。"),
        ("2027年13月", "“2027年13月”不是日历上的日期，请核对。"),
        ("年底", "“年底”不是日期，请写成 2027年12月20日 或 2027-12-20。"),
        ("20271220", "“20271220”不是日期，请写成 2027年12月20日 或 2027-12-20。"),
        (46741, "“46741”不是日期，请写成 2027年12月20日 或 2027-12-20。"),
    ],
)
def test_read_day_refuses_impossible_days(cell, why):
    with pytest.raises(ValueError) as refusal:
        rows.read_day(cell)
    assert str(refusal.value) == why


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        (None, []),
        ("县财政 500；上级专项 360", [("县财政", Decimal(500)), ("上级专项", Decimal(360))]),
        ("县财政：1,200.50万元", [("县财政", Decimal("1200.50"))]),
        ("企业投资", [("企业投资", None)]),
        ("县财政500;\n上级专项", [("县财政", Decimal(500)), ("上级专项", None)]),
    ],
)
def test_read_funding_returns_a_row_for_each_source(cell, read):
    assert [(row["source"], row["amount"]) for row in rows.read_funding(cell)] == read


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "source": st.sampled_from(["县财政", "上级专项", "衔接资金", "企业投资"]),
                "amount": st.none() | st.decimals(0, 10**6, places=2),
            }
        )
    )
)
def test_exported_funding_is_read_back(sources):
    assert rows.read_funding(funding_words(sources)) == sources


def test_read_funding_without_a_source_is_refused():
    with pytest.raises(ValueError, match="没有写明来源"):
        rows.read_funding("500")


def test_read_project_returns_values_of_filled_cells_only():
    values, problems = rows.read_project(
        {
            "项目名称": " 示例路  改造 ",
            "类别": "交通出行",
            "建设内容和规模": "一。\n二。",
            "总投资（万元）": 860,
            "当年计划投资（万元）": None,
            "完成时限": "2027年12月",
            "牵头单位": "交通 运输局",
            "项目类型": "软项目",
            "受益人数": "8,200人",
            "跨年度": "是",
            "资金来源": "县财政 860",
            "协同单位": None,
        },
        {},
        year=2027,
        departments=UNITS,
    )
    assert problems == []
    assert values == {
        "year": 2027,
        "name": "示例路 改造",
        "category": "交通出行",
        "kind": "policy",
        "content": "一。\n二。",
        "total_investment": Decimal(860),
        "due_on": date(2027, 12, 31),
        "beneficiaries": 8200,
        "department_id": 7,
        "multi_year": True,
        "funding": [{"source": "县财政", "amount": Decimal(860)}],
    }


@pytest.mark.parametrize(
    ("cells", "unread", "problem"),
    [
        ({"项目名称": None}, {}, "项目名称：请填写项目名称。"),
        ({"项目名称": "路" * 61}, {}, "项目名称：最多 60 个字，现在有 61 个。"),
        ({"类别": "打井"}, {}, "类别：应为以下之一："),
        ({"总投资（万元）": "一百万"}, {}, "总投资（万元）：“一百万”不是金额"),
        ({"总投资（万元）": -5}, {}, "总投资（万元）：金额不能是负数。"),
        ({"总投资（万元）": 86_000_000}, {}, "总投资（万元）：金额过大，请确认单位是万元。"),
        ({"完成时限": "2027-02-30"}, {}, "完成时限：“2027-02-30”不是日历上的日期，请核对。"),
        (
            {"牵头单位": "停车局"},
            {},
            "牵头单位：没有名为“停车局”的责任单位，请核对，或先在“责任单位”中添加。",
        ),
        ({"项目类型": "硬软"}, {}, "项目类型：“硬软”不是项目类型，应填“工程类”或“政策服务类”。"),
        ({"跨年度": "也许"}, {}, "跨年度：“也许”应填“是”或“否”。"),
        ({"受益人数": "很多"}, {}, "受益人数：“很多”不是整数，请填写人数，例如 8200。"),
        ({"实施年度": "明年"}, {}, "实施年度：“明年”不是年份，请填写四位年份，例如 2027。"),
        ({"实施年度": 27}, {}, "实施年度：应为四位年份，例如 2027。"),
        ({"资金来源": "500"}, {}, "资金来源：“500”没有写明来源"),
        ({"总投资（万元）": None}, {"总投资（万元）": "单元格是公式。"}, "总投资（万元）：单元格是公式。"),
    ],
)
def test_read_project_with_a_mistake_says_which(cells, unread, problem):
    line = {"项目名称": "示例路", "类别": "交通出行", **cells}
    _, problems = rows.read_project(line, unread, year=2027, departments=UNITS)
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_read_project_reports_all_mistakes_of_a_row():
    _, problems = rows.read_project(
        {"项目名称": "", "完成时限": "年底", "牵头单位": "x"}, {}, year=2027, departments={}
    )
    assert [p.partition("：")[0] for p in problems] == ["完成时限", "牵头单位", "项目名称"]


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        ({"子项目名称": "一期", "投资（万元）": "90"}, []),
        ({"子项目名称": None}, ["没有填写子项目名称。"]),
        (
            {"子项目名称": "一期", "投资（万元）": "多"},
            ["投资（万元）：“多”不是金额，请填写数字，单位万元，例如 860.00。"],
        ),
        ({"子项目名称": "一期", "投资（万元）": -1}, ["金额不能是负数。"]),
        ({"子项目名称": "期" * 101}, ["子项目名称最多 100 个字。"]),
    ],
)
def test_read_part_returns_the_row_or_problems(cells, problems):
    assert rows.read_part(cells, {})[1] == problems


def test_doubled_returns_the_first_row_of_each_repetition():
    assert rows.doubled([(3, (2027, "甲")), (4, (2028, "甲")), (5, (2027, "甲")), (6, (2027, "甲"))]) == {
        5: 3,
        6: 3,
    }
