"""Feeds as readers take them."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from votes.exports.publication import feeds

ENTRY = feeds.Entry("第1号", "http://hall.example/1", "选定<两>项", datetime(2027, 1, 16, tzinfo=UTC), "公告")


@pytest.mark.parametrize("kind", feeds.TYPES)
def test_write_feed_has_each_entry_with_its_url(kind):
    data = feeds.write(
        kind,
        [ENTRY],
        title="公告",
        home="http://hall.example/",
        url="http://hall.example/feed",
        author="人大",
    )
    ElementTree.fromstring(data)
    text = data.decode()
    assert "http://hall.example/1" in text
    assert "选定&lt;两&gt;项" in text
