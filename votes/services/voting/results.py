"""Announced results: rounds, lists, ratings and figures, as far as the rule publishes them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from votes.db import db
from votes.models import Announcement, CongressSession, Round, Tracking
from votes.rules.meeting.rounds import RoundState
from votes.rules.supervision.ratings import Overall, overall
from votes.services.meeting import rounds
from votes.services.voting import further, tally


def _announced() -> Any:
    return (
        select(Round)
        .where(
            Round.state == RoundState.ANNOUNCED, Round.rehearsal.is_(False), Round.announced_at.isnot(None)
        )
        .options(
            joinedload(Round.session),
            joinedload(Round.announcement),
            joinedload(Round.decision),
            selectinload(Round.candidates),
        )
    )


def announced(year: int | None = None) -> list[Round]:
    """Announced rounds (of one year's sessions), the latest first; never a rehearsal."""
    query = _announced()
    if year is not None:
        query = query.join(CongressSession, CongressSession.id == Round.session_id).where(
            CongressSession.year == year
        )
    return list(db.session.scalars(query.order_by(Round.announced_at.desc(), Round.id.desc())))


def notices(year: int | None = None) -> list[Round]:
    """The announced rounds that have an announcement of their own; the others stand in a further round's."""
    return [round_ for round_ in announced(year) if round_.announcement is not None]


def question(round_: Round) -> list[Round]:
    """The announced rounds of the question that an announced round belongs to, 第一轮 first."""
    return [each for each in further.family(round_) if each.state == RoundState.ANNOUNCED]


def get_round(public_id: str) -> Round | None:
    """An announced round by the id that stands in public addresses."""
    found: Round | None = db.session.scalar(_announced().where(Round.public_id == public_id))
    return found


@dataclass(frozen=True)
class AnnouncedResult:
    """One announced round on the page of results: what it selected, or how it graded."""

    round: Round
    chosen: list[further.Chosen]
    votes: dict[int, int]  # by printed number, where the rule publishes them
    graded: list[dict[str, Any]]
    satisfaction: Overall | None


def results(year: int | None = None) -> list[AnnouncedResult]:
    """All announced votes and ratings (of one year's sessions), the latest first."""
    found = []
    for round_ in announced(year):
        rows = selected(round_) if not _rates(round_) else []
        found.append(
            AnnouncedResult(
                round_,
                [] if _rates(round_) else further.final_list([round_]),
                {row["number"]: row["for"] for row in rows if "for" in row},
                graded(round_),
                satisfaction(round_),
            )
        )
    return found


def result_years() -> list[int]:
    """The years of the sessions that have announced anything, newest first."""
    query = (
        select(CongressSession.year)
        .join(Round, Round.session_id == CongressSession.id)
        .where(Round.state == RoundState.ANNOUNCED, Round.rehearsal.is_(False))
    )
    return list(db.session.scalars(query.distinct().order_by(CongressSession.year.desc())))


def of_tracking(tracking: Tracking) -> Round | None:
    """The announced round in which a tracked project was selected."""
    if tracking.round_id is None:
        return None
    found: Round | None = db.session.scalar(_announced().where(Round.id == tracking.round_id))
    return found


def selected(round_: Round) -> list[dict[str, Any]]:
    """The selected projects of an announced round: number, name, and the votes where the rule publishes them."""
    result = tally.result_of(round_)
    assert result is not None
    names = {c.number: c.name for c in round_.candidates}
    votes = {c.no: c.for_ for c in result.counts}
    open_votes = rounds.rule_of(round_).publish == "names+votes"
    return [
        {"number": no, "name": names[no], **({"for": votes[no]} if open_votes else {})}
        for no in further.chosen(round_)
    ]


def joined(rounds: list[Round]) -> list[further.Chosen]:
    """The whole list that the announced rounds of a question have decided together; [] where there was one round only."""
    return further.final_list(rounds) if len(rounds) > 1 else []


def about(rounds: list[Round]) -> set[int]:
    """Ids of the projects that an announcement is about: those chosen, or those rated."""
    rated = {c.project_id for r in rounds if _rates(r) for c in r.candidates}
    return {row.project_id for row in further.final_list(rounds)} | rated


def _rates(round_: Round) -> bool:
    return rounds.rule_of(round_).method == "rating"


@dataclass(frozen=True)
class AnnouncedRating:
    """What an announced 满意度测评 says of one project; figures only where the rule publishes them."""

    round: Round
    grade: str
    figures: dict[str, int] | None


def ratings(project_ids: Collection[int]) -> dict[int, list[AnnouncedRating]]:
    """The announced ratings of these projects, the latest first."""
    rated = [r for r in announced() if _rates(r)]
    found: dict[int, list[AnnouncedRating]] = {}
    for round_ in rated:
        result = tally.result_of(round_)
        assert result is not None
        shown = rounds.rule_of(round_).publish == "names+votes"
        rows = {row.no: row for row in result.ratings}
        for candidate in round_.candidates:
            row = rows[candidate.number]
            if candidate.project_id in project_ids and row.grade:
                figures = {
                    "satisfied": row.satisfied,
                    "basically": row.basically,
                    "dissatisfied": row.dissatisfied,
                    "void": row.void,
                }
                found.setdefault(candidate.project_id, []).append(
                    AnnouncedRating(round_, row.grade, figures if shown else None)
                )
    return found


def graded(round_: Round) -> list[dict[str, Any]]:
    """Number, name and grade of each project of an announced rating; [] of a vote."""
    result, names = tally.result_of(round_), {c.number: c.name for c in round_.candidates}
    rows = result.ratings if result else ()
    return [{"number": r.no, "name": names[r.no], "grade": r.grade} for r in rows if r.grade]


def satisfaction(round_: Round) -> Overall | None:
    """总体满意率 of an announced rating whose rule publishes figures."""
    result = tally.result_of(round_)
    if result is None or not result.ratings or rounds.rule_of(round_).publish != "names+votes":
        return None
    return overall(result.ratings, round_.returned or 0)


def turnout(round_: Round) -> dict[str, int] | None:
    """应到, 实到, 发出, 收回, 有效, 无效 where the rule publishes figures."""
    result = tally.result_of(round_)
    if result is None or rounds.rule_of(round_).publish != "names+votes":
        return None
    return {
        "roster": round_.roster or 0,
        "present": round_.present or 0,
        "issued": round_.issued or 0,
        "returned": round_.returned or 0,
        "valid": result.valid,
        "invalid": result.invalid,
    }


def next_number(session: CongressSession) -> int:
    """The number that the session's next announcement would get."""
    highest = db.session.scalar(
        select(func.max(Announcement.number)).where(Announcement.session_id == session.id)
    )
    return (highest or 0) + 1


def with_it(round_: Round) -> list[Round]:
    """The earlier rounds of the question that are signed but not announced: they are announced together with it."""
    return [r for r in further.before(round_) if r.state == RoundState.CERTIFIED]
