"""Forms as browsers send them, with the token that the other tests do without."""

from io import BytesIO

import pytest

from tests.world import contents, pages, visits
from votes.services.uploads import MB

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture(autouse=True)
def with_tokens(one_app, monkeypatch):
    monkeypatch.setitem(one_app.config, "WTF_CSRF_ENABLED", True)


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


@pytest.mark.sqlite
@pytest.mark.parametrize("who", ["office", "voter", "public"])
def test_no_button_anywhere_works_without_its_token(year, who):
    """Every address that is posted to: refused calmly before anything is looked at, and nothing has changed."""
    before = contents(year.database, but=())
    browser, wrong = year.browser(who), []
    with year.writing():
        for rule in pages(year.app, "POST"):
            page = browser.post(year.url(rule, "county"), {"reason": "示例"})
            if page.status != 400 or "页面已过期" not in page.words or "没有提交" not in page.words:
                wrong.append(f"{rule.endpoint}: {page.status}")
    assert wrong == []
    assert contents(year.database, but=()) == before


@pytest.mark.sqlite
def test_every_form_on_every_page_carries_its_token(year):
    """Asked of each page as it is shown: no form is posted in vain, and none that only asks carries a token along."""
    wrong = []
    for visit in visits(year):
        if visit.is_html:
            for form in year.browser(visit.who).get(year.url(visit.rule, "county")).tree.iter("form"):
                carries = any(form.xpath(".//input[@name='csrf_token']/@value"))
                if carries != (form.get("method", "get").lower() == "post"):
                    wrong.append(f"{visit.rule.endpoint}: {form.get('action')}")
    assert wrong == []
