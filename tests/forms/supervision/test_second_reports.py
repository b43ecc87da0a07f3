"""The forms of a second report: the demand, the report, the deliberation."""

from datetime import date

import pytest

from votes.forms.supervision.second_reports import DeliberationForm, DemandForm, ReportTextForm


def test_demand_form_reads_deadline_and_reason(one_app):
    typed = {"due_on": "2027-10-01", "reason": " 请报告。\r\n写明措施。 "}
    with one_app.test_request_context(method="POST", data=typed):
        form = DemandForm()
        assert form.validate()
        assert form.entry() == {"due_on": date(2027, 10, 1), "reason": "请报告。\n写明措施。"}


def test_report_form_without_text_is_refused(one_app):
    with one_app.test_request_context(method="POST", data={"text": " "}):
        form = ReportTextForm()
        assert not form.validate()
        assert form.errors == {"text": ["请填写报告内容"]}


@pytest.mark.parametrize(("outcome", "accepted"), [("yes", True), ("no", False)])
def test_deliberation_form_reads_outcome_and_needs_no_deadline(one_app, outcome, accepted):
    typed = {"accepted": outcome, "settled_on": "2027-09-15"}
    with one_app.test_request_context(method="POST", data=typed):
        form = DeliberationForm()
        assert form.validate()
        assert form.entry() == {
            "accepted": accepted, "opinion": "", "settled_on": date(2027, 9, 15), "due_on": None,
        }  # fmt: skip
