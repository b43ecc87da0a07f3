"""Read the year, the order and the place of the regional overview out of the query."""

from dataclasses import dataclass

from flask import request

from votes.forms.base import number
from votes.services.publication.regional_overview import SORTS


@dataclass(frozen=True)
class OverviewChoice:
    """What the reader chose; values that make no sense count as not given."""

    year: int | None
    sort: str
    place: int | None

    @classmethod
    def read(cls) -> "OverviewChoice":
        sort = request.args.get("sort", "")
        return cls(
            number(request.args.get("year")),
            sort if sort in SORTS else "place",
            number(request.args.get("place")),
        )
