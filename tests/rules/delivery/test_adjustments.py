"""Who decides an adjustment, what may change, and how it is kept; and what judges a project in the end."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from votes.rules.delivery import acceptances, adjustments
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Item, Mark, RereportState
from votes.rules.delivery.adjustments import ADJUSTMENT, AdjustmentKind, AdjustmentState, Decided
from votes.rules.delivery.periods import Pause
from votes.rules.delivery.trackings import TRACKING, TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import actions
from votes.rules.people.roles import BodyKind, Role
from votes.rules.suggestions import personal
from votes.rules.supervision import citizen_ratings

K, B = AdjustmentKind, BodyKind


@pytest.mark.parametrize(
    ("body", "kind", "organ", "announces"),
    [
        (B.COUNTY, K.MAJOR, "人民代表大会常务委员会", "人民代表大会常务委员会"),
        (B.COUNTY, K.SUSPEND, "人民代表大会常务委员会", "人民代表大会常务委员会"),
        (B.COUNTY, K.MINOR, "人民代表大会常务委员会主任会议", "人民代表大会常务委员会"),
        (B.TOWNSHIP, K.TERMINATE, "人民代表大会", "人民代表大会主席团"),
        (B.TOWNSHIP, K.RESUME, "人民代表大会", "人民代表大会主席团"),
        (B.TOWNSHIP, K.MINOR, "人民代表大会主席团", "人民代表大会主席团"),
        (B.COMMITTEE, K.MAJOR, "人民代表大会常务委员会", "人民代表大会常务委员会"),
        (B.STREET, K.MAJOR, "议事代表会议", "议事代表会议"),
        (B.STREET, K.MINOR, "人大街道工委", "人大街道工委"),
    ],
)
def test_who_decides_an_adjustment(body, kind, organ, announces):
    """陕西 2025 规定 art. 18."""
    found = adjustments.decider(body, kind)
    assert (found.organ, found.announces) == (organ, announces)


def test_every_kind_has_an_organ_an_effect_and_words():
    assert set(adjustments.DECIDERS) == set(BodyKind)
    assert set(adjustments.ACTIONS) == set(adjustments.MAY_CHANGE) == set(AdjustmentKind)
    assert [k for k in AdjustmentKind if not adjustments.must_announce(k)] == [K.MINOR]


@pytest.mark.parametrize("state", TrackingState)
def test_what_may_be_applied_for_is_what_the_tracking_can_do(state):
    for kind in adjustments.open_kinds(state):
        action = adjustments.ACTIONS[kind]
        assert action in TRACKING[state] if action else state == TrackingState.RUNNING


STANDS = {"due_on": date(2027, 12, 20), "starts_on": date(2027, 1, 15), "reason": "上级调整了建设标准。"}


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        (K.MAJOR, {}, "target"),
        (K.MINOR, {"target": "年内完成主体。"}, "target"),
        (K.MINOR, {"due_on": date(2028, 1, 1)}, "due_on"),
        (K.MAJOR, {"due_on": date(2027, 1, 14)}, "due_on"),
        (K.MAJOR, {"due_on": None}, "due_on"),
        (K.MAJOR, {"content": ""}, "content"),
        (K.MAJOR, {"total_investment": Decimal("-1")}, "total_investment"),
        (K.SUSPEND, {"content": "改。"}, "content"),
        (K.RESUME, {}, "kind"),
    ],
)
def test_an_application_that_cannot_be(kind, changes, field):
    with pytest.raises(RuleBroken) as caught:
        adjustments.check(kind, TrackingState.RUNNING, changes, **STANDS)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("kind", "state", "changes"),
    [
        (K.MAJOR, TrackingState.RUNNING, {"due_on": date(2028, 3, 31), "target": "年内完成主体。"}),
        (K.MINOR, TrackingState.RUNNING, {"due_on": date(2027, 12, 31)}),
        (K.SUSPEND, TrackingState.RUNNING, {}),
        (K.TERMINATE, TrackingState.SUSPENDED, {}),
        (K.RESUME, TrackingState.SUSPENDED, {"due_on": date(2028, 6, 30)}),
    ],
)
def test_an_application_that_can_be(kind, state, changes):
    adjustments.check(kind, state, changes, **STANDS)


def test_a_reason_is_asked():
    with pytest.raises(RuleBroken, match="原因"):
        adjustments.check(K.SUSPEND, TrackingState.RUNNING, {}, **{**STANDS, "reason": "下雨"})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ((date(2027, 8, 9), "8号", "常委会"), "decided_on"),
        ((date(2027, 9, 16), "8号", "常委会"), "decided_on"),
        ((date(2027, 9, 15), " ", "常委会"), "document_number"),
        ((date(2027, 9, 15), "8号", ""), "organ"),
        ((date(2027, 8, 10), "8号", "常委会"), None),
    ],
)
def test_a_decision_on_a_day_by_an_organ_with_a_number(values, field):
    day, number, organ = values
    try:
        adjustments.check_decision(day, date(2027, 8, 10), date(2027, 9, 15), number, organ)
        found = None
    except RuleBroken as broken:
        found = broken.field
    assert found == field


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "target": st.text("路桥 1。\n", min_size=1, max_size=20),
        "due_on": st.dates(),
        "year_investment": st.none() | st.decimals(0, 9_999_999, places=2),
    },
)


@given(VALUES)
def test_what_is_kept_is_read_again(values):
    assert adjustments.read(adjustments.kept(values)) == values


def test_only_what_differs_is_kept_and_shown_side_by_side():
    now = {"target": "一公里", "content": "路", "due_on": date(2027, 12, 20), "total_investment": Decimal("860.00"), "year_investment": None}  # fmt: skip
    wanted = {**now, "target": " 二公里 ", "content": "路 ", "total_investment": Decimal("860"), "year_investment": Decimal(5)}  # fmt: skip
    changes = adjustments.differing(now, wanted)
    assert changes == {"target": "二公里", "year_investment": Decimal(5)}
    before = adjustments.kept({name: now[name] for name in changes})
    assert [tuple(side) for side in adjustments.side_by_side(before, adjustments.kept(changes))] == [
        ("target", "年度目标", "一公里", "二公里"),
        ("year_investment", "当年计划投资", "未填", "5.00 万元"),
    ]


def test_the_life_of_an_application():
    assert {state: actions(ADJUSTMENT, state) for state in AdjustmentState} == {
        AdjustmentState.APPLIED: ["approve", "refuse", "withdraw"],
        AdjustmentState.APPROVED: [],
        AdjustmentState.REFUSED: [],
        AdjustmentState.WITHDRAWN: [],
    }


# --- acceptance, second report -------------------------------------------------------------------------

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
def test_an_acceptance_agrees_with_its_own_marks(kind, role, conclusion, items, held_on, field):
    try:
        acceptances.check_acceptance(
            kind, conclusion, items, held_on=held_on, starts_on=date(2027, 1, 15), today=date(2027, 6, 8),
            roles=frozenset({role}),
        )  # fmt: skip
        found = None
    except RuleBroken as broken:
        found = broken.field
    assert found == field


@pytest.mark.parametrize("text", ["", " \n ", "甲\n甲", "字" * 41, "\n".join(map(str, range(21)))])
def test_dimensions_that_cannot_be(text):
    with pytest.raises(RuleBroken):
        acceptances.read_dimensions(text)


def test_eight_dimensions_unless_the_place_has_its_own():
    assert len(acceptances.dimensions({})) == 8
    assert (acceptances.DIMENSIONS[0], acceptances.DIMENSIONS[-1]) == ("目标完成度", "资金规范性")
    assert acceptances.dimensions({"acceptance_dimensions": acceptances.read_dimensions("质量\n 进度 ")}) == [
        "质量",
        "进度",
    ]


def test_a_second_report_has_time_and_says_something():
    assert actions(acceptances.REREPORT, RereportState.SUBMITTED) == ["accept", "return"]
    acceptances.check_demand(date(2028, 1, 16), date(2028, 1, 17))
    with pytest.raises(RuleBroken):
        acceptances.check_demand(date(2028, 1, 16), date(2028, 1, 16))
    with pytest.raises(RuleBroken):
        acceptances.check_report_text("已整改。")


# --- citizens ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2027, 8, 9), date(2027, 8, 9)),
        (date(2027, 8, 15), date(2027, 8, 9)),
        (date(2027, 8, 16), date(2027, 8, 16)),
        (date(2028, 1, 1), date(2027, 12, 27)),
    ],
)
def test_a_week_begins_on_monday_also_over_the_new_year(day, monday):
    assert citizen_ratings.week_of(day) == monday


@pytest.mark.parametrize(
    ("state", "day", "is_open"),
    [
        (TrackingState.RUNNING, date(2027, 3, 1), True),
        (TrackingState.DONE, date(2028, 12, 31), True),
        (TrackingState.DONE, date(2029, 1, 1), False),
        (TrackingState.SUSPENDED, date(2027, 9, 1), True),
        (TrackingState.TERMINATED, date(2027, 9, 1), False),
    ],
)
def test_until_when_a_project_is_rated(state, day, is_open):
    assert citizen_ratings.is_open(state, 2027, day) is is_open


@pytest.mark.parametrize(("total", "few"), [(0, True), (9, True), (10, False)])
def test_few_voices_are_no_percentage(total, few):
    assert citizen_ratings.Counts(total, 0, 0).few is few


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("请打 13800001234 联系", True),
        ("138-0000-1234", True),
        ("座机0971-1234567", True),
        ("身份证 11010119900101001X", True),
        ("2027年完成62公里，投资3260.00万元", False),
        ("编号 20270115001", False),
        ("", False),
    ],
)
def test_what_names_somebody(text, names):
    assert personal.has_numbers(text) is names


def test_a_rating_has_one_of_three_grades_and_a_short_comment():
    citizen_ratings.check("basically", "字" * 500)
    for grade, comment, field in (
        ("", "", "grade"),
        ("great", "", "grade"),
        ("satisfied", "字" * 501, "comment"),
    ):
        with pytest.raises(RuleBroken) as caught:
            citizen_ratings.check(grade, comment)
        assert caught.value.field == field


# --- what was when -------------------------------------------------------------------------------------

SUSPENDED_, RESUMED, GIVEN_UP = (
    Decided(kind, date(2027, month, 1), {})
    for kind, month in (
        (AdjustmentKind.SUSPEND, 3),
        (AdjustmentKind.RESUME, 6),
        (AdjustmentKind.TERMINATE, 9),
    )
)


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        ([], []),
        ([SUSPENDED_], [Pause(date(2027, 3, 1))]),
        ([SUSPENDED_, RESUMED], [Pause(date(2027, 3, 1), date(2027, 6, 1))]),
        ([SUSPENDED_, RESUMED, GIVEN_UP], [Pause(date(2027, 3, 1), date(2027, 6, 1))]),
        ([SUSPENDED_, GIVEN_UP], [Pause(date(2027, 3, 1), date(2027, 9, 1))]),
        ([GIVEN_UP], []),
    ],
)
def test_when_it_was_suspended(decided, expected):
    assert adjustments.pauses(decided) == expected


def test_how_it_stood_on_a_day():
    """Two decisions moved the time limit, the second the target too."""
    now = {"due_on": date(2028, 6, 30), "target": "26 个村", "year_investment": Decimal("80.00")}
    moved = [
        Decided(AdjustmentKind.MINOR, date(2027, 5, 10), {"due_on": "2027-10-31"}),
        Decided(AdjustmentKind.MAJOR, date(2027, 9, 28), {"due_on": "2027-12-20", "target": "32 个村", "content": "管网"}),
    ]  # fmt: skip
    first = {**now, "due_on": date(2027, 10, 31), "target": "32 个村"}
    assert adjustments.stood(now, moved, date(2027, 5, 9)) == first
    assert adjustments.stood(now, moved, date(2027, 5, 10)) == {**first, "due_on": date(2027, 12, 20)}
    assert adjustments.stood(now, moved, date(2027, 9, 28)) == now
