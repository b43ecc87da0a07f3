"""Uploaded files: the work before the write lock, and the headers of an answer with a file."""

import pytest

from tests.factories import NOW, make_project
from tests.years import picture
from votes.services import audit, uploads
from votes.web.uploads import before_the_lock, drawn, send

pytestmark = pytest.mark.sqlite


def test_work_before_the_lock_returns_its_result(work):
    assert before_the_lock(lambda one, *, two: one + two, 1, two=2) == 3


def test_drawn_prepares_photos_and_accepts_none(work):
    assert drawn([]) == []
    (photo,) = drawn([picture()])
    assert (photo.media_type, photo.small is not None) == ("image/jpeg", True)


@pytest.mark.parametrize(
    ("public", "caching"), [(False, "private, no-cache"), (True, "public, max-age=86400")]
)
def test_send_runs_no_script_and_caches_as_told(app, world, public, caching):
    with world.work(), app.test_request_context("/"):
        files = uploads.prepare([picture(), uploads.File("说明.pdf", b"%PDF-1.7")])
        added = uploads.add(files, owner=make_project("甲"), by=audit.SYSTEM, now=NOW)
        photo, document = (send(each, public=public) for each in added)
        for response in (photo, document):
            assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert response.headers["Cache-Control"] == caching
        assert "attachment" in document.headers["Content-Disposition"]
        assert "attachment" not in photo.headers["Content-Disposition"]
