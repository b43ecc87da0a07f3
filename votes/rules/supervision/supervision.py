"""监督: groups, inspections, and what they find.

A deputy does not deal with the matter directly (代表法 2025 art. 31): what is found becomes a 督办件 that staff route.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from votes.rules.dates import chinese_date
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import declare


class InspectionKind(StrEnum):
    VISIT = "visit"
    RESEARCH = "research"
    UNANNOUNCED = "unannounced"
    RECHECK = "recheck"


class InspectionState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


INSPECTION: dict[InspectionState, dict[str, InspectionState]] = {
    InspectionState.PLANNED: {"hold": InspectionState.HELD, "cancel": InspectionState.CANCELLED},
    InspectionState.HELD: {},
    InspectionState.CANCELLED: {"restore": InspectionState.PLANNED},
}
declare(INSPECTION)


class RectificationState(StrEnum):
    """督办件."""

    ISSUED = "issued"
    ANSWERED = "answered"  # the unit says that it is put right
    CLOSED = "closed"  # inspected again and found so
    CANCELLED = "cancelled"


RECTIFICATION: dict[RectificationState, dict[str, RectificationState]] = {
    RectificationState.ISSUED: {
        "answer": RectificationState.ANSWERED,
        "cancel": RectificationState.CANCELLED,
    },
    RectificationState.ANSWERED: {"pass": RectificationState.CLOSED, "fail": RectificationState.ISSUED},
    RectificationState.CLOSED: {"reopen": RectificationState.ISSUED},
    RectificationState.CANCELLED: {},
}
declare(RECTIFICATION)

#: Photos of one note: what a phone sends in one go.
MAX_PHOTOS = 9


# --- the slip: how pressing it is ------------------------------------------------------------------------


class Slip(StrEnum):
    """督查单: 三明's slips climb from blue to red with every deadline missed."""

    CLEAR = "clear"  # time enough, or no longer the unit's turn
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class Settings(NamedTuple):
    """The place's own: days that a unit is given by default, days before the deadline from which the slip is blue,
    days past it from which it is orange, and red."""

    days: int = 15
    soon: int = 3
    orange: int = 7
    red: int = 15

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Settings":
        """Out of a body's settings {"supervision": {"days", "soon", "orange", "red"}}, defaults for what is missing."""
        given = settings.get("supervision") or {}
        return cls(**{name: int(given[name]) for name in cls._fields if given.get(name) is not None})


DEFAULTS = Settings()


def slip(state: RectificationState, due_on: date, day: date, settings: Settings = DEFAULTS) -> Slip:
    """How pressing a 督办件 due on `due_on` is on `day`: blue from `soon` days before the day up to the day itself,
    yellow past it, orange and red from so many days past it (both ends included).

    Only while the unit owes an answer: what is answered waits for the office, what is closed for nobody.
    """
    if state != RectificationState.ISSUED:
        return Slip.CLEAR
    for each in (Slip.RED, Slip.ORANGE, Slip.YELLOW, Slip.BLUE):
        first, last = span(each, day, settings)
        if (first is None or first <= due_on) and (last is None or due_on <= last):
            return each
    return Slip.CLEAR


def span(wanted: Slip, day: date, settings: Settings = DEFAULTS) -> tuple[date | None, date | None]:
    """The due days (first, last; None: without end) of what has that slip on `day`: what a list is narrowed to."""
    soon, orange, red = (
        day + timedelta(days=settings.soon),
        day - timedelta(days=settings.orange),
        day - timedelta(days=settings.red),
    )
    one = timedelta(days=1)
    return {
        Slip.CLEAR: (soon + one, None),
        Slip.BLUE: (day, soon),
        Slip.YELLOW: (orange + one, day - one),
        Slip.ORANGE: (red + one, orange),
        Slip.RED: (None, red),
    }[wanted]


def check_settings(settings: Settings) -> None:
    """Refuse limits that do not climb. Raises RuleBroken (field "slip_red")."""
    if not 0 < settings.orange < settings.red:
        raise RuleBroken("红色督办的天数应大于橙色警告的天数。", field="slip_red", status=422)


# --- what may be said ------------------------------------------------------------------------------------


def check_planned(theme: str, planned_on: date, starts_on: date) -> None:
    """Refuse an inspection without a theme, or before the project (`starts_on`) began. Raises RuleBroken."""
    if not theme.strip():
        raise RuleBroken("请填写主题。", field="theme", status=422)
    if planned_on < starts_on:
        raise RuleBroken(
            f"项目自{chinese_date(starts_on)}开始实施，计划日期不能早于这一天。",
            field="planned_on",
            status=422,
        )


def check_held(held_on: date, attended: int, summary: str, *, starts_on: date, today: date) -> None:
    """Refuse a record of what cannot have been: in the future, before the project, by nobody, without a word."""
    if not starts_on <= held_on <= today:
        raise RuleBroken("开展日期应在项目开始实施之后，且不晚于今天。", field="held_on", status=422)
    if not attended:
        raise RuleBroken("请勾选实际参加的代表，至少一人。", field="members", status=422)
    if not summary.strip():
        raise RuleBroken("请填写小结：看了什么、听取了什么、提出了什么。", field="summary", status=422)


def check_note(text: str, photos: int) -> None:
    """Refuse an empty note, or more than `MAX_PHOTOS` photos."""
    if not text.strip():
        raise RuleBroken("请填写所见情况。", field="text", status=422)
    check_photos(photos)


def check_photos(photos: int) -> None:
    """Refuse more than `MAX_PHOTOS` photos of one note, or of one answer (field "files")."""
    if photos > MAX_PHOTOS:
        raise RuleBroken(
            f"一次最多上传 {MAX_PHOTOS} 张照片，您选了 {photos} 张。没有保存；文字还在，请重新选择照片。",
            field="files",
            status=422,
        )


def check_due(due_on: date | None, *, since: date, today: date) -> date:
    """The day by which something has to be put right: given, not before `since` (when it was issued) nor past."""
    if due_on is None:
        raise RuleBroken("请填写整改期限。", field="due_on", status=422)
    if due_on < max(since, today):
        raise RuleBroken("整改期限不能早于今天。", field="due_on", status=422)
    return due_on


def check_words(words: str, field: str, message: str) -> str:
    """`words` without blanks at their ends. Raises RuleBroken with `message` at `field` where nothing is left."""
    words = words.strip()
    if not words:
        raise RuleBroken(message, field=field, status=422)
    return words


def check_recheck(on: date, *, answered_on: date, today: date) -> None:
    """Refuse a re-inspection before the answer, or to come."""
    if not answered_on <= on <= today:
        raise RuleBroken("复查日期应在整改反馈之后，且不晚于今天。", field="rechecked_on", status=422)
