"""The demo year: an invented county, 示例县, with three townships, played through the same services as the pages.

Nothing in it is a real place or person. The story is always the same; only keys, codes and ids are random, as
they must be. It stands in `story/`, one TOML file a chapter: to change what the demo says, edit it there; the modules
here play it. Photographs are in static/demo/. The demo needs a database in which nobody has begun yet.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from votes.db import db, scoped
from votes.demo import clock
from votes.demo.people import COUNTY, LOGINS, PASSWORD, Login
from votes.demo.year import UNTIL, WORDS, Stage, act_out
from votes.models import Body, User
from votes.rules.errors import RuleBroken
from votes.services.meeting import sessions
from votes.services.people import passwords

FEWEST, MOST = 10, 3000


@dataclass(frozen=True)
class Loaded:
    """What other programs need to drive the demo."""

    base_url: str
    logins: tuple[Login, ...]
    deputies: list[dict[str, str | None]]  # number, name, qr_url (None before the cards are issued)
    round_id: int | None
    record_url: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `flask --app app demo --json` prints."""
        return {
            "base_url": self.base_url,
            "logins": [
                {"role": login.role, "username": login.username, "password": PASSWORD}
                for login in self.logins
            ],
            "deputies": self.deputies,
            "round_id": self.round_id,
            "record_url": self.record_url,
        }


def is_empty() -> bool:
    """Tell whether nobody has begun yet: no congress, no account."""
    return (
        db.session.scalar(select(Body.id).limit(1)) is None
        and db.session.scalar(select(User.id).limit(1)) is None
    )


def load(
    stage: Stage, *, deputies: int = COUNTY.deputies, key: str, public_url: str, now: datetime
) -> Loaded:
    """Play the year up to ``stage`` into the empty database, in one transaction: all of it or nothing.

    ``deputies`` of the county, ``key`` the server's SECRET_KEY, ``public_url`` what stands in the QR codes, ``now``
    the real time: from it the demo's own clock goes on (see `clock`). Raises RuleBroken when the database is not
    empty or the number of deputies is out of range.
    """
    if not FEWEST <= deputies <= MOST:
        raise RuleBroken(f"代表人数应在 {FEWEST} 至 {MOST} 之间。没有装入任何数据。", status=422)
    if not is_empty():
        raise RuleBroken(
            "数据库里已经有数据，没有装入演示年度，原有数据没有改动。演示年度只能装入空的数据库："
            "请用 INSTANCE_PATH 指定一个新的文件夹，或另建一个空的数据库后再执行。",
            code="not_empty",
        )
    county = act_out(stage, deputies=deputies, key=key)
    with scoped(county.body.id):
        clock.start(county.body, UNTIL[stage], now=now)
        urls = {new.card.deputy_id: new.url(public_url) for new in county.sitting.cards}
        session = county.sitting.session
        rounds = next(each.rounds for each in sessions.all_sessions() if each.id == session.id)
    round_ = rounds[0] if rounds else None
    announced = round_ is not None and round_.announced_at is not None
    return Loaded(
        base_url=public_url,
        logins=LOGINS,
        deputies=[
            {
                "number": deputy.number,
                "name": deputy.name,
                "qr_url": urls.get(deputy.id),
            }
            for deputy in county.deputies
        ],
        round_id=round_.id if round_ else None,
        record_url=f"{public_url}/p/{county.body.code}/rounds/{round_.public_id}/record.json"
        if round_ and announced
        else None,
    )


def load_if_empty(*, now: datetime) -> list[dict[str, str]]:
    """Load the demo at midyear into an empty database; leave any other alone.

    Return the logins of the demo (role in Chinese, username, password) that still have the demo's password; none
    when the database is not the demo's.
    """
    if is_empty():
        config = current_app.config
        load(Stage.MIDYEAR, key=config["SECRET_KEY"], public_url=config["PUBLIC_URL"], now=now)
    if db.session.scalar(select(Body.id).where(Body.code == COUNTY.code, Body.is_demo)) is None:
        return []
    hashes = {
        user.username: user.password_hash
        for user in db.session.scalars(
            select(User).where(User.username.in_([login.username for login in LOGINS]), User.active)
        )
    }
    return [
        {"role": login.word, "username": login.username, "password": PASSWORD}
        for login in LOGINS
        if login.username in hashes and passwords.matches(hashes[login.username], PASSWORD)
    ]


__all__ = ["PASSWORD", "UNTIL", "WORDS", "Loaded", "Login", "Stage", "is_empty", "load", "load_if_empty"]
