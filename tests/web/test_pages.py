"""Page numbers, numbers out of text, names of files, and where signing in leads back to."""

from types import SimpleNamespace

import pytest

from votes.web import pages

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), (" 7 ", 7), ("", None), (None, None), ("-1", None), ("1.5", None), ("9" * 10, None)],
)
def test_number_of_a_text(text, value):
    assert pages.number(text) == value


@pytest.mark.parametrize(
    ("query", "number"), [("", 1), ("page=3", 3), ("page=0", 1), ("page=-2", 1), ("page=x", 1)]
)
def test_page_number_is_at_least_one(app, query, number):
    with app.test_request_context(f"/?{query}"):
        assert pages.page_number() == number


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/office/", "/office/"),
        ("/office/?page=2", "/office/?page=2"),
        ("", "/home"),
        ("//elsewhere.example/", "/home"),
        ("/\\\\elsewhere.example/", "/home"),
        ("https://elsewhere.example/", "/home"),
        ("office", "/home"),
    ],
)
def test_safe_next_stays_on_this_site(app, target, url):
    with app.test_request_context("/", query_string={"next": target}):
        assert pages.safe_next("/home") == url


def test_download_has_the_chinese_name_of_the_file(app):
    with app.test_request_context():
        response = pages.download(b"x", "日志.csv", "text/csv")
    assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E6%97%A5%E5%BF%97.csv"
    assert (response.mimetype, response.data) == ("text/csv", b"x")


@pytest.mark.parametrize("status", [200, 422])
def test_form_page_has_the_status_of_its_form(app, monkeypatch, status):
    form = SimpleNamespace(status=status)
    monkeypatch.setattr(pages, "render_template", lambda template, **shown: (template, shown))
    assert pages.form_page("edit.html", form, row=1) == (("edit.html", {"form": form, "row": 1}), status)
