"""Rounds of a session: their rule, their list of candidates, and their preparation. `openings` opens them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from votes.db import EVERY_BODY, db, everything, locked, scoped
from votes.models import Candidate, CongressSession, Project, Round, Tracking
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import COLOURS, ROUND, RoundState, SessionState
from votes.rules.meeting.rule import Rule, check, quorum_of
from votes.rules.people.actor import Actor
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.meeting import sessions
from votes.services.people import bodies

#: Nobody in a hall waits longer for a box to close. One that stands open for days is for deputies who vote from elsewhere.
LONGEST_IN_A_HALL = timedelta(hours=12)


class RoundEntry(TypedDict):
    """What the office enters about a round; ``project_ids`` in the order of the printed numbers."""

    title: str
    rule: Rule
    project_ids: Sequence[int]
    closes_at: NotRequired[datetime | None]
    colour: NotRequired[str]


# --- reading -------------------------------------------------------------------------------------------


def get_round(round_id: int) -> Round | None:
    """Return the round with its candidates, its signatures and its session."""
    return db.session.scalar(
        select(Round)
        .where(Round.id == round_id)
        .options(
            selectinload(Round.candidates),
            selectinload(Round.session).selectinload(CongressSession.body),
            selectinload(Round.session).selectinload(CongressSession.tellers),
            selectinload(Round.signatures),
        )
    )


def present_rounds(session: CongressSession) -> list[Round]:
    """Return the session's rounds without those cancelled and without past rehearsals, newest first."""
    rows = db.session.scalars(
        select(Round)
        .where(Round.session_id == session.id, Round.state != RoundState.CANCELLED)
        .options(selectinload(Round.candidates))
        .order_by(Round.id.desc())
    )
    return [round_ for round_ in rows if not sessions.past_rehearsal(round_, session)]


def open_query(session: CongressSession) -> Select[Round]:
    """Return the query of the session's open rounds, in the order of their setting up."""
    is_open = Round.session_id == session.id, Round.state == RoundState.OPENED
    return select(Round).where(*is_open).order_by(Round.id)


def a_hall_votes(now: datetime) -> bool:
    """Return whether a formal box of any body takes ballots now, opened less than `LONGEST_IN_A_HALL` ago."""
    lately = Round.opened_at > now - LONGEST_IN_A_HALL
    takes_ballots = Round.closes_at.is_(None) | (Round.closes_at > now)
    query = select(Round.id).where(Round.state == RoundState.OPENED, ~Round.rehearsal, lately, takes_ballots)
    with scoped(EVERY_BODY):
        return db.session.scalar(query.limit(1)) is not None


def rule_of(round_: Round) -> Rule:
    """Return the rule (票决办法) of the round."""
    return Rule.from_dict(round_.rule)


def governing(session: CongressSession) -> Round | None:
    """Return the round whose rule governs signing in and the quorum now: the newest that was not cancelled.

    A rehearsal governs while it goes on before the session begins, or while there is no real round. A past rehearsal
    never governs.
    """
    rounds = [r for r in session.rounds if r.state != RoundState.CANCELLED]
    rounds = [r for r in rounds if not sessions.past_rehearsal(r, session)]
    first_choice = [r for r in rounds if not r.rehearsal]
    if session.state == SessionState.PLANNED:
        going_on = (RoundState.DRAFT, RoundState.OPENED)
        first_choice = [r for r in rounds if r.rehearsal and r.state in going_on] or first_choice
    return next(reversed(first_choice or rounds), None)


def quorum(session: CongressSession, roster: int) -> int:
    """Return 法定人数 in heads of ``roster``: by the rule that governs the session, else by the body's default."""
    round_ = governing(session)
    rule = rule_of(round_) if round_ is not None else bodies.default_rule(session.body, 1)
    return quorum_of(rule, roster)


def past_end(round_: Round, now: datetime) -> bool:
    """Tell whether the preset end of the round is over: the box then takes no ballot, even while it is open."""
    return round_.closes_at is not None and round_.closes_at <= now


# --- in preparation ------------------------------------------------------------------------------------


def listed_projects(year: int) -> list[Project]:
    """Return the confirmed candidate list of a year, in the order of its numbers."""
    listed = select(Project).where(Project.year == year, Project.state == ProjectState.LISTED)
    return everything(listed.order_by(Project.number, Project.id))


def rateable_projects(year: int) -> list[Project]:
    """Return the projects that a 满意度测评 beside the vote of ``year`` may rate: those selected in earlier years.

    The latest year comes first, each year in the order of its list.
    """
    tracked = select(Project).join(Tracking, Tracking.project_id == Project.id)
    selected = tracked.where(Project.year < year, Project.state == ProjectState.SELECTED)
    return everything(selected.order_by(Project.year.desc(), Project.number, Project.id))


def free_colour(session: CongressSession) -> str:
    """Return the first colour that no other question of the session has."""
    ended = (RoundState.CANCELLED, RoundState.VOID)
    taken = {r.colour for r in session.rounds if r.state not in ended and not r.rehearsal}
    return next((colour for colour in COLOURS if colour not in taken), COLOURS[0])


