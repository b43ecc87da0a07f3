"""A year as far as its announcement, and tracked projects with reports, through the services."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image

from tests import factories
from tests.factories import NOW, World
from tests.signing import ready, sign as sign_count
from votes.clock import SHANGHAI
from votes.models import Report, Tracking
from votes.rules.meeting.rule import Rule
from votes.rules.people.actor import Actor
from votes.rules.people.roles import TellerRole
from votes.rules.projects.projects import ProjectState
from votes.services import audit, uploads
from votes.services.delivery import announcements, plans, reports, trackings
from votes.services.meeting import cards, checkin, openings, rounds, sessions, tellers
from votes.services.voting import ballots, closing

BY = audit.SYSTEM


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    """Return a moment on a clock in China."""
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


def picture(colour: str = "green", size: tuple[int, int] = (640, 480)) -> uploads.File:
    """Return a photograph of one colour."""
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return uploads.File(f"{colour}.jpg", out.getvalue())


def make_tracked(
    count: int, *, department_id: int | None = None, year: int = 2027, start: int = 1, **values: Any
) -> list[Tracking]:
    """`count` selected projects of the body in scope, tracked from 15 January to 20 December."""
    return [
        plans.start(
            factories.make_project(
                f"实事项目{i:02d}",
                number=i,
                year=year,
                state=ProjectState.SELECTED,
                department_id=department_id,
                leader="分管副县长（示例）",
                **values,
            ),
            round_id=None,
            by=BY,
            now=at(year, 1, 15),
        )
        for i in range(start, start + count)
    ]


def figures(percent: int, **values: Any) -> reports.ReportFigures:
    """Return a report's figures with plausible money and words."""
    given = {
        "money_planned": Decimal("860.00"),
        "money_in_place": Decimal("500.00"),
        "money_paid": Decimal("300.00"),
        "narrative": "完成路基三公里，示例河段已通车，沿线排水同步完成。",
        "next_step": "下月铺装路面。",
    }
    return reports.ReportFigures(percent=percent, **{**given, **values})


def report(
    tracking_id: int,
    month: int,
    percent: int,
    *,
    by: Actor = BY,
    photos: Sequence[Any] = (),
    parts: Sequence[reports.PartProgress] = (),
    money: Sequence[Any] = (),
    **values: Any,
) -> Report:
    """Hand in the report of a month of the project's year, on the third of the next month."""
    tracking = trackings.get(tracking_id)
    assert tracking is not None
    first = date(tracking.project.year, month, 1)
    when = (first.replace(day=28) + timedelta(days=4)).replace(day=3)
    return reports.hand_in(
        tracking,
        first,
        figures(percent, **values, parts=parts, money=money),
        photos=photos,
        caption="示例现场" if photos else "",
        by=by,
        now=at(when.year, when.month, when.day),
    )


def make_round(
    world: World, *, seats: int = 2, candidates: int = 3, rehearsal: bool = False, **rule: Any
) -> dict[str, Any]:
    """Make a round voted, counted and signed, not yet announced: {round, public_id, projects}. The last project loses."""
    with world.work():
        made = factories.make_deputies(6, world.delegations["county"], start=101)
        listed = factories.make_listed(candidates, department_id=world.departments["county"])
        meeting = sessions.create_session(
            title="示例县第十八届人民代表大会第五次会议", year=2027, starts_on=date(2027, 1, 15),
            ends_on=date(2027, 1, 16), place="示例会堂", by=BY, now=NOW,
        )  # fmt: skip
        sessions.move(meeting, "start", by=BY, now=NOW)
        tellers.name_teller(meeting, made[0].id, TellerRole.CHIEF, by=BY, now=NOW)
        tellers.name_teller(meeting, made[1].id, TellerRole.TELLER, by=BY, now=NOW)
        ready(meeting)
        cards.issue_missing(meeting, key="a key", by=BY, now=NOW)
        for deputy in made:
            checkin.check_in(meeting, deputy.id, by=BY, now=NOW)
        round_ = rounds.create_round(
            meeting, title="2027年民生实事项目票决", rehearsal=rehearsal, by=BY, now=NOW,
            rule=Rule(**{"seats": seats, "small_body": 0, **rule}),
            project_ids=[p.id for p in listed],
        )  # fmt: skip
        chief, teller = (Actor(name=d.name, deputy_id=d.id) for d in made[:2])
        openings.zero_check(round_, by=chief, now=NOW)
        openings.open_round(round_, by=BY, now=NOW)
        round_id, public_id, deputies = round_.id, round_.public_id, [d.id for d in made]
        projects = [p.id for p in listed]
    with world.work():
        for place, deputy_id in enumerate(deputies):
            ballots.cast(
                round_id, deputy_id, code=f"CDE{place:07d}".translate(str.maketrans("01", "XY")), now=NOW,
                marks=dict.fromkeys(range(1, seats + 1), "for"),
            )  # fmt: skip
    with world.work():
        closing.close(rounds.get_round(round_id), by=BY, now=NOW)
    with world.work():
        round_ = rounds.get_round(round_id)
        sign_count(round_, by=chief, now=NOW)
        sign_count(round_, by=teller, now=NOW)
    return {"round": round_id, "public_id": public_id, "projects": projects}


def announce(world: World, made: dict[str, Any]) -> None:
    """Publish a round of `make_round` on 16 January 2027 as announcement no. 1."""
    with world.work():
        announcements.announce(
            rounds.get_round(made["round"]),
            number=1,
            announced_on=date(2027, 1, 16),
            by=BY,
            now=at(2027, 1, 16),
        )


def two_tracked(world: World) -> list[int]:
    """Track two projects of the county, and return their ids."""
    with world.work():
        return [t.id for t in make_tracked(2, department_id=world.departments["county"])]


def project_id(world: World, tracking_id: int) -> int:
    """Return the id of a tracked project."""
    with world.work():
        tracking = trackings.get(tracking_id)
        assert tracking is not None
        return tracking.project_id
