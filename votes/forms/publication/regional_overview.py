"""What the overview is asked for: a year, an order, the place whose years are compared."""

from dataclasses import dataclass

from flask import request

from votes.forms.base import number
from votes.services.publication.regional_overview import SORTS


@dataclass(frozen=True)
class Choice:
    """Read out of the address; what makes no sense counts as not given."""

    year: int | None
    sort: str
    place: int | None

    @classmethod
    def read(cls) -> "Choice":
        sort = request.args.get("sort", "")
        return cls(
            number(request.args.get("year")),
            sort if sort in SORTS else "place",
            number(request.args.get("place")),
        )
