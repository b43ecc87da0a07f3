"""What holds for every request.

GET only reads; wrong methods and URLs get an error page; nonsense breaks nothing; the number of SQL statements does not
grow with the number of rows.
"""

import pytest
from flask import render_template_string
from sqlalchemy import insert

from tests.conftest import fresh_database
from tests.counting import template_statements
from tests.world import OPENERS, DryDatabase, contents, filled, make_year, pages, visits
from votes.db import db
from votes.models import Department
from votes.services.people import bodies
from votes.web.facts import serves_files

# --- GET only reads --------------------------------------------------------------------------------------


def view_that_writes(write):
    def view():
        write()
        return "the write went through"

    view.__permission__ = None
    return view


def by_rows():
    db.session.add(Department(name="偷写的局", body_id=1))
    db.session.flush()


def by_statement():
    db.session.execute(insert(Department).values(name="偷写的局", body_id=1, active=True))


@pytest.mark.parametrize("write", [by_rows, by_statement])
def test_get_that_writes_is_stopped_by_the_database(year, monkeypatch, write):
    monkeypatch.setitem(year.app.view_functions, "health.healthz", view_that_writes(write))
    monkeypatch.setitem(year.app.config, "PROPAGATE_EXCEPTIONS", False)
    before = contents(year.database, but=())
    year.database.dry = False
    page = year.browser("public").get("/healthz")
    assert page.status in (500, 503)
    assert "刚才的操作没有保存" in page.words
    assert contents(year.database, but=()) == before


def test_every_page_answers_and_changes_nothing(year):
    """Open each page as somebody who may; only the audit log may grow, by refusals."""
    before, year.visits = contents(year.database), []
    answers = {visit.rule.endpoint: visit.page.status for visit in visits(year)}
    assert {name: status for name, status in answers.items() if status not in (200, 302)} == {}
    assert contents(year.database) == before


@pytest.mark.parametrize("paper", ["rule", "sheet", "announcement"])
def test_documents_as_pdf_change_nothing(year, paper):
    before = contents(year.database, but=())
    page = year.browser("office").get(f"/office/rounds/{year.ids['county']['round_id']}/{paper}.pdf")
    assert page.data[:5] == b"%PDF-"
    assert contents(year.database, but=()) == before


# --- wrong methods and URLs ---------------------------------------------------------------------------


@pytest.mark.sqlite
def test_wrong_methods_are_answered_405_in_chinese(year):
    wrong = []
    before = contents(year.database, but=())
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    # a URL may have two rules, one for the page and one for its button
    answered: dict[str, set[str]] = {}
    for rule in year.app.url_map.iter_rules():
        answered.setdefault(rule.rule, set()).update(rule.methods)
    office = year.browser("office")
    for place, rule in enumerate(year.app.url_map.iter_rules()):
        refused = sorted(methods - answered[rule.rule])  # one of them each, in turn
        for method in refused[place % len(refused) :][:1] if not serves_files(rule.endpoint) else ():
            response = office.client.open(year.url(rule, "county"), method=method)
            allowed = set(response.headers.get("Allow", "").split(", "))
            said = "操作方式不对" in response.get_data(as_text=True)
            if response.status_code != 405 or not said or not answered[rule.rule] <= allowed | {"OPTIONS"}:
                wrong.append(f"{method} {rule.rule}: {response.status_code}")
    assert wrong == []
    assert contents(year.database, but=()) == before


@pytest.mark.parametrize("who", ["public", "office", "voter"])
@pytest.mark.parametrize(
    "url", ["/nirgends", "/office/nirgends", "/p/nirgends/", "/vote/0", "/office/rounds/abc", "/c"]
)
def test_unknown_urls_are_answered_404_in_chinese(year, who, url):
    page = year.browser(who).get(url)
    if page.location.startswith("/sign-in?next="):
        assert who == "public"
        return
    assert page.status == 404
    assert "没有找到" in page.words
    assert page.tree.get("lang") == "zh-CN"


@pytest.mark.parametrize(
    ("who", "url", "status", "error"),
    [
        ("public", "/office/rounds/{0[round_id:opened]}/turnout.json", 401, "请先登录"),
        ("government", "/office/rounds/{0[round_id:opened]}/turnout.json", 403, "没有权限"),
        ("office", "/office/rounds/0/turnout.json", 404, "没有找到"),
        ("public", "/screen/nirgends/state.json", 404, "没有找到"),
        ("public", "/p/nirgends/data/projects.json", 404, "没有找到"),
        ("public", "/p/{0[body]}/rounds/nirgends/record.json", 404, "没有找到"),
        ("office", "/office/rounds/{0[round_id:counted]}/record.json", 403, "没有权限"),
    ],
)
def test_refusal_of_a_json_url_is_json(year, who, url, status, error):
    page = year.browser(who).get(url.format(year.ids["county"]))
    assert page.status == status
    assert page.json["error"] == error
    assert page.json["message"]


# --- nonsense ------------------------------------------------------------------------------------------------

HUGE = 10**30
NONSENSE = [
    "",
    "-1",
    "0",
    str(HUGE),
    "1.5",
    "１２",
    "NaN",
    "\x00",
    "%",
    "'",
    "null",
    "2027-13-45",
    "长" * 3000,
]
SOME = 3  # of them, where everything is tried with each


