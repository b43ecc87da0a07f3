from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from votes.rules.delivery.lights import Light, LightSettings
from votes.rules.delivery.periods import Pause, month_end
from votes.rules.delivery.trackings import (
    TRACKING,
    CarryOver,
    Reported,
    TrackingState,
    carried_over,
    check_end,
    check_plan,
    check_report,
    money_warnings,
    planned_percent,
    standing,
)
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import actions, step

RUNNING, DONE, BASICALLY, UNFINISHED, SUSPENDED, TERMINATED = TrackingState
GREEN, YELLOW, ORANGE, RED, BLUE, GREY = Light


# --- the plan ------------------------------------------------------------------------------------------

START, DUE = date(2027, 1, 1), date(2027, 12, 31)  # 364 days


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 12, 31), "0"),
        (START, "0"),
        (date(2027, 7, 2), "50"),  # 时间过半任务过半
        (date(2027, 4, 2), "25"),
        (date(2027, 12, 30), "99.7"),
        (DUE, "100"),
        (date(2028, 5, 1), "100"),
    ],
)
def test_planned_percent_without_milestones_follows_time(day, expected):
    assert planned_percent([], START, DUE, day) == Decimal(expected)


MILESTONES = [(date(2027, 3, 31), 10), (date(2027, 9, 30), 70)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2027, 2, 15), "5.1"),  # 45 of 89 days to 10
        (date(2027, 3, 31), "10"),
        (date(2027, 6, 30), "39.8"),  # 91 of 183 days from 10 to 70
        (date(2027, 9, 30), "70"),
        (date(2027, 11, 15), "85"),
        (DUE, "100"),
    ],
)
def test_planned_percent_is_straight_between_milestones(day, expected):
    assert planned_percent(MILESTONES, START, DUE, day) == Decimal(expected)
    assert planned_percent(MILESTONES[::-1], START, DUE, day) == Decimal(expected)


@pytest.mark.parametrize(
    ("milestones", "starts_on", "due_on", "day", "expected"),
    [
        ([], START, START, START, "100"),  # due on the day it begins
        ([], START, START, date(2026, 12, 31), "0"),
        ([(START, 30)], START, DUE, START, "30"),
        ([(DUE, 80)], START, DUE, DUE, "100"),
        ([(date(2027, 6, 1), 20), (date(2027, 6, 1), 40)], START, DUE, date(2027, 6, 1), "40"),
        ([(date(2027, 3, 1), 60), (date(2027, 6, 1), 40)], START, DUE, date(2027, 6, 1), "60"),
        ([], date(2028, 2, 1), date(2028, 3, 1), date(2028, 2, 29), "96.6"),  # a leap February: 28 of 29 days
        ([], date(2027, 2, 1), date(2027, 3, 1), date(2027, 2, 28), "96.4"),  # 27 of 28
    ],
)
def test_planned_percent_at_its_edges(milestones, starts_on, due_on, day, expected):
    assert planned_percent(milestones, starts_on, due_on, day) == Decimal(expected)


days = st.dates(date(2026, 1, 1), date(2029, 12, 31))
plans = st.lists(st.tuples(days, st.integers(0, 100)), max_size=6)


@given(plans, days, days, days, days)
def test_planned_percent_never_falls(milestones, one, two, three, four):
    starts_on, due_on = sorted((one, two))
    earlier, later = sorted((three, four))
    assert planned_percent(milestones, starts_on, due_on, earlier) <= planned_percent(
        milestones, starts_on, due_on, later
    )


@given(plans, days, days, days)
def test_planned_percent_stays_between_0_and_100(milestones, one, two, day):
    starts_on, due_on = sorted((one, two))
    assert 0 <= planned_percent(milestones, starts_on, due_on, day) <= 100


@given(days, days, st.integers(0, 100), st.integers(0, 100))
def test_planned_percent_reaches_a_milestone_on_its_day(one, two, place, percent):
    starts_on, due_on = sorted((one, two))
    on = starts_on + (due_on - starts_on) * place // 100
    expected = 100 if on == due_on else percent
    assert planned_percent([(on, percent)], starts_on, due_on, on) == expected


@pytest.mark.parametrize(
    ("milestones", "starts_on", "due_on", "field", "words"),
    [
        ([], DUE, START, "due_on", "完成时限不能早于开始日期"),
        ([("开工", date(2026, 12, 31), 0)], START, DUE, "milestones", "节点“开工”的计划日期"),
        ([("通车", date(2028, 1, 1), 100)], START, DUE, "milestones", "节点“通车”的计划日期"),
        ([("通车", DUE, 101)], START, DUE, "milestones", "应在 0 至 100 之间"),
        (
            [("桥梁", date(2027, 6, 1), 60), ("路面", date(2027, 8, 1), 50)],
            START,
            DUE,
            "milestones",
            "节点“路面”的计划进度（50%）低于此前的节点“桥梁”（60%）",
        ),
    ],
)
def test_check_plan_impossible_is_refused(milestones, starts_on, due_on, field, words):
    with pytest.raises(RuleBroken) as refusal:
        check_plan(milestones, starts_on, due_on)
    assert refusal.value.field == field
    assert words in refusal.value.message


