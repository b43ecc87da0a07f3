"""Candidate projects: their life from draft to vote, the review gates of a place, and the numbers of the list."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from votes.rules.dates import chinese_date
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import declare


class ProjectState(StrEnum):
    """Where a project stands between draft and vote."""

    DRAFT = "draft"
    REVIEWING = "reviewing"
    APPROVED = "approved"
    LISTED = "listed"
    SELECTED = "selected"
    NOT_SELECTED = "not_selected"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    """The outcome that is recorded at a gate, on the list, or for a withdrawal."""

    PASS = "pass"
    RETURN = "return"
    WITHDRAW = "withdraw"
    LIST = "list"
    UNLIST = "unlist"


#: state -> action -> next state. At the last gate the action is "approve"; "pass" at the gates before it.
PROJECT = {
    ProjectState.DRAFT: {"submit": ProjectState.REVIEWING, "withdraw": ProjectState.WITHDRAWN},
    ProjectState.REVIEWING: {
        "pass": ProjectState.REVIEWING,
        "approve": ProjectState.APPROVED,
        "return": ProjectState.DRAFT,
        "withdraw": ProjectState.WITHDRAWN,
    },
    ProjectState.APPROVED: {
        "list": ProjectState.LISTED,
        "return": ProjectState.DRAFT,
        "withdraw": ProjectState.WITHDRAWN,
    },
    # The vote decides a listed project. Before a round uses the list, the congress office may take it off.
    ProjectState.LISTED: {
        "unlist": ProjectState.APPROVED,
        "select": ProjectState.SELECTED,
        "not_select": ProjectState.NOT_SELECTED,
    },
    ProjectState.SELECTED: {},
    ProjectState.NOT_SELECTED: {},
    ProjectState.WITHDRAWN: {"restore": ProjectState.DRAFT},
}
declare(PROJECT)


@dataclass(frozen=True)
class Gate:
    """One review gate: its key, its Chinese name, and the role (its value) that records the outcome."""

    key: str
    name: str
    role: str


_COUNTY_GOVERNMENT = (
    Gate("government", "政府常务会议", "government"),
    Gate("party", "县委常委会会议", "government"),
)
#: The gates of a place unless its settings name others (Zhejiang 2018 rules art. 4: the standing committee's
#: review is a legal precondition in counties; Zhejiang township regulations art. 30: the presidium's).
GATES = {
    "county": (*_COUNTY_GOVERNMENT, Gate("standing", "县人大常委会会议", "office")),
    "township": (
        Gate("joint", "党政联席会议", "government"),
        Gate("presidium", "乡镇人大主席团会议", "office"),
    ),
    # decided by the standing committee itself, or by a street's assembly: the organ that convenes it reviews
    "committee": (*_COUNTY_GOVERNMENT, Gate("chairmen", "县人大常委会主任会议", "office")),
    "street": (
        Gate("joint", "街道党政联席会议", "government"),
        Gate("convener", "人大街道工委会议", "office"),
    ),
}


@dataclass(frozen=True)
class Minutes:
    """What the minutes of a meeting say of its decision: the day, the document number (文号), the opinion."""

    decided_on: date
    document_number: str = ""
    opinion: str = ""


def coming_year(today: date) -> int:
    """Return the year for which projects are collected: from August on the next one, as 征集 begins in Q3."""
    return today.year + (today.month >= 8)


# --- the gates -------------------------------------------------------------------------------------------


def next_gate(gates: Sequence[Gate], passed: int) -> Gate:
    """Return the gate at which a project under review stands.

    A place may have fewer gates than the project has passed; then the last one decides again.
    """
    return gates[min(passed, len(gates) - 1)]


def gate_action(gates: Sequence[Gate], passed: int) -> str:
    """Return the action of PROJECT for passing the present gate: "pass", or "approve" at the last."""
    return "approve" if passed + 1 >= len(gates) else "pass"


def recorder(state: ProjectState, gates: Sequence[Gate], passed: int) -> str:
    """Return the role (its value) that records the next decision: the gate's, or the office's after the last."""
    return next_gate(gates, passed).role if state == ProjectState.REVIEWING else "office"


def check_recorder(state: ProjectState, gates: Sequence[Gate], passed: int, roles: Collection[str]) -> None:
    """Raise RuleBroken (403) unless one of ``roles`` records the outcome of the present gate."""
    needed = recorder(state, gates, passed)
    if needed not in roles:
        gate = next_gate(gates, passed).name if state == ProjectState.REVIEWING else "票决名单"
        who = "政府办" if needed == "government" else "人大办"
        words = f"“{gate}”由{who}办理，您的账号不能记录。没有作任何改动。"
        raise RuleBroken(words, code="not_yours", status=403)


def check_decision_date(decided_on: date, *, previous: date | None, today: date) -> None:
    """Refuse the date of a meeting that is yet to come, or that lies before the previous gate's meeting."""
    if decided_on > today:
        raise invalid("decided_on", "日期晚于今天，请在会议召开后记录。")
    if previous is not None and decided_on < previous:
        raise invalid("decided_on", f"日期早于上一环节（{chinese_date(previous)}），请核对。")


