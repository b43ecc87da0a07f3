"""A card belongs to the browser that enters first after the check-in; another takes it over with the PIN on the card.

The browser is known by a digest of the random number in its cookie. Binding raises the serial of the card's sign-ins,
so that every other browser of the card is out: the identity statement of a cast reads that serial anyway. Neither a
time nor a line of the log is kept: a vote may be near.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select, update

from votes.db import db
from votes.models import Attendance, Body, Card, CongressSession, Round, Turnout, table_of
from votes.rules.meeting import bindings as rules
from votes.rules.meeting.bindings import Entry, Way
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.voting.ballots import Source, is_marked

_card, _session, _body = table_of(Card), table_of(CongressSession), table_of(Body)
_attendance, _round, _turnout = table_of(Attendance), table_of(Round), table_of(Turnout)


@dataclass(frozen=True)
class VotedRound:
    """A round in which another browser has cast the deputy's vote."""

    id: int
    title: str
    rehearsal: bool = False


@dataclass(frozen=True)
class CardEntry:
    """What happens to a browser that comes in with a card, and the votes that other browsers have cast with it."""

    entry: Entry
    elsewhere: tuple[VotedRound, ...] = ()

    @property
    def signs_in(self) -> bool:
        """Return whether the browser is signed in."""
        return self.entry not in (Entry.ASK_PIN, Entry.VOTED)


# --- reading -------------------------------------------------------------------------------------------


_open = (_round.c.session_id == _card.c.session_id) & (_round.c.state == RoundState.OPENED)
_own_turnout = (_turnout.c.round_id == _round.c.id) & (_turnout.c.deputy_id == _card.c.deputy_id)
_present = and_(_attendance.c.session_id == _card.c.session_id, _attendance.c.deputy_id == _card.c.deputy_id)
#: The card with what decides of an entry: one line for each open round of its session, at least one.
_LINES = select(
    *(_card.c.bound_to, _session.c.state, _attendance.c.state.label("attendance"), _body.c.is_demo),
    *(_round.c.id.label("round_id"), _round.c.title, _round.c.rehearsal, _round.c.resend_key),
    *(_turnout.c.channel, _turnout.c.browser_mark),
).select_from(
    _card.join(_session, _session.c.id == _card.c.session_id)
    .join(_body, _body.c.id == _card.c.body_id)
    .outerjoin(_attendance, _present)
    .outerjoin(_round, _open)
    .outerjoin(_turnout, _own_turnout)
)


def look(card_id: int, browser: str, way: Way) -> CardEntry:
    """Return what happens to ``browser`` when it comes in with the card, in one statement.

    In a demo visitors share the cards and hold none in their hands: each takes over without the PIN.
    """
    lines = db.session.execute(_LINES.where(_card.c.id == card_id).order_by(_round.c.id)).all()
    first, formal = lines[0], [line for line in lines if line.rehearsal is False]
    elsewhere = tuple(
        VotedRound(line.round_id, line.title) for line in formal if _voted_elsewhere(line, browser)
    )
    rehearsing = not formal and any(line.rehearsal for line in lines)
    entry = rules.decide(
        Way.DESK if first.is_demo else way,
        browser,
        bound_to=first.bound_to,
        begins=rules.begins(SessionState(first.state), first.attendance, rehearsing=rehearsing),
        voted_elsewhere=bool(elsewhere),
    )
    return CardEntry(entry, elsewhere)


def _voted_elsewhere(line: Any, browser: str) -> bool:
    """Tell whether another browser has cast the vote of a line of an open round."""
    return line.channel == Source.PHONE and not is_marked(line.browser_mark, line.resend_key, browser)


def takeovers(session_id: int) -> int:
    """Return how often a card of the session was taken over by another browser; void cards count."""
    taken = select(func.coalesce(func.sum(_card.c.takeovers), 0)).where(_card.c.session_id == session_id)
    return db.session.scalar(taken) or 0


def owner(card_id: int) -> tuple[int, str | None]:
    """Return the deputy of a valid card and the browser to which it belongs; 0 and None for any other id."""
    columns = select(_card.c.deputy_id, _card.c.bound_to)
    row = db.session.execute(columns.where(_card.c.id == card_id, _card.c.voided_at.is_(None))).first()
    return (row.deputy_id, row.bound_to) if row else (0, None)


# --- entering ------------------------------------------------------------------------------------------


def enter(card_id: int, browser: str, way: Way) -> CardEntry:
    """Let the browser come in with the card, note that it has been opened, and bind it where that is due.

    Of two browsers at the same instant one binds the card; what happens to the other is decided again.
    """
    found = look(card_id, browser, way)
    while found.entry in (Entry.BIND, Entry.TAKE_OVER) and not _bind(card_id, browser, found.entry):
        found = look(card_id, browser, way)
    if found.entry == Entry.ENTER:
        unopened = update(_card).where(_card.c.id == card_id, _card.c.opened.is_(False))
        db.session.execute(unopened.values(opened=True))
    return found


def _bind(card_id: int, browser: str, entry: Entry) -> bool:
    """Bind the card unless another browser was faster; return whether it is done."""
    before = _card.c.bound_to.is_(None) if entry == Entry.BIND else _card.c.bound_to != browser
    binding = update(_card).where(_card.c.id == card_id, before).returning(_card.c.id)
    values = {"opened": True, "bound_to": browser, "login_serial": _card.c.login_serial + 1}
    if entry == Entry.TAKE_OVER:
        values["takeovers"] = _card.c.takeovers + 1
    return db.session.execute(binding.values(values)).first() is not None
