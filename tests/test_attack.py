"""One office login plays the attack that once worked: cards copied, a vote cast, signatures given, the archive read.

Each step is refused, or seen by the deputy and the tellers; the comment at each step says where. The office holds what
it can hold alone: a copy of every card with its PIN, made in the ten minutes after it issued them.
"""

from functools import partial

import pytest

from tests.factories import NOW
from tests.pages import Browser
from tests.services.meeting.test_bindings import make_real_hall
from tests.services.voting.test_vote import BY, close, open_
from tests.views.voting.test_voting import card, hall_key, phone
from votes.db import db
from votes.models import Ballot, Event, Turnout
from votes.rules.codes import new_code
from votes.rules.voting.ballots import NOT_CAST_HERE
from votes.services.meeting import checkin, sessions

PREPARED = {"hall": partial(make_real_hall, present=10)}
VICTIM = 10  # has not checked in when the office enters with the copy


@pytest.fixture
def copied(app, world, hall):
    """Return the hall with its box open, into which the office came first, with copies of a deputy's and the chief's card."""
    hall["copies"] = [phone(app, world, hall, VICTIM), phone(app, world, hall, 0)]
    with world.work():
        checkin.check_in(sessions.get(hall["session"]), hall["deputies"][VICTIM], by=BY, now=NOW)
    open_(world, hall)
    return hall


def cast(browser, hall):
    return browser.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": new_code()})


def test_cards_cannot_be_shown_again(as_, hall):
    office = as_("office")
    for page in ("cards/print", "cards.pdf", "cards/print?all=1"):
        assert office.get(f"/office/sessions/{hall['session']}/{page}").status in (404, 405)


def test_copy_entered_before_the_check_in_is_out_once_the_deputy_enters(app, world, copied):
    copy, _ = copied["copies"]
    own = phone(app, world, copied, VICTIM)
    page = cast(copy, copied)  # seen: on the copy's own browser
    assert (page.status, "本机已经退出" in page.words) == (401, True)
    with world.work():
        assert db.session.query(Turnout).count() == 0
    assert "已收到" in own.follow(cast(own, copied)).words


def test_copy_with_the_pin_takes_over_and_deputy_and_tellers_see_it(app, world, copied):
    own, (copy, _) = phone(app, world, copied, VICTIM), copied["copies"]
    _, token, pin = card(app, world, copied, VICTIM)
    assert copy.post(f"/c/{token}", {"pin": pin}).location == "/hall/"
    assert "如果不是您本人改的，请立即告诉监票人" in own.get("/hall/").words  # seen: on the deputy's phone
    teller = phone(app, world, copied, 1)
    seen = teller.get(f"/teller/rounds/{copied['round']}").words
    assert "改用另一部手机的凭证：1 次" in seen  # seen: on the tellers' phones
    own.post(f"/c/{token}", {"pin": pin})
    assert copy.get("/hall/").status == 401
    assert "已收到" in own.follow(cast(own, copied)).words


def test_unused_vote_cast_with_a_copy_is_never_read_as_received(app, world, copied):
    copy, _ = copied["copies"]
    assert "已收到" in copy.follow(cast(copy, copied)).words  # the vote of somebody who has not come in yet
    own = Browser(app)
    _, token, pin = card(app, world, copied, VICTIM)
    page = own.post(f"/c/{token}", {"pin": pin})
    assert (NOT_CAST_HERE in page.words, "已收到" in page.words) == (True, False)  # seen: by the deputy
    report = f"/h/{hall_key(world, copied)}/not-mine?round={copied['round']}"
    assert own.post(report, {"number": "011", "pin": pin}).status == 303
    teller = phone(app, world, copied, 1)
    assert "011 示例代表011" in teller.get(f"/teller/rounds/{copied['round']}").words  # seen: by the tellers
    with world.work():
        kinds = [event.kind for event in db.session.query(Event).order_by(Event.position)]
        assert kinds[-1] == "report"  # seen: on the chain
        assert db.session.query(Ballot).count() == 1


def test_copies_of_the_tellers_cards_sign_nothing_and_read_no_archive(app, as_, world, copied):
    _, chief = copied["copies"]
    close(world, copied)
    base = f"/teller/rounds/{copied['round']}"
    for signature in ("", "00" * 64):
        refused = chief.post(f"{base}/sign", {"signature": signature})
        assert refused.status in (401, 422)
    office = as_("office")
    assert office.post(f"{base}/sign", {"signature": ""}).status == 403
    for who in (chief, office):
        assert who.get(f"/rounds/{copied['round']}/archive.sealed").status == 403
