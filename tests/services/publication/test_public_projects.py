"""Public projects: grouped by township, found by their texts, with their pictures."""

from datetime import date
from types import SimpleNamespace

from tests import factories
from tests.years import make_tracked
from votes.models import Village
from votes.services.people import bodies
from votes.services.publication import public_projects

DAY = date(2027, 6, 6)


def test_by_township_groups_in_the_order_of_the_list_and_the_rest_last():
    east, west, upper = (
        Village(id=place, name=name, township=township, position=place)
        for place, (township, name) in enumerate([("甲镇", "东村"), ("甲镇", "西村"), ("乙乡", "上坪村")])
    )
    lines = [SimpleNamespace(project=SimpleNamespace(id=number)) for number in (1, 2, 3)]
    groups = public_projects.by_township(lines, {1: [west, upper], 2: [east]})
    assert groups == [
        ("甲镇", [lines[0], lines[1]]),
        ("乙乡", [lines[0]]),
        (public_projects.EVERYWHERE, [lines[2]]),
    ]


def test_find_lists_selected_projects_with_every_word(world):
    with world.work():
        make_tracked(2)
        make_tracked(1, start=9, category="教育")
        factories.make_project("实事项目草稿")
    with world.work():
        lines, total = public_projects.find({"q": "实事 项目0"}, day=DAY)
        assert ([line.project.name for line in lines], total) == (
            ["实事项目01", "实事项目02", "实事项目09"],
            3,
        )
        assert public_projects.find({"category": "教育"}, day=DAY)[1] == 1
        assert public_projects.find({"q": "草稿"}, day=DAY) == ([], 0)
        assert public_projects.categories() == sorted({lines[0].project.category, "教育"})


def test_neighbours_of_a_lone_county_are_empty(world):
    with world.work(None):
        assert public_projects.neighbours(bodies.get_body(world.other)) == []
        township = bodies.get_body(world.township)
        assert [body.code for body in public_projects.neighbours(township)] == ["shili", "shilizhen"]
