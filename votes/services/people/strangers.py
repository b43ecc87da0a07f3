"""Refusals of people who are not signed in: counted by day and page, and not written down one by one.

A stranger could otherwise fill the audit log, and would take the write lock of the votes with each attempt.
"""

from datetime import datetime

from votes.clock import local
from votes.db import db


def _prefix(day: datetime) -> str:
    return f"stranger:{local(day):%Y%m%d}:"


def count_refusal(endpoint: str, *, now: datetime) -> None:
    """Count one refusal on the page ``endpoint``."""
    db.session.counters.add(f"{_prefix(now)}{endpoint}"[:100], now)


def refusals_today(now: datetime) -> dict[str, int]:
    """Return endpoint → how many refusals there were today."""
    return db.session.counters.starting_with(_prefix(now))
