"""Read how far the vote of a year has come in each of several bodies: attendance, quorum, announcement.

Each statement narrows to the bodies by itself: it runs in the scope of every body (see `regional_overview`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from votes.db import count_by, db
from votes.models import Attendance, Body, CongressSession, Deputy, Round
from votes.rules.meeting.quorum import quorum_met
from votes.rules.meeting.rounds import RoundState
from votes.rules.meeting.rule import Rule, quorum_of
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.services.people import bodies


@dataclass(frozen=True)
class Vote:
    """The session that decides on the year's projects: 应到, 实到, 法定人数, and how far its vote has come."""

    session: CongressSession
    roster: int
    present: int
    needed: int
    quorate: bool
    opened: bool  # a box has been opened
    announced: bool


def votes(ids: Sequence[int], year: int, all_bodies: Mapping[int, Body]) -> dict[int, Vote]:
    """Return the latest session of each body that decides on the year's projects, by body id."""
    query = select(CongressSession).where(CongressSession.body_id.in_(ids), CongressSession.year == year)
    sessions = {
        session.body_id: session
        for session in db.session.scalars(query.order_by(CongressSession.starts_on, CongressSession.id))
    }
    if not sessions:
        return {}
    session_ids = [session.id for session in sessions.values()]
    active = Deputy.state == DeputyState.ACTIVE
    rosters = count_by(Deputy.body_id, Deputy.body_id.in_(ids), active)
    signed_in = Attendance.session_id.in_(session_ids), Attendance.state == AttendanceState.PRESENT
    present = count_by(Attendance.session_id, *signed_in, Attendance.deputy_id == Deputy.id, active)
    rounds = _rounds(session_ids)
    return {
        id_: _vote(each, all_bodies[id_], rounds[each.id], rosters.get(id_, 0), present.get(each.id, 0))
        for id_, each in sessions.items()
    }


def _rounds(session_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Return the valid rounds that select projects, by session id, in the order in which they were set up."""
    query = (
        select(Round.session_id, Round.state, Round.rule, Round.roster, Round.present)
        .where(
            Round.session_id.in_(session_ids),
            Round.rehearsal.is_(False),
            Round.state.not_in([RoundState.CANCELLED, RoundState.VOID]),
            Round.rule["method"].as_string() != "rating",
        )
        .order_by(Round.id)
    )
    rounds: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in db.session.execute(query):
        rounds[row.session_id].append(row)
    return rounds


def _vote(
    session: CongressSession, body: Body, rounds: Sequence[Row[Any]], roster: int, present: int
) -> Vote:
    """Return the figures of the first box that was opened, as frozen then; before, the present ones."""
    opened = next((round_ for round_ in rounds if round_.roster is not None), None)
    rule = Rule.from_dict(rounds[-1].rule) if rounds else bodies.default_rule(body, 1)
    if opened:
        rule, roster, present = Rule.from_dict(opened.rule), opened.roster, opened.present or 0
    return Vote(
        session=session,
        roster=roster,
        present=present,
        needed=quorum_of(rule, roster),
        quorate=quorum_met(present, roster, rule.quorum, rule.quorum_more),
        opened=opened is not None,
        announced=any(round_.state == RoundState.ANNOUNCED for round_ in rounds),
    )
