"""Tracking: taken over from the decision, planned, reported month by month, ended."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests import factories, years
from tests.years import BY, at, figures, make_tracked, picture, report
from votes.db import db
from votes.models import AuditEntry, Department, SubProject
from votes.rules.delivery.lights import Light
from votes.rules.delivery.parts import Money
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.projects.projects import ProjectState
from votes.services import uploads
from votes.services.delivery import curves, plans, reports, trackings as progress
from votes.services.delivery.plans import PlannedStep
from votes.services.delivery.reports import PartProgress
from votes.services.people import bodies
from votes.services.projects import versions as project_versions

GOVERNMENT = Actor(name="政府办", roles=frozenset({Role.GOVERNMENT}))
UNIT = Actor(name="交通运输局", roles=frozenset({Role.DEPARTMENT}))
JUNE = at(2027, 6, 15)


@pytest.fixture
def tracked(world):
    """One tracked project of the county's first unit; its id."""
    with world.work():
        return make_tracked(1, department_id=world.departments["county"])[0].id


@pytest.fixture
def other_unit(world):
    with world.work():
        return db.session.scalar(select(Department.id).where(Department.name == "教育局"))


def plan(world, tracking_id, steps, *, by=GOVERNMENT, now=JUNE, **values):
    with world.work():
        tracking = progress.get(tracking_id)
        plans.plan(tracking, **{"starts_on": tracking.starts_on, "steps": steps, **values}, by=by, now=now)


def read(world, tracking_id, day):
    with world.work():
        return progress.line(progress.get(tracking_id), day)


def last_entry(world, action):
    with world.work(None):
        return db.session.scalar(
            select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc())
        )


# --- taken over ----------------------------------------------------------------------------------------


def test_a_selected_project_is_tracked_without_typing(world):
    with world.work():
        project = factories.make_project(
            "示例公路",
            state=ProjectState.SELECTED,
            department_id=world.departments["county"],
            leader="分管副县长（示例）",
            due_on=date(2027, 11, 30),
        )
        tracking = plans.start(project, round_id=None, by=BY, now=at(2027, 1, 16))
        assert (
            tracking.department_id,
            tracking.leader,
            tracking.starts_on,
            tracking.due_on,
            tracking.state,
        ) == (
            world.departments["county"],
            "分管副县长（示例）",
            date(2027, 1, 16),
            date(2027, 11, 30),
            TrackingState.RUNNING,
        )
    assert last_entry(world, "tracking.start").about == "示例公路"


@pytest.mark.parametrize(
    ("due_on", "starts_on", "expected"),
    [
        (None, None, (date(2027, 1, 16), date(2027, 12, 31))),
        (date(2027, 11, 30), date(2027, 3, 1), (date(2027, 3, 1), date(2027, 11, 30))),
        (date(2027, 1, 10), None, (date(2027, 1, 10), date(2027, 1, 10))),  # due before the vote
    ],
)
def test_dates_of_a_new_tracking(world, due_on, starts_on, expected):
    with world.work():
        project = factories.make_project("示例公路", state=ProjectState.SELECTED, due_on=due_on)
        tracking = plans.start(project, round_id=None, by=BY, now=at(2027, 1, 16), starts_on=starts_on)
        assert (tracking.starts_on, tracking.due_on) == expected


@pytest.mark.parametrize("state", [s for s in ProjectState if s != ProjectState.SELECTED])
def test_only_selected_projects_are_tracked(world, state):
    with world.work():
        project = factories.make_project("示例公路", state=state)
        with pytest.raises(RuleBroken, match="尚未经票决选定"):
            plans.start(project, round_id=None, by=BY, now=JUNE)


def test_nothing_is_tracked_twice(world, tracked):
    with pytest.raises(RuleBroken, match="已在进度跟踪中"), world.work():
        plans.start(progress.get(tracked).project, round_id=None, by=BY, now=JUNE)


