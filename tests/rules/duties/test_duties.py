"""The rates of 履职档案 as tables of cases; what may be entered and published."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from votes.rules.duties.duties import (
    CONGRESS,
    PUBLIC_DEFAULT,
    PUBLIC_FIELDS,
    Attended,
    DutyAttendanceState,
    DutyFigures,
    DutyKind,
    DutyMeetingKind,
    Share,
    attended,
    check_entry,
    check_marks,
    check_meeting,
    how_counted,
    meeting_kinds,
    meeting_word,
    public_fields,
    rates_of_all,
    session_word,
    year_shown,
)
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import BodyKind

COMMITTEE, SPECIAL, OTHER = DutyMeetingKind
PRESENT, LEAVE, ABSENT = DutyAttendanceState


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        (0, 0, None),
        (0, 7, "0.0"),
        (7, 7, "100.0"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (1, 8, "12.5"),
        (1, 16, "6.3"),  # 6.25: half up
        (9, 16, "56.3"),
        (1999, 2000, "100.0"),  # 99.95
        # 青海 2025: 大会 98.1, 常委会 94.7, 专委会 96.9, 发言 100 (domain), with heads that could have made them
        (51, 52, "98.1"),
        (36, 38, "94.7"),
        (31, 32, "96.9"),
        (38, 38, "100.0"),
    ],
)
def test_share_in_per_cent_is_rounded_half_up(part, whole, percent):
    found = Share(part, whole).percent
    assert found == (None if percent is None else Decimal(percent))


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_share_in_per_cent_is_off_by_a_twentieth_at_most(part, whole):
    found = Share(part, whole).percent
    assert found is not None
    assert abs(found * whole - part * 100) * 20 <= whole
    assert found.as_tuple().exponent == -1


def figures(*calls, **values):
    """Return the figures of ``calls``: (gathering, state) or (gathering, state, spoke)."""
    made = DutyFigures(**values)
    for gathering, state, *spoke in calls:
        made.add(gathering, attended(state, 1, *spoke))
    return made


ONE = [
    # never called: no rate at all
    ([], (None, None, None, None)),
    ([(CONGRESS, PRESENT)], ("100.0", None, None, None)),
    # leave and absence weigh alike
    ([(CONGRESS, PRESENT), (CONGRESS, LEAVE)], ("50.0", None, None, None)),
    ([(CONGRESS, PRESENT), (CONGRESS, ABSENT)], ("50.0", None, None, None)),
    # speaking: of the meetings at which one was there, the congress aside
    ([(CONGRESS, PRESENT), (COMMITTEE, PRESENT, 1), (COMMITTEE, PRESENT), (COMMITTEE, LEAVE)], ("100.0", "66.7", None, "50.0")),
    ([(SPECIAL, PRESENT, 1), (OTHER, PRESENT)], (None, None, "100.0", "50.0")),
    ([(SPECIAL, LEAVE)], (None, None, "0.0", None)),
    ([(OTHER, PRESENT, 1)], (None, None, None, "100.0")),
]  # fmt: skip


@pytest.mark.parametrize(("calls", "expected"), ONE)
def test_rates_of_deputy_are_those_of_the_calls(calls, expected):
    found = tuple(share.percent for _, share in figures(*calls).rates(BodyKind.COUNTY).named(BodyKind.COUNTY))
    assert found == tuple(None if each is None else Decimal(each) for each in expected)


SPEAKING = [
    # (what each deputy did, the rate of each, the rate of the body): one definition, and the body is their sum
    ([], [], None),
    ([[]], [None], None),
    # called and never there: nothing to speak at, so no rate, and no zero either
    ([[(COMMITTEE, LEAVE)]], [None], None),
    # speaking twice at one of two meetings is not possible: a meeting counts once
    ([[(COMMITTEE, PRESENT, 1), (COMMITTEE, PRESENT)]], ["50.0"], "50.0"),
    # by times, not by heads: one who sits often weighs more than one who sits once
    ([[(COMMITTEE, PRESENT, 1)] * 3, [(SPECIAL, PRESENT)]], ["100.0", "0.0"], "75.0"),
    # 青海 2025: 100 is reached only where everybody spoke wherever they were
    ([[(COMMITTEE, PRESENT, 1)], [(SPECIAL, PRESENT, 1), (OTHER, PRESENT, 1)]], ["100.0", "100.0"], "100.0"),
    # who spoke at the congress, or was noted for a speech apart, was not for that at a meeting
    ([[(CONGRESS, PRESENT)], [(COMMITTEE, PRESENT)]], [None, "0.0"], "0.0"),
    ([[(COMMITTEE, PRESENT, 1), (COMMITTEE, ABSENT)], [(OTHER, PRESENT), (OTHER, PRESENT)]], ["100.0", "0.0"], "33.3"),
]  # fmt: skip


@pytest.mark.parametrize("kind", BodyKind)
@pytest.mark.parametrize(("everyone", "each", "whole"), SPEAKING)
def test_speaking_rate_of_deputy_and_body_is_one_definition(kind, everyone, each, whole):
    own = [figures(*calls, entries={DutyKind.SPEECH: 9}).rates(kind) for calls in everyone]
    found = [rates.speaking.percent for rates in [*own, rates_of_all(own)]]
    assert found == [None if percent is None else Decimal(percent) for percent in [*each, whole]]


def test_rates_of_body_are_the_sums_of_its_deputies():
    everyone = [
        figures((CONGRESS, PRESENT), (COMMITTEE, PRESENT, 1), (COMMITTEE, PRESENT, 1)),
        figures((CONGRESS, LEAVE), (COMMITTEE, PRESENT), (SPECIAL, ABSENT)),
        figures((CONGRESS, PRESENT), (COMMITTEE, LEAVE)),
        figures(),
    ]
    found = rates_of_all(each.rates(BodyKind.COUNTY) for each in everyone)
    assert (found.congress, found.committee, found.special, found.speaking) == (
        Share(2, 3), Share(3, 4), Share(0, 1), Share(2, 3),
    )  # fmt: skip


def test_sessions_of_voting_committee_are_its_meetings():
    found = figures((CONGRESS, PRESENT), (COMMITTEE, ABSENT), (COMMITTEE, PRESENT)).rates(BodyKind.COMMITTEE)
    assert found.named(BodyKind.COMMITTEE)[0] == ("常委会出席率", Share(2, 3))


@given(
    st.lists(
        st.tuples(st.sampled_from([CONGRESS, *DutyMeetingKind]), st.sampled_from(DutyAttendanceState)),
        max_size=12,
    )
)
def test_attended_called_is_present_leave_and_absent(calls):
    made = figures(*calls)
    whole = made.meetings + made.at(CONGRESS)
    assert whole.called == len(calls) == whole.present + whole.leave + whole.absent
    assert all(
        0 <= share.part <= share.whole for _, share in made.rates(BodyKind.COUNTY).named(BodyKind.COUNTY)
    )


@pytest.mark.parametrize(
    ("body", "rates", "meetings", "session"),
    [
        (BodyKind.COUNTY, ["大会出席率", "常委会出席率", "专委会参与率", "发言率"], ["常委会会议", "专门委员会会议", "其他会议"], "人代会"),
        (BodyKind.TOWNSHIP, ["大会出席率", "主席团会议出席率", "发言率"], ["主席团会议", "其他会议"], "人代会"),
        (BodyKind.COMMITTEE, ["常委会出席率", "专委会参与率", "发言率"], ["常委会会议", "专门委员会会议", "其他会议"], "常委会会议"),
        (BodyKind.STREET, ["议事代表会议出席率", "发言率"], ["其他会议"], "议事代表会议"),
    ],
)  # fmt: skip
def test_body_of_each_kind_has_its_own_meetings(body, rates, meetings, session):
    assert [word for word, _ in figures().rates(body).named(body)] == rates
    assert [meeting_word(kind, body) for kind in meeting_kinds(body)] == meetings
    assert session_word(body) == session
    assert "按签到统计的" in how_counted(body)


@pytest.mark.parametrize(
    ("years", "today", "shown"),
    [
        ([2028, 2027], date(2028, 1, 31), 2027),
        ([2028, 2027], date(2028, 2, 1), 2028),
        ([2028], date(2028, 1, 1), 2028),
        ([2029, 2028], date(2028, 1, 1), 2028),  # a meeting is entered for the year to come
        ([2029, 2028, 2027], date(2028, 12, 31), 2028),
        ([2029], date(2028, 6, 1), 2029),
    ],
)
def test_year_shown_in_january_is_the_one_before(years, today, shown):
    assert year_shown(years, today) == shown


DAY = date(2027, 6, 1)


@pytest.mark.parametrize(
    ("marks", "held_on", "words"),
    [
        ({}, DAY, "至少选择一位应到人员"),  # an empty form takes nobody's attendance away
        ({1: (PRESENT, True)}, date(2027, 6, 1), ""),
        ({1: (PRESENT, True), 2: (LEAVE, False)}, DAY, ""),
        ({1: (PRESENT, False)}, date(2027, 6, 2), "会议还没有开"),
        ({1: (LEAVE, True)}, DAY, "甲没有出席，不能记发言"),
        (dict.fromkeys(range(1, 8), (ABSENT, True)), DAY, "等 7 人没有出席"),
    ],
)
def test_marks_that_are_impossible_are_refused(marks, held_on, words):
    if not words:
        check_marks(marks, {1: "甲"}, held_on=held_on, today=DAY)
        return
    with pytest.raises(RuleBroken, match=words):
        check_marks(marks, {1: "甲"}, held_on=held_on, today=DAY)


@pytest.mark.parametrize(
    ("title", "held_on", "noted", "words"),
    [
        ("常委会会议", DAY, True, ""),
        ("常委会会议", date(2028, 12, 31), False, ""),
        (" ", DAY, False, "请填写会议名称"),
        ("常委会会议", date(1999, 12, 31), False, "不能早于2000年"),
        ("常委会会议", date(2029, 1, 1), False, "不能晚于明年年底"),
        ("常委会会议", date(2027, 6, 2), True, "已经登记出席情况"),
    ],
)
def test_meeting_with_impossible_day_or_title_is_refused(title, held_on, noted, words):
    if not words:
        check_meeting(title=title, held_on=held_on, today=DAY, noted=noted)
        return
    with pytest.raises(RuleBroken, match=words):
        check_meeting(title=title, held_on=held_on, today=DAY, noted=noted)


@pytest.mark.parametrize(
    ("title", "held_on", "field"),
    [("调研", DAY, ""), ("  ", DAY, "title"), ("调研", date(2027, 6, 2), "held_on"), ("调研", date(1999, 12, 31), "held_on")],
)  # fmt: skip
def test_entry_with_impossible_day_or_title_is_refused(title, held_on, field):
    if not field:
        check_entry(title=title, held_on=held_on, today=DAY)
        return
    with pytest.raises(RuleBroken) as refused:
        check_entry(title=title, held_on=held_on, today=DAY)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({}, list(PUBLIC_DEFAULT)),
        ({"deputy_page": None}, list(PUBLIC_DEFAULT)),
        ({"deputy_page": {"fields": []}}, []),
        ({"deputy_page": {"fields": ["rates", "gender", "phone"]}}, ["gender", "rates"]),
    ],
)
def test_public_fields_are_the_chosen_ones_in_order(settings, shown):
    assert public_fields(settings) == shown


def test_public_fields_never_have_a_telephone():
    assert {"phone", "votes", "ratings"} & set(PUBLIC_FIELDS) == set()
    assert Attended().share.percent is None
