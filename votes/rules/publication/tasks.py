"""What waits for whom: every kind of task with its words, its page and the permission of those whom it concerns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from votes.rules.permissions import Permission as P


class TaskSection(StrEnum):
    """The list in which a task stands."""

    WORK = "work"
    OUTCOMES = "outcomes"
    DUE = "due"


@dataclass(frozen=True)
class Kind:
    """What the tasks of one kind have in common."""

    words: str  # {count}, {title} and {about_id} stand for the task's own
    endpoint: str  # of the page where the task is done
    permission: P  # whoever has it is concerned
    argument: str = ""  # the argument of the endpoint that takes ``about_id``
    query: Mapping[str, str] = field(default_factory=dict)
    section: TaskSection = TaskSection.WORK
    noun: str = ""  # of what has a due day, in lists and messages


def _round(words: str) -> Kind:
    return Kind(words, "rounds.show", P.ROUND_READ, "round_id")


def _outcome(words: str, endpoint: str, permission: P, **query: str) -> Kind:
    return Kind(words, endpoint, permission, query=query, section=TaskSection.OUTCOMES)


def _due(noun: str, endpoint: str, permission: P, argument: str) -> Kind:
    return Kind("{title}", endpoint, permission, argument, section=TaskSection.DUE, noun=noun)


KINDS: dict[str, Kind] = {
    "round_draft": _round("票决“{title}”正在准备"),
    "round_opened": _round("票决“{title}”正在投票"),
    "round_closed": _round("票决“{title}”已关闭，等待计票"),
    "round_counted": _round("票决“{title}”已计票，等待监票人签字"),
    "round_certified": _round("票决“{title}”已确认，可以发布公告"),
    "suggestions_waiting": Kind("{count} 条{about_id}年的建议等待归并", "matters.inbox", P.MATTER_HANDLE, "year"),
    "matters_reported": Kind("{count} 个建议事项单位已反馈，等待确定处理结果", "matters.index", P.MATTER_HANDLE, "year",
                             {"state": "reported"}),
    "gate": Kind("{count} 个项目等待登记“{title}”的审议结果", "projects.index", P.PROJECT_REVIEW,
                 query={"state": "reviewing"}),
    "no_roster": Kind("代表名册还是空的，请先导入", "roster.index", P.ROSTER_EDIT),
    "to_list": Kind("{count} 个项目审议通过，等待确认候选名单", "projects.index", P.PROJECT_LIST, query={"state": "approved"}),
    "no_session": Kind("{count} 个候选项目已列入票决，还没有建立会议", "sessions.index", P.SESSION_MANAGE),
    "drafts": Kind("{count} 个项目还是草稿，完善后提交审议", "projects.index", P.PROJECT_CREATE, query={"state": "draft"}),
    "adjustment_undecided": _outcome("{count} 份调整申请等待登记决定", "adjustments.index", P.ADJUSTMENT_DECIDE,
                                     state="applied"),
    "adjustment_unannounced": _outcome("{count} 项已同意的调整等待发布公告", "adjustments.index", P.ADJUSTMENT_DECIDE,
                                       state="approved"),
    "rereport_to_demand": _outcome("{count} 个测评为不满意的项目等待要求再次报告", "rereports.index", P.REREPORT_MANAGE),
    "rereport_submitted": _outcome("{count} 份再次报告等待登记审议结果", "rereports.index", P.REREPORT_MANAGE,
                                   state="submitted"),
    "citizen_comments": _outcome("{count} 条群众意见等待处理", "citizen_ratings.index", P.CITIZEN_RATING_REPLY,
                                 standing="waiting"),
    "report": _due("进度报送", "progress.show", P.PROGRESS_READ, "tracking_id"),
    "transfer": _due("建议交办件", "transfers.show", P.TRANSFER_READ, "transfer_id"),
    "rectification": _due("督办件", "rectifications.show", P.SUPERVISION_READ, "rectification_id"),
    "inspection": _due("视察安排", "inspection_plan.show", P.SUPERVISION_READ, "inspection_id"),
    "rereport": _due("再次报告", "rereports.show", P.PROGRESS_READ, "rereport_id"),
}  # fmt: skip

#: The kinds that have a due day, with their nouns.
DUE_NOUNS = {name: kind.noun for name, kind in KINDS.items() if kind.section == TaskSection.DUE}


@dataclass(frozen=True)
class Task:
    """Something that waits: of a kind in `KINDS`, about one row or year (``about_id``) or ``count`` of them."""

    kind: str
    about_id: int | None = None
    title: str = ""
    due_on: date | None = None
    department_id: int | None = None  # the unit that owes it; None: the office
    count: int = 1

    @property
    def words(self) -> str:
        """Return what a page shows."""
        return KINDS[self.kind].words.format(count=self.count, title=self.title, about_id=self.about_id)

    @property
    def endpoint(self) -> str:
        """Return the endpoint of the page where the task is done."""
        return KINDS[self.kind].endpoint

    @property
    def values(self) -> dict[str, Any]:
        """Return the arguments of the endpoint."""
        kind = KINDS[self.kind]
        return {**({kind.argument: self.about_id} if kind.argument else {}), **kind.query}

    @property
    def order(self) -> tuple[date, str, int]:
        """Return the sort key that puts the earliest due day first."""
        return self.due_on or date.max, self.kind, self.about_id or 0

    def days_over(self, day: date) -> int:
        """Return the days past the due day on ``day``; negative while there is time."""
        assert self.due_on is not None, f"{self.kind} has no due day"
        return (day - self.due_on).days


def by_section(tasks: Iterable[Task]) -> dict[TaskSection, list[Task]]:
    """Return the tasks of each section, in the order given."""
    rows: dict[TaskSection, list[Task]] = {section: [] for section in TaskSection}
    for task in tasks:
        rows[KINDS[task.kind].section].append(task)
    return rows
