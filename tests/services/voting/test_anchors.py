"""What of a vote's chain becomes known outside, where it is shown, and what it reveals."""

import pytest
from sqlalchemy import select

from tests.factories import NOW
from tests.plumbing import unguarded
from tests.services.test_audit_chain import run, tamper
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign
from votes.db import db
from votes.models import Event, Round, table_of
from votes.rules.errors import RuleBroken
from votes.rules.voting import chain
from votes.services import audit
from votes.services.meeting import checkin, events, rounds, sessions
from votes.services.voting import anchors, documents, proof, screens

PREPARED = {"hall": make_hall}


def certified(world, hall):
    open_(world, hall)
    for number in range(10):
        cast(world, hall, number, {1: "for", 2: "for"})
    close(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)


def digests(world, hall) -> dict[str, str]:
    with world.work():
        return {anchor.kind: anchor.digest for anchor in anchors.of(rounds.get_round(hall["round"]))}


def on_screen(world, hall) -> dict[str, object]:
    with world.work():
        meeting = sessions.get(hall["session"])
        return screens.state(meeting, screens.of(meeting)[0], public_url="http://hall.example", now=NOW)


def test_anchors_are_roll_at_opening_ballots_at_close_and_head_at_certification(world, hall):
    assert digests(world, hall) == {}
    open_(world, hall)
    assert list(digests(world, hall)) == ["open"]
    assert on_screen(world, hall)["ballots"][0]["anchor"] == digests(world, hall)["open"]
    close(world, hall)
    assert on_screen(world, hall)["ballots_digest"] == digests(world, hall)["close"]
    sign(world, hall, 0)
    sign(world, hall, 1)
    head = digests(world, hall)["certify"]
    with world.work():
        round_ = rounds.get_round(hall["round"])
        certify = events.events(round_)[-1]
        assert (certify.kind, certify.hash) == ("certify", head)
        printed = dict(documents.sheet_data(round_).digests)
        assert printed["过程记录"] == certify.hash
        assert "开启时的名册" not in printed, "it is that of the close, and printed once"
    assert on_screen(world, hall)["anchor"] == certify.hash


def test_sheet_has_the_roll_of_the_opening_too_where_a_late_check_in_changed_it(world):
    hall = make_hall(world, present=11)
    open_(world, hall)
    with world.work():
        checkin.check_in(sessions.get(hall["session"]), hall["deputies"][11], by=BY, now=NOW)
    close(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    with world.work():
        printed = dict(documents.sheet_data(rounds.get_round(hall["round"])).digests)
    assert printed["开启时的名册"] == digests(world, hall)["open"] != printed["名册"]


def test_each_anchor_is_found_by_its_first_digits_and_another_digest_is_not(app, world, hall):
    certified(world, hall)
    for kind, words in (("open", "开启时的名册"), ("close", "关闭时的票箱"), ("certify", "过程记录第")):
        digest = digests(world, hall)[kind]
        for given in (digest, digest[:16].upper(), f"{digest[:8]} {digest[8:16]}"):
            code, output = run(app, "--expect", given)
            assert (code, words in output) == (0, True)
    code, output = run(app, str(hall["round"]), "--expect", "0" * 64)
    assert (code, "不在过程记录中" in output) == (1, True)


def test_expecting_with_a_round_looks_at_that_round_only(app, world, hall):
    certified(world, hall)
    with world.work():
        log = audit.head(world.county)
    assert run(app, "--expect", log)[0] == 0
    assert run(app, str(hall["round"]), "--expect", log)[0] == 1


def test_chain_made_anew_as_a_whole_is_found_by_an_anchor(app, world, hall):
    """Whoever writes all events again, each with its right hash, is found by what the hall has seen."""
    certified(world, hall)
    known = digests(world, hall)["certify"]
    table = table_of(Event)
    with world.work() as session:
        round_ = rounds.get_round(hall["round"])
        rows = [(event.id, dict(event.payload)) for event in events.events(round_)]
        algorithm = session.scalars(select(Round.hash_name)).one()
    previous, forged = chain.START, []
    for number, payload in rows:
        payload["by"] = "另一人" if payload["kind"] == "open" else payload["by"]
        link = chain.link(algorithm, previous, payload)
        forged.append((number, payload, previous, link))
        previous = link
    with unguarded(world.database) as connection:
        for number, payload, before, link in forged:
            values = {"payload": payload, "previous": before, "hash": link}
            connection.execute(table.update().where(table.c.id == number).values(values))
    code, output = run(app, str(hall["round"]))
    assert (code, "全部完整" in output) == (0, True), "it agrees with itself"
    code, output = run(app, str(hall["round"]), "--expect", known)
    assert (code, "整条重造" in output) == (1, True)


def test_audit_log_cut_before_the_certification_is_found_on_the_page_of_proof(world, hall):
    certified(world, hall)
    with world.work():
        payload = db.session.scalars(select(Event.payload).where(Event.kind == "certify")).one()
        assert payload["audit"]
        assert proof.verify_id(hall["round"]).whole
    tamper(world, "DELETE FROM audit_links WHERE hash = :head", head=payload["audit"])
    with world.work():
        assert [finding.what for finding in proof.verify_id(hall["round"]).wrong] == ["操作日志"]


def test_empty_head_stands_before_the_first_line_of_a_log(world):
    with world.work():
        assert audit.has_link(world.other, "")
        assert not audit.has_link(world.county, "ab")


def test_digest_that_is_too_short_is_refused():
    with pytest.raises(RuleBroken, match="至少给出前 16 位"):
        anchors.plain_digest("abc123")
