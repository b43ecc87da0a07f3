"""The candidate projects of the demo year, as `story/projects.toml` tells them."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from votes.demo import story

YEAR = 2027


@dataclass(frozen=True)
class SubprojectStory:
    """A sub-project."""

    name: str
    target: str
    unit: str
    investment: str


@dataclass(frozen=True)
class CandidateStory:
    """One candidate project, how far its review is by the end of 2026, and how it fares in the vote."""

    key: str
    name: str
    category: str
    unit: str
    leader: str
    location: str
    content: str
    target: str
    total: str
    due_on: date
    benefit_scope: str
    beneficiaries: int
    background: str
    feasibility: str
    preparation: str
    safeguards: str
    funding: tuple[tuple[str, str], ...]
    share: float
    kind: str = "works"
    partners: str = ""
    year_investment: str = ""
    stage_goal: str = ""
    parts: tuple[SubprojectStory, ...] = ()
    villages: tuple[str, ...] = ()  # whom it is for; everybody when empty
    review: str = "approved"  # draft | returned | submitted | the key of the last gate passed | approved
    opinion: str = ""

    def values(self, department_id: int) -> dict[str, Any]:
        """Return the fields as the project service takes them."""
        values = asdict(self)
        for name in ("key", "unit", "total", "share", "parts", "villages", "review", "opinion"):
            del values[name]
        return values | {
            "year": YEAR,
            "department_id": department_id,
            "total_investment": Decimal(self.total),
            "year_investment": Decimal(self.year_investment or self.total),
            "multi_year": bool(self.stage_goal),
            "funding": [{"source": source, "amount": Decimal(amount)} for source, amount in self.funding],
            "subprojects": [asdict(part) | {"investment": Decimal(part.investment)} for part in self.parts],
        }


def _candidates(code: str) -> tuple[CandidateStory, ...]:
    """Read the candidates of one congress; what they do not say themselves is as in its table or in [usual]."""
    tables = story.chapter("projects")
    usual = tables["usual"] | tables[code]
    rows = usual.pop("candidates")
    return story.build(tuple[CandidateStory, ...], [usual | row for row in rows])


#: The candidates of each congress, by its code and in the order in which they are listed.
CANDIDATES = {code: _candidates(code) for code in story.chapter("projects") if code != "usual"}
