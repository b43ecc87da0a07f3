"""监督 in the office, with the units, on the phone and in public: each page works, and shows nobody what is not theirs."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest

from tests.counting import statements
from tests.years import at, make_tracked, picture
from votes.rules.people.actor import Actor
from votes.rules.supervision.supervision import InspectionKind
from votes.services import uploads
from votes.services.delivery import trackings
from votes.services.supervision import groups, inspection_notes, inspections, rectifications
from votes.services.supervision.inspections import InspectionPlan

URL = "/office/supervision"
NOW = at(2027, 6, 15)


@pytest.fixture(autouse=True)
def a_day_in_june(monkeypatch):
    for module in (
        "supervision.overview",
        "supervision.inspections",
        "supervision.inspection_notes",
        "supervision.rectifications",
        "supervision.phone",
    ):
        monkeypatch.setattr(f"votes.views.{module}.today", lambda: date(2027, 6, 15), raising=False)
        monkeypatch.setattr(f"votes.views.{module}.now", lambda: NOW)
    monkeypatch.setattr("votes.views.publication.public.today", lambda: date(2027, 6, 15))


def make_watched(world):
    """The county's unit's project with its group and a planned inspection; another unit's project; two notes, one routed."""
    office, own = world.actor("office"), world.actor("deputy").deputy_id
    photos = uploads.prepare_photos([picture()])
    with world.work():
        tracking, other = (
            make_tracked(1, department_id=world.departments["county"] + i, start=1 + i)[0] for i in range(2)
        )
        groups.set_group(
            tracking, lead="", lead_deputy_id=own, committee="示例工委", note="", deputy_ids=[own], by=office, now=NOW
        )  # fmt: skip
        values = InspectionPlan(InspectionKind.UNANNOUNCED, "示例暗访", date(2027, 6, 15), "", [own])
        visit = inspections.plan(tracking, values, by=office, now=NOW)
        by = Actor(name="示例代表", deputy_id=own)

        def saw(text):
            return inspection_notes.write(
                f"t{tracking.id}", text=text, place="示例河段", finding=True, photos=photos, by=by, now=NOW
            )

        first, second = saw("边沟没有盖板。"), saw("材料乱堆。")
        order = rectifications.order_for(second, tracking, date(2027, 6, 1))
        made = rectifications.issue(
            tracking, order._replace(demand="限期清理。", person="局长示例", due_on=date(2027, 6, 10)), note=second,
            by=office, now=at(2027, 6, 1),
        )  # fmt: skip
        return {
            "tracking": tracking.id, "project": tracking.project_id, "other": other.id, "own": own, "visit": visit.id,
            "note": first.id, "routed": second.id, "photo": first.photos[0].id, "routed_photo": second.photos[0].id,
            "order": made.id,
        }  # fmt: skip


PREPARED = {"watched": make_watched}


@pytest.fixture
def watched(world, prepared):
    return prepared["watched"]


def order_form(**values):
    return {
        "problem": "边沟没有盖板。", "demand": "限期加装。", "department_id": "1", "person": "", "due_on": "2027-06-30",
        **values,
    }  # fmt: skip


# --- the office ------------------------------------------------------------------------------------------


def test_the_overview_says_what_waits(as_, watched):
    page = as_("office").get(f"{URL}/")
    assert "代表反映的 1 条问题还没有处理" in page.words
    assert "有 1 件督办件逾期未反馈" in page.words
    assert "尚未组建" in as_("office").get(f"{URL}/?group=bare").words
    unit = as_("department").get(f"{URL}/")
    assert "实事项目01" in unit.words
    assert "实事项目02" not in unit.words, "another unit's"
    assert "代表反映" not in unit.words


def test_a_group_is_set_with_a_search_that_loses_nothing(as_, watched, world):
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


def test_an_inspection_from_plan_to_record(as_, watched):
    office = as_("office")
    assert "视察哪个项目" in office.get(f"{URL}/inspections/new").words
    given = {
        "kind": "visit", "theme": "年中视察", "planned_on": "2027-06-14", "place": "示例工地",
        "members": [str(watched["own"])],
    }  # fmt: skip
    url = f"{URL}/inspections/new?tracking={watched['tracking']}"
    assert office.post(url, {**given, "theme": ""}).status == 422
    page = office.follow(office.post(url, given))
    assert "已列入视察计划" in page.words
    here = next(link for link in page.links() if link.endswith("/hold")).removesuffix("/hold")
    assert "2027年6月" in office.get(f"{URL}/inspections/").words
    assert office.get(f"{here}/notice.docx").data[:2] == b"PK"
    held = {"held_on": "2027-06-14", "members": [str(watched["own"])], "summary": "看了工地。"}
    assert "请勾选实际参加的代表" in office.post(f"{here}/hold", {**held, "members": []}).words
    assert "看了工地。" in office.follow(office.post(f"{here}/hold", held)).words
    assert office.post(f"{here}/cancel").status == 409, "what was held is not cancelled"
    assert office.get(f"{here}/edit").status == 302, "no form for what cannot be done any more"


