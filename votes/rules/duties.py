"""履职档案: what a deputy has done in office (代表法 2025 art. 58), never how they voted.

The rates are those of 青海's practice (2025): attendance at the congress and the standing committee, taking part in
special committees, speaking.
"""

from enum import StrEnum


class DutyMeetingKind(StrEnum):
    COMMITTEE = "committee"  # 常委会会议
    SPECIAL = "special"  # 专门委员会、工作委员会会议
    OTHER = "other"


class DutyAttendanceState(StrEnum):
    PRESENT = "present"
    LEAVE = "leave"
    ABSENT = "absent"


class DutyKind(StrEnum):
    TRAINING = "training"
    VISIT = "visit"  # 走访接待群众
    RESEARCH = "research"  # 视察调研
    SPEECH = "speech"
    GROUP = "group"  # 代表小组活动
    REPORT = "report"  # 述职
    AWARD = "award"
    OTHER = "other"


class DutyState(StrEnum):
    ENTERED = "entered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


DUTY: dict[DutyState, dict[str, DutyState]] = {
    DutyState.ENTERED: {"confirm": DutyState.CONFIRMED, "refuse": DutyState.REFUSED},
    DutyState.CONFIRMED: {"refuse": DutyState.REFUSED},
    DutyState.REFUSED: {"confirm": DutyState.CONFIRMED},
}
