"""The pages of candidate projects: work, colleagues, other bodies, wrong roles, bad input, wrong methods, weight."""

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from tests.counting import statements
from tests.factories import NOW, make_project
from votes.db import db
from votes.exports.formats import xlsx
from votes.models import AuditEntry, Funding
from votes.rules.projects import rows
from votes.rules.projects.projects import ProjectState
from votes.services import uploads
from votes.services.projects import projects

S = ProjectState
NEW = {
    "name": "示例路",
    "year": "2027",
    "category": "交通出行",
    "kind": "works",
    "content": "改造 12 公里。\r\n护栏 8 公里。",
    "total_investment": "1,234.50",
    "due_on": "2027-12-20",
    "funding-0-source": "县财政",
    "funding-0-amount": "1000",
    "funding-1-source": "",
    "funding-1-amount": "",
    "subprojects-0-name": "一期",
    "subprojects-0-investment": "",
}


def put(world, name="示例路", state=S.DRAFT, body="county", unit=True, **values):
    """Make a project of the county's 交通运输局 (or of no unit) and return its id."""
    with world.work(body):
        unit_id = world.departments[body] if unit else None
        project = make_project(name, state=state, department_id=unit_id, **values)
        if state == S.DRAFT:
            project.funding = [Funding(position=1, source="县财政", amount=Decimal("860.00"))]
        return project.id


def stored(world, project_id, *names, body="county"):
    with world.work(body):
        project = projects.get(project_id)
        found = tuple(getattr(project, name) for name in names)
        return found[0] if len(found) == 1 else found


# --- the list --------------------------------------------------------------------------------------------


def test_list_shows_filters_sums_and_counts(as_, world):
    put(world, "甲路", total_investment=Decimal("100.10"))
    put(world, "乙校", state=S.REVIEWING, category="教育", total_investment=Decimal("1200.20"))
    put(world, "旧桥", year=2026)
    page = as_("government").get("/office/projects/")
    assert page.status == 200
    figures = [" ".join(dd.text_content().split()) for dd in page.tree.xpath("//dl[@class='figures']//dd")]
    assert figures == ["2 项", "1,300.30 万元", "1,720.00 万元"]
    names = page.tree.xpath("//tbody//td[2]/a/text()")
    assert names == ["甲路", "乙校"]
    narrowed = as_("government").get("/office/projects/?category=教育&q=&state=reviewing")
    assert narrowed.tree.xpath("//tbody//td[2]/a/text()") == ["乙校"]
    assert as_("government").get("/office/projects/?year=2026").tree.xpath("//tbody//td[2]/a/text()") == [
        "旧桥"
    ]


def test_list_with_bad_filters_ignores_them(as_, world):
    put(world, "甲路")
    page = as_("office").get("/office/projects/?year=abc&state=none&department_id=x&page=y&sort=z")
    assert page.status == 200
    assert page.tree.xpath("//tbody//td[2]/a/text()") == ["甲路"]


def test_list_of_year_without_projects_says_no_fault(as_, world):
    put(world, "甲路")
    page = as_("government").get("/office/projects/?year=2028")
    assert page.status == 200
    assert "填写有误" not in page.words, "the desk leads here before the year has a project"


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("government", "还没有候选项目。请点“新建项目”逐项填写，或用“Excel 导入”一次录入。"),
        ("department", "本单位还没有候选项目。请点“新建项目”填写。"),
        ("office", "还没有候选项目。政府办和责任单位录入后，会显示在这里。"),
    ],
)
def test_list_without_projects_says_what_to_do_first(as_, role, words):
    page = as_(role).get("/office/projects/")
    assert page.tree.xpath("//p[@class='empty']/text()") == [words]


def test_export_contains_the_list_as_shown(as_, world):
    put(world, "甲路")
    put(world, "乙校", category="教育")
    answer = as_("office").get("/office/projects/export.xlsx?category=教育")
    assert answer.response.headers["Content-Type"] == uploads.XLSX
    sheet = openpyxl.load_workbook(BytesIO(answer.data))["项目"]
    assert [sheet.cell(line, 3).value for line in range(2, sheet.max_row + 1)] == ["项目名称", "乙校"]


