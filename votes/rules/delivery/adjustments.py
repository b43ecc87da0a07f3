"""调整、暂缓、终止: who decides, what may change, what has to be published.

陕西 2025 规定 art. 18: the government reports; in a county the standing committee decides and reports to the next
congress, in a township the congress decides; the result is published. It names 重大调整, 暂缓 and 终止, and as causes
不可抗力, 政策变化 "等". What it leaves open is taken here, in one place:

- whoever suspended a project lets it go on (恢复);
- a small change (一般调整) is noted by 主任会议 or 主席团. It leaves the year's target as it is and keeps the due date
  within its year; whatever goes further is 重大调整.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from votes.rules.dates import chinese_date
from votes.rules.delivery.periods import Pause
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import declare
from votes.rules.people.roles import BodyKind

#: Fewer characters give no reason.
REASON_LENGTH = 10


class AdjustmentKind(StrEnum):
    """What is applied for (陕西 2025 规定 art. 18)."""

    MAJOR = "major"
    SUSPEND = "suspend"
    TERMINATE = "terminate"
    RESUME = "resume"  # a suspended project goes on
    MINOR = "minor"


class AdjustmentCause(StrEnum):
    """Why it is applied for (陕西 2025 规定 art. 18)."""

    FORCE_MAJEURE = "force_majeure"
    POLICY = "policy"
    OTHER = "other"


class AdjustmentState(StrEnum):
    """Where an application stands."""

    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


ADJUSTMENT: dict[AdjustmentState, dict[str, AdjustmentState]] = {
    AdjustmentState.APPLIED: {
        "approve": AdjustmentState.APPROVED,
        "refuse": AdjustmentState.REFUSED,
        "withdraw": AdjustmentState.WITHDRAWN,
    },
    AdjustmentState.APPROVED: {},
    AdjustmentState.REFUSED: {},
    AdjustmentState.WITHDRAWN: {},
}
declare(ADJUSTMENT)


# --- who decides ---------------------------------------------------------------------------------------


class Decider(NamedTuple):
    """Name the organ that decides and who signs the announcement.

    `organ` is written behind the place.
    """

    organ: str
    announces: str


_STANDING_COMMITTEE = (
    Decider("人民代表大会常务委员会", "人民代表大会常务委员会"),
    Decider("人民代表大会常务委员会主任会议", "人民代表大会常务委员会"),
)
#: kind of body -> who decides a major adjustment, who notes a minor one (陕西 2025 规定 art. 18).
DECIDERS: dict[BodyKind, tuple[Decider, Decider]] = {
    BodyKind.COUNTY: _STANDING_COMMITTEE,
    BodyKind.TOWNSHIP: (
        Decider("人民代表大会", "人民代表大会主席团"),
        Decider("人民代表大会主席团", "人民代表大会主席团"),
    ),
    BodyKind.COMMITTEE: _STANDING_COMMITTEE,
    BodyKind.STREET: (
        Decider("议事代表会议", "议事代表会议"),
        Decider("人大街道工委", "人大街道工委"),
    ),
}


def decider(body: BodyKind, kind: AdjustmentKind) -> Decider:
    """Return who decides an adjustment of that ``kind`` in a body of that kind."""
    major, minor = DECIDERS[body]
    return minor if kind == AdjustmentKind.MINOR else major


def must_announce(kind: AdjustmentKind) -> bool:
    """Tell whether the result must be published; a minor adjustment may be."""
    return kind != AdjustmentKind.MINOR


# --- what changes --------------------------------------------------------------------------------------


class Changeable(NamedTuple):
    """A field that an adjustment may change: label, reader of the stored text, words for people."""

    label: str
    read: Callable[[str], Any] = str
    show: Callable[[Any], str] = str


def _in_words(amount: Decimal) -> str:
    return f"{amount:,.2f} 万元"


FIELDS: dict[str, Changeable] = {
    "target": Changeable("年度目标"),
    "content": Changeable("建设内容和规模"),
    "due_on": Changeable("完成时限", date.fromisoformat, chinese_date),
    "total_investment": Changeable("总投资", Decimal, _in_words),
    "year_investment": Changeable("当年计划投资", Decimal, _in_words),
}


class Effect(NamedTuple):
    """The fields that a kind of adjustment may change, and its action in `TRACKING`, if any."""

    fields: frozenset[str] = frozenset()
    action: str | None = None


EFFECTS = {
    AdjustmentKind.MAJOR: Effect(frozenset(FIELDS)),
    AdjustmentKind.MINOR: Effect(frozenset(FIELDS) - {"target"}),
    AdjustmentKind.SUSPEND: Effect(action="suspend"),
    AdjustmentKind.TERMINATE: Effect(action="terminate"),
    AdjustmentKind.RESUME: Effect(frozenset({"due_on"}), "resume"),  # the suspension has taken time
}


def open_kinds(state: TrackingState) -> list[AdjustmentKind]:
    """Return the kinds of adjustment that may be applied for in ``state``."""
    if state == TrackingState.RUNNING:
        return [kind for kind in AdjustmentKind if kind != AdjustmentKind.RESUME]
    if state == TrackingState.SUSPENDED:
        return [AdjustmentKind.RESUME, AdjustmentKind.TERMINATE]
    return []


def differing(now: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of ``values`` that differ from ``now``; blanks around words do not count."""
    new = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    return {name: new[name] for name in FIELDS if name in new and new[name] != now[name]}


