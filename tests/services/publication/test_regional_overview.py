"""The overview reads several bodies at once: just those in view, each figure where it belongs, in few statements."""

from datetime import date
from decimal import Decimal

import pytest

from tests import factories
from tests.counting import statements
from tests.factories import NOW
from tests.years import make_tracked, report
from votes.db import db, scoped
from votes.models import (
    Candidate,
    CitizenRating,
    CongressSession,
    Matter,
    Rectification,
    Round,
    Season,
    Suggestion,
    Tracking,
    Transfer,
)
from votes.rules.delivery.lights import Light
from votes.rules.delivery.trackings import TrackingState
from votes.rules.meeting.rounds import RoundState
from votes.rules.meeting.rule import Rule
from votes.rules.people.roles import BodyKind
from votes.rules.projects.projects import ProjectState
from votes.rules.suggestions.suggestions import Channel
from votes.services.publication import regional_overview
from votes.services.publication.regional_counts import YearCount

DAY = date(2027, 6, 6)


def suggest(year=2027, times=1):
    number = db.session.query(Suggestion).filter_by(year=year).count()
    db.session.add_all(
        Suggestion(
            year=year, number=number + i + 1, code=f"C{db.session.scope}-{year % 100}-{number + i}",
            channel=Channel.WEB, title="示例建议", content="示例", received_at=NOW,
        )
        for i in range(times)
    )  # fmt: skip
    db.session.flush()


def make_rating(year, projects, rows, *, publish="names+votes", returned=10):
    """Make an announced 满意度测评 of these projects; rows: (满意, 基本满意, 不满意, grade)."""
    meeting = CongressSession(
        title=f"{year + 1}年会议", year=year + 1, starts_on=date(year + 1, 1, 15), ends_on=date(year + 1, 1, 16),
        hall_secret=b"1", hall_key=f"h{db.session.scope}{year}", screen_key=f"s{db.session.scope}{year}", created_at=NOW,
    )  # fmt: skip
    db.session.add(meeting)
    db.session.flush()
    counts = [
        {"no": no, "satisfied": a, "basically": b, "dissatisfied": c, "void": 0, "grade": grade}
        for no, (a, b, c, grade) in enumerate(rows, start=1)
    ]
    whole = {
        "valid": returned,
        "invalid": 0,
        "selected": [],
        "undecided": [],
        "seats_left": 0,
        "counts": counts,
    }
    round_ = Round(
        session_id=meeting.id, title="测评", state=RoundState.ANNOUNCED, certified_at=NOW, announced_at=NOW,
        rule=Rule(seats=1, method="rating", publish=publish).to_dict(), roster=12, present=10, issued=10,
        returned=returned, result=whole, created_at=NOW,
    )  # fmt: skip
    db.session.add(round_)
    db.session.flush()
    db.session.add_all(
        Candidate(round_id=round_.id, project_id=p.id, number=no, name=p.name)
        for no, p in enumerate(projects, 1)
    )
    db.session.flush()


@pytest.fixture
def leader(world):
    return world.actor("leader")


def places(found):
    return {place.body.code: place for place in found.places}


def test_read_county_has_its_townships_and_no_neighbour(world, leader):
    for body, number in (("county", 3), ("township", 2), ("other", 5)):
        with world.work(body):
            for tracking in make_tracked(number, department_id=world.departments[body]):
                report(tracking.id, 5, 41)
            suggest(times=number * 10)
    with world.work():
        found = regional_overview.read(leader, day=DAY)
        assert [place.body.code for place in found.places] == ["shili", "shilizhen"]
        assert found.year == 2027
        assert (found.total.suggestions, found.total.selected, found.total.tracked) == (50, 5, 5)
        assert found.whole.total == 5
        assert places(found)["shilizhen"].count == YearCount(
            suggestions=20, candidates=2, selected=2, states={TrackingState.RUNNING: 2}, percent=82,
            planned=Decimal(1720), in_place=Decimal(1000), paid=Decimal(600),
        )  # fmt: skip
        assert places(found)["shilizhen"].summary.lights[Light.GREEN] == 2
        assert found.total.mean_percent == 41
    with world.work("township"):
        own = regional_overview.read(world.actor("office", "township"), day=DAY)
        assert [(place.body.code, place.summary.total) for place in own.places] == [("shilizhen", 2)]


def test_counts_follow_suggestions_to_projects(world, leader):
    with world.work():
        suggest(times=5)
        project = factories.make_project("示例", state=ProjectState.LISTED, number=1)
        factories.make_project("草稿")
        made = [
            Matter(
                year=2027,
                number=number,
                title="示例",
                created_at=NOW,
                project_id=project.id if number > 2 else None,
            )
            for number in (1, 2, 3)
        ]
        db.session.add_all(made)
        db.session.flush()
        for matter, state in zip([*made[1:], made[2]], ["answered", "recalled", "sent"], strict=True):
            db.session.add(
                Transfer(
                    matter_id=matter.id,
                    department_id=world.departments["county"],
                    state=state,
                    sent_on=DAY,
                    due_on=DAY,
                    answered_on=DAY if state == "answered" else None,
                )
            )
        db.session.add(Season(year=2027, title="征集", opens_on=date(2027, 6, 1), closes_on=date(2027, 6, 6)))
        db.session.flush()
        place = regional_overview.read(leader, day=DAY).places[0]
        count = place.count
        assert (count.suggestions, count.matters, count.studied, count.candidates, count.selected) == (
            5, 3, 2, 1, 0,
        )  # fmt: skip
        assert place.collecting
        assert not regional_overview.read(leader, day=date(2027, 6, 7)).places[0].collecting