def test_list_and_export_for_a_unit_have_its_projects_only(as_, world):
    put(world, "本单位的路")
    foreign = put(world, "别单位的校", unit=False)
    browser = as_("department")
    assert browser.get("/office/projects/").tree.xpath("//tbody//td[2]/a/text()") == ["本单位的路"]
    assert browser.get(f"/office/projects/{foreign}").status == 403
    sheet = openpyxl.load_workbook(BytesIO(browser.get("/office/projects/export.xlsx").data))["项目"]
    assert [sheet.cell(line, 3).value for line in range(3, sheet.max_row + 1)] == ["本单位的路"]


# --- who may open which page ---------------------------------------------------------------------------

PAGES = [
    # method, path after /office/projects, who may (of the county, a draft of the unit of "department")
    ("GET", "/", {"office", "government", "department", "department2", "leader"}),
    ("GET", "/export.xlsx", {"office", "government", "department", "department2", "leader"}),
    ("GET", "/new", {"government", "department", "department2"}),
    ("GET", "/{id}", {"office", "government", "department", "leader"}),
    ("GET", "/{id}/versions", {"office", "government", "department", "leader"}),
    ("GET", "/{id}/edit", {"government", "department"}),
    ("GET", "/{id}/attachments", {"government", "department"}),
    ("POST", "/{id}/attachments/remove", {"government", "department"}),
    ("POST", "/{id}/submit", {"government", "department"}),
    ("POST", "/{id}/withdraw", {"government", "department"}),
    ("POST", "/{id}/restore", {"government", "department"}),
    ("GET", "/{id}/review", {"government", "office"}),
    ("GET", "/review", {"government", "office"}),
    ("GET", "/list", {"office"}),
    ("POST", "/{id}/unlist", {"office"}),
    ("GET", "/import", {"government"}),
    ("GET", "/import/template.xlsx", {"government"}),
]


@pytest.mark.parametrize(("method", "path", "allowed"), PAGES)
def test_page_by_role_is_open_or_403(as_, world, method, path, allowed):
    for role in ("office", "government", "department", "department2", "leader", "deputy", "sysadmin"):
        browser = as_(role)
        url = "/office/projects" + path.format(id=put(world, f"示例路-{role}"))
        status = (browser.get if method == "GET" else browser.post)(url).status
        if role in allowed:
            assert status not in (401, 403, 404, 405) or (path.endswith("remove") and status == 404), role
        else:
            assert status in (403, 404), role
    assert as_().get(url).status in (302, 405)


@pytest.mark.parametrize(("method", "path", "allowed"), [p for p in PAGES if "{id}" in p[1]])
def test_page_of_another_body_is_404(as_, world, method, path, allowed):
    url = "/office/projects" + path.format(id=put(world, body="other"))
    for role in ("office", "government", "department", "leader"):
        browser = as_(role)
        assert (browser.get if method == "GET" else browser.post)(url).status == 404
    assert stored(world, int(url.split("/")[3]), "state", body="other") == S.DRAFT


@pytest.mark.parametrize("path", [path for method, path, _ in PAGES if method == "POST"])
def test_get_of_an_action_is_405(as_, world, path):
    project_id = put(world)
    assert as_("government").get("/office/projects" + path.format(id=project_id)).status == 405


def test_county_leader_in_township_reads_and_cannot_act(as_, world):
    project_id = put(world, "镇里的路", body="township")
    browser = as_("leader")
    browser.post("/office/bodies/view", {"body_id": world.township})
    assert browser.get(f"/office/projects/{project_id}").status == 200
    assert browser.get(f"/office/projects/{project_id}/edit").status == 403
    assert browser.post(f"/office/projects/{project_id}/submit").status == 403


# --- one project -----------------------------------------------------------------------------------------


