"""Uploaded files: the work before the write lock, and the headers of an answer with a file."""

import pytest

from tests.factories import NOW, make_project
from tests.services.voting.test_vote import make_hall, open_
from tests.world import standing_at
from tests.years import picture
from votes.rules.errors import RuleBroken
from votes.services import audit, uploads
from votes.services.suggestions import intake
from votes.web.uploads import before_the_lock, drawn, prepared, send

pytestmark = pytest.mark.sqlite


def test_work_before_the_lock_returns_its_result(work):
    assert before_the_lock(lambda one, *, two: one + two, 1, two=2) == 3


def test_drawn_prepares_photos_and_accepts_none(work):
    assert drawn([]) == []
    (photo,) = drawn([picture()])
    assert (photo.media_type, photo.small is not None) == ("image/jpeg", True)


def test_pictures_wait_while_a_hall_votes_and_documents_do_not(world, app, monkeypatch):
    monkeypatch.setattr(uploads, "_draw", lambda *_: pytest.fail("a picture was decoded"))
    hall = make_hall(world)
    open_(world, hall)
    document = uploads.File("说明.pdf", b"%PDF-1.7")
    with standing_at(NOW), world.work(), app.app_context():
        assert [each.filename for each in prepared(uploads.prepare, [document])] == ["说明.pdf"]
        for prepare in (uploads.prepare, uploads.prepare_photos, intake.prepare_photos):
            with pytest.raises(RuleBroken, match="投票结束后才能收图片；请稍后再传，或者先不带图片提交"):
                prepared(prepare, [picture()])


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
