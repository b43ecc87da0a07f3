"""The tree of congresses (system administrator) and the settings of a place (its office)."""

import pytest
from sqlalchemy import select

from tests.factories import make_body, make_project, make_user
from tests.pages import Browser
from votes.db import db
from votes.models import AuditEntry, Body
from votes.rules.delivery.lights import LightSettings
from votes.rules.meeting.rule import quorum_of
from votes.rules.people.roles import BodyKind, Role
from votes.rules.projects.projects import ProjectState
from votes.services.people import bodies

FORM = {
    "name": "新示例县人民代表大会",
    "place": "新示例县",
    "code": "xinshili",
    "kind": "county",
    "parent_id": "",
}


# --- the tree --------------------------------------------------------------------------------------------


def test_new_county_leads_to_its_first_account(as_, world):
    root = as_("sysadmin")
    page = root.follow(root.post("/office/bodies/new", FORM))
    assert page.title.startswith("新增账号")
    chosen = page.tree.get_element_by_id("body_id").value
    with world.work(None):
        body = db.session.scalar(select(Body).where(Body.code == "xinshili"))
        assert (body.name, body.kind, body.parent_id) == ("新示例县人民代表大会", "county", None)
        assert chosen == str(body.id)


def test_tree_shows_townships_below_their_county(as_):
    page = as_("sysadmin").get("/office/bodies/")
    names = [row.xpath("td")[0].text_content().strip() for row in page.tree.xpath("//tbody/tr")]
    assert names == [
        "示例县人民代表大会（演示）",
        "└ 示例镇人民代表大会（演示）",
        "邻示例县人民代表大会（演示）",
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"code": "shili"}, "代码“shili”已被使用。"),
        ({"code": "9x"}, "代码由 2 至 30 个小写字母、数字或连字符组成，以字母开头。"),
        ({"code": ""}, "请输入代码"),
        ({"name": "示例县人民代表大会"}, "已有名为“示例县人民代表大会”的机构。"),
        ({"kind": "township"}, "乡镇人大须指明所在的县级人大。"),
    ],
)
def test_body_form_refuses_in_words(as_, changed, message):
    page = as_("sysadmin").post("/office/bodies/new", {**FORM, **changed})
    assert page.status == 422
    assert message in page.errors
    assert page.value("place") == "新示例县"


def test_county_and_township_in_a_wrong_place_are_refused(as_, world):
    root = as_("sysadmin")
    page = root.post("/office/bodies/new", {**FORM, "parent_id": world.other})
    assert "县级人大没有上级机构可选。" in page.errors
    assert (
        root.post("/office/bodies/new", {**FORM, "kind": "township", "parent_id": world.township}).status
        == 422
    )


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("committee", "示例县人民代表大会常务委员会", "人大常委会须指明所属的县级人大。"),
        ("street", "示例街道议事代表会", "街道议事代表会须指明所在的县级人大。"),
    ],
)
def test_committee_and_street_need_a_county(as_, world, kind, name, message):
    root = as_("sysadmin")
    form = {**FORM, "kind": kind, "name": name, "place": "示例", "code": f"shili-{kind}"}
    assert message in root.post("/office/bodies/new", form).errors
    assert root.post("/office/bodies/new", {**form, "parent_id": world.township}).status == 422
    assert root.post("/office/bodies/new", {**form, "parent_id": world.county}).status == 303
    rows = root.get("/office/bodies/").tree.xpath("//tbody/tr")
    assert [row.xpath("td")[0].text_content().strip() for row in rows][:3] == [
        "示例县人民代表大会（演示）",
        "└ 示例镇人民代表大会（演示）",
        f"└ {name}（演示）",
    ]


def test_second_committee_of_a_county_is_refused(as_, world):
    root = as_("sysadmin")
    form = {**FORM, "kind": "committee", "name": "示例县人民代表大会常务委员会", "code": "shili-cwh"}
    form["parent_id"] = world.county
    assert root.post("/office/bodies/new", form).status == 303
    page = root.post("/office/bodies/new", {**form, "code": "shili-cwh2", "name": "又一个常务委员会"})
    assert "示例县人民代表大会的常务委员会已经设立。" in page.errors
    other = {
        **form,
        "code": "linxian-cwh",
        "name": "邻示例县人民代表大会常务委员会",
        "parent_id": world.other,
    }
    assert root.post("/office/bodies/new", other).status == 303


