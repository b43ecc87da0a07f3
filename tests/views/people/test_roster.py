"""The roster's pages: find, change, upload with a preview; office only, own body only."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, select

from tests import sheets
from tests.counting import statements
from tests.factories import make_deputies, make_deputy
from tests.sheets import book, deputy, rows_of
from votes.db import db
from votes.models import AuditEntry, Delegation, Deputy, ImportDraft, User, UserRole

BUDGET = 30


@pytest.fixture
def office(as_):
    return as_("office")


def send(browser, data: bytes, name: str = "名册.xlsx"):
    """Upload a file; the answer."""
    return browser.post(
        "/office/roster/import", {"file": (BytesIO(data), name)}, content_type="multipart/form-data"
    )


def confirm(browser, preview, departures: str = "end"):
    page = browser.get(preview)
    return browser.post(preview, {"seen": page.value("seen"), "departures": departures})


def figures(page) -> list[str]:
    """List the counts at the head of a preview."""
    return [
        " ".join(" ".join(box.itertext()).split()) for box in page.tree.xpath("//dl[@class='figures']/div")
    ]


def names(world, body: str = "county") -> list[str]:
    with world.work(body):
        return list(db.session.scalars(select(Deputy.name).order_by(Deputy.number)))


# --- the list --------------------------------------------------------------------------------------------


def test_roster_lists_and_finds_deputies(office, world):
    with world.work():
        make_deputy("101", "曾示例", world.delegations["county"], initials="ZSL")
    assert "共 2 人" in office.get("/office/roster/").words
    page = office.get("/office/roster/?q=zs")
    assert page.words.count("曾示例") == 1
    assert "county代表" not in page.words
    assert "没有符合条件的代表" in office.get("/office/roster/?q=没有").words


def test_empty_roster_says_what_to_do_first(as_, world):
    with world.work("township"):
        db.session.execute(delete(UserRole).where(UserRole.user_id == world.user("deputy", "township")))
        db.session.execute(delete(User).where(User.id == world.user("deputy", "township")))
        db.session.execute(delete(Deputy))
    page = as_("office", "township").get("/office/roster/")
    assert "先下载模板" in page.words
    assert "/office/roster/template.xlsx" in page.links()
    assert "名册由人大办导入" in as_("leader", "township").get("/office/roster/").words


def test_invalid_filter_is_ignored_with_a_message(office):
    page = office.get("/office/roster/?delegation_id=77&state=x&sort=y")
    assert page.status == 200
    assert "“代表团”“状态”“排序”填写有误" in page.words
    assert "共 1 人" in page.words


def test_roster_of_120_deputies_takes_few_statements(office, world, database):
    with world.work():
        make_deputies(120, world.delegations["county"])
    with statements(database) as seen:
        page = office.get("/office/roster/?page=2")
    assert "第 2 / 3 页" in page.words
    assert len(seen) <= BUDGET


def test_export_has_the_deputies_that_are_shown(office, world):
    with world.work():
        make_deputies(60, world.delegations["county"])
    page = office.get("/office/roster/export.xlsx?q=示例代表00")
    rows = rows_of(page.data)
    assert rows[1] == list(sheets.HEAD)
    assert [row[0] for row in rows[2:]] == [f"{i:03d}" for i in range(1, 10)]
    assert "filename*=UTF-8''" in page.response.headers["Content-Disposition"]


def test_leader_reads_and_changes_nothing(as_, world):
    browser = as_("leader")
    page = browser.get("/office/roster/")
    assert page.status == 200
    assert not [link for link in page.links() if "import" in link or "new" in link]
    assert browser.get("/office/roster/export.xlsx").status == 200
    for path in ("new", "import", "delegations", "template.xlsx"):
        assert browser.get(f"/office/roster/{path}").status == 403


@pytest.mark.parametrize("role", ["government", "department", "deputy", "sysadmin"])
def test_roster_is_refused_to_other_roles(as_, role):
    assert as_(role).get("/office/roster/").status == 403


# --- one deputy ------------------------------------------------------------------------------------------


FORM = {"number": "101", "name": "曾示例", "delegation": "第二代表团", "born": "1975-08", "gender": "女"}


def test_deputy_is_added_and_changed(office, world):
    page = office.follow(office.post("/office/roster/new", FORM))
    assert "已新增代表：曾示例" in page.words
    url = next(h for h in office.get("/office/roster/?q=101").links() if re.fullmatch(r".*/roster/\d+", h))
    assert office.get(url).value("delegation") == "第二代表团"
    page = office.follow(office.post(url, {**FORM, "name": "单示例"}))
    assert page.value("pinyin") == "shan shi li"


def test_deputy_form_keeps_what_was_typed_beside_each_mistake(office, world):
    page = office.post("/office/roster/new", {**FORM, "born": "1975-13", "phone": "138", "delegation": ""})
    assert page.status == 422
    assert page.errors[1:] == [
        "没有填写代表团。",
        "出生年月“1975-13”不是真实存在的日期，请写成 1968-05 这样的年、月。",
        "手机号“138”不对：应为 11 位手机号，或者带区号的固定电话（如 0971-1234567）。",
    ]
    assert (page.value("name"), page.value("born")) == ("曾示例", "1975-13")
    assert names(world) == ["county代表"]


def test_taken_number_is_refused_at_its_field(office):
    page = office.post("/office/roster/new", {**FORM, "number": "９００"})
    assert page.status == 422
    assert "代表证号“900”已经是另一位代表的，请核对。" in page.errors


def test_mandate_is_ended_and_restored(office, world):
    with world.work():
        deputy_id = db.session.scalar(select(Deputy.id))
    url = f"/office/roster/{deputy_id}/state"
    page = office.follow(office.post(url, {"state": "ended", "reason": "调离"}))
    assert "代表：终止" in page.words
    with world.work():
        assert db.session.get(Deputy, deputy_id).state == "ended"
    assert office.post(url, {"state": "nonsense"}).status == 422
    office.post(url, {"state": "active"})
    with world.work():
        assert db.session.get(Deputy, deputy_id).state == "active"


def test_another_bodys_deputy_is_404(office, world):
    with world.work("other"):
        theirs = db.session.scalar(select(Deputy.id))
        group = db.session.scalar(select(Delegation.id))
    assert office.get(f"/office/roster/{theirs}").status == 404
    assert office.post(f"/office/roster/{theirs}", FORM).status == 404
    assert office.post(f"/office/roster/{theirs}/state", {"state": "ended"}).status == 404
    assert office.post(f"/office/roster/delegations/{group}/remove").status == 404


# --- delegations -----------------------------------------------------------------------------------------


def test_delegations_are_arranged(office, world):
    group = world.delegations["county"]
    page = office.post(
        "/office/roster/delegations", {f"name-{group}": "城关代表团", f"position-{group}": "3"}
    )
    assert page.status == 303
    assert office.get("/office/roster/delegations").value(f"name-{group}") == "城关代表团"
    page = office.post("/office/roster/delegations", {f"name-{group}": " ", f"position-{group}": "3"})
    assert page.status == 422
    assert page.errors == ["代表团名称不能为空，也不能超过 30 个字。没有改动。"]


def test_delegation_with_deputies_cannot_be_removed(office, world):
    page = office.post(f"/office/roster/delegations/{world.delegations['county']}/remove")
    assert page.status == 409
    assert "还有代表" in page.words


# --- by spreadsheet ----------------------------------------------------------------------------------------


def test_template_opens_with_its_notes(office):
    page = office.get("/office/roster/template.xlsx")
    workbook = load_workbook(BytesIO(page.data))
    assert workbook.sheetnames[0] == "代表名册"
    assert "填写说明" in workbook.sheetnames


def test_first_roster_goes_from_upload_to_list(office, world):
    answer = send(office, book([deputy("001", "曾示例"), deputy("002", "李示例", delegation="第二代表团")]))
    assert answer.status == 303
    preview = office.get(answer.location)
    assert figures(preview) == [
        "新增 2 人",
        "修改 0 人",
        "文件中没有（离任） 1 人",
        "不变 0 人",
        "不能导入 0 行",
    ]
    assert names(world) == ["county代表"]  # nothing yet
    page = office.follow(confirm(office, answer.location))
    assert "名册已导入：新增 2 人，修改 0 人，离任 1 人" in page.words
    assert names(world) == ["曾示例", "李示例", "county代表"]
    assert "已于" in office.get(answer.location).words


def test_preview_shows_each_change_and_each_missing_deputy(office, world):
    with world.work():
        make_deputies(10, world.delegations["county"])
    rows = [
        deputy(
            "001",
            "示例代表001",
            gender="男",
            post="校长",
            born=None,
            ethnicity=None,
            constituency=None,
            phone=None,
        )
    ]
    preview = office.get(send(office, book(rows)).location)
    assert [
        [c.text_content() for c in row.xpath("td")] for row in preview.tree.xpath("//del/ancestor::tr")
    ] == [["2", "001", "示例代表001", "职务", "（空）", "校长"]]
    assert "名册中现有（在任、暂停）11 人，文件中有其中 1 人，没有 10 人" in preview.words
    assert preview.value("departures") == "keep"  # one of eleven is no whole roster


def test_file_of_most_deputies_proposes_to_end_the_others(office, world):
    with world.work():
        make_deputies(9, world.delegations["county"])
    rows = [deputy(f"{i:03d}", f"示例代表{i:03d}") for i in range(1, 10)]
    answer = send(office, book(rows))
    assert office.get(answer.location).value("departures") == "end"
    confirm(office, answer.location, "keep")
    with world.work():
        assert set(db.session.scalars(select(Deputy.state))) == {"active"}


def test_refused_rows_are_listed_with_reasons_and_none_is_applied(office, world):
    answer = send(office, book([deputy("001"), deputy("001", phone="1380"), deputy("", state="退休")]))
    preview = office.get(answer.location)
    table = [
        ["".join(c.text_content().split("\n")).strip() for c in row.xpath("td")]
        for row in preview.tree.xpath("(//table)[1]/tbody/tr")
    ]
    assert table == [
        ["2", "001", "王示例", "代表证号“001”重复，第 3 行也是这个号。"],
        ["3", "001", "王示例", "手机号“1380”不对：应为 11 位手机号，或者带区号的固定电话（如 0971-1234567）。代表证号“001”重复，第 2 行也是这个号。"],
        ["4", "—", "王示例", "没有填写代表证号。状态“退休”不认识，请填写“在任”、“暂停”、“终止”。"],
    ]  # fmt: skip
    assert "确认导入" not in [b.text_content() for b in preview.tree.xpath("//button")]
    page = office.post(answer.location, {"seen": "0" * 64, "departures": "end"})
    assert page.status == 422
    assert "有 3 行不能导入，全部没有导入。" in page.errors[0]
    assert names(world) == ["county代表"]


def test_roster_changed_meanwhile_is_compared_again(office, world):
    answer = send(office, book([deputy("001")]))
    seen = office.get(answer.location).value("seen")
    office.post("/office/roster/new", FORM)
    page = office.post(answer.location, {"seen": seen, "departures": "end"})
    assert page.status == 422
    assert page.errors[0].startswith("您预览之后，名册又有了变动，没有导入。")
    assert page.value("seen") != seen
    assert names(world) == ["曾示例", "county代表"]
    assert office.post(answer.location, {"seen": page.value("seen"), "departures": "end"}).status == 303
    with world.work():
        refusals = db.session.scalars(select(AuditEntry.action).where(AuditEntry.outcome == "refused")).all()
    assert refusals == ["roster.preview"]


def test_apply_without_a_choice_for_the_missing_is_refused(office, world):
    answer = send(office, book([deputy("001")]))
    page = office.post(answer.location, {"seen": office.get(answer.location).value("seen")})
    assert page.status == 422
    assert "请选择如何处理文件中没有的人员。" in page.errors
    assert names(world) == ["county代表"]


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"", "", "请选择 Excel 文件。"),
        (b"hello", "名册.xlsx", "这不是 Excel 文件（.xlsx），只改扩展名不行。请另存为 .xlsx 后重新上传。"),
        (book([["001"]], ["编号"]), "名册.xlsx", "前 10 行内没有找到表头。"),
        (
            b"PK" + b"x" * (5 * 1024 * 1024),
            "名册.xlsx",
            "文件超过 5 MB，没有上传。请删去图片和多余的工作表。",
        ),
    ],
)
def test_wrong_file_is_refused_in_words(office, world, data, name, message):
    page = send(office, data, name)
    assert page.status == 422
    assert any(error.startswith(message) for error in page.errors)
    with world.work():
        assert db.session.scalar(select(ImportDraft.id)) is None


def test_upload_is_discarded(office, world):
    answer = send(office, book([deputy("001")]))
    page = office.follow(office.post(f"{answer.location}/discard"))
    assert "已放弃这份文件，名册没有变动" in page.words
    assert office.get(answer.location).status == 404


def test_another_bodys_upload_is_404(as_, office):
    answer = send(office, book([deputy("001")]))
    stranger = as_("office", "other")
    assert stranger.get(answer.location).status == 404
    assert stranger.post(answer.location, {"seen": "", "departures": "end"}).status == 404
    assert stranger.post(f"{answer.location}/discard").status == 404


def test_upload_of_500_rows_takes_few_statements(office, database):
    rows = [deputy(f"{i:03d}", f"王示例{i}", delegation=f"第{i % 12 + 1}代表团") for i in range(500)]
    with statements(database) as seen:
        answer = send(office, book(rows))
    assert len(seen) <= BUDGET
    with statements(database) as seen:
        preview = office.get(answer.location)
    assert figures(preview)[0] == "新增 500 人"
    assert len(seen) <= BUDGET


@pytest.mark.parametrize(
    "url",
    ["/office/roster/1/state", "/office/roster/import/1/discard", "/office/roster/delegations/1/remove"],
)
def test_acts_refuse_get(office, url):
    assert office.get(url).status == 405
