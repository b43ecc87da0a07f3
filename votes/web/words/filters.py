"""Jinja filters: how dates, amounts and shares are written."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from flask import Flask

from votes.clock import local
from votes.rules.codes import grouped
from votes.rules.dates import chinese_date
from votes.rules.delivery.lights import plain
from votes.rules.delivery.periods import MONTH, NOUNS, PERIODS, span, word
from votes.rules.people.throttle import words as wait_words
from votes.rules.voting.further import nth


def day(value: date | datetime | None) -> str:
    """Return 2027年1月15日."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = local(value).date()
    return chinese_date(value)


def month(value: date | None) -> str:
    """Return 2027年1月."""
    return f"{value.year}年{value.month}月" if value else ""


def months(values: Sequence[date], period: str = MONTH) -> str:
    """Return 2027年9月至10月 or 2027年第二季度 for periods that follow each other."""
    return f"{values[0].year}年{span(values, values[0], period)}" if values else ""


def period_word(value: date | None, period: str = MONTH) -> str:
    """Return 2027年9月 or 2027年第三季度: the period that ends with this month."""
    return word(value, None, period) if value else ""


def moment(value: datetime | None) -> str:
    """Return 2027年1月15日 09:30 in China's time."""
    if value is None:
        return ""
    at = local(value)
    return f"{day(at.date())} {at:%H:%M}"


def clock_time(value: datetime | None) -> str:
    """Return 09:30 in China's time."""
    return f"{local(value):%H:%M}" if value else ""


def clock_seconds(value: datetime | None) -> str:
    """Return 09:30:05 in China's time."""
    return f"{local(value):%H:%M:%S}" if value else ""


def money(value: Decimal | float | int | None) -> str:
    """Return an amount in 万元 with two decimals, without the unit."""
    return "" if value is None else f"{Decimal(value):,.2f}"


def share(part: float | int | None, whole: float | int | None, digits: int = 2) -> str:
    """Return part/whole in percent, rounded half up; a dash where there is no whole."""
    if not whole or part is None:
        return "—"
    value = Decimal(str(part)) * 100 / Decimal(str(whole))
    return f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)}%"


def points(value: Decimal | float | int | None) -> str:
    """Return percent or points with one decimal, rounded half up, without a decimal 0: 52, 69.5."""
    if value is None:
        return ""
    return plain(Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def init(app: Flask) -> None:
    """Give the filters to the templates."""
    filters = (day, month, months, moment, clock_time, clock_seconds, money, share, points, nth)
    app.jinja_env.filters.update(
        {each.__name__: each for each in filters},
        code_groups=lambda code: grouped(code).replace(" ", "\u00a0"),  # a code stays on one line
        wait_words=wait_words,
        period=period_word,
        period_words=PERIODS.get,
        report_noun=lambda tracking: NOUNS[tracking.period],
    )
