"""Sharing a project: its card, its QR code and the picture that chats show."""

import base64
from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from tests import factories
from tests.years import make_tracked, report
from votes.exports.formats import qr
from votes.services.delivery import trackings

pytestmark = pytest.mark.sqlite


@pytest.fixture(autouse=True)
def a_day_in_june(monkeypatch):
    for module in ("views.publication.public", "views.publication.share", "web.delivery.curves"):
        monkeypatch.setattr(f"votes.{module}.today", lambda: date(2027, 6, 6))


@pytest.fixture
def tracked(world):
    with world.work():
        return [tracking.project_id for tracking in make_tracked(3)]


def test_share_page_and_picture_show_the_state_of_the_project(as_, world, tracked):
    with world.work():
        report(trackings.of_project(tracked[0]).id, 5, 5)
    page = as_().get(f"/p/shili/projects/{tracked[0]}/share")
    code = page.tree.xpath("//img[@class='qr']/@src")[0]

    assert qr.read(base64.b64decode(code.partition(",")[2])) == [
        f"http://hall.example/p/shili/projects/{tracked[0]}"
    ]
    story = as_().get(f"/p/shili/projects/{tracked[0]}")
    for each in (page, story):
        said = {m.get("property"): m.get("content") for m in each.tree.xpath("//meta[@property]")}
        assert said["og:title"] == "实事项目01"
        assert said["og:description"].startswith("严重滞后：至5月底计划")
        assert said["og:image"] == f"http://hall.example/p/shili/projects/{tracked[0]}/share.png"
    picture = as_().get(f"/p/shili/projects/{tracked[0]}/share.png")
    image = Image.open(BytesIO(picture.data)).convert("RGB")
    assert image.size == (600, 480)
    red = sum(abs(a - b) < 12 for a, b in zip(image.getpixel((46, 302)), (0xB9, 0x34, 0x34), strict=True))
    assert red == 3, "the bar has the light's colour"
    assert len(picture.data) < 60_000


@pytest.mark.parametrize("page", ["share", "share.png"])
def test_share_of_candidate_is_404(as_, world, page):
    with world.work():
        project_id = factories.make_listed(1)[0].id
    assert as_().get(f"/p/shili/projects/{project_id}/{page}").status == 404
