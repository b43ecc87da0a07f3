"""Forms of one matter."""

from datetime import date

import pytest

from votes.forms.suggestions.matters import MatterForm, OpinionForm, OutcomeForm, TransferForm
from votes.models import Department, Matter, Project
from votes.rules.suggestions.matters import MatterText, Outcome
from votes.rules.suggestions.terms import MatterSettings

MATTER = Matter(title="安装路灯", summary="摘要", category="教育")
UNITS = [Department(id=1, name="住建局", active=True), Department(id=2, name="旧局", active=False)]


def test_matter_form_returns_the_text_of_a_matter(app):
    with app.test_request_context(method="POST", data={"title": "新名称", "summary": "", "village_id": ""}):
        form = MatterForm(MATTER, [])
        assert form.validate()
        assert form.values() == MatterText("新名称", "", "教育", None)


def test_transfer_form_offers_units_in_use_and_names_the_terms(app):
    with app.test_request_context(method="POST", data={"department_id": "1", "complex": "y"}):
        form = TransferForm(UNITS, MatterSettings(), date(2026, 11, 2))
        assert form.department_id.choices == [("", "请选择"), (1, "住建局")]
        assert form.due_on.description == "空着时，一般事项为2027年2月2日，复杂事项为2027年5月2日；可以提前"
        assert form.validate()
        assert form.values() == {"department_id": 1, "instruction": "", "due_on": None, "is_complex": True}


@pytest.mark.parametrize(
    ("typed", "valid"),
    [
        ({"result": "candidate"}, False),
        ({"result": "candidate", "checked": "y"}, True),
        ({"result": "candidate", "project_id": "7"}, True),
        ({"result": "declined"}, True),
    ],
)
def test_outcome_form_for_new_project_asks_for_the_check(app, typed, valid):
    with app.test_request_context(method="POST", data=typed):
        form = OutcomeForm(MATTER, [Project(id=7, name="示例项目")], None)
        assert form.validate() == valid
        assert list(form.errors) == ([] if valid else ["checked"])


def test_outcome_form_returns_the_decision(app):
    typed = {"result": "reserve", "name": "安装路灯", "reason": "资金未落实。"}
    with app.test_request_context(method="POST", data=typed):
        form = OutcomeForm(MATTER, [], Outcome.DECLINED)
        assert form.validate()
        assert form.values() == {
            "outcome": Outcome.RESERVE,
            "project_id": None,
            "name": "安装路灯",
            "reason": "资金未落实。",
            "answer": "",
        }


def test_opinion_form_returns_proposal_and_opinion(app):
    with app.test_request_context(method="POST", data={"proposal": "reserve", "opinion": "可行。"}):
        form = OpinionForm()
        assert form.validate()
        assert form.values() == {"proposal": Outcome.RESERVE, "opinion": "可行。"}


def test_opinion_form_without_proposal_is_refused(app):
    with app.test_request_context(method="POST", data={"opinion": "可行。"}):
        form = OpinionForm()
        assert not form.validate()
        assert form.errors == {"proposal": ["请选择建议的处理结果。"]}
