"""Citizens' ratings: the public form, and the comments in the office."""

from io import BytesIO

import openpyxl
import pytest

from tests.pages import Browser
from tests.years import at, project_id, two_tracked
from votes.services.delivery import trackings
from votes.services.supervision import citizen_ratings

DAY = at(2027, 8, 10)
pytestmark = pytest.mark.usefixtures("august")
PREPARED = {"tracked": two_tracked}


@pytest.fixture
def tracked(world, prepared):
    """Return the ids of two tracked projects of the county; each is also its project's place in the list."""
    return prepared["tracked"]


def test_a_phone_rates_once_a_week_and_another_phone_too(world, as_, app, tracked):
    url = f"/p/shili/projects/{project_id(world, tracked[0])}/rate"
    phone = as_()
    assert "您对这个项目满意吗？" in phone.get(url).words
    empty = phone.post(url, {"comment": "示例意见"})
    assert (empty.status, empty.value("comment")) == (422, "示例意见")
    assert phone.post(url, {"grade": "satisfied", "comment": "示例意见"}).status == 303
    again = phone.get(url)
    assert "您本周已经评价过" in again.words
    assert again.value("grade") is None
    second = phone.post(url, {"grade": "dissatisfied"})
    assert second.status == 409
    assert Browser(app).post(url, {"grade": "dissatisfied"}).status == 303
    with world.work():
        counts = citizen_ratings.of([tracked[0]])[tracked[0]]
        assert (counts.satisfied, counts.dissatisfied) == (1, 1)
    public = as_().get(f"/p/shili/projects/{project_id(world, tracked[0])}")
    assert "示例意见" not in public.words, "nothing is published by itself"
    assert "群众评价，不计入代表测评" in public.words
    assert "人次较少，不计算比例" in public.words


def test_a_project_that_is_not_public_is_not_rated(world, as_, tracked):
    assert as_().get("/p/shili/projects/0/rate").status == 404
    assert as_().get(f"/p/linxian/projects/{project_id(world, tracked[0])}/rate").status == 404


def test_comments_are_read_answered_published_and_taken_out(world, as_, tracked):
    with world.work():
        made = citizen_ratings.rate(
            trackings.get(tracked[0]), grade="basically", comment="路灯不亮。", phone="a", now=DAY
        )
    office = as_("office")
    assert "1 条意见待处理" in office.get("/office/citizen-ratings/").words
    url = f"/office/citizen-ratings/{made.id}"
    sent = {"reply": "已修好。", "published": "y", "note_to_unit": "请检修路灯。"}
    assert office.post(url, sent).status == 303
    public = as_().get(f"/p/shili/projects/{project_id(world, tracked[0])}")
    assert "路灯不亮。" in public.words
    assert "请检修路灯。" not in public.words
    assert "请检修路灯。" in as_("department").get(f"/office/progress/{tracked[0]}").words
    sheet = openpyxl.load_workbook(BytesIO(office.post("/office/citizen-ratings/export").data)).active
    assert [cell.value for cell in sheet[3]][1:6] == [
        "实事项目01",
        "基本满意",
        "路灯不亮。",
        "已修好。",
        "是",
    ]
    assert as_("leader").get(url).status == 403


@pytest.mark.sqlite
def test_a_comment_that_may_name_somebody_is_published_once_somebody_has_checked(world, as_, tracked):
    with world.work():
        made = citizen_ratings.rate(
            trackings.get(tracked[0]), grade="basically", comment="李医生态度好。", phone="a", now=DAY
        )
    office, url = as_("office"), f"/office/citizen-ratings/{made.id}"
    assert "“李医生”可能指明" in office.get(url).words
    refused = office.post(url, {"published": "y"})
    assert (refused.status, "“李医生”可能指明" in refused.words) == (422, True)
    assert office.post(url, {"published": "y", "checked": "y"}).status == 303


def test_posters_for_several_projects(as_, tracked):
    office = as_("office")
    page = office.get("/office/citizen-ratings/posters")
    assert page.tree.xpath("//input[@name='tracking']/@value") == [str(i) for i in tracked]
    assert office.get("/office/citizen-ratings/posters.pdf").status == 302
    url = f"/office/citizen-ratings/posters.pdf?year=2027&tracking={tracked[0]}&tracking={tracked[1]}"
    assert office.get(url).data[:5] == b"%PDF-"
