"""What the year's projects are narrowed by.

It is the same for the office's list and the public one.
"""

from collections.abc import Sequence

from votes.rules.delivery.trackings import Light
from votes.services.delivery import trackings
from votes.services.people import departments
from votes.web import filters

PROJECT_FILTERS = filters.quietly(
    [
        filters.year(trackings.years),
        filters.lenient(filters.of_enum("light", "状态", Light)),
        filters.lenient(
            filters.of_rows("unit", "责任单位", departments.all_departments), hidden=filters.no_choice
        ),
        filters.lenient(filters.Filter("category", "类别", [], "全部")),
        filters.order(trackings.SEARCH),
        filters.lenient(filters.words("名称、地点、内容、领导"), read=lambda text: text.strip()[:60]),
    ]
)


def offer(chosen: filters.Filters, lines: Sequence[trackings.TrackedProject]) -> None:
    """Offer the lights, units and categories of the year's projects."""
    chosen.offer(
        light=filters.words_of(trackings.summary(lines).lights),
        unit=[(unit.id, unit.name) for unit in trackings.units(lines)],
        category=[(each, each) for each in sorted({line.project.category for line in lines})],
    )
