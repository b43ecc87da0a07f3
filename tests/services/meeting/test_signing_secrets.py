"""Signing secrets of tellers: who alone can set, confirm and use one, and what the office alone cannot do."""

import pytest

from tests.factories import NOW
from tests.services.voting.test_races import overlap
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, teller_actor
from tests.signing import KEY, SCAN, actor_of, confirm, key_of, set_keys, sign
from votes.db import db
from votes.demo.keys import PhoneKey
from votes.models import AuditEntry, Teller, TellerSecret
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.roles import TellerRole
from votes.services.meeting import events, openings, rounds, sessions, signing_secrets, tellers
from votes.services.meeting.signing_secrets import SecretProof
from votes.services.people import passwords
from votes.services.voting import proof, signing

CHIEF, TELLER, THIRD, NOBODY = 0, 1, 2, 5


def make_bare(world):
    """Make a hall whose three tellers are passed but have no secret yet."""
    hall = make_hall(world, secrets=False, named=3)
    with world.work():
        meeting = sessions.get(hall["session"])
        tellers.approve(meeting, on=NOW.date(), how="举手表决", by=BY, now=NOW, today=NOW.date())
    return hall


def make_counted(world):
    hall = make_hall(world)
    open_(world, hall)
    for number in range(8):
        cast(world, hall, number, {1: "for"})
    close(world, hall)
    return hall


PREPARED = {"bare": make_bare, "counted": make_counted, "hall": make_hall}


@pytest.fixture
def bare(prepared):
    return prepared["bare"]


def refused(code, act, *args, **options):
    with pytest.raises(RuleBroken) as broken:
        act(*args, **options)
    assert broken.value.code == code or code in broken.value.message, broken.value.message


def meeting_of(hall):
    return sessions.get(hall["session"])


def the_teller(hall, number):
    return next(t for t in meeting_of(hall).tellers if t.deputy_id == hall["deputies"][number])


def set_own(hall, number, key=None):
    teller = the_teller(hall, number)
    public = (key or key_of(teller)).public
    return signing_secrets.set_key(meeting_of(hall), public, by=actor_of(teller), now=NOW)


# --- setting -------------------------------------------------------------------------------------------


def test_secret_is_set_once_and_counts_when_confirmed(world, bare):
    with world.work():
        secret = set_own(bare, CHIEF)
        assert signing_secrets.confirmed(the_teller(bare, CHIEF)) is None
        set_own(bare, TELLER)
        confirm(meeting_of(bare), the_teller(bare, CHIEF))
        assert signing_secrets.confirmed(the_teller(bare, CHIEF)) is secret
        actions = [e.action for e in db.session.query(AuditEntry).order_by(AuditEntry.id)][-3:]
        assert actions == ["teller.secret", "teller.secret", "teller.confirm"]


def test_office_alone_can_neither_set_nor_confirm_a_secret(world, bare):
    with world.work():
        meeting, office = meeting_of(bare), world.actor("office")
        refused(
            "只有本次会议的监票人", signing_secrets.set_key, meeting, PhoneKey().public, by=office, now=NOW
        )
        secret = set_own(bare, CHIEF)
        chief = the_teller(bare, CHIEF)
        refused("只有本次会议的监票人", signing_secrets.confirm, meeting, chief.id, secret.code, SecretProof(), by=office, now=NOW)  # fmt: skip


def test_secret_waits_for_the_approval_of_the_list(world):
    hall = make_hall(world, secrets=False)
    with world.work():
        refused("还没有登记经会议通过", set_own, hall, CHIEF)


def test_set_secret_is_never_set_again(world, bare):
    with world.work():
        set_own(bare, CHIEF)
        refused("secret_set", set_own, bare, CHIEF, PhoneKey())


@pytest.mark.parametrize("key", ["", "04" + "00" * 64, "05" + "11" * 64, "04zz" + "11" * 63])
def test_what_is_no_key_is_refused(world, bare, key):
    with world.work():
        by = actor_of(the_teller(bare, CHIEF))
        refused("bad_key", signing_secrets.set_key, meeting_of(bare), key, by=by, now=NOW)


