"""Adjustment, acceptance, citizens' rating and second report on their pages: each works, keeps to its roles, and keeps
what was typed."""

from io import BytesIO

import openpyxl
import pytest

from tests.pages import Browser
from tests.years import at, make_tracked, picture
from votes.rules.delivery.adjustments import AdjustmentKind
from votes.services.delivery import adjustments, trackings
from votes.services.supervision import citizen_ratings

DAY = at(2027, 8, 10)


@pytest.fixture(autouse=True)
def a_day_in_august(monkeypatch):
    for name in (
        "delivery.adjustments",
        "delivery.acceptances",
        "supervision.citizen_ratings",
        "supervision.second_reports",
        "supervision.public_rating",
        "people.bodies",
    ):
        monkeypatch.setattr(f"votes.views.{name}.now", lambda: DAY)
        if name != "people.bodies":
            monkeypatch.setattr(f"votes.views.{name}.today", lambda: DAY.date())
    monkeypatch.setattr("votes.views.publication.public.today", lambda: DAY.date())


def make(world):
    with world.work():
        return [t.id for t in make_tracked(2, department_id=world.departments["county"])]


PREPARED = {"tracked": make}


@pytest.fixture
def tracked(world, prepared):
    """The ids of two tracked projects of the county; each is also its project's place in the list."""
    return prepared["tracked"]


def project_id(world, tracking_id):
    with world.work():
        return trackings.get(tracking_id).project_id


APPLICATION = {
    "kind": "major",
    "cause": "policy",
    "reason": "省里提高了路面建设标准，须重新设计。",
    "target": "年内完成主体工程。",
    "content": "改造农村公路 12 公里，加装护栏 8 公里。",
    "due_on": "2028-03-31",
    "total_investment": "860.00",
    "year_investment": "860",
}


def test_an_adjustment_on_its_way_through_the_pages(world, as_, tracked):
    government, office, public = as_("government"), as_("office"), as_()
    url = f"/office/adjustments/trackings/{tracked[0]}/new"
    page = government.get(url)
    assert page.value("due_on") == "2027-12-20"
    assert "由示例县人民代表大会常务委员会决定" in page.words
    typed = government.post(url, APPLICATION | {"reason": "改", "target": "还是要改。"})
    assert (typed.status, typed.value("target")) == (422, "还是要改。")
    made = government.follow(government.post(url, APPLICATION))
    assert "待决定" in made.words
    assert "860.00" not in made.words, "only what changes"
    with world.work():
        adjustment = adjustments.pending(tracked[0])
        assert set(adjustment.after) == {"target", "due_on"}
    show = f"/office/adjustments/{adjustment.id}"
    assert public.get(f"/p/shili/adjustments/{adjustment.id}").status == 404
    decision = {"approved": "yes", "organ": "示例县人民代表大会常务委员会", "document_number": "8号", "decided_on": "2027-08-10"}  # fmt: skip
    assert office.post(f"{show}/decide", decision | {"decided_on": "2027-08-11"}).status == 422
    assert office.post(f"{show}/decide", decision).status == 303
    page = office.get(f"{show}/announce")
    assert "完成时限由“2027年12月20日”调整为“2028年3月31日”" in page.value("notice")
    sent = {"notice": page.value("notice"), "announced_on": "2027-08-10"}
    assert office.post(f"{show}/announce", sent).status == 303
    assert "现予公告" in public.get(f"/p/shili/adjustments/{adjustment.id}").words
    assert "关于“实事项目01”重大调整的公告" in public.get("/p/shili/announcements/").words
    told = public.get(f"/p/shili/projects/{project_id(world, tracked[0])}")
    assert "12 月底前全部完工通车。" in told.words, "the old text stays readable"
    for name in ("application", "notice"):
        assert office.get(f"{show}/{name}.docx").data[:2] == b"PK"
    sheet = openpyxl.load_workbook(BytesIO(office.get("/office/adjustments/export.xlsx").data)).active
    assert [cell.value for cell in sheet[3]][1:4] == ["实事项目01", "交通运输局", "重大调整"]


def test_a_suspended_project_leaves_its_texts_alone(world, as_, tracked):
    """The form carries the texts along as they stand; none of them is taken for a change."""
    url = f"/office/adjustments/trackings/{tracked[0]}/new"
    given = APPLICATION | {"kind": "suspend", "target": "12 月底前全部完工通车。", "due_on": "2027-12-20"}
    assert as_("government").post(url, given).status == 303
    with world.work():
        made = adjustments.pending(tracked[0])
        assert (made.kind, made.after) == (AdjustmentKind.SUSPEND, {})