@pytest.mark.parametrize(
    ("kind", "quorum", "needed"), [("committee", ("1/2", "y"), 18), ("street", ("2/3", None), 23)]
)
def test_new_body_has_the_default_rule_of_its_kind(app, world, kind, quorum, needed):
    """What its office finds in the settings, and what a round and the session's page reckon with."""
    with world.work(None):
        body = make_body(f"shili-{kind}", "示例", BodyKind(kind), world.county)
        office = make_user(f"office.{kind}", Role.OFFICE, body_id=body.id)
        key, body_id = f"u:{office.id}:0", body.id
        rule = bodies.default_rule(body, 8)
        assert (quorum_of(rule, 34), rule.majority) == (needed, "roster")
    browser = Browser(app)
    browser.sign_in(key)
    page = browser.get("/office/bodies/settings")
    assert (page.value("quorum"), page.value("quorum_more")) == quorum
    assert [row.role for row in gates_of(world, body_id)][-1] == "office"
    words = {
        o.get("value"): o.text for o in page.tree.xpath("//select[@name='majority' or @name='tie']/option")
    }
    assert words["roster"] == {"committee": "全体组成人员过半数", "street": "全体议事代表过半数"}[kind]
    assert words["presidium"] == {"committee": "由主任会议决定", "street": "由人大街道工委决定"}[kind]
    form = {name: value for name, value in form_of(page).items() if value}
    assert browser.post("/office/bodies/settings", form).status == 303
    with world.work(None):
        assert quorum_of(bodies.default_rule(db.session.get(Body, body_id), 8), 34) == needed


def test_quorum_of_the_place_overrides_that_of_its_kind(world):
    with world.work(None):
        body = make_body("shili-cwh", "示例", BodyKind.COMMITTEE, world.county)
        for own, needed in (
            ({}, 18),
            ({"quorum": [2, 3]}, 23),
            ({"quorum": [1, 2]}, 17),
            ({"quorum": [2, 3], "quorum_more": True}, 23),
            ({"quorum": [1, 2], "quorum_more": True}, 18),
            ({"majority": "present"}, 18),
        ):
            body.settings = {"rule": own}
            assert quorum_of(bodies.default_rule(body, 8), 34) == needed, own


def gates_of(world, body_id: int):
    with world.work(None):
        return bodies.gates(db.session.get(Body, body_id))


def test_body_names_are_changed(as_, world):
    root = as_("sysadmin")
    page = root.post(f"/office/bodies/{world.other}", {"name": "邻县人民代表大会（示例）", "place": "邻县"})
    assert page.status == 303
    page = root.post(f"/office/bodies/{world.other}", {"name": "示例县人民代表大会", "place": "邻县"})
    assert page.errors[-1] == "已有名为“示例县人民代表大会”的机构。"
    assert root.get("/office/bodies/999").status == 404


@pytest.mark.parametrize("role", ["office", "government", "department", "leader", "deputy"])
def test_tree_is_the_administrators_only(as_, world, role):
    browser = as_(role)
    for path in ("", "new", str(world.county)):
        assert browser.get(f"/office/bodies/{path}").status == 403


def test_administrator_views_one_body_and_all_again(as_, world):
    root = as_("sysadmin")
    root.post("/office/bodies/view", {"body_id": world.other})
    assert "office.county" not in root.get("/office/users/").words
    root.post("/office/bodies/view", {"body_id": ""})
    assert "office.county" in root.get("/office/users/").words


def test_administrator_sees_no_roster_projects_or_votes(as_, world):
    root = as_("sysadmin")
    root.post("/office/bodies/view", {"body_id": world.county})
    for url in ("/office/roster/", "/office/bodies/settings", "/office/departments/"):
        assert root.get(url).status == 403


# --- settings --------------------------------------------------------------------------------------------


def form_of(page) -> dict[str, str]:
    """Everything that stands in the settings form."""
    names = page.tree.xpath("//main//form//*[@name]/@name")
    return {name: page.value(name) or "" for name in names}


@pytest.fixture
def settings(as_):
    """Return the browser and what the form of the settings holds."""
    office = as_("office")
    return office, form_of(office.get("/office/bodies/settings"))


def settings_of(world) -> dict:
    with world.work():
        return dict(db.session.get(Body, world.county).settings)


def test_settings_save_lights_day_and_rule(settings, world):
    office, form = settings
    page = office.post(
        "/office/bodies/settings",
        {
            **form,
            "behind": "8",
            "severe": "25",
            "report_due_day": "10",
            "method": "threeway",
            "quorum": "3／4",
        },
    )
    assert page.status == 303
    saved = settings_of(world)
    assert LightSettings.of(saved) == LightSettings(behind=8, severe=25, due_day=10)
    assert (saved["rule"]["method"], saved["rule"]["quorum"]) == ("threeway", [3, 4])
    assert form_of(office.get("/office/bodies/settings"))["quorum"] == "3/4"


def test_settings_save_five_colours_and_a_demand_on_funds(settings, world):
    office, form = settings
    given = {"scheme": "five", "orange": "50", "yellow": "75", "funds_month": "6", "funds": "65"}
    assert office.post("/office/bodies/settings", {**form, **given}).status == 303
    found = LightSettings.of(settings_of(world))
    assert found == LightSettings(scheme="five", orange=50, yellow=75, funds_month=6, funds=65)
    assert form_of(office.get("/office/bodies/settings")).items() >= given.items()


