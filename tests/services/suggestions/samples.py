"""What the tests of this chapter's services begin with: rows, actors, and short names for acts."""

from datetime import date

import pytest

from tests import factories
from tests.years import at
from votes.clock import local
from votes.db import db
from votes.models import Matter, Suggestion, Transfer, Village
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import PUBLIC, Actor
from votes.rules.people.roles import Role
from votes.rules.suggestions.suggestions import AuthorText, Channel
from votes.services.suggestions import intake, matters, merging, transfers, worklist

OFFICE = Actor(name="人大办", roles=frozenset({Role.OFFICE}))
UNIT = Actor(name="交通运输局经办人", roles=frozenset({Role.DEPARTMENT}))
BY = Actor(name="经办人", user_id=None)
NOW = at(2026, 11, 2)  # a Monday
DAY = date(2026, 11, 2)
TODAY = local(factories.NOW).date()

TEXTS = (
    ("东山村安装路灯", "东山村主干道没有路灯，晚上出行不安全，希望安装太阳能路灯，联系电话13800000000。"),
    ("建议东山村主干道安装太阳能路灯", "东山村主干道晚上没有路灯，老人出行不安全。"),
    ("老旧小区加装电梯", "小区老人多，上下楼不便，建议加装电梯。"),
)


def give(content="请修村口的路。", **more) -> Suggestion:
    """Receive a suggestion from the public page."""
    values = {"channel": Channel.WEB, "by": PUBLIC, "now": factories.NOW} | more
    return intake.receive(content=content, **values)


def suggest(title: str, content: str = "", *, year: int = 2027, **values) -> Suggestion:
    """Receive a suggestion that staff enter."""
    return intake.receive(
        channel=values.pop("channel", Channel.VISIT),
        title=title,
        content=content or f"{title}，恳请研究解决。",
        category=values.pop("category", "便民服务"),
        year=year,
        by=OFFICE,
        now=NOW,
        **values,
    )


def fill(world) -> list[int]:
    """Make three suggestions, the first two of them duplicates; return their ids."""
    with world.work():
        village = Village(name="东山村", township="示例镇")
        db.session.add(village)
        db.session.flush()
        rows = [
            suggest(title, content, village_id=village.id, author=AuthorText(name=f"示例群众{i}", phone="13800000000"))
            for i, (title, content) in enumerate(TEXTS)
        ]  # fmt: skip
        return [row.id for row in rows]


def rows(ids) -> list[Suggestion]:
    return sorted(worklist.chosen(ids), key=lambda each: each.number)


def opened(ids, **values) -> Matter:
    return matters.get(merging.open_matter(rows(ids), by=OFFICE, now=NOW, **values).id)


def sent(matter, world, **values) -> Transfer:
    return transfers.send(
        matter,
        world.departments["county"],
        instruction=values.pop("instruction", "请研究可行性。"),
        by=OFFICE,
        now=NOW,
        **values,
    )


def refused(match, act, **values) -> RuleBroken:
    with pytest.raises(RuleBroken, match=match) as broken:
        act(**values, by=OFFICE, now=NOW)
    return broken.value