def create_round(
    session: CongressSession,
    *,
    by: Actor,
    now: datetime,
    rehearsal: bool = False,
    hash_name: str = "sha256",
    **entry: Unpack[RoundEntry],
) -> Round:
    """Prepare the first round of a question; its candidates are numbered from 1.

    A vote is about listed projects, a rating (满意度测评) about projects selected in earlier years. ``hash_name``
    (sha256 or sm3) makes all digests of the round. Raises RuleBroken for a rule that does not fit the list, and for
    a project that cannot stand.
    """
    session = sessions.lock_session(session, shared=True)  # nobody ends it meanwhile
    sessions.refuse_ended(session, "会议已闭会，不能再设立票决。")
    ids = entry["project_ids"]
    check(entry["rule"], len(ids))
    round_ = Round(session_id=session.id, rehearsal=rehearsal, ordinal=1, hash_name=hash_name, created_at=now)
    _enter(round_, entry)
    db.session.add(round_)
    db.session.flush()
    _set_candidates(round_, ids, session.year)
    facts = {"rule": round_.rule, "candidates": len(ids), "rehearsal": rehearsal}
    audit.record("round.create", by=by, at=now, about=round_, after=facts)
    return round_


def edit_round(round_: Round, *, by: Actor, now: datetime, **entry: Unpack[RoundEntry]) -> None:
    """Change a round in preparation; the opening freezes its rule.

    The candidates, their printed numbers and the seats of a further round follow from the round before it: they
    cannot be changed.
    """
    round_ = lock(round_)
    if round_.state != RoundState.DRAFT:
        raise RuleBroken("本轮票决已经开启或结束，票决办法和候选名单不能再改。")
    rule, ids = entry["rule"], entry["project_ids"]
    check(rule, len(ids))
    further = round_.parent_id is not None
    before = _facts(round_)
    if further and (set(ids) != set(before["candidates"]) or rule.seats != rule_of(round_).seats):
        raise RuleBroken("候选项目和应选名额由上一轮的结果确定，不能改。没有作任何改动。", code="fixed_list")
    _enter(round_, entry)
    # The tellers saw an empty box for another rule or list: they must look again.
    round_.zero_checked_at = round_.zero_checked_by = None
    if not further:
        for candidate in list(round_.candidates):
            db.session.delete(candidate)
        db.session.flush()
        _set_candidates(round_, ids, round_.session.year)
    db.session.flush()
    db.session.expire(round_, ["candidates"])
    before, after = audit.changes(before, _facts(round_))
    if after:
        audit.record("round.edit", by=by, at=now, about=round_, before=before, after=after)


def _facts(round_: Round) -> dict[str, Any]:
    """Return what the audit log compares."""
    candidates = [candidate.project_id for candidate in round_.candidates]
    return audit.facts(round_, "title", "rule") | {"candidates": candidates, "colour": round_.colour}


def _enter(round_: Round, entry: RoundEntry) -> None:
    colour = entry.get("colour") or round_.colour or COLOURS[0]
    if colour not in COLOURS:
        raise RuleBroken("没有这种票面颜色，请重选。", field="colour", status=422)
    round_.title, round_.rule = entry["title"].strip(), entry["rule"].to_dict()
    round_.closes_at, round_.colour = entry.get("closes_at"), colour


def _set_candidates(round_: Round, project_ids: Sequence[int], year: int) -> None:
    if rule_of(round_).method == "rating":
        eligible = rateable_projects(year)
        words = "测评项目须是往年票决选定、正在实施或已经办结的项目，请刷新后重选。"
    else:
        listed = Project.id.in_(list(project_ids)), Project.state == ProjectState.LISTED
        eligible = everything(select(Project).where(*listed))
        words = "候选名单中有项目尚未列入票决，或已不在名单上，请刷新后重选。"
    projects = {project.id: project for project in eligible}
    for number, project_id in enumerate(project_ids, start=1):
        project = projects.get(project_id)
        if project is None:
            raise RuleBroken(words, field="projects", status=422)
        db.session.add(
            Candidate(
                body_id=round_.body_id,
                round_id=round_.id,
                project_id=project.id,
                number=number,
                name=project.name,
                summary=project.content,
                amount=f"{project.total_investment:.2f}万元" if project.total_investment is not None else "",
            )
        )
    db.session.flush()


def cancel_round(round_: Round, *, by: Actor, now: datetime) -> None:
    """Cancel a round that has not opened; its page stays readable."""
    round_ = lock(round_)
    before, after = {"state": round_.state}, {"state": step(ROUND, round_.state, "cancel")}
    round_.state = after["state"]
    audit.record("round.cancel", by=by, at=now, about=round_, before=before, after=after)


def lock(round_: Round) -> Round:
    """Lock the round's row for this transaction and read it afresh."""
    row = locked(select(Round).where(Round.id == round_.id))
    assert row is not None
    return row
