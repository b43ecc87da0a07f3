"""What is news in public: announcements of results and ratings, and of adjustments."""

from datetime import datetime, time
from typing import NamedTuple

from votes.clock import SHANGHAI
from votes.models import Adjustment, Round
from votes.services.delivery import adjustments
from votes.services.voting import results

#: As many as a reader that looks in once a month would miss none of.
MOST = 50


class News(NamedTuple):
    """One announcement, of a round or of an adjustment."""

    at: datetime
    title: str
    text: str
    round: Round | None = None
    adjustment: Adjustment | None = None


def news(most: int = MOST) -> list[News]:
    """The latest announcements of the body in scope, the latest first."""
    found = [_of_round(round_) for round_ in results.notices()]
    found += [_of_adjustment(each) for each in adjustments.announced()]
    return sorted(found, key=lambda each: each.at, reverse=True)[:most]


def _of_round(round_: Round) -> News:
    graded = results.graded(round_)
    if graded:
        words = f"共测评 {len(graded)} 个项目。"
    else:
        names = [row["name"] for row in results.selected(round_)]
        words = f"选定 {len(names)} 个项目：{'；'.join(names)}。" if names else "本轮没有选定项目。"
    assert round_.announced_at is not None
    assert round_.announcement is not None
    title = f"{round_.session.title}：{round_.title}（第{round_.announcement.number}号）"
    return News(round_.announced_at, title, words, round=round_)


def _of_adjustment(adjustment: Adjustment) -> News:
    assert adjustment.announced_on is not None
    at = datetime.combine(adjustment.announced_on, time(9), SHANGHAI)
    return News(at, f"项目调整：{adjustment.name}", adjustment.notice, adjustment=adjustment)
