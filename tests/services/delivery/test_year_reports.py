"""The year's report: as things stood at the end of June and of the year, whenever it is drawn up."""

from datetime import date
from decimal import Decimal

import pytest

from tests.years import BY, at, make_tracked, report
from votes.exports.delivery.year_reports import MIDYEAR, YEAREND
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.services.delivery import adjustments, plans, trackings, year_reports
from votes.services.people import bodies

GOVERNMENT = Actor(name="政府办", roles=frozenset({Role.GOVERNMENT}))


@pytest.fixture
def year(world):
    """Two projects: one on time and done in October, one far behind; reports to November."""
    with world.work():
        good, bad = make_tracked(2, department_id=world.departments["county"])
        for month in range(1, 11):
            report(good.id, month, month * 10, money_paid=Decimal(month * 80))
            report(bad.id, month, month * 2, problems="用地手续滞后。")
        report(bad.id, 11, 22)
        plans.finish(trackings.get(good.id), "complete", on=date(2027, 11, 3), by=BY, now=at(2027, 11, 4))


def gather(world, kind, day):
    with world.work():
        county = bodies.get_body(world.county)
        return year_reports.gather(county, kind, 2027, day=day, word=lambda each: each.value)


@pytest.mark.parametrize("day", [date(2027, 7, 8), date(2027, 12, 1), date(2028, 1, 16)])
def test_gather_midyear_is_the_same_on_any_later_day(world, year, day):
    result = gather(world, MIDYEAR, day)
    assert (result.as_of, result.counts) == (date(2027, 6, 30), [("green", 1), ("red", 1)])
    assert [(r.actual, r.paid, r.standing, r.late) for r in result.rows] == [
        (60, Decimal("480.00"), "green", False),
        (12, Decimal("300.00"), "red", True),
    ]
    assert result.rows[0].planned == result.rows[1].planned == Decimal("49.0")


def test_gather_at_the_end_of_the_year(world, year):
    result = gather(world, YEAREND, date(2028, 1, 16))
    assert (result.as_of, result.counts) == (date(2027, 12, 31), [("done", 1), ("red", 1)])
    assert [(r.actual, r.planned) for r in result.rows] == [(100, 100), (22, 100)]
    assert result.rows[1].problems == ""  # of November's report
    assert [r.last_period for r in result.rows] == ["", "2027年11月"]


def test_as_of_before_the_end_is_the_last_whole_month(world, year):
    assert gather(world, YEAREND, date(2027, 11, 20)).as_of == date(2027, 10, 31)
    assert gather(world, MIDYEAR, date(2027, 6, 30)).as_of == date(2027, 5, 31)


NEW_TARGET = "年底前完成 26 个村，6 个岩石段村 2028 年 6 月底前完成。"


def decide(tracking_id, kind, month, *, values=None, announced=None):
    made = adjustments.apply(
        trackings.get(tracking_id), kind, cause=AdjustmentCause.OTHER, reason="岩石段较多，须爆破施工。",
        values=values or {}, by=BY, now=at(2027, month, 10),
    )  # fmt: skip
    adjustments.decide(
        made, approved=True, organ="示例县人民代表大会常务委员会", document_number=f"示例〔2027〕{month}号",
        decided_on=date(2027, month, 20), opinion="", by=BY, now=at(2027, month, 25),
    )  # fmt: skip
    if announced:
        adjustments.announce(
            made, notice="关于项目调整的公告，内容、原因和决定机关如上。", announced_on=announced, by=BY, now=at(2027, month, 28),
        )  # fmt: skip


def test_gather_has_adjustments_decided_by_then_only(world, year):
    """Moved into the next year in September: the year's end knows it, the end of June, whenever drawn up, does not."""
    with world.work():
        bad = trackings.search(day=date(2027, 6, 1), year=2027)[1]
        old, before = bad.project.target, planned(world, MIDYEAR)
        decide(
            bad.tracking.id, AdjustmentKind.MAJOR, 9,
            values={"target": NEW_TARGET, "due_on": date(2028, 6, 30)}, announced=date(2027, 9, 27),
        )  # fmt: skip
    end = gather(world, YEAREND, date(2028, 1, 16))
    assert (end.beyond, end.rows[1].beyond, end.rows[1].due_on) == (
        [("postponed", 1)],
        "postponed",
        date(2028, 6, 30),
    )
    assert (end.rows[1].target, end.rows[1].standing, end.rows[1].late) == (NEW_TARGET, "red", True)
    assert [
        (c.project, c.kind, c.organ, c.document_number, c.decided_on, c.announced_on, c.sides)
        for c in end.changes
    ] == [
        (
            "实事项目02", "major", "示例县人民代表大会常务委员会", "示例〔2027〕9号", date(2027, 9, 20), date(2027, 9, 27),
            [("年度目标", old, NEW_TARGET), ("完成时限", "2027年12月20日", "2028年6月30日")],
        )
    ]  # fmt: skip
    middle = gather(world, MIDYEAR, date(2028, 1, 16))
    assert (middle.changes, middle.beyond, middle.rows[1].target) == ([], [], old)
    assert [row.planned for row in middle.rows] == before


def planned(world, kind):
    county = bodies.get_body(world.county)
    result = year_reports.gather(county, kind, 2027, day=date(2027, 7, 8), word=lambda each: each.value)
    return [row.planned for row in result.rows]


def test_gather_says_suspended_of_a_project_resumed_later(world, year):
    with world.work():
        bad = trackings.search(day=date(2027, 6, 1), year=2027)[1].tracking.id
        decide(bad, AdjustmentKind.SUSPEND, 6)
        assert trackings.get(bad).finished_on == date(2027, 6, 20), (
            "the day of the decision, not of its entry"
        )
        decide(bad, AdjustmentKind.RESUME, 9)
        line = trackings.line(trackings.get(bad), date(2028, 1, 16))
    assert gather(world, MIDYEAR, date(2028, 1, 16)).rows[1].standing == "suspended"
    assert gather(world, YEAREND, date(2028, 1, 16)).rows[1].standing == "red"
    assert line.standing.missing == (date(2027, 12, 1),)


def test_gather_has_the_lights_of_the_pages(world):
    """Nothing ever reported is red after three months, also where the plan has hardly begun; rates are compared as shown."""
    with world.work():
        body = bodies.get_body(world.county)
        bodies.change_settings(body, {"lights": {"funds_month": 6, "funds": 70}}, by=BY, now=at(2027, 1, 1))
        silent, paid = make_tracked(2, department_id=world.departments["county"])
        plans.plan(
            silent, starts_on=silent.starts_on, by=GOVERNMENT, now=at(2027, 1, 20),
            steps=[plans.PlannedStep(None, "开工", date(2027, 10, 1), 2)],
        )  # fmt: skip
        for month in range(1, 7):
            report(paid.id, month, month * 9, money_planned=Decimal(1000), money_paid=Decimal("699.50"))
        lights = [each.light.value for each in trackings.search(day=date(2027, 7, 8), year=2027)]
    rows = gather(world, MIDYEAR, date(2027, 7, 8)).rows
    assert [row.standing for row in rows] == lights == ["red", "green"]