def test_check_plan_in_any_order_passes():
    check_plan([("路面", DUE, 100), ("桥梁", date(2027, 6, 1), 60), ("开工", START, 0)], START, DUE)


JAN, FEB = date(2027, 1, 1), date(2027, 2, 1)


# --- reports -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "narrative", "before"),
    [
        (52, "", None),
        (52, "", 52),
        (53, "", 52),
        (40, "经复核，上月多计路基三公里，据实调减。", 52),
    ],
)
def test_check_report_progress_and_explained_fall_pass(percent, narrative, before):
    check_report(percent=percent, narrative=narrative, before=before)


@pytest.mark.parametrize("narrative", ["", "   ", "据实调减"])
def test_check_report_fall_without_reason_is_refused(narrative):
    with pytest.raises(RuleBroken) as refusal:
        check_report(percent=51, narrative=narrative, before=52)
    assert refusal.value.field == "narrative"
    assert refusal.value.message.startswith("形象进度 51% 低于上次月报的 52%。")


@pytest.mark.parametrize(
    ("in_place", "paid", "before", "count"),
    [(100, 100, None, 0), (100, 101, None, 1), (100, 90, (100, 90), 0), (99, 89, (100, 90), 2), (99, 100, (100, 90), 2)],
)  # fmt: skip
def test_money_warnings_name_what_does_not_fit(in_place, paid, before, count):
    result = money_warnings(
        in_place=Decimal(in_place), paid=Decimal(paid), before=before and tuple(map(Decimal, before))
    )
    assert len(result) == count


# --- where a project stands ----------------------------------------------------------------------------


def stands(*reports, day, **more):
    return standing(
        milestones=more.pop("milestones", []),
        starts_on=START,
        due_on=DUE,
        reports=[Reported(*report) for report in reports],
        day=day,
        **more,
    )


@pytest.mark.parametrize(
    ("reports", "day", "expected"),
    [
        ([], date(2026, 12, 1), (GREEN, "计划2027年1月1日开始，尚未到期")),
        ([], date(2027, 2, 5), (GREEN, "已开始，首次月报于2月5日前报送")),
        (
            [],
            date(2027, 2, 6),
            (YELLOW, "1月没有报送进展，视为尚未开始；至1月底计划 8.2%，实际 0%，落后 8.2 个百分点"),
        ),
        (
            [],
            date(2027, 4, 6),
            (RED, "1月至3月没有报送进展，视为尚未开始；至3月底计划 24.5%，实际 0%，落后 24.5 个百分点"),
        ),
        ([(JAN, 8, date(2027, 2, 3))], date(2027, 2, 6), (GREEN, "至1月底计划 8.2%，实际 8%，落后 0.2 个百分点")),
        ([(JAN, 12, date(2027, 2, 3))], date(2027, 2, 6), (GREEN, "至1月底计划 8.2%，实际 12%，超前 3.8 个百分点")),
        # handed in on the 22nd: held against the plan of that day
        ([(JAN, 6, date(2027, 1, 22))], date(2027, 1, 31), (GREEN, "至1月22日计划 5.8%，实际 6%，超前 0.2 个百分点")),
        # silence does not stay green
        (
            [(JAN, 8, date(2027, 2, 3))],
            date(2027, 4, 6),
            (YELLOW, "2月至3月月报逾期未报，按1月所报进度计；至3月底计划 24.5%，实际 8%，落后 16.5 个百分点"),
        ),
        (
            [(JAN, 8, date(2027, 2, 3)), (date(2027, 12, 1), 97, date(2028, 1, 4))],
            date(2028, 1, 10),
            (YELLOW, "至2027年12月底计划 100%，实际 97%，落后 3 个百分点，完成时限已到"),
        ),
    ],
)  # fmt: skip
def test_standing_gives_the_light_and_its_reason(reports, day, expected):
    result = stands(*reports, day=day)
    assert (result.light, result.words) == expected


def test_standing_writes_70_not_70_0():
    result = stands((date(2027, 9, 1), 52, date(2027, 10, 4)), day=date(2027, 10, 10), milestones=MILESTONES)
    assert result.words == "至9月底计划 70%，实际 52%，落后 18 个百分点"
    assert (result.behind, result.as_of, result.missing) == (18, date(2027, 9, 30), ())


