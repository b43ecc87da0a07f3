"""Accounts: who may open which, the initial password shown once, stopped and restarted; a roster's in batches."""

import pytest
from sqlalchemy import select

from tests.counting import statements
from tests.factories import PASSWORD, make_deputies, make_user
from tests.sheets import rows_of
from votes.db import db
from votes.models import AuditEntry, User
from votes.rules.people.roles import DeputyState, Role

FORM = {"username": "Xin.Yuan", "name": "新员示例", "roles": ["government"], "phone": "13800138000"}


def find(world, username: str) -> User | None:
    with world.work(None):
        return db.session.scalar(select(User).where(User.username == username))


def roles(user: User) -> set[str]:
    return {r.role.value for r in user.roles}


# --- the list --------------------------------------------------------------------------------------------


def listed(page) -> list[str]:
    return [row.xpath("td")[0].text_content() for row in page.tree.xpath("//tbody/tr")]


def test_list_of_the_office_has_its_own_accounts_only(as_):
    assert listed(as_("office").get("/office/users/")) == [
        "department.county",
        "department2.county",
        "government.county",
        "leader.county",
        "office.county",
        "deputy.county",
    ]


def test_list_of_the_administrator_has_all_accounts(as_, world):
    root = as_("sysadmin")
    assert len(listed(root.get("/office/users/"))) == 19
    assert listed(root.get(f"/office/users/?body_id={world.other}&role=leader")) == ["leader.other"]
    assert listed(root.get("/office/users/?q=ROOT")) == ["root"]
    assert listed(root.get("/office/users/?active=no")) == []


def test_list_of_another_body_is_not_the_offices(as_, world):
    assert "office.other" not in listed(as_("office").get(f"/office/users/?body_id={world.other}"))


@pytest.mark.parametrize("role", ["government", "department", "leader", "deputy"])
def test_accounts_are_refused_to_other_roles(as_, role):
    browser = as_(role)
    assert browser.get("/office/users/").status == 403
    assert browser.post("/office/users/new", FORM).status == 403


def test_long_list_takes_few_statements(as_, world, database):
    with world.work(None):
        for i in range(120):
            make_user(
                f"amt{i}", Role.DEPARTMENT, body_id=world.county, department_id=world.departments["county"]
            )
    browser = as_("office")
    with statements(database) as seen:
        page = browser.get("/office/users/")
    assert "第 1 / 3 页" in page.words
    assert len(seen) <= 30


def test_export_has_the_accounts_that_are_shown(as_):
    rows = rows_of(as_("office").get("/office/users/export.xlsx?role=office").data)
    assert [row[:3] for row in rows[2:]] == [["office.county", "office.county（示例）", "人大办"]]


# --- new accounts ----------------------------------------------------------------------------------------


def test_new_account_signs_in_with_the_password_shown_once(as_, world):
    office = as_("office")
    page = office.post("/office/users/new", FORM)
    assert page.status == 200
    username, password = (e.text_content() for e in page.tree.xpath("//span[@class='secret']"))
    assert username == "xin.yuan"
    assert page.response.headers["Cache-Control"] == "no-store"
    assert password not in office.get("/office/users/").words + office.get("/office/audit/").words
    user = find(world, "xin.yuan")
    assert (roles(user), user.body_id, user.must_change) == ({"government"}, world.county, True)
    browser = as_()
    assert browser.post("/sign-in", {"username": "XIN.yuan", "password": password}).location == "/home"
    assert browser.get("/home").location == "/password"


