"""Acceptances on their pages: each side records its own; photos; dimensions as a setting."""

from io import BytesIO

import pytest

from tests.years import picture, project_id, two_tracked

pytestmark = pytest.mark.usefixtures("august")
PREPARED = {"tracked": two_tracked}


@pytest.fixture
def tracked(world, prepared):
    """Return the ids of two tracked projects of the county; each is also its project's place in the list."""
    return prepared["tracked"]


MARKS = [("目标完成度", "met", ""), ("建设内容完整性", "partly", "一处护栏待补。")]


def acceptance_form(**values):
    data = {"kind": "deputies", "held_on": "2027-08-09", "held_by": "示例验收组", "conclusion": "passed", "opinion": "同意。"}  # fmt: skip
    for place in range(8):
        name, mark, note = MARKS[place] if place < 2 else ("", "met", "")
        data |= {f"items-{place}-dimension": name, f"items-{place}-mark": mark, f"items-{place}-note": note}
    return data | values


def test_new_acceptance_with_photo_is_saved_and_public(world, as_, tracked):
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
    assert government.status == 422, "what deputies result is recorded by the congress's office"


@pytest.mark.parametrize(("role", "offered"), [("government", ["works"]), ("office", ["deputies"])])
def test_new_offers_the_kind_of_the_role(as_, tracked, role, offered):
    page = as_(role).get(f"/office/acceptances/trackings/{tracked[0]}/new")
    assert page.tree.xpath("//input[@name='kind']/@value") == offered


def test_finish_without_acceptance_warns(as_, tracked):
    page = as_("government").get(f"/office/progress/{tracked[0]}/finish")
    assert "还没有登记竣工验收" in page.words


def test_dimensions_are_set_by_the_office(world, as_, tracked):
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
