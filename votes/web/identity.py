"""Who is signed in: Flask-Login over accounts and voting cards."""

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from votes.db import EVERY_BODY, db, scoped
from votes.rules.people.actor import PUBLIC, Actor
from votes.rules.people.roles import Role
from votes.services import audit
from votes.services.people import identity

login = LoginManager()
login.session_protection = None  # the IP address of a phone changes while its session lasts


class Identity(UserMixin):
    """What Flask-Login keeps in the session: the key "u:<user>:<serial>" or "c:<card>"."""

    def __init__(self, key: str, actor: Actor) -> None:
        self.key = key
        self.actor = actor

    def get_id(self) -> str:
        """Return the key for the session."""
        return self.key


@login.user_loader
def _load(key: str) -> Identity | None:
    kind, _, rest = key.partition(":")
    try:
        with scoped(EVERY_BODY):
            if kind == "c":
                actor = identity.by_card(int(rest))
            else:
                user_id, _, serial = rest.partition(":")
                actor = identity.by_user(int(user_id), int(serial or 0), session.get("viewing"))
    except ValueError:
        return None
    return Identity(key, actor) if actor else None


def me() -> Actor:
    """Return the actor of this request; the public when nobody has signed in."""
    if "work" not in g or not current_user or not current_user.is_authenticated:
        return PUBLIC
    actor: Actor = current_user.actor
    return actor


def sign_in_user(user_id: int, serial: int) -> None:
    """Sign an account in. The contents of the old session are dropped."""
    with scoped(EVERY_BODY):
        actor = identity.by_user(user_id, serial)
    _sign_in(f"u:{user_id}:{serial}", actor)


def sign_in_card(card_id: int) -> None:
    """Sign a deputy in with a voting card. The contents of the old session are dropped."""
    with scoped(EVERY_BODY):
        actor = identity.by_card(card_id)
    _sign_in(f"c:{card_id}", actor)


def _sign_in(key: str, actor: Actor | None) -> None:
    assert actor is not None
    session.clear()
    session.permanent = True
    login_user(Identity(key, actor))
    db.session.scope = actor.body_id or EVERY_BODY


def sign_out() -> None:
    """Sign out and drop the contents of the session."""
    logout_user()
    session.clear()


def init(app: Flask) -> None:
    """Register Flask-Login, and the hook that puts the actor's body in scope."""
    login.init_app(app)
    app.before_request(_scope)


def _scope() -> None:
    """Put the actor's body in scope. For the public the URL names the body (see `access.allow`)."""
    if "work" not in g:
        return
    actor = me()
    audit.address.set(request.remote_addr)
    if actor.body_id is not None:
        db.session.scope = actor.body_id
    elif Role.SYSADMIN in actor.roles:
        db.session.scope = EVERY_BODY
