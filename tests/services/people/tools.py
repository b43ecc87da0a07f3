"""Deputies as tests of the roster enter and list them."""

from datetime import date
from typing import Any

from sqlalchemy import select

from tests.factories import NOW
from votes.db import db
from votes.models import AuditEntry, Deputy
from votes.services import audit
from votes.services.people import roster

BY = audit.SYSTEM
TODAY = date(2027, 1, 15)


def numbers(**chosen: Any) -> list[str]:
    """List the numbers of the deputies of a search."""
    return [deputy.number for deputy in roster.everyone(chosen)]


def save(who: Deputy | None = None, **values: str) -> Deputy:
    """Enter 曾示例, number 101 of 第一代表团, or change a deputy."""
    texts = {"number": "101", "name": "曾示例", "delegation": "第一代表团", **values}
    return roster.save(who, texts, by=BY, now=NOW, today=TODAY)


def actions() -> list[tuple[str, str | None]]:
    """List what the audit log has: action and row."""
    return [(e.action, e.about) for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
