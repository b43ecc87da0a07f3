"""Plans: taken over from the decision, set and changed, ended, adjusted by decision."""

from datetime import date
from decimal import Decimal

import pytest

from tests import factories
from tests.services.delivery.acts import JUNE, UNIT, adjust, finish, last_entry, plan, read_line
from tests.years import BY, at, report
from votes.rules.delivery.lights import Light
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.projects.projects import ProjectState
from votes.services.delivery import plans, reports, trackings
from votes.services.delivery.plans import PlannedStep
from votes.services.projects import versions as project_versions


def test_start_selected_project_takes_over_what_was_decided(world):
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
def test_start_dates_follow_vote_and_time_limit(world, due_on, starts_on, expected):
    with world.work():
        project = factories.make_project("示例公路", state=ProjectState.SELECTED, due_on=due_on)
        tracking = plans.start(project, round_id=None, by=BY, now=at(2027, 1, 16), starts_on=starts_on)
        assert (tracking.starts_on, tracking.due_on) == expected


@pytest.mark.parametrize("state", [s for s in ProjectState if s != ProjectState.SELECTED])
def test_start_project_not_selected_is_refused(world, state):
    with world.work():
        project = factories.make_project("示例公路", state=state)
        with pytest.raises(RuleBroken, match="尚未经票决选定"):
            plans.start(project, round_id=None, by=BY, now=JUNE)


def test_start_twice_is_refused(world, tracking_id):
    with pytest.raises(RuleBroken, match="已在进度跟踪中"), world.work():
        plans.start(trackings.get(tracking_id).project, round_id=None, by=BY, now=JUNE)


def test_plan_set_and_changed_is_read_back(world, tracking_id):
    plan(
        world,
        tracking_id,
        [PlannedStep(None, "招标", date(2027, 3, 31), 10), PlannedStep(None, "路面", date(2027, 9, 30), 70)],
    )
    with world.work():
        first, second = trackings.get(tracking_id).milestones
        steps = [
            PlannedStep(first.id, "完成招标", first.planned_on, 10, date(2027, 4, 2), "晚两天"),
            PlannedStep(None, "通车", date(2027, 11, 30), 95),
        ]
    plan(world, tracking_id, steps)
    with world.work():
        result = trackings.get(tracking_id).milestones
        assert [(m.name, m.planned_percent, m.actual_on, m.note) for m in result] == [
            ("完成招标", 10, date(2027, 4, 2), "晚两天"),
            ("通车", 95, None, ""),
        ]
        assert result[0].id == first.id
    entry = last_entry(world, "tracking.plan")
    assert [m["name"] for m in entry.before["milestones"]] == ["招标", "路面"]
    assert [m["name"] for m in entry.after["milestones"]] == ["完成招标", "通车"]
    assert second.name == "路面"


def test_plan_unchanged_leaves_no_audit_line(world, tracking_id):
    plan(world, tracking_id, [])
    assert last_entry(world, "tracking.plan") is None


def test_plan_by_government_moves_due_date_unit_and_leader(world, tracking_id, other_unit):
    plan(world, tracking_id, [], due_on=date(2027, 11, 30), department_id=other_unit, leader=" 副镇长 ")
    with world.work():
        tracking = trackings.get(tracking_id)
        assert (tracking.due_on, tracking.department_id, tracking.leader) == (
            date(2027, 11, 30),
            other_unit,
            "副镇长",
        )
        assert tracking.department.name == "教育局"


@pytest.mark.parametrize(
    "values", [{"due_on": date(2027, 12, 31)}, {"leader": "别人"}, {"department_id": "other"}]
)
def test_plan_by_unit_with_values_of_government_is_forbidden(world, tracking_id, other_unit, values):
    if "department_id" in values:
        values = {"department_id": other_unit}
    with pytest.raises(RuleBroken) as refusal:
        plan(world, tracking_id, [], by=UNIT, **values)
    assert refusal.value.status == 403


def test_plan_by_unit_sets_milestones(world, tracking_id):
    plan(
        world,
        tracking_id,
        [PlannedStep(None, "招标", date(2027, 3, 31), 10)],
        by=UNIT,
        starts_on=date(2027, 2, 1),
    )
    with world.work():
        tracking = trackings.get(tracking_id)
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
def test_plan_impossible_is_refused_and_the_old_one_stays(world, tracking_id, steps, values, words):
    with pytest.raises(RuleBroken) as refusal:
        plan(world, tracking_id, steps, **values)
    assert words in refusal.value.message
    assert refusal.value.field is not None
    with world.work():
        assert trackings.get(tracking_id).milestones == []


def test_plan_with_unit_of_other_body_is_refused(world, tracking_id):
    with pytest.raises(RuleBroken, match="不属于这一级人大"):
        plan(world, tracking_id, [], department_id=world.departments["other"])


