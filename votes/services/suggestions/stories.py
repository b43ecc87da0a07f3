"""Stories: the history of a matter, the suggestions that a project comes from, the funnel of a year."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import selectinload

from votes.clock import local
from votes.db import db
from votes.models import Candidate, Matter, MatterDecision, Project, Round, Suggestion, Transfer, Village
from votes.rules.dates import chinese_date
from votes.rules.delivery.trackings import TrackingState
from votes.rules.meeting.rounds import RoundState
from votes.rules.projects.projects import ProjectState
from votes.rules.suggestions.matters import Outcome, TransferState
from votes.rules.suggestions.suggestions import Channel, SuggestionState

# --- the history of a matter ---------------------------------------------------------------------------


class StoryEvent(NamedTuple):
    """One event in the history of a matter."""

    on: date
    title: str
    words: str = ""
    internal: bool = False  # for staff only


OUTCOME_WORDS = {
    Outcome.CANDIDATE: "纳入候选项目",
    Outcome.RESERVE: "转入储备库",
    Outcome.DEPUTY_PROPOSAL: "转为代表建议办理",
    Outcome.DECLINED: "不予采纳",
    Outcome.OUT_OF_SCOPE: "不属于民生实事项目征集范围",
}


def story(matter: Matter, *, staff: bool = False) -> list[StoryEvent]:
    """Return the history of a matter, the oldest event first; without ``staff``, as its authors may read it."""
    others = len(matter.suggestions) - 1
    merged = f"与另外 {others} 条内容相近的建议合并办理。" if others > 0 else ""
    events = [StoryEvent(local(matter.created_at).date(), "列为建议事项", merged)]
    for transfer in matter.transfers:
        events += _of_transfer(transfer)
    events += [_of_decision(decision, matter) for decision in matter.decisions]
    if matter.answer and matter.answered_on:
        events.append(StoryEvent(matter.answered_on, "答复", matter.answer))
    if matter.project is not None:
        events += _of_project(matter.project)
    return sorted((each for each in events if staff or not each.internal), key=lambda event: event.on)


def _of_decision(decision: MatterDecision, matter: Matter) -> StoryEvent:
    """Return the event of a decision.

    An earlier answer stands with its decision, because its day is not stored. While a matter is reopened, its decisions are for
    staff only, except that it was in the 储备库.
    """
    stands = matter.outcome is not None and decision is matter.decisions[-1]
    answer = f"当时的答复：{decision.answer}" if decision.answer and not stands else ""
    words = "\n".join(filter(None, (decision.reason, answer)))
    internal = matter.outcome is None and decision.outcome != Outcome.RESERVE
    return StoryEvent(decision.decided_on, f"处理结果：{OUTCOME_WORDS[decision.outcome]}", words, internal)


def _of_transfer(transfer: Transfer) -> list[StoryEvent]:
    name, ended_on = transfer.department.name, transfer.returned_on
    due = f"请在{chinese_date(transfer.due_on)}前提出意见。"
    events = [StoryEvent(transfer.sent_on, f"交{name}研究办理", due, internal=ended_on is not None)]
    if ended_on and transfer.state == TransferState.RETURNED:
        events.append(StoryEvent(ended_on, f"{name}退回", transfer.return_reason, internal=True))
    elif ended_on:
        events.append(StoryEvent(ended_on, f"撤回对{name}的交办", internal=True))
    if transfer.answered_on:
        proposal = f"建议{OUTCOME_WORDS[transfer.proposal]}。" if transfer.proposal else ""
        events.append(StoryEvent(transfer.answered_on, f"{name}已提出办理意见"))
        events.append(
            StoryEvent(transfer.answered_on, f"{name}的意见", f"{proposal}{transfer.opinion}", internal=True)
        )
    return events


_ENDS = {
    TrackingState.DONE: "项目完成",
    TrackingState.BASICALLY: "项目认定为基本完成",
    TrackingState.UNFINISHED: "项目认定为未完成",
    TrackingState.SUSPENDED: "项目暂缓实施",
    TrackingState.TERMINATED: "项目终止实施",
}


def _of_project(project: Project) -> list[StoryEvent]:
    """Return the events of the candidate project; none before the result of its round is announced."""
    if project.state not in (ProjectState.SELECTED, ProjectState.NOT_SELECTED):
        return []
    query = select(func.min(Round.announced_at)).join(Candidate, Candidate.round_id == Round.id)
    public = (Round.state == RoundState.ANNOUNCED, Round.rehearsal.is_(False))
    announced = db.session.scalar(query.where(Candidate.project_id == project.id, *public))
    tracking = project.tracking
    on = local(announced).date() if announced else tracking.starts_on if tracking else None
    if on is None:
        return []
    if project.state == ProjectState.NOT_SELECTED:
        return [StoryEvent(on, "未列入当年民生实事项目", "候选项目经票决未选定。")]
    events = [StoryEvent(on, f"票决选定为{project.year}年民生实事项目", project.name)]
    if tracking and tracking.finished_on and tracking.state in _ENDS:
        events.append(StoryEvent(tracking.finished_on, _ENDS[tracking.state], project.name))
    return events


# --- the sources of a project --------------------------------------------------------------------------


def of_project(project_id: int) -> list[Matter]:
    """Return the matters that became this project, with their suggestions."""
    query = select(Matter).where(Matter.project_id == project_id).order_by(Matter.id)
    suggestions = selectinload(Matter.suggestions).joinedload(Suggestion.village)
    return list(db.session.scalars(query.options(suggestions)))


@dataclass(frozen=True)
class ProjectSources:
    """The suggestions that a project comes from, in numbers, without any name."""

    count: int
    villages: dict[str, int]  # full name → suggestions, the largest number first
    channels: dict[Channel, int]


def sources(project_id: int) -> ProjectSources:
    """Count the suggestions that a project comes from, by village and by channel."""
    query = select(Suggestion.channel, Village).join(Suggestion.matter).outerjoin(Suggestion.village)
    query = query.where(Matter.project_id == project_id).order_by(Suggestion.channel)
    rows = db.session.execute(query).all()
    channels = Counter(channel for channel, _ in rows)
    villages = Counter(village.full_name for _, village in rows if village)
    by_size = dict(sorted(villages.items(), key=lambda each: (-each[1], each[0])))
    return ProjectSources(len(rows), by_size, dict(channels.most_common()))


# --- the funnel of a year ------------------------------------------------------------------------------


class Funnel(NamedTuple):
    """The numbers of a year: 征集 → 合并 → 论证 → 候选 → 当选."""

    suggestions: int  # received, in all states
    refused: int
    matters: int  # after merging
    transferred: int  # 论证: a unit has been asked
    candidates: int  # projects that came of them, except those withdrawn
    selected: int


def funnel(year: int) -> Funnel:
    """Count the suggestions of a year at each step, in three statements.

    A matter taken out of the 储备库 counts in both its years.
    """
    decided = select(MatterDecision.matter_id).where(MatterDecision.year == year)
    of_year = or_(Matter.year == year, Matter.id.in_(decided))
    refused = Suggestion.state == SuggestionState.REFUSED
    candidates = (Project.year == year, Project.state != ProjectState.WITHDRAWN, Project.matters.any())
    return Funnel(
        *_count(Suggestion.id, refused, Suggestion.year == year),
        *_count(Matter.id, Matter.id.in_(select(Transfer.matter_id)), of_year),
        *_count(Project.id, Project.state == ProjectState.SELECTED, *candidates),
    )


def _count(column: Any, part: ColumnElement[bool], *conditions: Any) -> tuple[int, int]:
    """Count the rows that meet ``conditions``, and those of them that also meet ``part``."""
    query = select(func.count(column), func.count(case((part, column)))).where(*conditions)
    total, partial = db.session.execute(query).one()
    return total, partial
