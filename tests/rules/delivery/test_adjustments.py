"""Who decides an adjustment, what may change, and how it is kept."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from votes.rules.delivery import adjustments
from votes.rules.delivery.adjustments import ADJUSTMENT, AdjustmentKind, AdjustmentState, Decided
from votes.rules.delivery.periods import Pause
from votes.rules.delivery.trackings import TRACKING, TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import actions
from votes.rules.people.roles import BodyKind

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
def test_decider_follows_body_and_kind(body, kind, organ, announces):
    """陕西 2025 规定 art. 18."""
    result = adjustments.decider(body, kind)
    assert (result.organ, result.announces) == (organ, announces)


def test_every_kind_has_deciders_and_an_effect():
    assert set(adjustments.DECIDERS) == set(BodyKind)
    assert set(adjustments.EFFECTS) == set(AdjustmentKind)
    assert [k for k in AdjustmentKind if not adjustments.must_announce(k)] == [K.MINOR]


@pytest.mark.parametrize("state", TrackingState)
def test_open_kinds_are_actions_of_the_tracking(state):
    for kind in adjustments.open_kinds(state):
        action = adjustments.EFFECTS[kind].action
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
def test_check_impossible_application_is_refused(kind, changes, field):
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
def test_check_possible_application_passes(kind, state, changes):
    adjustments.check(kind, state, changes, **STANDS)


def test_check_short_reason_is_refused():
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
def test_check_decision_needs_organ_number_and_day(values, field):
    day, number, organ = values
    try:
        adjustments.check_decision(day, date(2027, 8, 10), date(2027, 9, 15), number, organ)
        result = None
    except RuleBroken as broken:
        result = broken.field
    assert result == field


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "target": st.text("路桥 1。\n", min_size=1, max_size=20),
        "due_on": st.dates(),
        "year_investment": st.none() | st.decimals(0, 9_999_999, places=2),
    },
)


@given(VALUES)
def test_as_text_and_read_make_a_round_trip(values):
    assert adjustments.read(adjustments.as_text(values)) == values


def test_differing_values_only_are_shown_side_by_side():
    now = {"target": "一公里", "content": "路", "due_on": date(2027, 12, 20), "total_investment": Decimal("860.00"), "year_investment": None}  # fmt: skip
    values = {**now, "target": " 二公里 ", "content": "路 ", "total_investment": Decimal("860"), "year_investment": Decimal(5)}  # fmt: skip
    changes = adjustments.differing(now, values)
    assert changes == {"target": "二公里", "year_investment": Decimal(5)}
    before = adjustments.as_text({name: now[name] for name in changes})
    assert [tuple(side) for side in adjustments.side_by_side(before, adjustments.as_text(changes))] == [
        ("年度目标", "一公里", "二公里"),
        ("当年计划投资", "未填", "5.00 万元"),
    ]


def test_lifecycle_ends_with_the_decision():
    assert {state: actions(ADJUSTMENT, state) for state in AdjustmentState} == {
        AdjustmentState.APPLIED: ["approve", "refuse", "withdraw"],
        AdjustmentState.APPROVED: [],
        AdjustmentState.REFUSED: [],
        AdjustmentState.WITHDRAWN: [],
    }


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
def test_pauses_follow_from_the_decisions(decided, expected):
    assert adjustments.pauses(decided) == expected


def test_stood_undoes_later_decisions():
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
