"""Read the news that feeds carry: announcements of results and ratings, and of adjustments."""

from collections.abc import Callable
from datetime import datetime, time

from votes.clock import SHANGHAI
from votes.exports.publication.feeds import Entry
from votes.models import Adjustment, Round
from votes.services.delivery import adjustments
from votes.services.voting import results

#: Enough for a reader that looks in once a month to miss none.
MOST = 50
#: Makes the absolute URL of a public page: its endpoint, and the endpoint's arguments beside the body.
Page = Callable[..., str]


def news(page: Page, most: int = MOST) -> list[Entry]:
    """Return the latest announcements of the body in scope, the latest first; ``page`` makes their URLs."""
    rows = [_of_round(each, page) for each in results.notices()]
    rows += [_of_adjustment(each, page) for each in adjustments.announced()]
    return sorted(rows, key=lambda entry: entry.at, reverse=True)[:most]


def _of_round(round_: Round, page: Page) -> Entry:
    graded = results.graded(round_)
    if graded:
        text = f"共测评 {len(graded)} 个项目。"
    else:
        names = [row["name"] for row in results.selected(round_)]
        text = f"选定 {len(names)} 个项目：{'；'.join(names)}。" if names else "本轮没有选定项目。"
    assert round_.announced_at is not None
    assert round_.announcement is not None
    title = f"{round_.session.title}：{round_.title}（第{round_.announcement.number}号）"
    url = page("public.announcement", public_id=round_.public_id)
    return Entry(title, url, text, round_.announced_at, "公告")


def _of_adjustment(adjustment: Adjustment, page: Page) -> Entry:
    assert adjustment.announced_on is not None
    at = datetime.combine(adjustment.announced_on, time(9), SHANGHAI)
    url = page("adjustments.public", adjustment_id=adjustment.id)
    return Entry(f"项目调整：{adjustment.name}", url, adjustment.notice, at, "项目调整")
