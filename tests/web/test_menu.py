"""The menu of the office says where one is, on every page of the office."""

import pytest
from flask import Flask

from votes.web.menu import ITEMS, WITHIN


def test_every_blueprint_of_the_office_belongs_to_an_item(app: Flask):
    known = {item.endpoint.partition(".")[0] for item in ITEMS}
    assert set(WITHIN.values()) <= known
    office = {
        rule.endpoint.partition(".")[0]
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/office")
    }
    assert office - known - set(WITHIN) == set()


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
