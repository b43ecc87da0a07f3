"""What the tellers see of a vote on their phones: sums that change once a minute, and at the end the names.

The sums of a minute stand in the memory of the process: reloading the page does not tell who has just voted. Nothing
here has a time, and nothing says how or by which way anybody voted.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from votes.db import db
from votes.models import Attendance, Card, Deputy, Round
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.services.meeting import bindings
from votes.services.voting import ballots, paper_ballots
from votes.services.voting.register import ROLL_WITH_TURNOUT, roll, turnout


class Sums(NamedTuple):
    """The sums of one minute."""

    issued: int  # 发出: of the round
    returned: int  # by phone while the box is open
    papers: int | None  # handed out; None without paper
    cards: int  # valid cards of deputies in office
    opened: int  # of them, entered with a phone
    takeovers: int  # how often another phone has taken a card over
    by_self: int  # signed in by phone
    by_desk: int


#: Round → the minute, and its sums.
_minutes: dict[str, tuple[datetime, Sums]] = {}


def sums(round_: Round, now: datetime) -> Sums:
    """Return the sums; while the box is open those of this minute, which the first request in it has counted."""
    if round_.state != RoundState.OPENED:
        return count(round_)
    minute = now.replace(second=0, microsecond=0)
    kept = _minutes.get(round_.public_id)
    if kept is None or kept[0] != minute:
        kept = _minutes[round_.public_id] = (minute, count(round_))
    return kept[1]


def count(round_: Round) -> Sums:
    """Count anew, in a few statements."""
    issued, returned = ballots.counts(round_.id)
    active = select(Deputy.id).where(Deputy.state == DeputyState.ACTIVE)
    valid = Card.session_id == round_.session_id, Card.voided_at.is_(None), Card.deputy_id.in_(active)
    entered = func.count().filter(Card.opened)
    cards, opened = db.session.execute(select(func.count(), entered).select_from(Card).where(*valid)).one()
    present = Attendance.session_id == round_.session_id, Attendance.state == AttendanceState.PRESENT
    ways = select(Attendance.how, func.count()).where(*present, Attendance.deputy_id.in_(active))
    how: dict[str, int] = {row[0]: row[1] for row in db.session.execute(ways.group_by(Attendance.how))}
    by_self, by_desk = how.get("self", 0), how.get("desk", 0)
    takeovers, papers = bindings.takeovers(round_.session_id), paper_ballots.out(round_)
    return Sums(issued, returned, papers, cards, opened, takeovers, by_self, by_desk)


class Line(NamedTuple):
    """One deputy on the roll."""

    number: str
    name: str
    voted: bool  # by phone or by a paper that was handed out


def present(round_: Round) -> list[Line]:
    """Return those entitled to vote, by number, with whether they have voted: for the tellers, after the close."""
    columns = roll.c.number, roll.c.name, turnout.c.deputy_id.is_not(None)
    query = (
        select(*columns).select_from(ROLL_WITH_TURNOUT).where(roll.c.round_id == round_.id, roll.c.present)
    )
    return [Line(row[0], row[1], bool(row[2])) for row in db.session.execute(query.order_by(roll.c.number))]