def test_the_announcement_starts_the_tracking(world):
    made = years.make_round(world)
    with world.work():
        assert progress.search(day=date(2027, 1, 20)) == []
    years.announce(world, made)
    with world.work():
        lines = progress.search(day=date(2027, 1, 20), year=2027)
        assert [line.project.id for line in lines] == made["projects"][:2]
        assert {line.tracking.round_id for line in lines} == {made["round"]}


# --- the plan ------------------------------------------------------------------------------------------


def test_a_plan_is_set_changed_and_read_back(world, tracked):
    plan(
        world,
        tracked,
        [PlannedStep(None, "招标", date(2027, 3, 31), 10), PlannedStep(None, "路面", date(2027, 9, 30), 70)],
    )
    with world.work():
        first, second = progress.get(tracked).milestones
        steps = [
            PlannedStep(first.id, "完成招标", first.planned_on, 10, date(2027, 4, 2), "晚两天"),
            PlannedStep(None, "通车", date(2027, 11, 30), 95),
        ]
    plan(world, tracked, steps)
    with world.work():
        found = progress.get(tracked).milestones
        assert [(m.name, m.planned_percent, m.actual_on, m.note) for m in found] == [
            ("完成招标", 10, date(2027, 4, 2), "晚两天"),
            ("通车", 95, None, ""),
        ]
        assert found[0].id == first.id
    entry = last_entry(world, "tracking.plan")
    assert [m["name"] for m in entry.before["milestones"]] == ["招标", "路面"]
    assert [m["name"] for m in entry.after["milestones"]] == ["完成招标", "通车"]
    assert second.name == "路面"


def test_saving_the_same_plan_leaves_no_trace(world, tracked):
    plan(world, tracked, [])
    assert last_entry(world, "tracking.plan") is None


def test_the_government_office_moves_due_date_unit_and_leader(world, tracked, other_unit):
    plan(world, tracked, [], due_on=date(2027, 11, 30), department_id=other_unit, leader=" 副镇长 ")
    with world.work():
        tracking = progress.get(tracked)
        assert (tracking.due_on, tracking.department_id, tracking.leader) == (
            date(2027, 11, 30),
            other_unit,
            "副镇长",
        )
        assert tracking.department.name == "教育局"


@pytest.mark.parametrize(
    "values", [{"due_on": date(2027, 12, 31)}, {"leader": "别人"}, {"department_id": "other"}]
)
def test_the_unit_does_not(world, tracked, other_unit, values):
    if "department_id" in values:
        values = {"department_id": other_unit}
    with pytest.raises(RuleBroken) as refusal:
        plan(world, tracked, [], by=UNIT, **values)
    assert refusal.value.status == 403


def test_the_unit_sets_its_milestones(world, tracked):
    plan(
        world,
        tracked,
        [PlannedStep(None, "招标", date(2027, 3, 31), 10)],
        by=UNIT,
        starts_on=date(2027, 2, 1),
    )
    with world.work():
        tracking = progress.get(tracked)
        assert (tracking.starts_on, len(tracking.milestones)) == (date(2027, 2, 1), 1)


@pytest.mark.parametrize(
    ("steps", "values", "words"),
    [
        ([PlannedStep(None, "招标", date(2028, 3, 31), 10)], {}, "应在开始日期与完成时限之间"),
        ([PlannedStep(None, "招标", date(2027, 5, 31), 10, date(2027, 6, 16))], {}, "实际完成日期还没有到"),
        ([PlannedStep(4711, "招标", date(2027, 5, 31), 10)], {}, "节点已被别人删除"),
        ([], {"starts_on": date(2027, 12, 21)}, "完成时限不能早于开始日期"),
        ([], {"department_id": 4711}, "不属于这一级人大"),
        ([], {"due_on": date(2027, 12, 21)}, "请按调整程序办理"),
    ],
)
def test_refuses_a_plan_and_keeps_the_old(world, tracked, steps, values, words):
    with pytest.raises(RuleBroken) as refusal:
        plan(world, tracked, steps, **values)
    assert words in refusal.value.message
    assert refusal.value.field is not None
    with world.work():
        assert progress.get(tracked).milestones == []


