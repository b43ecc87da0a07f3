"""The roster: found, changed, uploaded as a whole or not at all."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from tests import sheets
from tests.counting import statements
from tests.factories import NOW, make_deputies, make_deputy
from tests.sheets import book, deputy
from votes.db import db
from votes.models import AuditEntry, Delegation, Deputy, ImportDraft
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import DeputyState
from votes.services import audit, imports
from votes.services.people import delegations, roster, roster_sheets
from votes.services.people.roster_sheets import SHEET

BY = audit.SYSTEM
TODAY = date(2027, 1, 15)


@pytest.fixture
def place(world):
    """The county in scope; deputy 900 in its 第一代表团 is all there is."""
    with world.work() as session:
        yield session


def numbers(**filters) -> list[str]:
    return [d.number for d in roster.everyone(filters)]


def upload(rows, head=sheets.HEAD) -> ImportDraft:
    return imports.preview(SHEET, imports.read(SHEET, "名册.xlsx", book(rows, head)), by=BY, now=NOW)


def apply(draft, *, end_departed=True, seen=None):
    """Apply as shown now, or as shown at ``seen``; what the draft was going to change."""
    plan = roster_sheets.plan(draft.rows)
    seen = seen or digest(draft)
    imports.apply(SHEET, draft, seen=seen, end_departed=end_departed, by=BY, now=NOW)
    return plan


def digest(draft) -> str:
    return imports.digest(imports.fresh(SHEET, draft))


def actions() -> list[tuple[str, str | None]]:
    return [(e.action, e.about) for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


# --- finding ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("曾", ["101"]),
        ("zgf", ["101"]),
        ("ZG", ["101"]),
        ("zengguo", ["101"]),
        ("zeng guo", ["101"]),
        ("０１０１", []),
        ("１０１", ["101"]),
        ("10", ["101", "102"]),
        ("1399999", ["102"]),
        ("校长", ["102"]),
        ("%", []),
        ("_", []),
        ("不在", []),
    ],
)
def test_finds_by_name_pinyin_initials_number_phone_and_post(place, world, q, found):
    group = world.delegations["county"]
    make_deputy("101", "曾国藩", group, pinyin="zeng guo fan", initials="ZGF")
    make_deputy("102", "李示例", group, pinyin="li shi li", initials="LSL", phone="13999999999", post="校长")
    assert numbers(q=q) == found


def test_sorts_numbers_as_people_count(place, world):
    for number in ("10", "9", "B1"):
        make_deputy(number, "示例", world.delegations["county"])
    assert numbers(sort="number") == ["9", "10", "B1", "900"]


def test_filters_by_delegation_and_state(place, world):
    other = Delegation(name="第二代表团", position=2)
    db.session.add(other)
    db.session.flush()
    make_deputy("201", "示例", other.id, state=DeputyState.SUSPENDED)
    make_deputy("202", "示例", other.id)
    assert numbers(delegation_id=other.id) == ["201", "202"]
    assert numbers(delegation_id=other.id, state=DeputyState.SUSPENDED) == ["201"]
    assert roster.counts() == {DeputyState.ACTIVE: 2, DeputyState.SUSPENDED: 1, DeputyState.ENDED: 0}


def test_another_bodys_deputy_is_not_there(world):
    with world.work("other"):
        theirs = roster.everyone()[0].id
    with world.work("county"):
        assert roster.get(theirs) is None
        assert roster.standing().keys() == {"900"}


# --- one deputy ------------------------------------------------------------------------------------------


def texts(**values) -> dict[str, str | None]:
    return {"number": "101", "name": "曾示例", "delegation": "第一代表团", **values}


def save(who=None, *, pinyin="", initials="", **values) -> Deputy:
    return roster.save(who, texts(**values), pinyin=pinyin, initials=initials, by=BY, now=NOW, today=TODAY)


def test_adds_a_deputy_and_the_delegation_that_is_not_there_yet(place):
    one = save(delegation="第二代表团", born="1975.8", phone="138 0013 8000")
    assert (one.pinyin, one.initials, one.state) == ("zeng shi li", "ZSL", DeputyState.ACTIVE)
    assert (one.born, one.phone) == ("1975-08", "13800138000")
    assert [(d.name, d.position) for d in delegations.all_delegations()] == [
        ("第一代表团", 1),
        ("第二代表团", 2),
    ]
    assert actions()[-2:] == [("delegation.create", "第二代表团"), ("deputy.create", "曾示例")]


def test_keeps_a_corrected_spelling_until_the_name_changes(place):
    one = save()
    save(one, pinyin="ceng shi li", initials="csl")
    assert (one.pinyin, one.initials) == ("ceng shi li", "CSL")
    save(one, post="教师")
    assert (one.pinyin, one.initials) == ("ceng shi li", "CSL")
    save(one, name="单示例", pinyin="ceng shi li", initials="CSL")
    assert (one.pinyin, one.initials) == ("shan shi li", "SSL")


def test_records_only_what_changed(place):
    one = save(post="教师")
    save(one, post="校长")
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.before, entry.after) == ("deputy.edit", {"post": "教师"}, {"post": "校长"})
    before = len(actions())
    save(one, post="校长")
    assert len(actions()) == before


def test_refuses_a_number_that_somebody_has(work, world):
    work.scope = world.county
    with pytest.raises(RuleBroken) as broken:
        save(number="900")
    assert (broken.value.field, broken.value.message) == (
        "number",
        "代表证号“900”已经是另一位代表的，请核对。",
    )


def test_refuses_what_the_sheet_would_refuse(place):
    with pytest.raises(RuleBroken) as broken:
        save(born="1975-13")
    assert broken.value.field == "born"


def test_the_same_number_may_stand_in_two_bodies(world):
    for body in ("county", "other"):
        with world.work(body):
            save(number="555")


def test_changes_the_state_with_a_reason(place):
    one = save()
    roster.set_state(one, DeputyState.ENDED, reason=" 调离本行政区域 ", by=BY, now=NOW)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.before, entry.after, entry.message) == (
        "deputy.state",
        {"state": "active"},
        {"state": "ended"},
        "调离本行政区域",
    )


# --- delegations -----------------------------------------------------------------------------------------


def test_delegations_may_change_names_with_each_other(place):
    save(delegation="第二代表团")
    one, two = delegations.all_delegations()
    delegations.arrange({one.id: ("第二代表团", 2), two.id: ("第一代表团", 1)}, by=BY, now=NOW)
    assert [(d.id, d.name) for d in delegations.all_delegations()] == [
        (two.id, "第一代表团"),
        (one.id, "第二代表团"),
    ]


@pytest.mark.parametrize("name", ["", "  ", "第二代表团", "长" * 31])
def test_refuses_an_empty_doubled_or_long_delegation(place, name):
    save(delegation="第二代表团")
    one = delegations.all_delegations()[0]
    with pytest.raises(RuleBroken):
        delegations.arrange({one.id: (name, 1)}, by=BY, now=NOW)


def test_only_an_empty_delegation_can_be_removed(place):
    one = save(delegation="第二代表团")
    second = delegations.all_delegations()[1]
    with pytest.raises(RuleBroken):
        delegations.remove(second, by=BY, now=NOW)
    save(one, delegation="第一代表团")
    delegations.remove(second, by=BY, now=NOW)
    assert [d.name for d in delegations.all_delegations()] == ["第一代表团"]


# --- by spreadsheet ----------------------------------------------------------------------------------------


def test_the_template_reads_back_as_nothing(place):
    with pytest.raises(RuleBroken) as broken:
        imports.preview(SHEET, imports.read(SHEET, "模板.xlsx", roster_sheets.template()), by=BY, now=NOW)
    assert broken.value.message == "表中没有可以导入的内容。请填写后重新上传。"


def test_what_is_exported_reads_back_as_unchanged(place, world):
    make_deputies(12, world.delegations["county"])
    data = roster_sheets.export(roster.everyone(), "示例县代表名册")
    draft = imports.preview(SHEET, imports.read(SHEET, "名册.xlsx", data), by=BY, now=NOW)
    plan = roster_sheets.plan(draft.rows)
    assert (plan.additions, plan.changes, plan.departures, plan.unchanged) == ([], [], [], 13)


def test_applies_additions_changes_and_departures(place, world):
    make_deputies(9, world.delegations["county"])  # and 900 of the world
    rows = [deputy(f"{i:03d}", f"示例代表{i:03d}", gender="男" if i % 2 else "女") for i in range(1, 9)]
    rows += [deputy("031", "曾新", delegation="第二代表团", state="")]
    draft = upload(rows)
    plan = apply(draft)
    assert ([v["number"] for v in plan.additions], len(plan.changes), plan.unchanged) == (["031"], 8, 0)
    assert [v["number"] for v in plan.departures] == ["009", "900"]
    new = db.session.scalar(select(Deputy).where(Deputy.number == "031"))
    assert (new.initials, new.state, new.delegation.name) == ("ZX", DeputyState.ACTIVE, "第二代表团")
    assert numbers(state=DeputyState.ENDED) == ["009", "900"]
    assert (draft.applied_at, draft.rows) == (NOW, [])
    done = [a for a, _ in actions() if a.startswith(("deputy.", "roster.", "delegation."))]
    assert done == ["delegation.create", *["deputy.edit"] * 8, *["deputy.state"] * 2, "roster.import"]


def test_departures_are_kept_when_asked(place):
    plan = apply(upload([deputy("001")]), end_departed=False)
    assert [v["number"] for v in plan.departures] == ["900"]
    assert numbers(state=DeputyState.ACTIVE) == ["001", "900"]


def test_one_refused_row_holds_everything_back(place):
    draft = upload([deputy("001"), deputy("002", born="1975-13"), deputy("003")])
    assert [(row["row"], row["problems"]) for row in draft.rows if row["problems"]] == [
        (3, ["出生年月“1975-13”不是真实存在的日期，请写成 1968-05 这样的年、月。"])
    ]
    with pytest.raises(RuleBroken) as broken:
        apply(draft)
    assert broken.value.code == "refused_rows"
    assert numbers() == ["900"]


def test_a_roster_that_changed_since_the_preview_is_not_overwritten(place):
    draft = upload([deputy("001")])
    seen = digest(draft)
    save(number="002")
    with pytest.raises(RuleBroken) as broken:
        apply(draft, seen=seen)
    assert broken.value.code == "stale"
    assert numbers() == ["002", "900"]


def test_a_draft_is_applied_once(place):
    draft = upload([deputy("001")])
    seen = digest(draft)
    apply(draft, seen=seen)
    with pytest.raises(RuleBroken) as broken:
        apply(draft, seen=seen)
    assert broken.value.code == "applied"


def test_the_same_file_again_changes_nothing(place):
    rows = [deputy("001"), deputy("002", phone=13900139000, born=197508)]
    apply(upload(rows))
    plan = roster_sheets.plan(upload(rows).rows)
    assert (plan.additions, plan.changes, plan.departures, plan.unchanged) == ([], [], [], 2)


def test_a_renamed_deputy_is_spelt_anew(place):
    apply(upload([deputy("900", "单示例")]))
    assert db.session.scalar(select(Deputy.initials).where(Deputy.number == "900")) == "SSL"


def test_another_bodys_draft_is_not_there(world):
    with world.work("other"):
        theirs = upload([deputy("001")]).id
    with world.work("county"):
        assert roster_sheets.get_draft(theirs) is None


def test_a_draft_nobody_applied_is_forgotten_after_a_month(place):
    old = upload([deputy("001")])
    old.created_at = NOW - timedelta(days=31)
    db.session.flush()
    upload([deputy("002")])
    assert db.session.scalar(select(func.count()).select_from(ImportDraft)) == 1


def test_discarding_leaves_the_roster_alone(place):
    draft = upload([deputy("001")])
    imports.discard(SHEET, draft, by=BY, now=NOW)
    assert (numbers(), actions()[-1]) == (["900"], ("roster.discard", "名册.xlsx"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "文件是空的，请重新选择文件。"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "这是旧版 .xls 文件。请用 Excel 或 WPS 打开，另存为 .xlsx 后重新上传。"),
        ("代表证号,姓名\n001,王示例\n".encode(), "这不是 Excel 文件（.xlsx），只改扩展名不行。请另存为 .xlsx 后重新上传。"),
        (book([], ["代表证号", "姓名", "性别", "民族", "出生年月", "选区", "职务", "手机号"]), "缺少这些列：代表团、状态。请对照模板补上后重新上传，未做任何改动。"),
        (book([]), "表头下面没有内容。请在表头下面逐行填写后重新上传。"),
        (book([deputy("001")], [*sheets.HEAD, "姓名"]), "这些列出现了不止一次：姓名。请只保留一列后重新上传。"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(data, message):
    with pytest.raises(RuleBroken) as broken:
        imports.read(SHEET, "名册.xlsx", data)
    assert (broken.value.message, broken.value.field, broken.value.status) == (message, "file", 422)


def test_five_hundred_rows_take_a_handful_of_statements(place, database):
    rows = [deputy(f"{i:03d}", f"王示例{i}", delegation=f"第{i % 12 + 1}代表团") for i in range(500)]
    workbook = imports.read(SHEET, "名册.xlsx", book(rows))
    with statements(database) as seen:
        draft = imports.preview(SHEET, workbook, by=BY, now=NOW)
        plan = roster_sheets.plan(draft.rows)
    assert (len(plan.additions), len(seen) <= 5) == (500, True)
    with statements(database) as seen:
        apply(draft)
    assert len(seen) <= 50  # the twelve delegations are made one by one, the deputies at once


def test_the_template_offers_choices_and_the_delegations_of_the_place(place):
    first = sheets.rows_of(roster_sheets.template())
    assert first[1] == list(sheets.HEAD)
    assert first[2][0] == "示例行"
    sheet = load_workbook(BytesIO(roster_sheets.template())).worksheets[0]
    rules = sheet.data_validations.dataValidation
    assert [r.formula1 for r in rules if r.type == "list"] == ['"男,女"', '"在任,暂停,终止"']
    assert "第一代表团" in next(r.prompt for r in rules if r.promptTitle == "代表团")
