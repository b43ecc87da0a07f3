"""Stories: the history of a matter, the suggestions that a project comes from, the funnel of a year."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import case, distinct, func, or_, select
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
    moments = [StoryEvent(local(matter.created_at).date(), "列为建议事项", _together(matter))]
    for transfer in matter.transfers:
        moments += _of_transfer(transfer)
    moments += [_of_decision(decision, matter) for decision in matter.decisions]
    if matter.answer and matter.answered_on:
        moments.append(StoryEvent(matter.answered_on, "答复", matter.answer))
    if matter.project is not None:
        moments += _of_project(matter.project)
    return sorted((each for each in moments if staff or not each.internal), key=lambda moment: moment.on)


def _together(matter: Matter) -> str:
    others = len(matter.suggestions) - 1
    return f"与另外 {others} 条内容相近的建议合并办理。" if others > 0 else ""


def _of_decision(decision: MatterDecision, matter: Matter) -> StoryEvent:
    """Return the event of a decision.

    An earlier answer stands with its decision, because its day is not stored. While a matter is reopened, its decisions are for
    staff only, except that it was in the 储备库.
    """
    stands = matter.outcome is not None and decision is matter.decisions[-1]
    words = [decision.reason]
    if decision.answer and not stands:
        words.append(f"当时的答复：{decision.answer}")
    return StoryEvent(
        decision.decided_on,
        f"处理结果：{OUTCOME_WORDS[decision.outcome]}",
        "\n".join(filter(None, words)),
        internal=matter.outcome is None and decision.outcome != Outcome.RESERVE,
    )


def _of_transfer(transfer: Transfer) -> list[StoryEvent]:
    name = transfer.department.name
    returned = transfer.state == TransferState.RETURNED
    away = returned or transfer.state == TransferState.RECALLED
    moments = [
        StoryEvent(
            transfer.sent_on, f"交{name}研究办理", f"请在{chinese_date(transfer.due_on)}前提出意见。", away
        )
    ]
    if returned and transfer.returned_on:
        moments.append(StoryEvent(transfer.returned_on, f"{name}退回", transfer.return_reason, True))
    if transfer.state == TransferState.RECALLED:
        moments.append(StoryEvent(transfer.returned_on or transfer.sent_on, f"撤回对{name}的交办", "", True))
    if transfer.answered_on:
        moments.append(StoryEvent(transfer.answered_on, f"{name}已提出办理意见"))
        words = f"建议{OUTCOME_WORDS[transfer.proposal]}。" if transfer.proposal else ""
        moments.append(StoryEvent(transfer.answered_on, f"{name}的意见", f"{words}{transfer.opinion}", True))
    return moments


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
    announced = db.session.scalar(
        select(func.min(Round.announced_at))
        .join(Candidate, Candidate.round_id == Round.id)
        .where(
            Candidate.project_id == project.id,
            Round.state == RoundState.ANNOUNCED,
            Round.rehearsal.is_(False),
        )
    )
    tracking = project.tracking
    on = local(announced).date() if announced else tracking.starts_on if tracking else None
    if on is None:
        return []
    if project.state == ProjectState.NOT_SELECTED:
        return [StoryEvent(on, "未列入当年民生实事项目", "候选项目经票决未选定。")]
    moments = [StoryEvent(on, f"票决选定为{project.year}年民生实事项目", project.name)]
    if tracking and tracking.finished_on and tracking.state in _ENDS:
        moments.append(StoryEvent(tracking.finished_on, _ENDS[tracking.state], project.name))
    return moments


# --- the sources of a project --------------------------------------------------------------------------


def of_project(project_id: int) -> list[Matter]:
    """Return the matters that became this project, with their suggestions."""
    return list(
        db.session.scalars(
            select(Matter)
            .where(Matter.project_id == project_id)
            .options(selectinload(Matter.suggestions).joinedload(Suggestion.village))
            .order_by(Matter.id)
        )
    )


@dataclass(frozen=True)
class ProjectSources:
    """The suggestions that a project comes from, in numbers, without any name."""

    count: int
    villages: dict[str, int]  # full name → suggestions, the largest number first
    channels: dict[Channel, int]


def sources(project_id: int) -> ProjectSources:
    """Count the suggestions that a project comes from, by village and by channel."""
    rows = db.session.execute(
        select(Suggestion.channel, Village.township, Village.name, func.count(Suggestion.id))
        .join(Matter, Suggestion.matter_id == Matter.id)
        .outerjoin(Village, Suggestion.village_id == Village.id)
        .where(Matter.project_id == project_id)
        .group_by(Suggestion.channel, Village.township, Village.name)
    ).all()
    villages: Counter[str] = Counter()
    channels: Counter[Channel] = Counter()
    for channel, township, name, count in rows:
        channels[channel] += count
        if name:
            villages[f"{township}{name}"] += count
    return ProjectSources(
        channels.total(),
        dict(sorted(villages.items(), key=lambda each: (-each[1], each[0]))),
        dict(channels.most_common()),
    )


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
    received, refused = db.session.execute(
        select(
            func.count(Suggestion.id),
            func.sum(case((Suggestion.state == SuggestionState.REFUSED, 1), else_=0)),
        ).where(Suggestion.year == year)
    ).one()
    decided = select(MatterDecision.matter_id).where(MatterDecision.year == year)
    of_year = or_(Matter.year == year, Matter.id.in_(decided))
    sent = select(Transfer.matter_id)
    total, transferred = db.session.execute(
        select(func.count(Matter.id), func.sum(case((Matter.id.in_(sent), 1), else_=0))).where(of_year)
    ).one()
    candidates, selected = db.session.execute(
        select(
            func.count(distinct(Project.id)),
            func.count(distinct(case((Project.state == ProjectState.SELECTED, Project.id)))),
        )
        .join(Matter, Matter.project_id == Project.id)
        .where(Project.year == year, Project.state != ProjectState.WITHDRAWN)
    ).one()
    return Funnel(received, refused or 0, total, transferred or 0, candidates, selected)
