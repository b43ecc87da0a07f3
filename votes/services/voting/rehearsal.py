"""What only a rehearsal (演练) may do: sign deputies in and let them vote at random, so that the day can be tried."""

import secrets
from datetime import datetime

from sqlalchemy import select

from votes.db import db
from votes.models import Attendance, CongressSession, Deputy, RollEntry, Round, Turnout, table_of
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.voting import rehearsal as rules
from votes.services import audit
from votes.services.meeting import checkin, rounds, sessions
from votes.services.people import bodies
from votes.services.voting import ballots

_random = secrets.SystemRandom()
_roll, _turnout = table_of(RollEntry), table_of(Turnout)


def sign_in(session: CongressSession, number: int, *, by: Actor, now: datetime) -> int:
    """Sign in so many deputies of whom nothing is noted, for a session that is rehearsed before it begins; answers how many.

    Raises RuleBroken once the session has begun, without a rehearsal, or when nobody is left.
    """
    session = sessions.lock_session(session, shared=True)  # not while it is being started
    rules.check_sign_in(session=session.state, rehearsal_on=sessions.rehearsal_on(session), number=number)
    noted = select(Attendance.deputy_id).where(Attendance.session_id == session.id)
    free = db.session.scalars(
        select(Deputy.id)
        .where(Deputy.state == DeputyState.ACTIVE, Deputy.id.not_in(noted))
        .order_by(Deputy.number)
        .limit(number)
    ).all()
    if not free:
        raise RuleBroken(bodies.speak("没有可以签到的代表：在任代表都已签到或请假。"))
    return checkin.check_in_all(session, free, by=by, now=now)


def vote_at_random(round_: Round, number: int, *, by: Actor, now: datetime) -> int:
    """Let so many deputies who have not voted cast random valid ballots in a rehearsal; answers how many did.

    The ballots go the way of all ballots (`ballots.cast`). Raises RuleBroken for a real round, a box that is not
    open, or when everybody has voted.
    """
    rules.check_random(rehearsal=round_.rehearsal, state=round_.state, number=number)
    waiting = list(
        db.session.scalars(
            select(_roll.c.deputy_id)
            .select_from(
                _roll.outerjoin(
                    _turnout,
                    (_turnout.c.round_id == _roll.c.round_id) & (_turnout.c.deputy_id == _roll.c.deputy_id),
                )
            )
            .where(_roll.c.round_id == round_.id, _roll.c.present, _turnout.c.deputy_id.is_(None))
            .order_by(_roll.c.deputy_id)
        )
    )
    if not waiting:
        raise RuleBroken(bodies.speak("已签到的代表都已投票（或已领纸质票），没有可以随机投票的演练代表。"))
    rule = rounds.rule_of(round_)
    numbers = [c.number for c in round_.candidates]
    chosen = _random.sample(waiting, min(number, len(waiting)))
    for deputy_id in chosen:
        marks = rules.random_marks(rule, numbers, _random)
        ballots.cast(round_.id, deputy_id, code=new_code(), marks=marks, now=now)
    audit.record("round.random", by=by, at=now, about=round_, after={"count": len(chosen)})
    return len(chosen)
