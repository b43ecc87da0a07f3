"""Which group of processes answers a page."""

from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from votes.gateway import call
from votes.staff_group import HANDED_OVER


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("method", "url", "sent", "handed_over"),
    [
        ("GET", "/vote/1", None, False),
        ("POST", "/vote/1/cast", "application/x-www-form-urlencoded", False),
        ("GET", "/c/abcdefghijklmnopqrstuv", None, False),
        ("GET", "/hall/", None, False),
        ("GET", "/teller/", None, False),
        ("GET", "/healthz", None, False),
        ("GET", "/static/css/site.css", None, False),
        ("GET", "/nothing/here", None, True),
        ("GET", "/office/", None, True),
        ("GET", "/p/shili/", None, True),
        ("POST", "/sign-in", "application/x-www-form-urlencoded", True),
        ("GET", "/p/shili/suggest", None, True),  # a phone's page, but a citizen's
        ("POST", "/inspections/notes/new", "multipart/form-data; boundary=x", True),
        ("POST", "/vote/1/cast", "multipart/form-data; boundary=x", True),  # a picture might be in it
        ("GET", "/office/projects/export.xlsx", None, True),
    ],
)
def test_pages_of_the_vote_stay_in_the_voting_group(
    app: Any, method: str, url: str, sent: str | None, handed_over: bool
) -> None:
    environ = EnvironBuilder(url, method=method, content_type=sent).get_environ() | {HANDED_OVER: False}
    answer = call(app.wsgi_app, environ, b"")
    assert environ[HANDED_OVER] is handed_over
    assert (answer.status == 204) is handed_over


@pytest.mark.sqlite
def test_server_without_a_staff_group_answers_every_page(app: Any) -> None:
    response = app.test_client().get("/office/")
    assert response.status_code == 302
    assert HANDED_OVER not in response.request.environ
