"""调整、暂缓、终止: who decides, and what has to be published.

陕西 2025 规定 art. 18: the government reports; in a county the standing committee decides and reports to the next
congress, in a township the congress decides; the result is published. Small changes are noted by 主任会议 or 主席团.
"""

from enum import StrEnum


class AdjustmentKind(StrEnum):
    MAJOR = "major"
    SUSPEND = "suspend"
    TERMINATE = "terminate"
    RESUME = "resume"  # a suspended project goes on
    MINOR = "minor"


class AdjustmentCause(StrEnum):
    FORCE_MAJEURE = "force_majeure"
    POLICY = "policy"
    OTHER = "other"


class AdjustmentState(StrEnum):
    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


ADJUSTMENT: dict[AdjustmentState, dict[str, AdjustmentState]] = {
    AdjustmentState.APPLIED: {
        "approve": AdjustmentState.APPROVED,
        "refuse": AdjustmentState.REFUSED,
        "withdraw": AdjustmentState.WITHDRAWN,
    },
    AdjustmentState.APPROVED: {},
    AdjustmentState.REFUSED: {},
    AdjustmentState.WITHDRAWN: {},
}
