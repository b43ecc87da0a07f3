"""Forms as browsers send them, with the token that the other tests do without."""

from io import BytesIO

import pytest

from votes.services.uploads import MB


@pytest.fixture(autouse=True)
def with_tokens(app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def test_a_form_with_its_token_goes_through(as_):
    browser = as_("government")
    token = browser.get("/office/projects/new").value("csrf_token")
    data = {"csrf_token": token, "name": "示例路", "year": "2027", "category": "教育", "kind": "works"}
    assert browser.post("/office/projects/new", data).status == 303


@pytest.mark.parametrize("token", [{}, {"csrf_token": "made up"}])
@pytest.mark.parametrize("role", ["government", None])
def test_a_form_without_its_token_is_refused_calmly(as_, role, token):
    page = as_(role).post("/sign-in" if role is None else "/office/projects/new", {"name": "示例路", **token})
    assert page.status == 400
    assert "页面已过期" in page.words


def test_a_body_that_is_too_long_is_refused_calmly(as_):
    data = {"files": (BytesIO(b"%PDF-" + b"\0" * (49 * MB)), "大.pdf")}
    page = as_("government").post("/office/projects/1/attachments", data)
    assert page.status == 413
    assert "没有保存任何内容" in page.words
