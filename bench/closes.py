"""Closes beside open boxes: does closing twenty boxes make a ballot wait in ten halls that go on voting?

    python bench/closes.py [--database postgresql]

It sets up a county and 29 townships, each with a session and an open box, and starts the real server. Ballots come in at a
steady pace: from one hall; from the county and nine townships at the same time; and from those ten while the offices of the
twenty others close their boxes, the server replaces its processes, and the twenty boxes are counted.
"""

import argparse
import http.client
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from siege import HEADINGS, Cast, signed_in, steadily
from sqlalchemy import func, select
from vote_day import hidden

from tests import factories, plumbing, storm
from tests.services.voting.test_vote import cast as cast_in, make_hall, open_
from tests.test_storm import PROJECTS, SEATS
from votes import create_app, migrations
from votes.db import Database, scoped
from votes.models import Ballot, Card, Delegation, Department, Round
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.roles import BodyKind, Role

OPEN, CLOSED = 10, 20
FORK = multiprocessing.get_context("fork")


@dataclass
class Place(factories.World):
    """A body with a hall in it: what `make_hall` takes for a world."""

    hall: dict[str, Any] = field(default_factory=dict)
    phones: list[storm.Phone] = field(default_factory=list)
    office: str = ""


def settle(app: Any, database: Database, number: int, county: int | None, deputies: int) -> Place:
    """Make the body of that ``number`` with its people, and a session with an open box."""
    place = Place(app, database)
    kind = BodyKind.TOWNSHIP if county else BodyKind.COUNTY
    with app.app_context(), database.work():
        body = factories.make_body(f"hall{number}", f"示例{number}号", kind, county)
        place.bodies = {"county": body.id}
        with scoped(body.id):
            delegation, department = Delegation(name="第一代表团", position=1), Department(name="交通运输局")
            factories.db.session.add_all([delegation, department])
            factories.db.session.flush()
            place.delegations["county"] = delegation.id
            factories.make_deputy("900", "站外代表", delegation.id)
            place.office = f"office{number}"
            factories.make_user(place.office, Role.OFFICE, body_id=body.id)
    place.hall = make_hall(place, deputies=deputies, projects=PROJECTS, seats=SEATS)
    open_(place, place.hall)
    return place


def phones_of(place: Place, instance: Path) -> None:
    """Sign the phones of a hall in."""
    with place.work():
        cards = list(factories.db.session.scalars(select(Card.id).order_by(Card.id)))
    place.phones = storm.phones(
        place.app, instance, place.hall["round"], cards, projects=PROJECTS, seats=SEATS, seed=1
    )


def cast(base: str, phones: list[storm.Phone], every: float) -> Cast:
    """Cast one ballot every so many seconds."""

    def one(phone: storm.Phone) -> bool:
        phone.cast(base, most=1)
        return phone.acknowledged

    return steadily([partial(one, phone) for phone in phones], every)


def close_all(base: str, places: list[Place], within: float, closed: Any) -> None:
    """Let each office close its box, evenly within so many seconds."""
    os.nice(19)
    ready = []
    for place in places:
        browser = signed_in(base, place.office, factories.PASSWORD)
        page = browser.ask("GET", f"/office/rounds/{place.hall['round']}")[2]
        browser.connection.close()
        ready.append((browser, hidden(page)))
    closed.put("ready")
    for place, (browser, fields) in zip(places, ready, strict=True):
        time.sleep(within / len(places))
        try:
            url = f"/office/rounds/{place.hall['round']}/close"
            closed.put(browser.ask("POST", url, {"csrf_token": fields["csrf_token"]})[0])
        except (OSError, http.client.HTTPException) as error:
            closed.put(type(error).__name__)
    closed.put("all")