@pytest.mark.parametrize(
    ("changed", "field_error"),
    [
        ({"username": "office.county"}, "用户名“office.county”已被使用，请换一个。"),
        ({"username": "has blank"}, "用户名不能为空，不能含有空格，不超过 60 个字。"),
        ({"roles": []}, "请至少选择一个角色。"),
        ({"roles": ["office", "government"]}, "组织票决的人大办不能兼任政府办或责任单位。"),
        ({"roles": ["department"]}, "责任单位的账号须指明所属单位。"),
        ({"phone": "12"}, "手机号“12”不对：应为 11 位手机号，或者带区号的固定电话（如 0971-1234567）。"),
        ({"name": ""}, "请输入姓名"),
    ],
)
def test_new_account_form_refuses_in_words_and_keeps_the_rest(as_, world, changed, field_error):
    page = as_("office").post("/office/users/new", {**FORM, **changed})
    assert page.status == 422
    assert field_error in page.errors
    assert page.value("name") == changed.get("name", "新员示例")
    assert find(world, "xin.yuan") is None


@pytest.mark.parametrize("role", ["sysadmin", "deputy"])
def test_office_cannot_give_roles_of_other_levels(as_, world, role):
    page = as_("office").post("/office/users/new", {**FORM, "roles": [role]})
    assert page.status == 422
    assert find(world, "xin.yuan") is None


def test_unit_of_another_body_cannot_be_chosen(as_, world):
    form = {**FORM, "roles": ["department"], "department_id": world.departments["other"]}
    assert as_("office").post("/office/users/new", form).status == 422
    own = {**form, "department_id": world.departments["county"]}
    assert as_("office").post("/office/users/new", own).status == 200
    assert find(world, "xin.yuan").department_id == world.departments["county"]


def test_administrator_opens_accounts_of_any_body_and_of_none(as_, world):
    root = as_("sysadmin")
    assert root.post("/office/users/new", {**FORM, "roles": ["office"], "body_id": world.other}).status == 200
    assert find(world, "xin.yuan").body_id == world.other
    assert root.post("/office/users/new", {**FORM, "username": "root2", "roles": ["sysadmin"]}).status == 200
    assert find(world, "root2").body_id is None
    page = root.post("/office/users/new", {**FORM, "username": "x3", "roles": ["office"]})
    assert page.errors[-1] == "请选择所属的人民代表大会。"
    page = root.post(
        "/office/users/new", {**FORM, "username": "x4", "roles": ["sysadmin"], "body_id": world.county}
    )
    assert page.errors[-1] == "系统管理员不属于任何一级人大，也不能兼任其他角色。"
    mixed = {"roles": ["department"], "body_id": world.county, "department_id": world.departments["other"]}
    page = root.post("/office/users/new", {**FORM, "username": "x5", **mixed})
    assert page.errors[-1] == "所选责任单位不属于这一级人大。"


# --- changes ---------------------------------------------------------------------------------------------


def test_edit_changes_name_and_roles_and_is_logged(as_, world):
    user_id = world.user("government")
    office = as_("office")
    page = office.post(f"/office/users/{user_id}", {"name": "改名示例", "roles": ["leader"]})
    assert page.status == 303
    user = find(world, "government.county")
    assert (user.name, roles(user)) == ("改名示例", {"leader"})
    with world.work():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "user.edit")).one()
    assert (entry.before["roles"], entry.after["roles"]) == (["government"], ["leader"])


def test_edit_of_a_deputys_account_keeps_its_role(as_, world):
    page = as_("office").post(f"/office/users/{world.user('deputy')}", {"name": "代表", "roles": ["leader"]})
    assert page.status == 422
    assert page.errors[-1] == "这是从名册开通的代表账号，须保留“代表”角色。"


def test_edit_cannot_take_ones_own_role(as_, world):
    page = as_("office").post(f"/office/users/{world.user('office')}", {"name": "某某", "roles": ["leader"]})
    assert page.errors[-1] == "不能取消自己的角色，请由其他管理人员办理。"


def test_reset_password_replaces_the_old_one_and_signs_out(as_, world):
    before = as_("leader")
    page = as_("office").post(f"/office/users/{world.user('leader')}/reset")
    password = page.tree.xpath("//span[@class='secret']")[1].text_content()
    assert before.get("/office/").status == 302  # signed out
    assert as_().post("/sign-in", {"username": "leader.county", "password": PASSWORD}).status == 422
    assert as_().post("/sign-in", {"username": "leader.county", "password": password}).status == 303


