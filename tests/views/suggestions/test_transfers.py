"""Transfers as units read, answer and return them."""

from datetime import date

import pytest

from tests.views.suggestions.samples import NAME, PHONE, fill, state_of
from votes.db import db
from votes.models import Matter, Transfer
from votes.rules.suggestions.matters import MatterState
from votes.services.suggestions import matters

pytestmark = pytest.mark.sqlite
PREPARED = {"ids": fill}


def test_return_too_late_is_refused_in_time_reopens(world, as_, ids):
    url = f"/office/transfers/{ids['transfer']}/return"
    unit = as_("department")
    assert unit.post(url, {"reason": ""}).status == 422
    with world.work():  # as if it had been sent a week earlier
        db.session.get(Transfer, ids["transfer"]).sent_on = date(2026, 11, 10)
    late = unit.post(url, {"reason": "属住建部门职责"})
    assert late.status == 422
    assert "最迟为2026年11月19日" in late.words
    assert late.value("reason") == "属住建部门职责"
    with world.work():
        db.session.get(Transfer, ids["transfer"]).sent_on = date(2026, 11, 11)
    assert unit.post(url, {"reason": "属住建部门职责"}).status == 303
    assert state_of(world, Matter, ids["sent"]) == MatterState.OPEN


def test_transfer_page_hides_names_and_numbers(world, as_, ids):
    with world.work():
        row = matters.get(ids["sent"]).suggestions[0]
        row.content = f"步道请早日修好，找我{NAME}：{PHONE}。"
    page = as_("department").get(f"/office/transfers/{ids['transfer']}")
    assert ("步道请早日修好" in page.words, NAME in page.text, PHONE in page.text) == (True, False, False)
    assert (
        PHONE in as_("office").get(f"/office/matters/{ids['sent']}").text
    )  # the originals are kept as they came


@pytest.mark.parametrize("role", ["department2", "leader", "deputy"])
def test_answer_by_others_is_forbidden(as_, ids, role):
    assert as_(role).post(f"/office/transfers/{ids['transfer']}/answer", {}).status == 403
    assert as_("office", "other").get(f"/office/transfers/{ids['transfer']}").status == 404
