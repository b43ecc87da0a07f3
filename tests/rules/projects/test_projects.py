"""What may be written about a project, what is missing, whose turn it is, how the list is numbered."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import actions, step
from votes.rules.projects import projects as rules
from votes.rules.projects.projects import GATES, PROJECT, Gap, Gate, ProjectState

COUNTY = GATES["county"]
S = ProjectState


def whole(**changes):
    """A project with nothing missing."""
    return {
        "year": 2027,
        "name": "示例路",
        "category": "交通出行",
        "kind": "works",
        "content": "改造 12 公里",
        "target": "完工",
        "location": "示例镇",
        "total_investment": Decimal("860.00"),
        "year_investment": Decimal("860.00"),
        "due_on": date(2027, 12, 20),
        "benefit_scope": "6 个村",
        "beneficiaries": 8200,
        "department": 1,
        "partners": "",
        "leader": "",
        "multi_year": False,
        "stage_goal": "",
        "background": "",
        "feasibility": "",
        "preparation": "",
        "safeguards": "",
        "funding": [{"source": "县财政", "amount": Decimal("860.00")}],
        "subprojects": [],
        **changes,
    }


def part(**changes):
    return {"name": "一期", "target": "", "unit": "", "investment": None, **changes}


def test_a_whole_project_has_neither_faults_nor_gaps():
    assert rules.faults(whole()) == {}
    assert rules.gaps(whole()) == []


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": "  "}, "name", "请填写项目名称。"),
        ({"name": "路" * 61}, "name", "最多 60 个字，现在有 61 个。"),
        ({"content": "字" * 2001}, "content", "最多 2000 个字，现在有 2001 个。"),
        ({"category": ""}, "category", "请选择类别。"),
        ({"category": "打井"}, "category", f"应为以下之一：{'、'.join(rules.CATEGORIES)}。"),
        ({"kind": "soft"}, "kind", "应为工程类或政策服务类。"),
        ({"year": None}, "year", "应为四位年份，例如 2027。"),
        ({"year": 27}, "year", "应为四位年份，例如 2027。"),
        ({"total_investment": Decimal("-1")}, "total_investment", "金额不能是负数。"),
        ({"total_investment": Decimal("8600000000")}, "total_investment", "金额过大，请确认单位是万元。"),
        ({"year_investment": Decimal("1.234")}, "year_investment", "金额以万元为单位，最多保留两位小数。"),
        ({"beneficiaries": -1}, "beneficiaries", "人数应为 0 至 99999999 之间的整数。"),
        ({"due_on": date(227, 12, 20)}, "due_on", "日期不对，请核对年份。"),
        ({"funding": [{"source": " ", "amount": Decimal(1)}]}, "funding", "第 1 行：没有填写资金来源。"),
        ({"funding": [{"source": "县财政", "amount": Decimal(-1)}]}, "funding", "第 1 行：金额不能是负数。"),
        ({"subprojects": [part(), part(name="")]}, "subprojects", "第 2 行：没有填写子项目名称。"),
        ({"subprojects": [part(unit="局" * 61)]}, "subprojects", "第 1 行：实施单位最多 60 个字。"),
        ({"subprojects": [part(investment=Decimal("-0.01"))]}, "subprojects", "第 1 行：金额不能是负数。"),
    ],
)
def test_what_cannot_be_saved(changes, field, message):
    assert rules.faults(whole(**changes)) == {field: message}


@pytest.mark.parametrize("name", ["路" * 60, "a"])
def test_names_up_to_sixty_signs_are_fine(name):
    assert rules.faults({"name": name}) == {}


def test_what_is_not_given_is_not_judged():
    assert rules.faults({}) == {}


@pytest.mark.parametrize(
    ("changes", "gaps"),
    [
        ({"content": ""}, [Gap("content", "未填写建设内容和规模")]),
        ({"department": None}, [Gap("department", "未填写牵头单位")]),
        ({"location": ""}, [Gap("location", "工程类项目未填写建设地点")]),
        ({"location": "", "kind": "policy"}, []),
        ({"beneficiaries": None, "leader": ""}, []),
        ({"funding": []}, [Gap("funding", "未填写资金来源")]),
        (
            {"funding": [{"source": "县财政", "amount": Decimal("500")}]},
            [Gap("funding", "资金来源合计 500.00万元，与总投资 860.00万元 不一致")],
        ),
        (
            {"funding": [{"source": "县财政", "amount": None}]},
            [],
        ),  # an amount not yet known is no contradiction
        ({"year_investment": Decimal("860.01")}, [Gap("year_investment", "当年计划投资大于总投资")]),
        ({"year_investment": Decimal("0")}, []),
        ({"due_on": date(2026, 12, 31)}, [Gap("due_on", "完成时限早于实施年度")]),
        ({"due_on": date(2028, 1, 1)}, [Gap("due_on", "完成时限晚于实施年度，但没有标明跨年度")]),
        ({"due_on": date(2028, 1, 1), "multi_year": True, "stage_goal": "主体完工"}, []),
        ({"multi_year": True}, [Gap("stage_goal", "跨年度项目未填写年度阶段性目标")]),
    ],
)
def test_what_is_missing_before_it_can_be_submitted(changes, gaps):
    assert rules.gaps(whole(**changes)) == gaps


@pytest.mark.parametrize(
    ("state", "open_actions"),
    [
        (S.DRAFT, ["submit", "withdraw"]),
        (S.REVIEWING, ["pass", "approve", "return", "withdraw"]),
        (S.APPROVED, ["list", "return", "withdraw"]),
        (S.LISTED, ["unlist", "select", "not_select"]),
        (S.SELECTED, []),
        (S.NOT_SELECTED, []),
        (S.WITHDRAWN, ["restore"]),
    ],
)
def test_the_life_of_a_project(state, open_actions):
    assert actions(PROJECT, state) == open_actions


def test_every_state_can_be_reached_from_a_draft():
    reached, ahead = {S.DRAFT}, [S.DRAFT]
    while ahead:
        state = ahead.pop()
        for action in actions(PROJECT, state):
            after = step(PROJECT, state, action)
            if after not in reached:
                reached.add(after)
                ahead.append(after)
    assert reached == set(ProjectState)


@pytest.mark.parametrize(
    ("passed", "key", "action"),
    [
        (0, "government", "pass"),
        (1, "party", "pass"),
        (2, "standing", "approve"),
        (7, "standing", "approve"),  # the place had more gates when it began
    ],
)
def test_gates_are_passed_in_their_order(passed, key, action):
    assert rules.next_gate(COUNTY, passed).key == key
    assert rules.gate_action(COUNTY, passed) == action


@pytest.mark.parametrize(
    ("state", "passed", "roles", "message"),
    [
        (S.REVIEWING, 0, {"government"}, None),
        (S.REVIEWING, 2, {"office"}, None),
        (S.APPROVED, 3, {"office"}, None),
        (S.REVIEWING, 0, {"office"}, "“政府常务会议”由政府办办理，您的账号不能记录。没有作任何改动。"),
        (
            S.REVIEWING,
            2,
            {"government"},
            "“县人大常委会会议”由人大办办理，您的账号不能记录。没有作任何改动。",
        ),
        (S.APPROVED, 3, {"government"}, "“票决名单”由人大办办理，您的账号不能记录。没有作任何改动。"),
        (S.REVIEWING, 1, {"department"}, "“县委常委会会议”由政府办办理，您的账号不能记录。没有作任何改动。"),
    ],
)
def test_who_records_a_gate(state, passed, roles, message):
    if message is None:
        rules.check_recorder(state, COUNTY, passed, roles)
        return
    with pytest.raises(RuleBroken) as refusal:
        rules.check_recorder(state, COUNTY, passed, roles)
    assert (refusal.value.message, refusal.value.status) == (message, 403)


@pytest.mark.parametrize(
    ("day", "previous", "message"),
    [
        (date(2027, 1, 15), None, None),
        (date(2027, 1, 10), date(2027, 1, 10), None),
        (date(2027, 1, 16), None, "日期晚于今天，请在会议召开后记录。"),
        (date(2027, 1, 9), date(2027, 1, 10), "日期早于上一环节（2027年1月10日），请核对。"),
    ],
)
def test_the_date_of_a_decision(day, previous, message):
    if message is None:
        rules.check_decision_date(day, previous=previous, today=date(2027, 1, 15))
        return
    with pytest.raises(RuleBroken) as refusal:
        rules.check_decision_date(day, previous=previous, today=date(2027, 1, 15))
    assert (refusal.value.message, refusal.value.field) == (message, "decided_on")


@pytest.mark.parametrize(
    ("state", "passed", "line"),
    [
        (S.DRAFT, 0, "now ahead ahead ahead ahead ahead"),
        (S.REVIEWING, 1, "past past now ahead ahead ahead"),
        (S.APPROVED, 3, "past past past past now ahead"),
        (S.LISTED, 3, "past past past past past now"),
        (S.SELECTED, 3, "past past past past past past"),
        (S.REVIEWING, 9, "past past past now ahead ahead"),
    ],
)
def test_the_line_of_steps(state, passed, line):
    assert " ".join(s.standing for s in rules.steps(state, COUNTY, passed)) == line


@pytest.mark.parametrize("state", list(ProjectState))
def test_somebody_or_nobody_is_told_what_to_do_in_every_state(state):
    who, what = rules.next_step(state, COUNTY, 0, 0)
    assert what
    assert bool(who) is (state != S.NOT_SELECTED)


def test_whose_turn_it_is_follows_the_gates_of_the_place():
    own = (Gate("all", "联席会议", "office"),)
    assert rules.next_step(S.REVIEWING, own, 0, 0) == ("人大办", "在联席会议审议后，记录日期、文号和意见")


@pytest.mark.parametrize(
    ("numbers", "outcome"),
    [
        ({7: 2, 5: 1, 9: 3}, [5, 7, 9]),
        ({7: 1}, [7]),
        ({}, "没有勾选任何项目。请勾选要列入票决的项目。"),
        ({7: 1, 5: None}, "有已勾选的项目没有编号，请填写编号或点“重新编号”。"),
        ({7: 1, 5: 1}, "编号应从 1 连续编到 2，现在重复第 1 号。请修改或点“重新编号”。"),
        ({7: 1, 5: 3}, "编号应从 1 连续编到 2，现在缺少第 2 号。请修改或点“重新编号”。"),
        ({7: 0, 5: 1}, "编号应从 1 连续编到 2，现在缺少第 2 号。请修改或点“重新编号”。"),
    ],
)
def test_numbers_of_the_list(numbers, outcome):
    if isinstance(outcome, list):
        assert rules.check_numbers(numbers) == outcome
        return
    with pytest.raises(RuleBroken) as refusal:
        rules.check_numbers(numbers)
    assert refusal.value.message == outcome


@given(st.lists(st.integers(1, 10_000), unique=True, min_size=1, max_size=40), st.randoms())
def test_any_order_of_one_to_m_is_accepted_as_it_is(ids, random):
    random.shuffle(ids)
    assert rules.check_numbers({key: place for place, key in enumerate(ids, start=1)}) == ids


@pytest.mark.parametrize(
    ("candidates", "seats"), [(0, 0), (1, 1), (2, 1), (4, 3), (5, 4), (10, 8), (12, 10), (15, 12), (30, 25)]
)
def test_usual_seats_are_those_of_practice(candidates, seats):
    assert rules.usual_seats(candidates) == seats


@given(st.integers(2, 500))
def test_at_least_one_candidate_is_left_over(candidates):
    assert 1 <= rules.usual_seats(candidates) < candidates


def test_the_ballot_shows_one_line_of_content():
    assert rules.ballot_text("示例路", " 改造 12 公里，\n 护栏 8 公里。 ", Decimal("1234.5")) == (
        "示例路",
        "改造 12 公里， 护栏 8 公里。",
        "1234.50万元",
    )
    assert rules.ballot_text("示例路", "", None) == ("示例路", "", "")
