"""What a line of the audit log keeps."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from votes.db import EVERY_BODY, db
from votes.models import Department
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.services import audit

NOW = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({Role.OFFICE: (1, date(2027, 1, 5))}, {"office": [1, "2027-01-05"]}),
        (Decimal("1.50"), "1.50"),
        (Role.LEADER, "leader"),
        (None, None),
    ],
)
def test_plain_values_are_json(value, plain):
    assert audit.plain(value) == plain


def test_changes_have_only_the_fields_that_differ():
    before, after = {"name": "甲", "on": date(2027, 1, 5)}, {"name": "乙", "on": date(2027, 1, 5), "new": 1}
    assert audit.changes(before, after) == ({"name": "甲", "new": None}, {"name": "乙", "new": 1})


@pytest.mark.parametrize(
    ("scope", "own", "given", "body"),
    [(1, 2, None, 1), (EVERY_BODY, 2, None, 2), (EVERY_BODY, None, None, None), (1, 2, 3, 3)],
)
def test_body_of_a_line_is_the_given_one_else_the_scope_else_the_actors(work, scope, own, given, body):
    work.scope = scope
    with work.no_autoflush:
        line = audit.record("user.edit", by=Actor(name="示例", body_id=own), at=NOW, body_id=given)
    assert line.body_id == body
    db.session.expunge(line)


def test_line_names_the_row_and_the_roles(work):
    unit = Department(id=5, name="水利局", body_id=1)
    with work.no_autoflush:
        line = audit.record(
            "department.edit", by=Actor(roles=frozenset({Role.OFFICE, Role.LEADER})), at=NOW, about=unit
        )
    assert (line.about_kind, line.about_id, line.about, line.role) == (
        "departments",
        5,
        "水利局",
        "leader,office",
    )
    assert (line.who, line.body_id) == ("公众", 1)
    db.session.expunge(line)


def test_assign_sets_values_and_records_both_sides(work):
    unit = Department(id=5, name="水利局", head="甲", active=True, body_id=1)
    with work.no_autoflush:
        audit.assign(unit, "department.edit", by=Actor(name="示例"), at=NOW, message="撤并", active=False)
        line = next(row for row in work.new if row.action == "department.edit")
    assert (unit.active, unit.head) == (False, "甲")
    assert (line.before, line.after, line.message) == ({"active": True}, {"active": False}, "撤并")
    db.session.expunge(line)


def test_assign_of_the_same_values_records_nothing(work):
    unit = Department(id=5, name="水利局", active=True, body_id=1)
    with work.no_autoflush:
        audit.assign(unit, "department.edit", by=Actor(name="示例"), at=NOW, active=True)
        assert [row for row in work.new if row.action == "department.edit"] == []
