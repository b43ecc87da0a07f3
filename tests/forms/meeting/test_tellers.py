"""The forms of the list of tellers, of its approval and of a refusal to sign."""

from datetime import date

import pytest
from flask import Flask

from votes.forms.meeting.tellers import ApproveForm, SignatureRefusalForm, TellerForm
from votes.rules.people.roles import TellerRole


@pytest.mark.parametrize(("delegation", "nominated_by"), [("0", None), ("4", 4)])
def test_values_of_a_teller_name_role_and_delegation(one_app: Flask, delegation, nominated_by):
    typed = {"deputy_id": "9", "role": "chief", "nominated_by": delegation}
    with one_app.test_request_context(method="POST", data=typed):
        form = TellerForm()
        form.deputy_id.choices, form.nominated_by.choices = [(9, "甲")], [(0, "未填写"), (4, "第一代表团")]
        assert form.validate()
        assert form.values() == {"deputy_id": 9, "role": TellerRole.CHIEF, "nominated_by": nominated_by}


def test_approval_names_day_and_way(one_app: Flask):
    with one_app.test_request_context(method="POST", data={"on": "2027-01-05", "how": "举手表决"}):
        form = ApproveForm()
        assert form.validate()
        assert form.entry() == {"on": date(2027, 1, 5), "how": "举手表决"}


@pytest.mark.parametrize(("reason", "fits"), [("", False), ("理" * 300, True), ("理" * 301, False)])
def test_refusal_to_sign_has_a_reason_of_300_characters(one_app: Flask, reason, fits):
    with one_app.test_request_context(method="POST", data={"reason": reason}):
        assert SignatureRefusalForm().validate() is fits