MARKS = [("目标完成度", "met", ""), ("建设内容完整性", "partly", "一处护栏待补。")]


def acceptance_form(**values):
    data = {"kind": "deputies", "held_on": "2027-08-09", "held_by": "示例验收组", "conclusion": "passed", "opinion": "同意。"}  # fmt: skip
    for place in range(8):
        name, mark, note = MARKS[place] if place < 2 else ("", "met", "")
        data |= {f"items-{place}-dimension": name, f"items-{place}-mark": mark, f"items-{place}-note": note}
    return data | values


def test_an_acceptance_with_a_photo(world, as_, tracked):
    office, url = as_("office"), f"/office/acceptances/trackings/{tracked[0]}/new"
    assert "人大验收" in office.get(url).words
    refused = office.post(url, acceptance_form(**{"items-1-note": ""}))
    assert refused.status == 422
    assert "请在情况说明中写明" in refused.words
    assert refused.value("held_by") == "示例验收组"
    sent = acceptance_form() | {"files": (BytesIO(picture().data), "现场.jpg")}
    page = office.post(url, sent)
    assert page.status == 303
    shown = office.follow(page)
    assert [th.text_content() for th in shown.tree.xpath("//tbody/tr/th")][:2] == [
        "目标完成度",
        "建设内容完整性",
    ]
    (photo,) = shown.tree.xpath("//ul[@class='photos']//img/@src")
    assert as_().get(photo).status == 200
    public = as_().get(f"/p/shili/projects/{project_id(world, tracked[0])}")
    assert "人大验收 ✔ 通过 2027年8月9日" in public.words
    government = as_("government").post(url, acceptance_form())
    assert government.status == 422, "what deputies found is recorded by the congress's office"


@pytest.mark.parametrize(("role", "offered"), [("government", ["works"]), ("office", ["deputies"])])
def test_each_side_records_its_own(as_, tracked, role, offered):
    page = as_(role).get(f"/office/acceptances/trackings/{tracked[0]}/new")
    assert page.tree.xpath("//input[@name='kind']/@value") == offered


def test_completion_without_acceptance_is_pointed_out(as_, tracked):
    page = as_("government").get(f"/office/progress/{tracked[0]}/finish")
    assert "还没有登记竣工验收" in page.words


# --- citizens ------------------------------------------------------------------------------------------


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


# --- second report -------------------------------------------------------------------------------------


def test_a_second_report_through_the_pages(as_, tracked):
    office, unit = as_("office"), as_("department")
    url = f"/office/rereports/trackings/{tracked[0]}/new"
    assert office.get(url).value("due_on") == "2027-10-09"
    assert office.post(url, {"due_on": "2027-08-10", "reason": "请报告。"}).status == 422
    page = office.post(url, {"due_on": "2027-09-30", "reason": "请报告整改情况。"})
    show = page.location
    assert "待报告" in office.follow(page).words
    short = unit.post(f"{show}/submit", {"text": "已改。"})
    assert (short.status, short.value("text")) == (422, "已改。")
    text = "已逐条核实代表和群众的意见，补修破损路面两公里，增设护栏，建立每周巡查制度。"
    assert unit.post(f"{show}/submit", {"text": text}).status == 303
    assert as_("department2").get(show).status == 403
    back = {"accepted": "no", "opinion": "请补充。", "settled_on": "2027-08-10"}
    assert office.post(f"{show}/settle", back).status == 422
    assert office.post(f"{show}/settle", back | {"accepted": "yes"}).status == 303
    assert "审议通过" in unit.get(show).words
    assert "已逐条核实" in office.get(show).words


def test_the_dimensions_are_a_setting(world, as_, tracked):
    office = as_("office")
    page = office.get("/office/bodies/settings")
    form = max(page.tree.xpath("//main//form"), key=lambda each: len(each.fields))
    given = dict(form.form_values())
    assert given["acceptance_dimensions"].split("\r\n")[0].strip().startswith("目标完成度")
    refused = office.post("/office/bodies/settings", given | {"acceptance_dimensions": "质量\n质量"})
    assert (refused.status, refused.value("acceptance_dimensions")) == (422, "质量\n质量")
    assert (
        office.post("/office/bodies/settings", given | {"acceptance_dimensions": "质量\n进度"}).status == 303
    )
    page = office.get(f"/office/acceptances/trackings/{tracked[0]}/new")
    assert [th.text_content().strip() for th in page.tree.xpath("//tbody/tr/th")] == ["质量", "进度"]
