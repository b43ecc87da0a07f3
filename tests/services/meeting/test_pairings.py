"""Pairing a phone at the desk: who may go in as whom, how often and how long, also when two try at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from tests import factories
from tests.factories import NOW, World
from votes.db import db
from votes.models import AuditEntry, Card, Pairing
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.services import audit
from votes.services.meeting import cards, pairings, sessions

BY = Actor(name="服务台", user_id=7)
KEY = "a key for tests"
SECOND = timedelta(seconds=1)


def make_two(world: World) -> dict:
    """Two running sessions of one body, three deputies, of whom the first has a card of the first session."""
    with world.work():
        people = factories.make_deputies(3, world.delegations["county"])
        ids = []
        for title in ("第五次会议", "第六次会议"):
            meeting = sessions.create_session(
                title=title, year=2027, starts_on=date(2027, 1, 15), ends_on=date(2027, 1, 16), place="",
                by=audit.SYSTEM, now=NOW,
            )  # fmt: skip
            sessions.move(meeting, "start", by=audit.SYSTEM, now=NOW)
            ids.append(meeting.id)
        cards.issue(sessions.get(ids[0]), people[0].id, key=KEY, by=audit.SYSTEM, now=NOW)
        return {"session": ids[0], "other": ids[1], "people": [d.id for d in people]}


PREPARED = {"hall": make_two}


def start(world, hall, *, secret="", at=NOW, session="session"):
    """(secret, code) of a phone that asks for a pairing."""
    with world.work():
        meeting = sessions.get(hall[session])
        secret = pairings.start(meeting, secret=secret, now=at)
        shown = pairings.of_phone(meeting, secret, now=at)
        assert shown.state == pairings.PairingState.WAITING
        return secret, shown.code


def confirm(world, hall, code, who=0, *, at=NOW, session="session"):
    with world.work():
        pairings.confirm(sessions.get(hall[session]), hall["people"][who], code, key=KEY, by=BY, now=at)


def use(world, hall, secret, *, at=NOW, session="session"):
    """Return the id of the deputy as whom the phone signs in."""
    with world.work():
        return pairings.use(sessions.get(hall[session]), secret, now=at).deputy_id


def state(world, hall, secret, at=NOW):
    with world.work():
        shown = pairings.of_phone(sessions.get(hall["session"]), secret, now=at)
        return shown.state.value if shown else None


def refusal(act, *args, **more):
    """(code, field) of the refusal."""
    with pytest.raises(RuleBroken) as refused:
        act(*args, **more)
    return refused.value.code, refused.value.field


def test_confirmed_phone_signs_in_once_as_that_deputy(world, hall):
    secret, code = start(world, hall)
    assert refusal(use, world, hall, secret) == ("waiting", None)
    confirm(world, hall, code)
    assert state(world, hall, secret) == "confirmed"
    assert use(world, hall, secret) == hall["people"][0]
    assert refusal(use, world, hall, secret)[0] == "used"
    assert state(world, hall, secret) == "used"
    with world.work():
        lines = db.session.query(AuditEntry).filter(AuditEntry.action == "pairing.confirm").all()
        assert [(line.about_kind, line.about_id, line.who) for line in lines] == [
            ("deputies", hall["people"][0], "服务台")
        ]
        assert db.session.query(Card).count() == 1, "the card that there was is the one that opens"


def test_confirm_gives_a_deputy_without_a_card_one(world, hall):
    secret, code = start(world, hall)
    confirm(world, hall, code, 1)
    with world.work():
        issued = db.session.query(Card).filter(Card.deputy_id == hall["people"][1]).one()
        assert issued.voided_at is None
        assert db.session.query(AuditEntry).filter(AuditEntry.action == "card.issue").count() == 2
    assert use(world, hall, secret) == hall["people"][1]


def test_secret_of_a_pairing_is_nowhere_in_the_database(world, hall):
    secret, code = start(world, hall)
    with world.work():
        row = db.session.query(Pairing).one()
        assert secret not in repr({c.name: getattr(row, c.name) for c in Pairing.__table__.columns})
        assert len(row.secret_hash) == 64
    assert refusal(use, world, hall, code)[0] == "unknown_pairing", "the six figures alone open nothing"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", None), ("12345", None), ("1234567", None), ("12345a", None), ("https://x/c/AAAAAAAAAAAAAAAAAAAAAA", None),
        ("{wrong}", "unknown_pairing"),
    ],
)  # fmt: skip
def test_confirm_of_an_unknown_code_is_refused_at_its_field(world, hall, typed, code):
    _, real = start(world, hall)
    typed = typed.format(wrong=f"{(int(real) + 1) % 1_000_000:06d}")
    assert refusal(confirm, world, hall, typed) == (code, "code")


@pytest.mark.parametrize("typed", ["{} {}", "{}-{}", "　{}{}"])
def test_code_may_be_typed_as_it_is_read_out(world, hall, typed):
    _, code = start(world, hall)
    confirm(world, hall, typed.format(code[:3], code[3:]).translate(str.maketrans("0123", "０１２３")))


@pytest.mark.parametrize(
    ("started", "confirmed", "used", "says"),
    [
        (0, 119, 238, (None, None)),
        (0, 120, None, ("expired", None)),
        (0, 1000, None, ("expired", None)),
        (0, 119, 239, (None, "expired")),
        (0, 60, 1000, (None, "expired")),
    ],
)
def test_pairing_expires_after_two_minutes(world, hall, started, confirmed, used, says):
    """Two minutes until the desk confirms, two more until the phone goes in; the last second is still inside."""
    secret, code = start(world, hall, at=NOW + started * SECOND)
    if says[0]:
        assert refusal(confirm, world, hall, code, at=NOW + confirmed * SECOND) == (says[0], "code")
        assert state(world, hall, secret, NOW + confirmed * SECOND) == "expired"
        return
    confirm(world, hall, code, at=NOW + confirmed * SECOND)
    if says[1]:
        assert refusal(use, world, hall, secret, at=NOW + used * SECOND)[0] == says[1]
    else:
        assert use(world, hall, secret, at=NOW + used * SECOND) == hall["people"][0]


def test_code_is_confirmed_once(world, hall):
    secret, code = start(world, hall)
    confirm(world, hall, code)
    assert refusal(confirm, world, hall, code) == ("confirmed", "code")
    assert refusal(confirm, world, hall, code, 1) == ("other", "code")
    use(world, hall, secret)
    assert refusal(confirm, world, hall, code) == ("used", "code")
    assert refusal(confirm, world, hall, code, 1) == ("other", "code")


def test_code_of_another_session_is_unknown(world, hall):
    secret, code = start(world, hall, session="other")
    assert refusal(confirm, world, hall, code) == ("unknown_pairing", "code")
    confirm(world, hall, code, session="other")
    assert refusal(use, world, hall, secret)[0] == "unknown_pairing"
    assert use(world, hall, secret, session="other") == hall["people"][0]


def test_code_of_another_body_is_unknown(world, hall):
    _, code = start(world, hall)
    with pytest.raises(RuleBroken), world.work("other"):
        pairings.confirm(
            _meeting_elsewhere(), factories.make_deputies(1, world.delegations["other"], start=50)[0].id,
            code, key=KEY, by=BY, now=NOW,
        )  # fmt: skip


def _meeting_elsewhere():
    meeting = sessions.create_session(
        title="第五次会议", year=2027, starts_on=date(2027, 1, 15), ends_on=date(2027, 1, 16), place="",
        by=audit.SYSTEM, now=NOW,
    )  # fmt: skip
    sessions.move(meeting, "start", by=audit.SYSTEM, now=NOW)
    return meeting


def test_two_phones_have_two_codes_and_sign_in_as_two(world, hall):
    (first, one), (second, two) = start(world, hall), start(world, hall)
    assert one != two
    confirm(world, hall, one, 1)
    confirm(world, hall, two, 2)
    assert (use(world, hall, second), use(world, hall, first)) == (hall["people"][2], hall["people"][1])


def test_two_phones_never_show_the_same_digits(world, hall, monkeypatch):
    drawn = iter(["111111", "111111", "111111", "222222"])
    monkeypatch.setattr(pairings, "new_figures", lambda: next(drawn))
    assert start(world, hall)[1] == "111111"
    assert start(world, hall)[1] == "222222"
    monkeypatch.setattr(pairings, "new_figures", lambda: "111111")
    assert start(world, hall, session="other")[1] == "111111", "another session's do not count"
    assert refusal(start, world, hall)[0] == "too_many", "and it does not try for ever"


def test_phone_has_one_pairing_at_a_time(world, hall):
    secret, code = start(world, hall)
    assert start(world, hall, secret=secret, at=NOW + 60 * SECOND) == (secret, code)
    fresh, other = start(world, hall, secret=secret, at=NOW + 121 * SECOND)
    assert fresh != secret
    with world.work():
        assert [row.code for row in db.session.query(Pairing)] == [other], "the one that was over is gone"


def test_start_with_too_many_waiting_is_refused(world, hall, monkeypatch):
    monkeypatch.setattr(pairings, "MOST", 3)
    for _ in range(3):
        start(world, hall)
    assert refusal(start, world, hall)[0] == "too_many"
    start(world, hall, session="other")
    start(world, hall, at=NOW + 121 * SECOND)


def test_start_deletes_old_pairings(world, hall):
    secret, _ = start(world, hall)
    start(world, hall, at=NOW + timedelta(minutes=11))
    assert state(world, hall, secret, NOW + timedelta(minutes=11)) == "expired", (
        "whoever comes late is told why"
    )
    start(world, hall, at=NOW + timedelta(minutes=13))
    assert state(world, hall, secret, NOW + timedelta(minutes=13)) is None


@pytest.mark.parametrize("action", ["planned", "end"])
def test_start_and_confirm_outside_a_session_are_refused(world, hall, action):
    secret, code = start(world, hall)
    with world.work():
        meeting = sessions.get(hall["session"])
        if action == "end":
            sessions.move(meeting, "end", by=BY, now=NOW)
        else:
            meeting.state = "planned"
    with pytest.raises(RuleBroken):
        start(world, hall)
    with pytest.raises(RuleBroken):
        confirm(world, hall, code)
    with pytest.raises(RuleBroken):
        use(world, hall, secret)


@pytest.mark.parametrize("when", ["before the confirmation", "after it"])
def test_deputy_out_of_office_cannot_use_a_pairing(world, hall, when):
    secret, code = start(world, hall)
    if when == "after it":
        confirm(world, hall, code)
    with world.work():
        db.session.get(factories.Deputy, hall["people"][0]).state = DeputyState.SUSPENDED
    with pytest.raises(RuleBroken) as refused:
        use(world, hall, secret) if when == "after it" else confirm(world, hall, code)
    assert refused.value.status == (403 if when == "after it" else 404)
    with world.work():
        assert db.session.query(Pairing).one().used_at is None


def test_confirmed_phone_stays_out_after_a_void_or_reissue(world, hall):
    secret, code = start(world, hall)
    confirm(world, hall, code)
    with world.work():
        card = cards.valid(sessions.get(hall["session"]), hall["people"][0])
        cards.void(card, reason="遗失", by=BY, now=NOW)
    assert refusal(use, world, hall, secret)[0] == "expired"
    with world.work():
        cards.issue(sessions.get(hall["session"]), hall["people"][0], key=KEY, by=BY, now=NOW + SECOND)
    assert refusal(use, world, hall, secret)[0] == "expired"
    with world.work():  # as if the desk had confirmed at the same moment as the card was voided
        db.session.query(Pairing).one().expires_at = NOW + pairings.LIFE
    assert refusal(use, world, hall, secret)[0] == "void"
    secret, code = start(world, hall, at=NOW + 2 * pairings.LIFE)
    confirm(world, hall, code, at=NOW + 2 * pairings.LIFE)
    assert use(world, hall, secret, at=NOW + 2 * pairings.LIFE) == hall["people"][0]


def test_void_of_a_card_leaves_other_phones_alone(world, hall):
    secret, code = start(world, hall)
    confirm(world, hall, code, 1)
    with world.work():
        card = cards.valid(sessions.get(hall["session"]), hall["people"][0])
        cards.reissue(card, reason="遗失", key=KEY, by=BY, now=NOW + SECOND)
    assert use(world, hall, secret) == hall["people"][1]


@pytest.mark.parametrize("act", ["confirm", "use"])
def test_of_many_uses_at_once_one_succeeds(world, hall, act):
    secret, code = start(world, hall)
    if act == "use":
        confirm(world, hall, code)

    def one(number):
        try:
            confirm(world, hall, code, number % 3) if act == "confirm" else use(world, hall, secret)
        except RuleBroken as broken:
            return broken.code
        return "done"

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(one, range(6)))
    assert answers.count("done") == 1
    assert set(answers) == ({"done", "confirmed", "other"} if act == "confirm" else {"done", "used"})