def nonsense_at(place: int, always: int) -> list[str]:
    """Return the first ``always`` values, and one of the others, so that all places together get all of them."""
    return [*NONSENSE[:always], NONSENSE[always + place % (len(NONSENSE) - always)]]


#: What lists read from their query strings.
ASKED = (
    "page", "year", "q", "state", "category", "unit", "light", "sort", "delegation", "delegation_id", "part", "size",
    "department_id", "words", "gate", "old", "new", "role", "body_id", "action", "outcome", "since", "until", "active",
)  # fmt: skip


@pytest.mark.postgresql
@pytest.mark.usefixtures("undrawn")
def test_nonsense_in_a_url_breaks_nothing(year):
    broken = []
    for place, visit in enumerate(visits(year)):
        if visit.is_html:
            url, browser = year.url(visit.rule, "county"), year.browser(visit.who)
            for value in nonsense_at(place, SOME):  # a server takes no longer address
                found = browser.get(url, query_string=dict.fromkeys(ASKED, value[:200]))
                if found.status >= 500:
                    broken.append(f"{visit.rule.endpoint}?…={value[:20]!r}: {found.status}")
    assert broken == []


@pytest.mark.sqlite
@pytest.mark.usefixtures("undrawn")
def test_search_of_very_many_words_breaks_nothing(year):
    """Search for more words than a statement may have conditions."""
    broken, searched = [], 0
    for visit in visits(year):
        asked = (
            visit.page.tree.xpath("//form//input[@name='q' or @name='words']/@name") if visit.is_html else []
        )
        if asked:
            searched += 1
            found = year.browser(visit.who).get(
                year.url(visit.rule, "county"), query_string={asked[0]: "路 " * 1200}
            )
            if found.status >= 500:
                broken.append(f"{visit.rule.endpoint}: {found.status}")
    assert broken == []
    assert searched > 15


@pytest.mark.sqlite
@pytest.mark.usefixtures("undrawn")
def test_id_that_no_database_can_hold_is_not_found(year):
    broken = []
    for visit in visits(year):
        numbers = [name for name in visit.rule.arguments if name.endswith("_id") and name != "public_id"]
        for huge in (2**31, 10**30) if numbers else ():
            values = {**year.arguments(visit.rule, "county"), **dict.fromkeys(numbers, huge)}
            url = year.app.url_map.bind("localhost").build(visit.rule.endpoint, values)
            found = year.browser(visit.who).get(url)
            if found.status != 404:
                broken.append(f"{visit.rule.endpoint}: {found.status}")
    assert broken == []


@pytest.mark.postgresql
@pytest.mark.usefixtures("undrawn")
def test_nonsense_in_a_form_breaks_nothing(year):
    """Send every form with the same nonsense in all its fields."""
    broken = []
    shown = {visit.rule.rule: visit for visit in visits(year)}
    bare = dict.fromkeys(("reason", "body_id", "m1", "code", "attachment_id", "opened", "back"), "")
    for place, rule in enumerate(pages(year.app, "POST")):
        visit = shown.get(rule.rule)
        has_form = visit and visit.is_html and visit.page.tree.xpath("//main//form")
        given = filled(visit.page) if visit and has_form else bare
        for who in [visit.who] if visit else OPENERS:
            browser = year.browser(who)
            url = year.url(rule, "county")
            if browser.post(url, {}).status in (401, 403):
                continue
            for value in nonsense_at(place, 2 + SOME):
                found = browser.post(url, dict.fromkeys(given, value))
                if found.status >= 500:
                    broken.append(f"{rule.endpoint} as {who}, all {value[:12]!r}: {found.status}")
            break
    assert broken == []


# --- statements ----------------------------------------------------------------------------------------------


#: Not pages: one download of some twenty documents, each of which runs its own statements.
BUNDLES = {"proof.sealed"}


@pytest.mark.sqlite
@pytest.mark.usefixtures("undrawn")
def test_statements_are_few_and_do_not_grow_with_the_rows(year, templates, tmp_path):
    """Run the same statements, thirty at most, with three times as many rows of every kind."""
    once = {visit.rule.endpoint: visit.statements for visit in visits(year)}
    with fresh_database(templates, "sqlite", tmp_path) as url:
        year.app.extensions["votes.database"] = database = DryDatabase(url)
        many = {v.rule.endpoint: v.statements for v in visits(make_year(year.app, database, size=3))}
        database.dispose()
    assert {name: (once[name], n) for name, n in many.items() if n > once[name]} == {}
    assert {name: n for name, n in many.items() if n > 30 and name not in BUNDLES} == {}


# --- templates -----------------------------------------------------------------------------------------------


@pytest.mark.sqlite
@pytest.mark.usefixtures("undrawn")
def test_every_page_rendered_its_template_sends_no_statement(year):
    """The view loads what its page shows: here each page, rows of every kind behind it."""
    assert {visit.rule.endpoint: visit.in_template for visit in visits(year) if visit.in_template} == {}


@pytest.mark.sqlite
def test_template_that_queries_is_noticed(year, monkeypatch):
    def view():
        return render_template_string("{{ rows()|length }}", rows=bodies.all_bodies)

    view.__permission__ = None
    monkeypatch.setitem(year.app.view_functions, "health.healthz", view)
    with template_statements(year.app) as sent:
        assert year.browser("public").get("/healthz").status == 200
    assert len(sent) == 1