def test_an_unannounced_visit_is_not_shown_to_whom_it_is_about(as_, watched):
    seen = {}
    for role in ("office", "leader", "government", "department"):
        browser = as_(role)
        listed = "示例暗访" in browser.get(f"{URL}/inspections/").words
        on_page = "示例暗访" in browser.get(f"/office/progress/{watched['tracking']}").words
        seen[role] = (listed, on_page, browser.get(f"{URL}/inspections/{watched['visit']}").status)
    assert seen == {
        "office": (True, True, 200), "leader": (True, True, 200),
        "government": (False, False, 404), "department": (False, False, 404),
    }  # fmt: skip


def test_a_note_is_read_settled_published_and_routed(as_, watched):
    office, url = as_("office"), f"{URL}/notes/{watched['note']}"
    assert "边沟没有盖板。" in office.get(url).words
    assert "请填写处理情况" in office.post(f"{url}/settle", {"settled": " "}).words
    assert office.post(f"{url}/settle", {"settled": "当场整改。"}).status == 303
    assert office.post(f"{url}/publish", {"published": "y", "with_photos": "y"}).status == 303
    assert "文字和照片" in office.get(url).words
    refused = office.post(f"{url}/issue", order_form(demand="", due_on="2027-06-01"))
    assert refused.status == 422
    assert refused.value("problem") == "边沟没有盖板。"
    page = office.follow(office.post(f"{url}/issue", order_form()))
    assert "督办〔2027〕2号" in page.words
    assert office.get(f"{url}/issue").status == 302, "once only"


def test_notes_are_not_for_units_before_they_are_routed(as_, watched):
    for role in ("government", "department"):
        browser = as_(role)
        assert browser.get(f"{URL}/notes/").status == 403
        assert browser.get(f"{URL}/photos/{watched['photo']}").status == 404
        assert browser.get(f"{URL}/photos/{watched['routed_photo']}").status == 200


# --- 督办件 ----------------------------------------------------------------------------------------------


def test_rectification_page_says_cancelled_only_once_it_is(as_, watched):
    office, url = as_("office"), f"{URL}/rectifications/{watched['order']}"
    assert "已撤销：" not in office.get(url).words
    office.post(f"{url}/cancel", {"reason": "已由群众反映渠道办结"})
    assert "已撤销：已由群众反映渠道办结" in office.get(url).words


def test_the_unit_answers_and_the_office_looks_again(as_, watched):
    office, unit, url = as_("office"), as_("department"), f"{URL}/rectifications/{watched['order']}"
    assert "逾期 5 天" in unit.get(f"{URL}/rectifications/").words
    assert office.get(f"{url}/answer").status == 403
    given = {"measures": "清理材料。", "result": "已清理。"}
    kept = unit.post(f"{url}/answer", {**given, "result": ""})
    assert (kept.status, kept.value("measures")) == (422, "清理材料。")
    bad = {**given, "files": (BytesIO(b"no picture"), "a.jpg")}
    assert unit.post(f"{url}/answer", bad).status == 422
    page = unit.follow(unit.post(f"{url}/answer", {**given, "files": (picture().stream, "a.jpg")}))
    assert "整改情况已反馈" in page.words
    assert len(page.tree.xpath("//ol[@class='answers']//img")) == 1
    assert unit.post(f"{url}/answer", given).status in (409, 422), "nothing more is owed"
    failed = {"outcome_": "fail", "rechecked_on": "2027-06-15", "opinion": "还有一堆。"}
    refused = office.post(f"{url}/recheck", failed)
    assert "请填写整改期限" in " ".join(refused.errors)
    assert office.post(f"{url}/recheck", {**failed, "due_on": "2027-06-25"}).status == 303
    unit.post(f"{url}/answer", given)
    passed = {"outcome_": "pass", "rechecked_on": "2027-06-15"}
    assert "已销号" in office.follow(office.post(f"{url}/recheck", passed)).words
    assert {office.get(f"{url}/{act}").status for act in ("edit", "recheck", "cancel")} == {302}
    assert unit.get(f"{url}/answer").status == 302, "no form for what cannot be done any more"
    assert office.post(f"{url}/reopen", {"reason": "问题反复。", "due_on": "2027-07-01"}).status == 303
    assert "问题反复。" in unit.get(url).words