def test_database_refuses_to_exchange_a_secret(world, bare):
    with world.work():
        set_own(bare, CHIEF)
    for column, value in (("public_key", PhoneKey().public), ("code", "A" * 10)):
        with pytest.raises(Exception, match="set and confirmed once"), world.work() as session:
            session.execute(TellerSecret.__table__.update().values({column: value}))
    with pytest.raises(Exception, match="confirmed_by_another"), world.work() as session:
        table = TellerSecret.__table__
        session.execute(table.update().values(confirmed_at=NOW, confirmed_by_id=table.c.deputy_id))


# --- confirming ----------------------------------------------------------------------------------------


def test_confirmation_needs_the_code_of_the_phone_and_the_own_key(world, bare):
    with world.work():
        meeting = meeting_of(bare)
        secret = set_own(bare, CHIEF)
        chief, teller = the_teller(bare, CHIEF), the_teller(bare, TELLER)
        by, right = actor_of(teller), key_of(teller).sign(signing_secrets.confirmation(chief))
        act = signing_secrets.confirm
        refused("先设定您自己", act, meeting, chief.id, secret.code, right, by=by, now=NOW)
        set_own(bare, TELLER)
        refused("wrong_code", act, meeting, chief.id, "ABCDEFGHJK", right, by=by, now=NOW)
        refused("wrong_secret", act, meeting, chief.id, secret.code, SecretProof(), by=by, now=NOW)
        strange = PhoneKey().sign(signing_secrets.confirmation(chief))
        refused("wrong_secret", act, meeting, chief.id, secret.code, strange, by=by, now=NOW)
        own = key_of(chief).sign(signing_secrets.confirmation(chief))
        refused("另一名监票人", act, meeting, chief.id, secret.code, own, by=actor_of(chief), now=NOW)
        act(meeting, chief.id, f" {secret.code[:4].lower()}-{secret.code[4:]} ", right, by=by, now=NOW)
        refused("已由", act, meeting, chief.id, secret.code, right, by=by, now=NOW)


def test_copied_card_that_enters_first_cannot_sign(world, bare):
    """The thief sets a key; the others compare with the honest phone, so it is never confirmed."""
    with world.work():
        thief = PhoneKey()
        set_own(bare, CHIEF, thief)
        refused("secret_set", set_own, bare, CHIEF)  # the honest chief sees it at once
        set_own(bare, TELLER)
        set_own(bare, THIRD)
        other, third = the_teller(bare, TELLER), the_teller(bare, THIRD)
        pair = key_of(third).sign(signing_secrets.confirmation(other))
        signing_secrets.confirm(
            meeting_of(bare), other.id, other.secret.code, pair, by=actor_of(third), now=NOW
        )
        signing_secrets.keep_list(meeting_of(bare), SCAN, by=BY, now=NOW)
        round_ = rounds.get_round(bare["round"])
        refused("no_secrets", openings.open_round, round_, by=BY, now=NOW)


def test_copied_cards_of_two_tellers_who_have_set_keys_confirm_nothing(world, bare):
    """With the cards of two honest tellers in hand, a third card's key is confirmed by none of their keys."""
    with world.work():
        set_own(bare, TELLER)
        set_own(bare, THIRD)
        thief = PhoneKey()
        secret = set_own(bare, CHIEF, thief)
        chief = the_teller(bare, CHIEF)
        for number in (TELLER, THIRD):
            given = thief.sign(signing_secrets.confirmation(chief))
            by = actor_of(the_teller(bare, number))
            refused("wrong_secret", signing_secrets.confirm, meeting_of(bare), chief.id, secret.code, given, by=by, now=NOW)  # fmt: skip


# --- opening -------------------------------------------------------------------------------------------


