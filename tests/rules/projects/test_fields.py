"""What may be written about a project, and what is missing."""

from datetime import date
from decimal import Decimal

import pytest

from votes.rules.projects import fields
from votes.rules.projects.fields import Gap


def whole(**changes):
    """Return a project with nothing missing."""
    return {
        **{field.column: field.empty for field in fields.FIELDS},
        "year": 2027,
        "name": "示例路",
        "category": "交通出行",
        "content": "改造 12 公里",
        "target": "完工",
        "location": "示例镇",
        "total_investment": Decimal("860.00"),
        "year_investment": Decimal("860.00"),
        "due_on": date(2027, 12, 20),
        "benefit_scope": "6 个村",
        "beneficiaries": 8200,
        "department_id": 1,
        "funding": [{"source": "县财政", "amount": Decimal("860.00")}],
        "subprojects": [],
        **changes,
    }


def part(**changes):
    return {"name": "一期", "target": "", "unit": "", "investment": None, **changes}


def test_whole_project_has_no_faults_and_no_gaps():
    assert fields.faults(whole()) == {}
    assert fields.gaps(whole()) == []


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": "  "}, "name", "请填写项目名称。"),
        ({"name": "路" * 61}, "name", "最多 60 个字，现在有 61 个。"),
        ({"content": "字" * 2001}, "content", "最多 2000 个字，现在有 2001 个。"),
        ({"category": ""}, "category", "请选择类别。"),
        ({"category": "打井"}, "category", f"应为以下之一：{'、'.join(fields.CATEGORIES)}。"),
        ({"kind": "soft"}, "kind", "应为工程类或政策服务类。"),
        ({"year": None}, "year", "应为四位年份，例如 2027。"),
        ({"year": 27}, "year", "应为四位年份，例如 2027。"),
        ({"total_investment": Decimal("-1")}, "total_investment", "金额不能是负数。"),
        ({"total_investment": Decimal("8600000000")}, "total_investment", "金额过大，请确认单位是万元。"),
        ({"year_investment": Decimal("1.234")}, "year_investment", "金额以万元为单位，最多保留两位小数。"),
        ({"beneficiaries": -1}, "beneficiaries", "人数应为 0 至 99999999 之间的整数。"),
        ({"due_on": date(227, 12, 20)}, "due_on", "日期不对，请核对年份。"),
        ({"funding": [{"source": " ", "amount": Decimal(1)}]}, "funding", "第 1 行：没有填写资金来源。"),
        ({"funding": [{"source": "县财政", "amount": Decimal(-1)}]}, "funding", "第 1 行：金额不能是负数。"),
        ({"subprojects": [part(), part(name="")]}, "subprojects", "第 2 行：没有填写子项目名称。"),
        ({"subprojects": [part(unit="局" * 61)]}, "subprojects", "第 1 行：实施单位最多 60 个字。"),
        ({"subprojects": [part(investment=Decimal("-0.01"))]}, "subprojects", "第 1 行：金额不能是负数。"),
    ],
)
def test_faults_name_the_column_and_say_why(changes, field, message):
    assert fields.faults(whole(**changes)) == {field: message}


@pytest.mark.parametrize("name", ["路" * 60, "a"])
def test_faults_accept_names_up_to_60_characters(name):
    assert fields.faults({"name": name}) == {}


def test_faults_of_absent_values_are_none():
    assert fields.faults({}) == {}


@pytest.mark.parametrize(
    ("changes", "gaps"),
    [
        ({"content": ""}, [Gap("content", "未填写建设内容和规模")]),
        ({"department_id": None}, [Gap("department_id", "未填写牵头单位")]),
        ({"location": ""}, [Gap("location", "工程类项目未填写建设地点")]),
        ({"location": "", "kind": "policy"}, []),
        ({"beneficiaries": None, "leader": ""}, []),
        ({"funding": []}, [Gap("funding", "未填写资金来源")]),
        (
            {"funding": [{"source": "县财政", "amount": Decimal("500")}]},
            [Gap("funding", "资金来源合计 500.00万元，与总投资 860.00万元 不一致")],
        ),
        (
            {"funding": [{"source": "县财政", "amount": None}]},
            [],
        ),  # an amount not yet known is no contradiction
        ({"year_investment": Decimal("860.01")}, [Gap("year_investment", "当年计划投资大于总投资")]),
        ({"year_investment": Decimal("0")}, []),
        ({"due_on": date(2026, 12, 31)}, [Gap("due_on", "完成时限早于实施年度")]),
        ({"due_on": date(2028, 1, 1)}, [Gap("due_on", "完成时限晚于实施年度，但没有标明跨年度")]),
        ({"due_on": date(2028, 1, 1), "multi_year": True, "stage_goal": "主体完工"}, []),
        ({"multi_year": True}, [Gap("stage_goal", "跨年度项目未填写年度阶段性目标")]),
    ],
)
def test_gaps_name_what_is_missing_or_contradicts(changes, gaps):
    assert fields.gaps(whole(**changes)) == gaps