def test_another_bodys_unit_is_refused(world, tracked):
    with pytest.raises(RuleBroken, match="不属于这一级人大"):
        plan(world, tracked, [], department_id=world.departments["other"])


# --- reports -------------------------------------------------------------------------------------------


def test_reports_follow_each_other_and_carry_figures(world, tracked):
    with world.work():
        assert reports.carried(progress.get(tracked)) == reports.ReportFigures(
            0, Decimal("860.00"), Decimal(0), Decimal(0)
        )
        report(tracked, 1, 8, by=UNIT, photos=[picture(), picture("red")])
    with world.work():
        tracking = progress.get(tracked)
        assert reports.carried(tracking) == reports.ReportFigures(
            8, Decimal("860.00"), Decimal("500.00"), Decimal("300.00")
        )
        (made,) = tracking.reports
        assert (made.month, made.percent, made.reported_by) == (date(2027, 1, 1), 8, "交通运输局")
        assert [(p.is_picture, p.caption, p.report_id) for p in made.photos] == [
            (True, "示例现场", made.id)
        ] * 2
        assert uploads.open_file(made.photos[0], thumbnail=True)[0].is_file()
    assert last_entry(world, "report.create").about == "实事项目01（2027年1月）"


@pytest.mark.parametrize(
    ("month", "now", "field"),
    [
        (date(2027, 2, 1), at(2027, 6, 15), "month"),  # reported already
        (date(2027, 1, 1), at(2027, 6, 15), "month"),  # before the last report
        (date(2027, 7, 1), at(2027, 6, 15), "month"),  # ahead
        (date(2026, 12, 1), at(2027, 6, 15), "month"),  # before the start
    ],
)
def test_refuses_months_that_cannot_be_reported(world, tracked, month, now, field):
    with world.work():
        report(tracked, 2, 10)
    with pytest.raises(RuleBroken) as refusal, world.work():
        reports.hand_in(progress.get(tracked), month, figures(20), by=UNIT, now=now)
    assert refusal.value.field == field
    with world.work():
        assert len(progress.get(tracked).reports) == 1


def test_a_fallen_percentage_wants_a_reason(world, tracked):
    with world.work():
        report(tracked, 1, 10)
    with pytest.raises(RuleBroken) as refusal, world.work():
        report(tracked, 2, 9, narrative="调减")
    assert refusal.value.field == "narrative"
    with world.work():
        report(tracked, 2, 9, narrative="经复核，一月多计路基一公里，据实调减。")


def test_a_document_is_no_photo_and_nothing_is_kept(world, tracked):
    paper = uploads.File("说明.pdf", b"%PDF-1.7\n%%EOF")
    with pytest.raises(RuleBroken) as refusal, world.work():
        reports.hand_in(
            progress.get(tracked),
            date(2027, 1, 1),
            figures(5),
            photos=uploads.prepare_photos([picture(), paper]),
            by=UNIT,
            now=JUNE,
        )
    assert (refusal.value.field, refusal.value.message) == (
        "files",
        "“说明.pdf”不是图片。这里只附现场照片（JPG、PNG、WebP），没有保存任何文件。",
    )
    with world.work():
        assert progress.get(tracked).reports == []


def test_the_last_report_may_be_corrected_with_before_and_after(world, tracked):
    with world.work():
        made = report(tracked, 1, 10)
    with world.work():
        reports.correct(reports.get(made.id), figures(12), photos=[picture()], by=UNIT, now=at(2027, 2, 6))
    with world.work():
        found = reports.get(made.id)
        assert (found.percent, len(found.photos), found.reported_at) == (12, 1, at(2027, 2, 3))
    entry = last_entry(world, "report.correct")
    assert (entry.before, entry.after) == ({"percent": 10}, {"percent": 12})


