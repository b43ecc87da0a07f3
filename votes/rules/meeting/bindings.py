"""A card and a phone: to which browser a card belongs, and how another browser gets in with it."""

from enum import StrEnum

from votes.rules.meeting.rounds import SessionState
from votes.rules.people.roles import AttendanceState


class Way(StrEnum):
    """How a browser comes in with a card."""

    SCAN = "scan"  # the QR code alone
    PIN = "pin"  # the PIN that is printed on the card
    DESK = "desk"  # the service desk has looked at the deputy


class Entry(StrEnum):
    """What happens to a browser that comes in with a card."""

    ENTER = "enter"  # it is signed in, and nothing else changes
    BIND = "bind"  # from now on the card belongs to it
    TAKE_OVER = "take_over"  # the card belongs to it, and the browser before it is out
    ASK_PIN = "ask_pin"  # the card belongs to another browser: only the PIN takes it over
    VOTED = "voted"  # a vote was cast with the card in another browser: only the desk can help


def begins(session: SessionState, attendance: AttendanceState | None, *, rehearsing: bool) -> bool:
    """Tell whether an entry binds the card: the session is running, and the deputy has checked in.

    ``rehearsing``: the box of a rehearsal is open and no other. Practice never binds.
    """
    return session == SessionState.RUNNING and attendance == AttendanceState.PRESENT and not rehearsing


def decide(way: Way, browser: str, *, bound_to: str | None, begins: bool, voted_elsewhere: bool) -> Entry:
    """Return what happens to ``browser``, which comes in by ``way``.

    ``bound_to`` is the browser to which the card belongs; ``voted_elsewhere``: in a round that is open another browser
    has cast the deputy's vote.
    """
    if bound_to == browser:
        return Entry.ENTER
    if voted_elsewhere and way != Way.DESK:
        return Entry.VOTED
    if bound_to is None:
        return Entry.BIND if begins else Entry.ENTER
    return Entry.ASK_PIN if way == Way.SCAN else Entry.TAKE_OVER