def test_stopped_account_is_signed_out_and_can_be_restarted(as_, world):
    office, leader = as_("office"), as_("leader")
    url = f"/office/users/{world.user('leader')}/active"
    assert "已停用账号" in office.follow(office.post(url)).words
    assert leader.get("/office/").status == 302
    assert as_().post("/sign-in", {"username": "leader.county", "password": PASSWORD}).status == 422
    office.post(url)
    assert as_().post("/sign-in", {"username": "leader.county", "password": PASSWORD}).status == 303


def test_own_account_cannot_be_stopped(as_, world):
    page = as_("office").post(f"/office/users/{world.user('office')}/active")
    assert page.status == 409
    assert "不能停用自己的账号" in page.words


@pytest.mark.parametrize("act", ["", "/reset", "/active"])
def test_another_bodys_account_is_404(as_, world, act):
    office = as_("office")
    for user_id in (world.user("leader", "other"), world.user("leader", "township"), world.user("sysadmin")):
        assert office.post(f"/office/users/{user_id}{act}", {"name": "x", "roles": ["leader"]}).status == 404


# --- accounts for the whole roster -------------------------------------------------------------------------


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr("votes.web.accounts.BATCH", 2)


def test_roster_accounts_open_in_batches_with_passwords_shown_once(as_, world, small_batches):
    with world.work():
        deputies = make_deputies(4, world.delegations["county"])
        deputies[3].state = DeputyState.ENDED
    office = as_("office")
    assert "在任代表中有 3 人还没有账号" in office.get("/office/users/deputies").words
    page = office.post("/office/users/deputies", {"opened": "[]"})
    assert "已开通 2 人，还有 1 人" in page.words
    assert page.tree.xpath("//progress/@value") == ["2"]
    page = office.post("/office/users/deputies", {"opened": page.value("opened")})
    assert "已开通 3 人。" in page.words
    rows = rows_of(
        office.post("/office/users/deputies/passwords.xlsx", {"opened": page.value("opened")}).data
    )
    assert rows[1] == ["代表证号", "姓名", "代表团", "用户名", "初始密码"]
    assert [row[3] for row in rows[2:]] == ["shili-001", "shili-002", "shili-003"]
    browser = as_()
    assert browser.post("/sign-in", {"username": "shili-003", "password": rows[4][4]}).location == "/home"
    assert find(world, "shili-004") is None
    assert "在任代表都已有账号" in office.get("/office/users/deputies").words
    with world.work():
        logged = [
            e.after
            for e in db.session.scalars(select(AuditEntry).where(AuditEntry.action == "user.open_deputies"))
        ]
    assert logged == [
        {"count": 2, "usernames": ["shili-001", "shili-002"]},
        {"count": 1, "usernames": ["shili-003"]},
    ]


def test_roster_accounts_leave_out_a_taken_username(as_, world):
    with world.work():
        make_deputies(2, world.delegations["county"])
        make_user("shili-001", Role.LEADER, body_id=world.county)
    page = as_("office").post("/office/users/deputies", {"opened": ""})
    assert "已开通 1 人，还有 1 人" in page.words


@pytest.mark.parametrize("opened", ["", "nonsense", "{}", '[["a"]]', "[[1,2,3,4,5]]"])
def test_roster_passwords_are_refused_later(as_, opened):
    page = as_("office").post("/office/users/deputies/passwords.xlsx", {"opened": opened})
    assert page.status == 422
    assert "没有可下载的初始密码" in page.words


@pytest.mark.parametrize("role", ["sysadmin", "government", "leader", "deputy"])
def test_roster_accounts_are_the_offices_only(as_, role):
    assert as_(role).get("/office/users/deputies").status == 403
    assert as_(role).post("/office/users/deputies").status == 403


@pytest.mark.parametrize(
    "url", ["/office/users/1/reset", "/office/users/1/active", "/office/users/deputies/passwords.xlsx"]
)
def test_acts_refuse_get(as_, url):
    assert as_("office").get(url).status == 405
