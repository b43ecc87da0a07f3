"""The roster by Excel: template, the exported list, and reading one back with a preview."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from votes.clock import local
from votes.db import db, flush_or
from votes.exports.formats import xlsx
from votes.models import Deputy
from votes.rules.people import roster as rules
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.services import audit, imports
from votes.services.people import delegations, roster
from votes.services.people.pinyin import spell

MOST_ROWS = 2000

# --- writing ---------------------------------------------------------------------------------------------

#: field → width, choices, hint
_COLUMNS: dict[str, tuple[int, list[str] | None, str | None]] = {
    "number": (14, None, "必填，每位代表不同。再次导入时按代表证号对应，请不要改动。"),
    "name": (12, None, "必填。"),
    "gender": (7, list(rules.GENDERS), None),
    "ethnicity": (10, None, "如：汉族、土家族。"),
    "born": (12, None, "年和月，如 1968-05。"),
    "delegation": (18, None, "必填。名册中没有的代表团会自动新建。"),
    "constituency": (22, None, None),
    "post": (30, None, None),
    "phone": (16, None, "11 位手机号，或带区号的固定电话。"),
    "state": (9, list(rules.STATES), "在任、暂停、终止；空白表示在任（已在名册中的保持原状态）。"),
}
COLUMNS = [
    xlsx.SheetColumn(rules.COLUMNS[name], width, choices=choices, note=note, required=True)
    for name, (width, choices, note) in _COLUMNS.items()
]


def template() -> bytes:
    """Write the workbook to fill in: choices, hints, one example row (which the reader leaves out), notes."""
    names = [each.name for each in delegations.all_delegations()]
    known = f"已有：{'、'.join(names)}"[:150] if names else ""
    example = (
        rules.EXAMPLE, "王示例", "女", "汉族", "1975-08", names[0] if names else "第一代表团",
        "第一选区", "示例村党支部书记", "13800000000", "在任",
    )  # fmt: skip
    hint = _COLUMNS["delegation"][2]
    return imports.template(SHEET, rows=[example], hints={rules.COLUMNS["delegation"]: f"{hint}{known}"})


def export(deputies: Iterable[Deputy], title: str) -> bytes:
    """Write the given deputies in the columns of the template, so that the file can be corrected and uploaded again."""
    rows = [[shown(*pair) for pair in roster.values_of(deputy).items()] for deputy in deputies]
    return xlsx.write(title, imports.bare(COLUMNS), rows, sheet_title=SHEET.sheet_title)


def shown(name: str, value: str | None) -> str | None:
    """Return a value of the roster as people read it."""
    return rules.STATE_WORDS[value] if name == "state" and value else value


# --- reading ---------------------------------------------------------------------------------------------


def _line(row: xlsx.Row) -> rules.FileRow:
    fields = {column: name for name, column in rules.COLUMNS.items()}
    return rules.FileRow(
        row.number,
        {fields[column]: xlsx.cell_text(value) for column, value in row.values.items()},
        frozenset(fields[c] for c, value in row.values.items() if isinstance(value, int | float)),
        {fields[column]: why for column, why in row.unread.items()},
    )


def _judge(book: imports.Book, *, now: datetime) -> list[imports.Entry]:
    known = db.session.scalars(select(Deputy.number)).all()
    checked = rules.check(map(_line, book.rows), known_numbers=known, today=local(now).date())
    return [{"row": each.row, "values": each.values, "problems": each.problems} for each in checked]


def plan(entries: Iterable[imports.Entry]) -> rules.Plan:
    """Return how the rows of a draft differ from the roster as it is now; refused rows change nothing."""
    rows = [entry for entry in entries if entry["status"] != "gone"]
    valid = [row["values"] for row in rows if not row["problems"]]
    refused = [str(row["values"]["number"]) for row in rows if row["problems"]]
    return rules.compare(roster.standing(), valid, refused_numbers=refused)


def _compare(entries: list[imports.Entry]) -> list[imports.Entry]:
    difference = plan(entries)
    added = {values["number"] for values in difference.additions}
    changes = {change.number: change.fields for change in difference.changes}
    for entry in entries:
        number = entry["values"]["number"]
        if entry["problems"]:
            entry["status"] = "refused"
        elif number in added:
            entry["status"] = "new"
        else:
            entry["changes"] = [
                [rules.COLUMNS[name], shown(name, old), shown(name, new)]
                for name, (old, new) in changes.get(number, {}).items()
            ]
            entry["status"] = "changed" if entry["changes"] else "same"
    gone: imports.Entry = {"row": None, "status": "gone", "changes": [], "problems": []}
    return [*entries, *(gone | {"values": values} for values in difference.departures)]


# --- entering --------------------------------------------------------------------------------------------


def _enter(entries: list[imports.Entry], *, by: Actor, now: datetime, end_departed: bool) -> dict[str, Any]:
    """Enter the additions and changes; ``end_departed`` sets those who are not in the file to 终止."""
    difference = plan(entries)
    names = [str(values["delegation"]) for values in difference.additions] + [
        str(change.fields["delegation"][1]) for change in difference.changes if "delegation" in change.fields
    ]
    delegation_ids = delegations.ids_of(names, by=by, now=now)
    try:
        _add(difference, delegation_ids)
    except IntegrityError as error:
        raise imports.stale(SHEET.noun) from error
    _change(difference, delegation_ids, by=by, now=now)
    ended = difference.departures if end_departed else []
    for deputy in _by_number(str(values["number"]) for values in ended).values():
        roster.set_state(deputy, DeputyState.ENDED, reason="导入的名册中没有此人", by=by, now=now)
    flush_or(imports.stale(SHEET.noun), constraint="uq_deputies_body_id_number")
    return {
        "added": len(difference.additions),
        "changed": len(difference.changes),
        "ended": len(ended),
        "unchanged": difference.unchanged,
        "new_deputies": [f"{values['number']} {values['name']}" for values in difference.additions],
    }


def _add(difference: rules.Plan, delegation_ids: Mapping[str, int]) -> None:
    """Insert all new deputies in one statement (row by row a first roster would take hundreds)."""
    body = {"body_id": db.session.scope}
    rows = [body | _row(values, delegation_ids) for values in difference.additions]
    if rows:
        db.session.execute(insert(Deputy), rows)


def _row(values: rules.Values, delegation_ids: Mapping[str, int]) -> dict[str, Any]:
    """Return ``values`` by column of the table; a name brings its spelling."""
    row: dict[str, Any] = {name: value for name, value in values.items() if name != "delegation"}
    if "delegation" in values:
        row["delegation_id"] = delegation_ids[str(values["delegation"])]
    if "state" in values:
        row["state"] = DeputyState(str(values["state"]))
    if "name" in values:
        row["pinyin"], row["initials"] = spell(str(values["name"]))
    return row


def _by_number(numbers: Iterable[str]) -> dict[str, Deputy]:
    chosen = set(numbers)
    if not chosen:
        return {}
    # The whole table: five hundred numbers in an IN list are no gain over a table of five hundred.
    return {d.number: d for d in db.session.scalars(select(Deputy)) if d.number in chosen}


def _change(difference: rules.Plan, delegation_ids: Mapping[str, int], *, by: Actor, now: datetime) -> None:
    deputies = _by_number(change.number for change in difference.changes)
    for change in difference.changes:
        deputy = deputies[change.number]
        before = {name: old for name, (old, _) in change.fields.items()}
        after = {name: new for name, (_, new) in change.fields.items()}
        audit.put(deputy, _row(after, delegation_ids))
        audit.record("deputy.edit", by=by, at=now, about=deputy, before=before, after=after)


SHEET = imports.Sheet(
    kind="roster",
    title="代表名册",
    sheet_title="代表名册",
    noun="名册",
    unit="人",
    columns=lambda: COLUMNS,
    notes=(
        "一、每位代表一行，从第 4 行起填写。第 3 行是示例，代表证号为“示例行”的行不导入，可以删除。",
        "二、表头各列都要保留，顺序可以不同。必填：代表证号、姓名、代表团。",
        "三、再次导入时按代表证号对应：证号已有的更新，没有的新增；空白的单元格会清空原来的内容。",
        "四、名册中有、文件中没有的代表，预览时会列出，由您决定是否按离任处理（状态改为“终止”）。",
        "五、导入前先显示预览。只要有一行不合要求，整份名册都不导入。",
        f"六、一次最多 {MOST_ROWS} 行，文件须为 .xlsx 格式。",
    ),
    judge=_judge,
    compare=_compare,
    enter=_enter,
    statuses=("new", "changed", "gone", "same", "refused"),
    gone="文件中没有（离任）",
    most_rows=MOST_ROWS,
    personal=imports.ALL_ROWS,  # the roster has them now
    actions={"apply": "roster.import", "discard": "roster.discard"},
)
get_draft = partial(imports.get_draft, SHEET)
