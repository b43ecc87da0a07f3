"""Candidate projects: their life from draft to the list, and the review gates of the place."""

from dataclasses import dataclass
from enum import StrEnum


class ProjectState(StrEnum):
    DRAFT = "draft"
    REVIEWING = "reviewing"
    APPROVED = "approved"
    LISTED = "listed"
    SELECTED = "selected"
    NOT_SELECTED = "not_selected"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    """What was decided at a gate."""

    PASS = "pass"
    RETURN = "return"
    WITHDRAW = "withdraw"
    LIST = "list"
    UNLIST = "unlist"


#: state -> action -> next state. Passing the last gate is "approve"; the gates before it keep "reviewing".
PROJECT = {
    ProjectState.DRAFT: {"submit": ProjectState.REVIEWING, "withdraw": ProjectState.WITHDRAWN},
    ProjectState.REVIEWING: {
        "pass": ProjectState.REVIEWING,
        "approve": ProjectState.APPROVED,
        "return": ProjectState.DRAFT,
        "withdraw": ProjectState.WITHDRAWN,
    },
    ProjectState.APPROVED: {
        "list": ProjectState.LISTED,
        "return": ProjectState.DRAFT,
        "withdraw": ProjectState.WITHDRAWN,
    },
    # Once on the list only the congress acts: the office may take it off before a round is opened on it.
    ProjectState.LISTED: {
        "unlist": ProjectState.APPROVED,
        "select": ProjectState.SELECTED,
        "not_select": ProjectState.NOT_SELECTED,
    },
    ProjectState.SELECTED: {},
    ProjectState.NOT_SELECTED: {},
    ProjectState.WITHDRAWN: {"restore": ProjectState.DRAFT},
}


@dataclass(frozen=True)
class Gate:
    """One review gate: its key, its Chinese name, and who records the outcome (a role's value)."""

    key: str
    name: str
    role: str


#: The gates of a place unless its settings name others (Zhejiang 2018 rules art. 4: the standing committee's
#: review is a legal precondition in counties; Zhejiang township regulations art. 30: the presidium's).
GATES = {
    "county": (
        Gate("government", "政府常务会议", "government"),
        Gate("party", "县委常委会会议", "government"),
        Gate("standing", "县人大常委会会议", "office"),
    ),
    "township": (
        Gate("joint", "党政联席会议", "government"),
        Gate("presidium", "乡镇人大主席团会议", "office"),
    ),
}