class LifeStep(NamedTuple):
    """One step in the life of a project, for the line at the head of its page."""

    word: str
    key: str
    standing: str  # past | now | ahead


def steps(state: ProjectState, gates: Sequence[Gate], passed: int) -> list[LifeStep]:
    """Return the steps of a project: 草稿 → the gates of the place → 列入票决 → 票决."""
    way = [("草稿", "draft"), *((g.name, g.key) for g in gates), ("列入票决", "list"), ("票决", "vote")]
    at = {
        ProjectState.DRAFT: 0,
        ProjectState.WITHDRAWN: 0,
        ProjectState.REVIEWING: min(1 + passed, len(gates)),
        ProjectState.APPROVED: 1 + len(gates),
        ProjectState.LISTED: 2 + len(gates),
        ProjectState.SELECTED: 3 + len(gates),
        ProjectState.NOT_SELECTED: 3 + len(gates),
    }[state]
    return [
        LifeStep(word, key, "past" if place < at else "now" if place == at else "ahead")
        for place, (word, key) in enumerate(way)
    ]


def next_step(state: ProjectState, gates: Sequence[Gate], passed: int, open_gaps: int) -> tuple[str, str]:
    """Return (who, what): who has to act next, and what they have to do."""
    who = {"government": "政府办", "office": "人大办"}
    if state == ProjectState.DRAFT:
        what = f"补全下列 {open_gaps} 处后提交审议" if open_gaps else "内容已齐，可以提交审议"
        return "责任单位或政府办", what
    if state == ProjectState.REVIEWING:
        gate = next_gate(gates, passed)
        return who.get(gate.role, gate.role), f"在{gate.name}审议后，记录日期、文号和意见"
    return {
        ProjectState.APPROVED: ("人大办", "各环节均已通过，确认票决名单时列入"),
        ProjectState.LISTED: ("人大办", "名单已确认，提请人民代表大会票决；政府办和责任单位不能再修改"),
        ProjectState.SELECTED: ("政府办和责任单位", "已由人民代表大会票决选定，按计划实施并每月报告进度"),
        ProjectState.NOT_SELECTED: ("", "本次票决未选定，可作为以后年度的候选项目重新提出"),
        ProjectState.WITHDRAWN: ("责任单位或政府办", "已撤回，需要时可恢复为草稿"),
    }[state]


# --- the list --------------------------------------------------------------------------------------------


def check_numbers(numbers: Mapping[int, int | None]) -> list[int]:
    """Return the project ids in the order of their typed numbers, which must be exactly 1 … M.

    Raises RuleBroken that names the number that is missing or occurs twice.
    """
    if not numbers:
        raise RuleBroken("没有勾选任何项目。请勾选要列入票决的项目。", code="empty_list", status=422)
    typed = list(numbers.values())
    if None in typed:
        raise RuleBroken("有已勾选的项目没有编号，请填写编号或点“重新编号”。", code="no_number", status=422)
    for number in range(1, len(typed) + 1):
        if typed.count(number) != 1:
            why = "重复" if typed.count(number) > 1 else "缺少"
            words = f"编号应从 1 连续编到 {len(typed)}，现在{why}第 {number} 号。请修改或点“重新编号”。"
            raise RuleBroken(words, code="bad_numbers", status=422)
    return sorted(numbers, key=lambda key: numbers[key] or 0)


def usual_seats(candidates: int) -> int:
    """Return the usual number of seats for a number of candidates, which exceeds it by about a fifth (差额 20%).

    This is practice, not law (12→10, 24→20, 5→4). Of two candidates or more, at least one is not selected.
    """
    return max(min(candidates * 5 // 6, candidates - 1), 1) if candidates > 1 else candidates