def test_an_earlier_report_stays(world, tracked):
    with world.work():
        made = report(tracked, 1, 10)
        report(tracked, 2, 20)
    with pytest.raises(RuleBroken) as refusal, world.work():
        reports.correct(reports.get(made.id), figures(12), by=UNIT, now=JUNE)
    assert refusal.value.code == "superseded"


def test_a_correction_does_not_fall_below_the_month_before(world, tracked):
    with world.work():
        report(tracked, 1, 10)
        made = report(tracked, 2, 20)
    with pytest.raises(RuleBroken), world.work():
        reports.correct(reports.get(made.id), figures(9, narrative=""), by=UNIT, now=JUNE)


def test_points_at_money_that_does_not_fit(world, tracked):
    with world.work():
        report(tracked, 1, 10)
        made = report(tracked, 2, 20, money_in_place=Decimal(400), money_paid=Decimal(450))
    with world.work():
        assert reports.warnings(reports.get(made.id)) == [
            "累计拨付资金大于累计到位资金，请核对。",
            "累计到位资金少于上次所报，请核对是否按累计数填写。",
        ]


def test_a_month_that_was_passed_over_is_shown(world, tracked):
    with world.work():
        report(tracked, 1, 10)
        report(tracked, 4, 30)
    with world.work():
        tracking = progress.get(tracked)
        assert reports.passed_over(tracking) == [date(2027, 2, 1), date(2027, 3, 1)]
        assert reports.choices(tracking, date(2027, 6, 15)) == [date(2027, 5, 1), date(2027, 6, 1)]


# --- standing and overdue ------------------------------------------------------------------------------


def test_lights_follow_the_bodys_own_thresholds(world, tracked):
    with world.work():
        report(tracked, 3, 14)  # planned: 75 of 339 days, 22.1 %
    assert read(world, tracked, date(2027, 4, 6)).light == Light.GREEN
    with world.work():
        body = bodies.get_body(world.county)
        bodies.change_settings(body, {"lights": {"behind": 5, "severe": 8}}, by=BY, now=JUNE)
    assert read(world, tracked, date(2027, 4, 6)).light == Light.RED
    assert (
        read(world, tracked, date(2027, 4, 6)).standing.words
        == "至3月底计划 22.1%，实际 14%，落后 8.1 个百分点"
    )


def test_overdue_reports_are_owed_by_their_unit(world, other_unit):
    with world.work():
        punctual, late = make_tracked(2, department_id=world.departments["county"])
        silent = make_tracked(1, department_id=other_unit, start=3)[0]
        report(punctual.id, 5, 40)
        report(late.id, 4, 30)
    with world.work():
        found = progress.overdue(date(2027, 6, 6))
        assert [(line.tracking.id, len(line.standing.missing)) for line in found] == [
            (silent.id, 5),
            (late.id, 1),
        ]
        assert [line.tracking.id for line in progress.overdue(date(2027, 6, 6), own=other_unit)] == [
            silent.id
        ]
        assert [line.tracking.id for line in progress.overdue(date(2027, 6, 5))] == [silent.id]


def test_the_day_for_reports_is_the_bodys_own(world, tracked):
    with world.work():
        bodies.change_settings(bodies.get_body(world.county), {"report_due_day": 10}, by=BY, now=JUNE)
    assert read(world, tracked, date(2027, 2, 10)).standing.missing == ()
    assert read(world, tracked, date(2027, 2, 11)).standing.missing == (date(2027, 1, 1),)


# --- the end -------------------------------------------------------------------------------------------


def finish(world, tracking_id, action, on=None, now=JUNE):
    with world.work():
        plans.finish(progress.get(tracking_id), action, on=on, by=GOVERNMENT, now=now)