def test_standing_exactly_as_planned_says_so():
    result = stands((date(2027, 9, 1), 70, date(2027, 10, 4)), day=date(2027, 10, 10), milestones=MILESTONES)
    assert result.words == "至9月底计划 70%，实际 70%，与计划持平"


@pytest.mark.parametrize(
    ("state", "light_", "words"),
    [
        (DONE, BLUE, "2027年10月12日完成并通过验收"),
        (BASICALLY, YELLOW, "2027年10月12日认定为基本完成，尚有收尾工作"),
        (UNFINISHED, RED, "2027年10月12日认定为未完成"),
    ],
)
def test_standing_of_ended_project_owes_no_reports(state, light_, words):
    result = stands(
        (date(2027, 9, 1), 100, date(2027, 10, 4)),
        day=date(2028, 6, 1),
        state=state,
        finished_on=date(2027, 10, 12),
    )
    assert (result.light, result.words, result.missing) == (light_, words, ())


@given(st.lists(st.integers(0, 100), min_size=1, max_size=12), st.integers(0, 500))
def test_standing_light_follows_from_its_figures(percents, later):
    reports = [(date(2027, n, 1), p, date(2027, n, 28)) for n, p in enumerate(percents, start=1)]
    result = stands(*reports, day=date(2027, 1, 28) + timedelta(days=later))
    gap = result.planned - result.actual
    short = result.as_of >= DUE and result.actual < 100
    assert result.light == (RED if gap > 30 else YELLOW if gap >= 10 or short else GREEN)
    assert result.as_of >= month_end(reports[-1][0]) - timedelta(days=3)


def test_standing_in_five_colours_says_the_part_of_the_plan():
    result = stands(
        (date(2027, 9, 1), 28, date(2027, 10, 4)),
        day=date(2027, 10, 10),
        milestones=MILESTONES,
        settings=LightSettings(scheme="five"),
    )
    assert (result.light, result.words) == (
        ORANGE,
        "至9月底计划 70%，实际 28%，落后 42 个百分点，为计划的 40%",
    )


def test_standing_with_too_little_paid_is_red_and_says_so():
    report = (date(2027, 6, 1), 49, date(2027, 7, 2), Decimal("43.1"))
    result = stands(report, day=date(2027, 7, 8), settings=LightSettings(funds_month=6, funds=70))
    assert result.light == RED
    assert result.words.endswith("；资金拨付率 43.1%，低于6月底 70% 的要求")


@pytest.mark.parametrize(
    ("reports", "day", "expected"),
    [
        ([], date(2027, 4, 5), (GREEN, "已开始，首次季报于4月5日前报送")),
        ([], date(2027, 4, 6), (RED, "第一季度没有报送进展，视为尚未开始；至3月底计划 24.5%，实际 0%，落后 24.5 个百分点")),
        ([(date(2027, 3, 1), 24, date(2027, 4, 2))], date(2027, 7, 5), (GREEN, "至3月底计划 24.5%，实际 24%，落后 0.5 个百分点")),
        (
            [(date(2027, 3, 1), 24, date(2027, 4, 2))],
            date(2027, 7, 6),
            (YELLOW, "第二季度季报逾期未报，按第一季度所报进度计；至6月底计划 49.5%，实际 24%，落后 25.5 个百分点"),
        ),
        # completed before the quarter is over: compared with the plan on the day of the report
        ([(date(2027, 9, 1), 100, date(2027, 8, 24))], date(2027, 8, 25), (GREEN, "至8月24日计划 64.6%，实际 100%，超前 35.4 个百分点")),
    ],
)  # fmt: skip
def test_standing_of_quarterly_project_is_by_quarters(reports, day, expected):
    result = stands(*reports, day=day, period="quarter")
    assert (result.light, result.words) == expected


# --- the end -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (RUNNING, ["complete", "basically", "fail", "suspend", "terminate"]),
        (BASICALLY, ["complete", "resume"]),
        (UNFINISHED, ["complete", "resume"]),
        (DONE, ["resume"]),
    ],
)
def test_lifecycle_has_three_ends_and_a_way_back(state, expected):
    assert actions(TRACKING, state) == expected


def test_lifecycle_ended_project_is_not_ended_again():
    with pytest.raises(RuleBroken):
        step(TRACKING, DONE, "complete")


SUMMER = date(2028, 6, 30)


@pytest.mark.parametrize(
    ("due_on", "voted", "expected"),
    [
        (date(2027, 12, 31), date(2027, 12, 31), None),
        (date(2027, 11, 15), date(2027, 10, 15), None),  # moved within its year
        (date(2028, 1, 1), date(2027, 12, 31), CarryOver.POSTPONED),
        (SUMMER, SUMMER, CarryOver.MULTI_YEAR),  # as voted
        (date(2028, 12, 31), SUMMER, CarryOver.POSTPONED),  # voted for two years, and moved
        (date(2028, 3, 31), SUMMER, CarryOver.MULTI_YEAR),  # brought forward, still beyond its year
        (date(2026, 12, 1), date(2026, 12, 1), None),
    ],
)
def test_carried_over_says_why_a_project_goes_on(due_on, voted, expected):
    assert carried_over(2027, due_on, voted) == expected


