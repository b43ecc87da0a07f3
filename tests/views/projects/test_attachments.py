"""Files of projects: adding, showing, removing, and who may see them."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from tests.views.projects.test_projects import put
from votes.db import db
from votes.models import Attachment
from votes.rules.projects.projects import ProjectState
from votes.services import uploads

S = ProjectState


def photo(size=(640, 480)):
    out = BytesIO()
    Image.new("RGB", size, "#369").save(out, "JPEG")
    return out.getvalue()


def files(*named, caption=""):
    return {
        "files": [(BytesIO(data), name) for name, data in named],
        "caption": caption,
    }


def test_attachments_are_added_shown_and_removed(as_, world):
    project_id = put(world)
    url = f"/office/projects/{project_id}/attachments"
    browser = as_("department")
    answer = browser.post(url, files(("方案.pdf", b"%PDF-1.7 view"), ("现场.png", photo()), caption="改造前"))
    assert answer.status == 303
    page = browser.follow(answer)
    assert page.tree.xpath("//figcaption/text()") == ["改造前"]
    with world.work():
        document, image = db.session.scalars(select(Attachment).order_by(Attachment.id)).all()
        ids = document.id, image.id
    answer = browser.get(f"/office/attachments/{ids[0]}")
    head = answer.response.headers
    assert (answer.data, head["Content-Type"]) == (b"%PDF-1.7 view", "application/pdf")
    assert head["Content-Disposition"].startswith("attachment;")
    assert (head["X-Content-Type-Options"], head["Content-Security-Policy"]) == (
        "nosniff",
        "default-src 'none'; sandbox",
    )
    assert head["Cache-Control"] == "private, no-cache"
    shown = browser.get(f"/office/attachments/{ids[1]}?size=small")
    assert shown.response.headers["Content-Type"] == "image/jpeg"
    assert shown.response.headers["Content-Disposition"].startswith("inline;")
    assert Image.open(BytesIO(shown.data)).size == (480, 360)
    assert Image.open(BytesIO(browser.get(f"/office/attachments/{ids[1]}").data)).size == (640, 480)
    tag = shown.response.headers["ETag"]
    assert (
        browser.get(f"/office/attachments/{ids[1]}?size=small", headers={"If-None-Match": tag}).status == 304
    )
    assert browser.post(f"{url}/remove", {"attachment_id": ids[0]}).status == 303
    assert browser.get(f"/office/attachments/{ids[0]}").status == 404


@pytest.mark.parametrize(
    ("name", "data", "status", "words"),
    [
        (
            "照片.jpg",
            b"\xff\xd8\xff" + b"\0" * (20 * uploads.MB - 3),
            413,
            "“照片.jpg”太大：有 20.0 MB，图片最大 15 MB。",
        ),
        (
            "方案.pdf",
            b"%PDF-" + b"\0" * (20 * uploads.MB),
            413,
            "“方案.pdf”太大：超过 20 MB，文件最大 20 MB。",
        ),
        ("照片.jpg", b"<html>", 422, "“照片.jpg”的类型不在允许之列。"),
        ("", b"", 422, "没有选择文件。"),
    ],
)
def test_attachment_refused_says_why_and_changes_nothing(as_, world, name, data, status, words):
    project_id = put(world)
    page = as_("government").post(
        f"/office/projects/{project_id}/attachments", files((name, data), caption="保留的说明")
    )
    assert page.status == status
    assert page.errors[1].startswith(words)
    assert page.value("caption") == "保留的说明"
    with world.work():
        assert db.session.scalars(select(Attachment)).all() == []


def test_attachment_larger_than_any_request_is_413(as_, world):
    project_id = put(world)
    page = as_("government").post(
        f"/office/projects/{project_id}/attachments", files(("大.pdf", b"%PDF-" + b"\0" * (49 * uploads.MB)))
    )
    assert page.status == 413
    assert "没有保存任何内容" in page.words


def test_attachment_is_open_to_readers_of_the_project_only(as_, world):
    project_id = put(world)
    as_("government").post(f"/office/projects/{project_id}/attachments", files(("方案.pdf", b"%PDF-doors")))
    with world.work():
        url = f"/office/attachments/{db.session.scalars(select(Attachment.id)).one()}"
    expected = {
        "office": 200,
        "government": 200,
        "leader": 200,
        "department": 200,
        "department2": 403,
        "deputy": 403,
    }
    assert {role: as_(role).get(url).status for role in expected} == expected
    assert as_("government", "other").get(url).status == 404
    assert as_().get(url).status == 302
    assert as_("government").get("/office/attachments/99999").status == 404


def test_remove_attachment_of_another_project_is_404(as_, world):
    mine, theirs = put(world), put(world, "别单位的校", unit=False)
    as_("government").post(f"/office/projects/{theirs}/attachments", files(("方案.pdf", b"%PDF-theirs")))
    with world.work():
        attachment_id = db.session.scalars(select(Attachment.id)).one()
    answer = as_("department").post(
        f"/office/projects/{mine}/attachments/remove", {"attachment_id": attachment_id}
    )
    assert answer.status == 404
    with world.work():
        assert uploads.get(attachment_id) is not None


def test_attach_to_a_listed_project_is_refused(as_, world):
    project_id = put(world, state=S.LISTED)
    answer = as_("government").post(
        f"/office/projects/{project_id}/attachments", files(("方案.pdf", b"%PDF-late"))
    )
    assert answer.status == 403
