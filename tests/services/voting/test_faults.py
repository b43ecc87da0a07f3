"""Opening, closing, signing, certifying: by two people at one instant, by one person twice, from a page that is old."""

from functools import partial

import pytest

from tests.factories import NOW
from tests.services.voting.test_races import overlap
from tests.services.voting.test_vote import (
    BY,
    cast,
    close,
    make_hall,
    open_,
    replace_teller,
    sign,
    teller_actor,
)
from tests.signing import KEY, key_of, set_keys, sign as sign_count
from votes.db import db
from votes.models import ArchiveShare
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import events, openings, rounds, sessions, signing_secrets
from votes.services.voting import archive_keys, closing, counting, proof, signing, tally

CHIEF, TELLER, THIRD, SUCCESSOR = 0, 1, 2, 6


make_three = partial(make_hall, named=3)


def make_counted(world):
    hall = make_three(world)
    open_(world, hall)
    for number in range(8):
        cast(world, hall, number, {1: "for"})
    close(world, hall)
    return hall


PREPARED = {"hall": make_three, "counted": make_counted}


def round_of(hall):
    return rounds.get_round(hall["round"])


def teller_at(hall, number):
    session = sessions.get(hall["session"])
    return next(each for each in session.tellers if each.deputy_id == hall["deputies"][number])


def kinds(world, hall):
    """Return the kinds of the round's events; the chain and all rows agree."""
    with world.work():
        found = proof.verify(round_of(hall))
        assert [(each.what, each.message) for each in found.wrong] == []
        return [event.kind for event in events.events(round_of(hall))]


def opens(hall):
    openings.open_round(round_of(hall), by=BY, now=NOW)


def closes(hall):
    closing.close(round_of(hall), by=BY, now=NOW)


def signs(hall, number):
    sign_count(round_of(hall), by=teller_actor(hall["deputies"][number]), now=NOW)


def refuses(hall, number):
    signing.refuse(round_of(hall), "票数对不上", by=teller_actor(hall["deputies"][number]), now=NOW)


def voids(hall):
    counting.void_round(round_of(hall), "设备故障", by=BY, now=NOW)


def replaces(hall, former):
    replace_teller(hall, former, SUCCESSOR)


# --- at one instant -----------------------------------------------------------------------------------------


def test_two_people_opening_at_the_same_instant_open_once(world, hall):
    first, second = overlap(world, partial(opens, hall), partial(opens, hall))
    assert (first, second == "done") == ("done", False)
    assert kinds(world, hall).count("open") == 1


def test_two_people_closing_at_the_same_instant_close_and_count_once(world, hall):
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    first, second = overlap(world, partial(closes, hall), partial(closes, hall))
    assert (first, second == "done") == ("done", False)
    assert kinds(world, hall)[-2:] == ["close", "count"]


@pytest.mark.parametrize(("first", "second"), [(CHIEF, TELLER), (TELLER, CHIEF)])
def test_chief_and_teller_signing_at_the_same_instant_certify_once(world, counted, first, second):
    told = overlap(world, partial(signs, counted, first), partial(signs, counted, second))
    assert told == ("done", "done")
    assert kinds(world, counted)[-3:] == ["sign", "sign", "certify"]
    with world.work():
        round_ = round_of(counted)
        assert (round_.state, len(round_.record["signatures"])) == (RoundState.CERTIFIED, 2)
        assert db.session.query(ArchiveShare).count() == 3


def test_third_signature_at_the_instant_of_the_certification_comes_after_it(world, counted):
    sign(world, counted, CHIEF)
    told = overlap(world, partial(signs, counted, TELLER), partial(signs, counted, THIRD))
    assert told == ("done", "done")
    assert kinds(world, counted)[-4:] == ["sign", "sign", "certify", "sign"]
    with world.work():
        assert db.session.query(ArchiveShare).count() == 3, "the key is split once"


def test_teller_signing_and_refusing_at_the_same_instant_has_signed(world, counted):
    first, second = overlap(world, partial(signs, counted, CHIEF), partial(refuses, counted, CHIEF))
    assert (first, second) == ("done", "您已经签过字，不能再登记不予签字。")
    assert kinds(world, counted)[-1] == "sign"


def test_teller_refusing_twice_at_the_same_instant_refuses_once(world, counted):
    told = overlap(world, partial(refuses, counted, CHIEF), partial(refuses, counted, CHIEF))
    assert told == ("done", "您已经登记过不予签字。")
    assert kinds(world, counted).count("refuse") == 1


def test_signature_at_the_instant_of_the_voiding_is_refused(world, counted):
    sign(world, counted, CHIEF)
    first, second = overlap(world, partial(voids, counted), partial(signs, counted, TELLER))
    assert (first, "现在不是签字的时候" in second) == ("done", True)
    assert kinds(world, counted)[-1] == "void"
    with world.work():
        assert (round_of(counted).certified_at, db.session.query(ArchiveShare).count()) == (None, 0)


