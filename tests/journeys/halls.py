"""A hall in which a session is running: the services make it, and people use it through the browser."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from tests import factories
from tests.factories import PASSWORD, World
from tests.journeys.people import DESK, Person
from tests.journeys.tellers import hand_key
from tests.signing import ready, sign as sign_count
from votes.db import db
from votes.models import Deputy
from votes.rules.codes import new_code
from votes.rules.meeting.rule import Rule
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState, TellerRole
from votes.services import audit
from votes.services.meeting import cards, checkin, openings, rounds, sessions, tellers
from votes.services.voting import ballots, closing

BY = audit.SYSTEM
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
NOW = datetime.combine(TODAY, datetime.min.time(), ZoneInfo("Asia/Shanghai"))


@dataclass
class Hall:
    """The site, the session, and its deputies with the URLs on their cards; the first two are tellers."""

    site: str
    world: World
    meet: Callable[..., Person]
    session: int
    deputies: list[int]
    cards: list[str]
    pins: list[str]

    def office(self) -> Person:
        desk = self.meet(self.site, DESK)
        desk.sign_in("office.county", PASSWORD)
        return desk

    def phone(self, number: int, **options: Any) -> Person:
        """Return the phone of a deputy who has scanned their card."""
        phone = self.meet(self.site, **options)
        phone.open(self.cards[number])
        phone.press("进入")
        hand_key(phone, self.world, self.session, self.deputies[number])
        return phone

    def round(self, title: str, project_ids: Sequence[int], *, at_once: bool = True, **options: Any) -> int:
        """Create a round of the session; open it ``at_once``."""
        rule = Rule(**options.pop("rule"))
        with self.world.work():
            made = rounds.create_round(
                sessions.get(self.session), title=title, rule=rule, project_ids=project_ids, by=BY, now=NOW, **options
            )  # fmt: skip
            openings.zero_check(made, by=Actor(name="监票人", deputy_id=self.deputies[0]), now=NOW)
            if at_once:
                openings.open_round(made, by=BY, now=NOW)
            return made.id

    def vote(self, round_id: int, papers: Sequence[dict[int, str]], *, first: int = 0) -> None:
        """Cast these ballots, as the deputies from the ``first`` on."""
        with self.world.work():
            for deputy_id, marks in zip(self.deputies[first:], papers, strict=False):
                ballots.cast(round_id, deputy_id, code=new_code(), marks=marks, now=NOW)

    def close(self, round_id: int) -> None:
        with self.world.work():
            closing.close(rounds.get_round(round_id), by=BY, now=NOW)

    def close_and_sign(self, round_id: int) -> None:
        self.close(round_id)
        for number in (0, 1):
            with self.world.work():
                by = Actor(name=f"监票人{number}", deputy_id=self.deputies[number])
                sign_count(rounds.get_round(round_id), by=by, now=NOW)


def open_hall(app: Flask, world: World, meet: Callable[..., Person], site: str, deputies: int) -> Hall:
    """Start a session of today with so many deputies of the county, all of them checked in."""
    with world.work():
        for other in db.session.query(Deputy):
            other.state = DeputyState.ENDED
        people = factories.make_deputies(deputies, world.delegations["county"])
        meeting = sessions.create_session(
            title="第五次会议", year=TODAY.year + 1, starts_on=TODAY, ends_on=TODAY, place="示例会堂",
            by=BY, now=NOW,
        )  # fmt: skip
        sessions.move(meeting, "start", by=BY, now=NOW)
        for deputy, role in zip(people, (TellerRole.CHIEF, TellerRole.TELLER), strict=False):
            tellers.name_teller(meeting, deputy.id, role, by=BY, now=NOW)
        ready(meeting)
        key = str(app.config["SECRET_KEY"])
        new = cards.issue_missing(meeting, key=key, by=BY, now=NOW)
        ids = [deputy.id for deputy in people]
        checkin.check_in_all(meeting, ids, by=BY, now=NOW)
        urls = {each.card.deputy_id: each.url(site) for each in new}
        pins = {each.card.deputy_id: each.pin for each in new}
        return Hall(site, world, meet, meeting.id, ids, [urls[i] for i in ids], [pins[i] for i in ids])
