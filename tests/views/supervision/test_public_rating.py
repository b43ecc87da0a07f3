"""The page that citizens rate a project on."""

import pytest

from tests.pages import Browser
from tests.years import project_id, two_tracked
from votes.services.supervision import citizen_ratings

pytestmark = pytest.mark.usefixtures("august")
PREPARED = {"tracked": two_tracked}


def test_rate_twice_in_a_week_is_refused_for_the_same_phone(world, as_, app, tracked):
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


def test_rate_project_that_is_not_public_is_404(world, as_, tracked):
    assert as_().get("/p/shili/projects/0/rate").status == 404
    assert as_().get(f"/p/linxian/projects/{project_id(world, tracked[0])}/rate").status == 404
