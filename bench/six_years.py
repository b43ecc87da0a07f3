"""Six years in one congress: how long does each page take at the server?

    python bench/six_years.py [--suggestions 3000] [--projects 300] [--repeat 5] [--database URL] [--slowest 25]

Makes the world of the tests (tests/world.py: every address has a thing behind it), then adds to its county six years of
projects, reports, suggestions, matters, supervision, ratings and deputies by bulk insert: the rows are such as the services
write, but no service is asked, no audit line written. Then opens every GET page in turn as somebody who may, without a network, once to
warm up and ``--repeat`` times for the figures.

Prints p50 and worst of each of the slowest pages, how many statements it took, and its ratio to the cheapest page of the
same run: figures differ from machine to machine, ratios are what to compare. Fails nothing.
"""

import argparse
import logging
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import func, insert, select

from tests.counting import statements
from tests.world import ALL_WHICH, OPENERS, DryDatabase, Year, door, make_year, pages, standing_at
from votes import create_app, migrations
from votes.models import (
    Announcement,
    Author,
    Candidate,
    CitizenRating,
    CongressSession,
    Delegation,
    Deputy,
    Inspection,
    InspectionNote,
    Matter,
    Milestone,
    Project,
    ProjectVillage,
    Rectification,
    RectificationAnswer,
    Report,
    Round,
    Season,
    Suggestion,
    Tracking,
    Village,
)
from votes.rules.meeting.rule import Rule
from votes.rules.permissions import Permission as P
from votes.rules.projects.fields import CATEGORIES
from votes.services.voting import ballots

YEARS = range(2021, 2027)
WORDS = [
    "改造",
    "新建",
    "道路",
    "饮水",
    "管网",
    "卫生院",
    "幼儿园",
    "路灯",
    "停车",
    "养老",
    "食堂",
    "桥梁",
    "绿化",
    "污水",
    "治理",
    "安全",
    "广场",
    "运动场",
    "公交",
    "培训",
]


def take(ids: Iterator[int], number: int) -> list[int]:
    return list(islice(ids, number))


def text(lot: random.Random, words: int) -> str:
    return "".join(lot.choice(WORDS) for _ in range(words))


#: What the results of every round have in common.
WHOLE = {"valid": 180, "invalid": 0, "undecided": [], "seats_left": 0}


