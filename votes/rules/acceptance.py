"""验收: works by the responsible unit, then deputies' check along eight dimensions (华泾镇's practice)."""

from enum import StrEnum


class AcceptanceKind(StrEnum):
    WORKS = "works"  # 竣工验收
    DEPUTIES = "deputies"  # 人大验收


class Conclusion(StrEnum):
    PASSED = "passed"
    CONDITIONAL = "conditional"
    FAILED = "failed"


class Mark(StrEnum):
    """What was found on one dimension."""

    MET = "met"
    PARTLY = "partly"
    UNMET = "unmet"


class RereportState(StrEnum):
    """再次报告: asked for where a project was rated 不满意."""

    DEMANDED = "demanded"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"


REREPORT: dict[RereportState, dict[str, RereportState]] = {
    RereportState.DEMANDED: {"submit": RereportState.SUBMITTED},
    RereportState.SUBMITTED: {"accept": RereportState.ACCEPTED, "return": RereportState.DEMANDED},
    RereportState.ACCEPTED: {},
}
