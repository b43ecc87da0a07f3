"""Adjustments on their pages: each works, keeps to its roles and keeps what was typed."""

from io import BytesIO

import openpyxl
import pytest

from tests.years import project_id, two_tracked
from votes.rules.delivery.adjustments import AdjustmentKind
from votes.services.delivery import adjustments

pytestmark = pytest.mark.usefixtures("august")
PREPARED = {"tracked": two_tracked}


@pytest.fixture
def tracked(world, prepared):
    """Return the ids of two tracked projects of the county; each is also its project's place in the list."""
    return prepared["tracked"]


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


def test_adjustment_pages_from_application_to_announcement(world, as_, tracked):
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
    page = public.get(f"/p/shili/projects/{project_id(world, tracked[0])}")
    assert "12 月底前全部完工通车。" in page.words, "the old text stays readable"
    for name in ("application", "notice"):
        assert office.get(f"{show}/{name}.docx").data[:2] == b"PK"
    sheet = openpyxl.load_workbook(BytesIO(office.get("/office/adjustments/export.xlsx").data)).active
    assert [cell.value for cell in sheet[3]][1:4] == ["实事项目01", "交通运输局", "重大调整"]


def test_new_suspension_changes_no_texts(world, as_, tracked):
    """The form carries the texts along as they stand; none of them is taken for a change."""
    url = f"/office/adjustments/trackings/{tracked[0]}/new"
    given = APPLICATION | {"kind": "suspend", "target": "12 月底前全部完工通车。", "due_on": "2027-12-20"}
    assert as_("government").post(url, given).status == 303
    with world.work():
        made = adjustments.pending(tracked[0])
        assert (made.kind, made.after) == (AdjustmentKind.SUSPEND, {})
