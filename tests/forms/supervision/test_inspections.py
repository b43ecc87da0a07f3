"""The forms of groups, inspections, notes and 督办件."""

from datetime import date

import pytest

from votes.forms.supervision.inspections import (
    AnswerForm,
    HoldForm,
    InspectionForm,
    NoteForm,
    OrderForm,
    RecheckForm,
)
from votes.models import Deputy, Inspection, InspectionMember
from votes.rules.supervision.supervision import InspectionKind
from votes.services.supervision.inspection_notes import About
from votes.services.supervision.inspections import InspectionPlan
from votes.services.supervision.rectifications import Order

DAY = date(2027, 6, 15)
ABOUTS = [About("i3", "6月15日视察", "我参加的视察"), About("t5", "示例公路", "我监督的项目")]


@pytest.fixture
def posted(world):
    """Return a context in which the county's office posts these values."""

    def context(**typed):
        return world.app.test_request_context(method="POST", data=typed)

    return context


def test_inspection_form_begins_with_members_and_fields_of_the_row(world):
    inspection = Inspection(
        kind=InspectionKind.VISIT, theme="年中视察", planned_on=DAY, place="工地",
        members=[InspectionMember(deputy_id=7, deputy=Deputy(name="示例代表"))],
    )  # fmt: skip
    with world.app.test_request_context(), world.work():
        form = InspectionForm(obj=inspection)
        assert form.values() == InspectionPlan(InspectionKind.VISIT, "年中视察", DAY, "工地", [7])


def test_inspection_form_reads_missing_texts_as_empty(posted, world):
    with posted(kind="research", planned_on="2027-06-15", members=["7", "9"]), world.work():
        form = InspectionForm()
        assert form.values() == InspectionPlan(InspectionKind.RESEARCH, "", DAY, "", [7, 9])


@pytest.mark.parametrize(("button", "accepted"), [({}, True), ({"find": "查找代表"}, False)])
def test_hold_form_saves_nothing_on_a_search(posted, world, button, accepted):
    saved = []
    with posted(held_on="2027-06-15", summary="看了工地。", members=["7"], **button), world.work():
        form = HoldForm()
        assert form.accepts(lambda: saved.append(form.entry())) == accepted
    assert saved == ([{"held_on": DAY, "summary": "看了工地。", "deputy_ids": [7]}] if accepted else [])


@pytest.mark.parametrize(("about", "first"), [("", None), ("t5", "我参加的视察")])
def test_note_form_offers_an_empty_choice_unless_one_is_made(one_app, about, first):
    with one_app.test_request_context():
        form = NoteForm(ABOUTS, about)
        assert next(iter(form.about.choices)) == first
        assert form.about.data == about


def test_order_form_returns_what_was_typed_as_an_order(posted, world):
    typed = {"problem": "边沟没有盖板。", "demand": "限期加装。", "department_id": "1", "published": "y"}
    with posted(**typed), world.work():
        form = OrderForm(Order("", "", None, "", DAY))
        assert form.values() == Order("边沟没有盖板。", "限期加装。", 1, "", DAY, True)


def test_answer_form_reads_missing_texts_as_empty(posted):
    with posted(measures="清理。"):
        assert AnswerForm().entry() == {"measures": "清理。", "result": ""}


@pytest.mark.parametrize(("outcome", "passed"), [("pass", True), ("fail", False), ("", False)])
def test_recheck_form_tells_whether_the_problem_is_put_right(posted, outcome, passed):
    with posted(outcome_=outcome, rechecked_on="2027-06-15"):
        form = RecheckForm()
        assert form.entry()["passed"] == form.passed == passed