def test_new_round_takes_signs_and_paper_of_the_place(settings, world):
    office, form = settings
    assert [form[f"mark_{name}"] for name in ("for", "against", "abstain")] == ["○", "×", "空白"]
    assert form["paper"] == "none"
    given = {"mark_for": "√", "mark_against": "×", "mark_abstain": "○", "paper": "keyed"}
    assert office.post("/office/bodies/settings", {**form, **given}).status == 303
    with world.work():
        rule = bodies.default_rule(db.session.get(Body, world.county), 8)
        assert (dict(rule.marks), rule.paper) == (
            {"for": "√", "against": "×", "abstain": "○"},
            "keyed",
        )
    assert form_of(office.get("/office/bodies/settings")).items() >= given.items()


def test_settings_saved_unchanged_are_not_recorded(settings, world):
    office, form = settings
    for _ in range(2):
        assert office.post("/office/bodies/settings", form).status == 303
    with world.work():
        actions = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action == "body.settings")
        ).all()
    assert len(actions) <= 4  # gates, lights, dimensions of acceptance, rule: once each


def test_unusual_rule_is_saved_with_a_warning(settings):
    office, form = settings
    page = office.follow(office.post("/office/bodies/settings", {**form, "majority": "present"}))
    assert (
        "通过标准不是全体代表的过半数（地方组织法第二十五条），请确认票决办法草案确实如此规定。" in page.words
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"severe": "10"}, "严重滞后的界线应大于滞后的界线。"),
        ({"mark_for": ""}, "请填写赞成符号"),
        ({"mark_for": "×"}, "票决办法的“填写符号”应为赞成、反对、弃权各写明一个互不相同的符号。"),
        ({"behind": "0"}, "应为 1 至 100 的整数"),
        ({"orange": "30"}, "红、橙、黄三条界线应依次增大。"),
        ({"report_due_day": "31"}, "应为 1 至 28 的整数"),
        ({"quorum": "两成"}, "请写成分数，如 2/3。"),
        ({"quorum": "3/2"}, "票决办法的“法定人数”应为分子、分母两个正整数，且不大于 1，例如 [2, 3]。"),
        ({"overvote": "allow"}, "票决办法的“超选票的处理”只有“逐项表决”才能允许赞成多于应选名额，其他方法下多选的票无效。"),
        ({"disclosure": "ballots"}, "公开全部票的内容，就等于公开得票数，与“公告只公布项目名称”相矛盾。请改为公布得票数，或者只公开回执码。"),
        ({"gates-0-name": "", "gates-1-name": "", "gates-2-name": ""}, "至少保留一道审议环节，每道都要有名称。没有改动。"),
        ({"gates-0-name": "县委常委会会议"}, "两道审议环节的名称不能相同。没有改动。"),
    ],
)  # fmt: skip
def test_settings_that_contradict_themselves_are_refused(settings, world, changed, message):
    office, form = settings
    page = office.post("/office/bodies/settings", {**form, "small_body": "33", **changed})
    assert page.status == 422
    assert message in page.errors
    assert page.value("small_body") == "33"
    assert settings_of(world) == {}


def gate_names(world) -> list[tuple[str, str, str]]:
    with world.work():
        return [(g.key, g.name, g.role) for g in bodies.gates(db.session.get(Body, world.county))]


def test_gates_are_renamed_reordered_added_and_removed(settings, world):
    office, form = settings
    changes = {
        "gates-0-name": "县政府常务会议",
        "gates-1-name": "",
        "gates-3-name": "代表建议工作会议",
        "gates-3-role": "office",
        "gates-3-order": "0",
    }
    assert office.post("/office/bodies/settings", {**form, **changes}).status == 303
    assert gate_names(world) == [
        ("gate1", "代表建议工作会议", "office"),
        ("government", "县政府常务会议", "government"),
        ("standing", "县人大常委会会议", "office"),
    ]


def test_gates_cannot_change_while_projects_are_under_review(settings, world):
    office, form = settings
    with world.work():
        make_project("示例项目", state=ProjectState.REVIEWING, gates_passed=1)
    page = office.post("/office/bodies/settings", {**form, "gates-1-name": ""})
    assert page.status == 422
    assert page.errors[-1].startswith("有项目正在审议，这时不能增减审议环节或调整顺序")
    page = office.post("/office/bodies/settings", {**form, "gates-1-name": "县委会议"})
    assert page.status == 303
    assert gate_names(world)[1] == ("party", "县委会议", "government")


@pytest.mark.parametrize("role", ["government", "department", "leader", "deputy", "sysadmin"])
def test_settings_are_the_offices_only(as_, role):
    assert as_(role).get("/office/bodies/settings").status == 403
    assert as_(role).post("/office/bodies/settings", {}).status == 403
