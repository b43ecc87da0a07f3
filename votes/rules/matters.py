"""From suggestions to candidates: a matter (建议事项) holds one suggestion or several merged ones.

The terms are those of 代表法 (2025) art. 51, applied to suggestions as well: an answer within three months, six where
the matter is complex; a unit that is not responsible says so within seven working days (玉林's rule).
"""

from enum import StrEnum


class MatterState(StrEnum):
    OPEN = "open"
    TRANSFERRED = "transferred"  # 交办: a unit has been asked for its opinion
    REPORTED = "reported"  # the unit has answered; the office decides
    DECIDED = "decided"


#: state -> action -> next state.
MATTER: dict[MatterState, dict[str, MatterState]] = {
    MatterState.OPEN: {"transfer": MatterState.TRANSFERRED, "decide": MatterState.DECIDED},
    MatterState.TRANSFERRED: {
        "answer": MatterState.REPORTED,
        "return": MatterState.OPEN,
        "recall": MatterState.OPEN,
    },
    MatterState.REPORTED: {"transfer": MatterState.TRANSFERRED, "decide": MatterState.DECIDED},
    MatterState.DECIDED: {"reopen": MatterState.OPEN},
}


class Outcome(StrEnum):
    """处理结果."""

    CANDIDATE = "candidate"
    RESERVE = "reserve"
    DEPUTY_PROPOSAL = "deputy_proposal"
    DECLINED = "declined"
    OUT_OF_SCOPE = "out_of_scope"


class TransferState(StrEnum):
    SENT = "sent"
    RETURNED = "returned"  # 退回: not this unit's business
    ANSWERED = "answered"
    RECALLED = "recalled"