@pytest.mark.parametrize("values", [{"period": "quarter"}, {"weights": True}])
def test_plan_by_unit_with_period_or_weights_is_forbidden(world, compound, values):
    tracking_id, ids = compound
    if "weights" in values:
        values = {"weights": {ids[0]: 9}}
    with pytest.raises(RuleBroken) as refusal:
        plan(world, tracking_id, [], by=UNIT, **values)
    assert refusal.value.status == 403
    plan(world, tracking_id, [], by=UNIT, period="month", weights={ids[0]: 3})  # as they are


def test_finish_complete_ends_the_reports_until_resumed(world, tracking_id):
    with world.work():
        report(tracking_id, 5, 100)
    finish(world, tracking_id, "complete", date(2027, 6, 10))
    line = read_line(world, tracking_id, date(2027, 12, 31))
    assert (line.light, line.standing.missing) == (Light.BLUE, ())
    with pytest.raises(RuleBroken, match="已经办结"), world.work():
        report(tracking_id, 6, 100)
    with pytest.raises(RuleBroken, match="已经办结"):
        plan(world, tracking_id, [])
    with world.work():
        assert reports.choices(trackings.get(tracking_id), date(2027, 12, 31)) == []
        assert not reports.correctable(trackings.get(tracking_id).reports[-1])
    finish(world, tracking_id, "resume")
    with world.work():
        report(tracking_id, 6, 100)
    assert read_line(world, tracking_id, date(2027, 7, 1)).tracking.finished_on is None


def test_finish_complete_below_100_is_refused(world, tracking_id):
    with world.work():
        report(tracking_id, 5, 98)
    with pytest.raises(RuleBroken) as refusal:
        finish(world, tracking_id, "complete", date(2027, 6, 10))
    assert refusal.value.code == "not_at_100"
    finish(world, tracking_id, "basically", date(2027, 6, 10))
    assert read_line(world, tracking_id, date(2027, 6, 15)).light == Light.YELLOW
    finish(world, tracking_id, "resume")
    finish(world, tracking_id, "fail", date(2027, 6, 10))
    assert read_line(world, tracking_id, date(2027, 6, 15)).light == Light.RED


@pytest.mark.parametrize("on", [None, date(2027, 1, 14), date(2027, 6, 16)])
def test_finish_on_impossible_day_is_refused(world, tracking_id, on):
    with pytest.raises(RuleBroken) as refusal:
        finish(world, tracking_id, "fail", on)
    assert refusal.value.field == "finished_on"


def test_adjust_moves_target_and_limit_and_keeps_the_old_words(world, tracking_id):
    with world.work():
        before = trackings.get(tracking_id).project.target
    adjust(
        world,
        tracking_id,
        target="改造公路十公里。",
        due_on=date(2028, 3, 31),
        year_investment=Decimal("700.00"),
    )
    with world.work():
        tracking = trackings.get(tracking_id)
        versions = project_versions.versions(tracking.project)
        assert (tracking.due_on, tracking.project.due_on) == (date(2028, 3, 31), date(2027, 12, 20))
        assert [(v.text["年度目标"], v.text["完成时限"]) for v in versions[-2:]] == [
            (before, "2027年12月20日"),
            ("改造公路十公里。", "2028年3月31日"),
        ]
        assert reports.carried(tracking).money_planned == Decimal("700.00")
    entry = last_entry(world, "tracking.adjust")
    assert (entry.before["due_on"], entry.after["due_on"]) == ("2027-12-20", "2028-03-31")
    assert (entry.before["年度目标"], entry.after["年度目标"]) == (before, "改造公路十公里。")


def test_adjust_suspended_project_owes_no_reports(world, tracking_id):
    adjust(world, tracking_id, "suspend")
    line = read_line(world, tracking_id, date(2027, 9, 30))
    assert (line.light, line.standing.missing) == (Light.GREY, ())
    assert line.standing.words == "2027年6月15日经决定暂缓实施"
    with pytest.raises(RuleBroken, match="暂缓实施"), world.work():
        report(tracking_id, 6, 10)
    adjust(world, tracking_id, "resume", due_on=date(2028, 6, 30))
    with world.work():
        tracking = trackings.get(tracking_id)
        assert (tracking.state, tracking.finished_on) == (TrackingState.RUNNING, None)
        report(tracking_id, 6, 10)


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
def test_adjust_impossible_is_refused(world, tracking_id, first, action, changes, words):
    plan(world, tracking_id, [PlannedStep(None, "路面", date(2027, 9, 30), 70)])
    if first:
        adjust(world, tracking_id, first)
    with pytest.raises(RuleBroken) as refusal:
        adjust(world, tracking_id, action, **changes)
    assert words in refusal.value.message
