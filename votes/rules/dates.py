"""Dates in Chinese words."""

from datetime import date


def chinese_date(day: date) -> str:
    """Return 2027年1月15日: no leading zeros, as official documents have it (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"
