"""The forms of candidate projects: one project, what a meeting decided, the list that is voted on."""

from datetime import date
from decimal import Decimal

import pytest

from votes.forms.projects import (
    AttachForm,
    GateDecisionForm,
    ListForm,
    ProjectForm,
    ReviewManyForm,
    VillagesForm,
)
from votes.models import Project
from votes.rules.projects.fields import Section
from votes.rules.projects.projects import Minutes

ROAD = Project(id=1, name="示例路", category="交通出行")
SCHOOL = Project(id=2, name="示例小学", category="教育")
WELL = Project(id=3, name="示例井", category="饮水水利")


def posted(app, **typed):
    return app.test_request_context(method="POST", data=typed)


def test_project_form_values_are_tidied_and_without_blank_rows(one_app):
    typed = {
        "name": " 示例路 ",
        "content": "一\r\n二",
        "total_investment": "860.00",
        "funding-0-source": "县财政",
        "funding-0-amount": "500",
        "funding-1-source": " ",
    }
    with posted(one_app, **typed):
        values = ProjectForm(units=None).values()
    assert (values["name"], values["content"], values["leader"]) == ("示例路", "一\n二", "")
    assert values["total_investment"] == Decimal(860)
    assert (values["funding"], values["subprojects"]) == ([{"source": "县财政", "amount": Decimal(500)}], [])
    assert "department_id" not in values


def test_project_form_rows_put_short_fields_side_by_side(one_app):
    with one_app.test_request_context():
        rows = ProjectForm(units=[]).rows(Section.MONEY)
        assert [[field.name for field in row] for row in rows] == [["total_investment", "year_investment"]]
        assert ProjectForm(units=[]).rows(Section.BASICS)[0][0].name == "name"


@pytest.mark.parametrize(("button", "rows"), [("more_funding", 3), ("save", 2)])
def test_project_form_grows_by_a_row_for_its_button_only(one_app, button, rows):
    with posted(one_app, **{button: "1", "funding-0-source": "县财政", "funding-1-source": ""}):
        form = ProjectForm(units=None)
        assert form.grows() == (rows == 3)
        assert len(form.funding.entries) == rows


@pytest.mark.parametrize(("typed", "base"), [("3", 3), ("", None), ("x", None)])
def test_project_form_base_is_the_version_that_was_read(one_app, typed, base):
    with posted(one_app, version=typed):
        assert ProjectForm(units=None).base == base


def test_decision_form_makes_minutes_of_what_is_typed(one_app):
    with posted(
        one_app, decided_on="2027-03-01", document_number=" 示例府常〔2027〕3号 ", opinion="同意\r\n"
    ):
        form = GateDecisionForm()
        assert form.validate()
        assert form.minutes == Minutes(date(2027, 3, 1), "示例府常〔2027〕3号", "同意")


def test_review_many_form_ticked_are_the_projects_that_passed(one_app):
    with posted(one_app, projects="2", decided_on="2027-03-01"):
        assert ReviewManyForm([ROAD, SCHOOL]).ticked == [SCHOOL]


def test_list_form_opens_with_all_projects_numbered(one_app):
    with one_app.test_request_context():
        form = ListForm([ROAD, SCHOOL, WELL])
        assert form.numbers == {1: 1, 2: 2, 3: 3}
        assert (form.usual_seats, form.rearranges()) == (2, False)


@pytest.mark.parametrize(
    ("button", "numbers"),
    [
        ("renumber", {3: 1, 1: 2}),
        ("entered", {1: 1, 3: 2}),
        ("category", {1: 1, 3: 2}),
        ("down-3", {1: 1, 3: 2}),
        ("up-3", {3: 1, 1: 2}),
        ("up-9", {3: 1, 1: 2}),
    ],
)
def test_list_form_buttons_order_the_ticked_projects(one_app, button, numbers):
    typed = {"on-1": "1", "number-1": "5", "on-3": "1", "number-3": "2", "number-2": "1", "do": button}
    with posted(one_app, **typed):
        form = ListForm([ROAD, SCHOOL, WELL])
        assert form.rearranges()
        assert form.numbers == numbers
        assert [row.typed for row in form.rows] == ["1", "2", ""]


@pytest.mark.parametrize(("typed", "number"), [("7", 7), ("", None), ("x", None), ("12345", None)])
def test_list_form_number_that_is_none_is_none(one_app, typed, number):
    with posted(one_app, **{"on-1": "1", "number-1": typed}):
        assert ListForm([ROAD]).numbers == {1: number}


@pytest.mark.parametrize(("error", "status"), [("图片太大", 413), ("像素过多", 413), ("没有选择文件", 422)])
def test_attach_form_status_of_a_large_file_is_413(one_app, error, status):
    with one_app.test_request_context():
        form = AttachForm()
        form.files.errors = [error]
        assert form.status == status


def test_villages_form_chosen_are_the_ticked_ids(one_app):
    with posted(one_app, villages=["1", "3"]):
        assert VillagesForm([2]).chosen == {1, 3}
