"""The parts of a report: 子项目 with their weights, and money by source."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from votes.rules.errors import invalid

#: Fewer characters give no reason for another percentage than the parts'.
REASON_LENGTH = 10


def whole_percent(parts: Sequence[tuple[int, int]]) -> int:
    """Return the percentage of the whole from (weight, per cent) of its parts.

    It is their weighted mean, rounded half up.

    Raises ValueError for no part, or weights that add up to nothing.
    """
    total = sum(weight for weight, _ in parts)
    if total < 1:
        raise ValueError("no weights")
    return (2 * sum(weight * percent for weight, percent in parts) + total) // (2 * total)


def check_whole(*, percent: int, computed: int | None, reason: str, may_depart: bool) -> str:
    """Return the reason to keep with a report's percentage.

    It is "" where the parts give the same percentage.

    ``computed``: the percentage that the parts give; None: there are none. Only the government office (``may_depart``)
    may report another one, with a public reason. Raises RuleBroken (fields "percent", "percent_reason").
    """
    if computed is None or percent == computed:
        return ""
    if not may_depart:
        raise invalid(
            "percent", f"整体进度由各子项目按权重得出，为 {computed}%。确需另行认定的，请联系政府办说明理由。"
        )
    if len(reason.strip()) < REASON_LENGTH:
        raise invalid(
            "percent_reason",
            f"各子项目按权重为 {computed}%，现填 {percent}%。请写明另行认定的理由（至少 {REASON_LENGTH} 个字，对外公开）。",
        )
    return reason.strip()


class Money(NamedTuple):
    """Money from one source, cumulative for the year, 万元."""

    source: str
    planned: Decimal
    in_place: Decimal
    paid: Decimal


#: A report's total → the field of `Money` that it adds up, and its words.
TOTALS = {
    "money_planned": ("planned", "年度计划投资"),
    "money_in_place": ("in_place", "累计到位资金"),
    "money_paid": ("paid", "累计拨付资金"),
}


def check_sources(rows: Sequence[Money], totals: Mapping[str, Decimal]) -> None:
    """Refuse sources that do not add up to the totals (keys of `TOTALS`).

    Refuse also those that are named twice or not at all.

    No rows are allowed: then only the totals are reported. Raises RuleBroken with the field of the total.
    """
    if not rows:
        return
    names = [row.source.strip() for row in rows]
    if not all(names):
        raise invalid("sources", "请写明资金来源的名称。")
    if len(set(names)) < len(names):
        raise invalid("sources", "同一资金来源只填一行，请合并。")
    for field, (column, words) in TOTALS.items():
        added = sum((getattr(row, column) for row in rows), Decimal(0))
        if added != totals[field]:
            raise invalid(
                field,
                f"各来源的{words}合计 {added:,.2f} 万元，与总数 {totals[field]:,.2f} 万元不符，请核对。",
            )