def test_new_form_creates_a_project(as_, world):
    browser = as_("government")
    answer = browser.post("/office/projects/new", {**NEW, "department_id": world.departments["county"]})
    assert answer.status == 303
    page = browser.follow(answer)
    assert page.title.startswith("示例路")
    assert "1,234.50 万元" in page.words
    project_id = int(answer.location.rsplit("/", 1)[1])
    with world.work():
        values = projects.values(projects.get(project_id))
    assert values["content"] == "改造 12 公里。\n护栏 8 公里。"
    assert values["total_investment"] == Decimal("1234.50")
    assert values["funding"] == [{"source": "县财政", "amount": Decimal("1000.00")}]
    assert values["subprojects"] == [{"name": "一期", "target": "", "unit": "", "investment": None}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "请填写项目名称。"),
        ({"name": "路" * 61}, "最多 60 个字，现在有 61 个。"),
        ({"category": ""}, "请选择类别。"),
        ({"total_investment": "八百"}, "“八百”不是金额，请填写数字，单位万元，例如 860.00。"),
        ({"total_investment": "-1"}, "金额不能是负数。"),
        ({"total_investment": "12345678901"}, "金额过大，请确认单位是万元。"),
        ({"due_on": "2027-02-30"}, "“2027-02-30”不是日历上的日期，请核对。"),
        ({"beneficiaries": "很多"}, "“很多”不是整数，请填写人数，例如 8200。"),
        ({"funding-0-amount": "若干"}, "“若干”不是金额，请填写数字，单位万元，例如 860.00。"),
        ({"funding-1-amount": "5"}, "第 2 行：没有填写资金来源。"),
        ({"subprojects-0-name": "", "subprojects-0-target": "完工"}, "第 1 行：没有填写子项目名称。"),
    ],
)
def test_form_with_a_fault_shows_it_and_keeps_the_input(as_, world, changes, message):
    page = as_("government").post("/office/projects/new", {**NEW, **changes})
    assert page.status == 422
    assert page.errors[1:] == [message]
    for name, typed in {**NEW, **changes}.items():
        if name != "kind":
            assert (page.value(name) or "").replace("\n", "\r\n").replace("\r\r", "\r") == typed, name
    with world.work():
        assert projects.for_year(2027) == []


def test_form_with_taken_name_shows_it_at_the_name(as_, world):
    put(world, "示例路")
    page = as_("government").post("/office/projects/new", NEW)
    assert page.status == 422
    assert page.errors[1:] == ["2027年已有名为“示例路”的项目，请核对是否重复，或换一个名称。"]
    assert page.value("total_investment") == "1,234.50"


@pytest.mark.parametrize(
    ("button", "field"), [("more_funding", "funding-2-source"), ("more_subprojects", "subprojects-1-name")]
)
def test_form_button_for_a_row_adds_it_and_keeps_the_input(as_, world, button, field):
    page = as_("government").post("/office/projects/new", {**NEW, button: "1"})
    assert page.status == 200
    assert page.value(field) == ""
    assert (page.value("name"), page.value("funding-0-source")) == ("示例路", "县财政")
    with world.work():
        assert projects.for_year(2027) == []


def test_edit_shows_both_versions_side_by_side(as_, world):
    browser = as_("government")
    made = browser.follow(browser.post("/office/projects/new", NEW))
    url = next(link for link in made.links() if link.endswith("/edit"))
    form = browser.get(url)
    assert (form.value("total_investment"), form.value("due_on"), form.value("version")) == (
        "1234.50",
        "2027-12-20",
        "1",
    )
    answer = browser.post(url, {**NEW, "version": "1", "content": "改造 13 公里。\r\n护栏 8 公里。"})
    assert browser.follow(answer).tree.xpath("//div[@role='status']/text()") == ["已保存，改动 1 处"]
    page = browser.get(url.replace("edit", "versions"))
    row = page.tree.xpath("//table[contains(@class,'compare')]//tbody/tr")[0]
    assert row.xpath("./th/text()") == ["建设内容和规模"]
    assert row.xpath(".//td[1]//text()") == ["修改"]
    assert row.xpath(".//del/text()") == ["12"]
    assert row.xpath(".//ins/text()") == ["13"]


@pytest.mark.parametrize("query", ["", "?old=9&new=7", "?old=x", "?old=2&new=1"])
def test_versions_with_unknown_numbers_is_200(as_, world, query):
    browser = as_("government")
    url = browser.post("/office/projects/new", NEW).location
    assert browser.get(f"{url}/versions{query}").status == 200
    assert as_("office").get(f"/office/projects/{put(world, '无稿')}/versions{query}").status == 200