def test_formal_round_opens_only_with_secrets_and_the_signed_list(world, bare):
    with world.work():
        round_, meeting = rounds.get_round(bare["round"]), meeting_of(bare)
        refused("no_secrets", openings.open_round, round_, by=BY, now=NOW)
        set_keys(meeting)
        refused("no_signed_list", openings.open_round, round_, by=BY, now=NOW)
        signing_secrets.keep_list(meeting, SCAN, by=BY, now=NOW)
        openings.open_round(round_, by=BY, now=NOW)
        opened = events.events(round_)[-1].payload["tellers"]
        assert [line["code"] for line in opened] == [t.secret.code for t in meeting.tellers]


def test_changed_list_needs_paper_anew(world, hall):
    with world.work():
        meeting = meeting_of(hall)
        assert signing_secrets.is_listed(meeting)
        tellers.name_teller(meeting, hall["deputies"][THIRD], TellerRole.TELLER, by=BY, now=NOW)
        assert not signing_secrets.is_listed(meeting)


# --- signing -------------------------------------------------------------------------------------------


def test_office_alone_playing_chief_and_three_tellers_cannot_sign(world, counted):
    """The attack as it was found: the office prints the cards, enters as each teller, and signs."""
    for number in (CHIEF, TELLER, THIRD, 3):
        with world.work():
            round_, by = rounds.get_round(counted["round"]), teller_actor(counted["deputies"][number])
            thief = PhoneKey()
            for given in (None, SecretProof(), thief.sign(signing.content(round_))):
                refused("", signing.sign, round_, given, key=KEY, by=by, now=NOW)
            for act in (
                lambda: signing_secrets.set_key(meeting_of(counted), thief.public, by=by, now=NOW),  # noqa: B023
                lambda: tellers.remove_teller(
                    meeting_of(counted), meeting_of(counted).tellers[0].id, by=world.actor("office"), now=NOW
                ),
            ):
                refused("", act)
    with world.work():
        round_ = rounds.get_round(counted["round"])
        assert (round_.state, round_.signatures, round_.record) == (RoundState.COUNTED, [], None)


def test_office_alone_replacing_all_tellers_cannot_sign(world, counted):
    """The office replaces both by deputies whose cards it holds: no key of before the opening confirms theirs."""
    with world.work():
        meeting, office = meeting_of(counted), world.actor("office")
        for former, deputy in ((CHIEF, 6), (TELLER, 7)):
            tellers.replace_teller(
                meeting,
                the_teller(counted, former).id,
                counted["deputies"][deputy],
                "假称主席团决定",
                by=office,
                now=NOW,
            )
        codes = {number: set_own(counted, number).code for number in (6, 7)}
        for own, other in ((6, 7), (7, 6)):
            teller = the_teller(counted, other)
            given = key_of(the_teller(counted, own)).sign(signing_secrets.confirmation(teller))
            by = actor_of(the_teller(counted, own))
            refused(
                "too_late", signing_secrets.confirm, meeting, teller.id, codes[other], given, by=by, now=NOW
            )
        for number in (6, 7):
            refused("no_secret", sign, rounds.get_round(counted["round"]), by=teller_actor(counted["deputies"][number]), now=NOW)  # fmt: skip
        kinds = [event.kind for event in events.events(rounds.get_round(counted["round"]))]
        assert kinds[-2:] == ["replace", "replace"]


def test_teller_replaced_in_mid_count_is_confirmed_by_one_of_before(world, counted):
    with world.work():
        meeting = meeting_of(counted)
        tellers.replace_teller(meeting, the_teller(counted, CHIEF).id, counted["deputies"][6], "主席团第三次会议决定", by=BY, now=NOW)  # fmt: skip
        set_own(counted, 6)
        successor, teller = the_teller(counted, 6), the_teller(counted, TELLER)
        given = key_of(teller).sign(signing_secrets.confirmation(successor))
        signing_secrets.confirm(
            meeting, successor.id, successor.secret.code, given, by=actor_of(teller), now=NOW
        )
    for number in (6, TELLER):
        with world.work():
            sign(rounds.get_round(counted["round"]), by=teller_actor(counted["deputies"][number]), now=NOW)
    with world.work():
        round_ = rounds.get_round(counted["round"])
        assert round_.state == RoundState.CERTIFIED
        assert proof.verify(round_).whole
        assert [s["kind"] for s in round_.record["signatures"]] == ["key", "key"]


