"""The forms of a plan, a report and an end: rows left empty, totals of sources, fields that an account lacks."""

from datetime import date
from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict

from votes.forms.delivery.trackings import FinishForm, MilestoneRow, PlanForm, ReportForm
from votes.models import Department, Funding, Project, SubProject, Tracking
from votes.rules.delivery.parts import Money
from votes.services.delivery.plans import PlannedStep
from votes.services.delivery.reports import PartProgress, ReportFigures

MARCH = date(2027, 3, 1)
NONE = Decimal(0)


def tracked(*parts, sources=()):
    """Return a tracking, not stored, of a project with parts (id, weight) and sources of money."""
    project = Project(
        name="示例公路", year=2027, year_investment=Decimal("860.00"), total_investment=Decimal("860.00"),
        subprojects=[SubProject(id=id_, name=f"子项目{id_}", weight=weight, target="") for id_, weight in parts],
        funding=[Funding(source=source, amount=Decimal(amount)) for source, amount in sources],
    )  # fmt: skip
    return Tracking(
        id=1, project=project, starts_on=date(2027, 1, 15), due_on=date(2027, 12, 20), period="month",
        leader="", reports=[], milestones=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({}, {}),
        ({"id": "7", "name": ""}, {}),
        ({"name": "招标"}, {"planned_on": ["请填写计划日期"], "planned_percent": ["请填写计划进度"]}),
        ({"planned_on": "2027-03-31", "planned_percent": "10"}, {"name": ["请填写节点名称"]}),
        (
            {"name": "招标", "planned_on": "2027-03-31", "planned_percent": "101"},
            {"planned_percent": ["计划进度应在 0 至 100 之间"]},
        ),
    ],
)
def test_milestone_row_is_empty_or_complete(typed, errors):
    row = MilestoneRow(MultiDict(typed))
    assert (row.validate(), row.errors) == (not errors, errors)


def test_plan_form_of_a_unit_has_dates_and_milestones_only(app):
    with app.test_request_context():
        form = PlanForm(tracked((1, 3)), [], whole=False)
        assert not {"department_id", "leader", "due_on", "period", "weights"} & set(form._fields)
        assert len(form.milestones) == 3


def test_plan_form_of_the_government_returns_every_value(app):
    typed = {
        "department_id": "7", "leader": " 副县长 ", "due_on": "2027-12-01", "period": "quarter",
        "starts_on": "2027-01-15", "weights-0-id": "1", "weights-0-weight": "3",
        "milestones-0-name": "招标", "milestones-0-planned_on": "2027-03-31", "milestones-0-planned_percent": "10",
        "milestones-1-name": "",
    }  # fmt: skip
    with app.test_request_context(method="POST", data=typed):
        units = [Department(id=7, name="交通局", active=True), Department(id=8, name="旧局", active=False)]
        form = PlanForm(tracked((1, 3)), units, whole=True)
        assert form.department_id.choices == [(7, "交通局")]
        assert form.validate(), form.errors
        assert form.values() == {
            "department_id": 7,
            "leader": "副县长",
            "due_on": date(2027, 12, 1),
            "period": "quarter",
            "starts_on": date(2027, 1, 15),
            "weights": {1: 3},
            "steps": [PlannedStep(None, "招标", date(2027, 3, 31), 10)],
        }


REPORT = {"month": "2027-03", "narrative": "完成路基。", "percent": "20", "money_planned": "860", "money_in_place": "1", "money_paid": "0"}  # fmt: skip


def test_report_form_returns_the_arguments_of_a_report(app):
    with app.test_request_context(method="POST", data=REPORT | {"caption": " 现场 "}):
        form = ReportForm(tracked(), [MARCH], departs=False)
        assert form.validate(), form.errors
        assert form.values() == {
            "month": MARCH,
            "figures": ReportFigures(20, Decimal(860), Decimal(1), NONE, "完成路基。", parts=[], money=[]),
            "caption": "现场",
            "photos": [],
        }


def test_report_form_follows_the_parts_unless_the_reader_may_depart(app):
    typed = {"parts-0-id": "1", "parts-0-percent": "40", "parts-1-id": "2", "parts-1-percent": "60"}
    with app.test_request_context(method="POST", data=REPORT | typed | {"percent": ""}):
        form = ReportForm(tracked((1, 3), (2, 1)), [MARCH], departs=False)
        assert "percent" not in form
        assert form.validate(), form.errors
        figures = form.values()["figures"]
        assert (figures.percent, figures.parts) == (45, [PartProgress(1, 40), PartProgress(2, 60)])
        departing = ReportForm(tracked((1, 3), (2, 1)), [MARCH], departs=True)
        assert (departing.percent.label.text, departing.validate()) == ("另行认定整体进度（%）", True)


def test_report_form_adds_up_sources_where_totals_are_empty(app):
    typed = {
        "sources-0-source": "县财政", "sources-0-planned": "500", "sources-0-in_place": "400", "sources-0-paid": "300",
        "sources-1-source": "", "sources-1-planned": "", "money_planned": "", "money_in_place": "", "money_paid": "",
    }  # fmt: skip
    with app.test_request_context(method="POST", data=REPORT | typed):
        form = ReportForm(tracked(sources=[("县财政", 860)]), [MARCH], departs=False)
        assert form.validate(), form.errors
        figures = form.values()["figures"]
        assert figures.money == [Money("县财政", Decimal(500), Decimal(400), Decimal(300))]
        assert (figures.money_planned, figures.money_in_place, figures.money_paid) == (500, 400, 300)


def test_report_form_with_totals_only_returns_no_sources(app):
    typed = {"sources-0-source": "县财政", "sources-0-planned": "860", "money_in_place": "100"}
    with app.test_request_context(method="POST", data=REPORT | typed):
        form = ReportForm(tracked(sources=[("县财政", 860)]), [MARCH], departs=False)
        assert form.validate(), form.errors
        assert form.values()["figures"].money == []


def test_finish_form_returns_action_and_day(app):
    with app.test_request_context(method="POST", data={"action": "basically", "finished_on": "2027-12-20"}):
        form = FinishForm()
        assert form.validate(), form.errors
        assert form.values() == {"action": "basically", "on": date(2027, 12, 20)}
