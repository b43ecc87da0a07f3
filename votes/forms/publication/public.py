"""Read what citizens ask the public lists for out of the query; values that make no sense count as not given."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from votes.models import Village
from votes.services.delivery.trackings import TrackedProject
from votes.services.publication import public_projects

#: The value of ``place`` for the projects that are for everybody.
ALL = "-"


@dataclass(frozen=True)
class Grouping:
    """Whether the list is grouped by townships, and the one township to which it is narrowed."""

    by_place: bool
    township: str | None

    @classmethod
    def read(cls, townships: Sequence[str]) -> "Grouping":
        place = request.args.get("place", "")
        township = public_projects.EVERYWHERE if place == ALL else place or None
        return cls(request.args.get("by") == "place", township if township in townships else None)

    def groups(
        self, lines: Sequence[TrackedProject], places: dict[int, list[Village]]
    ) -> list[tuple[str, list[TrackedProject]]]:
        """Return the lines as groups with headings: by township, of the one chosen, or all under ''."""
        if not self.by_place:
            return [("", list(lines))]
        if self.township is not None:
            return [(self.township, list(lines))] if lines else []
        return public_projects.by_township(lines, places)

    def of(self, lines: Sequence[TrackedProject], places: dict[int, list[Village]]) -> list[TrackedProject]:
        """Keep those of ``lines`` that lie in the chosen township."""
        if self.township is None:
            return list(lines)
        return dict(public_projects.by_township(lines, places)).get(self.township, [])


@dataclass(frozen=True)
class ProjectQuery:
    """Words, year and category by which projects of all years are searched."""

    q: str
    year: int | None
    category: str

    @classmethod
    def read(cls) -> "ProjectQuery":
        year = request.args.get("year", "")
        return cls(
            " ".join(request.args.get("q", "").replace("\x00", "").split())[:60],
            int(year) if year.isdecimal() and len(year) == 4 else None,
            request.args.get("category", "").replace("\x00", "")[:20],
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.year or self.category)
