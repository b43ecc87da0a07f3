"""The forms of deputies' records: the year of a page, the kinds of meeting, the attendance as it is typed."""

from types import SimpleNamespace

import pytest

from tests.duties import DAY
from votes.forms import duties
from votes.rules.duties.duties import DutyAttendanceState, DutyMeetingKind
from votes.rules.people.roles import BodyKind

DEPUTIES = [SimpleNamespace(id=1, name="甲"), SimpleNamespace(id=2, name="乙")]


@pytest.fixture(autouse=True)
def years_of_figures(monkeypatch):
    monkeypatch.setattr("votes.forms.duties.today", lambda: DAY)
    monkeypatch.setattr("votes.services.duties.figures.years", lambda today, *, coming: [2028, 2027, 2026])


@pytest.mark.parametrize(("query", "year"), [("", 2027), ("year=2026", 2026), ("year=1999", 2027)])
def test_read_year_without_a_known_one_is_this_year(one_app, query, year):
    with one_app.test_request_context(f"/?{query}"):
        assert duties.read_year() == ([2028, 2027, 2026], year)


def test_meeting_choices_have_the_kind_of_the_meeting_too():
    of_street = duties.meeting_choices(BodyKind.STREET)
    assert of_street == [("other", "其他会议")]
    assert duties.meeting_choices(BodyKind.STREET, DutyMeetingKind.SPECIAL) == [
        ("special", "专门委员会会议"),
        *of_street,
    ]


@pytest.mark.parametrize(
    ("typed", "marks", "valid"),
    [
        ({"state-1": "present", "spoke-1": "1"}, {1: (DutyAttendanceState.PRESENT, True)}, True),
        ({"state-1": "", "state-2": "leave"}, {2: (DutyAttendanceState.LEAVE, False)}, True),
        ({"spoke-2": "1"}, {}, False),
        ({"state-2": "elsewhere"}, {}, False),
    ],
)
def test_marks_form_reads_the_answers_and_refuses_nonsense(one_app, typed, marks, valid):
    with one_app.test_request_context("/", method="POST", data=typed):
        form = duties.MarksForm(DEPUTIES, {}, "now")
        assert (form.marks, form.validate()) == (marks, valid)
        assert bool(form.refusal) != valid
