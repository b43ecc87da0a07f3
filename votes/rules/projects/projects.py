"""Candidate projects: their fields, their life from draft to the list, and the review gates of the place."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import declare


class ProjectState(StrEnum):
    DRAFT = "draft"
    REVIEWING = "reviewing"
    APPROVED = "approved"
    LISTED = "listed"
    SELECTED = "selected"
    NOT_SELECTED = "not_selected"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    """What was decided at a gate."""

    PASS = "pass"
    RETURN = "return"
    WITHDRAW = "withdraw"
    LIST = "list"
    UNLIST = "unlist"


#: state -> action -> next state. Passing the last gate is "approve"; the gates before it keep "reviewing".
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
    # Once on the list only the congress acts: the office may take it off before a round is opened on it.
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
    """One review gate: its key, its Chinese name, and who records the outcome (a role's value)."""

    key: str
    name: str
    role: str


#: The gates of a place unless its settings name others (Zhejiang 2018 rules art. 4: the standing committee's
#: review is a legal precondition in counties; Zhejiang township regulations art. 30: the presidium's).
GATES = {
    "county": (
        Gate("government", "政府常务会议", "government"),
        Gate("party", "县委常委会会议", "government"),
        Gate("standing", "县人大常委会会议", "office"),
    ),
    "township": (
        Gate("joint", "党政联席会议", "government"),
        Gate("presidium", "乡镇人大主席团会议", "office"),
    ),
    # decided by the standing committee itself, or by a street's assembly: the organ that convenes it reviews
    "committee": (
        Gate("government", "政府常务会议", "government"),
        Gate("party", "县委常委会会议", "government"),
        Gate("chairmen", "县人大常委会主任会议", "office"),
    ),
    "street": (
        Gate("joint", "街道党政联席会议", "government"),
        Gate("convener", "人大街道工委会议", "office"),
    ),
}


def coming_year(today: date) -> int:
    """The year for which projects are being collected: from August on the next one (征集 begins in Q3)."""
    return today.year + (today.month >= 8)


# --- what is written about a project ---------------------------------------------------------------------

CATEGORIES = (
    "教育",
    "医疗卫生",
    "养老托育",
    "就业创业",
    "社会保障",
    "住房保障",
    "交通出行",
    "饮水水利",
    "环境整治",
    "文化体育",
    "公共安全",
    "便民服务",
    "乡村振兴",
    "城市建设",
    "其他",
)
#: 硬项目 are built, 软项目 are measures that need no site.
KINDS = {"works": "工程类（硬项目）", "policy": "政策服务类（软项目）"}
YEARS = range(2000, 2101)
MAX_AMOUNT = Decimal("9999999.99")  # 万元: more is a figure in 元 typed by mistake
MAX_PEOPLE = 99_999_999


class Field(NamedTuple):
    """One field of a project: its name in code, its label, what it holds, how long it may be."""

    name: str
    label: str
    kind: str = "text"  # text | long | money | count | date | yes | category | kind | unit | year
    limit: int = 200
    needed: bool = False  # before it can be submitted


FIELDS = (
    Field("year", "实施年度", "year", needed=True),
    Field("name", "项目名称", limit=60, needed=True),
    Field("category", "类别", "category", needed=True),
    Field("kind", "项目类型", "kind"),
    Field("content", "建设内容和规模", "long", 2000, needed=True),
    Field("target", "年度目标", "long", 2000, needed=True),
    Field("location", "建设地点"),
    Field("total_investment", "总投资", "money", needed=True),
    Field("year_investment", "当年计划投资", "money", needed=True),
    Field("due_on", "完成时限", "date", needed=True),
    Field("benefit_scope", "受益范围", needed=True),
    Field("beneficiaries", "受益人数", "count"),
    Field("department", "牵头单位", "unit", needed=True),
    Field("partners", "协同单位"),
    Field("leader", "分管领导", limit=60),
    Field("multi_year", "跨年度", "yes"),
    Field("stage_goal", "年度阶段性目标", "long", 2000),
    Field("background", "立项背景", "long", 5000),
    Field("feasibility", "可行性分析", "long", 5000),
    Field("preparation", "前期手续", "long", 5000),
    Field("safeguards", "保障措施", "long", 5000),
)
FIELD = {field.name: field for field in FIELDS}


def amount_words(value: Decimal | None) -> str:
    """1234.00万元, as printed on a ballot; nothing for no amount."""
    return "" if value is None else f"{value:.2f}万元"


def day_words(value: date | None) -> str:
    return "" if value is None else f"{value.year}年{value.month}月{value.day}日"


def _amount_fault(value: Decimal | None) -> str | None:
    if value is None:
        return None
    if value < 0:
        return "金额不能是负数。"
    if value > MAX_AMOUNT:
        return "金额过大，请确认单位是万元。"
    if value != value.quantize(Decimal("0.01")):
        return "金额以万元为单位，最多保留两位小数。"
    return None


def faults(values: Mapping[str, Any]) -> dict[str, str]:
    """What cannot be saved at all: field → message. A draft may be incomplete, but never wrong.

    ``values`` holds the FIELDS by name (amounts as Decimal in 万元, days as date, texts as str), and "funding"
    and "subprojects" as lists of dicts; absent keys are not looked at.
    """
    found: dict[str, str] = {}
    for field in FIELDS:
        if field.name not in values or field.kind == "unit":
            continue
        value = values[field.name]
        fault = None
        if field.kind in ("text", "long") and len(value) > field.limit:
            fault = f"最多 {field.limit} 个字，现在有 {len(value)} 个。"
        elif field.kind == "money":
            fault = _amount_fault(value)
        elif field.kind == "count" and value is not None and not 0 <= value <= MAX_PEOPLE:
            fault = "人数应为 0 至 99999999 之间的整数。"
        elif field.kind == "category" and value not in CATEGORIES:
            fault = f"应为以下之一：{'、'.join(CATEGORIES)}。" if value else "请选择类别。"
        elif field.kind == "kind" and value not in KINDS:
            fault = "应为工程类或政策服务类。"
        elif field.kind == "year" and value not in YEARS:
            fault = "应为四位年份，例如 2027。"
        elif field.kind == "date" and value is not None and value.year not in YEARS:
            fault = "日期不对，请核对年份。"
        if fault:
            found[field.name] = fault
    if "name" in values and not values["name"].strip():
        found["name"] = "请填写项目名称。"
    for name, fault_of in (("funding", funding_fault), ("subprojects", part_fault)):
        for place, row in enumerate(values.get(name, ()), start=1):
            if fault := fault_of(row):
                found.setdefault(name, f"第 {place} 行：{fault}")
    return found


def funding_fault(row: Mapping[str, Any]) -> str | None:
    """What is wrong with one source of money {"source", "amount"}."""
    if not row["source"].strip():
        return "没有填写资金来源。"
    if len(row["source"]) > 60:
        return "资金来源最多 60 个字。"
    return _amount_fault(row["amount"])


def part_fault(row: Mapping[str, Any]) -> str | None:
    """What is wrong with one sub-project {"name", "target", "unit", "investment"}."""
    if not row["name"].strip():
        return "没有填写子项目名称。"
    for key, noun, limit in (("name", "子项目名称", 100), ("target", "目标", 2000), ("unit", "实施单位", 60)):
        if len(row[key]) > limit:
            return f"{noun}最多 {limit} 个字。"
    return _amount_fault(row["investment"])


class Gap(NamedTuple):
    """Something to be mended before a project can be submitted."""

    field: str
    words: str


def gaps(values: Mapping[str, Any]) -> list[Gap]:
    """What is missing or contradicts itself, in the order of the form; empty: it can be submitted.

    A draft is saved with gaps; 陕西 2025 规定 art. 17 asks for unit, target, time limit and money of each project.
    """
    found = [
        Gap(field.name, f"未填写{field.label}")
        for field in FIELDS
        if field.needed and values[field.name] in (None, "")
    ]
    total, this_year, due = (values[k] for k in ("total_investment", "year_investment", "due_on"))
    funding = values["funding"]
    if values["kind"] == "works" and not values["location"]:
        found.append(Gap("location", "工程类项目未填写建设地点"))
    if not funding:
        found.append(Gap("funding", "未填写资金来源"))
    if total is not None and this_year is not None and this_year > total:
        found.append(Gap("year_investment", "当年计划投资大于总投资"))
    known = [row["amount"] for row in funding if row["amount"] is not None]
    if total is not None and funding and len(known) == len(funding) and sum(known) != total:
        found.append(
            Gap(
                "funding",
                f"资金来源合计 {amount_words(sum(known, Decimal(0)))}，与总投资 {amount_words(total)} 不一致",
            )
        )
    if due is not None and due.year < values["year"]:
        found.append(Gap("due_on", "完成时限早于实施年度"))
    if due is not None and due.year > values["year"] and not values["multi_year"]:
        found.append(Gap("due_on", "完成时限晚于实施年度，但没有标明跨年度"))
    if values["multi_year"] and not values["stage_goal"]:
        found.append(Gap("stage_goal", "跨年度项目未填写年度阶段性目标"))
    return found


def ballot_text(name: str, content: str, total: Decimal | None) -> tuple[str, str, str]:
    """(name, one line of content, amount) as printed on the ballot."""
    return name, " ".join(content.split()), amount_words(total)


# --- the gates -------------------------------------------------------------------------------------------


def next_gate(gates: Sequence[Gate], passed: int) -> Gate:
    """The gate at which a project under review stands.

    Where the place has since done away with gates, the last one decides once more.
    """
    return gates[min(passed, len(gates) - 1)]


def gate_action(gates: Sequence[Gate], passed: int) -> str:
    """What passing the present gate is in the table PROJECT: "pass", or "approve" at the last."""
    return "approve" if passed + 1 >= len(gates) else "pass"


def recorder(state: ProjectState, gates: Sequence[Gate], passed: int) -> str:
    """The role (its value) that records the next decision: the gate's; after the last gate the congress office."""
    return next_gate(gates, passed).role if state == ProjectState.REVIEWING else "office"


def check_recorder(state: ProjectState, gates: Sequence[Gate], passed: int, roles: Collection[str]) -> None:
    """Raise RuleBroken (403) unless one of ``roles`` records the outcome of the present gate."""
    needed = recorder(state, gates, passed)
    if needed not in roles:
        gate = next_gate(gates, passed).name if state == ProjectState.REVIEWING else "票决名单"
        who = "政府办" if needed == "government" else "人大办"
        raise RuleBroken(
            f"“{gate}”由{who}办理，您的账号不能记录。没有作任何改动。", code="not_yours", status=403
        )


def check_decision_date(decided_on: date, *, previous: date | None, today: date) -> None:
    """A meeting is recorded after it was held, and not before the gate that came first."""
    if decided_on > today:
        raise RuleBroken("日期晚于今天，请在会议召开后记录。", field="decided_on", status=422)
    if previous is not None and decided_on < previous:
        raise RuleBroken(
            f"日期早于上一环节（{day_words(previous)}），请核对。", field="decided_on", status=422
        )


class Step(NamedTuple):
    """One step of the way, for the line at the head of a project's page."""

    word: str
    key: str
    standing: str  # past | now | ahead


def steps(state: ProjectState, gates: Sequence[Gate], passed: int) -> list[Step]:
    """The way of a project: 草稿 → the gates of the place → 列入票决 → 票决."""
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
        Step(word, key, "past" if place < at else "now" if place == at else "ahead")
        for place, (word, key) in enumerate(way)
    ]