def test_voiding_at_the_instant_of_the_certification_is_refused(world, counted):
    sign(world, counted, CHIEF)
    first, second = overlap(world, partial(signs, counted, TELLER), partial(voids, counted))
    assert (first, second == "done") == ("done", False)
    assert kinds(world, counted)[-1] == "certify"


def test_two_offices_replacing_one_teller_at_the_same_instant_replace_once(world, counted):
    first, second = overlap(world, partial(replaces, counted, THIRD), partial(replaces, counted, THIRD))
    assert (first, second == "done") == ("done", False)
    assert kinds(world, counted).count("replace") == 1
    with world.work():
        assert len(sessions.get(counted["session"]).tellers) == 3


def test_signature_at_the_instant_of_the_replacement_is_refused(world, counted):
    first, second = overlap(world, partial(replaces, counted, CHIEF), partial(signs, counted, CHIEF))
    assert (first, second) == ("done", "只有本次会议的监票人可以签字。")
    assert kinds(world, counted)[-1] == "replace"


# --- from an old page ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [opens, closes])
def test_act_of_an_old_page_after_the_count_is_refused(world, counted, act):
    before = kinds(world, counted)
    with pytest.raises(RuleBroken), world.work():
        act(counted)
    assert kinds(world, counted) == before


def test_zero_check_of_an_old_page_after_the_opening_is_refused(world, hall):
    open_(world, hall)
    with pytest.raises(RuleBroken), world.work():
        openings.zero_check(round_of(hall), by=teller_actor(hall["deputies"][CHIEF]), now=NOW)
    assert kinds(world, hall)[-1] == "open"


def test_signature_over_what_an_old_page_showed_is_refused(world, counted):
    """The phone signs what its page carries: what is signed has to be what is stored now."""
    with world.work():
        content, by = signing.content(round_of(counted)), teller_actor(counted["deputies"][CHIEF])
        old = key_of(teller_at(counted, CHIEF)).sign(content.replace(b'"returned":8', b'"returned":7'))
    with pytest.raises(RuleBroken, match="与登记的不符"), world.work():
        signing.sign(round_of(counted), old, key=KEY, by=by, now=NOW)
    assert "sign" not in kinds(world, counted)


def test_signature_of_another_round_is_refused(world, counted):
    """A signature that stands in one record signs no other."""
    sign(world, counted, CHIEF)
    with world.work():
        given = round_of(counted).signatures[0].signature
        by = teller_actor(counted["deputies"][TELLER])
    with pytest.raises(RuleBroken, match="与登记的不符"), world.work():
        signing.sign(round_of(counted), signing_secrets.SecretProof(given), key=KEY, by=by, now=NOW)


# --- who will not sign, and who is replaced -----------------------------------------------------------------


def test_count_without_the_chiefs_signature_is_not_certified(world, counted):
    """总监票人 refuses: whoever else signs, no figure is shown and no archive is sealed until the chief has signed."""
    with world.work():
        refuses(counted, CHIEF)
    for number in (TELLER, THIRD):
        sign(world, counted, number)
    with world.work():
        round_ = round_of(counted)
        assert (round_.state, round_.record, tally.result_of(round_)) == (RoundState.COUNTED, None, None)
        assert db.session.query(ArchiveShare).count() == 0
    sign(world, counted, CHIEF)
    assert kinds(world, counted)[-5:] == ["refuse", "sign", "sign", "sign", "certify"]


def test_chief_who_refuses_may_be_replaced_and_the_successor_certifies(world, counted):
    with world.work():
        refuses(counted, CHIEF)
        replaces(counted, CHIEF)
        set_keys(sessions.get(counted["session"]))
    for number in (SUCCESSOR, TELLER):
        sign(world, counted, number)
    assert kinds(world, counted)[-5:] == ["refuse", "replace", "sign", "sign", "certify"]
    with world.work():
        assert [share.name for share in archive_keys.shares(round_of(counted))] == [
            "示例代表007", "示例代表002", "示例代表003",
        ]  # fmt: skip


def test_successor_without_a_confirmed_secret_holds_no_share(world, counted):
    with world.work():
        replaces(counted, THIRD)
    for number in (CHIEF, TELLER):
        sign(world, counted, number)
    with world.work():
        assert [share.name for share in archive_keys.shares(round_of(counted))] == [
            "示例代表001",
            "示例代表002",
        ]
        with pytest.raises(RuleBroken) as refused:
            archive_keys.hand_out(
                round_of(counted), signing_secrets.SecretProof(), key=KEY,
                by=teller_actor(counted["deputies"][SUCCESSOR]), now=NOW,
            )  # fmt: skip
        assert refused.value.status == 403


def test_replaced_teller_neither_signs_nor_refuses_any_more(world, counted):
    with world.work():
        replaces(counted, TELLER)
    for act in (signs, refuses):
        with pytest.raises(RuleBroken, match="只有本次会议的监票人"), world.work():
            act(counted, TELLER)
    assert kinds(world, counted)[-1] == "replace"