def test_a_project_is_completed_and_no_longer_reported(world, tracked):
    with world.work():
        report(tracked, 5, 100)
    finish(world, tracked, "complete", date(2027, 6, 10))
    line = read(world, tracked, date(2027, 12, 31))
    assert (line.light, line.standing.missing) == (Light.BLUE, ())
    with pytest.raises(RuleBroken, match="已经办结"), world.work():
        report(tracked, 6, 100)
    with pytest.raises(RuleBroken, match="已经办结"):
        plan(world, tracked, [])
    with world.work():
        assert reports.choices(progress.get(tracked), date(2027, 12, 31)) == []
        assert not reports.correctable(progress.get(tracked).reports[-1])
    finish(world, tracked, "resume")
    with world.work():
        report(tracked, 6, 100)
    assert read(world, tracked, date(2027, 7, 1)).tracking.finished_on is None


def test_completion_wants_a_report_of_100(world, tracked):
    with world.work():
        report(tracked, 5, 98)
    with pytest.raises(RuleBroken) as refusal:
        finish(world, tracked, "complete", date(2027, 6, 10))
    assert refusal.value.code == "not_at_100"
    finish(world, tracked, "basically", date(2027, 6, 10))
    assert read(world, tracked, date(2027, 6, 15)).light == Light.YELLOW
    finish(world, tracked, "resume")
    finish(world, tracked, "fail", date(2027, 6, 10))
    assert read(world, tracked, date(2027, 6, 15)).light == Light.RED


@pytest.mark.parametrize("on", [None, date(2027, 1, 14), date(2027, 6, 16)])
def test_refuses_days_on_which_it_cannot_have_ended(world, tracked, on):
    with pytest.raises(RuleBroken) as refusal:
        finish(world, tracked, "fail", on)
    assert refusal.value.field == "finished_on"


# --- lists ---------------------------------------------------------------------------------------------


def test_filters_and_sorts(world, other_unit):
    with world.work():
        a, b = make_tracked(2, department_id=world.departments["county"])
        c = make_tracked(1, department_id=other_unit, start=3, category="教育", location="示例山乡")[0]
        make_tracked(1, year=2026)
        report(a.id, 5, 60)
        report(b.id, 5, 5)
        report(c.id, 5, 38)
    with world.work():
        lines = progress.search(day=date(2027, 6, 6), year=2027)

        def ids(**chosen):
            return [line.tracking.id for line in progress.SEARCH.rows(lines, chosen)]

        assert ids() == [a.id, b.id, c.id]
        assert ids(sort="behind") == [b.id, c.id, a.id]
        assert ids(sort="percent") == [b.id, c.id, a.id]
        assert ids(sort="nonsense") == [a.id, b.id, c.id]
        assert ids(unit=other_unit) == ids(category="教育") == ids(q="山乡 教育局") == [c.id]
        assert ids(light=Light.RED) == [b.id]
        assert ids(q="没有") == []
        assert progress.years() == [2027, 2026]
        assert [u.name for u in progress.units(lines)] == ["交通运输局", "教育局"]


def test_a_year_at_a_glance(world):
    with world.work():
        a, b, c = make_tracked(3, department_id=world.departments["county"])
        report(a.id, 5, 60)
        report(b.id, 5, 5, money_in_place=Decimal("100.50"), money_paid=Decimal("50.25"))
    with world.work():
        lines = progress.search(day=date(2027, 6, 6), year=2027)
        found = progress.summary(lines)
        assert found.lights == {Light.GREEN: 1, Light.YELLOW: 0, Light.RED: 2, Light.BLUE: 0}
        assert (found.total, found.missing) == (3, 1)
        assert (found.planned, found.in_place, found.paid) == (
            Decimal("2580.00"),
            Decimal("600.50"),
            Decimal("350.25"),
        )
        assert round(found.actual_percent, 2) == Decimal("21.67")
        assert progress.summary([]).actual_percent == 0
        assert c.id == lines[2].tracking.id


def test_the_years_curve_stops_before_a_month_that_is_still_open(world):
    with world.work():
        a, b = make_tracked(2)
        report(a.id, 1, 10)
        report(b.id, 1, 20)
        report(a.id, 2, 30)
    with world.work():
        early = curves.curve(progress.search(day=date(2027, 3, 4)), date(2027, 3, 4))
        assert [p.actual for p in early[:3]] == [15, None, None]
        late = curves.curve(progress.search(day=date(2027, 3, 6)), date(2027, 3, 6))
        assert [p.actual for p in late[:3]] == [15, 25, None]
        assert (late[-1].on, late[-1].planned, len(late)) == (date(2027, 12, 31), 100, 12)
        assert curves.curve([], date(2027, 3, 6)) == []


