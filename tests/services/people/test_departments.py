"""Units: entered, changed, put out of use, and what the log has of it."""

import pytest
from sqlalchemy import select

from tests.factories import NOW
from votes.db import db
from votes.models import AuditEntry
from votes.rules.errors import RuleBroken
from votes.services.people import departments
from votes.services.people.departments import save


@pytest.fixture
def office(scope, world):
    return world.actor("office")


def last_entry():
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    return entry.action, entry.before, entry.after


def test_save_records_what_changed(office):
    given = {"head": "示例", "contact": "", "active": True, "by": office, "now": NOW}
    unit = save(None, name=" 水利局 ", **given)
    assert last_entry() == (
        "department.create", None, {"name": "水利局", "head": "示例", "contact": "", "active": True},
    )  # fmt: skip
    assert save(unit, name="水务局", **given) is unit
    assert last_entry() == ("department.edit", {"name": "水利局"}, {"name": "水务局"})


def test_save_refuses_a_taken_name(office):
    with pytest.raises(RuleBroken, match="已有名为“交通运输局”的责任单位"):
        save(None, name="交通运输局", head="", contact="", active=True, by=office, now=NOW)
    db.session.rollback()


def test_set_active_takes_a_unit_out_of_the_choices(office):
    unit = departments.all_departments()[0]
    departments.set_active(unit, False, by=office, now=NOW)
    assert last_entry() == ("department.edit", {"active": True}, {"active": False})
    assert unit not in departments.all_departments(active_only=True)
    assert unit.id not in dict(departments.names_by_body()[unit.body_id])


def test_get_of_another_bodys_unit_returns_none(office, world):
    assert departments.get(world.departments["county"]).id == world.departments["county"]
    assert departments.get(world.departments["other"]) is None
