"""Read the news that feeds carry: announcements of results and ratings, and of adjustments."""

from datetime import datetime, time
from typing import Any, NamedTuple

from votes.clock import SHANGHAI
from votes.models import Adjustment, Round
from votes.services.delivery import adjustments
from votes.services.voting import results

#: Enough for a reader that looks in once a month to miss none.
MOST = 50


class News(NamedTuple):
    """One announcement and the endpoint of its public page, which takes ``values`` beside the body."""

    at: datetime
    title: str
    text: str
    category: str
    endpoint: str
    values: dict[str, Any]


def news(most: int = MOST) -> list[News]:
    """Return the latest announcements of the body in scope, the latest first."""
    rows = [_of_round(round_) for round_ in results.notices()]
    rows += [_of_adjustment(adjustment) for adjustment in adjustments.announced()]
    return sorted(rows, key=lambda news: news.at, reverse=True)[:most]


def _of_round(round_: Round) -> News:
    graded = results.graded(round_)
    if graded:
        text = f"共测评 {len(graded)} 个项目。"
    else:
        names = [row["name"] for row in results.selected(round_)]
        text = f"选定 {len(names)} 个项目：{'；'.join(names)}。" if names else "本轮没有选定项目。"
    assert round_.announced_at is not None
    assert round_.announcement is not None
    title = f"{round_.session.title}：{round_.title}（第{round_.announcement.number}号）"
    page = {"public_id": round_.public_id}
    return News(round_.announced_at, title, text, "公告", "public.announcement", page)


def _of_adjustment(adjustment: Adjustment) -> News:
    assert adjustment.announced_on is not None
    at = datetime.combine(adjustment.announced_on, time(9), SHANGHAI)
    page = {"adjustment_id": adjustment.id}
    return News(at, f"项目调整：{adjustment.name}", adjustment.notice, "项目调整", "adjustments.public", page)