def boxes(app: Any, given: argparse.Namespace, instance: Path) -> list[Place]:
    """Open a box in every body: ten whose phones are signed in, and twenty that fifteen deputies have voted in."""
    share = given.ballots * 4 // OPEN + 3
    places: list[Place] = []
    for number in range(OPEN + CLOSED):
        size = 20 if number >= OPEN else share + (given.ballots if number == 0 else 0)
        county = places[0].bodies["county"] if places else None
        place = settle(app, app.extensions["votes.database"], number, county, size)
        places.append(place)
        if number < OPEN:
            phones_of(place, instance)
        else:
            for deputy in range(15):
                cast_in(place, place.hall, deputy, {1: "for"})
    return places


def phases(server: str, places: list[Place], given: argparse.Namespace) -> int:
    """Print the table; return how many ballots were acknowledged."""
    halls = [list(place.phones) for place in places[:OPEN]]
    one_hall, halls[0] = halls[0][: given.ballots], halls[0][given.ballots :]
    ten_halls = [phone for phones in zip(*halls, strict=False) for phone in phones]
    print(HEADINGS, flush=True)
    done = [cast(server, one_hall, given.every)]
    calm = done[0].p99
    print(done[0].line("one hall", calm), flush=True)
    done.append(cast(server, ten_halls[: given.ballots], given.every))
    print(done[1].line("ten halls", calm), flush=True)
    closed = FORK.Queue()
    offices = FORK.Process(target=close_all, args=(server, places[OPEN:], 10, closed))
    offices.start()
    assert closed.get(timeout=120) == "ready"
    done.append(cast(server, ten_halls[given.ballots : given.ballots * 4], given.every))
    answers = list(iter(lambda: closed.get(timeout=180), "all"))
    offices.join()
    told = " ".join(f"{what}:{number}" for what, number in Counter(map(str, answers)).items())
    print(f"{done[2].line(f'{CLOSED} closes', calm)}  {told}", flush=True)
    return sum(len(each.seconds) - each.lost for each in done)


def uncounted(database: Database, seconds: float) -> int:
    """Wait until all closed boxes are counted, for so many seconds; return how many are not."""
    counted = select(func.count(Round.id)).where(Round.state == RoundState.COUNTED)
    begun, left = time.monotonic(), CLOSED
    while left and time.monotonic() - begun < seconds:
        time.sleep(0.5)
        with database.work(write=False) as session:
            left = CLOSED - (session.scalar(counted) or 0)
    words = f"{left} boxes are NOT counted" if left else "all boxes are counted"
    print(f"{words} {time.monotonic() - begun:.0f} s after the last ballot")
    return left


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    options.add_argument(
        "--ballots", type=int, default=150, help="in each phase; three times as many beside the closes"
    )
    options.add_argument("--every", type=float, default=0.08, help="seconds from one ballot to the next")
    given = options.parse_args()
    start = time.monotonic()
    with ExitStack() as stack:
        instance = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="closes-")), "instance")
        instance.mkdir()
        url = f"sqlite:///{instance / 'votes.db'}"
        if given.database == "postgresql":
            url = stack.enter_context(plumbing.pg_database())
        app = create_app({"INSTANCE_PATH": str(instance), "DATABASE_URL": url})
        database: Database = app.extensions["votes.database"]
        stack.callback(database.dispose)
        migrations.upgrade(database)
        places = boxes(app, given, instance)
        settings = {"DATABASE_URL": url, "SECRET_KEY": str(app.config["SECRET_KEY"])}
        with plumbing.serve_granian(instance, settings) as server:
            print(f"{given.database}, {len(places)} boxes open")
            acknowledged = phases(server.url, places, given)
            left = uncounted(database, 180)
            errors = server.said.count("Traceback")
        ids = [place.hall["round"] for place in places[:OPEN]]
        with database.work(write=False) as session:
            box = session.scalar(select(func.count()).select_from(Ballot).where(Ballot.round_id.in_(ids)))
        print(f"acknowledged {acknowledged}, in the box {box}; errors in the log: {errors}")
        if left or box != acknowledged or errors:
            print(server.said[-4000:])
            raise SystemExit(1)
    print(f"共用 {time.monotonic() - start:.0f} 秒")


if __name__ == "__main__":
    main()
