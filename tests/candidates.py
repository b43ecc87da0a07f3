"""What the tests of candidate projects and of their way to the list share."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories import NOW
from votes.db import db
from votes.models import AuditEntry
from votes.rules.errors import RuleBroken
from votes.rules.projects.projects import Minutes, ProjectState
from votes.services.projects import projects, reviews

S = ProjectState
TODAY = date(2027, 1, 15)


def whole(world, **changes):
    """Return the texts of a project that has no gaps."""
    return {
        "year": 2027,
        "name": "示例路",
        "category": "交通出行",
        "content": "改造 12 公里。",
        "target": "12 月完工。",
        "location": "示例镇",
        "total_investment": Decimal("860.00"),
        "year_investment": Decimal("860.00"),
        "due_on": date(2027, 12, 20),
        "benefit_scope": "6 个村",
        "department_id": world.departments["county"],
        "funding": [{"source": "县财政", "amount": Decimal("860.00")}],
        "subprojects": [{"name": "一期", "target": "", "unit": "", "investment": Decimal("400.00")}],
        **changes,
    }


def bring_to(world, people, state, **changes):
    """Return a project in ``state``, by the way every project goes."""
    government, office = people["government"], people["office"]
    project = projects.create(whole(world, **changes), by=government, now=NOW)
    if state == S.DRAFT:
        return project
    if state == S.WITHDRAWN:
        reviews.withdraw(project, by=government, now=NOW)
        return project
    reviews.submit(project, by=government, now=NOW)
    if state == S.REVIEWING:
        return project
    for gate, by in (("government", government), ("party", government), ("standing", office)):
        reviews.pass_gate(project, Minutes(TODAY), gate=gate, by=by, now=NOW)
    if state == S.APPROVED:
        return project
    reviews.confirm_list(project.year, {project.id: 1}, Minutes(TODAY), by=office, now=NOW)
    if state == S.SELECTED:
        reviews.mark_selected([project.id], [], by=office, now=NOW)
    elif state == S.NOT_SELECTED:
        reviews.mark_selected([], [project.id], by=office, now=NOW)
    return project


def acts():
    return [
        entry.action
        for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        if entry.action.startswith("project.")
    ]


def refusal(act):
    with pytest.raises(RuleBroken) as caught:
        act()
    return caught.value
