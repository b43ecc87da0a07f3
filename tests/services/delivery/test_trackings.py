"""Trackings: lights, overdue reports, lists, summary, story, pictures."""

from datetime import date
from decimal import Decimal

from tests.services.delivery.acts import JUNE, finish, plan, read_line
from tests.years import BY, make_tracked, picture, report
from votes.rules.delivery.lights import Light
from votes.services import uploads
from votes.services.delivery import curves, trackings
from votes.services.delivery.plans import PlannedStep
from votes.services.people import bodies


def test_line_light_follows_the_thresholds_of_the_body(world, tracking_id):
    with world.work():
        report(tracking_id, 3, 14)  # planned: 75 of 339 days, 22.1 %
    assert read_line(world, tracking_id, date(2027, 4, 6)).light == Light.GREEN
    with world.work():
        body = bodies.get_body(world.county)
        bodies.change_settings(body, {"lights": {"behind": 5, "severe": 8}}, by=BY, now=JUNE)
    assert read_line(world, tracking_id, date(2027, 4, 6)).light == Light.RED
    assert (
        read_line(world, tracking_id, date(2027, 4, 6)).standing.words
        == "至3月底计划 22.1%，实际 14%，落后 8.1 个百分点"
    )


def test_overdue_lists_reports_by_unit(world, other_unit):
    with world.work():
        punctual, late = make_tracked(2, department_id=world.departments["county"])
        silent = make_tracked(1, department_id=other_unit, start=3)[0]
        report(punctual.id, 5, 40)
        report(late.id, 4, 30)
    with world.work():
        result = trackings.overdue(date(2027, 6, 6))
        assert [(line.tracking.id, len(line.standing.missing)) for line in result] == [
            (silent.id, 5),
            (late.id, 1),
        ]
        assert [line.tracking.id for line in trackings.overdue(date(2027, 6, 6), own=other_unit)] == [
            silent.id
        ]
        assert [line.tracking.id for line in trackings.overdue(date(2027, 6, 5))] == [silent.id]


def test_line_missing_follows_the_report_day_of_the_body(world, tracking_id):
    with world.work():
        bodies.change_settings(bodies.get_body(world.county), {"report_due_day": 10}, by=BY, now=JUNE)
    assert read_line(world, tracking_id, date(2027, 2, 10)).standing.missing == ()
    assert read_line(world, tracking_id, date(2027, 2, 11)).standing.missing == (date(2027, 1, 1),)


def test_search_rows_are_filtered_and_sorted(world, other_unit):
    with world.work():
        a, b = make_tracked(2, department_id=world.departments["county"])
        c = make_tracked(1, department_id=other_unit, start=3, category="教育", location="示例山乡")[0]
        make_tracked(1, year=2026)
        report(a.id, 5, 60)
        report(b.id, 5, 5)
        report(c.id, 5, 38)
    with world.work():
        lines = trackings.search(day=date(2027, 6, 6), year=2027)

        def ids(**chosen):
            return [line.tracking.id for line in trackings.SEARCH.rows(lines, chosen)]

        assert ids() == [a.id, b.id, c.id]
        assert ids(sort="behind") == [b.id, c.id, a.id]
        assert ids(sort="percent") == [b.id, c.id, a.id]
        assert ids(sort="nonsense") == [a.id, b.id, c.id]
        assert ids(unit=other_unit) == ids(category="教育") == ids(q="山乡 教育局") == [c.id]
        assert ids(light=Light.RED) == [b.id]
        assert ids(q="没有") == []
        assert trackings.years() == [2027, 2026]
        assert [u.name for u in trackings.units(lines)] == ["交通运输局", "教育局"]


def test_summary_adds_up_the_year(world):
    with world.work():
        a, b, c = make_tracked(3, department_id=world.departments["county"])
        report(a.id, 5, 60)
        report(b.id, 5, 5, money_in_place=Decimal("100.50"), money_paid=Decimal("50.25"))
    with world.work():
        lines = trackings.search(day=date(2027, 6, 6), year=2027)
        result = trackings.summary(lines)
        assert result.lights == {Light.GREEN: 1, Light.YELLOW: 0, Light.RED: 2, Light.BLUE: 0}
        assert (result.total, result.missing) == (3, 1)
        assert (result.planned, result.in_place, result.paid) == (
            Decimal("2580.00"),
            Decimal("600.50"),
            Decimal("350.25"),
        )
        assert round(result.actual_percent, 2) == Decimal("21.67")
        assert trackings.summary([]).actual_percent == 0
        assert c.id == lines[2].tracking.id


def test_story_begins_with_the_latest(world, tracking_id):
    plan(
        world,
        tracking_id,
        [
            PlannedStep(None, "招标", date(2027, 3, 31), 10, date(2027, 4, 2)),
            PlannedStep(None, "通车", date(2027, 11, 1), 90),
        ],
    )
    with world.work():
        report(tracking_id, 1, 5)
        report(tracking_id, 5, 100)
    with world.work():
        assert [m.name for m in trackings.ahead(trackings.get(tracking_id))] == ["通车"]
    finish(world, tracking_id, "complete", date(2027, 6, 10))
    with world.work():
        tracking = trackings.get(tracking_id)
        assert [(m.kind, m.on) for m in trackings.story(tracking)] == [
            ("end", date(2027, 6, 10)),
            ("report", date(2027, 5, 31)),
            ("milestone", date(2027, 4, 2)),
            ("report", date(2027, 1, 31)),
            ("start", date(2027, 1, 15)),
        ]
        assert trackings.ahead(tracking) == []
        planned, actual = curves.chart_points(tracking)
        assert planned == [
            (date(2027, 1, 15), 0), (date(2027, 3, 31), 10), (date(2027, 11, 1), 90), (date(2027, 12, 20), 100),
        ]  # fmt: skip
        assert actual == [(date(2027, 1, 15), 0), (date(2027, 1, 31), 5), (date(2027, 5, 31), 100)]


def test_covers_are_of_the_latest_report(world):
    with world.work():
        a, b, c = make_tracked(3)
        uploads.add([picture("blue")], owner=a.project, by=BY, now=JUNE)
        uploads.add([picture("blue")], owner=b.project, by=BY, now=JUNE)
        report(a.id, 1, 5, photos=[picture("red")])
        report(a.id, 2, 9, photos=[picture("green"), picture("black")])
    with world.work():
        tracked = [line.tracking for line in trackings.search(day=date(2027, 3, 4))]
        covers = trackings.covers(tracked)
        assert {key: cover.filename for key, cover in covers.items()} == {a.id: "green.jpg", b.id: "blue.jpg"}
        assert trackings.covers([]) == {}
        assert c.id not in covers


def test_get_in_other_body_returns_nothing(world, tracking_id):
    with world.work("other"):
        assert trackings.get(tracking_id) is None
        assert trackings.search(day=date(2027, 6, 6)) == []
        assert trackings.years() == []


def test_due_names_the_report_before_and_after_its_day(world, tracking_id):
    with world.work():
        report(tracking_id, 1, 10)
        result = [trackings.due(date(2027, 3, day)) for day in (1, 5, 6)]
    tasks = [[(d.kind, d.about_id, d.due_on, d.title) for d in each] for each in result]
    assert tasks == [[("report", tracking_id, date(2027, 3, 5), "实事项目01：2月月报")]] * 3
    with world.work():
        assert trackings.due(date(2027, 2, 27)) == []
