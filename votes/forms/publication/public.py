"""What citizens ask the public lists for, read out of the address; what makes no sense counts as not given."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from votes.models import Village
from votes.services.delivery.trackings import TrackedProject
from votes.services.publication import public_projects

#: How the address names the projects that are for everybody.
ALL = "-"


@dataclass(frozen=True)
class Grouping:
    """Under which townships the list stands (``by_place``), or the one township it is narrowed to."""

    by_place: bool
    township: str | None

    @classmethod
    def read(cls, known: Sequence[str]) -> "Grouping":
        asked = request.args.get("place", "")
        township = public_projects.EVERYWHERE if asked == ALL else asked or None
        return cls(request.args.get("by") == "place", township if township in known else None)

    def groups(
        self, lines: Sequence[TrackedProject], places: dict[int, list[Village]]
    ) -> list[tuple[str, list[TrackedProject]]]:
        """The lines as they stand on the page: under their townships, under the one asked for, or all together."""
        if not self.by_place:
            return [("", list(lines))]
        if self.township is not None:
            return [(self.township, list(lines))] if lines else []
        return public_projects.by_township(lines, places)

    def of(
        self, lines: Sequence[TrackedProject], townships: Sequence[tuple[str, Sequence[TrackedProject]]]
    ) -> list[TrackedProject]:
        """Those of ``lines`` that lie in the township asked for."""
        if self.township is None:
            return list(lines)
        inside = {line.project.id for name, found in townships if name == self.township for line in found}
        return [line for line in lines if line.project.id in inside]


@dataclass(frozen=True)
class Finding:
    """Words, year and category to look for across the years."""

    q: str
    year: int | None
    category: str

    @classmethod
    def read(cls) -> "Finding":
        year = request.args.get("year", "")
        return cls(
            " ".join(request.args.get("q", "").replace("\x00", "").split())[:60],
            int(year) if year.isdecimal() and len(year) == 4 else None,
            request.args.get("category", "").replace("\x00", "")[:20],
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.year or self.category)
