"""Citizens' ratings in the office: the comments and the posters."""

from io import BytesIO

import openpyxl
import pytest

from tests.years import at, project_id, two_tracked
from votes.services.delivery import trackings
from votes.services.supervision import citizen_ratings

DAY = at(2027, 8, 10)
pytestmark = pytest.mark.usefixtures("august")
PREPARED = {"tracked": two_tracked}


def test_comment_is_answered_published_and_exported(world, as_, tracked):
    with world.work():
        row = citizen_ratings.rate(
            trackings.get(tracked[0]), grade="basically", comment="路灯不亮。", phone="a", now=DAY
        )
    office = as_("office")
    assert "1 条意见待处理" in office.get("/office/citizen-ratings/").words
    url = f"/office/citizen-ratings/{row.id}"
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
def test_comment_with_possible_name_is_published_once_checked(world, as_, tracked):
    with world.work():
        row = citizen_ratings.rate(
            trackings.get(tracked[0]), grade="basically", comment="李医生态度好。", phone="a", now=DAY
        )
    office, url = as_("office"), f"/office/citizen-ratings/{row.id}"
    assert "“李医生”可能指明" in office.get(url).words
    refused = office.post(url, {"published": "y"})
    assert (refused.status, "“李医生”可能指明" in refused.words) == (422, True)
    assert office.post(url, {"published": "y", "checked": "y"}).status == 303


def test_posters_of_several_projects_are_one_pdf(as_, tracked):
    office = as_("office")
    page = office.get("/office/citizen-ratings/posters")
    assert page.tree.xpath("//input[@name='tracking']/@value") == [str(i) for i in tracked]
    assert office.get("/office/citizen-ratings/posters.pdf").status == 302
    url = f"/office/citizen-ratings/posters.pdf?year=2027&tracking={tracked[0]}&tracking={tracked[1]}"
    assert office.get(url).data[:5] == b"%PDF-"