def check(
    kind: AdjustmentKind,
    state: TrackingState,
    changes: Mapping[str, Any],
    *,
    reason: str,
    due_on: date,
    starts_on: date,
) -> None:
    """Refuse an application that the state, the reason or the changes do not allow.

    Raises RuleBroken with its field.
    ``changes``: only what differs, by name of `FIELDS`; ``due_on`` and ``starts_on`` as they stand.
    """
    if kind not in open_kinds(state):
        raise RuleBroken(
            "项目现在的状态不能申请这一类调整：实施中的可以调整、暂缓、终止，已暂缓的可以恢复、终止。没有提交。",
            field="kind",
            code="wrong_state",
        )
    if len(reason.strip()) < REASON_LENGTH:
        raise invalid("reason", f"请写明调整的原因和依据，不少于 {REASON_LENGTH} 个字。")
    if kind in (AdjustmentKind.MAJOR, AdjustmentKind.MINOR) and not changes:
        raise invalid("target", "调整后的内容与现在相同。请在要调整的栏目中填写新的内容。")
    for name, value in changes.items():
        label = FIELDS[name].label
        if name not in EFFECTS[kind].fields:
            words = (
                f"一般调整不改变{label}。如需改变，请选择“重大调整”。"
                if kind == AdjustmentKind.MINOR
                else f"这一类申请不改变{label}，请恢复原来的内容。"
            )
            raise invalid(name, words)
        if value is None or value == "":
            raise invalid(name, f"{label}不能改为空白。")
        if isinstance(value, Decimal) and value < 0:
            raise invalid(name, f"{label}不能小于 0。")
    new_due_on = changes.get("due_on")
    if new_due_on is not None and new_due_on < starts_on:
        raise invalid("due_on", "完成时限不能早于开始日期。")
    if kind == AdjustmentKind.MINOR and new_due_on is not None and new_due_on.year != due_on.year:
        raise invalid("due_on", "一般调整的完成时限不移到另一年度。如需移到另一年度，请选择“重大调整”。")


def check_decision(decided_on: date, applied_on: date, today: date, document_number: str, organ: str) -> None:
    """Refuse a decision without organ or document number, before the application or ahead.

    Raises RuleBroken.
    """
    if not organ.strip():
        raise invalid("organ", "请填写决定机关。")
    if not document_number.strip():
        raise invalid("document_number", "请填写文号或会议纪要编号。")
    if not applied_on <= decided_on <= today:
        raise invalid("decided_on", "决定日期应在申请日期之后，且不晚于今天。")


# --- the course of time ---------------------------------------------------------------------------------


class Decided(NamedTuple):
    """Hold an adjustment as it was decided.

    Its kind, the day, and the values before it (see `as_text`).
    """

    kind: AdjustmentKind
    on: date
    before: Mapping[str, str]


def pauses(decided: Sequence[Decided]) -> list[Pause]:
    """Return the times for which a project was suspended, from its decisions in their order."""
    times: list[Pause] = []
    for each in decided:
        if each.kind == AdjustmentKind.SUSPEND:
            times.append(Pause(each.on))
        elif each.kind in (AdjustmentKind.RESUME, AdjustmentKind.TERMINATE) and times and not times[-1].until:
            times[-1] = Pause(times[-1].since, each.on)
    return times


def stood(now: Mapping[str, Any], decided: Sequence[Decided], day: date) -> dict[str, Any]:
    """Return the values at the end of ``day``: ``now`` without later decisions.

    The values have the keys of `FIELDS`.
    """
    values = dict(now)
    for each in reversed(decided):
        if each.on > day:
            values.update({name: value for name, value in read(each.before).items() if name in values})
    return values


# --- as rows store it ----------------------------------------------------------------------------------


def as_text(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the values as text: {"due_on": "2028-03-31", "total_investment": "860.00"}."""
    return {
        name: value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
        for name, value in values.items()
    }


def read(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that `as_text` wrote: dates, amounts in 万元 (None: no amount) and words."""
    fields = [(name, text, FIELDS[name].read) for name, text in values.items()]
    return {name: read(text) if text or read is str else None for name, text, read in fields}


class Side(NamedTuple):
    """One line of 前后对照."""

    label: str
    before: str
    after: str


def side_by_side(before: Mapping[str, str], after: Mapping[str, str]) -> list[Side]:
    """Return before and after in words, in the order of the form."""
    old, new = read(before), read(after)
    return [
        Side(field.label, *(_shown(field, values.get(name)) for values in (old, new)))
        for name, field in FIELDS.items()
        if name in new
    ]


def _shown(field: Changeable, value: Any) -> str:
    return "未填" if value is None or value == "" else field.show(value)