def test_a_projects_story_is_told_from_the_latest(world, tracked):
    plan(
        world,
        tracked,
        [
            PlannedStep(None, "招标", date(2027, 3, 31), 10, date(2027, 4, 2)),
            PlannedStep(None, "通车", date(2027, 11, 1), 90),
        ],
    )
    with world.work():
        report(tracked, 1, 5)
        report(tracked, 5, 100)
    with world.work():
        assert [m.name for m in progress.ahead(progress.get(tracked))] == ["通车"]
    finish(world, tracked, "complete", date(2027, 6, 10))
    with world.work():
        tracking = progress.get(tracked)
        assert [(m.kind, m.on) for m in progress.story(tracking)] == [
            ("end", date(2027, 6, 10)),
            ("report", date(2027, 5, 31)),
            ("milestone", date(2027, 4, 2)),
            ("report", date(2027, 1, 31)),
            ("start", date(2027, 1, 15)),
        ]
        assert progress.ahead(tracking) == []
        planned, actual = curves.chart_points(tracking)
        assert planned == [
            (date(2027, 1, 15), 0), (date(2027, 3, 31), 10), (date(2027, 11, 1), 90), (date(2027, 12, 20), 100),
        ]  # fmt: skip
        assert actual == [(date(2027, 1, 15), 0), (date(2027, 1, 31), 5), (date(2027, 5, 31), 100)]


def test_the_cover_is_of_the_latest_report(world):
    with world.work():
        a, b, c = make_tracked(3)
        uploads.add([picture("blue")], owner=a.project, by=BY, now=JUNE)
        uploads.add([picture("blue")], owner=b.project, by=BY, now=JUNE)
        report(a.id, 1, 5, photos=[picture("red")])
        report(a.id, 2, 9, photos=[picture("green"), picture("black")])
    with world.work():
        trackings = [line.tracking for line in progress.search(day=date(2027, 3, 4))]
        covers = progress.covers(trackings)
        assert {key: found.filename for key, found in covers.items()} == {a.id: "green.jpg", b.id: "blue.jpg"}
        assert progress.covers([]) == {}
        assert c.id not in covers


def test_another_body_sees_nothing_of_it(world, tracked):
    with world.work("other"):
        assert progress.get(tracked) is None
        assert progress.search(day=date(2027, 6, 6)) == []
        assert progress.years() == []


# --- adjusted by decision ------------------------------------------------------------------------------


def adjust(world, tracking_id, action=None, **changes):
    with world.work():
        plans.adjust(progress.get(tracking_id), action, changes, by=BY, now=JUNE)


def test_a_decision_moves_target_and_time_limit_and_keeps_the_old_words(world, tracked):
    with world.work():
        before = progress.get(tracked).project.target
    adjust(
        world, tracked, target="改造公路十公里。", due_on=date(2028, 3, 31), year_investment=Decimal("700.00")
    )
    with world.work():
        tracking = progress.get(tracked)
        kept = project_versions.versions(tracking.project)
        assert (tracking.due_on, tracking.project.due_on) == (date(2028, 3, 31), date(2027, 12, 20))
        assert [(v.text["年度目标"], v.text["完成时限"]) for v in kept[-2:]] == [
            (before, "2027年12月20日"),
            ("改造公路十公里。", "2028年3月31日"),
        ]
        assert reports.carried(tracking).money_planned == Decimal("700.00")
    entry = last_entry(world, "tracking.adjust")
    assert (entry.before["due_on"], entry.after["due_on"]) == ("2027-12-20", "2028-03-31")
    assert (entry.before["年度目标"], entry.after["年度目标"]) == (before, "改造公路十公里。")


