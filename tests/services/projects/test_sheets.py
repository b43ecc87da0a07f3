"""Projects by Excel: the template comes back filled, the preview judges each line, all is done or nothing."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from tests.counting import statements
from tests.factories import NOW, make_project
from votes.db import db, scoped
from votes.exports.formats import xlsx
from votes.models import Department, ImportDraft, Project, ProjectVersion
from votes.rules.errors import RuleBroken
from votes.rules.projects import rows
from votes.rules.projects.projects import ProjectState
from votes.services import imports
from votes.services.people import villages
from votes.services.projects import projects, sheets, versions
from votes.services.projects.sheets import SHEET

HEADS = [*rows.COLUMNS, rows.FUNDING, rows.VILLAGES]


def line(**cells):
    """Return a row of the project sheet; cells are named by the words of their heading before any bracket."""
    named = {head.partition("（")[0]: head for head in HEADS}
    assert set(cells) <= set(named)
    given = {named[key]: value for key, value in cells.items()}
    return [given.get(head) for head in HEADS]


GOOD = line(
    项目名称="示例路",
    类别="交通出行",
    建设内容和规模="改造 12 公里。",
    年度目标="12 月完工。",
    建设地点="示例镇",
    总投资=860.5,
    当年计划投资="860.50",
    完成时限="2027年12月20日",
    受益范围="6 个村",
    受益人数=8200,
    牵头单位="交通运输局",
    资金来源="县财政 500；上级专项 360.5",
)
OTHER = line(项目名称="示例校", 类别="教育")


def book(*lines, parts=None, heads=HEADS):
    more = []
    if parts is not None:
        more = [
            xlsx.Worksheet(
                "子项目",
                [xlsx.Column(h) for h in ("项目名称", "子项目名称", "年度目标", "实施单位", "投资（万元）")],
                parts,
            )
        ]
    data = xlsx.write("表", [xlsx.Column(h) for h in heads], list(lines), sheet_title="项目", more=more)
    return imports.read(SHEET, "项目.xlsx", data)


@pytest.fixture
def government(world):
    return world.actor("government")


def preview(government, *lines, **options):
    return imports.preview(SHEET, book(*lines, **options), year=2027, by=government, now=NOW)


def standing(draft):
    return [(row["sheet"], row["row"], row["status"]) for row in draft.rows]


def test_import_new_rows_creates_projects_with_money_and_parts(government, scope):
    draft = preview(
        government,
        GOOD,
        OTHER,
        parts=[["示例路", "一期", "完工", "示例镇", 400], ["示例路", "二期", "", "", None]],
    )
    assert imports.counts(SHEET, draft.rows) == {"new": 2, "changed": 0, "same": 0, "refused": 0}
    assert projects.for_year(2027) == [], "a preview changes nothing"
    assert imports.apply(SHEET, draft, by=government, now=NOW) == {"added": 2, "changed": 0}
    road, school = projects.for_year(2027)
    assert projects.values(road) == {
        **projects.BLANK,
        "year": 2027,
        "name": "示例路",
        "category": "交通出行",
        "content": "改造 12 公里。",
        "target": "12 月完工。",
        "location": "示例镇",
        "total_investment": Decimal("860.50"),
        "year_investment": Decimal("860.50"),
        "due_on": date(2027, 12, 20),
        "benefit_scope": "6 个村",
        "beneficiaries": 8200,
        "department_id": road.department_id,
        "funding": [
            {"source": "县财政", "amount": Decimal("500.00")},
            {"source": "上级专项", "amount": Decimal("360.50")},
        ],
        "subprojects": [
            {"name": "一期", "target": "完工", "unit": "示例镇", "investment": Decimal("400.00")},
            {"name": "二期", "target": "", "unit": "", "investment": None},
        ],
    }
    assert (road.department.name, road.state, school.category) == ("交通运输局", ProjectState.DRAFT, "教育")
    assert versions.versions(road)[0].note == "Excel 导入"


def test_preview_of_known_draft_shows_changes_by_field(government, scope):
    old = make_project("示例校", category="教育", content="旧", funding=[], target="不动")
    make_project("示例路", year=2026)
    draft = preview(government, line(项目名称="示例校", 类别="教育", 建设内容和规模="新", 总投资=900), GOOD)
    assert standing(draft) == [("项目", 3, "changed"), ("项目", 4, "new")]
    assert draft.rows[0]["changes"] == [
        ["建设内容和规模", "旧", "新"],
        ["总投资", "860.00万元", "900.00万元"],
    ]
    assert imports.apply(SHEET, draft, by=government, now=NOW) == {"added": 1, "changed": 1}
    assert (old.content, old.target, old.total_investment) == ("新", "不动", Decimal("900.00"))


def test_preview_of_unchanged_export_is_same_in_every_state(government, scope):
    draft = preview(government, GOOD, parts=[["示例路", "一期", "完工", "示例镇", 400.25]])
    imports.apply(SHEET, draft, by=government, now=NOW)
    make_project(
        "示例院", state=ProjectState.LISTED, number=1, multi_year=True, kind="policy", partners="财政局"
    )
    found = sheets.loaded(projects.search({"year": 2027}, by=government))
    data = sheets.export(found, "2027年候选项目", word=str)
    again = imports.preview(SHEET, imports.read(SHEET, "导出.xlsx", data), year=2030, by=government, now=NOW)
    assert imports.counts(SHEET, again.rows) == {"new": 0, "changed": 0, "same": 2, "refused": 0}


def test_template_lists_the_choices_and_reads_back_empty(world, government, scope):
    data = sheets.template(2027)
    made = openpyxl.load_workbook(BytesIO(data))
    assert made.sheetnames == ["项目", "子项目", "填写说明"]
    listed = {v.formula1 for v in made["项目"].data_validations.dataValidation if v.type == "list"}
    assert '"交通运输局,教育局"' in listed
    assert '"工程类,政策服务类"' in listed
    with pytest.raises(RuleBroken, match="表头下面没有内容"):
        imports.read(SHEET, "模板.xlsx", data)
    made["项目"]["B3"], made["项目"]["C3"] = "示例路", "交通出行"
    made["子项目"]["A3"], made["子项目"]["B3"] = "示例路", "一期"
    out = BytesIO()
    made.save(out)
    draft = imports.preview(
        SHEET, imports.read(SHEET, "模板.xlsx", out.getvalue()), year=2027, by=government, now=NOW
    )
    assert standing(draft) == [("项目", 3, "new")]
    assert [p["name"] for p in draft.rows[0]["values"]["subprojects"]] == ["一期"]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"项目名称": None}, "项目名称：请填写项目名称。"),
        ({"类别": None}, "类别：请选择类别。"),
        ({"类别": "打井"}, "类别：应为以下之一："),
        ({"总投资": "一百万"}, "总投资（万元）：“一百万”不是金额"),
        ({"总投资": 86_000_000}, "总投资（万元）：金额过大"),
        ({"完成时限": "2027-02-30"}, "完成时限：“2027-02-30”不是日历上的日期"),
        ({"牵头单位": "停车局"}, "牵头单位：没有名为“停车局”的责任单位"),
        ({"项目名称": "已提交的项目"}, "同名项目已提交审议或已列入票决，不能用导入修改"),
    ],
)
def test_preview_of_bad_row_refuses_it_with_number_and_reason(world, government, scope, cells, problem):
    make_project("已提交的项目", state=ProjectState.REVIEWING)
    named = {head.partition("（")[0]: place for place, head in enumerate(HEADS)}
    bad = list(GOOD)
    for key, value in cells.items():
        bad[named[key]] = value
    draft = preview(government, OTHER, bad)
    assert standing(draft) == [("项目", 3, "new"), ("项目", 4, "refused")]
    (reason,) = draft.rows[1]["problems"]
    assert reason.startswith(problem)
    with pytest.raises(RuleBroken) as refusal:
        imports.apply(SHEET, draft, by=government, now=NOW)
    assert refusal.value.code == "refused_rows"
    assert [p.name for p in projects.for_year(2027)] == ["已提交的项目"]


def test_preview_with_unit_of_another_body_refuses_the_row(world, government, scope):
    with scoped(world.other):
        db.session.add(Department(name="外县局"))
        db.session.flush()
    draft = preview(government, line(项目名称="示例路", 类别="教育", 牵头单位="外县局"))
    assert standing(draft) == [("项目", 3, "refused")]


def test_preview_of_repeated_project_refuses_the_second_row(government, scope):
    draft = preview(government, GOOD, OTHER, GOOD)
    assert standing(draft) == [("项目", 3, "new"), ("项目", 4, "new"), ("项目", 5, "refused")]
    assert draft.rows[2]["problems"] == ["与第 3 行是同一年度的同名项目，请删去一行或改名。"]


def test_preview_of_parts_without_project_refuses_them(government, scope):
    draft = preview(
        government,
        GOOD,
        line(实施年度=2028, 项目名称="示例路", 类别="教育"),
        OTHER,
        parts=[
            ["没有的项目", "一期", "", "", 1],
            ["示例路", "一期", "", "", 1],
            ["示例校", None, "", "", 1],
            ["示例校", "一期", "", "", "多"],
        ],
    )
    refused = [(row["row"], row["problems"]) for row in draft.rows if row["status"] == "refused"]
    assert refused == [
        (3, ["“项目”工作表中没有名为“没有的项目”的项目。"]),
        (4, ["有不同年度的同名项目，请加一列“实施年度”写明是哪一年的。"]),
        (5, ["没有填写子项目名称。"]),
        (6, ["投资（万元）：“多”不是金额，请填写数字，单位万元，例如 860.00。"]),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "文件是空的"),
        ("项目名称,类别\n".encode(), "这不是 Excel 文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "这是旧版 .xls 文件"),
        (b"PK\x03\x04", "文件不完整或已损坏"),
        (
            xlsx.write("x", [xlsx.Column("代表证号"), xlsx.Column("姓名")], [["1", "甲"]]),
            "前 10 行内没有找到表头",
        ),
        (
            xlsx.write("x", [xlsx.Column(h) for h in rows.REQUIRED if h != "类别"], [["x"] * 6]),
            "缺少这些列：类别。",
        ),
        (
            xlsx.write("x", [xlsx.Column(h) for h in [*HEADS, "类别"]], [["x"] * (len(HEADS) + 1)]),
            "这些列出现了不止一次：类别",
        ),
    ],
)
def test_read_of_another_file_is_refused(data, message):
    with pytest.raises(RuleBroken) as refusal:
        imports.read(SHEET, "x.xlsx", data)
    assert (refusal.value.field, refusal.value.status) == ("file", 422)
    assert refusal.value.message.startswith(message)


def test_apply_after_a_change_since_preview_is_refused(government, scope):
    draft = preview(government, GOOD)
    make_project("示例路")
    with pytest.raises(RuleBroken) as refusal:
        imports.apply(SHEET, draft, by=government, now=NOW)
    assert refusal.value.code == "stale"
    assert draft.applied_at is None


def test_apply_twice_imports_once(government, scope):
    draft = preview(government, GOOD)
    imports.apply(SHEET, draft, by=government, now=NOW)
    with pytest.raises(RuleBroken) as refusal:
        imports.apply(SHEET, draft, by=government, now=NOW)
    assert refusal.value.code == "applied"


def test_get_draft_of_another_body_or_kind_returns_none(world, government):
    with world.work():
        mine = preview(government, GOOD).id
        roster = ImportDraft(kind="roster", filename="x", rows=[], created_at=NOW)
        db.session.add(roster)
        db.session.flush()
        assert sheets.get_draft(mine) is not None
        assert sheets.get_draft(roster.id) is None
    with world.work("other"):
        assert sheets.get_draft(mine) is None


def test_preview_of_300_rows_takes_few_statements(world, government, scope, database):
    with_old = [line(项目名称=f"示例项目{n}", 类别="教育", 总投资=n) for n in range(300)]
    read = book(*with_old)
    with statements(database) as said:
        draft = imports.preview(SHEET, read, year=2027, by=government, now=NOW)
    assert imports.counts(SHEET, draft.rows)["new"] == 300
    assert len(said) <= 10


def test_export_of_formulas_writes_text(government, scope):
    make_project("=1+1", content="@SUM(A1)")
    found = sheets.loaded(projects.search({"year": 2027}, by=government))
    made = openpyxl.load_workbook(BytesIO(sheets.export(found, "表", word=str)))
    cell = made["项目"]["C3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_import_of_villages_works_in_every_state_blank_keeps_them(government, scope):
    villages.add_villages([("河镇", "东村"), ("山乡", "东村"), ("山乡", "西村")], by=government, now=NOW)
    draft = preview(government, [*GOOD[:-1], "西村、河镇东村"])
    imports.apply(SHEET, draft, by=government, now=NOW)
    road = projects.for_year(2027)[0]
    assert [village.full_name for village in road.villages] == ["河镇东村", "山乡西村"]
    assert standing(preview(government, GOOD)) == [("项目", 3, "same")], "a blank cell says nothing"
    road.state = ProjectState.REVIEWING
    db.session.flush()
    data = sheets.export(sheets.loaded(select(Project)), "表", word=str)
    again = imports.preview(SHEET, imports.read(SHEET, "a.xlsx", data), year=2027, by=government, now=NOW)
    assert standing(again) == [("项目", 3, "same")]
    moved = preview(government, [*GOOD[:-1], "不限"])
    assert moved.rows[0]["changes"] == [["涉及村（社区）", "河镇东村、山乡西村", "不限"]]
    assert imports.apply(SHEET, moved, by=government, now=NOW) == {"added": 0, "changed": 1}
    assert road.villages == []
    assert db.session.query(ProjectVersion).count() == 1, "the place is no part of the text"


def test_preview_of_unknown_village_suggests_a_name(government, scope):
    villages.add_villages([("河镇", "东山村"), ("山乡", "石桥村")], by=government, now=NOW)
    draft = preview(government, [*GOOD[:-1], "东山村、石挢村"])
    assert draft.rows[0]["problems"] == [
        "涉及村（社区）：村（社区）名单中没有“石挢村”。是不是“山乡石桥村”？请改填名单中的名称，或先在名单中添加。"
    ]


def test_template_contains_the_list_of_villages(government, scope):
    villages.add_villages([("河镇", "东山村")], by=government, now=NOW)
    made = openpyxl.load_workbook(BytesIO(sheets.template(2027)))
    assert made.sheetnames == ["项目", "子项目", "村（社区）名单", "填写说明"]
    assert [cell.value for cell in made["村（社区）名单"][3]] == ["河镇", "东山村"]
