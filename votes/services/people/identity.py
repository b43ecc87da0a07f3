"""Identity: the `Actor` of an account's or a voting card's id."""

from datetime import datetime

from sqlalchemy import select

from votes.db import db
from votes.models import Body, Card, CongressSession, Deputy, SignIn, Teller, User, table_of
from votes.rules.meeting.rounds import SessionState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState, Role, TellerRole
from votes.rules.people.second_factor import needed_always
from votes.services.people import second_factors

_card, _deputy, _teller = table_of(Card), table_of(Deputy), table_of(Teller)
_session = table_of(CongressSession)


def _tellers(deputy_id: int | None) -> tuple[frozenset[int], frozenset[int]]:
    """Return the sessions in which the deputy is a teller, and those in which the chief teller."""
    if deputy_id is None:
        return frozenset(), frozenset()
    query = select(_teller.c.session_id, _teller.c.role).where(_teller.c.deputy_id == deputy_id)
    rows = db.session.execute(query).all()
    chief_in = frozenset(row.session_id for row in rows if row.role == TellerRole.CHIEF)
    return frozenset(row.session_id for row in rows), chief_in


def body_ids_below(body_id: int) -> list[int]:
    """Return the ids of a body and of all bodies below it in the tree, its own first."""
    rows = db.session.execute(select(Body.id, Body.parent_id).order_by(Body.id)).all()
    ids = [body_id]
    for parent_id in ids:  # The list grows while the loop walks it: breadth first.
        ids += [row.id for row in rows if row.parent_id == parent_id]
    return ids


_USER = select(User, Deputy.state).outerjoin(Deputy, Deputy.id == User.deputy_id)


def by_user(user_id: int, serial: int, viewing: int | None = None) -> Actor | None:
    """Return the account's actor, or None when it is gone, out of use, or signed out everywhere since.

    ``serial`` is the account's `login_serial` at the sign-in. ``viewing`` is the body that a leader (of those below) or
    a system administrator (of any) has chosen to look at.
    """
    row = db.session.execute(_USER.where(User.id == user_id)).first()
    return _actor(row[0], row[1], viewing) if row is not None and _may_use(row[0], serial) else None


def by_sign_in(
    user_id: int, serial: int, sign_in_id: int, viewing: int | None = None
) -> tuple[Actor, datetime] | None:
    """Return the actor as `by_user` does, and since when; None too where the sign-in has ended. No further statement."""
    query = _USER.add_columns(SignIn.created_at).join(SignIn, SignIn.user_id == User.id)
    row = db.session.execute(query.where(User.id == user_id, SignIn.id == sign_in_id)).first()
    if row is None or not _may_use(row[0], serial):
        return None
    actor = _actor(row[0], row[1], viewing)
    return (actor, row[2]) if actor else None


def _may_use(user: User, serial: int) -> bool:
    return user.active and user.login_serial == serial


def _actor(user: User, state: DeputyState | None, viewing: int | None) -> Actor | None:
    """Return the account's actor; a deputy out of office is none, and keeps the other roles of the account only."""
    roles, deputy_id = frozenset(r.role for r in user.roles), user.deputy_id
    if state not in (None, DeputyState.ACTIVE):
        roles, deputy_id = roles - {Role.DEPUTY}, None
        if not roles:
            return None
    body_id = user.body_id
    if viewing and viewing != body_id:
        if Role.SYSADMIN in roles:
            body_id = db.session.scalar(select(Body.id).where(Body.id == viewing))
        elif Role.LEADER in roles and user.body_id and viewing in body_ids_below(user.body_id):
            body_id = viewing
            roles = frozenset({Role.LEADER})
    teller_in, chief_in = _tellers(deputy_id)
    return Actor(
        name=user.name,
        user_id=user.id,
        body_id=body_id,
        home_body_id=user.body_id,
        roles=roles,
        department_id=user.department_id,
        deputy_id=deputy_id,
        teller_in=teller_in,
        chief_in=chief_in,
        must_change=user.must_change,
        second_factor=user.second_factor is not None,
        must_enrol=needed_always(roles) and user.second_factor is None and not second_factors.is_demo(user),
    )


_CARD = (
    select(
        _card.c.id,
        _card.c.body_id,
        _card.c.session_id,
        _card.c.deputy_id,
        _card.c.login_serial,
        _deputy.c.name,
        _teller.c.role,
    )
    .select_from(
        _card.join(_deputy, _card.c.deputy_id == _deputy.c.id)
        .join(_session, _session.c.id == _card.c.session_id)
        .outerjoin(
            _teller, (_teller.c.session_id == _card.c.session_id) & (_teller.c.deputy_id == _card.c.deputy_id)
        )
    )
    .where(
        _card.c.voided_at.is_(None),
        _deputy.c.state == DeputyState.ACTIVE,
        _session.c.state != SessionState.ENDED,
    )
)


def by_card(card_id: int, serial: int | None = None) -> tuple[Actor, int] | None:
    """Return the actor of a voting card and the serial of its sign-ins; None where the card signs nobody in (any more).

    That is a void card, one of a session that has ended, one of a deputy out of office, and one that was signed out
    since ``serial``. Every ballot asks: one plain statement.
    """
    row = db.session.execute(_CARD.where(_card.c.id == card_id)).first()
    if row is None or serial not in (None, row.login_serial):
        return None
    own = frozenset({row.session_id})
    actor = Actor(
        name=row.name,
        body_id=row.body_id,
        home_body_id=row.body_id,
        roles=frozenset({Role.DEPUTY}),
        deputy_id=row.deputy_id,
        card_id=row.id,
        session_id=row.session_id,
        teller_in=own if row.role else frozenset(),
        chief_in=own if row.role == TellerRole.CHIEF else frozenset(),
    )
    return actor, row.login_serial