def test_a_suspended_project_owes_nothing_until_it_goes_on(world, tracked):
    adjust(world, tracked, "suspend")
    line = read(world, tracked, date(2027, 9, 30))
    assert (line.light, line.standing.missing) == (Light.GREY, ())
    assert line.standing.words == "2027年6月15日经决定暂缓实施"
    with pytest.raises(RuleBroken, match="暂缓实施"), world.work():
        report(tracked, 6, 10)
    adjust(world, tracked, "resume", due_on=date(2028, 6, 30))
    with world.work():
        tracking = progress.get(tracked)
        assert (tracking.state, tracking.finished_on) == (TrackingState.RUNNING, None)
        report(tracked, 6, 10)


@pytest.mark.parametrize(
    ("first", "action", "changes", "words"),
    [
        (None, "resume", {}, "只有暂缓实施的项目可以恢复"),
        ("terminate", "resume", {}, "只有暂缓实施的项目可以恢复"),
        ("terminate", None, {"target": "别的"}, "已经终止实施"),
        (None, None, {"due_on": date(2027, 1, 1)}, "完成时限不能早于开始日期"),
        (None, None, {"due_on": date(2027, 5, 1)}, "节点“路面”的计划日期"),
    ],
)
def test_refuses_an_adjustment_that_cannot_be(world, tracked, first, action, changes, words):
    plan(world, tracked, [PlannedStep(None, "路面", date(2027, 9, 30), 70)])
    if first:
        adjust(world, tracked, first)
    with pytest.raises(RuleBroken) as refusal:
        adjust(world, tracked, action, **changes)
    assert words in refusal.value.message


# --- parts, sources, quarters --------------------------------------------------------------------------

PARTS = [
    {"name": "公路加宽", "target": "", "unit": "", "investment": None},
    {"name": "危桥改造", "target": "", "unit": "", "investment": None},
]


@pytest.fixture
def compound(world):
    """Track a project of two parts, weighing 3 and 1, with two sources of money; return its id and its parts' ids."""
    with world.work():
        tracking = make_tracked(1, department_id=world.departments["county"], start=9)[0]
        tracking.project.subprojects = [
            SubProject(position=n, **part) for n, part in enumerate(PARTS, start=1)
        ]
        db.session.flush()
        ids = [part.id for part in tracking.project.subprojects]
        made = tracking.id
    plan(world, made, [], weights={ids[0]: 3, ids[1]: 1})
    return made, ids


def told(ids, *percents):
    return [PartProgress(id_, percent, "") for id_, percent in zip(ids, percents, strict=True)]


def test_the_whole_is_reported_as_its_parts_say(world, compound):
    tracking_id, ids = compound
    with world.work():
        report(tracking_id, 1, 30, by=UNIT, parts=told(ids, 20, 60), money=SOURCES)
    with world.work():
        tracking = progress.get(tracking_id)
        assert [(p.part.name, p.part.weight, p.percent) for p in reports.parts_of(tracking)] == [
            ("公路加宽", 3, 20),
            ("危桥改造", 1, 60),
        ]
        assert reports.carried_money(tracking) == SOURCES
    entry = last_entry(world, "report.create")
    assert entry.after["parts"] == ["公路加宽 20%", "危桥改造 60%"]
    assert entry.after["money"][0] == "县财政：计划 500.00，到位 300.00，拨付 200.00"


SOURCES = [
    Money("县财政", Decimal("500.00"), Decimal("300.00"), Decimal("200.00")),
    Money("上级专项", Decimal("360.00"), Decimal("200.00"), Decimal("100.00")),
]


