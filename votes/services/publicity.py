"""What the public may read: selected projects, announcements and records. Nothing before it is announced.

A project is public once the congress has selected it and the result is announced; candidates that were not selected
are named on no page. (The published record of a round carries the whole ballot list: it is the proof of the count.)
"""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from votes.db import containing, db
from votes.models import (
    Attachment,
    Ballot,
    Body,
    CongressSession,
    Project,
    ProjectVillage,
    Report,
    Round,
    Tracking,
    Village,
)
from votes.rules.codes import readings
from votes.rules.errors import RuleBroken
from votes.rules.projects import ProjectState
from votes.rules.ratings import Overall, overall
from votes.rules.rounds import RoundState
from votes.services import bodies, further, progress, rounds, tally


def neighbours(body: Body) -> list[Body]:
    """The county and its townships, for going from one to the other; empty where there is only one."""
    county = bodies.get_body(body.parent_id) if body.parent_id else body
    assert county is not None
    found = [county, *bodies.children(county)]
    return found if len(found) > 1 else []


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
    return [round for round in announced(year) if round.announcement is not None]


def question(round: Round) -> list[Round]:
    """The announced rounds of the question that an announced round belongs to, 第一轮 first."""
    return [each for each in further.family(round) if each.state == RoundState.ANNOUNCED]


def get_round(public_id: str) -> Round | None:
    """An announced round by the id that stands in public addresses."""
    found: Round | None = db.session.scalar(_announced().where(Round.public_id == public_id))
    return found


def receipt_round(public_id: str) -> Round | None:
    """A round whose receipts may be asked for by its public id; also before it is announced, and a rehearsal."""
    return db.session.scalar(
        select(Round)
        .where(Round.public_id == public_id, Round.state.not_in([RoundState.DRAFT, RoundState.CANCELLED]))
        .options(joinedload(Round.session), joinedload(Round.announcement))
    )


def receipt_refusal(round: Round) -> str:
    """Why the round's receipts cannot be asked for; empty when they can."""
    if rounds.rule_of(round).disclosure == "none":
        return "本轮票决办法规定不公布回执码，因此不能在这里核对。"
    if round.state == RoundState.OPENED:
        return "投票正在进行。票箱关闭后，请再到本页核对。"
    return ""


def in_box(round: Round, typed: str) -> bool:
    """Whether a ballot with the typed code is in the round's box. Nothing of the ballot itself is read.

    Raises RuleBroken while the box is open, where the rule publishes no codes, and for what can be no code. Nothing is
    recorded: who asks for which code would join the two.
    """
    if refusal := receipt_refusal(round):
        raise RuleBroken(refusal)
    codes = readings(typed)
    if not codes:
        raise RuleBroken(
            "回执码是 10 位字母和数字，请对照您记下的回执码再输入一次；空格和大小写不影响。",
            field="code",
            status=422,
        )
    # all are always compared, so the time taken says nothing
    found = False
    for code in db.session.scalars(select(Ballot.code).where(Ballot.round_id == round.id)):
        for each in codes:
            found |= hmac.compare_digest(code, each)
    return found


# --- places and finding ----------------------------------------------------------------------------------


def villages(project_ids: Collection[int]) -> dict[int, list[Village]]:
    """In or for which villages (communities) these projects are carried out, in the order of the office's list."""
    rows = db.session.execute(
        select(ProjectVillage.project_id, Village)
        .join(Village, Village.id == ProjectVillage.village_id)
        .where(ProjectVillage.project_id.in_(list(project_ids)))
        .order_by(Village.position, Village.id)
    )
    found: dict[int, list[Village]] = {}
    for project_id, village in rows:
        found.setdefault(project_id, []).append(village)
    return found


#: The group of projects for which no village is named: they are for everybody.
EVERYWHERE = ""


def by_township(
    lines: Sequence[progress.Line], places: dict[int, list[Village]]
) -> list[tuple[str, list[progress.Line]]]:
    """The lines under the townships (streets) of their villages, in the order of the list; without one last.

    A project for villages of several townships stands under each.
    """
    order: dict[str, int] = {}
    for village in sorted((v for each in places.values() for v in each), key=lambda v: (v.position, v.id)):
        order.setdefault(village.township or village.name, len(order))
    groups: dict[str, list[progress.Line]] = {name: [] for name in order}
    for line in lines:
        names = {v.township or v.name for v in places.get(line.project.id, ())} or {EVERYWHERE}
        for name in names:
            groups.setdefault(name, []).append(line)
    return [(name, found) for name, found in groups.items() if found]


def find(
    *, q: str = "", year: int | None = None, category: str = "", number: int = 1, day: date, size: int = 50
) -> tuple[list[progress.Line], int]:
    """A page of the selected projects of all years whose texts have every word of ``q``, the latest year first; and
    how many there are."""
    query = (
        select(Project.id)
        .join(Tracking, Tracking.project_id == Project.id)
        .where(Project.state == ProjectState.SELECTED)
    )
    query = query.where(*containing(q, Project.name, Project.content, Project.target, Project.location))
    if year is not None:
        query = query.where(Project.year == year)
    if category:
        query = query.where(Project.category == category)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ids = db.session.scalars(
        query.order_by(Project.year.desc(), Project.number, Project.id)
        .offset((number - 1) * size)
        .limit(size)
    )
    return progress.of_projects(ids, day=day), total


