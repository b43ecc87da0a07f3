"""Candidate projects: what is written about them, from the first draft on, with every version of it; lists of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import selectinload

from votes.db import containing, db, flush_or
from votes.models import Attachment, Funding, Project, ProjectVersion, SubProject
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.permissions import Permission, may
from votes.rules.projects import fields
from votes.rules.projects.fields import CATEGORIES, FIELDS, Gap
from votes.rules.projects.projects import ProjectState
from votes.rules.projects.text import Change, Piece, changes, differences, version_text
from votes.services import audit, uploads
from votes.services.people import departments

_COLUMNS = tuple(field.column for field in FIELDS)
#: Values of an empty form.
BLANK: dict[str, Any] = {
    **{field.column: field.empty for field in FIELDS},
    "funding": [],
    "subprojects": [],
}


# --- reading ---------------------------------------------------------------------------------------------


def get(project_id: int) -> Project | None:
    """The project, if it is of the body in scope."""
    return db.session.scalar(select(Project).where(Project.id == project_id))


def for_year(year: int) -> list[Project]:
    """All projects of a year, listed ones in the order of the list first, then as entered."""
    return list(
        db.session.scalars(
            select(Project)
            .where(Project.year == year)
            .options(selectinload(Project.department))
            .order_by(Project.number.is_(None), Project.number, Project.id)
        )
    )


def listed(year: int) -> list[Project]:
    """The candidates of a year in the order of their numbers."""
    return [p for p in for_year(year) if p.state == ProjectState.LISTED]


def years() -> list[int]:
    """The years that have projects, the latest first."""
    return list(db.session.scalars(select(Project.year).distinct().order_by(Project.year.desc())))


def values(project: Project) -> dict[str, Any]:
    """Everything that is written about a project, as `create` and `edit` take it."""
    return {
        **{name: getattr(project, name) for name in _COLUMNS},
        "funding": [{"source": row.source, "amount": row.amount} for row in project.funding],
        "subprojects": [
            {"name": row.name, "target": row.target, "unit": row.unit, "investment": row.investment}
            for row in project.subprojects
        ],
    }


def gaps(project: Project) -> list[Gap]:
    """What has to be mended before the project can be submitted."""
    return fields.gaps(values(project))


SORTS: dict[str, str] = {
    "number": "按编号",
    "entered": "按录入先后",
    "category": "按类别",
    "amount": "按总投资",
    "due": "按完成时限",
}
_BY_CATEGORY = case({name: place for place, name in enumerate(CATEGORIES)}, value=Project.category)
_ORDERS: dict[str, tuple[Any, ...]] = {
    "number": (Project.number.is_(None), Project.number, Project.id),
    "entered": (Project.id,),
    "category": (_BY_CATEGORY, Project.number.is_(None), Project.number, Project.id),
    "amount": (Project.total_investment.is_(None), Project.total_investment.desc(), Project.id),
    "due": (Project.due_on.is_(None), Project.due_on, Project.id),
}


@dataclass(frozen=True)
class Filter:
    """What a list shows: everything of a year unless narrowed."""

    year: int
    state: ProjectState | None = None
    category: str = ""
    department_id: int | None = None
    words: str = ""
    sort: str = "number"

    def conditions(self, by: Actor, *, with_state: bool = True) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [Project.year == self.year]
        if not may_see_all(by):
            found.append(Project.department_id == by.department_id)
        if self.state and with_state:
            found.append(Project.state == self.state)
        if self.category:
            found.append(Project.category == self.category)
        if self.department_id:
            found.append(Project.department_id == self.department_id)
        return found + containing(self.words, Project.name, Project.content, Project.location, Project.target)


def may_see_all(by: Actor) -> bool:
    """Whether ``by`` sees the projects of every unit; a unit's staff see their own."""
    return bool(by.roles & {Role.OFFICE, Role.GOVERNMENT, Role.LEADER})


def search(wanted: Filter, *, by: Actor) -> Select[Any]:
    """The projects that ``by`` may see and that fit the filter, sorted."""
    order = _ORDERS.get(wanted.sort, _ORDERS["number"])
    return (
        select(Project)
        .where(*wanted.conditions(by))
        .options(selectinload(Project.department))
        .order_by(*order)
    )


def page(query: Select[Any], number: int, size: int = 50) -> list[Project]:
    """One page of ``query``, numbered from 1."""
    return list(db.session.scalars(query.limit(size).offset((max(number, 1) - 1) * size)))


@dataclass(frozen=True)
class Summary:
    """How many of each state there are, and the money of those that are shown. Amounts in 万元."""

    states: dict[ProjectState, int]
    count: int
    total: Decimal
    this_year: Decimal


