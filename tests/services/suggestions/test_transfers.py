"""Transfers: sending, answering, returning, recalling; lists."""

from datetime import date

import pytest

from tests.services.suggestions.samples import DAY, NOW, OFFICE, TEXTS, UNIT, fill, opened, refused, sent
from tests.years import at
from votes.db import everything
from votes.rules.errors import RuleBroken
from votes.rules.publication.tasks import Task
from votes.rules.suggestions.matters import MatterState, Outcome, TransferState
from votes.services.people import bodies
from votes.services.suggestions import matters, transfers

PREPARED = {"ids_only": fill}


def test_send_and_answer_change_transfer_and_matter(world, ids):
    matter = opened(ids[:1])
    transfer = sent(matter, world)
    assert (transfer.sent_on, transfer.due_on, matter.state) == (
        DAY,
        date(2027, 2, 2),
        MatterState.TRANSFERRED,
    )
    assert transfers.due(DAY) == [
        Task("transfer", transfer.id, TEXTS[0][0], date(2027, 2, 2), world.departments["county"])
    ]
    assert transfers.due(DAY, own=world.departments["county"] + 1) == []
    refused("页面可能已经过时", lambda **by: sent(matter, world))
    transfers.answer(
        transfer, opinion=" 可列入。 ", proposal=Outcome.CANDIDATE, by=UNIT, now=at(2026, 11, 20)
    )
    assert (transfer.state, transfer.opinion, transfer.answered_on, transfer.answered_by, matter.state) == (
        TransferState.ANSWERED, "可列入。", date(2026, 11, 20), UNIT.name, MatterState.REPORTED,
    )  # fmt: skip
    assert transfers.due(DAY) == []
    refused("已经反馈", lambda **by: transfers.send_back(transfer, "不归我们", **by))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"department_id": None}, "department_id"),
        ({"department_id": 0}, "department_id"),
        ({"due_on": date(2026, 11, 1)}, "due_on"),
        ({"due_on": date(2027, 2, 3)}, "due_on"),
        ({"instruction": "长" * 2001}, "instruction"),
    ],
)
def test_send_with_faulty_value_is_refused_at_its_field(world, ids, values, field):
    matter = opened(ids[:1])
    given = {"department_id": world.departments["county"], "instruction": "", **values}
    assert refused("请|期限|最多", lambda **by: transfers.send(matter, **given, **by)).field == field
    assert matters.get(matter.id).transfers == []


def test_send_to_unit_of_another_body_is_refused(world, ids):
    matter = opened(ids[:1])
    refused(
        "请选择责任单位",
        lambda **by: transfers.send(matter, world.departments["other"], instruction="", **by),
    )


def test_send_back_within_working_days_reopens_the_matter(world, ids):
    matter, other = opened(ids[:1]), opened(ids[1:2])
    body = bodies.get_body(world.county)
    bodies.change_settings(body, {"holidays": ["2026-11-05"]}, by=OFFICE, now=NOW)
    transfer, late = sent(matter, world), sent(other, world)
    with pytest.raises(RuleBroken, match="最迟为2026年11月12日"):
        transfers.send_back(late, "属住建部门职责", by=UNIT, now=at(2026, 11, 13))
    assert late.state == TransferState.SENT
    with pytest.raises(RuleBroken, match="请写明退回的理由"):
        transfers.send_back(transfer, " ", by=UNIT, now=at(2026, 11, 12))
    transfers.send_back(transfer, "属住建部门职责", by=UNIT, now=at(2026, 11, 12, 23))
    assert (transfer.state, transfer.returned_on, matter.state) == (
        TransferState.RETURNED, date(2026, 11, 12), MatterState.OPEN,
    )  # fmt: skip
    sent(matter, world)  # and to somebody else
    transfers.recall(matter, by=OFFICE, now=NOW)
    assert [each.state for each in matters.get(matter.id).transfers] == [
        TransferState.RETURNED, TransferState.RECALLED,
    ]  # fmt: skip


@pytest.mark.sqlite
@pytest.mark.parametrize(("words", "number"), [("", 1), (" ", 1), ("路灯 安全", 1), ("路灯 电梯", 0)])
def test_search_by_words_needs_all_words(world, ids, words, number):
    sent(opened(ids[:2]), world)
    chosen = {"q": words}
    counted = sum(transfers.counts(chosen, DAY).states.values())
    assert (len(everything(transfers.search(chosen, DAY))), counted) == (number, number)
