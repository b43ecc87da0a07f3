"""The ballot on a phone: chosen, reviewed, received, and each refusal with its own words."""

from functools import partial

import pytest

from tests.consents import agreed
from tests.counting import statements
from tests.factories import make_user
from tests.services.voting.test_vote import BY, KEY, close, make_hall, open_
from tests.views.voting.test_voting import pairing_code, phone
from votes import clock
from votes.db import db
from votes.models import Ballot, Turnout
from votes.rules.codes import new_code
from votes.rules.meeting.consents import ConsentAct
from votes.rules.people.roles import Role
from votes.services.meeting import pairings, sessions

PREPARED = {"hall": partial(make_hall, present=10)}


def marked(page):
    """Return the names of the items with a mark: an item without one sends a value of dashes."""
    return [i.get("name") for i in page.tree.xpath("//input[@checked and not(starts-with(@value, '-'))]")]


def test_a_ballot_is_chosen_looked_over_and_received(app, world, hall):
    open_(world, hall)
    browser = phone(app, world, hall, 4)
    page = browser.get(f"/vote/{hall['round']}")
    assert "最多选 3 项" in page.words
    code = page.value("code")
    review = browser.post(f"/vote/{hall['round']}/review", {"m1": "for", "m3": "for", "code": code})
    assert "选择 2 项" in review.words
    assert review.value("code") == code
    received = browser.follow(
        browser.post(f"/vote/{hall['round']}/cast", {"m1": "for", "m3": "for", "code": code})
    )
    assert "已收到" in received.words
    assert code[:4] in received.words
    with world.work():
        ballot = db.session.query(Ballot).one()
        assert (ballot.code, ballot.marks, ballot.deputy_id) == (code, {"1": "for", "3": "for"}, None)


def test_cast_sends_six_statements(app, world, hall, database):
    """Who it is, the ballot's round, the locked line, the round again, turnout, ballot: the binding adds none."""
    open_(world, hall)
    browser = phone(app, world, hall, 4)
    browser.get(f"/vote/{hall['round']}")
    with statements(database) as sent:
        assert browser.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": new_code()}).status == 303
    assert [statement.split()[0] for statement in sent] == ["SELECT"] * 4 + ["INSERT"] * 2


def test_going_back_keeps_the_marks(app, world, hall):
    open_(world, hall)
    browser = phone(app, world, hall, 4)
    code = new_code()
    page = browser.post(f"/vote/{hall['round']}/review", {"m2": "for", "code": code, "back": "1"})
    assert marked(page) == ["m2"]
    # what is changed is another ballot: if the first sending did arrive, nobody is told that the change was received
    assert page.value("code") != code
    assert "delete d.code" in page.text  # nor does the phone bring its old one back
    page = browser.post(
        f"/vote/{hall['round']}/review", {f"m{n}": "for" for n in range(1, 6)} | {"code": code}
    )
    assert "您已选 5 项" in page.words
    assert (page.status, page.value("code"), "delete d.code" in page.text) == (200, code, False)


def test_too_many_is_refused_at_review_and_at_casting_with_the_marks_kept(app, world, hall):
    open_(world, hall)
    browser = phone(app, world, hall, 4)
    marks = {f"m{n}": "for" for n in range(1, 5)} | {"code": new_code()}
    for step, status in (
        ("review", 200),
        ("cast", 422),
    ):  # another status would have another length on the wire
        page = browser.post(f"/vote/{hall['round']}/{step}", marks)
        assert page.status == status
        assert "您已选 4 项，最多可选 3 项。请取消 1 项后再提交，您的选择仍在。" in page.words
        assert marked(page) == ["m1", "m2", "m3", "m4"]
    with world.work():
        assert db.session.query(Ballot).count() == 0


def test_a_second_ballot_is_refused_a_resend_is_received(app, world, hall):
    open_(world, hall)
    browser = phone(app, world, hall, 4)
    first = {"m1": "for", "code": new_code()}
    cast = f"/vote/{hall['round']}/cast"
    assert browser.post(cast, first).status == 303
    assert browser.post(cast, first).status == 303
    second = browser.post(cast, {"m2": "for", "code": new_code()})
    assert second.status == 409
    assert "您已投过票" in second.words


