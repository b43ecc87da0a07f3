"""验收: of the works by the responsible unit, then by deputies.

Deputies check along eight dimensions (华泾镇's practice).

And what follows a rating of 不满意: a second report by a day (浙江常委会 议事规则: 可以要求报告机关再次报告).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import declare
from votes.rules.people.roles import Role


class AcceptanceKind(StrEnum):
    """Who accepts: the unit and the government, or deputies."""

    WORKS = "works"  # 竣工验收
    DEPUTIES = "deputies"  # 人大验收


class Conclusion(StrEnum):
    """What an acceptance came to."""

    PASSED = "passed"
    CONDITIONAL = "conditional"
    FAILED = "failed"


class Mark(StrEnum):
    """The finding on one dimension."""

    MET = "met"
    PARTLY = "partly"
    UNMET = "unmet"


class RereportState(StrEnum):
    """再次报告: demanded of a project that was rated 不满意."""

    DEMANDED = "demanded"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"


REREPORT: dict[RereportState, dict[str, RereportState]] = {
    RereportState.DEMANDED: {"submit": RereportState.SUBMITTED},
    RereportState.SUBMITTED: {"accept": RereportState.ACCEPTED, "return": RereportState.DEMANDED},
    RereportState.ACCEPTED: {},
}
declare(REREPORT)


# --- dimensions ----------------------------------------------------------------------------------------

#: 华泾镇's deputies check eight dimensions, "从目标完成度到资金规范性". Only the first and the last are known to us; the
#: six between are ours. The list is a setting of the place.
DIMENSIONS = (
    "目标完成度",
    "建设内容完整性",
    "工程质量",
    "完成及时性",
    "群众受益情况",
    "后续管护安排",
    "信息公开情况",
    "资金规范性",
)
MOST_DIMENSIONS = 20
LONGEST = 40

#: The role that records it: the government the completion of the works, the congress's office the deputies' findings.
RECORDER = {AcceptanceKind.WORKS: Role.GOVERNMENT, AcceptanceKind.DEPUTIES: Role.OFFICE}


def dimensions(settings: Mapping[str, Any]) -> list[str]:
    """Return the dimensions of a body: "acceptance_dimensions" of its settings, else the eight."""
    own = settings.get("acceptance_dimensions")
    return [str(each) for each in own] if own else list(DIMENSIONS)


def read_dimensions(text: str) -> list[str]:
    """Read one dimension a line.

    Raises RuleBroken for none, too many, a duplicate or an over-long one.
    """
    names = [line.strip() for line in text.splitlines() if line.strip()]
    words = ""
    if not names:
        words = "请至少保留一项验收内容，每行一项。"
    elif len(names) > MOST_DIMENSIONS:
        words = f"验收内容最多 {MOST_DIMENSIONS} 项，现有 {len(names)} 项。"
    elif len(set(names)) < len(names):
        words = "验收内容中有重复的，请删去重复的一项。"
    elif any(len(each) > LONGEST for each in names):
        words = f"每项验收内容不超过 {LONGEST} 个字。"
    if words:
        raise invalid("acceptance_dimensions", f"{words}没有保存。")
    return names


class Item(NamedTuple):
    """The finding on one dimension, with a note."""

    dimension: str
    mark: Mark
    note: str = ""


class Findings(NamedTuple):
    """Hold the result of an acceptance.

    When it was held, by whom, the result of each dimension, and the conclusion.
    """

    held_on: date
    held_by: str
    conclusion: Conclusion
    opinion: str
    items: Sequence[Item]


def check_acceptance(
    kind: AcceptanceKind, findings: Findings, *, starts_on: date, today: date, roles: frozenset[Role]
) -> None:
    """Refuse an acceptance that contradicts itself.

    Raises:
        RuleBroken: the other side records it, it was held before the start or after ``today``, a mark below "met" has
            no note, or the marks contradict the conclusion. ``field`` names the field of the form.
    """
    if RECORDER[kind] not in roles:
        words = "竣工验收由政府办登记" if kind == AcceptanceKind.WORKS else "人大验收由人大办登记"
        raise RuleBroken(f"{words}，没有保存。", field="kind", status=403)
    items, conclusion = findings.items, findings.conclusion
    if not starts_on <= findings.held_on <= today:
        raise invalid("held_on", "验收日期应在项目开始之后，且不晚于今天。")
    short = [item.dimension for item in items if item.mark != Mark.MET]
    unmet = [item.dimension for item in items if item.mark == Mark.UNMET]
    if conclusion == Conclusion.PASSED and unmet:
        raise invalid(
            "conclusion", f"“{'、'.join(unmet)}”未达到要求，结论不能是“通过”。请改为“整改后通过”或“不通过”。"
        )
    if conclusion == Conclusion.FAILED and not short:
        raise invalid("conclusion", "各项内容都达到要求，结论却是“不通过”，请核对。")
    no_note = [item.dimension for item in items if item.mark != Mark.MET and not item.note.strip()]
    if no_note:
        raise invalid("items", f"“{'、'.join(no_note)}”没有完全达到要求，请在情况说明中写明。")


# --- 再次报告 ------------------------------------------------------------------------------------------

REPORT_LENGTH = 30  # characters: a shorter report has no content
USUAL_DAYS = 60  # practice: about two months, the next meeting of the standing committee (共和县 2023)


def check_demand(demanded_on: date, due_on: date) -> None:
    """Refuse a deadline that is no later than the day of the demand. Raises RuleBroken."""
    if due_on <= demanded_on:
        raise invalid("due_on", "报告期限应晚于今天。")


def check_report_text(text: str) -> None:
    """Refuse a report of fewer than `REPORT_LENGTH` characters. Raises RuleBroken."""
    if len(text.strip()) < REPORT_LENGTH:
        raise invalid("text", f"请写明整改情况和下一步安排，不少于 {REPORT_LENGTH} 个字。")
