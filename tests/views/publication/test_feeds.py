"""Feeds carry announcements and announced adjustments, and nothing else."""

from datetime import date
from xml.etree import ElementTree

import pytest

from tests.years import announce, make_round, make_tracked
from votes.db import db
from votes.models import Adjustment

pytestmark = pytest.mark.sqlite
DAY = date(2027, 6, 6)


def test_feeds_have_announcements_and_announced_adjustments_only(as_, world):
    made = make_round(world)
    announce(world, made)
    with world.work():
        tracking_id = make_tracked(2, start=50)[0].id
        for announced in (date(2027, 6, 1), None):
            db.session.add(
                Adjustment(
                    tracking_id=tracking_id,
                    kind="minor",
                    cause="policy",
                    reason="不公开的理由",
                    before={},
                    after={},
                    state="approved",
                    applied_on=DAY,
                    applied_by="示例",
                    decided_on=DAY,
                    announced_on=announced,
                    notice="经决定，完成时限调整。<示例>",
                )
            )
    rss, atom = (as_().get(f"/p/shili/feed.{kind}") for kind in ("rss", "atom"))
    assert rss.response.content_type == "application/rss+xml; charset=utf-8"
    items = ElementTree.fromstring(rss.data).findall("./channel/item")
    assert [item.findtext("title") for item in items] == [
        "项目调整：实事项目50",
        "示例县第十八届人民代表大会第五次会议：2027年民生实事项目票决（第1号）",
    ]
    assert items[0].findtext("description") == "经决定，完成时限调整。<示例>"
    assert items[1].findtext("link") == f"http://hall.example/p/shili/rounds/{made['public_id']}/"
    entries = ElementTree.fromstring(atom.data).findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 2
    known = rss.response.headers["ETag"]
    assert as_().client.get("/p/shili/feed.rss", headers={"If-None-Match": known}).status_code == 304
    for feed in (rss, atom):
        assert "不公开的理由" not in feed.text
        assert "示例项目03" not in feed.text, "what was not selected"
    assert ElementTree.fromstring(as_().get("/p/linxian/feed.rss").data).findall("./channel/item") == []
