"""What a screen in the hall shows, given what the office has put on it and the state of the round.

Whatever the office chooses, no screen shows a result until the tellers have signed.
"""

from enum import StrEnum

from votes.rules.meeting.rounds import RoundState, shows_counts

#: What the office may put on a screen. auto follows the session by itself.
VIEWS = ("auto", "blank", "sign_in", "voting", "result")


class ScreenPicture(StrEnum):
    """Name what the screen shows."""

    BLANK = "blank"  # the names of body and session, nothing else
    WAITING = "waiting"  # signing in: code, heads, quorum
    READY = "ready"  # the round is on, its box not yet open
    VOTING = "voting"  # turnout
    CLOSED = "closed"  # the box is shut and not yet counted
    COUNTED = "counted"  # 等待签字确认
    RESULT = "result"
    VOID = "void"


_PICTURES = {
    RoundState.DRAFT: ScreenPicture.READY,
    RoundState.OPENED: ScreenPicture.VOTING,
    RoundState.CLOSED: ScreenPicture.CLOSED,
    RoundState.COUNTED: ScreenPicture.COUNTED,
    RoundState.CERTIFIED: ScreenPicture.RESULT,
    RoundState.ANNOUNCED: ScreenPicture.RESULT,
    RoundState.VOID: ScreenPicture.VOID,
    RoundState.CANCELLED: ScreenPicture.WAITING,
}


def shown(view: str, state: RoundState | None) -> ScreenPicture:
    """Return what a screen with the view ``view`` shows of a round in ``state`` (None: of no round).

    "voting" shows the turnout even after the signatures: the office puts "result" on the screen when it wants that.
    """
    if view == "blank":
        return ScreenPicture.BLANK
    if view == "sign_in" or state is None:
        return ScreenPicture.WAITING
    picture = _PICTURES[state]
    if picture is ScreenPicture.RESULT and (view == "voting" or not shows_counts(state)):
        return ScreenPicture.CLOSED
    return picture
