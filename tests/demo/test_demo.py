"""The demo year: what it says is in order, it always tells the same story, and each stage is what it claims to be."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from tests import factories
from tests.conftest import fresh_database
from tests.counting import statements
from tests.pages import Browser
from votes import demo
from votes.config import ROOT
from votes.db import EVERY_BODY, Database, db, scoped
from votes.demo import autumn, clock as demo_clock, marks, people, progress as courses, projects as texts
from votes.demo.congress import PHOTOS
from votes.demo.year import PASSWORD, Stage
from votes.models import Attachment, AuditEntry, Body, Deputy, Report, User, metadata
from votes.rules.delivery.lights import Light
from votes.rules.delivery.trackings import CarryOver, TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.meeting.rule import Rule
from votes.rules.people import roster as roster_rules
from votes.rules.projects.fields import faults, gaps
from votes.rules.projects.projects import ProjectState
from votes.rules.voting.ballots import Source
from votes.rules.voting.result import CastBallot, TurnoutFigures
from votes.rules.voting.tally import count as count_by_rule
from votes.services.delivery import trackings
from votes.services.meeting import rounds, sessions
from votes.services.projects import projects
from votes.services.voting import results, tally

REAL = datetime(2030, 5, 1, 8, tzinfo=UTC)  # the demo must not care when it is loaded
CONGRESSES = texts.CANDIDATES
COURSES = courses.COURSES
SELECTED = {
    code: [number for number, c in enumerate(candidates, start=1) if c.key in COURSES[code]]
    for code, candidates in CONGRESSES.items()
}
every_congress = pytest.mark.parametrize("code", CONGRESSES)


def load(app: Flask, database: Database, stage: Stage, deputies: int = 20) -> demo.Loaded:
    with app.app_context(), database.work():
        return demo.load(
            stage,
            deputies=deputies,
            key=app.config["SECRET_KEY"],
            public_url=app.config["PUBLIC_URL"],
            now=REAL,
        )


@contextmanager
def looking(app: Flask, database: Database, code: str = "shili") -> Iterator[Body]:
    """Read the rows of one congress of the demo."""
    with app.app_context(), database.work(write=False) as session:
        body = session.scalar(select(Body).where(Body.code == code))
        assert body is not None
        with scoped(body.id):
            yield body


# --- what it says --------------------------------------------------------------------------------------


@every_congress
def test_every_candidate_is_complete(code: str) -> None:
    for candidate in CONGRESSES[code]:
        values = candidate.values(1)
        assert (candidate.name, faults(values)) == (candidate.name, {})
        assert (candidate.name, gaps({**values, "department_id": 1})) == (candidate.name, [])


@every_congress
def test_names_units_and_courses_fit_together(code: str) -> None:
    place = next(p for p in (people.COUNTY, *people.TOWNSHIPS) if p.code == code)
    candidates = CONGRESSES[code]
    assert len({c.name for c in candidates}) == len({c.key for c in candidates}) == len(candidates)
    assert {c.unit for c in candidates} <= {name for name, _, _ in place.units}
    assert set(COURSES[code]) < {c.key for c in candidates}  # differential: some are not selected


def test_the_county_spends_what_a_county_spends() -> None:
    assert (len(CONGRESSES["shili"]), len(SELECTED["shili"])) == (12, 10)
    amounts = [
        Decimal(c.year_investment or c.total) for c in CONGRESSES["shili"] if c.key in COURSES["shili"]
    ]
    assert 20_000 <= sum(amounts) <= 40_000  # 2 to 4 亿
    assert all(300 <= Decimal(c.total) <= 8_000 for c in CONGRESSES["shili"])


@pytest.mark.parametrize("count", [10, 47, 180, 3000])
@pytest.mark.parametrize("place", [people.COUNTY, people.TOWNSHIPS[0]], ids=lambda p: p.code)
def test_every_seat_would_pass_the_import(place: people.PlaceStory, count: int) -> None:
    seats = list(people.seats(place, count))
    lines = [
        roster_rules.FileRow(row, {**seat._asdict(), "state": "在任"})
        for row, seat in enumerate(seats, start=4)
    ]
    checked = roster_rules.check(lines, known_numbers=[], today=date(2026, 10, 8))
    assert [c.problems for c in checked if c.problems] == []
    assert len({s.number for s in seats}) == len({s.name for s in seats}) == count
    assert [s.number for s in seats] == sorted(s.number for s in seats)
    assert seats == list(people.seats(place, count))


@pytest.mark.parametrize("ballots", [8, 19, 46, 170, 379, 2850])
@every_congress
def test_the_script_selects_what_is_carried_out(code: str, ballots: int) -> None:
    candidates = CONGRESSES[code]
    numbers = list(range(1, len(candidates) + 1))
    rule = Rule(seats=len(SELECTED[code]))
    box = marks.boxful([c.share for c in candidates], rule.seats, ballots, code)
    roster = ballots + 1 + ballots // 19  # one is there and does not vote, one in twenty is missing
    result = count_by_rule(
        rule,
        TurnoutFigures(roster=roster, present=ballots + 1, issued=ballots + 1, returned=ballots),
        numbers,
        [CastBallot(code=f"{n:010d}", source=Source.PHONE, marks=marked) for n, marked in enumerate(box)],
    )
    assert (list(result.selected), result.invalid, result.seats_left) == (SELECTED[code], 0, 0)
    assert box == marks.boxful([c.share for c in candidates], rule.seats, ballots, code)


# --- photographs ---------------------------------------------------------------------------------------


def test_photographs_are_webp_of_one_size_and_light() -> None:
    files = sorted(PHOTOS.rglob("*.webp"))
    for file in files:
        with Image.open(file) as photo:
            assert (file.name, photo.format, photo.size) == (file.name, "WEBP", (1200, 800))
    assert sum(file.stat().st_size for file in files) <= 1_500_000
    assert [path for path in PHOTOS.rglob("*") if path.is_file() and path not in files] == []


# --- the stages ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.sqlite
def test_draft_has_candidates_in_every_standing_and_no_cards(app: Flask, database: Database) -> None:
    loaded = load(app, database, Stage.DRAFT)
    assert (loaded.round_id, loaded.record_url) == (None, None)
    assert {d["qr_url"] for d in loaded.deputies} == {None}
    with looking(app, database):
        states = Counter(p.state for p in projects.for_year(2027))
        session = sessions.all_sessions()[0]
        assert (session.state, session.rounds) == (SessionState.PLANNED, [])
    assert states == {ProjectState.APPROVED: 7, ProjectState.REVIEWING: 3, ProjectState.DRAFT: 2}


@pytest.mark.slow
@pytest.mark.sqlite
def test_voting_has_everybody_there_and_the_box_open(app: Flask, database: Database) -> None:
    deputies = 400
    loaded = load(app, database, Stage.VOTING, deputies)
    assert loaded.round_id is not None
    with looking(app, database):
        round_ = rounds.get_round(loaded.round_id)
        assert round_ is not None
        assert (round_.state, round_.roster, round_.present) == (RoundState.OPENED, deputies, deputies)
        assert round_.zero_checked_by == next(
            t.deputy.name for t in round_.session.tellers if t.role == "chief"
        )
    assert len(loaded.deputies) == len({d["qr_url"] for d in loaded.deputies}) == deputies
    phone = Browser(app)
    address = str(loaded.deputies[-1]["qr_url"])
    assert address.startswith("http://hall.example/c/")
    page = phone.get(address.removeprefix("http://hall.example"))
    assert page.status == 200
    assert str(loaded.deputies[-1]["name"]) in page.words


@pytest.mark.slow
@pytest.mark.sqlite
def test_certified_publishes_a_record_that_recounts(app: Flask, database: Database, tmp_path: Path) -> None:
    loaded = load(app, database, Stage.CERTIFIED, 40)
    with looking(app, database):
        round_ = rounds.get_round(loaded.round_id or 0)
        assert round_ is not None
        assert round_.state == RoundState.ANNOUNCED
        assert len(round_.signatures) == 3
        result = tally.result_of(round_)
        assert result is not None
        assert list(result.selected) == SELECTED["shili"]
        assert (round_.roster, round_.present, round_.returned) == (40, 38, 37)
    answer = Browser(app).get(str(loaded.record_url).removeprefix("http://hall.example"))
    assert answer.status == 200
    assert len(answer.json["ballots"]) == 37
    assert all("marks" in ballot for ballot in answer.json["ballots"])
    file = tmp_path / "record.json"
    file.write_bytes(answer.data)
    verifier = ROOT / "static" / "recount.py"
    ran = subprocess.run([sys.executable, verifier, file], capture_output=True, text=True, timeout=60)
    assert ran.stdout.endswith("\n结论：一致\n")
    assert ran.returncode == 0


@pytest.mark.slow
@pytest.mark.postgresql  # on SQLite it is loaded by whoever starts the server for the first time
def test_midyear_has_done_behind_and_overdue(app: Flask, database: Database) -> None:
    load(app, database, Stage.MIDYEAR)
    day = date(2027, 7, 8)
    lights, overdue = {}, {}
    for code in CONGRESSES:
        with looking(app, database, code):
            lines = trackings.search(day=day)
            assert len(lines) == len(SELECTED[code])
            lights[code] = Counter(each.light for each in lines)
            overdue[code] = [each.project.name for each in trackings.overdue(day)]
    assert lights["shili"] == {Light.GREEN: 6, Light.BLUE: 2, Light.YELLOW: 1, Light.RED: 1}
    assert [len(overdue[code]) for code in CONGRESSES] == [2, 0, 0, 1]
    with app.app_context(), database.work(write=False) as session:
        times = session.scalars(select(AuditEntry.at).order_by(AuditEntry.id)).all()
        reports = session.scalars(select(Report)).all()
        assert {len(r.photos) for r in reports if r.month == date(2027, 6, 1)} == {1}
    assert list(times) == sorted(times)
    assert all(date(2027, 1, 1) <= r.month <= date(2027, 6, 1) for r in reports)
    for code in CONGRESSES:
        with statements(database) as said:
            page = Browser(app).get(f"/p/{code}/")
        assert page.status == 200
        assert len(said) <= 30


@pytest.mark.slow
@pytest.mark.sqlite
def test_yearend_has_every_project_rated_and_ended_but_for_two_that_go_on(
    app: Flask, database: Database
) -> None:
    loaded = load(app, database, Stage.YEAREND)
    states = {}
    for code in CONGRESSES:
        with looking(app, database, code):
            lines = trackings.search(day=date(2028, 1, 16))
            states[code] = Counter(each.tracking.state for each in lines)
            assert [each.project.name for each in lines if each.standing.missing] == []
            if code == "shili":
                rated = results.ratings([each.project.id for each in lines])
                grades = Counter(rated[each.project.id][0].grade for each in lines)
                ended = {each.project.name: each.tracking.state for each in lines}
                beyond = {(each.light, trackings.carried(each.tracking)) for each in lines if each.tracking.state != TrackingState.DONE}  # fmt: skip
                late = {each.project.name for each in lines if rated[each.project.id][0].grade != "satisfied"}
    assert states["shili"] == {TrackingState.DONE: 8, TrackingState.RUNNING: 2}
    assert beyond == {(Light.GREEN, CarryOver.MULTI_YEAR), (Light.YELLOW, CarryOver.POSTPONED)}
    assert all(set(states[code]) == {TrackingState.DONE} for code in CONGRESSES if code != "shili")
    assert grades == {"satisfied": 8, "basically": 1, "dissatisfied": 1}
    assert late == {name for name, state in ended.items() if state != TrackingState.DONE}
    assert loaded.record_url is not None
    with app.app_context(), database.work(write=False, scope=EVERY_BODY) as session:
        pictures = session.scalars(select(Attachment).where(Attachment.is_picture)).all()
        assert {(each.media_type, each.width, each.height) for each in pictures} == {
            ("image/jpeg", 1200, 800)
        }
        assert len({each.sha256 for each in pictures}) == len(pictures) == len(list(PHOTOS.rglob("*.webp")))


def test_the_second_half_year_tells_of_every_project_that_was_not_done() -> None:
    for code, plans in COURSES.items():
        running = {key for key, course in plans.items() if course.accepted_on is None}
        assert (code, set(autumn.ALL[code])) == (code, running)
        for key, rest in autumn.ALL[code].items():
            told = [*plans[key].reports, *rest.reports]
            assert (key, [t.month for t in told]) == (key, sorted({t.month for t in told}))
            assert (key, [t.percent for t in told]) == (key, sorted(t.percent for t in told))
            assert (key, rest.completed_on is not None) == (key, told[-1].percent == 100)
    assert set(autumn.SHARES) == set(COURSES["shili"])


# --- the same story ------------------------------------------------------------------------------------

#: Random as it must be, or following from what is random; files of pictures are compared by their hash.
RANDOM = {
    "users": {"password_hash"},
    "sessions": {"hall_secret", "hall_key", "screen_key"},
    "screens": {"key"},
    "cards": {"token_hash", "pin_hash"},
    "rounds": {"public_id", "roll_digest", "ballots_digest", "record", "resend_key", "salts", "archive_key"},
    "archive_shares": {"sealed"},
    "signatures": {"result_digest", "code", "public_key", "signature"},
    "teller_secrets": {"code", "public_key", "passphrase_hash", "confirmation"},
    "signed_lists": {"digest", "size", "sha256"},
    "ballots": {"code"},
    "events": {"payload", "previous", "hash"},
    "session_events": {"payload", "previous", "hash"},
    "audit_links": {"previous", "hash"},
    "bodies": {"settings"},
    "deputies": {"page_key"},
    "stations": {"key"},
    "suggestions": {"code"},
}


def told(database: Database) -> dict[str, list[str]]:
    """Everything in the database but what is random, table by table."""
    with database.work(write=False, scope=EVERY_BODY) as session:
        story = {}
        for table in metadata.sorted_tables:
            shown = [c for c in table.columns if c.name not in RANDOM.get(table.name, set())]
            query = select(*shown)
            if (
                table.name == "audit_entries"
            ):  # their lines have the short codes and hashes of files with them
                query = query.where(
                    table.c.action.not_in(["teller.secret", "teller.confirm", "teller.signed_list"])
                )
            story[table.name] = sorted(repr(tuple(row)) for row in session.execute(query))
    return story


@pytest.mark.slow
@pytest.mark.sqlite
def test_the_story_is_always_the_same(
    app: Flask, database: Database, backend: str, templates: dict[str, Any], tmp_path: Path
) -> None:
    load(app, database, Stage.CERTIFIED)
    first = told(database)
    (tmp_path / "again").mkdir()
    with fresh_database(templates, backend, tmp_path / "again") as url:
        other = Database(url)
        load(app, other, Stage.CERTIFIED)
        second = told(other)
        other.dispose()
    assert len(first["ballots"]) == 18
    assert first == second


# --- refusing, and finding it there --------------------------------------------------------------------


@pytest.mark.parametrize("deputies", [0, 9, 3001])
def test_a_county_has_a_plausible_number_of_deputies(app: Flask, database: Database, deputies: int) -> None:
    with pytest.raises(RuleBroken) as refused:
        load(app, database, Stage.DRAFT, deputies)
    assert refused.value.status == 422


def test_a_database_in_use_is_left_alone(app: Flask, database: Database, world: factories.World) -> None:
    before = told(database)
    with pytest.raises(RuleBroken) as refused:
        load(app, database, Stage.DRAFT)
    assert refused.value.code == "not_empty"
    with app.app_context(), database.work():
        logins = demo.load_if_empty(now=REAL)
    assert (logins, told(database)) == ([], before)


def test_one_account_is_a_beginning(app: Flask, database: Database) -> None:
    with app.app_context(), database.work():
        factories.make_user("root", body_id=None)
        assert demo.load_if_empty(now=REAL) == []
        assert db.session.scalars(select(Body)).all() == []


@pytest.mark.slow
@pytest.mark.sqlite
def test_only_logins_that_still_work_are_shown(app: Flask, database: Database) -> None:
    load(app, database, Stage.DRAFT)
    with app.app_context(), database.work() as session:
        shown = demo.load_if_empty(now=REAL)
        assert {login["password"] for login in shown} == {PASSWORD}
        session.scalars(select(User).where(User.username == "leader")).one().active = False
        session.scalars(
            select(User).where(User.username == "admin")
        ).one().password_hash = factories.password_hash()
        session.flush()
        left = demo.load_if_empty(now=REAL)
    gone = {login["username"] for login in shown} - {login["username"] for login in left}
    assert (len(shown), gone) == (13, {"leader", "admin"})


# --- its clock -----------------------------------------------------------------------------------------


def test_there_is_no_demo_time_without_a_demo(database: Database, tmp_path: Path) -> None:
    assert demo_clock.ahead(database) == timedelta()
    nowhere = tmp_path / "nowhere.db"
    assert demo_clock.ahead(Database(f"sqlite:///{nowhere}")) == timedelta()
    assert not nowhere.exists()
    assert demo_clock.ahead(Database(f"sqlite:///{tmp_path}")) == timedelta()  # cannot be opened at all
    bare = tmp_path / "bare.db"
    bare.touch()
    assert demo_clock.ahead(Database(f"sqlite:///{bare}")) == timedelta()  # no tables yet


# --- the command ---------------------------------------------------------------------------------------


@dataclass
class Said:
    code: int
    out: str
    err: str


def command(app: Flask, *args: str) -> Said:
    ran = app.test_cli_runner().invoke(args=["demo", *args])
    return Said(ran.exit_code, ran.stdout, ran.stderr)


@pytest.mark.slow
@pytest.mark.sqlite
def test_json_stands_alone_on_standard_output(app: Flask, database: Database) -> None:
    said = command(app, "--stage", "voting", "--deputies", "20", "--json")
    assert said.code == 0
    answer = json.loads(said.out)
    assert list(answer) == ["base_url", "logins", "deputies", "round_id", "record_url"]
    assert answer["base_url"] == "http://hall.example"
    assert {tuple(login) for login in answer["logins"]} == {("role", "username", "password")}
    assert {tuple(deputy) for deputy in answer["deputies"]} == {("number", "name", "qr_url")}
    assert len(answer["deputies"]) == 20
    roles = Counter(login["role"] for login in answer["logins"])
    assert roles == {
        "sysadmin": 1, "office": 1, "government": 1, "department": 2, "leader": 1, "deputy": 1,
        "chief_teller": 1, "teller": 2, "township_office": 3,
    }  # fmt: skip
    with app.app_context(), database.work(write=False, scope=EVERY_BODY) as session:
        known = {user.username: user for user in session.scalars(select(User))}
        assert all(not known[login["username"]].must_change for login in answer["logins"])
        assert len(session.scalars(select(Deputy)).all()) == 20 + 47 + 45 + 49
    for login in answer["logins"]:
        page = Browser(app).post("/sign-in", {key: login[key] for key in ("username", "password")})
        assert (login["username"], page.status) == (login["username"], 303)
    assert "演示年度" in said.err


@pytest.mark.slow
@pytest.mark.sqlite
def test_without_json_a_person_reads_it_and_a_second_time_is_refused(app: Flask) -> None:
    said = command(app, "--stage", "draft", "--deputies", "20")
    assert said.code == 0
    assert f"    县人大办　office　{PASSWORD}\n" in said.out
    again = command(app, "--json")
    assert (again.code, again.out) == (1, "")
    assert "原有数据没有改动" in again.err
