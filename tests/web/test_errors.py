"""The layout of an error page is that of the page that was requested."""

import pytest

from votes.web import errors

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("who", "url", "layout"),
    [
        (None, "/no-such-page", "public"),
        ("office", "/no-such-page", "office"),
        ("office", "/vote/999", "phone"),
        (None, "/p/nowhere/suggest", "phone"),
        ("deputy", "/inspections/999", "office"),
        ("deputy", "/office/projects/1", "office"),
    ],
)
def test_error_page_has_the_layout_of_the_requested_page(as_, monkeypatch, who, url, layout):
    layouts, render = [], errors.render_template
    monkeypatch.setattr(
        errors,
        "render_template",
        lambda name, **given: layouts.append(given["layout"]) or render(name, **given),
    )
    assert as_(who).get(url).status in (403, 404)
    assert layouts == [layout]


@pytest.mark.parametrize("headers", [{"Accept": "application/json"}, {}])
def test_error_is_json_where_json_is_asked_for(app, world, headers):
    response = app.test_client().get("/no-such-page" + ("" if headers else ".json"), headers=headers)
    assert (response.status_code, response.get_json()["error"]) == (404, "没有找到")


def test_missing_static_file_is_answered_without_the_database(as_):
    page = as_().get("/static/css/nothing.css")
    assert (page.status, page.text) == (404, "没有找到")
