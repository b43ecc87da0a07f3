"""What a count works on and what comes out of it: turnout, ballots, box totals, figures and outcome.

Printed numbers order what is shown; they never decide anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from votes.rules.voting.ballots import Source

SELECTED, NOT_SELECTED, UNDECIDED, NO_MAJORITY = "selected", "not_selected", "undecided", "no_majority"
RETURNED_EXCEEDS_ISSUED, NO_QUORUM = "returned_exceeds_issued", "no_quorum"


@dataclass(frozen=True)
class TurnoutFigures:
    """Hold 应到, 实到 (persons), 发出, 收回 (ballots) of a round.

    `paper_issued` is how many of the issued ballots are paper; None where the rule knows no paper.
    """

    roster: int
    present: int
    issued: int
    returned: int
    paper_issued: int | None = None

    @property
    def uncast(self) -> int:
        """Return 未投: ballots issued and not returned. A fact about turnout, never 弃权."""
        return max(self.issued - self.returned, 0)


@dataclass(frozen=True, slots=True)
class CastBallot:
    """Hold one ballot from the box; a spoilt one (a paper that cannot be read) is invalid."""

    code: str
    source: Source
    marks: Mapping[int, str]
    spoilt: bool = False


@dataclass(frozen=True)
class BoxTotal:
    """Hold the sums of a ballot box counted by hand (rule.paper = totals).

    `counts` maps a printed number to the votes of each mark among the box's valid papers. The rest up to `valid`
    is 弃权 (in a rating, a void item).
    """

    no: int
    valid: int
    invalid: int
    counts: Mapping[int, Mapping[str, int]]

    @property
    def returned(self) -> int:
        """Return how many papers were in the box."""
        return self.valid + self.invalid


@dataclass(frozen=True)
class VoteCount:
    """Hold the votes on one candidate among the valid ballots, and the outcome."""

    no: int
    for_: int
    against: int
    abstain: int
    outcome: str

    @property
    def figures(self) -> tuple[int, int, int]:
        """Return 赞成, 反对, 弃权."""
        return self.for_, self.against, self.abstain


@dataclass(frozen=True)
class RatingCount:
    """Hold the ratings of one project; `void` counts the valid ballots without a usable mark on it.

    `grade` is None when the round as a whole is void.
    """

    no: int
    satisfied: int
    basically: int
    dissatisfied: int
    void: int
    grade: str | None

    @property
    def figures(self) -> tuple[int, int, int]:
        """Return 满意, 基本满意, 不满意."""
        return self.satisfied, self.basically, self.dissatisfied


@dataclass(frozen=True)
class Result:
    """Hold what the counting sheet says. A vote fills `counts`, a rating fills `ratings`.

    `selected` and `undecided` ascend by printed number: a published list must not leak the ranking.
    `void` is the reason why the round as a whole does not stand, or None.
    """

    valid: int
    invalid: int
    selected: tuple[int, ...]
    undecided: tuple[int, ...]
    seats_left: int
    counts: tuple[VoteCount, ...] = ()
    ratings: tuple[RatingCount, ...] = ()
    void: str | None = None

    @property
    def rows(self) -> Sequence[VoteCount | RatingCount]:
        """Return the rows of the projects in ballot order."""
        return self.ratings or self.counts

    def to_dict(self) -> dict[str, Any]:
        """Return the "result" object of the published record."""
        return {
            "valid": self.valid,
            "invalid": self.invalid,
            "counts": [{name.rstrip("_"): value for name, value in asdict(row).items()} for row in self.rows],
            "selected": list(self.selected),
            "undecided": list(self.undecided),
            "seats_left": self.seats_left,
            **({"void": self.void} if self.void else {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Result":
        """Return the result that `to_dict` wrote."""
        rows = data["counts"]
        rating = bool(rows) and "grade" in rows[0]
        return cls(
            **{name: data[name] for name in ("valid", "invalid", "seats_left")},
            selected=tuple(data["selected"]),
            undecided=tuple(data["undecided"]),
            counts=()
            if rating
            else tuple(VoteCount(r["no"], r["for"], r["against"], r["abstain"], r["outcome"]) for r in rows),
            ratings=tuple(RatingCount(**row) for row in rows) if rating else (),
            void=data.get("void"),
        )


@dataclass(frozen=True)
class SourceShare:
    """Hold what came in one way, by phone or on paper: 发出, 收回 and the count of these ballots alone.

    The outcome in `result` means nothing. It is None where one of the two ways is small: its marks could be read
    off beside the names in the register.
    """

    issued: int
    returned: int
    result: Result | None = None


@dataclass(frozen=True)
class Ranked:
    """Hold one row of the result in the order in which screen and sheet show it.

    `votes` is the sort key: "for", or 满意 in a rating. Equals share a `rank`. `cut_below` is True on the one row
    under which the line between selected and not selected is drawn.
    """

    rank: int
    no: int
    votes: int
    outcome: str | None  # for a rating: the grade
    cut_below: bool = False


def ranking(result: Result) -> list[Ranked]:
    """Return the rows in display order: most votes first, then by printed number."""
    rows = [(row.satisfied, row.no, row.grade) for row in result.ratings] or [
        (row.for_, row.no, row.outcome) for row in result.counts
    ]
    rows.sort(key=lambda row: (-row[0], row[1]))
    first_at: dict[int, int] = {}
    for place, (votes, _, _) in enumerate(rows, start=1):
        first_at.setdefault(votes, place)
    # Each selected project has more votes than each of the others, so the selected stand at the head of the list.
    return [
        Ranked(first_at[votes], no, votes, outcome, cut_below=place == len(result.selected))
        for place, (votes, no, outcome) in enumerate(rows, start=1)
    ]
