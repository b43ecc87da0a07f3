"""Identity: the `Actor` of an account's or a voting card's id."""

from sqlalchemy import select

from votes.db import db
from votes.models import Body, Card, Deputy, Teller, User, table_of
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role, TellerRole
from votes.rules.people.second_factor import needed_always
from votes.services.people import second_factors

_card, _deputy, _teller = table_of(Card), table_of(Deputy), table_of(Teller)


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


def by_user(user_id: int, serial: int, viewing: int | None = None) -> Actor | None:
    """Return the account's actor, or None when it is gone, out of use, or signed out everywhere since.

    ``serial`` is the account's `login_serial` at the sign-in. ``viewing`` is the body that a leader (of those below) or
    a system administrator (of any) has chosen to look at.
    """
    user = db.session.get(User, user_id)
    if user is None or not user.active or user.login_serial != serial:
        return None
    roles = frozenset(r.role for r in user.roles)
    body_id = user.body_id
    if viewing and viewing != body_id:
        if Role.SYSADMIN in roles:
            body_id = db.session.scalar(select(Body.id).where(Body.id == viewing))
        elif Role.LEADER in roles and user.body_id and viewing in body_ids_below(user.body_id):
            body_id = viewing
            roles = frozenset({Role.LEADER})
    teller_in, chief_in = _tellers(user.deputy_id)
    return Actor(
        name=user.name,
        user_id=user.id,
        body_id=body_id,
        home_body_id=user.body_id,
        roles=roles,
        department_id=user.department_id,
        deputy_id=user.deputy_id,
        teller_in=teller_in,
        chief_in=chief_in,
        must_change=user.must_change,
        second_factor=user.second_factor is not None,
        must_enrol=needed_always(roles) and user.second_factor is None and not second_factors.is_demo(user),
    )


_CARD = select(
    _card.c.id, _card.c.body_id, _card.c.session_id, _card.c.deputy_id, _deputy.c.name, _teller.c.role
).select_from(
    _card.join(_deputy, _card.c.deputy_id == _deputy.c.id).outerjoin(
        _teller, (_teller.c.session_id == _card.c.session_id) & (_teller.c.deputy_id == _card.c.deputy_id)
    )
)


def by_card(card_id: int) -> Actor | None:
    """Return the actor of a voting card, or None when the card is void. Every ballot asks: one plain statement."""
    row = db.session.execute(_CARD.where(_card.c.id == card_id, _card.c.voided_at.is_(None))).first()
    if row is None:
        return None
    own = frozenset({row.session_id})
    return Actor(
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
