"""计票人 and 录入员: staff named for a session, whose reading of a paper counts as a teller's does.

They are named before a vote is under way, on the audit log and on the session's chain; the tellers see the names.
"""

from datetime import datetime

from sqlalchemy import select

from votes.db import db, everything, flush_or
from votes.models import CongressSession, Keyer, User, UserRole
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import KeyerRole, Role
from votes.services import audit
from votes.services.meeting import events, sessions


def named(session: CongressSession) -> list[Keyer]:
    """Return those named for the session, in the order of their naming."""
    return everything(select(Keyer).where(Keyer.session_id == session.id).order_by(Keyer.id))


def candidates(session: CongressSession) -> list[User]:
    """Return the accounts of the congress office that may be named: they can open the pages for keying."""
    office = User.id.in_(select(UserRole.user_id).where(UserRole.role == Role.OFFICE))
    return everything(
        select(User).where(User.body_id == session.body_id, User.active, office).order_by(User.id)
    )


def vouches(session: CongressSession, reader: str | None) -> bool:
    """Tell whether the reader ("d7" a deputy, "u12" an account) is a teller of the session, or named for it."""
    if reader is None:
        return False
    if reader.startswith("d"):
        return reader in {f"d{teller.deputy_id}" for teller in session.tellers}
    return reader in {f"u{keyer.user_id}" for keyer in named(session)}


def name(session: CongressSession, user_id: int, role: KeyerRole, *, by: Actor, now: datetime) -> Keyer:
    """Name an account. Raises RuleBroken for one that cannot key or is named, and while a vote is under way."""
    session = _locked(session)
    user = next((user for user in candidates(session) if user.id == user_id), None)
    if user is None:
        raise RuleBroken("只能指定本级人大办在用的账号。", field="user_id", status=422)
    keyer = Keyer(
        session_id=session.id, user_id=user.id, user=user, role=role, named_by=by.name[:60], named_at=now
    )
    db.session.add(keyer)
    flush_or(RuleBroken(f"{user.name}已经指定。", field="user_id"), constraint="uq_keyers_user")
    _record("name", session, keyer, by=by, now=now)
    return keyer


def remove(session: CongressSession, keyer_id: int, *, by: Actor, now: datetime) -> None:
    """Take somebody off the list again. Raises RuleBroken while a vote is under way."""
    session = _locked(session)
    keyer = next((each for each in named(session) if each.id == keyer_id), None)
    if keyer is None:
        raise RuleBroken("名单已有变动，请刷新后再办理。", status=404)
    _record("remove", session, keyer, by=by, now=now)
    db.session.delete(keyer)
    db.session.flush()


def _locked(session: CongressSession) -> CongressSession:
    session = sessions.lock_session(session)
    if sessions.under_way(session):
        raise RuleBroken("票决正在进行，计票人、录入员名单不能变动。")
    sessions.refuse_ended(session, "会议已闭会，名单不能变动。")
    return session


def _record(act: str, session: CongressSession, keyer: Keyer, *, by: Actor, now: datetime) -> None:
    facts = {"name": keyer.user.name, "account": keyer.user.username, "role": keyer.role.value}
    audit.record(f"keyer.{act}", by=by, at=now, about=session, after=facts)
    events.append(session, f"keyer_{act}d", by=by, at=now, **facts)
