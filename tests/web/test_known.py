"""Browsers that have signed in before: a signed cookie with a few digests of names."""

import pytest

from votes.web import known

pytestmark = pytest.mark.sqlite


def visit(app, cookie, *names):
    """Return what the cookie is after ``names`` have signed in, and the whole header."""
    headers = {"Cookie": f"{known.COOKIE}={cookie}"} if cookie else {}
    with app.test_request_context("/", headers=headers):
        for name in names:
            known.remember(name)
        response = app.process_response(app.response_class())
        sent = [c for c in response.headers.getlist("Set-Cookie") if c.startswith("known=")]
    return (sent[0].partition(";")[0].partition("=")[2], sent[0]) if sent else (cookie, "")


def key(app, cookie, name):
    with app.test_request_context("/", headers={"Cookie": f"{known.COOKIE}={cookie}"}):
        return known.knows(name), known.throttle_key(name)


def test_browser_without_a_cookie_is_known_to_nobody(app):
    assert key(app, "", "user:a") == (False, "user:a")
    assert key(app, "forged", "user:a") == (False, "user:a")


def test_remembered_name_is_counted_with_its_browser(app):
    cookie, header = visit(app, "", "user:a")
    assert "HttpOnly" in header
    assert "user" not in header
    knows, throttle = key(app, cookie, "user:a")
    assert (knows, throttle.startswith("user:a@")) == (True, True)
    assert key(app, cookie, "user:b") == (False, "user:b")


def test_browser_keeps_the_latest_names_and_sends_the_cookie_only_when_it_changes(app):
    names = [f"user:{number}" for number in range(known.MOST + 1)]
    cookie, _ = visit(app, "", *names)
    assert [key(app, cookie, name)[0] for name in names] == [False, *[True] * known.MOST]
    assert visit(app, cookie, names[-1]) == (cookie, "")


def test_two_browsers_are_counted_apart(app):
    first, second = visit(app, "", "user:a")[0], visit(app, "", "user:a")[0]
    assert key(app, first, "user:a") != key(app, second, "user:a")


def test_cookie_over_https_belongs_to_this_host(app, monkeypatch):
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
    with app.test_request_context("/"):
        known.remember("user:a")
        header = app.process_response(app.response_class()).headers["Set-Cookie"]
    assert header.startswith("__Host-known=")
    assert "Secure" in header
    assert "Path=/;" in header + ";"