@pytest.mark.parametrize(
    ("carried", "words"),
    [
        (CarryOver.POSTPONED, "；完成时限按决定顺延至2028年6月30日"),
        (CarryOver.MULTI_YEAR, "；跨年度项目，完成时限为2028年6月30日"),
        (None, ""),
    ],
)
def test_standing_of_carried_project_says_that_it_goes_on(carried, words):
    """What a decision moved is neither failed nor late by the old time limit at the year's end."""
    reports = [Reported(date(2027, 12, 1), 78, date(2028, 1, 3))]
    plan = [(date(2027, 12, 31), 90)]
    result = standing(
        milestones=plan,
        starts_on=START,
        due_on=SUMMER,
        reports=reports,
        day=date(2028, 1, 16),
        carried=carried,
    )
    assert result.words == f"至2027年12月底计划 90%，实际 78%，落后 12 个百分点{words}"
    assert result.light == YELLOW
    ended = standing(
        milestones=plan, starts_on=START, due_on=SUMMER, reports=reports, day=SUMMER,
        state=DONE, finished_on=SUMMER, carried=carried,
    )  # fmt: skip
    assert (ended.light, ended.words) == (BLUE, "2028年6月30日完成并通过验收")


@pytest.mark.parametrize(
    ("state", "to", "on", "percent", "refused"),
    [
        (RUNNING, UNFINISHED, date(2027, 12, 31), 78, "before_the_limit"),
        (RUNNING, BASICALLY, date(2027, 12, 29), 74, "before_the_limit"),
        (RUNNING, BASICALLY, date(2028, 1, 2), 96, None),  # in the year of the limit
        (RUNNING, UNFINISHED, date(2028, 7, 1), 96, None),
        (RUNNING, DONE, date(2027, 12, 20), 100, None),  # completed early
        (RUNNING, DONE, date(2028, 6, 30), 99, "not_at_100"),
        (BASICALLY, DONE, date(2028, 6, 30), 99, "not_at_100"),
        (RUNNING, DONE, None, 100, ""),
        (RUNNING, DONE, date(2026, 12, 31), 100, ""),  # before its start
        (RUNNING, DONE, date(2028, 8, 2), 100, ""),  # tomorrow
    ],
)
def test_check_end_before_its_time_is_refused(state, to, on, percent, refused):
    def check():
        check_end(state, to, on=on, starts_on=START, due_on=SUMMER, today=date(2028, 8, 1), percent=percent)

    if refused is None:
        check()
        return
    with pytest.raises(RuleBroken) as caught:
        check()
    assert (caught.value.code or "") == refused
    if refused == "not_at_100":
        assert ("先恢复为实施中" in caught.value.message) is (
            state == BASICALLY
        )  # nothing is reported meanwhile


@pytest.mark.parametrize(
    ("state", "finished_on", "as_of", "planned"),
    [
        (DONE, date(2027, 10, 12), DUE, 100),  # ahead of its time: by then all of the plan counts
        (UNFINISHED, DUE, DUE, 100),
        (SUSPENDED, date(2027, 7, 2), date(2027, 7, 2), 50),  # nothing is expected of it since
        (TERMINATED, date(2027, 7, 2), date(2027, 7, 2), 50),
    ],
)
def test_standing_of_ended_project_reads_the_plan_at_its_end(state, finished_on, as_of, planned):
    result = stands((JAN, 8, date(2027, 2, 3)), day=date(2028, 1, 16), state=state, finished_on=finished_on)
    assert (result.as_of, round(result.planned)) == (as_of, planned)


def test_standing_owes_nothing_for_a_suspension():
    pause = Pause(date(2027, 4, 10), date(2027, 8, 20))
    reports = [(JAN, 8, date(2027, 2, 3))]
    result = stands(*reports, day=date(2027, 9, 6), pauses=[pause])
    assert result.missing == (date(2027, 2, 1), date(2027, 3, 1), date(2027, 8, 1))
    assert result.words.startswith("2月至3月、8月月报逾期未报，")
    assert stands(*reports, day=date(2027, 9, 5), pauses=[pause]).missing == result.missing[:2]
    begun = stands(day=date(2027, 9, 6), pauses=[Pause(date(2027, 1, 20), date(2027, 8, 20))])
    assert (begun.idle, begun.light) == (1, RED), "one month lost, 60 points behind"
    assert (
        stands(*reports, day=date(2027, 9, 6), pauses=[Pause(date(2027, 1, 31), date(2027, 9, 1))]).missing
        == ()
    )
