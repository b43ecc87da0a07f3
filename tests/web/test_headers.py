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
