"""举手表决事项: decisions by show of hands, entered as the numbers that people counted in the hall."""

from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import select

from votes.db import by_id, db, everything, flush_or
from votes.exports.formats.layout import Paper
from votes.exports.meeting.motions import MotionRow, motions_paper
from votes.models import CongressSession, Motion, Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting import motions as rules
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.actor import Actor
from votes.services import audit
from votes.services.meeting import rounds, sessions
from votes.services.people import bodies


class MotionEntry(TypedDict):
    """What the office enters about a motion; the numbers are heads."""

    title: str
    decided_on: date
    roster: int
    present: int
    votes_for: int
    votes_against: int
    abstentions: int


# --- reading -------------------------------------------------------------------------------------------


get = by_id(select(Motion))


def of_session(session: CongressSession) -> list[Motion]:
    """Return the motions of the session in the order of entry."""
    return everything(select(Motion).where(Motion.session_id == session.id).order_by(Motion.id))


def hands(motion: Motion) -> rules.ShowOfHands:
    """Return the heads that were counted."""
    return rules.ShowOfHands(*(getattr(motion, name) for name in rules.ShowOfHands._fields))


def usual_titles(session: CongressSession) -> list[str]:
    """Return the usual titles that the session has no motion of yet."""
    taken = {motion.title for motion in of_session(session)}
    titles = [title.format(year=session.year) for title in rules.USUAL]
    return [title for title in titles if title not in taken]


def warnings(round_: Round) -> list[str]:
    """Warn, before the opening, of a 票决办法 that has not passed; the round may open all the same."""
    if round_.state != RoundState.DRAFT or round_.rehearsal:
        return []
    votes = [motion for motion in of_session(round_.session) if rules.about_rule(motion.title)]
    if any(motion.passed for motion in votes):
        return []
    if votes:
        return [f"“{votes[-1].title}”登记的表决结果是未通过。"]
    return ["还没有登记票决办法（草案）的表决结果。已经表决通过的，请在会议页面的“举手表决”中登记。"]


def paper(session: CongressSession) -> Paper:
    """Return 举手表决结果 of the session, to be printed and filed."""
    rows = [MotionRow(each.title, each.decided_on, hands(each), each.passed) for each in of_session(session)]
    return motions_paper(
        body=session.body.name,
        session=session.title,
        members=bodies.organ_of(session.body).members,
        rows=rows,
        printed_on=max((row.decided_on for row in rows), default=session.starts_on),
    )


def quorum_warning(session: CongressSession, motion: Motion) -> str:
    """Return a warning where fewer were present than a meeting needs, else an empty string."""
    needed = rounds.quorum(session, motion.roster)
    if motion.present >= needed:
        return ""
    return f"实到 {motion.present} 人，不足法定人数 {needed} 人，请核对人数；人数无误的，该项表决不能成立。"


# --- acts ----------------------------------------------------------------------------------------------


def record(session: CongressSession, *, by: Actor, now: datetime, **entry: Unpack[MotionEntry]) -> Motion:
    """Enter the result of a show of hands, and work out whether it passed (地方组织法 arts. 25, 51).

    Raises RuleBroken with the field for impossible figures, a day outside the session and a title that is taken,
    and while the session is not running.
    """
    values = _checked(session, entry)
    motion = Motion(session_id=session.id, **values, recorded_by=by.name, recorded_at=now)
    db.session.add(motion)
    _flush(motion)
    audit.record("motion.record", by=by, at=now, about=motion, after=values)
    return motion


def correct(motion: Motion, *, by: Actor, now: datetime, **entry: Unpack[MotionEntry]) -> None:
    """Correct an entry while the session is running; the audit log keeps both. Refuses as `record` does."""
    values = _checked(sessions.of(motion), entry)
    before, after = audit.changes(audit.facts(motion, *values), values)
    if not after:
        return
    audit.put(motion, values)
    motion.recorded_by, motion.recorded_at = by.name, now
    _flush(motion)
    audit.record("motion.correct", by=by, at=now, about=motion, before=before, after=after)


def _checked(session: CongressSession, entry: MotionEntry) -> dict[str, Any]:
    if session.state != SessionState.RUNNING:
        raise RuleBroken("会议进行中才能登记或更正举手表决的结果。")
    title, decided_on = entry["title"].strip(), entry["decided_on"]
    if not title:
        raise RuleBroken("请填写表决事项。", field="title", status=422)
    if not session.starts_on <= decided_on <= session.ends_on:
        raise RuleBroken("表决日期应在会议期间。", field="decided_on", status=422)
    numbers: dict[str, Any] = {**entry}
    counted = rules.ShowOfHands(*(numbers[name] for name in rules.ShowOfHands._fields))
    rules.check(counted)
    passed = rules.passes(counted.votes_for, counted.roster)
    return {"title": title, **counted._asdict(), "passed": passed, "decided_on": decided_on}


def _flush(motion: Motion) -> None:
    taken = RuleBroken(f"“{motion.title}”已经登记过，请在原处更正。", field="title", status=422)
    flush_or(taken, constraint="uq_motions_title")
