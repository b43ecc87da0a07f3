"""What only a rehearsal (演练) may do: check deputies in and let them vote at random, so that the day can be tried."""

import secrets
from datetime import datetime

from sqlalchemy import select

from votes.db import db
from votes.models import Attendance, CongressSession, Deputy, Round
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.voting import rehearsal as rules
from votes.services import audit
from votes.services.meeting import checkin, rounds, sessions
from votes.services.people import bodies
from votes.services.voting import ballots, box_contents, register

_random = secrets.SystemRandom()


def sign_in(session: CongressSession, number: int, *, by: Actor, now: datetime) -> int:
    """Check in so many deputies of whom nothing is noted, for a session rehearsed before it begins; return how many.

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
    """Let so many deputies who have not voted cast random valid ballots in a rehearsal; return how many did.

    The ballots take the way of all ballots (`ballots.cast`). Raises RuleBroken for a real round, a box that is not
    open, or when everybody has voted.
    """
    rules.check_random(rehearsal=round_.rehearsal, state=round_.state, number=number)
    query = register.without_vote(round_.id, register.roll.c.deputy_id).order_by(register.roll.c.deputy_id)
    waiting = list(db.session.scalars(query))
    if not waiting:
        raise RuleBroken(bodies.speak("已签到的代表都已投票（或已领纸质票），没有可以随机投票的演练代表。"))
    rule = rounds.rule_of(round_)
    numbers = box_contents.numbers(round_)
    chosen = _random.sample(waiting, min(number, len(waiting)))
    for deputy_id in chosen:
        marks = rules.random_marks(rule, numbers, _random)
        ballots.cast(round_.id, deputy_id, code=new_code(), marks=marks, now=now)
    audit.record("round.random", by=by, at=now, about=round_, after={"count": len(chosen)})
    return len(chosen)
