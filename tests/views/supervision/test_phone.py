"""Supervision on a deputy's phone."""

import pytest

from tests.supervision import supervise_for_pages
from tests.years import picture

URL = "/office/supervision"
PREPARED = {"watched": supervise_for_pages}
pytestmark = pytest.mark.usefixtures("june")


def test_deputy_writes_note_with_photos_and_follows_it(as_, watched):
    deputy = as_("deputy")
    assert "监督" in deputy.get("/hall/").words
    home = deputy.get("/inspections/")
    assert "示例暗访" in home.words
    assert "实事项目01" in home.words
    typed = {"about": f"i{watched['visit']}", "text": "路灯不亮。", "place": "村口", "finding": "yes"}
    refused = deputy.post("/inspections/notes/new", {**typed, "finding": ""})
    assert (refused.status, refused.value("text")) == (422, "路灯不亮。")
    page = deputy.follow(
        deputy.post("/inspections/notes/new", {**typed, "files": (picture().stream, "a.jpg")})
    )
    assert "待人大办处理" in page.words
    assert len(page.tree.xpath("//img")) == 1
    routed = deputy.get(f"/inspections/notes/{watched['routed']}")
    assert "督办〔2027〕1号" in routed.words
    assert "局长示例" not in routed.words


def test_note_with_ten_photos_is_refused_and_kept(as_, watched):
    files = [(picture(size=(8, 8)).stream, f"{i}.jpg") for i in range(10)]
    typed = {"about": f"t{watched['tracking']}", "text": "路灯不亮。", "finding": "no", "files": files}
    page = as_("deputy").post("/inspections/notes/new", typed)
    assert (page.status, page.value("text")) == (422, "路灯不亮。")
    assert "最多上传 9 张" in " ".join(page.errors)