@pytest.mark.parametrize(
    ("by", "percent", "more", "field"),
    [
        (UNIT, 31, {}, "percent"),
        (UNIT, 31, {"percent_reason": "主体工程检测未通过，暂按已验收部分计。"}, "percent"),
        (GOVERNMENT, 31, {}, "percent_reason"),
        (UNIT, 30, {"money": SOURCES[:1]}, "money_planned"),
        (UNIT, 30, {"parts": 1}, "parts"),
    ],
)
def test_refuses_a_whole_that_is_not_its_parts(world, compound, by, percent, more, field):
    tracking_id, ids = compound
    rest = {key: value for key, value in more.items() if key != "parts"}
    with pytest.raises(RuleBroken) as refusal, world.work():
        report(tracking_id, 1, percent, by=by, parts=told(ids, 20, 60)[: more.get("parts", 2)], **rest)
    assert refusal.value.field == field


def test_the_government_office_says_why_it_counts_otherwise(world, compound):
    tracking_id, ids = compound
    why = "主体工程检测未通过，暂按已验收部分计。"
    with world.work():
        made = report(tracking_id, 1, 25, by=GOVERNMENT, parts=told(ids, 20, 60), percent_reason=why)
    with world.work():
        assert reports.get(made.id).percent_reason == why
        reports.correct(reports.get(made.id), figures(35, parts=told(ids, 20, 80)), by=GOVERNMENT, now=JUNE)
    with world.work():
        found = reports.get(made.id)
        assert (found.percent_reason, [p.percent for p in reports.parts_of(found.tracking)]) == (
            "",
            [20, 80],
        )
    entry = last_entry(world, "report.correct")
    assert (entry.before["parts"][1], entry.after["parts"][1]) == ("危桥改造 60%", "危桥改造 80%")


@pytest.mark.parametrize("values", [{"period": "quarter"}, {"weights": True}])
def test_period_and_weights_are_the_government_offices(world, compound, values):
    tracking_id, ids = compound
    if "weights" in values:
        values = {"weights": {ids[0]: 9}}
    with pytest.raises(RuleBroken) as refusal:
        plan(world, tracking_id, [], by=UNIT, **values)
    assert refusal.value.status == 403
    plan(world, tracking_id, [], by=UNIT, period="month", weights={ids[0]: 3})  # as they are


def test_a_quarterly_project_owes_what_a_quarter_owes(world, tracked):
    plan(world, tracked, [], period="quarter")
    with world.work():
        tracking = progress.get(tracked)
        assert reports.choices(tracking, date(2027, 5, 1)) == [date(2027, 3, 1), date(2027, 6, 1)]
        report(tracked, 3, 20)
        with pytest.raises(RuleBroken) as refusal:
            report(tracked, 4, 30)
    assert refusal.value.field == "month"
    assert read(world, tracked, date(2027, 7, 5)).standing.missing == ()
    assert read(world, tracked, date(2027, 7, 6)).standing.missing == (date(2027, 6, 1),)


def test_what_is_due_is_told_before_and_after_its_day(world, tracked):
    with world.work():
        report(tracked, 1, 10)
        found = [progress.due(date(2027, 3, day)) for day in (1, 5, 6)]
    said = [[(d.kind, d.about_id, d.due_on, d.title) for d in each] for each in found]
    assert said == [[("report", tracked, date(2027, 3, 5), "实事项目01：2月月报")]] * 3
    with world.work():
        assert progress.due(date(2027, 2, 27)) == []


def test_money_is_planned_as_the_work_is(world, tracked):
    with world.work():
        report(tracked, 1, 10, money_paid=Decimal("40.00"))
        report(tracked, 2, 20, money_paid=Decimal("90.00"))
    with world.work():
        lines = progress.search(day=date(2027, 3, 6))
        points = curves.money_curve(lines, date(2027, 3, 6))
        assert [p.paid for p in points[:3]] == [Decimal("40.00"), Decimal("90.00"), None]
        assert (points[-1].on, points[-1].planned) == (date(2027, 12, 31), Decimal("860.00"))
        assert [p.planned for p in points] == sorted(p.planned for p in points)
        told = curves.money_points(lines[0])
        assert [(p.on, p.paid_percent) for p in told] == [
            (date(2027, 1, 31), Decimal("4.7")),
            (date(2027, 2, 28), Decimal("10.5")),
        ]
