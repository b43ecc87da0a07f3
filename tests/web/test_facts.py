"""What pages declare is true of them, and a page that declares too little stops the boot."""

import pytest
from flask import Blueprint, Flask

import votes
from tests.world import visits
from votes import views
from votes.rules.permissions import Permission as P
from votes.web.access import allow
from votes.web.facts import Layout, Pages, Refusals, facts, facts_of
from votes.web.words.audit_actions import ACTIONS, GROUPS

#: What only the pages of one layout have.
SIGNS = {
    Layout.OFFICE: "//body[contains(@class, 'office')]",
    Layout.PUBLIC: "//body[contains(@class, 'public')]",
    Layout.PHONE: "//body/header[@class='top']",
    Layout.SCREEN: "//body[@class='screen']",
    Layout.PRINT: "//link[contains(@href, 'css/print.css')]",
}


@pytest.mark.sqlite
def test_pages_extend_the_layout_they_declare(year):
    wrong, seen = [], set()
    for visit in visits(year):
        if visit.is_html:
            layouts = [layout for layout, sign in SIGNS.items() if visit.page.tree.xpath(sign)]
            declared = facts_of(year.app, visit.rule.endpoint).layout
            seen.add(declared)
            if layouts != [declared]:
                wrong.append(f"{visit.rule.endpoint}: {layouts}, declared {declared}")
    assert wrong == []
    assert seen == set(Layout) - {Layout.PRINT}, (
        "the sheets of cards answer a POST: test_session_cards looks at them"
    )


def test_acts_and_audit_groups_of_pages_have_words(app: Flask):
    acts = {getattr(view, "__act__", "") for view in app.view_functions.values()} - {""}
    assert {act for act in acts if act.isascii()} <= set(ACTIONS)
    groups = {pages.facts.audit for pages in app.blueprints.values() if isinstance(pages, Pages)}
    assert groups - {""} <= set(GROUPS)


def test_facts_of_a_view_replace_those_of_its_blueprint():
    app = Flask("example")
    pages = Pages("example", __name__, Layout.OFFICE, camera=True)
    pages.add_url_rule("/plain", "plain", lambda: "")
    pages.add_url_rule("/own", "own", facts(layout=Layout.PHONE, refusals=Refusals.UNLOGGED)(lambda: ""))
    app.register_blueprint(pages)
    plain, own = facts_of(app, "example.plain"), facts_of(app, "example.own")
    assert (plain.layout, plain.errors, plain.refusals) == (Layout.OFFICE, Layout.OFFICE, Refusals.LOGGED)
    assert (own.layout, own.errors, own.refusals) == (Layout.PHONE, Layout.OFFICE, Refusals.UNLOGGED)
    assert plain.camera
    assert own.camera


@pytest.mark.parametrize(
    ("pages", "missing"),
    [
        (Blueprint("bare", __name__), "layout"),
        (Pages("bare", __name__, Layout.OFFICE), "place in the menu"),
        (Pages("bare", __name__, Layout.OFFICE, within="nowhere"), "place in the menu"),
    ],
)
def test_pages_that_declare_too_little_stop_the_boot(monkeypatch, tmp_path, pages, missing):
    register = views.register
    pages.add_url_rule("/bare", "page", allow(P.SIGNED_IN)(lambda: ""))

    def with_a_bare_page(app: Flask) -> None:
        register(app)
        app.register_blueprint(pages)

    monkeypatch.setattr(views, "register", with_a_bare_page)
    with pytest.raises(RuntimeError, match=rf"without a declared {missing}: bare\.page"):
        votes.create_app({"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": "x"})