def test_edit_of_a_stale_page_warns_before_overwriting(as_, world):
    browser = as_("government")
    url = browser.post("/office/projects/new", NEW).location + "/edit"
    browser.post(url, {**NEW, "version": "1", "target": "甲的目标"})
    page = browser.post(url, {**NEW, "version": "1", "target": "乙的目标"})
    assert page.status == 422
    assert page.errors[0].startswith("您填写期间，其他人修改了这个项目。")
    assert (page.value("target"), page.value("version")) == ("乙的目标", "2")
    assert browser.post(url, {**NEW, "version": "2", "target": "乙的目标"}).status == 303


def test_edit_by_unit_staff_keeps_their_own_unit(as_, world):
    project_id = put(world)
    browser = as_("department")
    page = browser.get(f"/office/projects/{project_id}/edit")
    assert page.value("department_id") is None
    browser.post(
        f"/office/projects/{project_id}/edit",
        {**NEW, "version": "0", "department_id": ""},
    )
    assert stored(world, project_id, "name", "content", "department_id") == (
        "示例路",
        "改造 12 公里。\n护栏 8 公里。",
        world.departments["county"],
    )


@pytest.mark.parametrize("state", [S.LISTED, S.SELECTED, S.NOT_SELECTED])
@pytest.mark.parametrize("role", ["government", "department"])
def test_edit_of_listed_project_is_refused(as_, world, state, role):
    project_id = put(world, state=state, number=1, gates_passed=3)
    browser = as_(role)
    page = browser.get(f"/office/projects/{project_id}")
    assert not [link for link in page.links() if link.endswith("/edit")]
    assert browser.post(f"/office/projects/{project_id}/edit", {**NEW, "name": "改名"}).status == 403
    assert stored(world, project_id, "name") == "示例路"
    if state == S.LISTED:
        assert "名单确认后不能再修改。如发现差错，请联系人大办" in page.words


def test_edit_refused_is_in_the_audit_log(as_, world):
    project_id = put(world, state=S.LISTED)
    as_("government").post(f"/office/projects/{project_id}/edit", NEW)
    with world.work():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.outcome == "refused")).one()
    assert (entry.action, entry.who) == ("projects.edit", "government.county（示例）")


def test_page_of_a_draft_links_each_gap_to_its_field(as_, world):
    project_id = put(world, total_investment=None, benefit_scope="")
    page = as_("department").get(f"/office/projects/{project_id}")
    assert page.tree.xpath("//ul[@class='gaps']//a/text()") == ["未填写总投资", "未填写受益范围"]
    assert (
        page.tree.xpath("//ul[@class='gaps']//a/@href")[0]
        == f"/office/projects/{project_id}/edit#total_investment"
    )
    refused = as_("department").post(f"/office/projects/{project_id}/submit")
    assert (refused.status, stored(world, project_id, "state")) == (422, S.DRAFT)
    assert "还有 2 处需要补全" in refused.words


# --- review and list -------------------------------------------------------------------------------------


