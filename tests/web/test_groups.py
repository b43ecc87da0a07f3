"""Which group of processes answers a page."""

from io import BytesIO
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer
from werkzeug.test import EnvironBuilder

from votes.gateway import call
from votes.staff_group import HANDED_OVER, Lane
from votes.web import cookies, known


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("method", "url", "sent", "handed_over"),
    [
        ("GET", "/vote/1", None, None),
        ("POST", "/vote/1/cast", "application/x-www-form-urlencoded", None),
        ("GET", "/c/abcdefghijklmnopqrstuv", None, None),
        ("GET", "/hall/", None, None),
        ("GET", "/teller/", None, None),
        ("GET", "/healthz", None, None),
        ("GET", "/static/css/site.css", None, None),
        ("GET", "/nothing/here", None, Lane.STRANGERS),
        ("GET", "/office/", None, Lane.STRANGERS),
        ("GET", "/p/shili/", None, Lane.STRANGERS),
        ("POST", "/sign-in", "application/x-www-form-urlencoded", Lane.STRANGERS),
        ("GET", "/p/shili/suggest", None, Lane.STRANGERS),  # a phone's page, but a citizen's
        ("POST", "/inspections/notes/new", "multipart/form-data; boundary=x", Lane.STRANGERS),
        (
            "POST",
            "/vote/1/cast",
            "multipart/form-data; boundary=x",
            Lane.STRANGERS,
        ),  # a picture might be in it
        ("GET", "/office/projects/export.xlsx", None, Lane.STRANGERS),
    ],
)
def test_pages_of_the_vote_stay_in_the_voting_group(
    app: Any, method: str, url: str, sent: str | None, handed_over: Lane | None
) -> None:
    environ = EnvironBuilder(url, method=method, content_type=sent).get_environ() | {HANDED_OVER: False}
    answer = call(app.wsgi_app, environ, BytesIO())
    assert (environ[HANDED_OVER] or None) is handed_over
    assert (answer.status == 204) is (handed_over is not None)


def _lane(app: Any, client: Any) -> Any:
    cookies = "; ".join(f"{each.key}={each.value}" for each in client._cookies.values())
    environ = EnvironBuilder("/sign-in", headers={"Cookie": cookies}).get_environ() | {HANDED_OVER: False}
    call(app.wsgi_app, environ, BytesIO())
    return environ[HANDED_OVER]


@pytest.mark.sqlite
def test_who_is_signed_in_waits_apart_from_strangers(app: Any) -> None:
    client = app.test_client()
    assert _lane(app, client) is Lane.STRANGERS
    with client.session_transaction() as kept:
        kept["_user_id"] = "u:1:1"
    assert _lane(app, client) is Lane.SIGNED_IN


@pytest.mark.sqlite
@pytest.mark.parametrize(("salt", "lane"), [("known", Lane.SIGNED_IN), ("forged", Lane.STRANGERS)])
def test_browser_that_signed_in_before_waits_apart_from_strangers(app: Any, salt: str, lane: Lane) -> None:
    client = app.test_client()
    with app.test_request_context("/"):
        name = cookies.name_of(known.COOKIE)
    client.set_cookie(name, URLSafeSerializer(app.config["SECRET_KEY"], salt=salt).dumps(["number", "name"]))
    assert _lane(app, client) is lane


@pytest.mark.sqlite
def test_server_without_a_staff_group_answers_every_page(app: Any) -> None:
    response = app.test_client().get("/office/")
    assert response.status_code == 302
    assert HANDED_OVER not in response.request.environ
