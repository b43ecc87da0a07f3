"""Candidate projects: reading, listing and writing them, and their files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from votes.db import Search, by_id, db, flush_or, words_in
from votes.models import Attachment, Funding, Project, SubProject
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.rules.permissions import Permission, may, visible_unit
from votes.rules.projects import fields
from votes.rules.projects.fields import CATEGORIES, FIELDS, Gap, Values
from votes.rules.projects.projects import ProjectState
from votes.rules.projects.text import TextChange, changes, version_text
from votes.services import audit, uploads
from votes.services.people import departments
from votes.services.projects import versions
from votes.services.uploads import Prepared, Upload

_COLUMNS = tuple(field.column for field in FIELDS)
_FUNDING = ("source", "amount")
_PART = ("name", "target", "unit", "investment")
#: Values of an empty form.
BLANK: dict[str, Any] = {field.column: field.empty for field in FIELDS} | {"funding": [], "subprojects": []}


_BY_NUMBER = (Project.number.is_(None), Project.number, Project.id)


# --- reading ---------------------------------------------------------------------------------------------


get = by_id(select(Project))


def get_whole(project_id: int) -> Project | None:
    """Return the project with its unit, money, parts and files, for its own page."""
    many = (Project.funding, Project.subprojects, Project.attachments)
    query = select(Project).options(joinedload(Project.department), *map(selectinload, many))
    return db.session.scalar(query.where(Project.id == project_id))


def for_year(year: int) -> list[Project]:
    """Return all projects of a year: listed ones first, in the order of the list, then the others as entered."""
    query = select(Project).options(selectinload(Project.department))
    return list(db.session.scalars(query.where(Project.year == year).order_by(*_BY_NUMBER)))


def listed(year: int) -> list[Project]:
    """Return the candidates of a year in the order of their numbers."""
    return [p for p in for_year(year) if p.state == ProjectState.LISTED]


def years() -> list[int]:
    """Return the years that have projects, the latest first."""
    return list(db.session.scalars(select(Project.year).distinct().order_by(Project.year.desc())))


def values(project: Project) -> dict[str, Any]:
    """Return everything that is written about a project, as `create` and `edit` take it."""
    return {
        **audit.facts(project, *_COLUMNS),
        "funding": [audit.facts(row, *_FUNDING) for row in project.funding],
        "subprojects": [audit.facts(row, *_PART) for row in project.subprojects],
    }


def gaps(project: Project) -> list[Gap]:
    """Return what keeps the project from being submitted."""
    return fields.gaps(values(project))


_BY_CATEGORY = case({name: place for place, name in enumerate(CATEGORIES)}, value=Project.category)
SEARCH = Search(
    filters={
        "year": Project.year,
        "state": Project.state,
        "category": Project.category,
        "department_id": Project.department_id,
        "q": words_in(Project.name, Project.content, Project.location, Project.target),
    },
    sorts={
        "number": ("按编号", _BY_NUMBER),
        "entered": ("按录入先后", (Project.id,)),
        "category": ("按类别", (_BY_CATEGORY, *_BY_NUMBER)),
        "amount": ("按总投资", (Project.total_investment.desc().nulls_last(), Project.id)),
        "due": ("按完成时限", (Project.due_on.nulls_last(), Project.id)),
    },
)


def search(chosen: Mapping[str, Any], *, by: Actor) -> Select[Any]:
    """Return the projects that ``by`` may see and that fit the filters, sorted."""
    query = select(Project).options(selectinload(Project.department))
    return SEARCH.of(_visible(query, by), chosen)


def _visible(query: Any, by: Actor) -> Any:
    unit = visible_unit(by)
    return query if unit is None else query.where(Project.department_id == unit)


@dataclass(frozen=True)
class Summary:
    """How many projects of each state there are, and how much those that are shown cost, in 万元."""

    states: dict[ProjectState, int]
    count: int
    total: Decimal
    this_year: Decimal


def summary(chosen: Mapping[str, Any], *, by: Actor) -> Summary:
    """Return the counts by state of what the filters show (their state aside), and the sums of what they show."""
    sums = (func.sum(Project.total_investment), func.sum(Project.year_investment))
    query = _visible(select(Project.state, func.count(Project.id), *sums), by)
    query = SEARCH.of(query, {**chosen, "state": None}).order_by(None)
    rows = db.session.execute(query.group_by(Project.state)).all()
    shown = [row for row in rows if chosen.get("state") in (None, row[0])]
    states = dict.fromkeys(ProjectState, 0) | {row[0]: row[1] for row in rows}
    total, this_year = (sum((row[i] or Decimal(0) for row in shown), Decimal(0)) for i in (2, 3))
    return Summary(states, sum(row[1] for row in shown), total, this_year)


# --- writing ---------------------------------------------------------------------------------------------


def create(given: Values, *, by: Actor, now: datetime, note: str = "新建") -> Project:
    """Add a draft. A unit's staff enter for their unit.

    ``given`` is as `values` returns it; what is absent stays empty.

    Raises:
        RuleBroken: at the field that cannot be saved; at the name, when the year has a project of that name.
    """
    written = {**BLANK, **given, "department_id": visible_unit(by) or given.get("department_id")}
    project = Project(state=ProjectState.DRAFT, created_at=now, created_by_id=by.user_id)
    text = _rewrite(project, {}, written, by=by, now=now, note=note) or []
    after = {change.label: change.after for change in text}
    audit.record("project.create", by=by, at=now, about=project, after=after)
    return project


def edit(
    project: Project, given: Values, *, by: Actor, now: datetime, base: int | None = None, note: str = "修改"
) -> list[TextChange]:
    """Change what is written about a project, and return the changes of its text.

    ``given`` is as `values` returns it; what is absent stays as it is. ``base`` is the version that the editor read.

    Raises:
        RuleBroken: for what cannot be saved; for a project that is not, or no longer, the editor's; when somebody else
            has changed the text since ``base`` (code "stale").
    """
    _open(project, by)
    if base is not None and base != versions.latest_version(project):
        raise RuleBroken(
            "您填写期间，其他人修改了这个项目。您填写的内容还在，尚未保存；"
            "请先在“修改记录”中查看对方的修改，核对后再次点“保存”，将以您的内容为准。",
            code="stale",
        )
    before = values(project)
    after = {**before, **given}
    if visible_unit(by) is not None:
        after["department_id"] = before["department_id"]
    changed = _rewrite(project, before, after, by=by, now=now, note=note)
    if changed is None:
        return []
    old = {change.label: change.before for change in changed}
    new = {change.label: change.after for change in changed}
    audit.record("project.edit", by=by, at=now, about=project, before=old, after=new)
    return changed


def adjust(
    project: Project, given: Values, *, due_on: tuple[date, date], by: Actor, now: datetime, note: str
) -> list[TextChange]:
    """Change what is written about a selected project, by a decision (调整), and return the changes of its text.

    ``given`` is as `values` returns it; what is absent stays as it is. ``due_on`` is the time limit before and after: the
    project keeps 完成时限 as it was voted, the limit in force is its tracking's. The caller writes the audit line.

    Raises:
        RuleBroken: for what cannot be saved.
    """
    lock(project)
    before = values(project)
    return _rewrite(project, before, {**before, **given}, by=by, now=now, note=note, due_on=due_on) or []


def _rewrite(
    project: Project,
    before: Values,
    after: Values,
    *,
    by: Actor,
    now: datetime,
    note: str,
    due_on: tuple[date, date] | None = None,
) -> list[TextChange] | None:
    """Store ``after``, keep it as a version and return the changes of the text; None where nothing is different.

    ``before`` is empty for a new project. ``due_on`` as in `adjust`.
    """
    _check(after)
    limits = due_on or (before.get("due_on"), after["due_on"])
    pairs = zip((before, after), limits, strict=True)
    old, new = (_text({**each, "due_on": limit}) if each else {} for each, limit in pairs)
    changed = changes(old, new)
    if not changed and before == after:
        return None
    _fill(project, after)
    db.session.add(project)
    flush_or(_name_taken(after), constraint="uq_projects_body_id_year_name")
    versions.keep(project, old, new, by=by, now=now, note=note)
    return changed


def _check(given: Values) -> None:
    for field, message in fields.faults(given).items():
        raise invalid(field, message)
    unit = given["department_id"]
    if unit is not None and departments.get(unit) is None:
        raise invalid("department_id", "所选责任单位不属于这一级人大。")


def check_editable(project: Project, by: Actor) -> None:
    """Raise RuleBroken (403) for a project that is not, or no longer, ``by``'s to change."""
    if not may(by, Permission.PROJECT_EDIT, project):
        words = "这个项目现在不能由您修改：已列入票决、已撤回，或已提交审议。没有作任何改动；如需修改，请联系人大办。"
        raise RuleBroken(words, code="not_editable", status=403)


