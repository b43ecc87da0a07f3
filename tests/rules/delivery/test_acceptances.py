"""Acceptances agree with their marks; dimensions of a body; second reports."""

from datetime import date

import pytest

from votes.rules.delivery import acceptances
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Findings, Item, Mark, RereportState
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import actions
from votes.rules.people.roles import Role

MET, PARTLY, UNMET = (
    Item("目标完成度", Mark.MET),
    Item("工程质量", Mark.PARTLY, "略。"),
    Item("资金规范性", Mark.UNMET, "无。"),
)


@pytest.mark.parametrize(
    ("kind", "role", "conclusion", "items", "held_on", "field"),
    [
        (AcceptanceKind.WORKS, Role.GOVERNMENT, Conclusion.PASSED, [MET, PARTLY], date(2027, 6, 1), None),
        (AcceptanceKind.WORKS, Role.OFFICE, Conclusion.PASSED, [MET], date(2027, 6, 1), "kind"),
        (AcceptanceKind.DEPUTIES, Role.OFFICE, Conclusion.CONDITIONAL, [UNMET], date(2027, 6, 1), None),
        (AcceptanceKind.DEPUTIES, Role.GOVERNMENT, Conclusion.PASSED, [MET], date(2027, 6, 1), "kind"),
        (AcceptanceKind.DEPUTIES, Role.OFFICE, Conclusion.PASSED, [UNMET], date(2027, 6, 1), "conclusion"),
        (AcceptanceKind.DEPUTIES, Role.OFFICE, Conclusion.FAILED, [MET], date(2027, 6, 1), "conclusion"),
        (AcceptanceKind.DEPUTIES, Role.OFFICE, Conclusion.PASSED, [Item("甲", Mark.PARTLY)], date(2027, 6, 1), "items"),
        (AcceptanceKind.DEPUTIES, Role.OFFICE, Conclusion.PASSED, [MET], date(2027, 6, 9), "held_on"),
        (AcceptanceKind.DEPUTIES, Role.OFFICE, Conclusion.PASSED, [MET], date(2027, 1, 1), "held_on"),
    ],
)  # fmt: skip
def test_check_acceptance_against_its_marks_is_refused(kind, role, conclusion, items, held_on, field):
    try:
        acceptances.check_acceptance(
            kind, Findings(held_on, "验收组", conclusion, "", items), starts_on=date(2027, 1, 15),
            today=date(2027, 6, 8), roles=frozenset({role}),
        )  # fmt: skip
        result = None
    except RuleBroken as broken:
        result = broken.field
    assert result == field


@pytest.mark.parametrize("text", ["", " \n ", "甲\n甲", "字" * 41, "\n".join(map(str, range(21)))])
def test_read_dimensions_impossible_list_is_refused(text):
    with pytest.raises(RuleBroken):
        acceptances.read_dimensions(text)


def test_dimensions_are_eight_unless_the_body_sets_its_own():
    assert len(acceptances.dimensions({})) == 8
    assert (acceptances.DIMENSIONS[0], acceptances.DIMENSIONS[-1]) == ("目标完成度", "资金规范性")
    assert acceptances.dimensions({"acceptance_dimensions": acceptances.read_dimensions("质量\n 进度 ")}) == [
        "质量",
        "进度",
    ]


def test_second_report_needs_time_and_content():
    assert actions(acceptances.REREPORT, RereportState.SUBMITTED) == ["accept", "return"]
    acceptances.check_demand(date(2028, 1, 16), date(2028, 1, 17))
    with pytest.raises(RuleBroken):
        acceptances.check_demand(date(2028, 1, 16), date(2028, 1, 16))
    with pytest.raises(RuleBroken):
        acceptances.check_report_text("已整改。")
