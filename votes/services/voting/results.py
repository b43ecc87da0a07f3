"""Announced results: rounds, lists, ratings and figures, as far as each round's rule publishes them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from votes.db import db
from votes.models import Announcement, CongressSession, Round, Tracking
from votes.rules.meeting.rounds import RoundState
from votes.rules.supervision.ratings import Overall, overall
from votes.rules.voting.ballots import RATINGS
from votes.services import audit
from votes.services.meeting import rounds
from votes.services.voting import further, tally


def _announced() -> Select[Any]:
    real = Round.state == RoundState.ANNOUNCED, Round.rehearsal.is_(False), Round.announced_at.isnot(None)
    one_each = [joinedload(each) for each in (Round.session, Round.announcement, Round.decision)]
    return select(Round).where(*real).options(*one_each, selectinload(Round.candidates))


def announced(year: int | None = None) -> list[Round]:
    """Return the announced rounds (of one year's sessions), the latest first; never a rehearsal."""
    query = _announced()
    if year is not None:
        query = query.join(Round.session).where(CongressSession.year == year)
    return list(db.session.scalars(query.order_by(Round.announced_at.desc(), Round.id.desc())))


def notices(year: int | None = None) -> list[Round]:
    """Return the announced rounds with an announcement of their own; the others are part of a further round's."""
    return [round_ for round_ in announced(year) if round_.announcement is not None]


def question(round_: Round) -> list[Round]:
    """Return the announced rounds of the question that an announced round belongs to, 第一轮 first."""
    return [each for each in further.family(round_) if each.state == RoundState.ANNOUNCED]


def get_round(public_id: str) -> Round | None:
    """Return an announced round by the id in public URLs."""
    return db.session.scalar(_announced().where(Round.public_id == public_id))


@dataclass(frozen=True)
class AnnouncedResult:
    """Hold one announced round on the page of results: what it selected, or how it graded."""

    round: Round
    chosen: list[further.Chosen]
    votes: dict[int, int]  # by printed number, where the rule publishes them
    graded: list[dict[str, Any]]
    satisfaction: Overall | None


def results(year: int | None = None) -> list[AnnouncedResult]:
    """Return all announced votes and ratings (of one year's sessions), the latest first."""
    return [_result(round_) for round_ in announced(year)]


def _result(round_: Round) -> AnnouncedResult:
    votes = {row["number"]: row["for"] for row in selected(round_) if "for" in row}
    chosen = further.final_list([round_])
    return AnnouncedResult(round_, chosen, votes, graded(round_), satisfaction(round_))


def result_years() -> list[int]:
    """Return the years of the sessions that have announced anything, newest first."""
    query = select(CongressSession.year).join(Round, Round.session_id == CongressSession.id).distinct()
    real = Round.state == RoundState.ANNOUNCED, Round.rehearsal.is_(False)
    return list(db.session.scalars(query.where(*real).order_by(CongressSession.year.desc())))


def of_tracking(tracking: Tracking) -> Round | None:
    """Return the announced round in which a tracked project was selected."""
    if tracking.round_id is None:
        return None
    return db.session.scalar(_announced().where(Round.id == tracking.round_id))


def selected(round_: Round) -> list[dict[str, Any]]:
    """Return the selected projects of an announced round: number, name, and the votes where the rule publishes them."""
    result = tally.result_of(round_)
    assert result is not None
    names = {c.number: c.name for c in round_.candidates}
    votes = {c.no: c.for_ for c in result.counts}
    open_votes = _shows_votes(round_)
    return [
        {"number": no, "name": names[no], **({"for": votes[no]} if open_votes else {})}
        for no in further.chosen(round_)
    ]


def joined(rounds: list[Round]) -> list[further.Chosen]:
    """Return the whole list that the announced rounds of a question decided together; [] for one round alone."""
    return further.final_list(rounds) if len(rounds) > 1 else []


def about(rounds: list[Round]) -> set[int]:
    """Return the ids of the projects that an announcement is about: those chosen, or those rated."""
    rated = {c.project_id for r in rounds if r.rule["method"] == "rating" for c in r.candidates}
    return {row.project_id for row in further.final_list(rounds)} | rated


def _shows_votes(round_: Round) -> bool:
    return rounds.rule_of(round_).publish == "names+votes"


@dataclass(frozen=True)
class AnnouncedRating:
    """Hold what an announced 满意度测评 says of one project; figures only where the rule publishes them."""

    round: Round
    grade: str
    figures: dict[str, int] | None


def ratings(project_ids: Collection[int]) -> dict[int, list[AnnouncedRating]]:
    """Return the announced ratings of these projects, the latest first."""
    by_project: dict[int, list[AnnouncedRating]] = {}
    for round_ in announced():
        result = tally.result_of(round_)
        assert result is not None
        shown = _shows_votes(round_)
        rows = {row.no: row for row in result.ratings}
        for candidate in round_.candidates if rows else ():
            row = rows[candidate.number]
            if candidate.project_id in project_ids and row.grade:
                figures = audit.facts(row, *RATINGS, "void") if shown else None
                rating = AnnouncedRating(round_, row.grade, figures)
                by_project.setdefault(candidate.project_id, []).append(rating)
    return by_project


def graded(round_: Round) -> list[dict[str, Any]]:
    """Return number, name and grade of each project of an announced rating; [] of a vote."""
    result, names = tally.result_of(round_), {c.number: c.name for c in round_.candidates}
    rows = result.ratings if result else ()
    return [{"number": r.no, "name": names[r.no], "grade": r.grade} for r in rows if r.grade]


def satisfaction(round_: Round) -> Overall | None:
    """Return 总体满意率 of an announced rating whose rule publishes figures."""
    result = tally.result_of(round_)
    if result is None or not result.ratings or not _shows_votes(round_):
        return None
    return overall(result.ratings, round_.returned or 0)


def turnout(round_: Round) -> dict[str, int] | None:
    """Return 应到, 实到, 发出, 收回, 有效, 无效 where the rule publishes figures."""
    result = tally.result_of(round_)
    if result is None or not _shows_votes(round_):
        return None
    figures = audit.facts(tally.turnout_of(round_), "roster", "present", "issued", "returned")
    return figures | audit.facts(result, "valid", "invalid")


def next_number(session: CongressSession) -> int:
    """Return the number that the session's next announcement would get."""
    highest = db.session.scalar(
        select(func.max(Announcement.number)).where(Announcement.session_id == session.id)
    )
    return (highest or 0) + 1


def with_it(round_: Round) -> list[Round]:
    """Return the earlier rounds of the question that are signed but not announced: they are announced with this one."""
    return [r for r in further.before(round_) if r.state == RoundState.CERTIFIED]
