"""The pages of decisions by show of hands."""

import pytest
from sqlalchemy import select

from tests.services.voting.test_vote import make_hall
from votes.db import db
from votes.models import Motion

FORM = {
    "title": "票决办法（草案）",
    "decided_on": "2027-01-15",
    "roster": "12",
    "present": "12",
    "votes_for": "11",
    "votes_against": "0",
    "abstentions": "1",
}


PREPARED = {"hall": make_hall}


def test_motion_is_entered_corrected_and_listed(as_, hall):
    office, url = as_("office"), f"/office/sessions/{hall['session']}/motions"
    page = office.get(f"{url}/new")
    assert [page.value(name) for name in ("roster", "present", "votes_for", "votes_against")] == [
        "12",
        "12",
        "",
        "0",
    ]
    page = office.follow(office.post(f"{url}/new", FORM))
    assert "已登记：票决办法（草案），通过" in page.words
    assert f"{url}.docx" in page.links()
    edit = next(link for link in page.links() if link.startswith("/office/motions/"))
    assert office.get(edit).value("votes_for") == "11"
    page = office.follow(office.post(edit, {**FORM, "votes_for": "6", "votes_against": "5"}))
    assert "已更正：票决办法（草案），未通过" in page.words
    cells = [" ".join(cell.text_content().split()) for cell in page.tree.xpath("//tbody/tr[1]/td")]
    assert cells[0].startswith("票决办法（草案）登记：office.county（示例）")
    assert cells[1:9] == [
        "2027年1月15日", "12", "12", "6", "5", "1", "0", "× 未通过",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"title": ""}, "请填写表决事项"),
        ({"votes_for": ""}, "请填写赞成人数"),
        ({"votes_for": "-1"}, "应为 0 至 10000 的整数"),
        ({"votes_for": "十一"}, "不是有效的整数。 应为 0 至 10000 的整数"),
        ({"votes_for": "13"}, "赞成 13、反对 0、弃权 1，合计 14 人，多于实到 12 人，请核对。"),
        ({"present": "13"}, "实到 13 人多于应到 12 人，请核对。"),
        ({"decided_on": "2026-01-15"}, "表决日期应在会议期间。"),
    ],
)
def test_wrong_motion_is_refused_and_keeps_what_was_typed(as_, world, hall, changed, message):
    page = as_("office").post(f"/office/sessions/{hall['session']}/motions/new", {**FORM, **changed})
    assert page.status == 422
    assert message in page.errors
    assert page.value("abstentions") == "1"
    with world.work():
        assert db.session.scalars(select(Motion)).all() == []


def test_motion_without_quorum_is_kept_with_a_warning(as_, hall):
    office = as_("office")
    form = {**FORM, "present": "7", "votes_for": "7", "abstentions": "0"}
    page = office.follow(office.post(f"/office/sessions/{hall['session']}/motions/new", form))
    assert "实到 7 人，不足法定人数 8 人" in page.words
    assert "已登记：票决办法（草案），通过" in page.words


def test_pages_say_whether_the_rule_has_passed(as_, hall):
    office = as_("office")
    session, round_ = f"/office/sessions/{hall['session']}", f"/office/rounds/{hall['round']}"
    assert "还没有登记票决办法（草案）的表决结果" in office.get(round_).words
    office.post(f"{session}/motions/new", FORM)
    assert "票决办法（草案）的表决结果" not in office.get(round_).words
    assert "票决办法（草案） ● 通过赞成 11、反对 0、弃权 1" in office.get(session).words


@pytest.mark.parametrize(
    ("role", "status"), [("leader", 403), ("government", 403), ("deputy", 401)]
)  # no longer in office
def test_new_motion_by_another_role_is_forbidden(as_, hall, role, status):
    assert as_(role).post(f"/office/sessions/{hall['session']}/motions/new", FORM).status == status


def test_leader_reads_motions_and_changes_nothing(as_, hall):
    as_("office").post(f"/office/sessions/{hall['session']}/motions/new", FORM)
    page = as_("leader").get(f"/office/sessions/{hall['session']}/motions")
    assert "票决办法（草案）" in page.words
    assert [link for link in page.links() if link.startswith("/office/motions/")] == []
