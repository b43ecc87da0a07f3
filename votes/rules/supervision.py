"""监督: groups, inspections, and what they find.

A deputy does not deal with the matter directly (代表法 2025 art. 31): what is found becomes a 督办件 that staff route.
"""

from enum import StrEnum


class InspectionKind(StrEnum):
    VISIT = "visit"
    RESEARCH = "research"
    UNANNOUNCED = "unannounced"
    RECHECK = "recheck"


class InspectionState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


INSPECTION: dict[InspectionState, dict[str, InspectionState]] = {
    InspectionState.PLANNED: {"hold": InspectionState.HELD, "cancel": InspectionState.CANCELLED},
    InspectionState.HELD: {},
    InspectionState.CANCELLED: {"restore": InspectionState.PLANNED},
}


class RectificationState(StrEnum):
    """督办件."""

    ISSUED = "issued"
    ANSWERED = "answered"  # the unit says that it is put right
    CLOSED = "closed"  # inspected again and found so
    CANCELLED = "cancelled"


RECTIFICATION: dict[RectificationState, dict[str, RectificationState]] = {
    RectificationState.ISSUED: {
        "answer": RectificationState.ANSWERED,
        "cancel": RectificationState.CANCELLED,
    },
    RectificationState.ANSWERED: {"pass": RectificationState.CLOSED, "fail": RectificationState.ISSUED},
    RectificationState.CLOSED: {"reopen": RectificationState.ISSUED},
    RectificationState.CANCELLED: {},
}
