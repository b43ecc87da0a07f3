"""The roster by Excel: read, compared, applied as a whole or not at all."""

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from tests import sheets
from tests.counting import statements
from tests.factories import NOW, make_deputies
from tests.services.people.tools import BY, actions, numbers, save
from tests.sheets import book, deputy
from votes.db import db
from votes.models import Deputy, ImportDraft
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import DeputyState
from votes.services import imports
from votes.services.people import roster, roster_sheets
from votes.services.people.roster_sheets import SHEET


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


def test_template_reads_back_as_nothing(place):
    with pytest.raises(RuleBroken) as broken:
        imports.preview(SHEET, imports.read(SHEET, "模板.xlsx", roster_sheets.template()), by=BY, now=NOW)
    assert broken.value.message == "表中没有可以导入的内容。请填写后重新上传。"


def test_export_reads_back_as_unchanged(place, world):
    make_deputies(12, world.delegations["county"])
    data = roster_sheets.export(roster.everyone(), "示例县代表名册")
    draft = imports.preview(SHEET, imports.read(SHEET, "名册.xlsx", data), by=BY, now=NOW)
    plan = roster_sheets.plan(draft.rows)
    assert (plan.additions, plan.changes, plan.departures, plan.unchanged) == ([], [], [], 13)


def test_apply_enters_additions_changes_and_departures(place, world):
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


def test_apply_keeps_departures_unless_told_to_end_them(place):
    plan = apply(upload([deputy("001")]), end_departed=False)
    assert [v["number"] for v in plan.departures] == ["900"]
    assert numbers(state=DeputyState.ACTIVE) == ["001", "900"]


def test_apply_with_a_refused_row_enters_none(place):
    draft = upload([deputy("001"), deputy("002", born="1975-13"), deputy("003")])
    assert [(row["row"], row["problems"]) for row in draft.rows if row["problems"]] == [
        (3, ["出生年月“1975-13”不是真实存在的日期，请写成 1968-05 这样的年、月。"])
    ]
    with pytest.raises(RuleBroken) as broken:
        apply(draft)
    assert broken.value.code == "refused_rows"
    assert numbers() == ["900"]


def test_apply_after_a_change_of_the_roster_is_refused(place):
    draft = upload([deputy("001")])
    seen = digest(draft)
    save(number="002")
    with pytest.raises(RuleBroken) as broken:
        apply(draft, seen=seen)
    assert broken.value.code == "stale"
    assert numbers() == ["002", "900"]


def test_apply_twice_is_refused(place):
    draft = upload([deputy("001")])
    seen = digest(draft)
    apply(draft, seen=seen)
    with pytest.raises(RuleBroken) as broken:
        apply(draft, seen=seen)
    assert broken.value.code == "applied"


def test_preview_of_the_same_file_again_changes_nothing(place):
    rows = [deputy("001"), deputy("002", phone=13900139000, born=197508)]
    apply(upload(rows))
    plan = roster_sheets.plan(upload(rows).rows)
    assert (plan.additions, plan.changes, plan.departures, plan.unchanged) == ([], [], [], 2)


def test_apply_spells_a_new_name(place):
    apply(upload([deputy("900", "单示例")]))
    assert db.session.scalar(select(Deputy.initials).where(Deputy.number == "900")) == "SSL"


def test_get_draft_of_another_body_returns_none(world):
    with world.work("other"):
        theirs = upload([deputy("001")]).id
    with world.work("county"):
        assert roster_sheets.get_draft(theirs) is None


def test_draft_that_nobody_applied_is_deleted_after_a_month(place):
    old = upload([deputy("001")])
    old.created_at = NOW - timedelta(days=31)
    db.session.flush()
    upload([deputy("002")])
    assert db.session.scalar(select(func.count()).select_from(ImportDraft)) == 1


def test_discard_changes_no_deputy(place):
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
def test_read_of_a_wrong_file_says_why(data, message):
    with pytest.raises(RuleBroken) as broken:
        imports.read(SHEET, "名册.xlsx", data)
    assert (broken.value.message, broken.value.field, broken.value.status) == (message, "file", 422)


def test_preview_and_apply_of_500_rows_take_few_statements(place, database):
    rows = [deputy(f"{i:03d}", f"王示例{i}", delegation=f"第{i % 12 + 1}代表团") for i in range(500)]
    workbook = imports.read(SHEET, "名册.xlsx", book(rows))
    with statements(database) as seen:
        draft = imports.preview(SHEET, workbook, by=BY, now=NOW)
        plan = roster_sheets.plan(draft.rows)
    assert (len(plan.additions), len(seen) <= 5) == (500, True)
    with statements(database) as seen:
        apply(draft)
    assert len(seen) <= 50  # the twelve delegations are made one by one, the deputies at once


def test_template_offers_choices_and_delegations(place):
    first = sheets.rows_of(roster_sheets.template())
    assert first[1] == list(sheets.HEAD)
    assert first[2][0] == "示例行"
    sheet = load_workbook(BytesIO(roster_sheets.template())).worksheets[0]
    rules = sheet.data_validations.dataValidation
    assert [r.formula1 for r in rules if r.type == "list"] == ['"男,女"', '"在任,暂停,终止"']
    assert "第一代表团" in next(r.prompt for r in rules if r.promptTitle == "代表团")
