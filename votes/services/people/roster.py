"""The roster of deputies and their delegations: by hand, by spreadsheet, and back into one."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any

from sqlalchemy import Select, delete, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager

from votes.db import db, flush_or, page as page
from votes.exports.formats import xlsx
from votes.models import Body, Delegation, Deputy, HallDelegation, ImportDraft, Teller
from votes.rules.errors import RuleBroken
from votes.rules.people import roster as rules
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.people.roster import Checked, Line, Plan, Values
from votes.services import audit
from votes.services.people import bodies
from votes.services.people.pinyin import spell, tidy_pinyin

#: Uploads nobody has applied are personal data without a purpose after so long.
KEEP_DRAFTS = timedelta(days=30)
MAX_ROWS = 2000

# --- reads -----------------------------------------------------------------------------------------------


def get(deputy_id: int) -> Deputy | None:
    return db.session.scalar(select(Deputy).where(Deputy.id == deputy_id))


def delegations() -> list[Delegation]:
    """代表团, in the order of the place."""
    return list(db.session.scalars(select(Delegation).order_by(Delegation.position, Delegation.id)))


def delegation_sizes() -> dict[int, int]:
    """Delegation id → how many deputies are in office there."""
    rows = db.session.execute(
        select(Deputy.delegation_id, func.count())
        .where(Deputy.state != DeputyState.ENDED)
        .group_by(Deputy.delegation_id)
    )
    return dict(rows.all())


def counts() -> dict[DeputyState, int]:
    """How many deputies stand in each state."""
    found = dict(db.session.execute(select(Deputy.state, func.count()).group_by(Deputy.state)).all())
    return {state: found.get(state, 0) for state in DeputyState}


_BY_NUMBER = (func.length(Deputy.number), Deputy.number)
SORTS = {
    "delegation": (Delegation.position, Delegation.id, *_BY_NUMBER),
    "number": _BY_NUMBER,
    "name": (Deputy.pinyin, *_BY_NUMBER),
    "born": (Deputy.born.is_(None), Deputy.born, *_BY_NUMBER),
}


def search(
    *,
    q: str = "",
    delegation_id: int | None = None,
    state: DeputyState | None = None,
    sort: str = "delegation",
) -> Select[Deputy]:
    """Deputies whose name, pinyin, initials, number, phone or post go with ``q``; an unknown sort is the usual one."""
    query = (
        select(Deputy)
        .join(Deputy.delegation)
        .options(contains_eager(Deputy.delegation))
        .order_by(*SORTS.get(sort, SORTS["delegation"]))
    )
    q = " ".join(q.split())
    if q:
        letters = q.lower().replace(" ", "")
        tests = [
            Deputy.name.contains(q, autoescape=True),
            Deputy.post.contains(q, autoescape=True),
            Deputy.constituency.contains(q, autoescape=True),
            Deputy.number.contains(rules.normal_number(q), autoescape=True),
        ]
        if letters.isascii():
            tests += [
                Deputy.initials.startswith(letters.upper(), autoescape=True),
                func.replace(Deputy.pinyin, " ", "").startswith(letters, autoescape=True),
                Deputy.phone.contains(letters, autoescape=True),
            ]
        query = query.where(or_(*tests))
    if delegation_id:
        query = query.where(Deputy.delegation_id == delegation_id)
    if state:
        query = query.where(Deputy.state == state)
    return query


def everyone(query: Select[Deputy]) -> list[Deputy]:
    return list(db.session.scalars(query))


def values_of(deputy: Deputy) -> Values:
    """A deputy as the rules know one."""
    values: Values = {name: getattr(deputy, name) for name in rules.COLUMNS}
    values["delegation"] = deputy.delegation.name
    values["state"] = deputy.state.value
    return values


def standing() -> dict[str, Values]:
    """The whole roster, number → values."""
    return {d.number: values_of(d) for d in db.session.scalars(select(Deputy).order_by(*_BY_NUMBER))}


# --- one deputy ----------------------------------------------------------------------------------------


def save(
    deputy: Deputy | None,
    texts: Mapping[str, str | None],
    *,
    pinyin: str = "",
    initials: str = "",
    by: Actor,
    now: datetime,
    today: date,
) -> Deputy:
    """Add (``deputy`` None) or change a deputy. The state is not changed here, see `set_state`.

    A delegation that is not there yet is made. Pinyin and initials are spelt out of the name unless given.
    Raises RuleBroken at the field for a value that cannot be, or a number that somebody else has.
    """
    values, problems = rules.clean({**texts, "state": None}, today=today)
    for name, problem in problems.items():
        raise RuleBroken(problem, field=name, status=422)
    new = deputy is None
    before: dict[str, Any] = {}
    if deputy is None:
        deputy = Deputy(state=DeputyState.ACTIVE, pinyin="", initials="")
    else:
        before = {**values_of(deputy), "pinyin": deputy.pinyin, "initials": deputy.initials}
    spelt = _spelling(deputy, str(values["name"]), tidy_pinyin(pinyin), initials)
    _set(deputy, values, _delegation_ids([values["delegation"] or ""], by=by, now=now))
    deputy.pinyin, deputy.initials = spelt
    if new:
        db.session.add(deputy)
    flush_or(
        RuleBroken(
            bodies.speak("代表证号“{}”已经是另一位代表的，请核对。").format(values["number"]),
            field="number",
            code="taken",
            status=422,
        ),
        constraint="uq_deputies_body_id_number",
    )
    after = {**values, "state": deputy.state.value, "pinyin": deputy.pinyin, "initials": deputy.initials}
    before, after = audit.changes(before, after)
    if after:
        audit.record(
            "deputy.create" if new else "deputy.edit", by=by, at=now, about=deputy, before=before, after=after
        )
    return deputy


def _spelling(deputy: Deputy, name: str, pinyin: str, initials: str) -> tuple[str, str]:
    """What staff typed, where they changed it; else what stands, or is spelt anew for a new name."""
    spelt = spell(name) if name != deputy.name else (deputy.pinyin, deputy.initials)
    initials = "".join(initials.split()).upper()[:30]
    return (
        pinyin if pinyin and pinyin != deputy.pinyin else spelt[0] or spell(name)[0],
        initials if initials and initials != deputy.initials else spelt[1] or spell(name)[1],
    )


def _set(deputy: Deputy, values: Values, delegations: Mapping[str, int]) -> None:
    for name in rules.COLUMNS:
        if name not in ("delegation", "state"):
            setattr(deputy, name, values[name])
    deputy.delegation_id = delegations[values["delegation"] or ""]


def set_state(deputy: Deputy, state: DeputyState, *, reason: str = "", by: Actor, now: datetime) -> None:
    """在任, 暂停 or 终止, with the reason for the log (代表法 2025, arts. 61–62). Cards are not touched here."""
    before = deputy.state
    if before == state:
        return
    deputy.state = state
    audit.record(
        "deputy.state",
        by=by,
        at=now,
        about=deputy,
        before={"state": before},
        after={"state": state},
        message=reason.strip() or None,
    )
    db.session.flush()


# --- delegations -----------------------------------------------------------------------------------------


def _delegation_ids(names: Iterable[str], *, by: Actor, now: datetime) -> dict[str, int]:
    """Name → id; those that are not there yet are made, after the others."""
    known = delegations()
    ids = {d.name: d.id for d in known}
    position = max((d.position for d in known), default=0)
    fresh = []
    for name in rules.in_order(n for n in names if n not in ids):
        position += 1
        fresh.append(Delegation(name=name, position=position))
    if fresh:
        db.session.add_all(fresh)
        db.session.flush()
        for delegation in fresh:
            ids[delegation.name] = delegation.id
            audit.record(
                "delegation.create", by=by, at=now, about=delegation, after={"name": delegation.name}
            )
    return ids


def arrange_delegations(changes: Mapping[int, tuple[str, int]], *, by: Actor, now: datetime) -> None:
    """New names and places: id → (name, position). Raises RuleBroken for an empty or doubled name."""
    found = {d.id: d for d in delegations()}
    wanted = {
        id_: {"name": " ".join(name.split()), "position": position}
        for id_, (name, position) in changes.items()
        if id_ in found
    }
    longest = rules.LONGEST["delegation"]
    names = [str(wanted[id_]["name"]) if id_ in wanted else d.name for id_, d in found.items()]
    if any(not name or len(name) > longest for name in names):
        raise RuleBroken(
            bodies.speak(f"代表团名称不能为空，也不能超过 {longest} 个字。没有改动。"), status=422
        )
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        raise RuleBroken(
            bodies.speak("有两个代表团都叫“{}”，请改成不同的名称。没有改动。").format(doubled), status=422
        )
    for id_, values in wanted.items():
        before, after = audit.changes({"name": found[id_].name, "position": found[id_].position}, values)
        if after:
            audit.record("delegation.edit", by=by, at=now, about=found[id_], before=before, after=after)
        if "name" in after:
            found[id_].name = f"#{id_}"  # two that change names with each other would collide half-way
    db.session.flush()
    for id_, values in wanted.items():
        for key, value in values.items():
            setattr(found[id_], key, value)
    db.session.flush()


def remove_delegation(delegation: Delegation, *, by: Actor, now: datetime) -> None:
    """Take away a delegation nobody belongs to, and its seat in any hall.

    Raises RuleBroken while it has deputies, former ones included, and where it has nominated a teller.
    """
    if db.session.scalar(select(Deputy.id).where(Deputy.delegation_id == delegation.id).limit(1)):
        raise RuleBroken(
            bodies.speak("“{}”还有代表（含已终止资格的），不能删除。请先把他们改到别的代表团。").format(
                delegation.name
            )
        )
    if db.session.scalar(select(Teller.id).where(Teller.nominated_by_id == delegation.id).limit(1)):
        raise RuleBroken(f"“{delegation.name}”提名过监票人，记录须保留，不能删除。")
    audit.record("delegation.remove", by=by, at=now, about=delegation, before={"name": delegation.name})
    db.session.flush()
    db.session.execute(delete(HallDelegation).where(HallDelegation.delegation_id == delegation.id))
    db.session.execute(delete(Delegation).where(Delegation.id == delegation.id))


def get_delegation(delegation_id: int) -> Delegation | None:
    return db.session.scalar(select(Delegation).where(Delegation.id == delegation_id))


# --- by spreadsheet ----------------------------------------------------------------------------------------


def get_draft(draft_id: int) -> ImportDraft | None:
    return db.session.scalar(
        select(ImportDraft).where(ImportDraft.id == draft_id, ImportDraft.kind == "roster")
    )


def read_sheet(data: bytes) -> list[Line]:
    """The lines of an uploaded .xlsx; asks no database. Raises RuleBroken at field "file" saying what is wrong."""
    fields = {column: name for name, column in rules.COLUMNS.items()}
    try:
        rows = xlsx.read(data, columns=list(fields), max_rows=MAX_ROWS)
    except xlsx.SheetError as error:
        raise RuleBroken(str(error), field="file", code="bad_sheet", status=422) from error
    return [
        Line(
            row.number,
            {fields[column]: xlsx.cell_text(value) for column, value in row.values.items()},
            frozenset(fields[c] for c, value in row.values.items() if isinstance(value, int | float)),
            {fields[column]: why for column, why in row.unread.items()},
        )
        for row in rows
    ]


def upload(lines: list[Line], *, filename: str, by: Actor, now: datetime, today: date) -> ImportDraft:
    """Keep the lines, checked, for the preview. Nothing of the roster is changed."""
    known = db.session.scalars(select(Deputy.number)).all()
    checked = rules.check(lines, known_numbers=known, today=today)
    if not checked:
        raise RuleBroken(
            bodies.speak("表中只有示例行，没有代表。请填写后重新上传。"), field="file", status=422
        )
    db.session.execute(
        delete(ImportDraft).where(ImportDraft.kind == "roster", ImportDraft.created_at < now - KEEP_DRAFTS)
    )
    draft = ImportDraft(
        kind="roster",
        filename=PurePath(filename.replace("\\", "/")).name[-200:] or "名册.xlsx",
        rows=[{"row": c.row, "problems": c.problems, "values": c.values} for c in checked],
        created_at=now,
        created_by_id=by.user_id,
    )
    db.session.add(draft)
    db.session.flush()
    return draft


def checked_rows(draft: ImportDraft) -> list[Checked]:
    return [Checked(row["row"], row["values"], row["problems"]) for row in draft.rows]


def preview(draft: ImportDraft) -> Plan:
    """How the sheet differs from the roster as it stands at this moment; refused rows change nothing."""
    rows = checked_rows(draft)
    return rules.compare(
        standing(),
        [row.values for row in rows if not row.problems],
        refused_numbers=[str(row.values["number"]) for row in rows if row.problems],
    )


def apply(draft: ImportDraft, *, seen: str, end_departed: bool, by: Actor, now: datetime) -> Plan:
    """Do what the preview showed, as a whole.

    ``seen`` is the digest of the plan that was shown; ``end_departed`` sets those who are not in the sheet to 终止.
    Raises RuleBroken when a row was refused, when the sheet was applied before, and when the roster has changed
    since the preview.
    """
    _one_at_a_time()
    db.session.refresh(draft, with_for_update=True)
    if draft.applied_at:
        raise RuleBroken("这份名册已经导入过了，没有再次改动。", code="applied")
    refused = sum(bool(row["problems"]) for row in draft.rows)
    if refused:
        raise RuleBroken(
            f"有 {refused} 行不能导入，整份名册都没有导入。请在表中改正后重新上传。", code="refused_rows"
        )
    plan = preview(draft)
    if plan.digest != seen:
        raise RuleBroken(
            "您预览之后，名册又有了变动，没有导入。请核对下面重新比对的结果，再确认导入。", code="changed"
        )
    names = [str(v["delegation"]) for v in plan.additions] + [
        str(c.fields["delegation"][1]) for c in plan.changes if "delegation" in c.fields
    ]
    delegations = _delegation_ids(names, by=by, now=now)
    taken = RuleBroken("名册刚刚被别人改动，没有导入。请重新核对后再导入。", code="changed")
    try:
        _add(plan, delegations)
    except IntegrityError as error:
        raise taken from error
    _change(plan, delegations, by=by, now=now)
    ended = plan.departures if end_departed else []
    _end(ended, by=by, now=now)
    audit.record(
        "roster.import",
        by=by,
        at=now,
        about=draft,
        after={
            "added": len(plan.additions),
            "changed": len(plan.changes),
            "ended": len(ended),
            "unchanged": plan.unchanged,
            "new_deputies": [f"{v['number']} {v['name']}" for v in plan.additions],
        },
    )
    draft.applied_at = now
    draft.rows = []  # the roster holds them now
    flush_or(taken, constraint="uq_deputies_body_id_number")
    return plan


def _one_at_a_time() -> None:
    """Two imports of one body wait for each other (SQLite has one writer anyway)."""
    db.session.execute(select(Body.id).where(Body.id == db.session.scope).with_for_update(key_share=True))


def _add(plan: Plan, delegations: Mapping[str, int]) -> None:
    """All new deputies in one statement (row by row a first roster would take hundreds)."""
    rows = []
    for values in plan.additions:
        row: dict[str, Any] = {k: v for k, v in values.items() if k not in ("delegation", "state")}
        row["body_id"] = db.session.scope
        row["delegation_id"] = delegations[values["delegation"] or ""]
        row["state"] = DeputyState(str(values["state"]))
        row["pinyin"], row["initials"] = spell(values["name"] or "")
        rows.append(row)
    if rows:
        db.session.execute(insert(Deputy), rows)


def _by_number(numbers: Iterable[str]) -> dict[str, Deputy]:
    wanted = set(numbers)
    if not wanted:
        return {}
    # all of them: five hundred numbers in an IN list are no gain over a table of five hundred
    return {d.number: d for d in db.session.scalars(select(Deputy)) if d.number in wanted}


def _change(plan: Plan, delegations: Mapping[str, int], *, by: Actor, now: datetime) -> None:
    deputies = _by_number(c.number for c in plan.changes)
    for change in plan.changes:
        deputy = deputies[change.number]
        for name, (_, value) in change.fields.items():
            if name == "delegation":
                deputy.delegation_id = delegations[str(value)]
            elif name == "state":
                deputy.state = DeputyState(str(value))
            else:
                setattr(deputy, name, value)
        if "name" in change.fields:
            deputy.pinyin, deputy.initials = spell(deputy.name)
        audit.record(
            "deputy.edit",
            by=by,
            at=now,
            about=deputy,
            before={name: old for name, (old, _) in change.fields.items()},
            after={name: value for name, (_, value) in change.fields.items()},
        )


def _end(departures: list[Values], *, by: Actor, now: datetime) -> None:
    deputies = _by_number(str(v["number"]) for v in departures)
    for deputy in deputies.values():
        before, deputy.state = deputy.state, DeputyState.ENDED
        audit.record(
            "deputy.state",
            by=by,
            at=now,
            about=deputy,
            before={"state": before},
            after={"state": DeputyState.ENDED},
            message="导入的名册中没有此人",
        )


def discard(draft: ImportDraft, *, by: Actor, now: datetime) -> None:
    """Throw the upload away; the roster was never touched."""
    audit.record("roster.discard", by=by, at=now, about=draft)
    db.session.delete(draft)
    db.session.flush()


# --- into spreadsheets ---------------------------------------------------------------------------------------

_WIDTHS = {"number": 14, "name": 12, "gender": 7, "ethnicity": 10, "born": 12, "delegation": 18}
_WIDTHS |= {"constituency": 22, "post": 30, "phone": 16, "state": 9}


def _columns(delegations: list[Delegation] | None = None) -> list[xlsx.Column]:
    """The columns of the sheet; with ``delegations`` (a template) also choices and hints."""
    if delegations is None:
        return [xlsx.Column(word, _WIDTHS[name]) for name, word in rules.COLUMNS.items()]
    choices: dict[str, list[str]] = {
        "gender": list(rules.GENDERS),
        "state": list(rules.STATES),
    }
    notes = {
        "number": "必填，每位代表不同。再次导入时按代表证号对应，请不要改动。",
        "name": "必填。",
        "ethnicity": "如：汉族、土家族。",
        "born": "年和月，如 1968-05。",
        "delegation": "必填。名册中没有的代表团会自动新建。"
        + ("已有：" + "、".join(d.name for d in delegations) if delegations else "")[:150],
        "phone": "11 位手机号，或带区号的固定电话。",
        "state": "在任、暂停、终止；空白表示在任（已在名册中的保持原状态）。",
    }
    return [
        xlsx.Column(word, _WIDTHS[name], choices=choices.get(name), note=notes.get(name))
        for name, word in rules.COLUMNS.items()
    ]


def template() -> bytes:
    """The .xlsx to fill in: choices, hints, one example row (which the reader leaves out) and a sheet of notes."""
    found = delegations()
    example = (
        rules.EXAMPLE, "王示例", "女", "汉族", "1975-08", found[0].name if found else "第一代表团",
        "第一选区", "示例村党支部书记", "13800000000", "在任",
    )  # fmt: skip
    return xlsx.write(
        "代表名册",
        _columns(found),
        [example],
        sheet_title="代表名册",
        notes=[
            "一、每位代表一行，从第 4 行起填写。第 3 行是示例，代表证号为“示例行”的行不导入，可以删除。",
            "二、表头各列都要保留，顺序可以不同。必填：代表证号、姓名、代表团。",
            "三、再次导入时按代表证号对应：证号已有的更新，没有的新增；空白的单元格会清空原来的内容。",
            "四、名册中有、文件中没有的代表，预览时会列出，由您决定是否按离任处理（状态改为“终止”）。",
            "五、导入前先显示预览。只要有一行不合要求，整份名册都不导入。",
            f"六、一次最多 {MAX_ROWS} 行，文件须为 .xlsx 格式。",
        ],
    )


def workbook(rows: Iterable[Deputy], title: str) -> bytes:
    """The given deputies with the template's columns, so that the file can be corrected and uploaded again."""
    lines = []
    for deputy in rows:
        values = {**values_of(deputy), "state": rules.STATE_WORDS[deputy.state.value]}
        lines.append([values[name] for name in rules.COLUMNS])
    return xlsx.write(title, _columns(), lines, sheet_title="代表名册")