def summary(wanted: Filter, *, by: Actor) -> Summary:
    """Counts by state of what the filter shows (its state aside), and sums of what it shows."""
    rows = db.session.execute(
        select(
            Project.state,
            func.count(Project.id),
            func.sum(Project.total_investment),
            func.sum(Project.year_investment),
        )
        .where(*wanted.conditions(by, with_state=False))
        .group_by(Project.state)
    ).all()
    shown = [row for row in rows if wanted.state in (None, row[0])]
    return Summary(
        states={state: next((row[1] for row in rows if row[0] == state), 0) for state in ProjectState},
        count=sum(row[1] for row in shown),
        total=sum((row[2] or Decimal(0) for row in shown), Decimal(0)),
        this_year=sum((row[3] or Decimal(0) for row in shown), Decimal(0)),
    )


def versions(project: Project) -> list[ProjectVersion]:
    """Every version of the text, the first first."""
    return list(
        db.session.scalars(
            select(ProjectVersion)
            .where(ProjectVersion.project_id == project.id)
            .order_by(ProjectVersion.version)
        )
    )


def latest_version(project: Project) -> int:
    """The number of the text as it stands; 0 for a project that has none."""
    found = db.session.scalar(
        select(func.max(ProjectVersion.version)).where(ProjectVersion.project_id == project.id)
    )
    return found or 0


@dataclass(frozen=True)
class Compared:
    """One label of two versions, cut into pieces where the words differ."""

    label: str
    before: Sequence[Piece]
    after: Sequence[Piece]

    @property
    def changed(self) -> bool:
        return any(piece.kind != "same" for piece in (*self.before, *self.after))


def compare(old: Mapping[str, str], new: Mapping[str, str]) -> list[Compared]:
    """Two versions' texts side by side, label by label."""
    labels = dict.fromkeys([*new, *old])
    return [Compared(label, *differences(old.get(label, ""), new.get(label, ""))) for label in labels]


# --- writing ---------------------------------------------------------------------------------------------


def create(given: Mapping[str, Any], *, by: Actor, now: datetime, note: str = "新建") -> Project:
    """A new draft. ``given`` as `values` gives it; what is absent stays empty. A unit's staff enter for their unit.

    Raises RuleBroken naming the field for what cannot be saved, and for a name taken in that year.
    """
    given = {**BLANK, **given}
    if not may_see_all(by) and by.department_id is not None:
        given["department_id"] = by.department_id
    _check(given)
    project = Project(state=ProjectState.DRAFT, created_at=now, created_by_id=by.user_id)
    if isinstance(db.session.scope, int):
        project.body_id = db.session.scope
    _fill(project, given)
    db.session.add(project)
    flush_or(_name_taken(given), constraint="uq_projects_body_id_year_name")
    text = _text(given)
    _keep_version(project, text, number=1, by=by, now=now, note=note)
    audit.record("project.create", by=by, at=now, about=project, after={k: v for k, v in text.items() if v})
    return project


def edit(
    project: Project,
    given: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    base: int | None = None,
    note: str = "修改",
) -> list[Change]:
    """Change what is written about a project; what is absent in ``given`` stays. Returns what changed.

    ``base`` is the version that the editor had before them. Raises RuleBroken for what cannot be saved, for a
    project that is listed or otherwise no longer theirs to edit, and (code "stale") when somebody else has changed
    the text since ``base``.
    """
    lock(project)
    check_editable(project, by)
    latest = latest_version(project)
    if base is not None and base != latest:
        raise RuleBroken(
            "您填写期间，其他人修改了这个项目。您填写的内容还在，尚未保存；"
            "请先在“修改记录”中查看对方的修改，核对后再次点“保存”，将以您的内容为准。",
            code="stale",
        )
    before = values(project)
    after = {**before, **given}
    if not may_see_all(by):
        after["department_id"] = before["department_id"]
    _check(after)
    old, new = _text(before), _text(after)
    changed = changes(old, new)
    if not changed and before == after:
        return []
    _fill(project, after)
    flush_or(_name_taken(after), constraint="uq_projects_body_id_year_name")
    if not latest:  # entered before versions were kept
        _keep_version(project, old, number=1, by=audit.SYSTEM, now=project.created_at, note="原文")
        latest = 1
    _keep_version(project, new, number=latest + 1, by=by, now=now, note=note)
    audit.record(
        "project.edit",
        by=by,
        at=now,
        about=project,
        before={c.label: c.before for c in changed},
        after={c.label: c.after for c in changed},
    )
    return changed