def results(projects: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the counts of a vote and the grades of a rating."""
    counts = [
        {"no": n, "for": 150, "against": 0, "abstain": 30, "outcome": "selected"}
        for n in range(1, projects + 1)
    ]
    grades = [
        {
            "no": n,
            "satisfied": 120,
            "basically": 50,
            "dissatisfied": 10,
            "void": 0,
            "grade": "satisfied",
        }
        for n in range(1, projects + 1)
    ]
    return counts, grades


def people(
    add: Callable[..., None], after: Callable[[Any], Iterator[int]], delegation_id: int | None
) -> tuple[list[int], list[int]]:
    """Add deputies and villages; return their ids."""
    ids = after(Deputy)
    deputies = [next(ids) for _ in range(180)]
    add(
        Deputy,
        [
            {"id": id_, "number": f"B{id_:05d}", "name": f"示例代表{id_}", "delegation_id": delegation_id, "gender": "女",
             "pinyin": f"slb{id_}", "initials": "SLDB"}
            for id_ in deputies
        ],
    )  # fmt: skip
    ids = after(Village)
    villages = [next(ids) for _ in range(240)]
    add(
        Village,
        [
            {"id": id_, "name": f"历年村{i}", "township": f"历年{i // 12}镇", "position": 1000 + i}
            for i, id_ in enumerate(villages)
        ],
    )
    return deputies, villages


def fill(year: Year, *, suggestions: int, projects: int, seed: int = 6) -> dict[str, int]:
    """Add six years of rows to the county; return how many of each kind."""
    lot, made = random.Random(seed), dict[str, int]()
    body_id, unit = year.world.bodies["county"], year.world.departments["county"]
    with year.database.work() as session:

        def after(model: Any) -> Iterator[int]:
            return count((session.scalar(select(func.max(model.id))) or 0) + 1)

        def add(model: Any, rows: list[dict[str, Any]]) -> None:
            columns = set(model.__table__.columns.keys())
            rows = [{**({"body_id": body_id} if "body_id" in columns else {}), **row} for row in rows]
            if rows:
                session.execute(insert(model), rows)
            made[model.__tablename__] = made.get(model.__tablename__, 0) + len(rows)

        delegations = select(Delegation.id).where(Delegation.body_id == body_id)
        deputies, villages = people(add, after, session.scalar(delegations))
        a_year = projects // 6
        tracking_ids, matter_ids, project_ids = after(Tracking), after(Matter), after(Project)
        note_ids, inspection_ids, owed_ids, suggestion_ids = (
            after(InspectionNote), after(Inspection), after(Rectification), after(Suggestion),
        )  # fmt: skip
        session_ids, round_ids, season_ids = after(CongressSession), after(Round), after(Season)
        for y in YEARS:
            when = datetime(y, 1, 16, 2, tzinfo=UTC)
            chosen, trackings = take(project_ids, a_year), take(tracking_ids, a_year)
            meeting, season, (vote, rating) = next(session_ids), next(season_ids), take(round_ids, 2)
            add(
                Project,
                [
                    {"id": id_, "year": y, "number": n, "name": f"{y}年{text(lot, 4)}{n}", "category": lot.choice(CATEGORIES),
                     "content": text(lot, 40), "target": text(lot, 20), "location": text(lot, 3), "state": "selected",
                     "gates_passed": 3, "department_id": unit, "created_at": when, "year_investment": Decimal(860),
                     "total_investment": Decimal(860), "due_on": date(y, 12, 20)}
                    for n, id_ in enumerate(chosen, start=1)
                ],
            )  # fmt: skip
            add(
                CongressSession,
                [{"id": meeting, "title": f"示例{y}年会议", "year": y, "starts_on": date(y, 1, 15), "ends_on": date(y, 1, 18),
                  "state": "ended", "hall_secret": b"x" * 32, "hall_key": f"bench-h{y}", "screen_key": f"bench-s{y}",
                  "created_at": when}],
            )  # fmt: skip
            counts, grades = results(a_year)
            shared = {"session_id": meeting, "state": "announced", "certified_at": when, "announced_at": when, "roster": 180,
                      "present": 180, "issued": 180, "returned": 180, "created_at": when}  # fmt: skip
            add(
                Round,
                [
                    {**shared, "id": vote, "public_id": f"bench{vote}", "title": f"{y}年票决", "rule": Rule(seats=a_year).to_dict(),
                     "result": {**WHOLE, "selected": list(range(1, a_year + 1)), "counts": counts}},
                    {**shared, "id": rating, "public_id": f"bench{rating}", "title": f"{y}年测评",
                     "rule": Rule(seats=1, method="rating", publish="names+votes").to_dict(),
                     "result": {**WHOLE, "selected": [], "counts": grades}},
                ],
            )  # fmt: skip
            for number, round_id in enumerate((vote, rating), start=1):
                add(
                    Candidate,
                    [
                        {"round_id": round_id, "project_id": id_, "number": n, "name": f"{y}年项目{n}"}
                        for n, id_ in enumerate(chosen, start=1)
                    ],
                )
                add(
                    Announcement,
                    [{"session_id": meeting, "round_id": round_id, "number": number, "announced_on": when.date(),
                      "published_by": "示例"}],
                )  # fmt: skip
            add(
                Tracking,
                [
                    {"id": t, "project_id": p, "round_id": vote, "department_id": unit, "starts_on": date(y, 1, 16),
                     "due_on": date(y, 12, 20), "state": "running" if y == YEARS[-1] else "done",
                     "finished_on": None if y == YEARS[-1] else date(y, 12, 18)}
                    for t, p in zip(trackings, chosen, strict=True)
                ],
            )  # fmt: skip
            add(
                Milestone,
                [
                    {
                        "tracking_id": t,
                        "name": f"节点{m}",
                        "planned_on": date(y, 2 * m, 20),
                        "planned_percent": 18 * m,
                    }
                    for t in trackings
                    for m in range(1, 6)
                ],
            )
            add(
                Report,
                [
                    {"tracking_id": t, "month": date(y, m, 1), "percent": min(9 * m, 100), "money_planned": Decimal(860),
                     "money_in_place": Decimal(60 * m), "money_paid": Decimal(50 * m), "narrative": text(lot, 30),
                     "next_step": text(lot, 10), "reported_by": "示例", "reported_at": datetime(y, m, 28, tzinfo=UTC)}
                    for t in trackings
                    for m in range(1, 13)
                ],
            )  # fmt: skip
            add(
                ProjectVillage,
                [{"project_id": p, "village_id": v} for p in chosen for v in lot.sample(villages, 3)],
            )
            add(
                Season,
                [
                    {
                        "id": season,
                        "year": y,
                        "title": f"{y}年征集",
                        "opens_on": date(y - 1, 9, 1),
                        "closes_on": date(y - 1, 10, 31),
                    }
                ],
            )
            said = suggestions // 6
            matters = [next(matter_ids) for _ in range(said // 2)]
            add(
                Matter,
                [
                    {"id": m, "year": y, "number": 5000 + n, "title": text(lot, 4), "category": lot.choice(CATEGORIES),
                     "summary": text(lot, 20), "village_id": lot.choice(villages), "state": "decided",
                     "outcome": "candidate" if n <= len(chosen) else "reserve" if n % 3 else "declined",
                     "reason": "示例理由", "answer": "示例答复", "decided_on": date(y - 1, 11, 20), "created_at": when,
                     "project_id": chosen[n - 1] if n <= len(chosen) else None}
                    for n, m in enumerate(matters, start=1)
                ],
            )  # fmt: skip
            numbers = [next(suggestion_ids) for _ in range(said)]
            add(
                Suggestion,
                [
                    {"id": s, "season_id": season, "year": y, "number": 5000 + n, "code": f"{s:010d}", "channel": lot.choice(("web", "visit", "hotline")),
                     "title": text(lot, 4), "content": text(lot, 25), "category": lot.choice(CATEGORIES),
                     "village_id": lot.choice(villages), "state": "filed" if n > 60 else "received",
                     "matter_id": lot.choice(matters) if n > 60 else None, "received_at": when}
                    for n, s in enumerate(numbers, start=1)
                ],
            )  # fmt: skip
            add(Author, [{"suggestion_id": s, "name": f"示例{s}", "phone": f"000{s:08d}"} for s in numbers])
            visits = [(next(inspection_ids), t) for t in trackings for _ in range(2)]
            add(
                Inspection,
                [
                    {"id": i, "tracking_id": t, "kind": "visit", "theme": "示例视察", "planned_on": date(y, 5, 10),
                     "held_on": date(y, 5, 10), "state": "held", "summary": text(lot, 10)}
                    for i, t in visits
                ],
            )  # fmt: skip
            notes = [(next(note_ids), i, t) for i, t in visits for _ in range(2)]
            add(
                InspectionNote,
                [
                    {"id": n, "tracking_id": t, "inspection_id": i, "deputy_id": lot.choice(deputies), "written_at": when,
                     "text": text(lot, 12), "finding": True, "published": True}
                    for n, i, t in notes
                ],
            )  # fmt: skip
            owed = [(next(owed_ids), n, t) for n, _, t in notes[::3]]
            add(
                Rectification,
                [
                    {"id": r, "tracking_id": t, "note_id": n, "year": y, "number": place, "problem": text(lot, 10),
                     "demand": text(lot, 8), "department_id": unit, "issued_on": date(y, 5, 12), "due_on": date(y, 6, 1),
                     "state": "closed" if place % 5 else "issued", "closed_on": date(y, 6, 1) if place % 5 else None,
                     "published": True}
                    for place, (r, n, t) in enumerate(owed, start=1000)
                ],
            )  # fmt: skip
            add(
                RectificationAnswer,
                [
                    {"rectification_id": r, "ordinal": 1, "due_on": date(y, 6, 1), "answered_on": date(y, 5, 20), "answered_by": "示例", "measures": text(lot, 12),
                     "passed": True, "rechecked_on": date(y, 6, 1)}
                    for r, _, _ in owed
                ],
            )  # fmt: skip
            add(
                CitizenRating,
                [
                    {"tracking_id": t, "week": date(y, 6, 1) + timedelta(days=7 * k), "phone": f"{t}-{k}",
                     "grade": lot.choice(("satisfied", "basically", "dissatisfied")), "comment": text(lot, 5),
                     "rated_on": date(y, 6, 2) + timedelta(days=7 * k), "published": k % 3 == 0}
                    for t in trackings
                    for k in range(20)
                ],
            )  # fmt: skip
        newest = session.scalar(
            select(Tracking).where(Tracking.project_id == chosen[0]).execution_options(populate_existing=True)
        )
        assert newest is not None
    # the pages are opened on the new rows where one of several will do; nobody signed for a record of theirs
    ALL_WHICH["public.record"] = {"public_id": "signed"}
    year.ids["county"] |= {
        "public_id:signed": year.ids["county"]["public_id"],
        "project_id:selected": chosen[0],
        "tracking_id": trackings[0],
        "public_id": f"bench{vote}",
    }
    return made


@contextmanager
def world(url: str | None) -> Iterator[Year]:
    """Yield the world of the tests in a temporary database, or in the empty one at ``url``."""
    with tempfile.TemporaryDirectory() as folder:
        database = DryDatabase(url or f"sqlite:///{folder}/votes.db")
        migrations.upgrade(database)
        app = create_app(
            {
                "INSTANCE_PATH": folder,
                "SECRET_KEY": "bench",
                "PUBLIC_URL": "http://hall.example",
                "WTF_CSRF_ENABLED": False,
            }
        )
        app.extensions["votes.database"] = database
        with standing_at():
            yield make_year(app, database)
        database.dispose()


def time_pages(year: Year, repeat: int) -> list[tuple[str, float, float, int, int]]:
    """(endpoint, p50 and worst in ms, statements, bytes) of every GET page."""
    year.database.dry = True
    found = []
    for rule in pages(year.app, "GET"):
        assert rule.endpoint is not None
        permission = year.app.view_functions[rule.endpoint].__permission__  # type: ignore[attr-defined]
        openers = ("public",) if permission in (P.PUBLIC_READ, P.SCREEN_READ, P.SIGN_IN) else OPENERS
        try:
            url = year.url(rule, "county")
        except KeyError as error:
            print(f"no address for {rule.endpoint}: {error}")
            continue
        for who in openers:
            browser = year.browser(who)
            ballots._papers.clear()
            with statements(year.database) as said:
                page = browser.get(url)
            if page.status < 400 and door(page) == "open":
                taken = []
                for _ in range(repeat):
                    begun = time.perf_counter()
                    browser.get(url)
                    taken.append(1000 * (time.perf_counter() - begun))
                found.append((rule.endpoint, statistics.median(taken), max(taken), len(said), len(page.data)))
                break
        else:
            print(f"nobody could open {rule.endpoint}")
    return sorted(found, key=lambda row: -row[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--suggestions", type=int, default=3000)
    parser.add_argument("--projects", type=int, default=300)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--database", help="an empty database to use, such as postgresql://…")
    parser.add_argument("--slowest", type=int, default=25)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with world(asked.database) as year:
        made = fill(year, suggestions=asked.suggestions, projects=asked.projects)
        print("by bulk insert: " + ", ".join(f"{name} {number}" for name, number in made.items()))
        rows = time_pages(year, asked.repeat)
    cheapest = min(p50 for _, p50, _, _, _ in rows)
    print(
        f"\n{len(rows)} pages, {asked.repeat} times each\n{'page':34} {'p50 ms':>8} {'worst':>8} {'ratio':>6} {'SQL':>4} {'kB':>6}"
    )
    for name, p50, worst, said, size in rows[: asked.slowest]:
        print(f"{name:34} {p50:8.1f} {worst:8.1f} {p50 / cheapest:6.1f} {said:4d} {size / 1000:6.0f}")
    every = [p50 for _, p50, _, _, _ in rows]
    print(
        f"\nmedian page {statistics.median(every):.1f} ms, slowest {max(every):.1f} ms; over 300 ms: "
        f"{sum(p50 > 300 for p50 in every)}; over 30 statements: {', '.join(n for n, _, _, s, _ in rows if s > 30) or 'none'}"
    )


if __name__ == "__main__":
    main()
