"""Sessions in the office: the list, setting up, one session, starting and ending it."""

import pytest

from tests.services.voting.test_vote import make_hall

PREPARED = {"hall": make_hall}
FACTS = {
    "title": "第二次会议",
    "year": "2028",
    "starts_on": "2028-01-15",
    "ends_on": "2028-01-16",
    "place": "示例厅",
}


def test_index_lists_sessions_with_their_rounds(as_, hall):
    page = as_("office").get("/office/sessions/")
    (row,) = page.tree.xpath("//tbody/tr")
    assert [" ".join(cell.text_content().split()) for cell in row] == [
        "第一次会议",
        "2027年1月15日 至 2027年1月16日",
        "示例厅",
        "◐ 会议进行中",
        "示例票决 ○ 准备中",
    ]


def test_new_session_is_set_up_and_edited(as_):
    office = as_("office")
    page = office.post("/office/sessions/new", FACTS)
    page = office.follow(page)
    assert "会议已建立" in page.words
    url = page.tree.xpath("//a[text()='修改信息']/@href")[0]
    assert "会议信息已保存" in office.follow(office.post(url, FACTS | {"place": "大礼堂"})).words


def test_new_session_with_a_taken_title_keeps_what_was_typed(as_, hall):
    page = as_("office").post("/office/sessions/new", FACTS | {"title": "第一次会议"})
    assert (page.status, "已有同名的会议" in page.words) == (422, True)
    assert page.tree.xpath("//input[@name='title']/@value") == ["第一次会议"]


def test_show_lists_the_candidates_of_the_year(as_, hall):
    page = as_("office").get(f"/office/sessions/{hall['session']}")
    assert "2027年候选名单（5 项待票决）" in page.words
    assert len(page.tree.xpath("//tbody/tr")) == 5


@pytest.mark.parametrize(("role", "status"), [("government", 403), ("department", 403), ("leader", 403)])
def test_move_by_another_role_is_forbidden(as_, hall, role, status):
    assert as_(role).post(f"/office/sessions/{hall['session']}/end").status == status


def test_session_of_another_body_is_not_found(as_, hall):
    assert as_("office", "other").get(f"/office/sessions/{hall['session']}").status == 404
