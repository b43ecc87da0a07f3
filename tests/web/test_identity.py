"""Who is signed in: the session holds a key, each request loads the actor anew."""

import pytest
from flask import session

from votes.db import db
from votes.models import User
from votes.rules.people.actor import PUBLIC
from votes.web.identity import me, sign_in_user, sign_out

pytestmark = pytest.mark.sqlite


def test_me_is_the_public_outside_a_unit_of_work(app):
    with app.test_request_context("/"):
        assert me() == PUBLIC


def test_sign_in_drops_the_old_session_and_enters_the_body(app, world):
    user_id = world.user("office")
    with app.test_request_context("/", method="POST"):
        app.preprocess_request()
        session["old"] = 1
        sign_in_user(db.session.get(User, user_id))
        assert ("old" in session, me().user_id, db.session.scope) == (False, user_id, world.county)
        sign_out()
        assert (me(), dict(session)) == (PUBLIC, {})


def test_key_of_an_earlier_serial_signs_nobody_in(as_, world):
    browser = as_("office")
    assert browser.get("/office/").status == 200
    with world.work() as work:
        work.get(User, world.user("office")).login_serial += 1
    assert browser.get("/office/").status == 302


@pytest.mark.parametrize("key", ["c:x", "c:999999", "c:", "c:1:2:3"])
def test_key_of_no_card_asks_to_scan_again(app, world, key):
    client = app.test_client()
    with client.session_transaction() as stored:
        stored["_user_id"] = key
    answer = client.get("/hall/")
    assert (answer.status_code, "请重新扫描凭证" in answer.text) == (401, True)
    assert "/sign-in" not in answer.text


@pytest.mark.parametrize("key", ["x", "u:", "u:1:x", "u:1:0", "u:1:0:999999"])
def test_key_that_names_no_actor_signs_nobody_in(app, world, key):
    client = app.test_client()
    with client.session_transaction() as stored:
        stored["_user_id"] = key
    assert client.get("/office/").status_code == 302
