"""The menu of the office says where one is, on every page of the office."""

import pytest
from flask import Flask

from votes.web.facts import menu_items


def test_office_blueprints_belong_to_a_menu_item(app: Flask):
    known = {endpoint.partition(".")[0] for endpoint in menu_items(app)}
    within = {name: pages.facts.within for name, pages in app.blueprints.items() if name != "bootstrap"}
    assert set(within.values()) - {""} <= known
    office = {
        rule.endpoint.partition(".")[0]
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/office")
    }
    assert office - known - {name for name, menu in within.items() if menu} == set()


@pytest.mark.parametrize(
    ("path", "item"),
    [
        ("/office/rounds/{round_id}", "会议与票决"),
        ("/office/rounds/{round_id}/papers", "会议与票决"),
        ("/office/rounds/{round_id}/proof", "会议与票决"),
        ("/office/rounds/{round_id:paper}/paper", "会议与票决"),
        ("/office/sessions/{session_id}/desk", "会议与票决"),
        ("/office/sessions/{session_id}/halls", "会议与票决"),
        ("/office/sessions/{session_id}/motions", "会议与票决"),
        ("/office/sessions/{session_id}/screens", "会议与票决"),
        ("/office/roster/", "代表名册"),
    ],
)
def test_where_one_is_is_lit(year, path, item):
    ids = year.ids["county"]
    for name in sorted(ids, key=len, reverse=True):
        path = path.replace(f"{{{name}}}", str(ids[name]))
    page = year.browser("office").get(path)
    assert page.status == 200
    lit = page.tree.xpath("//nav//li/a[@aria-current='page']")
    assert [link.text_content() for link in lit] == [item]