def test_review_pages_lead_through_the_gates_to_the_list(as_, world):
    project_id = put(world)
    url = f"/office/projects/{project_id}"
    assert as_("department").post(f"{url}/submit").status == 303
    for gate, role in (("government", "government"), ("party", "government"), ("standing", "office")):
        browser = as_(role)
        assert browser.get(f"{url}/review").value("gate") == gate
        data = {
            "decision": "pass",
            "gate": gate,
            "decided_on": "2026-11-20",
            "document_number": "示例〔2026〕1号",
        }
        assert browser.post(f"{url}/review", data).status == 303
    assert stored(world, project_id, "state") == S.APPROVED
    office = as_("office")
    answer = office.post(
        "/office/projects/list?year=2027",
        {f"on-{project_id}": "1", f"number-{project_id}": "1", "decided_on": "2026-11-21", "do": "confirm"},
    )
    assert answer.status == 303
    assert stored(world, project_id, "state", "number") == (S.LISTED, 1)
    page = office.get(url)
    assert page.tree.xpath("//ol[@class='steps']/li[@aria-current]/text()") == ["票决"]
    assert office.post(f"{url}/unlist", {"reason": "重新研究"}).status == 303
    assert stored(world, project_id, "state", "number") == (S.APPROVED, None)


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({}, ["请选择审议结果。", "请填写会议日期。"]),
        ({"decision": "pass", "decided_on": "2999-01-01"}, ["日期晚于今天，请在会议召开后记录。"]),
        (
            {"decision": "return", "decided_on": "2026-11-20", "opinion": " "},
            ["请写明退回的原因，以便责任单位修改。"],
        ),
        ({"decision": "pass", "decided_on": "2026-11-20", "document_number": "号" * 61}, ["最多 60 个字。"]),
        ({"decision": "burn", "decided_on": "2026-11-20"}, None),
    ],
)
def test_review_with_a_fault_shows_it(as_, world, data, errors):
    project_id = put(world, state=S.REVIEWING)
    page = as_("government").post(f"/office/projects/{project_id}/review", {"gate": "government", **data})
    assert page.status == 422
    if errors:
        assert page.errors[1:] == errors
    assert stored(world, project_id, "state", "gates_passed") == (S.REVIEWING, 0)


def test_review_sent_twice_is_recorded_once(as_, world):
    project_id = put(world, state=S.REVIEWING)
    data = {"gate": "government", "decision": "pass", "decided_on": "2026-11-20"}
    browser = as_("government")
    assert browser.post(f"/office/projects/{project_id}/review", data).status == 303
    page = browser.post(f"/office/projects/{project_id}/review", data)
    assert page.status == 422
    assert page.errors == [
        "“示例路”现在应由县委常委会会议审议，您打开的页面已过时，没有作任何改动。请刷新后办理。"
    ]
    assert stored(world, project_id, "gates_passed") == 1


def test_review_of_others_gate_names_the_recorder(as_, world):
    project_id = put(world, state=S.REVIEWING)
    browser = as_("office")
    page = browser.get(f"/office/projects/{project_id}/review")
    assert "结果由政府办记录，您的账号不能记录" in page.words
    refused = browser.post(
        f"/office/projects/{project_id}/review",
        {"gate": "government", "decision": "pass", "decided_on": "2026-11-20"},
    )
    assert (refused.status, stored(world, project_id, "gates_passed")) == (422, 0)


def test_review_of_many_projects_records_one_meeting(as_, world):
    ids = [put(world, f"示例{n}", state=S.REVIEWING) for n in range(3)]
    browser = as_("government")
    assert len(browser.get("/office/projects/review").tree.xpath("//input[@name='projects'][@checked]")) == 3
    data = {"projects": ids[:2], "decided_on": "2026-11-20", "document_number": "示例府常〔2026〕21号"}
    assert browser.post("/office/projects/review?gate=government", data).status == 303
    assert [stored(world, i, "gates_passed") for i in ids] == [1, 1, 0]
    assert browser.post("/office/projects/review?gate=government", {**data, "projects": []}).status == 422
    assert as_("office").get("/office/projects/review?gate=government").status == 200


def listing(page):
    """Return (number, name) of the ticked rows, in the order of the page."""
    return [
        (line.xpath(".//input[contains(@class,'number')]/@value")[0], line.xpath(".//td[3]//text()")[0])
        for line in page.tree.xpath("//table[contains(@class,'listing')]/tbody/tr")
        if line.xpath(".//input[@type='checkbox'][@checked]")
    ]


