"""Write announcements as RSS 2.0 and Atom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import feedgenerator


@dataclass(frozen=True)
class Entry:
    """One announcement. ``url`` is absolute and never changes, so it is the entry's id too."""

    title: str
    url: str
    text: str
    at: datetime
    category: str


TYPES = {"rss": "application/rss+xml; charset=utf-8", "atom": "application/atom+xml; charset=utf-8"}


def write(
    kind: Literal["rss", "atom"], entries: Sequence[Entry], *, title: str, home: str, url: str, author: str
) -> bytes:
    """Return the feed at ``url`` about the page ``home``, with ``entries`` as given, the latest first."""
    feed = {"rss": feedgenerator.Rss201rev2Feed, "atom": feedgenerator.Atom1Feed}[kind](
        title=title, link=home, feed_url=url, description=title, language="zh-CN", author_name=author
    )
    for entry in entries:
        feed.add_item(
            title=entry.title,
            link=entry.url,
            description=entry.text,
            unique_id=entry.url,
            pubdate=entry.at,
            updateddate=entry.at,
            categories=[entry.category],
        )
    data: str = feed.writeString("utf-8")
    return data.encode("utf-8")
