"""Candidate projects by Excel: the template, the exported list, and reading one back with a preview."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from votes.db import db
from votes.exports.formats import xlsx
from votes.models import Project
from votes.rules.people.actor import Actor
from votes.rules.projects import rows
from votes.rules.projects.fields import CATEGORIES, FIELD, FIELDS, Field, Values
from votes.rules.projects.projects import ProjectState
from votes.rules.projects.text import changes, funding_words, version_text
from votes.services import audit, imports
from votes.services.people import departments, village_sheets
from votes.services.people.villages import all_villages, places
from votes.services.projects import projects, villages

_KINDS = {"works": "工程类", "policy": "政策服务类"}
_VILLAGES_NOTE = "例如：东山村、西河村；名称须与“村（社区）名单”一致"
_NOT_DRAFT = "同名项目已提交审议或已列入票决，不能用导入修改；如需修改，请在项目页面办理。"
_FUNDING_NOTE = "写成：县财政 500；上级专项 360"


# --- writing ---------------------------------------------------------------------------------------------


def _columns() -> list[xlsx.SheetColumn]:
    return [
        *(_column(heading, field) for heading, field in rows.COLUMNS.items()),
        xlsx.SheetColumn(rows.FUNDING, 30, note=_FUNDING_NOTE),
        xlsx.SheetColumn(rows.VILLAGES, 24, note=_VILLAGES_NOTE),
    ]


def _column(heading: str, field: Field) -> xlsx.SheetColumn:
    choices = {"category": CATEGORIES, "kind": tuple(_KINDS.values()), "yes": ("是", "否")}
    kinds: dict[str, xlsx.Kind] = {"money": "money", "count": "int", "date": "date", "year": "int"}
    return xlsx.SheetColumn(
        heading,
        field.width or (24 if field.kind == "long" else 14),
        kinds.get(field.kind, "text"),
        choices=choices.get(field.kind),
        note=field.note,
        required=heading in rows.REQUIRED,
    )


_PARTS = (
    xlsx.SheetColumn("项目名称", 30, required=True),
    xlsx.SheetColumn("子项目名称", 30, required=True),
    xlsx.SheetColumn("年度目标", 40),
    xlsx.SheetColumn("实施单位", 18),
    xlsx.SheetColumn("投资（万元）", 14, "money"),
)


def template(year: int) -> bytes:
    """Write an empty workbook to be filled in: 项目, 子项目, the villages to choose from, and how to fill it."""
    units = [unit.name for unit in departments.all_departments(active_only=True)]
    more = [xlsx.Worksheet("子项目", _PARTS)]
    if all_villages():
        more.append(village_sheets.worksheet())
    choices = {heading: units for heading, field in rows.COLUMNS.items() if field.kind == "unit"}
    return imports.template(SHEET, title=f"{year}年民生实事候选项目", choices=choices, more=more)


def export(shown: Iterable[Project], title: str, *, word: Callable[[ProjectState], str]) -> bytes:
    """Write the projects with all fields, in the columns of the template, so that the file can be imported again.

    ``word`` says a state in Chinese. `loaded` reads the projects with few statements.
    """
    columns = [xlsx.SheetColumn("编号", 7, "int"), *imports.bare(_columns()), xlsx.SheetColumn("状态", 12)]
    lines, parts = [], []
    for project in shown:
        values = projects.values(project)
        cells = [_cell(field, project, values) for field in FIELDS]
        cells += [funding_words(values["funding"]), _village_words(project), word(project.state)]
        lines.append([project.number, *cells])
        parts += [[project.name, *part.values()] for part in values["subprojects"]]
    more = [xlsx.Worksheet("子项目", _PARTS, parts)] if parts else ()
    return xlsx.write(title, columns, lines, sheet_title=SHEET.sheet_title, more=more)


def loaded(query: Any) -> list[Project]:
    """Return the projects of ``query`` with their money, parts and villages, in four statements."""
    parts = (Project.funding, Project.subprojects, Project.villages)
    return list(db.session.scalars(query.options(*map(selectinload, parts))))


def _cell(field: Field, project: Project, values: Values) -> Any:
    if field.kind == "unit":
        return project.department.name if project.department else ""
    return _KINDS[values["kind"]] if field.kind == "kind" else values[field.name]


def _village_words(project: Project) -> str:
    return "、".join(village.full_name for village in project.villages)


# --- reading ---------------------------------------------------------------------------------------------


def _judge(book: imports.Book, *, year: int, now: datetime) -> list[imports.Entry]:
    """Read the rows of both worksheets as entries; ``year`` is for rows that name none.

    An entry's `villages` is None where the row says nothing of them.
    """
    units = {unit.name: unit.id for unit in departments.all_departments(active_only=True)}
    known_places = places(active_only=False)
    entries: list[imports.Entry] = []
    for row in book.rows:
        values, problems = rows.read_project(row.values, row.unread, year=year, departments=units)
        village_ids, unknown = rows.read_villages(row.values, row.unread, known_places)
        entry = _entry(row, "项目", values.get("name", ""), problems + unknown, values)
        entries.append(entry | {"year": values.get("year", year), "villages": village_ids})
    keys = [(e["row"], (e["year"], e["name"])) for e in entries if e["name"]]
    for number, first in rows.doubled(keys).items():
        entry = next(e for e in entries if e["row"] == number)
        entry["problems"].append(f"与第 {first} 行是同一年度的同名项目，请删去一行或改名。")
    return entries + _add_parts(entries, book.parts)


def _entry(row: xlsx.Row, sheet: str, name: str, problems: list[str], values: Values) -> imports.Entry:
    about: imports.Entry = {"row": row.number, "sheet": sheet, "name": name}
    return about | {"problems": problems, "values": audit.plain(values)}


def _add_parts(entries: list[imports.Entry], parts: Sequence[xlsx.Row]) -> list[imports.Entry]:
    """Add each row of the 子项目 sheet to the entry of its project, and return the rows that are refused.

    A project that the sheet does not name keeps the parts it has.
    """
    refused: list[imports.Entry] = []
    for row in parts:
        part, problems = rows.read_part(row.values, row.unread)
        name = " ".join(str(row.values.get("项目名称") or "").split())
        year = rows.plain_number(str(row.values.get("实施年度") or "")).removesuffix("年")
        same_name = [e for e in entries if e["name"] == name and year in ("", str(e["year"]))]
        if not same_name:
            problems.append(f"“项目”工作表中没有名为“{name}”的项目。")
        elif len({e["year"] for e in same_name}) > 1:
            problems.append("有不同年度的同名项目，请加一列“实施年度”写明是哪一年的。")
        if problems:
            refused.append(_entry(row, "子项目", part["name"] or name, problems, {}) | {"year": None})
        else:
            same_name[0]["values"].setdefault("subprojects", []).append(audit.plain(part))
    return refused


def _compare(entries: list[imports.Entry]) -> list[imports.Entry]:
    years, names = ({entry[key] for entry in entries if entry[key]} for key in ("year", "name"))
    same_names = select(Project).where(Project.year.in_(years), Project.name.in_(names))
    known = {(project.year, project.name): project for project in loaded(same_names)}
    units = {unit.id: unit.name for unit in departments.all_departments()}
    full_names = villages.full_names({id_ for e in entries for id_ in e.get("villages") or ()})
    for entry in entries:
        project = known.get((entry["year"], entry["name"]))
        if entry["problems"]:
            pass
        elif project is None:
            entry["problems"] = rows.fault_words({**projects.BLANK, **_unpacked(entry["values"])})
        else:
            entry["changes"] = _text_changes(project, entry["values"], units)
            if entry["changes"] and project.state != ProjectState.DRAFT:
                entry["problems"] = [_NOT_DRAFT]
            entry["changes"] += _village_changes(project, entry.get("villages"), full_names)
        entry["status"] = _status(entry, project)
    return entries


def _status(entry: imports.Entry, project: Project | None) -> str:
    if entry["problems"]:
        return "refused"
    if project is None:
        return "new"
    return "changed" if entry["changes"] else "same"


def _text_changes(project: Project, values: Values, units: Mapping[int, str]) -> list[list[str]]:
    """Return [[label, before, after]] of what a row says otherwise than the project does."""
    before = projects.values(project)
    after = {**before, **_unpacked(values)}
    old, new = (version_text(each, units.get(each["department_id"], "")) for each in (before, after))
    return [list(change) for change in changes(old, new)]


def _village_changes(
    project: Project, village_ids: list[int] | None, names: Mapping[int, str]
) -> list[list[str]]:
    """Return [[label, before, after]] where a row names other villages than the project has."""
    if village_ids is None or set(village_ids) == {village.id for village in project.villages}:
        return []
    after = "、".join(names[id_] for id_ in names if id_ in village_ids) or "不限"
    return [[rows.VILLAGES, _village_words(project), after]]


def _enter(entries: list[imports.Entry], *, by: Actor, now: datetime) -> dict[str, Any]:
    for entry in entries:
        if entry["status"] == "same":
            continue
        values = _unpacked(entry["values"])
        if entry["status"] == "new":
            project = projects.create(values, by=by, now=now, note="Excel 导入")
        else:
            same_name = select(Project).where(Project.year == entry["year"], Project.name == entry["name"])
            project = db.session.scalars(same_name).one()
            if any(label != rows.VILLAGES for label, _, _ in entry["changes"]):
                projects.edit(project, values, by=by, now=now, note="Excel 导入")
        if entry.get("villages") is not None:
            villages.choose(project, entry["villages"], by=by, now=now)
    counts = imports.counts(SHEET, entries)
    return {"added": counts["new"], "changed": counts["changed"]}


def _unpacked(values: Values) -> dict[str, Any]:
    """Return values out of JSON: amounts and days become such again."""
    unpacked = dict(values)
    for name, value in values.items():
        kind = FIELD[name].kind if name in FIELD else ""
        if kind == "money":
            unpacked[name] = _amount(value)
        elif kind == "date":
            unpacked[name] = date.fromisoformat(value) if value else None
    for name, amount in (("funding", "amount"), ("subprojects", "investment")):
        if name in values:
            unpacked[name] = [{**row, amount: _amount(row[amount])} for row in values[name]]
    return unpacked


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


SHEET = imports.Sheet(
    kind="projects",
    title="民生实事候选项目",
    sheet_title="项目",
    noun="项目",
    unit="项",
    columns=_columns,
    parts=(*_PARTS, xlsx.SheetColumn("实施年度")),
    notes=(
        "一行一个项目。表头的名称不要改动，列的先后不限；标为必需的列：" + "、".join(rows.REQUIRED) + "。",
        "草稿可以不齐，项目名称和类别必须填写；提交审议前再补全。留空的单元格不改动原有内容。",
        "金额单位一律为万元，最多两位小数；日期写成 2027-12-20 或 2027年12月20日。",
        "资金来源写在一格里，用分号隔开，每项先写来源再写金额：县财政 500；上级专项 360。",
        "有子项目的，在“子项目”工作表中逐行填写，“项目名称”须与“项目”工作表中的一致。",
        "涉及村（社区）按“村（社区）名单”工作表填写，几个村用顿号隔开：东山村、西河村；不限于某几个村的可以空着，要清除原有的填“不限”。",
        "同一年度、同一名称的草稿按表中内容修改；已提交审议的项目不能用导入修改（涉及村除外）。",
        "上传后先预览，核对无误再导入；有任何一行不能导入时，全部不导入。",
    ),
    judge=_judge,
    compare=_compare,
    enter=_enter,
    statuses=("new", "changed", "same", "refused"),
    most_rows=500,
    actions={
        "upload": "project.import_preview",
        "apply": "project.import",
        "discard": "project.import_discard",
    },
)
get_draft = partial(imports.get_draft, SHEET)
