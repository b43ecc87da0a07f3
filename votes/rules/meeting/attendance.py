"""The acts of the service desk on a deputy's attendance (签到, 请假, 早退)."""

from votes.rules.people.roles import AttendanceState

#: What is noted of a deputy (None: nothing) → the acts that the desk offers.
DESK_ACTS: dict[AttendanceState | None, tuple[str, ...]] = {
    None: ("present", "leave"),
    AttendanceState.PRESENT: ("left", "undo"),
    AttendanceState.LEAVE: ("present", "undo"),
    AttendanceState.LEFT: ("present", "undo"),
}
