"""Lights: the schemes by which the progress of a project is judged.

Each scheme is a `Scheme` in the table `SCHEMES`.

The form of settings, the page of open data, the check of the thresholds and the words beside a light read that table. The
thresholds of a scheme are fields of `LightSettings`, with their defaults.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from votes.rules.delivery.periods import month_end


class Light(StrEnum):
    """The colour that says how a project stands against its plan."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"  # of the five colours only
    RED = "red"
    BLUE = "blue"
    GREY = "grey"  # suspended or terminated by decision: no progress is expected


class LightSettings(NamedTuple):
    """The scheme and thresholds of a body's lights, and the day of the month for its reports.

    scheme       a key of `SCHEMES`
    behind       scheme "three": from so many points behind the plan the light is yellow
    severe       scheme "three": above so many points behind it is red
    red          scheme "five": below so many per cent of the plan the light is red (大足: 30)
    orange       scheme "five": below so many it is orange (60 is ours: the source does not say)
    yellow       scheme "five": below so many it is yellow (80 is ours: the source does not say)
    from_percent scheme "five": below so many planned per cent the light is green: 1 of 3 per cent would be a third
    funds_month  0, or the month from whose end on the paid part of the year's investment is compared
    funds        the per cent that must be paid by then, else the light is red (银川; 黄山 asked for 70 by June)
    """

    behind: int = 10
    severe: int = 30
    due_day: int = 5
    scheme: str = "three"
    red: int = 30
    orange: int = 60
    yellow: int = 80
    from_percent: int = 10
    funds_month: int = 0
    funds: int = 70

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "LightSettings":
        """Read a body's settings {"lights": {…}, "report_due_day"}; what is missing has its default."""
        lights = settings.get("lights") or {}
        numbers = set(cls._fields) - {"due_day", "scheme"}
        return cls(
            due_day=int(settings.get("report_due_day") or cls._field_defaults["due_day"]),
            scheme=lights["scheme"] if lights.get("scheme") in SCHEMES else "three",
            **{name: int(lights[name]) for name in numbers if name in lights},
        )


class Threshold(NamedTuple):
    """Describe a number of a scheme that a place sets.

    It is a field of `LightSettings`, with its words in the form and its bounds.
    """

    name: str
    label: str
    hint: str
    least: int = 1
    most: int = 100


@dataclass(frozen=True)
class Scheme:
    """One way to judge progress.

    light     (planned, actual, settings) → the light, both percentages
    words     (light, what it stands for, with {thresholds}) in the order of the public page
    rising    thresholds that must increase, and the refusal if they do not
    figure    (planned, actual, settings) → what is added to the reason beside the light
    """

    name: str
    choice: str
    thresholds: tuple[Threshold, ...]
    light: Callable[[Decimal | int, Decimal | int, LightSettings], Light]
    words: tuple[tuple[Light, str], ...]
    rising: tuple[str, ...] = ()
    refusal: str = ""
    note: str = ""
    figure: Callable[[Decimal | int, Decimal | int, LightSettings], str] = lambda *_: ""

    def explained(self, settings: LightSettings) -> list[tuple[Light, str]]:
        """Return (light, what it stands for) with the thresholds of the place."""
        return [(light, words.format(**settings._asdict())) for light, words in self.words]

    def fault(self, numbers: Mapping[str, int]) -> tuple[str, str] | None:
        """Return (threshold, refusal) for thresholds that do not increase as they must."""
        values = [numbers[name] for name in self.rising]
        return None if values == sorted(set(values)) else (self.rising[-1], self.refusal)


def _by_points(planned: Decimal | int, actual: Decimal | int, settings: LightSettings) -> Light:
    """Return the light by the points behind the plan, d = planned − actual.

    d < behind green · behind ≤ d ≤ severe yellow · d > severe red.
    """
    behind = planned - actual
    if behind > settings.severe:
        return Light.RED
    return Light.YELLOW if behind >= settings.behind else Light.GREEN


def _by_parts(planned: Decimal | int, actual: Decimal | int, settings: LightSettings) -> Light:
    """Return the light by the done part of the plan, p = actual in per cent of planned.

    p < red red · < orange orange · < yellow yellow · else green.
    """
    if not _comparable(planned, settings):
        return Light.GREEN
    done = part_of_plan(planned, actual)
    if done < settings.red:
        return Light.RED
    if done < settings.orange:
        return Light.ORANGE
    return Light.YELLOW if done < settings.yellow else Light.GREEN


