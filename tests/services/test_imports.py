"""The machine for workbooks, driven by an invented sheet; and what all five sheets have in common."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, strategies as st
from sqlalchemy import delete, select

from tests.duties import make_meeting
from tests.factories import NOW
from tests.sheets import book, deputy
from votes.db import db
from votes.exports.formats import xlsx
from votes.exports.formats.xlsx import Row
from votes.models import AuditEntry, DutyMeeting, ImportDraft
from votes.rules.errors import RuleBroken
from votes.rules.people.roster import COLUMNS as ROSTER_COLUMNS
from votes.services import imports
from votes.services.duties import attendance_sheets
from votes.services.people import roster_sheets, village_sheets
from votes.services.projects import sheets as project_sheets
from votes.services.suggestions import sheets as suggestion_sheets

STOCK = {"桌": 3, "椅": 5}  # what the invented sheet compares with


def judge(book, *, now, place="库房"):
    return [
        {
            "row": row.number,
            "place": place,
            "values": {"name": row.values["名称"], "count": row.values.get("数量")},
            "problems": [] if isinstance(row.values.get("数量"), int) else ["数量应为整数。"],
        }
        for row in book.rows
        if row.values["名称"] != "示例"
    ]


def compare(entries):
    for entry in entries:
        old = STOCK.get(entry["values"]["name"])
        if entry["problems"]:
            entry["status"] = "refused"
        elif old is None:
            entry["status"] = "new"
        elif old != entry["values"]["count"]:
            entry |= {"status": "changed", "changes": [["数量", str(old), str(entry["values"]["count"])]]}
        else:
            entry["status"] = "same"
    named = {entry["values"]["name"] for entry in entries}
    gone = [{"row": None, "status": "gone", "values": {"name": name}, "problems": [], "changes": []}
            for name in STOCK if name not in named]  # fmt: skip
    return [*entries, *gone]


def enter(entries, *, by, now, remove=False):
    count = imports.counts(SHEET, entries)
    for entry in entries:
        if entry["status"] == "gone" and remove:
            del STOCK[entry["values"]["name"]]
        elif entry["status"] != "gone":
            STOCK[entry["values"]["name"]] = entry["values"]["count"]
    return {"added": count["new"], "changed": count["changed"]}


SHEET = imports.Sheet(
    kind="villages",  # the table knows five kinds only
    title="家具",
    sheet_title="清单",
    noun="清单",
    unit="件",
    columns=lambda: (
        xlsx.SheetColumn("名称", 20, required=True, note="必填"),
        xlsx.SheetColumn("数量", 8, "int"),
        xlsx.SheetColumn("成色", choices=("新", "旧")),
    ),
    notes=("一行一种。",),
    judge=judge,
    compare=compare,
    enter=enter,
    statuses=("new", "changed", "gone", "same", "refused"),
    most_rows=3,
    waits=timedelta(days=2),
    personal=("count",),
    actions={
        "upload": "project.import_preview",
        "apply": "project.import",
        "discard": "project.import_discard",
    },
)


@pytest.fixture(autouse=True)
def stock(monkeypatch):
    monkeypatch.setitem(STOCK, "桌", 3)
    monkeypatch.setitem(STOCK, "椅", 5)
    yield STOCK
    STOCK.pop("柜", None)


@pytest.fixture
def office(world):
    with world.work():
        yield world.actor("office")


def rows(*pairs):
    return [Row(3 + place, {"名称": name, "数量": count}) for place, (name, count) in enumerate(pairs)]


def preview(by, *pairs, filename="清单.xlsx", now=NOW):
    return imports.preview(SHEET, imports.Book(filename, rows(*pairs)), by=by, now=now)


def refusal(act, *args, **kwargs) -> RuleBroken:
    with pytest.raises(RuleBroken) as broken:
        act(*args, **kwargs)
    return broken.value


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_template_has_columns_choices_hints_and_notes():
    data = imports.template(
        SHEET, title="二〇二七年家具", rows=[["桌", 1, None]], choices={"名称": ("桌", "椅")}, hints={"数量": "几件"}
    )  # fmt: skip
    made = openpyxl.load_workbook(BytesIO(data))
    assert made.sheetnames == ["清单", "填写说明"]
    assert [[cell.value for cell in row] for row in made["清单"]] == [
        ["二〇二七年家具", None, None],
        ["名称", "数量", "成色"],
        ["桌", 1, None],
    ]
    found = {
        rule.promptTitle: (rule.formula1, rule.prompt)
        for rule in made["清单"].data_validations.dataValidation
    }
    assert found == {"名称": ('"桌,椅"', "必填"), "数量": (None, "几件"), None: ('"新,旧"', None)}


def test_read_returns_rows_with_the_columns_there_are():
    read = imports.read(SHEET, "清单.xlsx", book([["桌", 1], ["椅", 2]], head=["名称", "数量"]))
    assert [row.values for row in read.rows] == [{"名称": "桌", "数量": 1}, {"名称": "椅", "数量": 2}]


def test_preview_judges_each_row_and_changes_nothing(office):
    draft = preview(office, ("桌", 3), ("椅", 6), ("柜", 1))
    assert [(row["row"], row["status"]) for row in draft.rows] == [(3, "same"), (4, "changed"), (5, "new")]
    assert draft.rows[1]["changes"] == [["数量", "5", "6"]]
    assert imports.counts(SHEET, draft.rows) == {"new": 1, "changed": 1, "gone": 0, "same": 1, "refused": 0}
    assert STOCK == {"桌": 3, "椅": 5}
    assert actions()[-1] == "project.import_preview"


@pytest.mark.parametrize(
    ("filename", "kept"),
    [("C:\\文件\\清单.xlsx", "清单.xlsx"), ("长" * 300, "长" * 200), ("", "家具.xlsx")],
)
def test_preview_keeps_the_name_of_the_file_only(office, filename, kept):
    assert preview(office, ("桌", 3), filename=filename).filename == kept


def test_preview_of_nothing_but_an_example_is_refused(office):
    broken = refusal(preview, office, ("示例", 1))
    assert (broken.message, broken.field, broken.status, broken.code) == (
        "表中没有可以导入的内容。请填写后重新上传。", "file", 422, "empty",
    )  # fmt: skip
    assert db.session.scalars(select(ImportDraft)).all() == []


def test_apply_enters_all_rows_and_blanks_personal_values(office):
    draft = preview(office, ("桌", 4), ("柜", 1))
    assert imports.apply(SHEET, draft, by=office, now=NOW, remove=True) == {"added": 1, "changed": 1}
    assert STOCK == {"桌": 4, "柜": 1}
    assert draft.applied_at == NOW
    assert [row["values"] for row in draft.rows[:2]] == [
        {"name": "桌", "count": ""},
        {"name": "柜", "count": ""},
    ]
    assert actions()[-1] == "project.import"


def test_apply_with_a_refused_row_enters_none(office):
    draft = preview(office, ("桌", 4), ("柜", None), ("凳", None))
    broken = refusal(imports.apply, SHEET, draft, by=office, now=NOW)
    assert (broken.message, broken.code, broken.status) == (
        "有 2 行不能导入，全部没有导入。请改正后重新上传。", "refused_rows", 422,
    )  # fmt: skip
    assert (STOCK, draft.applied_at) == ({"桌": 3, "椅": 5}, None)


def test_apply_after_a_change_is_refused_until_the_change_was_seen(office):
    draft = preview(office, ("桌", 4))
    seen = imports.digest(imports.fresh(SHEET, draft))
    STOCK["桌"] = 2
    broken = refusal(imports.apply, SHEET, draft, seen=seen, by=office, now=NOW)
    assert (broken.message, broken.code) == (
        "您预览之后，清单又有了变动，没有导入。请核对下面重新比对的结果，再确认导入。", "stale",
    )  # fmt: skip
    again = imports.fresh(SHEET, draft)
    assert again[0]["changes"] == [["数量", "2", "4"]]
    imports.apply(SHEET, draft, seen=imports.digest(again), by=office, now=NOW)
    assert STOCK["桌"] == 4


def test_apply_without_a_digest_asks_for_the_comparison_of_the_upload(office):
    draft = preview(office, ("桌", 4))
    STOCK["桌"] = 2
    assert refusal(imports.apply, SHEET, draft, by=office, now=NOW).code == "stale"


def test_apply_of_what_somebody_discarded_is_refused(office):
    draft = preview(office, ("桌", 4))
    db.session.execute(delete(ImportDraft), execution_options={"synchronize_session": False})
    assert refusal(imports.apply, SHEET, draft, by=office, now=NOW).code == "discarded"


def test_discard_deletes_the_draft_and_is_logged(office):
    draft = preview(office, ("桌", 4))
    imports.discard(SHEET, draft, by=office, now=NOW)
    assert imports.get_draft(SHEET, draft.id) is None
    assert actions()[-1] == "project.import_discard"


def test_discard_of_an_applied_draft_is_refused(office):
    draft = preview(office, ("桌", 4))
    imports.apply(SHEET, draft, by=office, now=NOW)
    assert refusal(imports.discard, SHEET, draft, by=office, now=NOW).code == "applied"


@pytest.mark.parametrize(("seconds", "left"), [(0, 2), (1, 1)])
def test_uploads_nobody_applied_are_deleted_after_their_time(office, seconds, left):
    preview(office, ("桌", 4))
    preview(office, ("桌", 4), now=NOW + SHEET.waits + timedelta(seconds=seconds))
    assert len(db.session.scalars(select(ImportDraft)).all()) == left


def test_applied_drafts_and_other_kinds_are_not_forgotten(office):
    applied = preview(office, ("桌", 4))
    imports.apply(SHEET, applied, by=office, now=NOW)
    other = ImportDraft(kind="roster", filename="x", rows=[], created_at=NOW)
    db.session.add(other)
    db.session.flush()
    imports.forget_old(SHEET, NOW + timedelta(days=99))
    assert {each.id for each in db.session.scalars(select(ImportDraft))} == {applied.id, other.id}
    assert imports.get_draft(SHEET, other.id) is None


json_rows = st.lists(st.dictionaries(st.sampled_from("abc"), st.none() | st.text(max_size=3) | st.integers()))


@given(json_rows, json_rows)
def test_digests_are_equal_where_the_rows_are(one, other):
    assert (imports.digest(one) == imports.digest(other)) == (one == other)


# --- what the five sheets have in common -------------------------------------------------------------------

FIVE = {
    roster_sheets.SHEET: dict(zip(ROSTER_COLUMNS.values(), deputy("001"), strict=True)),
    village_sheets.SHEET: {"乡镇（街道）": "河镇", "村（社区）": "新村"},
    suggestion_sheets.SHEET: {"建议内容": "请修村口的桥。", "来源渠道": "走访"},
    project_sheets.SHEET: {"项目名称": "示例路", "类别": "交通出行"},
    attendance_sheets.SHEET: {"代表证号": "900", "出席情况": "出席"},
}
OPTIONS = {"roster": {"end_departed": False}}
five = pytest.mark.parametrize("sheet", FIVE, ids=lambda sheet: sheet.kind)


def upload(sheet, by) -> ImportDraft:
    context = {}
    if sheet.kind in ("suggestions", "projects"):
        context["year"] = 2027
    if sheet.kind == "attendance":
        meeting = db.session.scalar(select(DutyMeeting)) or make_meeting(by, on=NOW.date())
        context["meeting_id"] = meeting.id
    return imports.preview(sheet, imports.Book("表.xlsx", [Row(3, FIVE[sheet])]), by=by, now=NOW, **context)


def apply(sheet, draft, by):
    return imports.apply(sheet, draft, by=by, now=NOW, **OPTIONS.get(sheet.kind, {}))


@five
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "文件是空的，请重新选择文件。"),
        (b"no workbook", "这不是 Excel 文件（.xlsx），只改扩展名不行。请另存为 .xlsx 后重新上传。"),
        (book([["x"]], head=["备忘"]), "前 10 行内没有找到表头。表头应有这些列："),
    ],
)
def test_file_that_is_no_such_sheet_is_refused_in_the_same_words(sheet, data, message):
    broken = refusal(imports.read, sheet, "表.xlsx", data)
    assert (broken.field, broken.code, broken.status) == ("file", "bad_sheet", 422)
    assert broken.message.startswith(message)


def required(sheet) -> list[str]:
    return [column.name for column in sheet.columns() if column.required]


@five
def test_file_without_a_required_column_names_it(sheet):
    names = required(sheet)
    broken = refusal(imports.read, sheet, "表.xlsx", book([], head=[*names[1:], "备忘"]))
    missing = "前 10 行内没有找到表头" if len(names) == 1 else f"缺少这些列：{names[0]}。"
    assert broken.message.startswith(missing)


@five
def test_file_without_rows_is_refused_in_the_same_words(sheet):
    broken = refusal(imports.read, sheet, "表.xlsx", book([], head=required(sheet)))
    assert broken.message == "表头下面没有内容。请在表头下面逐行填写后重新上传。"


@five
def test_file_with_too_many_rows_is_refused_in_the_same_words(sheet):
    names, most = required(sheet), sheet.most_rows
    read = imports.read(sheet, "表.xlsx", book([["x"] * len(names)] * most, head=names))
    assert len(read.rows) == most
    broken = refusal(imports.read, sheet, "表.xlsx", book([["x"] * len(names)] * (most + 1), head=names))
    assert broken.message == f"超过 {most} 行，一次最多导入 {most} 行。请分成几个文件上传。"


@five
def test_second_apply_is_refused_in_the_same_words(sheet, office):
    draft = upload(sheet, office)
    assert apply(sheet, draft, office)["added"] == 1
    broken = refusal(apply, sheet, draft, office)
    assert (broken.message, broken.code) == ("这份文件已经导入，不会重复导入。", "applied")


@five
def test_the_same_file_applied_by_two_people_enters_once(sheet, world, office):
    one, other = upload(sheet, office), upload(sheet, world.actor("government"))
    assert apply(sheet, one, office)["added"] == 1
    broken = refusal(apply, sheet, other, world.actor("government"))
    assert broken.code == "stale"
    assert broken.message.startswith(f"您预览之后，{sheet.noun}又有了变动，没有导入。")


@five
def test_draft_of_another_body_is_not_there(sheet, world):
    with world.work():
        draft = upload(sheet, world.actor("office"))
    with world.work("other"):
        assert imports.get_draft(sheet, draft.id) is None
