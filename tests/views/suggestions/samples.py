"""What the tests of this chapter's pages begin with."""

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl

from tests.years import at
from votes.db import db
from votes.rules.people.actor import Actor
from votes.rules.suggestions.matters import Outcome
from votes.rules.suggestions.suggestions import AuthorText, Channel
from votes.services.suggestions import decisions, intake, merging, transfers

BY = Actor(name="经办人")
DAY = date(2026, 11, 20)
NAME, PHONE = "张示例", "13900000001"


def fill(world) -> dict[str, Any]:
    """Make two duplicates and one other suggestion, a matter that is with a unit, and one in the 储备库; return the ids."""
    office = world.actor("office")
    with world.work():

        def suggest(title, content):
            return intake.receive(
                channel=Channel.VISIT, title=title, content=content, category="便民服务", year=2027,
                author=AuthorText(name=NAME, phone=PHONE), by=office, now=at(2026, 10, 10),
            )  # fmt: skip

        alike = [
            suggest("东山村安装路灯", "东山村主干道没有路灯，晚上出行不安全，希望安装太阳能路灯。"),
            suggest("东山村主干道安装太阳能路灯", "东山村主干道晚上没有路灯，老人出行不安全。"),
            suggest("开通夜间公交", "末班车太早，上夜班的职工不方便。"),
        ]
        made = [
            merging.open_matter([suggest(title, f"{title}，请办理。")], by=office, now=at(2026, 10, 20))
            for title in ("修建健身步道", "加装电梯")
        ]
        sent = transfers.send(
            made[0], world.departments["county"], instruction="请匡算投资。", due_on=date(2026, 11, 18),
            by=office, now=at(2026, 11, 12),
        )  # fmt: skip
        decisions.decide(made[1], Outcome.RESERVE, reason="资金未落实。", by=office, now=at(2026, 11, 1))
        return {
            "alike": [row.id for row in alike],
            "sent": made[0].id,
            "reserve": made[1].id,
            "transfer": sent.id,
        }


def state_of(world, model, id_):
    with world.work():
        row = db.session.get(model, id_)
        return row.state if row else None


def book(data: bytes) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(BytesIO(data)).active.iter_rows(values_only=True))