def adjust(
    project: Project,
    given: Mapping[str, Any],
    *,
    due_on: tuple[date, date],
    by: Actor,
    now: datetime,
    note: str,
) -> list[Change]:
    """Change what is written about a selected project, by a decision (调整); the version before stays readable.

    ``due_on`` is the time limit before and after: 完成时限 as it was voted stays with the project, what is in force is
    its tracking's. Raises RuleBroken for what cannot be saved. The caller writes the audit line.
    """
    lock(project)
    before = values(project)
    after = {**before, **given}
    _check(after)
    old, new = _text({**before, "due_on": due_on[0]}), _text({**after, "due_on": due_on[1]})
    changed = changes(old, new)
    if not changed:
        return []
    _fill(project, after)
    latest = latest_version(project)
    if not latest:  # entered before versions were kept
        _keep_version(project, old, number=1, by=audit.SYSTEM, now=project.created_at, note="原文")
        latest = 1
    _keep_version(project, new, number=latest + 1, by=by, now=now, note=note)
    return changed


def _check(given: Mapping[str, Any]) -> None:
    for field, message in fields.faults(given).items():
        raise RuleBroken(message, field=field, status=422)
    unit = given["department_id"]
    if unit is not None and departments.get(unit) is None:
        raise RuleBroken("所选责任单位不属于这一级人大。", field="department_id", status=422)


def check_editable(project: Project, by: Actor) -> None:
    """Raises RuleBroken (403) for a project that is not, or no longer, ``by``'s to change."""
    if not may(by, Permission.PROJECT_EDIT, project):
        raise RuleBroken(
            "这个项目现在不能由您修改：已列入票决、已撤回，或已提交审议。没有作任何改动；如需修改，请联系人大办。",
            code="not_editable",
            status=403,
        )


def _name_taken(given: Mapping[str, Any]) -> RuleBroken:
    return RuleBroken(
        f"{given['year']}年已有名为“{given['name']}”的项目，请核对是否重复，或换一个名称。",
        field="name",
        code="name_taken",
    )


def _fill(project: Project, given: Mapping[str, Any]) -> None:
    for name in _COLUMNS:
        setattr(project, name, given[name])
    if [*given["funding"]] != [{"source": r.source, "amount": r.amount} for r in project.funding]:
        project.funding = [
            Funding(position=place, source=row["source"].strip(), amount=row["amount"])
            for place, row in enumerate(given["funding"], start=1)
        ]
    there = [
        {"name": r.name, "target": r.target, "unit": r.unit, "investment": r.investment}
        for r in project.subprojects
    ]
    if [*given["subprojects"]] != there:
        project.subprojects = [
            SubProject(
                position=place,
                name=row["name"].strip(),
                target=row["target"].strip(),
                unit=row["unit"].strip(),
                investment=row["investment"],
            )
            for place, row in enumerate(given["subprojects"], start=1)
        ]


def _text(given: Mapping[str, Any]) -> dict[str, str]:
    unit = given["department_id"]
    department = departments.get(unit) if unit else None
    return version_text(given, department.name if department else "")


def _keep_version(
    project: Project, text: Mapping[str, str], *, number: int, by: Actor, now: datetime, note: str
) -> None:
    db.session.add(
        ProjectVersion(
            body_id=project.body_id,
            project_id=project.id,
            version=number,
            text=dict(text),
            changed_by=by.name,
            changed_at=now,
            note=note,
        )
    )
    db.session.flush()


def lock(project: Project) -> None:
    """Read the project's standing anew and hold it, so that two clerks cannot both act on the same state."""
    db.session.refresh(project, ["state", "gates_passed", "number", "department_id"], with_for_update=True)


def attach(
    project: Project,
    files: Iterable[uploads.Upload | uploads.Prepared],
    *,
    by: Actor,
    now: datetime,
    caption: str = "",
) -> list[Attachment]:
    """Add files or pictures to a project that may still be edited (see `uploads.add`)."""
    lock(project)
    check_editable(project, by)
    return uploads.add(files, owner=project, by=by, now=now, caption=caption)


def detach(project: Project, attachment_id: int | None, *, by: Actor, now: datetime) -> None:
    """Remove one of the project's files. Raises RuleBroken (404) for a file that is not the project's."""
    lock(project)
    check_editable(project, by)
    found = next((a for a in project.attachments if a.id == attachment_id), None)
    if found is None:
        raise RuleBroken("这个文件已不在项目中，没有作任何改动。", code="gone", status=404)
    uploads.remove(found, by=by, now=now)