def categories() -> list[str]:
    """The categories of the selected projects of all years."""
    query = select(Project.category).where(Project.state == ProjectState.SELECTED)
    return sorted(db.session.scalars(query.distinct()))


@dataclass(frozen=True)
class Result:
    """One announced round on the page of results: what it selected, or how it graded."""

    round: Round
    chosen: list[further.Chosen]
    votes: dict[int, int]  # by printed number, where the rule publishes them
    graded: list[dict[str, Any]]
    satisfaction: Overall | None


def results(year: int | None = None) -> list[Result]:
    """All announced votes and ratings (of one year's sessions), the latest first."""
    found = []
    for round in announced(year):
        rows = selected(round) if not _rates(round) else []
        found.append(
            Result(
                round,
                [] if _rates(round) else further.final_list([round]),
                {row["number"]: row["for"] for row in rows if "for" in row},
                graded(round),
                satisfaction(round),
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


def selected(round: Round) -> list[dict[str, Any]]:
    """The selected projects of an announced round: number, name, and the votes where the rule publishes them."""
    result = tally.result_of(round)
    assert result is not None
    names = {c.number: c.name for c in round.candidates}
    votes = {c.no: c.for_ for c in result.counts}
    open_votes = rounds.rule_of(round).publish == "names+votes"
    return [
        {"number": no, "name": names[no], **({"for": votes[no]} if open_votes else {})}
        for no in further.chosen(round)
    ]


def joined(rounds: list[Round]) -> list[further.Chosen]:
    """The whole list that the announced rounds of a question have decided together; [] where there was one round only."""
    return further.final_list(rounds) if len(rounds) > 1 else []


def about(rounds: list[Round]) -> set[int]:
    """Ids of the projects that an announcement is about: those chosen, or those rated."""
    rated = {c.project_id for r in rounds if _rates(r) for c in r.candidates}
    return {row.project_id for row in further.final_list(rounds)} | rated


def _rates(round: Round) -> bool:
    return rounds.rule_of(round).method == "rating"


@dataclass(frozen=True)
class Rating:
    """What an announced 满意度测评 says of one project; figures only where the rule publishes them."""

    round: Round
    grade: str
    figures: dict[str, int] | None


def ratings(project_ids: Collection[int]) -> dict[int, list[Rating]]:
    """The announced ratings of these projects, the latest first."""
    rated = [r for r in announced() if _rates(r)]
    found: dict[int, list[Rating]] = {}
    for round in rated:
        result = tally.result_of(round)
        assert result is not None
        shown = rounds.rule_of(round).publish == "names+votes"
        rows = {row.no: row for row in result.ratings}
        for candidate in round.candidates:
            row = rows[candidate.number]
            if candidate.project_id in project_ids and row.grade:
                figures = {
                    "satisfied": row.satisfied,
                    "basically": row.basically,
                    "dissatisfied": row.dissatisfied,
                    "void": row.void,
                }
                found.setdefault(candidate.project_id, []).append(
                    Rating(round, row.grade, figures if shown else None)
                )
    return found


def graded(round: Round) -> list[dict[str, Any]]:
    """Number, name and grade of each project of an announced rating; [] of a vote."""
    result, names = tally.result_of(round), {c.number: c.name for c in round.candidates}
    rows = result.ratings if result else ()
    return [{"number": r.no, "name": names[r.no], "grade": r.grade} for r in rows if r.grade]


def satisfaction(round: Round) -> Overall | None:
    """总体满意率 of an announced rating whose rule publishes figures."""
    result = tally.result_of(round)
    if result is None or not result.ratings or rounds.rule_of(round).publish != "names+votes":
        return None
    return overall(result.ratings, round.returned or 0)


def turnout(round: Round) -> dict[str, int] | None:
    """应到, 实到, 发出, 收回, 有效, 无效 where the rule publishes figures."""
    result = tally.result_of(round)
    if result is None or rounds.rule_of(round).publish != "names+votes":
        return None
    return {
        "roster": round.roster or 0,
        "present": round.present or 0,
        "issued": round.issued or 0,
        "returned": round.returned or 0,
        "valid": result.valid,
        "invalid": result.invalid,
    }


def picture(attachment_id: int) -> Attachment | None:
    """A picture of a selected project or of one of its reports; None for every other file."""
    return db.session.scalar(
        select(Attachment)
        .outerjoin(Report, Report.id == Attachment.report_id)
        .outerjoin(Tracking, Tracking.id == Report.tracking_id)
        .join(Project, Project.id == func.coalesce(Attachment.project_id, Tracking.project_id))
        .where(
            Attachment.id == attachment_id,
            Attachment.is_picture,
            Project.state == ProjectState.SELECTED,
        )
    )
