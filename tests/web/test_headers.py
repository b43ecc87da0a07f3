"""The headers of every answer."""

import pytest

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("url", "camera"), [("/sign-in", "()"), ("/office/sessions/{session_id}/desk", "(self)")]
)
def test_camera_is_allowed_at_the_desk_only(year, url, camera):
    page = year.browser("office").get(url.format_map(year.ids["county"]))
    assert page.response.headers["Permissions-Policy"] == f"camera={camera}, geolocation=(), microphone=()"


def test_pages_are_not_cached(as_):
    assert as_().get("/sign-in").response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("https", "sent"), [(True, "max-age=31536000"), (False, None)])
def test_transport_security_is_asked_for_over_https_only(app, as_, monkeypatch, https, sent):
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", https)
    assert as_().get("/sign-in").response.headers.get("Strict-Transport-Security") == sent