def test_passphrase_signs_and_a_wrong_one_does_not(world, bare):
    with world.work():
        meeting = meeting_of(bare)
        hashed = passwords.hash_password("一句自己记得住的话啊")
        signing_secrets.set_passphrase(meeting, hashed, by=actor_of(the_teller(bare, CHIEF)), now=NOW)
        set_own(bare, TELLER)
        confirm(meeting, the_teller(bare, CHIEF))
        given = signing_secrets.unlock(hashed, "一句自己记得住的话啊")
        teller = the_teller(bare, TELLER)
        chief = actor_of(the_teller(bare, CHIEF))
        assert signing_secrets.unlock(hashed, "另一句话另一句话另一句") is None
        refused("wrong_secret", signing_secrets.confirm, meeting, teller.id, teller.secret.code, SecretProof(unlocked="x"), by=chief, now=NOW)  # fmt: skip
        signing_secrets.confirm(meeting, teller.id, teller.secret.code, given, by=chief, now=NOW)
        signing_secrets.keep_list(meeting, SCAN, by=BY, now=NOW)
    open_(world, bare)
    for number in range(8):
        cast(world, bare, number, {1: "for"})
    close(world, bare)
    with world.work():
        refused("wrong_secret", signing.sign, rounds.get_round(bare["round"]), key=KEY, by=chief, now=NOW)
    with world.work():
        signature = signing.sign(rounds.get_round(bare["round"]), given, key=KEY, by=chief, now=NOW)
        assert (signature.kind, signature.signature, signature.public_key) == ("passphrase", "", "")


def test_rehearsal_is_signed_without_a_secret(world, bare):
    with world.work():
        meeting = meeting_of(bare)
        drill = rounds.create_round(
            meeting, title="演练", rule=rounds.rule_of(rounds.get_round(bare["round"])), rehearsal=True,
            project_ids=[p.id for p in rounds.listed_projects(2027)], by=BY, now=NOW,
        )  # fmt: skip
        openings.zero_check(drill, by=teller_actor(bare["deputies"][CHIEF]), now=NOW)
        bare = {**bare, "round": drill.id}
    open_(world, bare)
    close(world, bare)
    with world.work():
        signature = sign(rounds.get_round(bare["round"]), by=teller_actor(bare["deputies"][CHIEF]), now=NOW)
        assert signature.kind == "login"
        assert db.session.query(Teller).count() == 3


# --- at the same instant -------------------------------------------------------------------------------


def test_thief_and_teller_setting_at_the_same_instant_set_one(world, bare):
    told = overlap(world, lambda: set_own(bare, CHIEF, PhoneKey()), lambda: set_own(bare, CHIEF))
    assert told[0] == "done"
    assert "已经设定" in told[1]
    with world.work():
        assert db.session.query(TellerSecret).count() == 1


def test_teller_signing_twice_at_the_same_instant_signs_once(world, counted):
    def act():
        by = teller_actor(counted["deputies"][CHIEF])
        sign(rounds.get_round(counted["round"]), by=by, now=NOW)

    told = overlap(world, act, act)
    assert told == ("done", "您已经签过字。")


def test_signature_and_replacement_at_the_same_instant_keep_the_signature(world, counted):
    with world.work():
        chief = the_teller(counted, CHIEF).id
    told = overlap(
        world,
        lambda: sign(
            rounds.get_round(counted["round"]), by=teller_actor(counted["deputies"][CHIEF]), now=NOW
        ),
        lambda: tellers.replace_teller(
            meeting_of(counted), chief, counted["deputies"][6], "主席团决定", by=BY, now=NOW
        ),
    )
    assert told[0] == "done"
    assert "已经签字" in told[1]