@pytest.mark.parametrize(
    ("do", "numbers", "order"),
    [
        ("up-{c}", "1 2 3", "甲 丙 乙"),
        ("down-{a}", "1 2 3", "乙 甲 丙"),
        ("up-{a}", "1 2 3", "甲 乙 丙"),
        ("down-{c}", "1 2 3", "甲 乙 丙"),
        ("renumber", "30 10 20", "乙 丙 甲"),
        ("renumber", "x 2 1", "丙 乙 甲"),
        ("category", "1 2 3", "丙 乙 甲"),
        ("entered", "3 2 1", "甲 乙 丙"),
        ("renumber", "2 - 1", "丙 甲"),
        ("nonsense", "1 2 3", "甲 乙 丙"),
    ],
)
def test_list_buttons_change_the_order_and_save_nothing(as_, world, do, numbers, order):
    ids = [
        put(world, name, state=S.APPROVED, category=category)
        for name, category in (("甲", "其他"), ("乙", "交通出行"), ("丙", "教育"))
    ]
    data = {"do": do.format(a=ids[0], c=ids[2])}
    for project_id, number in zip(ids, numbers.split(), strict=True):
        if number != "-":
            data |= {f"on-{project_id}": "1", f"number-{project_id}": number}
    page = as_("office").post("/office/projects/list?year=2027", data)
    assert page.status == 200
    assert listing(page) == [(str(n), name) for n, name in enumerate(order.split(), start=1)]
    assert [stored(world, i, "state") for i in ids] == [S.APPROVED] * 3


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "没有勾选任何项目。请勾选要列入票决的项目。"),
        (
            {"on-{a}": "1", "number-{a}": "2"},
            "编号应从 1 连续编到 1，现在缺少第 1 号。请修改或点“重新编号”。",
        ),
        ({"on-{a}": "1", "number-{a}": "一"}, "有已勾选的项目没有编号，请填写编号或点“重新编号”。"),
    ],
)
def test_list_with_a_fault_keeps_the_input(as_, world, data, message):
    project_id = put(world, state=S.APPROVED)
    data = {key.format(a=project_id): value for key, value in data.items()}
    page = as_("office").post(
        "/office/projects/list", {**data, "decided_on": "2026-11-20", "opinion": "同意"}
    )
    assert (page.status, page.errors) == (422, [message])
    assert page.value("opinion") == "同意"
    assert page.value(f"number-{project_id}") == data.get(f"number-{project_id}", "")


def test_withdraw_and_restore_by_the_pages(as_, world):
    project_id = put(world)
    browser = as_("department")
    browser.post(f"/office/projects/{project_id}/withdraw", {"reason": "重复"})
    assert stored(world, project_id, "state") == S.WITHDRAWN
    assert "恢复为草稿" in browser.get(f"/office/projects/{project_id}").words
    browser.post(f"/office/projects/{project_id}/restore")
    assert stored(world, project_id, "state") == S.DRAFT
    assert browser.post(f"/office/projects/{project_id}/restore").status == 409


# --- Excel -----------------------------------------------------------------------------------------------

HEADS = [*rows.COLUMNS, rows.FUNDING]


def sheet(*lines):
    given = [[line.get(head) for head in HEADS] for line in lines]
    return xlsx.write("表", [xlsx.SheetColumn(h) for h in HEADS], given, sheet_title="项目")


def upload(browser, data, name="项目.xlsx"):
    return browser.post("/office/projects/import", {"year": "2027", "file": (BytesIO(data), name)})


def test_import_shows_a_preview_and_then_applies(as_, world):
    browser = as_("government")
    answer = upload(browser, sheet({"项目名称": "示例路", "类别": "交通出行", "总投资（万元）": 860}))
    assert answer.status == 303
    page = browser.follow(answer)
    assert [dd.text_content().split()[0] for dd in page.tree.xpath("//dl[@class='figures']//dd")] == [
        "1",
        "0",
        "0",
        "0",
        "0",
    ]
    with world.work():
        assert projects.for_year(2027) == []
    assert browser.post(answer.location + "/apply").status == 303
    with world.work():
        assert [p.name for p in projects.for_year(2027)] == ["示例路"]
    assert browser.post(answer.location + "/apply").status == 409
    assert "导入" in browser.get(answer.location).words


