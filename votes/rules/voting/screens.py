"""What a screen in the hall shows, out of what the office has put on it and how far the round is.

Whatever the office chooses, a result stays off every screen until the tellers have signed.
"""

from enum import StrEnum

from votes.rules.meeting.rounds import RoundState, shows_counts

#: What the office may put on a screen. auto follows the session by itself.
VIEWS = ("auto", "blank", "sign_in", "voting", "result")


class Shown(StrEnum):
    """What stands on the screen."""

    BLANK = "blank"  # the names of body and session, nothing else
    WAITING = "waiting"  # signing in: code, heads, quorum
    READY = "ready"  # the round is on, its box not yet open
    VOTING = "voting"  # turnout
    CLOSED = "closed"  # the box is shut and not yet counted
    COUNTED = "counted"  # 等待签字确认
    RESULT = "result"
    VOID = "void"


_STANDING = {
    RoundState.DRAFT: Shown.READY,
    RoundState.OPENED: Shown.VOTING,
    RoundState.CLOSED: Shown.CLOSED,
    RoundState.COUNTED: Shown.COUNTED,
    RoundState.CERTIFIED: Shown.RESULT,
    RoundState.ANNOUNCED: Shown.RESULT,
    RoundState.VOID: Shown.VOID,
    RoundState.CANCELLED: Shown.WAITING,
}


def shown(view: str, state: RoundState | None) -> Shown:
    """What a screen on which the office has put ``view`` shows of a round in ``state`` (None: of no round).

    "voting" stays with the turnout after the close: who wants the result on the screen says so.
    """
    if view == "blank":
        return Shown.BLANK
    if view == "sign_in" or state is None:
        return Shown.WAITING
    found = _STANDING[state]
    if found is Shown.RESULT and (view == "voting" or not shows_counts(state)):
        return Shown.CLOSED
    return found
