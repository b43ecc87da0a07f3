"""Reports 「不是我投的」: before, during and after the count, once a card, withdrawn before a teller, settled by the chief."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import NOW
from tests.services.meeting.test_cards import card_of
from tests.services.voting.test_races import overlap
from tests.services.voting.test_vote import BY, KEY, cast, close, make_hall, open_, sign, teller_actor
from tests.signing import key_of, sign as sign_count
from votes.db import db
from votes.models import AuditEntry, Card, Teller, VoteReport
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.voting.vote_reports import withdrawal
from votes.services.meeting import cards, events, rounds
from votes.services.voting import closing, documents, proof, signing, vote_reports

PREPARED = {"hall": make_hall}
LATER = NOW + timedelta(minutes=7, seconds=13)


def voted(world, hall, *, state="opened"):
    """Open the round and let everybody vote; close it (and count it, as the close does) unless it stays open."""
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for", 2: "for"})
    if state == "counted":
        close(world, hall)


def report(world, hall, number):
    with world.work():
        vote_reports.report(hall["round"], card_of(hall, number))


def settle(world, hall, finding="已向本人核实，系误报", number=0):
    with world.work():
        by = teller_actor(hall["deputies"][number])
        vote_reports.settle(rounds.get_round(hall["round"]), finding, by=by, now=LATER)


def withdraw(world, hall, number, *, before=1, prove=True):
    with world.work():
        round_ = rounds.get_round(hall["round"])
        deputy_id = hall["deputies"][before]
        proof_ = None
        teller = db.session.query(Teller).filter_by(deputy_id=deputy_id).one_or_none()
        if prove and teller is not None:
            proof_ = key_of(teller).sign(withdrawal(round_.public_id, f"{number + 1:03d}"))
        by = teller_actor(deputy_id)
        vote_reports.withdraw(round_, hall["deputies"][number], proof_, by=by, now=LATER)


def chain(world, hall):
    with world.work():
        return [event.payload for event in events.events(rounds.get_round(hall["round"]))]


def whole(world, hall):
    with world.work():
        return [(each.what, each.message) for each in proof.verify(rounds.get_round(hall["round"])).wrong]


# --- reporting -----------------------------------------------------------------------------------------


def test_report_is_on_the_chain_with_number_and_no_time_of_its_own(world, hall):
    voted(world, hall)
    with world.work():
        lines = db.session.query(AuditEntry).count()
    report(world, hall, 4)
    payload = chain(world, hall)[-1]
    assert (payload["kind"], payload["deputy"], payload["by"]) == ("report", "005", "示例代表005")
    assert payload["at"] == NOW.isoformat(timespec="seconds"), "the time of the opening"
    with world.work():
        assert [(r.number, r.name, r.withdrawn_before) for r in db.session.query(VoteReport)] == [
            ("005", "示例代表005", "")
        ]
        assert db.session.query(AuditEntry).count() == lines


def test_report_is_once_a_deputy_also_with_a_new_card(world, hall):
    voted(world, hall)
    report(world, hall, 4)
    with pytest.raises(RuleBroken, match="您已经报告过"):
        report(world, hall, 4)
    close(world, hall)
    with world.work():
        cards.reissue(card_of(hall, 4), reason="遗失", key=KEY, by=BY, now=NOW)
    with pytest.raises(RuleBroken, match="您已经报告过"):
        report(world, hall, 4)
    assert [payload["kind"] for payload in chain(world, hall)].count("report") == 1


def test_two_reports_of_a_card_at_the_same_instant_are_one(world, hall):
    voted(world, hall)

    def one():
        vote_reports.report(hall["round"], card_of(hall, 4))

    told = overlap(world, one, one)
    assert (told[0], "您已经报告过" in told[1]) == ("done", True)
    assert whole(world, hall) == []


def test_report_of_no_vote_or_a_strange_round_is_refused(world, hall):
    open_(world, hall)
    with pytest.raises(RuleBroken, match="还没有投票"):
        report(world, hall, 4)
    with pytest.raises(RuleBroken, match="没有找到"), world.work():
        vote_reports.report(999, card_of(hall, 4))


def test_report_stops_neither_the_vote_nor_the_close_nor_the_count(world, hall):
    open_(world, hall)
    cast(world, hall, 4, {1: "for"})
    report(world, hall, 4)
    assert cast(world, hall, 5, {1: "for"}) is True
    close(world, hall)
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.COUNTED


def test_report_while_the_box_closes_waits_and_is_kept(world, hall):
    voted(world, hall)
    told = overlap(
        world,
        lambda: closing.close(rounds.get_round(hall["round"]), by=BY, now=LATER),
        lambda: vote_reports.report(hall["round"], card_of(hall, 4)),
    )
    assert told == ("done", "done")
    kinds = [payload["kind"] for payload in chain(world, hall)]
    assert kinds.index("report") > kinds.index("close")
    assert whole(world, hall) == []


# --- signing -------------------------------------------------------------------------------------------


def test_nobody_signs_while_reports_are_without_a_finding(world, hall):
    voted(world, hall, state="counted")
    report(world, hall, 4)
    for number in (0, 1):
        with pytest.raises(RuleBroken, match="总监票人还没有写明核查结果"):
            sign(world, hall, number)
    settle(world, hall)
    report(world, hall, 5)
    with pytest.raises(RuleBroken, match="又有代表报告"):
        sign(world, hall, 0)
    settle(world, hall, "两名代表均已当面核实")
    sign(world, hall, 0)
    sign(world, hall, 1)
    with world.work():
        record = rounds.get_round(hall["round"]).record
    assert record["reports"] == {"number": 2, "decision": "两名代表均已当面核实"}
    assert whole(world, hall) == []


def test_finding_is_the_chiefs_alone(world, hall):
    voted(world, hall)
    with pytest.raises(RuleBroken, match="没有代表报告"):
        settle(world, hall)
    report(world, hall, 4)
    with pytest.raises(RuleBroken, match="由总监票人填写"):
        settle(world, hall, number=1)
    with pytest.raises(RuleBroken, match="只有本次会议的监票人"):
        settle(world, hall, number=5)
    settle(world, hall)
    payload = chain(world, hall)[-1]
    assert (payload["kind"], payload["finding"], payload["number"]) == (
        "report_finding",
        "已向本人核实，系误报",
        1,
    )


def test_report_after_the_first_signature_waits_for_the_chief_again(world, hall):
    """The signed record stays as it is; chain and sheet have the later report, and the chief says what was found."""
    voted(world, hall, state="counted")
    report(world, hall, 4)
    settle(world, hall, "第一件已核实")
    sign(world, hall, 1)
    report(world, hall, 5)
    with pytest.raises(RuleBroken, match="又有代表报告"):
        sign(world, hall, 0)
    settle(world, hall, "第二件也已核实")
    sign(world, hall, 0)
    report(world, hall, 6)  # after the certification
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert round_.record["reports"] == {"number": 1, "decision": "第一件已核实"}
        lines = documents.sheet_data(round_).reports
        assert (lines.number, lines.later, lines.decision, lines.finding_later) == (
            3,
            2,
            "第一件已核实",
            "第二件也已核实",
        )
    assert whole(world, hall) == []


def test_report_and_signature_at_the_same_instant_keep_both(world, hall):
    voted(world, hall, state="counted")
    told = overlap(
        world,
        lambda: sign_count(rounds.get_round(hall["round"]), by=teller_actor(hall["deputies"][0]), now=LATER),
        lambda: vote_reports.report(hall["round"], card_of(hall, 4)),
    )
    assert told == ("done", "done")
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert signing.reports_of(round_) == {"number": 0, "decision": ""}
        assert vote_reports.count(round_) == 1
    with pytest.raises(RuleBroken, match="还没有写明核查结果"):
        sign(world, hall, 1)


# --- withdrawing ---------------------------------------------------------------------------------------


def test_withdrawn_before_a_teller_a_report_is_counted_all_the_same(world, hall):
    voted(world, hall, state="counted")
    report(world, hall, 4)
    withdraw(world, hall, 4)
    payload = chain(world, hall)[-1]
    assert (payload["kind"], payload["deputy"], payload["before"]) == (
        "report_withdrawn",
        "005",
        hall["deputies"][1],
    )
    with pytest.raises(RuleBroken, match="还没有写明核查结果"):
        sign(world, hall, 0)
    with pytest.raises(RuleBroken, match="已经撤回"):
        withdraw(world, hall, 4)
    settle(world, hall, "本人当面撤回")
    sign(world, hall, 0)
    sign(world, hall, 1)
    with world.work():
        lines = documents.sheet_data(rounds.get_round(hall["round"])).reports
    assert (lines.number, lines.withdrawn, lines.later) == (1, 1, 0)
    assert whole(world, hall) == []


def test_office_alone_cannot_withdraw_a_report(world, hall):
    """Neither as the office, nor with a copy of a teller's card: it has no teller's key."""
    voted(world, hall)
    report(world, hall, 4)
    with pytest.raises(RuleBroken, match="只有本次会议的监票人"):
        withdraw(world, hall, 4, before=7)
    with pytest.raises(RuleBroken, match="签字密钥与登记的不符"):
        withdraw(world, hall, 4, prove=False)


def test_teller_withdraws_the_own_report_before_another_only(world, hall):
    voted(world, hall)
    report(world, hall, 1)
    with pytest.raises(RuleBroken, match="不能当着自己撤回"):
        withdraw(world, hall, 1)
    withdraw(world, hall, 1, before=0)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from vote_reports",
        "update vote_reports set number = '009'",
        "update vote_reports set withdrawn_before_id = deputy_id, withdrawn_before = '自己'",
        "update vote_reports set withdrawn_before = '某人'",
    ],
)
def test_database_refuses_to_touch_a_report(world, hall, statement):
    voted(world, hall)
    report(world, hall, 4)
    with (
        pytest.raises(DBAPIError, match=r"reports are never|only ever withdrawn|withdrawn_"),
        world.work(None) as work,
    ):
        work.execute(text(statement))


def test_report_or_finding_changed_beside_the_chain_is_found(world, hall):
    voted(world, hall)
    report(world, hall, 4)
    settle(world, hall)
    assert whole(world, hall) == []
    with world.work(None) as work:
        work.execute(text("update report_findings set finding = '没有问题'"))
        card = db.session.get(Card, card_of(hall, 5).id)
        work.execute(
            text(
                "insert into vote_reports (round_id, deputy_id, number, name, body_id) values (:r, :d, '006', 'x', :b)"
            ),
            {"r": hall["round"], "d": card.deputy_id, "b": card.body_id},
        )
    assert [what for what, _ in whole(world, hall)] == ["“不是我投的”报告"]