def test_import_with_refused_rows_shows_reasons_and_applies_none(as_, world):
    browser = as_("government")
    good, bad = {"项目名称": "示例路", "类别": "教育"}, {"项目名称": "示例校", "类别": "打井"}
    location = upload(browser, sheet(good, bad)).location
    page = browser.get(location)
    (line,) = page.tree.xpath("//h2[starts-with(.,'不能导入')]/following-sibling::div[1]//tbody/tr")
    assert [td.text_content().strip() for td in line.xpath("./td")][:3] == ["4", "项目", "示例校"]
    assert line.xpath(".//li/text()")[0].startswith("类别：应为以下之一")
    assert not page.tree.xpath("//form[contains(@action,'apply')]")
    assert browser.post(location + "/apply").status == 422
    with world.work():
        assert projects.for_year(2027) == []


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"name,category", "项目.xlsx", "这不是 Excel 文件"),
        (xlsx.write("x", [xlsx.SheetColumn("代表证号")], [["1"]]), "名册.xlsx", "前 10 行内没有找到表头"),
        (b"", "", "请选择 Excel 文件。"),
    ],
)
def test_import_of_wrong_workbook_is_refused_at_the_field(as_, data, name, words):
    page = upload(as_("government"), data, name)
    assert page.status == 422
    assert page.errors[1].startswith(words)
    assert page.value("year") == "2027"


def test_import_preview_of_another_body_is_404(as_, world):
    location = upload(as_("government"), sheet({"项目名称": "示例路", "类别": "教育"})).location
    other = as_("government", "other")
    assert other.get(location).status == 404
    assert other.post(location + "/apply").status == 404
    assert as_("office").get(location).status == 403


# --- weight ----------------------------------------------------------------------------------------------


def fill(world, count):
    with world.work():
        unit = world.departments["county"]
        states = [S.DRAFT, S.REVIEWING, S.APPROVED, S.LISTED]
        for n in range(count):
            make_project(f"示例{n:03d}", state=states[n % 4], department_id=unit)
        project = projects.create(
            {
                "year": 2027,
                "name": "厚重的项目",
                "category": "教育",
                "department_id": unit,
                "funding": [{"source": f"来源{n}", "amount": Decimal(n)} for n in range(min(count, 20))],
                "subprojects": [
                    {"name": f"部分{n}", "target": "", "unit": "", "investment": None}
                    for n in range(min(count, 60))
                ],
            },
            by=world.actor("government"),
            now=NOW,
        )
        for n in range(count):
            projects.edit(project, {"content": f"第{n}稿"}, by=world.actor("government"), now=NOW)
        uploads.add(
            [uploads.File(f"{n}.pdf", b"%PDF-" + bytes([n])) for n in range(min(count, 30))],
            owner=project,
            by=world.actor("government"),
            now=NOW,
        )
        return project.id


def test_pages_with_many_rows_take_few_statements(as_, world, database):
    project_id = fill(world, 60)
    preview = upload(
        as_("government"), sheet(*({"项目名称": f"新{n}", "类别": "教育"} for n in range(60)))
    ).location
    urls_by_role = {
        "government": [
            "/office/projects/",
            "/office/projects/export.xlsx",
            "/office/projects/new",
            f"/office/projects/{project_id}",
            f"/office/projects/{project_id}/edit",
            f"/office/projects/{project_id}/versions",
            f"/office/projects/{project_id}/attachments",
            "/office/projects/review",
            "/office/projects/import/template.xlsx",
            preview,
        ],
        "office": ["/office/projects/list?year=2027", "/office/projects/"],
    }
    for role, urls in urls_by_role.items():
        browser = as_(role)
        for url in urls:
            with statements(database) as said:
                assert browser.get(url).status == 200
            assert len(said) <= 20, "\n".join([url, *said])


def test_list_in_pages_keeps_the_filters(as_, world):
    with world.work():
        for n in range(53):
            make_project(f"示例{n:02d}", category="教育")
    page = as_("office").get("/office/projects/?category=教育&page=2")
    assert page.tree.xpath("//tbody//td[2]/a/text()") == ["示例50", "示例51", "示例52"]
    (back,) = page.tree.xpath("//nav[@class='pages']/a/@href")
    assert "page=1" in back
    assert "category=" in back


def test_pages_escape_what_people_typed(as_, world):
    evil = "<script>alert(1)</script>"
    project_id = put(world, evil[:60], content=evil, location=evil)
    browser = as_("government")
    for url in ("/office/projects/", f"/office/projects/{project_id}", f"/office/projects/{project_id}/edit"):
        assert evil not in browser.get(url).text
