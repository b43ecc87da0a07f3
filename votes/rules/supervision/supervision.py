"""监督: the lifecycles of inspections and 督办件, the slip of a 督办件, and what may be entered.

A deputy does not deal with a problem directly (代表法 2025 art. 31): staff make it a 督办件 and route it to a unit.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from votes.rules.dates import chinese_date
from votes.rules.errors import invalid
from votes.rules.lifecycle import declare


class InspectionKind(StrEnum):
    """视察, 调研, 暗访, 复查."""

    VISIT = "visit"
    RESEARCH = "research"
    UNANNOUNCED = "unannounced"
    RECHECK = "recheck"


class InspectionState(StrEnum):
    """The states of an inspection."""

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
    """The states of a 督办件."""

    ISSUED = "issued"
    ANSWERED = "answered"  # the unit says that it has put the problem right
    CLOSED = "closed"  # a second inspection has confirmed it
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

#: The most photos of one note or one answer, as a phone sends them in one request.
MAX_PHOTOS = 9


# --- the slip: how urgent a 督办件 is ---------------------------------------------------------------------


class Slip(StrEnum):
    """督查单: how urgent a 督办件 is; the colours are those of the slips of 三明."""

    CLEAR = "clear"  # the deadline is far off, or the unit owes no answer
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class Settings(NamedTuple):
    """The limits of a body, in days."""

    days: int = 15  # that a unit is given by default
    soon: int = 3  # before the deadline, from which the slip is blue
    orange: int = 7  # past the deadline
    red: int = 15  # past the deadline

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Settings":
        """Read a body's settings {"supervision": {"days", "soon", "orange", "red"}}; what is missing is the default."""
        own = settings.get("supervision") or {}
        return cls(**{name: int(own[name]) for name in cls._fields if own.get(name) is not None})


DEFAULTS = Settings()


def slip(state: RectificationState, due_on: date, day: date, settings: Settings = DEFAULTS) -> Slip:
    """Return how urgent a 督办件 due on ``due_on`` is on ``day``.

    Blue from `soon` days before the deadline up to the day itself, yellow past it, orange and red from so many days past
    it (both ends included). Clear unless the unit owes an answer: an answered one waits for the office.
    """
    if state != RectificationState.ISSUED:
        return Slip.CLEAR
    for each in reversed(Slip):
        first, last = span(each, day, settings)
        if first <= due_on <= last:
            return each
    return Slip.CLEAR


def span(slip: Slip, day: date, settings: Settings = DEFAULTS) -> tuple[date, date]:
    """Return the first and the last deadline of those that have ``slip`` on ``day``."""
    one, soon, orange, red = (timedelta(days=n) for n in (1, settings.soon, settings.orange, settings.red))
    return {
        Slip.CLEAR: (day + soon + one, date.max),
        Slip.BLUE: (day, day + soon),
        Slip.YELLOW: (day - orange + one, day - one),
        Slip.ORANGE: (day - red + one, day - orange),
        Slip.RED: (date.min, day - red),
    }[slip]


def check_settings(settings: Settings) -> None:
    """Refuse limits of which red does not come after orange.

    Raises:
        RuleBroken: at the field "slip_red".
    """
    if not 0 < settings.orange < settings.red:
        raise invalid("slip_red", "红色督办的天数应大于橙色警告的天数。")


# --- what may be entered ---------------------------------------------------------------------------------


def check_planned(theme: str, planned_on: date, starts_on: date) -> None:
    """Refuse an inspection without a theme, or planned before ``starts_on``, when the project begins."""
    check_words(theme, "theme", "请填写主题。")
    if planned_on < starts_on:
        raise invalid("planned_on", f"项目自{chinese_date(starts_on)}开始实施，计划日期不能早于这一天。")


def check_held(held_on: date, attended: int, summary: str, *, starts_on: date, today: date) -> None:
    """Refuse a record dated in the future or before the project, without deputies (``attended``) or summary."""
    if not starts_on <= held_on <= today:
        raise invalid("held_on", "开展日期应在项目开始实施之后，且不晚于今天。")
    if not attended:
        raise invalid("members", "请勾选实际参加的代表，至少一人。")
    check_words(summary, "summary", "请填写小结：看了什么、听取了什么、提出了什么。")


def check_note(text: str, photos: int) -> None:
    """Refuse an empty note, or one of more than `MAX_PHOTOS` photos."""
    check_words(text, "text", "请填写所见情况。")
    check_photos(photos)


def check_photos(photos: int) -> None:
    """Refuse more than `MAX_PHOTOS` photos of one note or one answer."""
    if photos > MAX_PHOTOS:
        words = f"一次最多上传 {MAX_PHOTOS} 张照片，您选了 {photos} 张。没有保存；文字还在，请重新选择照片。"
        raise invalid("files", words)


def check_due(due_on: date | None, *, since: date, today: date) -> date:
    """Return the deadline; refuse none at all, and one before today or before ``since``, the day of issue."""
    if due_on is None:
        raise invalid("due_on", "请填写整改期限。")
    if due_on < max(since, today):
        raise invalid("due_on", "整改期限不能早于今天。")
    return due_on


def check_words(words: str, field: str, message: str) -> str:
    """Return ``words`` without blanks at their ends; refuse blank ones with ``message`` at ``field``."""
    words = words.strip()
    if not words:
        raise invalid(field, message)
    return words


def check_recheck(on: date, *, answered_on: date, today: date) -> None:
    """Refuse a re-inspection dated before the answer or in the future."""
    if not answered_on <= on <= today:
        raise invalid("rechecked_on", "复查日期应在整改反馈之后，且不晚于今天。")
