"""What waits for whom: read for each role, in the order of the front page."""

from datetime import date

from tests import factories
from tests.years import BY, at, make_tracked, report
from votes.db import db, scoped
from votes.models import Adjustment
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.projects.projects import ProjectState
from votes.rules.publication.tasks import Task
from votes.services.meeting import sessions
from votes.services.people import bodies
from votes.services.publication import tasks

DAY = date(2027, 7, 8)


def kinds(world, role, body="county", day=DAY):
    """Return the kinds of the tasks of a role and their counts."""
    with world.work(body):
        place = bodies.get_body(world.bodies[body])
        return [(task.kind, task.count) for task in tasks.tasks(place, by=world.actor(role, body), day=day)]


def test_due_for_one_unit_has_its_own_tasks_only(world, owed):
    with world.work():
        (found,) = tasks.due(DAY)
        assert (found.kind, found.about_id, found.due_on) == ("report", owed, date(2027, 6, 5))
        assert tasks.due(DAY, world.departments["county"]) == [found]
        assert tasks.due(DAY, world.departments["county"] + 1) == []
        (row,) = tasks.due_list(DAY)
        assert (row.task, row.unit) == (found, "交通运输局")
        assert tasks.SEARCH.rows([row], {"kind": "transfer"}) == []
        assert tasks.SEARCH.rows([row], {"overdue": "1"}) == [row]


def test_unit_names_are_those_of_the_units_that_owe(world, owed):
    with world.work():
        assert tasks.unit_names(tasks.due(DAY)) == {world.departments["county"]: "交通运输局"}
        assert tasks.unit_names([]) == {}


def test_tasks_of_each_role_are_those_it_may_do(world, owed):
    with world.work():
        unit = world.departments["county"]
        factories.make_project("草稿一", year=2027, department_id=unit)
        factories.make_project("草稿二", year=2027, department_id=unit + 1)
        factories.make_project("通过", year=2028, state=ProjectState.APPROVED)
        factories.make_project("列入", year=2028, state=ProjectState.LISTED, number=1)
    assert kinds(world, "office") == [("to_list", 1), ("no_session", 1), ("report", 1)]
    assert kinds(world, "government") == [("drafts", 2), ("report", 1)]
    assert kinds(world, "department") == [("drafts", 1), ("report", 1)]
    assert kinds(world, "department2") == [("drafts", 1)]
    assert kinds(world, "leader") == [("report", 1)]
    assert kinds(world, "deputy") == []
    assert kinds(world, "office", "other") == []


def test_tasks_with_open_session_ask_for_no_session(world):
    with world.work():
        factories.make_project("列入", year=2028, state=ProjectState.LISTED, number=1)
        sessions.create_session(
            title="第六次会议", year=2028, starts_on=date(2028, 1, 15), ends_on=date(2028, 1, 17), place="会堂",
            by=BY, now=at(2027, 7, 1),
        )  # fmt: skip
    assert kinds(world, "office") == []


def test_tasks_without_deputies_begin_with_the_roster(world):
    with world.work(None):
        body = factories.make_body("xinxian", "新县")
        office = Actor(name="办", body_id=body.id, home_body_id=body.id, roles=frozenset({Role.OFFICE}))
        with scoped(body.id):
            assert tasks.tasks(body, by=office, day=DAY) == [Task("no_roster")]


def test_tasks_of_adjustments_wait_for_the_office_only(world):
    with world.work():
        tracking = make_tracked(1)[0]
        for month in range(1, 7):
            report(tracking.id, month, month * 8)
        db.session.add(
            Adjustment(
                tracking_id=tracking.id, kind="minor", cause="policy", reason="理由", before={}, after={},
                state="applied", applied_on=DAY, applied_by="示例",
            )
        )  # fmt: skip
    assert ("adjustment_undecided", 1) in kinds(world, "office")
    assert "adjustment_undecided" not in dict(kinds(world, "government"))
