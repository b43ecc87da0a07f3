"""The overview of supervision in the office, groups, and what the public reads."""

from datetime import date

import pytest

from tests.counting import statements
from tests.supervision import NOW, supervise_for_pages
from votes.rules.supervision.supervision import InspectionKind
from votes.services.delivery import trackings
from votes.services.supervision import inspections, rectifications
from votes.services.supervision.inspections import InspectionPlan

URL = "/office/supervision"
PREPARED = {"watched": supervise_for_pages}
pytestmark = pytest.mark.usefixtures("june")


def test_overview_says_what_waits_for_whom(as_, watched):
    page = as_("office").get(f"{URL}/")
    assert "代表反映的 1 条问题还没有处理" in page.words
    assert "有 1 件督办件逾期未反馈" in page.words
    assert "尚未组建" in as_("office").get(f"{URL}/?group=bare").words
    unit = as_("department").get(f"{URL}/")
    assert "实事项目01" in unit.words
    assert "实事项目02" not in unit.words, "another unit's"
    assert "代表反映" not in unit.words


def test_group_form_keeps_what_was_typed_during_a_search(as_, watched, world):
    office, url = as_("office"), f"{URL}/projects/{watched['tracking']}/group"
    page = office.get(url)
    assert page.tree.xpath("//input[@name='members' and @checked]/@value") == [str(watched["own"])]
    typed = {"lead": "常委会主任（示例）", "committee": "新工委", "lead_deputy_id": ""}
    searched = office.post(url, {**typed, "members": [], "q": "900", "find": "查找代表"})
    assert searched.status == 200
    assert searched.value("lead") == "常委会主任（示例）", "what was typed stays"
    assert searched.tree.xpath("//input[@name='members']/@value") == [str(watched["own"])]
    assert office.get(f"{URL}/").words.count("常委会主任（示例）") == 0, "a search saves nothing"
    assert office.post(url, {**typed, "members": [str(watched["own"])]}).status == 303
    assert "常委会主任（示例）领衔，新工委" in office.get(f"{URL}/").words
    refused = office.post(url, {**typed, "members": ["999999"]})
    assert refused.status == 422
    assert "不在本级名册中" in " ".join(refused.errors)


def test_public_page_shows_only_what_is_published(as_, world, watched):
    url, stranger = f"/p/shili/projects/{watched['project']}", as_()
    before = stranger.get(url).words
    for hidden in ("边沟没有盖板。", "材料乱堆。", "督办〔2027〕1号", "示例暗访"):
        assert hidden not in before
    assert stranger.get(f"/p/shili/supervision/photos/{watched['photo']}").status == 404
    office = as_("office")
    office.post(f"{URL}/notes/{watched['note']}/publish", {"published": "y", "with_photos": "y"})
    office.post(f"{URL}/rectifications/{watched['order']}/publish", {"published": "1"})
    after = stranger.get(url)
    assert "边沟没有盖板。" in after.words
    assert "督办〔2027〕1号" in after.words
    assert "局长示例" not in after.words, "the person is not named in public"
    assert stranger.get(f"/p/shili/supervision/photos/{watched['photo']}").status == 200
    assert stranger.get(f"/p/linxian/supervision/photos/{watched['photo']}").status == 404
    assert stranger.get(f"/p/shili/supervision/photos/{watched['routed_photo']}").status == 404


@pytest.mark.sqlite
def test_lists_send_as_many_statements_for_many_rows_as_for_few(as_, world, database, watched):
    office = as_("office")
    urls = [f"{URL}/", f"{URL}/rectifications/", f"{URL}/lists", f"{URL}/notes/", f"{URL}/inspections/"]

    def counted():
        numbers = []
        for url in urls:
            with statements(database) as sent:
                assert office.get(url).status == 200
            numbers.append(len(sent))
        return numbers

    once, by = counted(), world.actor("office")
    with world.work():
        tracking = trackings.get(watched["other"])
        for i in range(12):
            order = rectifications.Order(
                f"问题{i}", "限期整改。", tracking.department_id, "", date(2027, 6, 20 + i % 9)
            )
            rectifications.issue(tracking, order, by=by, now=NOW)
            values = InspectionPlan(InspectionKind.VISIT, f"视察{i}", date(2027, 6, 20), "", [watched["own"]])
            inspections.plan(tracking, values, by=by, now=NOW)
    assert counted() == once
    assert max(once) <= 20
