"""主席团公告: publishes a certified result, and hands the selected projects over to be carried out."""

from datetime import date, datetime

from sqlalchemy import func, select

from votes.db import db, flush_or
from votes.models import Announcement, CongressSession, Round
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.permissions import Actor
from votes.rules.rounds import ROUND, RoundState
from votes.rules.tally import next_step
from votes.services import audit, chain, progress, projects, sessions, tally


def next_number(session: CongressSession) -> int:
    """The number that the session's next announcement would get."""
    highest = db.session.scalar(
        select(func.max(Announcement.number)).where(Announcement.session_id == session.id)
    )
    return (highest or 0) + 1


def announce(round: Round, *, number: int, announced_on: date, by: Actor, now: datetime) -> Announcement:
    """Publish the result: record and announcement become public, selected projects become tracked ones.

    Projects that are still undecided (a further round follows) stay on the list. A rehearsal is announced in the
    hall only and moves nothing. Raises RuleBroken for a result without signatures or a number that is taken.
    """
    round = sessions.lock(round)
    result = tally.result_of(round)
    if round.state != RoundState.CERTIFIED or result is None:
        raise RuleBroken("总监票人和监票人签字确认后才能公告；已公告的不能重复公告。")
    if round.closed_at and announced_on < round.session.starts_on:
        raise RuleBroken("公告日期不能早于会议开始日期。", field="announced_on", status=422)
    row = Announcement(
        session_id=round.session_id,
        round_id=round.id,
        number=number,
        announced_on=announced_on,
        published_by=by.name,
    )
    db.session.add(row)
    flush_or(
        RuleBroken(f"第 {number} 号公告已经存在，请换一个文号。", field="number", status=422),
        constraint="uq_announcements_number",
    )
    round.state = step(ROUND, round.state, "announce")
    round.announced_at = now
    if not round.rehearsal:
        by_number = {c.number: c.project_id for c in round.candidates}
        follow = set(next_step(sessions.rule_of(round), result).candidates)
        selected = [by_number[no] for no in result.selected]
        rest = [id for no, id in by_number.items() if no not in result.selected and no not in follow]
        projects.mark_selected(selected, rest, by=by, now=now)
        for project_id in selected:
            project = projects.get(project_id)
            assert project is not None
            progress.start(project, round_id=round.id, by=by, now=now)
    chain.append(round, "announce", by=by, at=now, number=number, on=announced_on.isoformat())
    audit.record("round.announce", by=by, at=now, about=round, after={"number": number, "on": announced_on})
    return row