def _part_words(planned: Decimal | int, actual: Decimal | int, settings: LightSettings) -> str:
    comparable = _comparable(planned, settings)
    return f"，为计划的 {plain(part_of_plan(planned, actual))}%" if comparable else ""


def _comparable(planned: Decimal | int, settings: LightSettings) -> bool:
    return bool(planned) and planned >= settings.from_percent


SCHEMES = {
    # 银川 2025; both ends of yellow included
    "three": Scheme(
        "红黄绿",
        "红黄绿：按落后计划的百分点（参照银川市 2025 年办法）",
        (
            Threshold("behind", "滞后（黄灯）", "落后计划达到这么多个百分点；不到的为正常（绿灯）"),
            Threshold("severe", "严重滞后（红灯）", "落后计划超过这么多个百分点"),
        ),
        _by_points,
        (
            (Light.GREEN, "落后不到 {behind} 个百分点，或与计划持平、超前；"),
            (
                Light.YELLOW,
                "落后 {behind} 至 {severe} 个百分点（含两端）；应开始而当月没有报送任何进展；或年终认定为基本完成；",
            ),
            (
                Light.RED,
                "落后超过 {severe} 个百分点；应开始而连续三个月没有报送任何进展；或认定为未完成；",
            ),
        ),
        rising=("behind", "severe"),
        refusal="严重滞后的界线应大于滞后的界线。",
    ),
    # 大足双路街道 2025 for red and blue
    "five": Scheme(
        "红橙黄绿蓝",
        "红橙黄绿蓝：按完成计划的比例（参照重庆市大足区双路街道 2025 年做法）",
        (
            Threshold("red", "红灯", "实际进度不到计划进度的百分之几；所参照的做法写明为 30%"),
            Threshold("orange", "橙灯", "不到百分之几；所参照的做法没有写明，由本级确定"),
            Threshold("yellow", "黄灯", "不到百分之几；所参照的做法没有写明，由本级确定"),
            Threshold(
                "from_percent", "起算进度", "计划进度不到百分之几时不比较比例（年初数小，比例失真）", 0, 50
            ),
        ),
        _by_parts,
        (
            (Light.GREEN, "完成计划的 {yellow}% 及以上；计划要求不到 {from_percent}% 的，不比较；"),
            (
                Light.YELLOW,
                "完成计划的 {orange}% 以上、不到 {yellow}%；应开始而当月没有报送任何进展；或年终认定为基本完成；",
            ),
            (Light.ORANGE, "完成计划的 {red}% 以上、不到 {orange}%；"),
            (
                Light.RED,
                "完成计划不到 {red}%；应开始而连续三个月没有报送任何进展；或认定为未完成；",
            ),
        ),
        rising=("red", "orange", "yellow"),
        refusal="红、橙、黄三条界线应依次增大。",
        note="比例是实际进度占计划进度的百分比；蓝灯是完成并通过验收。",
        figure=_part_words,
    ),
}

#: The thresholds of all schemes, in the order of the form.
THRESHOLDS = tuple(each for scheme in SCHEMES.values() for each in scheme.thresholds)
DEFAULTS = LightSettings()


def part_of_plan(planned: Decimal | int, actual: Decimal | int) -> Decimal:
    """Return `actual` in per cent of `planned`, to one decimal (half up).

    It is rounded before it is compared, because a light must follow from the figure beside it.
    """
    return (Decimal(actual) * 100 / Decimal(planned)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def funds_short(paid: Decimal | None, as_of: date, settings: LightSettings) -> bool:
    """Return whether too little of the year's investment is paid by `as_of`.

    The settings of the place say from which month how much must be paid.
    """
    if not settings.funds_month or paid is None:
        return False
    return as_of >= month_end(date(as_of.year, settings.funds_month, 1)) and paid < settings.funds


def plain(percent: Decimal | int) -> str:
    """Return 70 rather than 70.0, and 69.5 as it is."""
    return f"{percent:f}".removesuffix(".0")