def test_page_of_a_rectification_says_how_it_stands(as_, watched):
    url = f"{URL}/rectifications/{watched['order']}"
    issued = as_("office").get(url)
    assert "已撤销：" not in issued.words
    assert "责任单位还没有反馈。" in issued.words
    assert "预警" in [dt.text_content() for dt in issued.tree.xpath("//dl/dt")]
    as_("office").post(f"{url}/cancel", {"reason": "重复交办。"})
    cancelled = as_("office").get(url)
    assert "已撤销：重复交办。" in cancelled.words
    assert "预警" not in [dt.text_content() for dt in cancelled.tree.xpath("//dl/dt")]


def test_lists_are_narrowed_and_exported_as_shown(as_, watched):
    office = as_("office")
    for query, there in (
        ("slip=yellow", True),
        ("slip=red", False),
        ("state=closed", False),
        ("q=限期清理", True),
        (f"q={'清+理+' * 600}", True),
    ):
        assert ("督办〔2027〕1号" in office.get(f"{URL}/rectifications/?{query}").words) is there
    book = openpyxl.load_workbook(BytesIO(office.get(f"{URL}/lists.xlsx").data))
    assert book.sheetnames == ["问题清单", "责任清单", "整改清单"]
    assert [sheet["A3"].value for sheet in book] == ["督办〔2027〕1号"] * 3
    empty = openpyxl.load_workbook(BytesIO(office.get(f"{URL}/rectifications.xlsx?slip=red").data))
    assert empty.active["A3"].value is None
    for name in ("groups", "inspections", "notes"):
        assert office.get(f"{URL}/{name}.xlsx").data[:2] == b"PK"


def test_another_unit_sees_no_rectification_that_is_not_its_own(as_, world, watched):
    with world.work():
        rectifications.get(watched["order"]).department_id = world.departments["county"] + 1
    unit = as_("department")
    assert unit.get(f"{URL}/rectifications/{watched['order']}").status == 403
    assert "督办〔2027〕1号" not in unit.get(f"{URL}/rectifications/").words
    assert "督办〔2027〕1号" not in unit.get(f"{URL}/lists").words


# --- the phone -------------------------------------------------------------------------------------------


def test_a_deputy_writes_a_note_with_photos_and_follows_it(as_, watched):
    deputy = as_("deputy")
    assert "监督" in deputy.get("/hall/").words
    home = deputy.get("/inspections/")
    assert "示例暗访" in home.words
    assert "实事项目01" in home.words
    given = {"about": f"i{watched['visit']}", "text": "路灯不亮。", "place": "村口", "finding": "yes"}
    kept = deputy.post("/inspections/notes/new", {**given, "finding": ""})
    assert (kept.status, kept.value("text")) == (422, "路灯不亮。")
    page = deputy.follow(
        deputy.post("/inspections/notes/new", {**given, "files": (picture().stream, "a.jpg")})
    )
    assert "待人大办处理" in page.words
    assert len(page.tree.xpath("//img")) == 1
    routed = deputy.get(f"/inspections/notes/{watched['routed']}")
    assert "督办〔2027〕1号" in routed.words
    assert "局长示例" not in routed.words


def test_ten_photos_are_too_many(as_, watched):
    files = [(picture(size=(8, 8)).stream, f"{i}.jpg") for i in range(10)]
    given = {"about": f"t{watched['tracking']}", "text": "路灯不亮。", "finding": "no", "files": files}
    page = as_("deputy").post("/inspections/notes/new", given)
    assert (page.status, page.value("text")) == (422, "路灯不亮。")
    assert "最多上传 9 张" in " ".join(page.errors)


# --- the public ------------------------------------------------------------------------------------------


def test_the_public_page_shows_what_is_published_and_no_more(as_, world, watched):
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
def test_statements_do_not_grow_with_the_rows(as_, world, database, watched):
    office = as_("office")
    urls = [f"{URL}/", f"{URL}/rectifications/", f"{URL}/lists", f"{URL}/notes/", f"{URL}/inspections/"]

    def counted():
        taken = []
        for url in urls:
            with statements(database) as said:
                assert office.get(url).status == 200
            taken.append(len(said))
        return taken

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