@pytest.mark.parametrize(
    ("publish", "marks"), [("names+votes", (13, 4, 20)), ("names", (0, 0, 0))], ids=["votes", "names only"]
)
def test_ratings_count_for_the_year_of_the_rated_projects(world, leader, publish, marks):
    """Deputies and citizens apart; where only names are published no share is shown, only grades."""
    with world.work():
        made = make_tracked(2)
        make_rating(
            2027,
            [t.project for t in made],
            [(9, 1, 0, "satisfied"), (4, 3, 3, "basically")],
            publish=publish,
        )
        for i, grade in enumerate(["satisfied", "satisfied", "dissatisfied"]):
            db.session.add(
                CitizenRating(tracking_id=made[0].id, week=DAY, phone=str(i), grade=grade, rated_on=DAY)
            )
        db.session.flush()
        count = regional_overview.read(leader, day=DAY).places[0].count
        assert (count.satisfied, count.basically, count.base) == marks
        assert (count.rating is None) == (publish == "names")
        assert count.graded == {"satisfied": 1, "basically": 1}
        assert (count.citizens_favourable, count.rated_by_citizens) == (2, 3)


def test_rectifications_are_counted_open_and_overdue(world, leader):
    with world.work():
        tracking = make_tracked(1)[0]
        for number, (state, due) in enumerate(
            [("issued", 5), ("issued", 6), ("answered", 5), ("closed", 5), ("cancelled", 5)], start=1
        ):
            db.session.add(
                Rectification(
                    tracking_id=tracking.id,
                    year=2027,
                    number=number,
                    problem="示例",
                    state=state,
                    department_id=world.departments["county"],
                    issued_on=date(2027, 5, 1),
                    due_on=date(2027, 6, due),
                    closed_on=DAY if state == "closed" else None,
                )
            )
        db.session.flush()
        count = regional_overview.read(leader, day=DAY).places[0].count
        assert (count.rectifications, count.open, count.overdue) == (4, 3, 1)


def test_read_compares_six_years_at_most(world, leader):
    with world.work():
        for year in range(2019, 2028):
            make_tracked(1, year=year)
        suggest(2028)
        db.session.query(Tracking).filter(Tracking.starts_on < date(2022, 1, 1)).update(
            {"state": TrackingState.DONE}
        )
        found = regional_overview.read(leader, day=DAY)
        assert found.years == [2028, 2027, 2026, 2025, 2024, 2023]
        assert found.year == 2027, "the latest that is carried out"
        assert [row.year for row in found.over_the_years(None)] == sorted(found.years)
        assert regional_overview.read(leader, day=DAY, year=2024).year == 2024
        assert regional_overview.read(leader, day=DAY, year=1999).year == 2027
        assert [row.count.tracked for row in found.over_the_years(world.county)] == [1, 1, 1, 1, 1, 0]
        assert found.over_the_years(world.township) == []


@pytest.mark.parametrize("sort", regional_overview.SORTS)
def test_arrange_by_any_key_keeps_every_place(world, leader, sort):
    with world.work():
        make_tracked(1)
        found = regional_overview.read(leader, day=DAY, sort=sort)
        assert {place.body.code for place in found.places} == {"shili", "shilizhen"}
        assert len(found.places) == 2


def test_read_twenty_townships_takes_the_statements_of_one(world, leader, database, as_):
    """At most thirty, whatever the number of places, projects, reports and years."""
    with world.work():
        make_rating(2026, [t.project for t in make_tracked(1, year=2026)], [(9, 1, 0, "satisfied")])
        report(make_tracked(1)[0].id, 3, 20)
    browser = as_("leader")
    browser.get("/office/overview/")
    with statements(database) as once:
        assert browser.get("/office/overview/").status == 200
    with world.work(None):
        for number in range(19):
            body = factories.make_body(
                f"zhen{number}", f"示例{number}镇", BodyKind.TOWNSHIP, world.bodies["county"]
            )
            with scoped(body.id):
                for year in (2026, 2027):
                    made = make_tracked(2, year=year)
                    report(made[0].id, 3, 20)
                    suggest(year, 2)
                make_rating(2026, [t.project for t in made], [(9, 1, 0, "satisfied"), (4, 3, 3, "basically")])
    with statements(database) as many:
        page = browser.get("/office/overview/")
    assert page.words.count("进入") == 20
    # one more than before: whose projects the ratings were about
    assert len(many) <= len(once) <= 30