def _name_taken(given: Values) -> RuleBroken:
    words = f"{given['year']}年已有名为“{given['name']}”的项目，请核对是否重复，或换一个名称。"
    return RuleBroken(words, field="name", code="name_taken")


def _fill(project: Project, given: Values) -> None:
    """Write ``given`` into the project's columns and, where they differ, into its rows of money and parts."""
    audit.put(project, {name: given[name] for name in _COLUMNS})
    written = values(project)
    if [*given["funding"]] != written["funding"]:
        project.funding = _rows(Funding, given["funding"])
    if [*given["subprojects"]] != written["subprojects"]:
        project.subprojects = _rows(SubProject, given["subprojects"])


def _rows(model: Any, given: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Return one row of ``model`` for each given one, numbered, its texts without blanks at both ends."""
    texts = ({name: v.strip() if isinstance(v, str) else v for name, v in row.items()} for row in given)
    return [model(position=place, **row) for place, row in enumerate(texts, start=1)]


def _text(given: Values) -> dict[str, str]:
    unit = given["department_id"]
    department = departments.get(unit) if unit else None
    return version_text(given, department.name if department else "")


def lock(project: Project) -> None:
    """Read the project's state again and lock it, so that two clerks cannot both act on the same state."""
    db.session.refresh(project, ["state", "gates_passed", "number", "department_id"], with_for_update=True)


def _open(project: Project, by: Actor) -> None:
    """Lock the project for a change by ``by``, or refuse it."""
    lock(project)
    check_editable(project, by)


def attach(
    project: Project, files: Iterable[Upload | Prepared], *, by: Actor, now: datetime, caption: str = ""
) -> list[Attachment]:
    """Add files or pictures to a project that may still be edited (see `uploads.add`)."""
    _open(project, by)
    return uploads.add(files, owner=project, by=by, now=now, caption=caption)


def detach(project: Project, attachment_id: int | None, *, by: Actor, now: datetime) -> None:
    """Remove one of the project's files. Raises RuleBroken (404) for a file that is not the project's."""
    _open(project, by)
    attachment = next((a for a in project.attachments if a.id == attachment_id), None)
    if attachment is None:
        raise RuleBroken("这个文件已不在项目中，没有作任何改动。", code="gone", status=404)
    uploads.remove(attachment, by=by, now=now)
