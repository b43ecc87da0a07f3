"""建议事项: from received suggestions to candidates: merging, 交办 to a unit, outcome, answer, 储备库."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, distinct, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from votes.clock import local
from votes.db import db, flush_or
from votes.models import (
    Body,
    Candidate,
    Department,
    Matter,
    MatterDecision,
    Project,
    Round,
    Suggestion,
    Transfer,
    Village,
)
from votes.rules import matters as rules
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.matters import (
    LIMITS,
    MATTER,
    MAX_REASON,
    MAX_TEXT,
    MAX_TITLE,
    MatterState,
    Outcome,
    Settings,
    Term,
    TransferState,
)
from votes.rules.people import Role
from votes.rules.permissions import Actor
from votes.rules.progress import TrackingState
from votes.rules.projects import CATEGORIES, ProjectState
from votes.rules.reminders import Due
from votes.rules.rounds import RoundState
from votes.rules.suggestions import SUGGESTION, Channel, SuggestionState
from votes.services import audit, bodies, projects, seasons, suggestions
from votes.services.likeness import closest

# --- reading: matters ----------------------------------------------------------------------------------


def settings(body_id: int) -> Settings:
    """Terms, working days and the like of a body."""
    body = bodies.get_body(body_id)
    return Settings.of(body.settings if body else {})


def _here() -> Settings:
    return settings(_scope())


def _scope() -> int:
    scope = db.session.scope
    assert isinstance(scope, int), "matters are one body's"
    return scope


def get(matter_id: int) -> Matter | None:
    """One matter with its originals, transfers, decisions and project; never with the authors."""
    return db.session.scalar(
        select(Matter)
        .where(Matter.id == matter_id)
        .options(
            joinedload(Matter.village),
            joinedload(Matter.project),
            selectinload(Matter.suggestions).options(
                joinedload(Suggestion.village),
                joinedload(Suggestion.station),
                joinedload(Suggestion.deputy),
                selectinload(Suggestion.photos),
            ),
            selectinload(Matter.transfers).joinedload(Transfer.department),
            selectinload(Matter.decisions),
        )
    )


def by_number(year: int, number: int) -> Matter | None:
    return db.session.scalar(select(Matter).where(Matter.year == year, Matter.number == number))


def years() -> list[int]:
    """The years that have suggestions, a season or matters, the latest first."""
    made = db.session.scalars(select(Matter.year).distinct())
    return sorted({*made, *suggestions.years()}, reverse=True)


def working_year(day: date) -> int:
    """The year whose suggestions are being handled on ``day``: that of the open season, else the one to come."""
    season = seasons.current(day)
    return season.year if season else projects.coming_year(day)


def of_project(project_id: int) -> list[Matter]:
    """The matters that became this candidate, with their originals."""
    return list(
        db.session.scalars(
            select(Matter)
            .where(Matter.project_id == project_id)
            .options(selectinload(Matter.suggestions).joinedload(Suggestion.village))
            .order_by(Matter.id)
        )
    )


@dataclass(frozen=True)
class Sources:
    """Where a project comes from, in numbers: nobody is named."""

    count: int
    villages: dict[str, int]  # full name → suggestions, most first
    channels: dict[Channel, int]

    def __bool__(self) -> bool:
        return self.count > 0


def sources(project_id: int) -> Sources:
    """How many suggestions led to a project, from which villages and through which channels."""
    rows = db.session.execute(
        select(Suggestion.channel, Village.township, Village.name, func.count(Suggestion.id))
        .join(Matter, Suggestion.matter_id == Matter.id)
        .outerjoin(Village, Suggestion.village_id == Village.id)
        .where(Matter.project_id == project_id)
        .group_by(Suggestion.channel, Village.township, Village.name)
    ).all()
    villages: dict[str, int] = {}
    channels: dict[Channel, int] = {}
    for channel, township, name, count in rows:
        channels[channel] = channels.get(channel, 0) + count
        if name:
            villages[f"{township}{name}"] = villages.get(f"{township}{name}", 0) + count
    return Sources(
        sum(channels.values()),
        dict(sorted(villages.items(), key=lambda each: (-each[1], each[0]))),
        dict(sorted(channels.items(), key=lambda each: -each[1])),
    )


SORTS: dict[str, str] = {
    "number": "按编号",
    "newest": "新立的在前",
    "due": "期限近的在前",
    "many": "建议多的在前",
    "category": "按类别",
}
_COUNT = (
    select(func.count(Suggestion.id))
    .where(Suggestion.matter_id == Matter.id)
    .correlate(Matter)
    .scalar_subquery()
)
_DUE = (
    select(func.min(Transfer.due_on))
    .where(Transfer.matter_id == Matter.id, Transfer.state == TransferState.SENT)
    .correlate(Matter)
    .scalar_subquery()
)
_BY_CATEGORY = {name: place for place, name in enumerate(CATEGORIES)}
_ORDERS: dict[str, tuple[Any, ...]] = {
    "number": (Matter.number,),
    "newest": (Matter.id.desc(),),
    "due": (_DUE.is_(None), _DUE, Matter.number),
    "many": (_COUNT.desc(), Matter.number),
    "category": (case(_BY_CATEGORY, value=Matter.category, else_=99), Matter.number),
}


@dataclass(frozen=True)
class Filter:
    """What a list of matters shows: everything of a year (None: of all years) unless narrowed."""

    year: int | None
    day: date
    state: MatterState | None = None
    outcome: Outcome | None = None
    category: str = ""
    department_id: int | None = None
    overdue: bool = False
    words: str = ""
    sort: str = "number"

    def conditions(self, *, with_state: bool = True) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.year is not None:
            found.append(Matter.year == self.year)
        if self.state and with_state:
            found.append(Matter.state == self.state)
        if self.outcome:
            found.append(Matter.outcome == self.outcome)
        if self.category:
            found.append(Matter.category == self.category)
        if self.department_id:
            found.append(Matter.transfers.any(Transfer.department_id == self.department_id))
        if self.overdue:
            late = (Transfer.state == TransferState.SENT) & (Transfer.due_on < self.day)
            found.append(Matter.transfers.any(late))
        return found + _containing(self.words, Matter.title, Matter.summary)


def _containing(words: str, *columns: Any) -> list[ColumnElement[bool]]:
    return [
        or_(*(column.contains(word, autoescape=True) for column in columns)) for word in words.split()[:8]
    ]


def search(wanted: Filter) -> Select[Any]:
    """The matters that fit, sorted: rows of (Matter, how many suggestions it holds)."""
    return (
        select(Matter, _COUNT.label("count"))
        .where(*wanted.conditions())
        .options(
            joinedload(Matter.project),
            joinedload(Matter.village),
            selectinload(Matter.transfers).joinedload(Transfer.department),
        )
        .order_by(*_ORDERS.get(wanted.sort, _ORDERS["number"]), Matter.id)
    )


class Row(NamedTuple):
    """A matter in a list."""

    matter: Matter
    size: int  # suggestions in it

    @property
    def transfer(self) -> Transfer | None:
        """The latest transfer."""
        return self.matter.transfers[-1] if self.matter.transfers else None


def page(query: Select[Any], number: int, size: int = 50) -> list[Row]:
    """One page of ``query``, numbered from 1; all of it for size 0."""
    if size:
        query = query.limit(size).offset((max(number, 1) - 1) * size)
    return [Row(matter, held) for matter, held in db.session.execute(query)]


def counts(wanted: Filter) -> dict[MatterState, int]:
    """How many of each state the filter would show, its state aside."""
    rows = db.session.execute(
        select(Matter.state, func.count(Matter.id))
        .where(*wanted.conditions(with_state=False))
        .group_by(Matter.state)
    ).all()
    found: dict[MatterState, int] = {state: number for state, number in rows if state}
    return {state: found.get(state, 0) for state in MatterState}


def count(wanted: Filter) -> int:
    return db.session.scalar(select(func.count(Matter.id)).where(*wanted.conditions())) or 0


# --- reading: the work list ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """What the work list shows: the received suggestions of a year that are in no matter yet."""

    year: int
    category: str | None = None  # "": those without one
    village_id: int | None = None
    channel: Channel | None = None
    words: str = ""

    def conditions(self, *, with_category: bool = True) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [
            Suggestion.year == self.year,
            Suggestion.state == SuggestionState.RECEIVED,
        ]
        if self.category is not None and with_category:
            found.append(Suggestion.category == self.category)
        if self.village_id:
            found.append(Suggestion.village_id == self.village_id)
        if self.channel:
            found.append(Suggestion.channel == self.channel)
        return found + _containing(self.words, Suggestion.title, Suggestion.content, Suggestion.place)


def waiting(wanted: Waiting, number: int, size: int = 50) -> list[Suggestion]:
    """One page of the work list, by category, then as they came."""
    return list(
        db.session.scalars(
            select(Suggestion)
            .where(*wanted.conditions())
            .options(joinedload(Suggestion.village))
            .order_by(case(_BY_CATEGORY, value=Suggestion.category, else_=99), Suggestion.number)
            .limit(size)
            .offset((max(number, 1) - 1) * size)
        )
    )


def waiting_counts(wanted: Waiting) -> dict[str, int]:
    """Category → how many wait, its own category aside."""
    rows = db.session.execute(
        select(Suggestion.category, func.count(Suggestion.id))
        .where(*wanted.conditions(with_category=False))
        .group_by(Suggestion.category)
    ).all()
    return dict(sorted(((c, n) for c, n in rows), key=lambda each: _BY_CATEGORY.get(each[0], 99)))


class ToDo(NamedTuple):
    """What waits in the latest year that has any of it: suggestions in no matter yet, matters that a unit has answered."""

    waiting_year: int | None
    waiting: int
    reported_year: int | None
    reported: int


def to_do() -> ToDo:
    """What the office may do next, in one statement."""
    here, row = _scope(), aliased(Suggestion)
    of_suggestions = (row.body_id == here, row.state == SuggestionState.RECEIVED)
    of_matters = (Matter.body_id == here, Matter.state == MatterState.REPORTED)
    last_waiting = select(func.max(row.year)).where(*of_suggestions).scalar_subquery()
    other = aliased(Matter)
    last_reported = (
        select(func.max(other.year))
        .where(other.body_id == here, other.state == MatterState.REPORTED)
        .scalar_subquery()
    )
    reported = select(func.count(Matter.id)).where(*of_matters, Matter.year == last_reported)
    waiting, year, reported_year, number = db.session.execute(
        select(
            func.count(Suggestion.id), func.max(Suggestion.year), last_reported, reported.scalar_subquery()
        ).where(
            Suggestion.body_id == here,
            Suggestion.state == SuggestionState.RECEIVED,
            Suggestion.year == last_waiting,
        )
    ).one()
    return ToDo(year, waiting, reported_year, number)


def chosen(ids: Iterable[int]) -> list[Suggestion]:
    """The suggestions with these ids, those of the body in scope."""
    return list(db.session.scalars(select(Suggestion).where(Suggestion.id.in_(list(ids)[:200]))))


class Suspect(NamedTuple):
    """Something that a suggestion may be the same as: another that waits (``matter_id`` None), one that is in a matter
    already, or a matter (``suggestion_id`` None) of the year or of the 储备库."""

    percent: int
    title: str
    number: int
    year: int
    suggestion_id: int | None
    matter_id: int | None
    reserve: bool = False  # a matter of the 储备库

    @property
    def key(self) -> str:
        """What stands for it in an address: s12, m7."""
        return f"m{self.matter_id}" if self.matter_id else f"s{self.suggestion_id}"


def suspects(
    rows: Sequence[Suggestion], *, least: int, limit: int = 2, within_category: bool = True
) -> dict[int, list[Suspect]]:
    """For each of ``rows`` (a page of one year's) what it may be the same as, the likest first.

    Compared with the suggestions and matters of the year and the 储备库; on a page only with those of the same category, which
    are a tenth. A matter is named once, by what in it is likest. Two statements.
    """
    if not rows:
        return {}
    pool = _pool(rows[0].year, {row.category for row in rows} if within_category else None)
    by_category: dict[str, list[tuple[Suspect, str]]] = {}
    for category, suspect, text in pool:
        by_category.setdefault(category if within_category else "", []).append((suspect, text))
    found = {}
    for row in rows:
        group = by_category.get(row.category if within_category else "", [])
        texts = [text for _, text in group]
        near = closest(text_of(row), texts, least=least, limit=limit + 4)
        named: dict[str, Suspect] = {}
        for place, percent in near:
            suspect = group[place][0]
            own = suspect.suggestion_id == row.id or (row.matter_id and suspect.matter_id == row.matter_id)
            if not own:
                named.setdefault(suspect.key, suspect._replace(percent=percent))
        found[row.id] = list(named.values())[:limit]
    return found


def _text(title: str, content: str) -> str:
    """Both, but for a title that is only the beginning of the content."""
    return content if content.startswith(title.rstrip("…")) else f"{title}\n{content}"


def text_of(row: Suggestion) -> str:
    """What a suggestion says, each thing once."""
    return _text(row.title, row.content)


def _pool(year: int, categories: Collection[str] | None) -> list[tuple[str, Suspect, str]]:
    """(category, what it is, its words) of all that a suggestion of ``year`` is compared with."""
    asked = select(
        Suggestion.category,
        Suggestion.id,
        Suggestion.number,
        Suggestion.title,
        func.substr(Suggestion.content, 1, 100),
        Suggestion.matter_id,
    ).where(Suggestion.year == year, Suggestion.state != SuggestionState.REFUSED)
    kept = select(
        Matter.category,
        Matter.id,
        Matter.number,
        Matter.title,
        func.substr(Matter.summary, 1, 100),
        Matter.year,
        Matter.outcome,
    ).where(or_(Matter.outcome == Outcome.RESERVE, Matter.year == year))
    if categories is not None:
        asked = asked.where(Suggestion.category.in_(categories))
        kept = kept.where(Matter.category.in_(categories))
    found = [
        (category, Suspect(0, title, number, year, id, matter_id), _text(title, content))
        for category, id, number, title, content, matter_id in db.session.execute(asked)
    ]
    found += [
        (
            category,
            Suspect(0, title, number, kept_year, None, id, outcome == Outcome.RESERVE),
            _text(title, content),
        )
        for category, id, number, title, content, kept_year, outcome in db.session.execute(kept)
    ]
    return found


def suspects_of(suggestion: Suggestion, *, least: int, limit: int = 6) -> list[Suspect]:
    """What one suggestion is most like, whatever its category."""
    return suspects([suggestion], least=least, limit=limit, within_category=False)[suggestion.id]


# --- reading: transfers --------------------------------------------------------------------------------


def get_transfer(transfer_id: int) -> Transfer | None:
    return db.session.scalar(
        select(Transfer)
        .where(Transfer.id == transfer_id)
        .options(
            joinedload(Transfer.department),
            joinedload(Transfer.matter).options(
                joinedload(Matter.village),
                joinedload(Matter.project),
                selectinload(Matter.suggestions).options(
                    joinedload(Suggestion.village), selectinload(Suggestion.photos)
                ),
            ),
        )
    )


def own_unit(by: Actor) -> int | None:
    """The unit to whose transfers ``by`` is confined; None for those who see all of the body's."""
    return None if by.roles & {Role.OFFICE, Role.GOVERNMENT, Role.LEADER} else by.department_id


TRANSFER_SORTS: dict[str, str] = {"due": "期限近的在前", "newest": "新交办的在前"}


@dataclass(frozen=True)
class TransferFilter:
    """What a list of transfers shows: those that are open unless asked otherwise."""

    day: date
    own: int | None = None  # see `own_unit`
    state: TransferState | None = None
    department_id: int | None = None
    term: Term | None = None
    words: str = ""
    sort: str = "due"
    soon_days: int = Settings.soon_days

    def conditions(self, *, with_state: bool = True) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for unit in (self.own, self.department_id):
            if unit is not None:
                found.append(Transfer.department_id == unit)
        if self.state and with_state:
            found.append(Transfer.state == self.state)
        if self.term:
            left = _days_after(self.day, self.soon_days)
            found.append(Transfer.state == TransferState.SENT)
            found.append(
                {
                    Term.OVER: Transfer.due_on < self.day,
                    Term.SOON: Transfer.due_on.between(self.day, left),
                    Term.IN_TIME: Transfer.due_on > left,
                }[self.term]
            )
        if self.words:
            found.append(Transfer.matter.has(*_containing(self.words, Matter.title, Matter.summary)))
        return found


def _days_after(day: date, days: int) -> date:
    return date.fromordinal(day.toordinal() + days)


_OPEN_FIRST = Transfer.state != TransferState.SENT
_TRANSFER_ORDERS: dict[str, tuple[Any, ...]] = {
    "due": (_OPEN_FIRST, case((_OPEN_FIRST, None), else_=Transfer.due_on), Transfer.sent_on.desc()),
    "newest": (Transfer.sent_on.desc(),),
}


def transfers(wanted: TransferFilter, number: int, size: int = 50) -> list[Transfer]:
    """One page of the transfers that fit (all of them for size 0); what is open comes first."""
    query = (
        select(Transfer)
        .where(*wanted.conditions())
        .options(joinedload(Transfer.matter), joinedload(Transfer.department))
        .order_by(*_TRANSFER_ORDERS.get(wanted.sort, _TRANSFER_ORDERS["due"]), Transfer.id.desc())
    )
    if size:
        query = query.limit(size).offset((max(number, 1) - 1) * size)
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class TransferCounts:
    states: dict[TransferState, int]
    over: int  # open and past the due day
    soon: int
    shown: int


def transfer_counts(wanted: TransferFilter) -> TransferCounts:
    """Counts by state of what the filter shows (its state aside), and of what it shows. Two statements."""
    left = _days_after(wanted.day, wanted.soon_days)
    rows = db.session.execute(
        select(
            Transfer.state,
            func.count(Transfer.id),
            func.sum(case((Transfer.due_on < wanted.day, 1), else_=0)),
            func.sum(case((Transfer.due_on.between(wanted.day, left), 1), else_=0)),
        )
        .where(*wanted.conditions(with_state=False))
        .group_by(Transfer.state)
    ).all()
    states = {state: number for state, number, _, _ in rows}
    over, soon = next(((each[2], each[3]) for each in rows if each[0] == TransferState.SENT), (0, 0))
    shown = states.get(wanted.state, 0) if wanted.state else sum(states.values())
    return TransferCounts({state: states.get(state, 0) for state in TransferState}, over, soon, shown)


def due(day: date, own: int | None = None) -> list[Due]:
    """Every transfer that waits for its unit's answer on ``day`` (of one unit: ``own``), the most pressing first."""
    query = (
        select(Transfer.id, Matter.title, Transfer.due_on, Transfer.department_id)
        .join(Matter, Transfer.matter_id == Matter.id)
        .where(Transfer.state == TransferState.SENT, Transfer.sent_on <= day)
        .order_by(Transfer.due_on, Transfer.id)
    )
    if own is not None:
        query = query.where(Transfer.department_id == own)
    return [Due("transfer", id, title, due_on, unit) for id, title, due_on, unit in db.session.execute(query)]


# --- reading: story and funnel -------------------------------------------------------------------------


class Moment(NamedTuple):
    """One point of a matter's story. ``internal`` ones are for staff only."""

    on: date
    title: str
    words: str = ""
    internal: bool = False


OUTCOME_WORDS = {
    Outcome.CANDIDATE: "纳入候选项目",
    Outcome.RESERVE: "转入储备库",
    Outcome.DEPUTY_PROPOSAL: "转为代表建议办理",
    Outcome.DECLINED: "不予采纳",
    Outcome.OUT_OF_SCOPE: "不属于民生实事项目征集范围",
}


def story(matter: Matter, *, staff: bool = False) -> list[Moment]:
    """What has happened to a matter, the first first. Without ``staff`` as its authors may read it."""
    found = [Moment(local(matter.created_at).date(), "列为建议事项", _together(matter))]
    for transfer in matter.transfers:
        found += _of_transfer(transfer)
    for decision in matter.decisions:
        found.append(
            Moment(decision.decided_on, f"处理结果：{OUTCOME_WORDS[decision.outcome]}", decision.reason)
        )
        if decision.answer and not (matter.answer and decision is matter.decisions[-1]):
            found.append(Moment(decision.decided_on, "答复", decision.answer))
    if matter.answer and matter.answered_on:
        found.append(Moment(matter.answered_on, "答复", matter.answer))
    if matter.project is not None:
        found += _of_project(matter.project)
    told = [each for each in found if staff or not each.internal]
    return [each for _, each in sorted(enumerate(told), key=lambda pair: (pair[1].on, pair[0]))]


def _together(matter: Matter) -> str:
    others = len(matter.suggestions) - 1
    return f"与另外 {others} 条内容相近的建议合并办理。" if others > 0 else ""


def _of_transfer(transfer: Transfer) -> list[Moment]:
    name = transfer.department.name
    returned = transfer.state == TransferState.RETURNED
    away = returned or transfer.state == TransferState.RECALLED
    found = [Moment(transfer.sent_on, f"交{name}研究办理", f"请在{_day(transfer.due_on)}前提出意见。", away)]
    if returned and transfer.returned_on:
        found.append(Moment(transfer.returned_on, f"{name}退回", transfer.return_reason, True))
    if transfer.state == TransferState.RECALLED:
        found.append(Moment(transfer.returned_on or transfer.sent_on, f"撤回对{name}的交办", "", True))
    if transfer.answered_on:
        found.append(Moment(transfer.answered_on, f"{name}已提出办理意见"))
        words = f"建议{OUTCOME_WORDS[transfer.proposal]}。" if transfer.proposal else ""
        found.append(Moment(transfer.answered_on, f"{name}的意见", f"{words}{transfer.opinion}", True))
    return found


def _of_project(project: Project) -> list[Moment]:
    """What became of the candidate: nothing is told before the result is announced."""
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
        return [Moment(on, "未列入当年民生实事项目", "候选项目经票决未选定。")]
    found = [Moment(on, f"票决选定为{project.year}年民生实事项目", project.name)]
    if tracking and tracking.finished_on and tracking.state == TrackingState.DONE:
        found.append(Moment(tracking.finished_on, "项目完成", project.name))
    return found


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


class Funnel(NamedTuple):
    """征集 → 合并 → 论证 → 候选 → 当选 of a year, in numbers."""

    suggestions: int  # received, whatever became of them
    refused: int
    matters: int  # after merging
    transferred: int  # 论证: a unit has been asked
    candidates: int  # projects that came of them
    selected: int


def funnel(year: int) -> Funnel:
    """How many of a year's suggestions came how far; matters taken out of the 储备库 count in both their years.

    Three statements.
    """
    received, refused = db.session.execute(
        select(
            func.count(Suggestion.id),
            func.sum(case((Suggestion.state == SuggestionState.REFUSED, 1), else_=0)),
        ).where(Suggestion.year == year)
    ).one()
    decided = select(MatterDecision.matter_id).where(MatterDecision.year == year)
    here = or_(Matter.year == year, Matter.id.in_(decided))
    asked = select(Transfer.matter_id)
    total, transferred = db.session.execute(
        select(func.count(Matter.id), func.sum(case((Matter.id.in_(asked), 1), else_=0))).where(here)
    ).one()
    candidates, selected = db.session.execute(
        select(
            func.count(distinct(Project.id)),
            func.count(distinct(case((Project.state == ProjectState.SELECTED, Project.id)))),
        )
        .join(Matter, Matter.project_id == Project.id)
        .where(Project.year == year)
    ).one()
    return Funnel(received, refused or 0, total, transferred or 0, candidates, selected)


# --- merging -------------------------------------------------------------------------------------------


def open_matter(
    rows: Iterable[Suggestion], *, title: str = "", category: str = "", by: Actor, now: datetime
) -> Matter:
    """One matter of one suggestion or several: their words and authors stay as they are.

    Title, category and place are the first's unless given. Raises RuleBroken for none, for suggestions of different
    years, and for any that somebody has filed or refused in the meantime.
    """
    held = _hold(rows)
    first = held[0]
    years = {each.year for each in held}
    if len(years) > 1:
        raise RuleBroken("所选建议属于不同年度，不能合并。没有改动。", code="years")
    matter = Matter(
        year=first.year,
        number=_next_number(first.year),
        title=rules.without_numbers(title.strip() or first.title)[:MAX_TITLE],
        category=category or next((each.category for each in held if each.category), ""),
        summary=_summary(held),
        village_id=first.village_id if len({each.village_id for each in held}) == 1 else None,
        state=MatterState.OPEN,
        created_at=now,
    )
    rules.check_text(matter.title, matter.summary)
    db.session.add(matter)
    flush_or(_number_taken(), constraint="uq_matters_number")
    _file(matter, held)
    audit.record("matter.open", by=by, at=now, about=matter, after={"suggestions": _numbers(held)})
    db.session.flush()
    return matter


def open_each(rows: Iterable[Suggestion], *, by: Actor, now: datetime) -> list[Matter]:
    """A matter for each of the suggestions."""
    return [open_matter([each], by=by, now=now) for each in _hold(rows)]


def merge(matter: Matter, rows: Iterable[Suggestion], *, by: Actor, now: datetime) -> Matter:
    """Suggestions that wait come to a matter that there is; one of the 储备库 is taken up again for their year.

    Raises RuleBroken where a unit is working on the matter or it has its outcome, and for suggestions of another year.
    """
    _lock(matter)
    held = _hold(rows)
    if matter.outcome == Outcome.RESERVE:
        take_up(matter, held[0].year, by=by, now=now)
    rules.check_mergeable(matter.state, matter.title)
    if any(each.year != matter.year for each in held):
        raise RuleBroken(
            f"建议与事项不属于同一年度（事项为{matter.year}年），不能归并。没有改动。", code="years"
        )
    _file(matter, held)
    audit.record("matter.merge", by=by, at=now, about=matter, after={"suggestions": _numbers(held)})
    db.session.flush()
    return matter


def split(matter: Matter, suggestion: Suggestion, *, by: Actor, now: datetime) -> bool:
    """A suggestion goes back to the work list. The last one takes the matter with it, unless something has happened to
    that already. Answers whether the matter is still there."""
    _lock(matter)
    rules.check_mergeable(matter.state, matter.title)
    if suggestion.matter_id != matter.id:
        raise RuleBroken("这条建议已不在本事项中，页面可能已过期，请刷新后再看。没有改动。", code="elsewhere")
    last = len(matter.suggestions) == 1
    if last and (matter.transfers or matter.decisions):
        raise RuleBroken(
            "这是事项中的最后一条建议，事项已有办理记录，不能再拆分。如需终止办理，请确定处理结果。",
            code="last",
        )
    suggestion.state = step(SUGGESTION, suggestion.state, "unfile")
    suggestion.matter_id = None
    matter.suggestions.remove(suggestion)
    audit.record("matter.split", by=by, at=now, about=matter, before={"suggestions": [suggestion.number]})
    db.session.flush()
    if last:
        db.session.delete(matter)
        db.session.flush()
    return not last


def join(matter: Matter, other: Matter, *, by: Actor, now: datetime) -> Matter:
    """Two matters become one: the suggestions, transfers and decisions of ``other`` come to ``matter``, ``other`` is gone.

    Raises RuleBroken for one and the same, for different years, and where either is with a unit or decided.
    """
    if matter.id == other.id:
        raise RuleBroken("请填写另一个事项的编号。", field="number", status=422)
    for each in sorted((matter, other), key=lambda one: one.id):
        _lock(each)
    for each in (matter, other):
        rules.check_mergeable(each.state, each.title)
    if matter.year != other.year:
        raise RuleBroken("两个事项不属于同一年度，不能合并。没有改动。", code="years")
    moved = list(other.suggestions)
    audit.record(
        "matter.join",
        by=by,
        at=now,
        about=matter,
        after={"number": other.number, "suggestions": _numbers(moved)},
    )
    for suggestion in moved:
        suggestion.matter = matter
    for transfer in list(other.transfers):
        transfer.matter = matter
    for decision in list(other.decisions):
        other.decisions.remove(decision)
        matter.decisions.append(decision)
    if MatterState.REPORTED in (matter.state, other.state):
        matter.state = MatterState.REPORTED
    db.session.flush()
    db.session.expire(other, ["suggestions", "transfers", "decisions"])
    db.session.delete(other)
    db.session.flush()
    db.session.expire(matter, ["suggestions", "transfers", "decisions"])
    return matter


def edit(
    matter: Matter,
    *,
    title: str,
    summary: str,
    category: str,
    village_id: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Change what is written about a matter; the originals are never touched. Raises RuleBroken at the field."""
    _lock(matter)
    title, summary = _tidy(title), _tidy(summary)
    rules.check_text(title, summary)
    if category and category not in CATEGORIES:
        raise RuleBroken("请从列表中选择类别。", field="category", status=422)
    if village_id and db.session.scalar(select(Village.id).where(Village.id == village_id)) is None:
        raise RuleBroken("请从列表中选择村（社区）。", field="village_id", status=422)
    values = {"category": category, "village_id": village_id}
    before, after = audit.changes({name: getattr(matter, name) for name in values}, values)
    # the words are drawn from citizens' own: that they were rewritten is told, not what they said
    if (title, summary) != (matter.title, matter.summary):
        after["rewritten"] = True
    matter.title, matter.summary = title, summary
    matter.category, matter.village_id = category, village_id
    if after:
        audit.record("matter.edit", by=by, at=now, about=matter, before=before, after=after)
    db.session.flush()
    db.session.expire(matter, ["village"])


def _tidy(text: str) -> str:
    """Typed text without what no database keeps as text."""
    return text.replace("\x00", "").strip()


def _hold(rows: Iterable[Suggestion]) -> list[Suggestion]:
    """The suggestions read anew and held, in the order of their numbers; all of them still wait."""
    ids = sorted({each.id for each in rows})
    if not ids:
        raise RuleBroken("请先勾选至少一条建议。", code="none", status=422)
    held = list(
        db.session.scalars(
            select(Suggestion)
            .where(Suggestion.id.in_(ids))
            .order_by(Suggestion.year, Suggestion.number)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    gone = [f"第 {each.number} 号" for each in held if each.state != SuggestionState.RECEIVED]
    if gone:
        raise RuleBroken(
            f"{'、'.join(gone)}建议已由其他人归并或退回，没有改动。请刷新列表后再办理。", code="taken"
        )
    return held


def _file(matter: Matter, held: Sequence[Suggestion]) -> None:
    for each in held:
        each.state = step(SUGGESTION, each.state, "file")
        each.matter_id = matter.id
    db.session.flush()
    db.session.expire(matter, ["suggestions"])


def _numbers(rows: Iterable[Suggestion]) -> list[int]:
    return [each.number for each in rows]


def _summary(held: Sequence[Suggestion]) -> str:
    """What the originals say, without telephone numbers: a start for the clerk, who edits it."""
    if len(held) == 1:
        return rules.without_numbers(held[0].content)[:MAX_TEXT]
    room = MAX_TEXT // len(held) - 5
    return rules.without_numbers(
        "\n".join(f"{place}. {each.content[: max(room, 20)]}" for place, each in enumerate(held, start=1))
    )[:MAX_TEXT]


def _next_number(year: int) -> int:
    """One more than the last; numbers are given one at a time, so the body is held meanwhile."""
    db.session.execute(select(Body.id).where(Body.id == _scope()).with_for_update(key_share=True))
    last = db.session.scalar(select(func.max(Matter.number)).where(Matter.year == year))
    return (last or 0) + 1


def _number_taken() -> RuleBroken:
    return RuleBroken("有人同时立了一个事项，编号相同。没有改动，请再提交一次。", code="number_taken")


def _lock(matter: Matter) -> None:
    db.session.refresh(matter, ["state", "outcome", "year", "number", "project_id"], with_for_update=True)


# --- 交办 ----------------------------------------------------------------------------------------------


def transfer(
    matter: Matter,
    department_id: int | None,
    *,
    instruction: str,
    complex: bool = False,
    due_on: date | None = None,
    by: Actor,
    now: datetime,
) -> Transfer:
    """Ask a unit for its opinion by a day (None: the statutory term).

    Raises RuleBroken at the field for a unit that is not in use, a day past the term, too long an instruction; and
    where the matter is with a unit already or has its outcome.
    """
    _lock(matter)
    unit = bodies.get_department(department_id) if department_id else None
    if unit is None or not unit.active:
        raise RuleBroken("请选择责任单位。", field="department_id", status=422)
    state = step(MATTER, matter.state, "transfer")
    sent_on = local(now).date()
    place = _here()
    due_on = due_on or rules.latest_due(sent_on, complex=complex, settings=place)
    rules.check_due(due_on, sent_on, complex=complex, settings=place)
    if len(instruction) > MAX_TEXT:
        raise RuleBroken(f"交办要求最多 {MAX_TEXT} 个字。", field="instruction", status=422)
    made = Transfer(
        body_id=matter.body_id,
        matter=matter,
        department=unit,
        state=TransferState.SENT,
        complex=complex,
        sent_on=sent_on,
        due_on=due_on,
        instruction=_tidy(instruction),
    )
    db.session.add(made)
    flush_or(
        RuleBroken("这个事项已交办责任单位。没有改动，请刷新后再看。", code="transferred"),
        constraint="uq_transfers_open",
    )
    matter.state = state
    audit.record(
        "transfer.send",
        by=by,
        at=now,
        about=made,
        after={"department": unit.name, "due_on": due_on, "complex": complex},
    )
    db.session.flush()
    return made


def recall(matter: Matter, *, by: Actor, now: datetime) -> Transfer:
    """Take back what no unit has answered yet."""
    _lock(matter)
    state = step(MATTER, matter.state, "recall")
    sent = _sent(matter)
    sent.state = TransferState.RECALLED
    sent.returned_on = local(now).date()
    matter.state = state
    audit.record("transfer.recall", by=by, at=now, about=sent, after={"department": sent.department.name})
    db.session.flush()
    return sent


def answer_transfer(
    sent: Transfer, *, opinion: str, proposal: Outcome | None, by: Actor, now: datetime
) -> None:
    """The unit's opinion and what it proposes. Raises RuleBroken at the field, and for what waits for no answer."""
    _open(sent)
    opinion = _tidy(opinion)
    if not opinion:
        raise RuleBroken("请填写办理意见。", field="opinion", status=422)
    if len(opinion) > MAX_TEXT:
        raise RuleBroken(
            f"办理意见最多 {MAX_TEXT} 个字，现有 {len(opinion)} 个。", field="opinion", status=422
        )
    if proposal is None:
        raise RuleBroken("请选择建议的处理结果。", field="proposal", status=422)
    sent.matter.state = step(MATTER, sent.matter.state, "answer")
    sent.state = TransferState.ANSWERED
    sent.opinion, sent.proposal = opinion, proposal
    sent.answered_on, sent.answered_by = local(now).date(), by.name
    audit.record("transfer.answer", by=by, at=now, about=sent, after={"proposal": proposal})
    db.session.flush()


def return_transfer(sent: Transfer, reason: str, *, by: Actor, now: datetime) -> None:
    """Not this unit's business: back to the office, within the working days for it.

    Raises RuleBroken at ``reason`` for none, and where the days are over.
    """
    _open(sent)
    day = local(now).date()
    rules.check_return(sent.sent_on, day, _here())
    reason = _tidy(reason)
    if not reason:
        raise RuleBroken("请写明退回的理由和应由哪个单位办理。", field="reason", status=422)
    if len(reason) > MAX_REASON:
        raise RuleBroken(f"退回理由最多 {MAX_REASON} 个字。", field="reason", status=422)
    sent.matter.state = step(MATTER, sent.matter.state, "return")
    sent.state = TransferState.RETURNED
    sent.return_reason, sent.returned_on = reason, day
    audit.record("transfer.return", by=by, at=now, about=sent, after={"reason": reason})
    db.session.flush()


def _sent(matter: Matter) -> Transfer:
    found = db.session.scalar(
        select(Transfer)
        .where(Transfer.matter_id == matter.id, Transfer.state == TransferState.SENT)
        .options(joinedload(Transfer.department))
    )
    assert found is not None, "a transferred matter has an open transfer"
    return found


def _open(sent: Transfer) -> None:
    """Hold the matter, then the transfer; refuse where it waits for nothing."""
    _lock(sent.matter)
    db.session.refresh(sent, ["state"], with_for_update=True)
    if sent.state != TransferState.SENT:
        words = {
            TransferState.ANSWERED: "已经反馈",
            TransferState.RETURNED: "已经退回",
            TransferState.RECALLED: "已由交办单位撤回",
        }[sent.state]
        raise RuleBroken(f"这件交办{words}，不能再办理。没有改动。", code="closed")


# --- outcome and answer --------------------------------------------------------------------------------


def linkable(matter: Matter) -> list[Project]:
    """The projects of the matter's year that it may be linked to."""
    return list(
        db.session.scalars(
            select(Project)
            .where(Project.year == matter.year, Project.state != ProjectState.WITHDRAWN)
            .order_by(Project.category, Project.name)
        )
    )


def prefilled(matter: Matter) -> dict[str, Any]:
    """What a candidate project takes over from a matter, as `projects.create` takes it."""
    answered = [each for each in matter.transfers if each.state == TransferState.ANSWERED]
    count = len(matter.suggestions)
    return {
        "year": matter.year,
        "name": matter.title,
        "category": matter.category if matter.category in CATEGORIES else "其他",
        "content": matter.summary,
        "location": matter.village.full_name if matter.village else "",
        "background": f"由{matter.year}年建议事项第 {matter.number} 号转来，共征集到 {count} 条相关建议。",
        "department_id": answered[-1].department_id if answered else None,
    }


def decide(
    matter: Matter,
    outcome: Outcome,
    *,
    reason: str = "",
    answer: str = "",
    project_id: int | None = None,
    name: str = "",
    by: Actor,
    now: datetime,
) -> Matter:
    """What becomes of a matter; a candidate is linked to ``project_id`` or entered anew under ``name``.

    ``answer`` is one text that every author reads by code; it may come later (`reply`). Raises RuleBroken at the field
    for a missing reason or project, a name that is taken, and for a matter that is with a unit or decided already.
    """
    _lock(matter)
    reason, answer = _tidy(reason), _tidy(answer)
    rules.check_outcome(outcome, reason=reason, answer=answer)
    state = step(MATTER, matter.state, "decide")
    project = None
    if outcome == Outcome.CANDIDATE:
        project = _linked(matter, project_id) if project_id else _entered(matter, name, by=by, now=now)
    day = local(now).date()
    matter.state, matter.outcome, matter.decided_on = state, outcome, day
    matter.reason, matter.project = reason, project
    matter.answer, matter.answered_on = answer, day if answer else None
    matter.decisions.append(
        MatterDecision(
            body_id=matter.body_id,
            year=matter.year,
            outcome=outcome,
            reason=matter.reason,
            answer=matter.answer,
            decided_on=day,
            decided_by=by.name,
            project_id=project.id if project else None,
        )
    )
    audit.record(
        "matter.decide",
        by=by,
        at=now,
        about=matter,
        after={"outcome": outcome, "reason": matter.reason, **({"project": project.name} if project else {})},
    )
    db.session.flush()
    return matter


def _linked(matter: Matter, project_id: int) -> Project:
    project = projects.get(project_id)
    if project is None or project.year != matter.year or project.state == ProjectState.WITHDRAWN:
        raise RuleBroken(f"请选择{matter.year}年的一个候选项目。", field="project_id", status=422)
    return project


def _entered(matter: Matter, name: str, *, by: Actor, now: datetime) -> Project:
    given = prefilled(matter)
    given["name"] = name.strip() or given["name"]
    return projects.create(given, by=by, now=now, note=f"由建议事项第 {matter.number} 号转来")


def reply(matter: Matter, answer: str, *, by: Actor, now: datetime) -> None:
    """The answer to the authors, or a better one. Raises RuleBroken before the outcome is decided."""
    _lock(matter)
    if matter.state != MatterState.DECIDED:
        raise RuleBroken("请先确定处理结果，再答复建议人。", code="undecided")
    answer = _tidy(answer)
    if not answer:
        raise RuleBroken("请填写答复。", field="answer", status=422)
    if len(answer) > MAX_TEXT:
        raise RuleBroken(f"答复最多 {MAX_TEXT} 个字，现有 {len(answer)} 个。", field="answer", status=422)
    matter.answer, matter.answered_on = answer, local(now).date()
    matter.decisions[-1].answer = matter.answer
    audit.record("matter.answer", by=by, at=now, about=matter, after={"answer": matter.answer})
    db.session.flush()


#: A project in these states holds its matter: it is on its way to the vote, or beyond it.
_HOLDING = (ProjectState.LISTED, ProjectState.SELECTED)


def reopen(matter: Matter, *, by: Actor, now: datetime) -> None:
    """Take a decided matter up again in its own year. What was decided stays on record.

    Raises RuleBroken while its project is on the list of the vote, or selected.
    """
    _lock(matter)
    state = step(MATTER, matter.state, "reopen")
    project = matter.project
    if project is not None and project.state in _HOLDING:
        raise RuleBroken(
            f"对应的项目“{project.name}”已列入票决名单或已选定，不能重新办理。没有改动。", code="project"
        )
    audit.record("matter.reopen", by=by, at=now, about=matter, before={"outcome": matter.outcome})
    _undecide(matter, state)


def take_up(matter: Matter, year: int, *, by: Actor, now: datetime) -> None:
    """Out of the 储备库 for ``year``: it gets a number of that year; its originals and decisions stay."""
    _lock(matter)
    if matter.outcome != Outcome.RESERVE:
        raise RuleBroken("这个事项不在储备库中。没有改动，请刷新后再看。", code="not_in_reserve")
    if year < matter.year:
        raise RuleBroken(f"事项已列在{matter.year}年，不能转到更早的年度。", field="year", status=422)
    state = step(MATTER, matter.state, "reopen")
    before = {"year": matter.year, "number": matter.number}
    if year != matter.year:
        matter.number = _next_number(year)
        matter.year = year
    audit.record(
        "matter.take_up", by=by, at=now, about=matter, before=before,
        after={"year": matter.year, "number": matter.number},
    )  # fmt: skip
    _undecide(matter, state)


def _undecide(matter: Matter, state: MatterState) -> None:
    matter.state, matter.outcome, matter.decided_on = state, None, None
    matter.reason, matter.answer, matter.answered_on = "", "", None
    matter.project = None
    flush_or(_number_taken(), constraint="uq_matters_number")


# --- settings ------------------------------------------------------------------------------------------


def change_settings(
    body: Body,
    *,
    numbers: Mapping[str, int],
    holidays: Sequence[date],
    workdays: Sequence[date],
    by: Actor,
    now: datetime,
) -> None:
    """Terms and working days of the place. Raises RuleBroken at the field for what makes no sense."""
    for name, (low, high) in LIMITS.items():
        if not low <= numbers[name] <= high:
            raise RuleBroken(f"应在 {low} 至 {high} 之间。", field=name, status=422)
    if numbers["months_complex"] < numbers["months"]:
        raise RuleBroken("复杂事项的期限不能短于一般事项。", field="months_complex", status=422)
    both = sorted(set(holidays) & set(workdays))
    if both:
        raise RuleBroken(f"{_day(both[0])}既是节假日又是调休上班日，请核对。", field="workdays", status=422)
    bodies.change_settings(
        body,
        {
            "matters": dict(numbers),
            "holidays": [day.isoformat() for day in holidays],
            "workdays": [day.isoformat() for day in workdays],
        },
        by=by,
        now=now,
    )


__all__ = ["Department", "Matter", "Suggestion", "Transfer"]
