"""News: announcements of results and of adjustments, the latest first."""

from datetime import date

from tests.years import announce, make_round, make_tracked
from votes.db import db
from votes.models import Adjustment
from votes.services.publication import feeds


def page(endpoint, **values):
    return f"{endpoint} {values}"


def test_news_has_the_latest_announcement_first(world):
    made = make_round(world)
    announce(world, made)
    with world.work():
        tracking = make_tracked(1, start=50)[0]
        db.session.add(
            Adjustment(
                tracking_id=tracking.id, kind="minor", cause="policy", reason="理由", before={}, after={},
                state="approved", applied_on=date(2027, 5, 1), applied_by="示例", decided_on=date(2027, 5, 2),
                announced_on=date(2027, 6, 1), notice="完成时限调整。",
            )
        )  # fmt: skip
    with world.work():
        adjustment, result = feeds.news(page)
        assert (adjustment.title, adjustment.text) == ("项目调整：实事项目50", "完成时限调整。")
        assert adjustment.category == "项目调整"
        assert adjustment.url.startswith("adjustments.public {'adjustment_id': ")
        assert result.text == "选定 2 个项目：示例项目01；示例项目02。"
        assert result.url == page("public.announcement", public_id=made["public_id"])
        assert feeds.news(page, most=1) == [adjustment]


def test_news_before_any_announcement_is_empty(world):
    make_round(world)
    with world.work():
        assert feeds.news(page) == []