def test_one_deputy_through_every_door_has_one_vote(app, as_, world, hall):
    """The card's QR in two phones, an account, a phone paired at the desk: one phone of the card is in, one vote is cast."""
    open_(world, hall)
    deputy_id = hall["deputies"][4]
    with world.work():
        account = make_user("through.the.account", Role.DEPUTY, body_id=world.county, deputy_id=deputy_id).id
        key = sessions.get(hall["session"]).hall_key
    signed_in, paired = as_(), as_()
    signed_in.sign_in(f"u:{account}:0")
    shown = paired.follow(paired.post(f"/h/{key}/pair"))
    figures = pairing_code(shown)
    with world.work():
        meeting, when = sessions.get(hall["session"]), clock.now()
        agreed(meeting, ConsentAct.PAIR, [deputy_id], code=figures, when=when)
        pairings.confirm(meeting, deputy_id, figures, key=KEY, by=BY, now=when)
    assert paired.post(f"/h/{key}/pair/enter").status == 303
    doors = [phone(app, world, hall, 4), phone(app, world, hall, 4), signed_in, paired]
    # the card belongs to the phone that entered last, and those before it are out
    assert [browser.get(f"/vote/{hall['round']}").status for browser in doors] == [401, 200, 200, 401]
    url, codes = f"/vote/{hall['round']}/cast", [new_code() for _ in doors]
    pages = [
        browser.post(url, {f"m{n}": "for", "code": code})
        for n, (browser, code) in enumerate(zip(doors, codes, strict=True), 1)
    ]
    assert [page.status for page in pages] == [401, 303, 409, 401]
    assert "已在另一部手机上使用" in pages[0].words
    assert "这张凭证已经投过票。如果不是您本人投的，请立即告诉监票人。" in pages[2].words
    with world.work():
        assert [(b.code, b.marks) for b in db.session.query(Ballot)] == [(codes[1], {"2": "for"})]
        assert db.session.query(Turnout).count() == 1


@pytest.mark.parametrize(("state", "words"), [("draft", "投票还没有开始"), ("closed", "投票已结束")])
def test_outside_the_voting_the_page_says_what_is_going_on(app, world, hall, state, words):
    if state == "closed":
        open_(world, hall)
        close(world, hall)
    browser = phone(app, world, hall, 4)
    assert words in browser.get(f"/vote/{hall['round']}").words
    page = browser.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": new_code()})
    assert page.status == 409


def test_not_signed_in_at_the_hall_the_choice_is_kept(app, world, hall):
    open_(world, hall)
    browser = phone(app, world, hall, 11)
    assert "您还没有签到" in browser.get(f"/vote/{hall['round']}").words
    page = browser.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": new_code()})
    assert page.status == 403
    assert marked(page) == ["m1"]


@pytest.mark.parametrize("code", ["", "short", "IIIIIIIIII", "<script>"])
def test_a_code_that_is_none_is_replaced_and_the_marks_kept(app, world, hall, code):
    open_(world, hall)
    page = phone(app, world, hall, 4).post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": code})
    assert page.status == 422
    assert len(page.value("code")) == 10


def test_the_receipt_travels_with_its_own_page_only(app, world, hall):
    open_(world, hall)
    browser = phone(app, world, hall, 4)
    code = new_code()
    answer = browser.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": code})
    cookies = [c for c in answer.response.headers.getlist("Set-Cookie") if code in c]
    assert [f"Path=/vote/{hall['round']}/received" in c for c in cookies] == [True]
    assert code[:4] in browser.follow(answer).words
    assert browser.client.get_cookie("receipt") is None, "not sent to any other page"


def test_sign_out_leaves_no_receipt_on_the_phone(app, world, hall):
    open_(world, hall)
    browser, other = phone(app, world, hall, 4), phone(app, world, hall, 5)
    page = f"/vote/{hall['round']}/received"
    for each in (browser, other):
        each.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": new_code()})
    assert browser.client.get_cookie("receipt", path=page) is not None
    browser.post("/sign-out")
    assert browser.client.get_cookie("receipt", path=page) is None
    assert other.client.get_cookie("receipt", path=page) is not None, "each phone by itself"
