"""The front page shows what waits for whoever looks, and each task leads to a page that they may open."""

from datetime import date

import pytest

from tests import factories
from votes.rules.projects.projects import ProjectState
from votes.rules.publication.tasks import KINDS


@pytest.fixture(autouse=True)
def a_day_in_july(monkeypatch):
    monkeypatch.setattr("votes.views.publication.front_page.today", lambda: date(2027, 7, 8))


def todo(page):
    return [(a.text, a.get("href")) for a in page.tree.xpath("//ul[@class='todo']//a")]


def test_front_page_lists_tasks_with_their_links(as_, world):
    with world.work():
        factories.make_project("通过", year=2028, state=ProjectState.APPROVED)
        factories.make_project("草稿", year=2027)
    assert todo(as_("office").get("/office/")) == [
        ("1 个项目审议通过，等待确认候选名单", "/office/projects/?state=approved")
    ]
    assert todo(as_("government").get("/office/")) == [
        ("1 个项目还是草稿，完善后提交审议", "/office/projects/?state=draft")
    ]


def test_front_page_without_tasks_says_so(as_):
    assert "现在没有需要您办理的事项。" in as_("leader").get("/office/").words


def test_front_page_sends_the_administrator_to_the_bodies(as_):
    assert as_("sysadmin").get("/office/").location == "/office/bodies/"


@pytest.mark.parametrize("kind", KINDS)
def test_kind_of_task_leads_to_a_page_with_its_argument(one_app, kind):
    task = KINDS[kind]
    (rule,) = (rule for rule in one_app.url_map.iter_rules(task.endpoint) if "GET" in rule.methods)
    in_path = {task.argument} if task.argument != "year" else set()
    assert rule.arguments == in_path - {""}
    assert task.permission.lines, "nobody is concerned"