def next_step(state: ProjectState, gates: Sequence[Gate], passed: int, open_gaps: int) -> tuple[str, str]:
    """(who, what): whose turn it is and what they have to do."""
    who = {"government": "政府办", "office": "人大办"}
    if state == ProjectState.DRAFT:
        if open_gaps:
            return "责任单位或政府办", f"补全下列 {open_gaps} 处后提交审议"
        return "责任单位或政府办", "内容已齐，可以提交审议"
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
    """Project ids in the order of their typed numbers, which must be exactly 1 … M.

    Raises RuleBroken naming the number that is missing or doubled.
    """
    if not numbers:
        raise RuleBroken("没有勾选任何项目。请勾选要列入票决的项目。", code="empty_list", status=422)
    typed = list(numbers.values())
    if None in typed:
        raise RuleBroken("有已勾选的项目没有编号，请填写编号或点“重新编号”。", code="no_number", status=422)
    for number in range(1, len(typed) + 1):
        if typed.count(number) != 1:
            why = "重复" if typed.count(number) > 1 else "缺少"
            raise RuleBroken(
                f"编号应从 1 连续编到 {len(typed)}，现在{why}第 {number} 号。请修改或点“重新编号”。",
                code="bad_numbers",
                status=422,
            )
    return sorted(numbers, key=lambda key: numbers[key] or 0)


def usual_seats(candidates: int) -> int:
    """How many to select of ``candidates`` so that they are about a fifth more than the seats (差额 20%).

    Practice, not law (12→10, 24→20, 5→4); at least one candidate is left over wherever there are two.
    """
    return max(min(candidates * 5 // 6, candidates - 1), 1) if candidates > 1 else candidates
