"""Who is signed in: Flask-Login over accounts and voting cards.

The cookie names the sign-in, and the identity statement of each request finds it ended or not. An account's cookie also
says when it was last used, so that staff who are idle are signed out without a write.
"""

from datetime import UTC, datetime

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from votes.clock import local, now
from votes.db import EVERY_BODY, db, scoped
from votes.models import User
from votes.rules.people import sign_ins as rules
from votes.rules.people.actor import PUBLIC, Actor
from votes.rules.people.roles import Role
from votes.services import audit
from votes.services.people import identity, sign_ins

login = LoginManager()
login.session_protection = None  # the IP address of a phone changes while its session lasts

#: The key of the session under which an account's cookie says when it was last used, in seconds since 1970.
USED = "used"


class Identity(UserMixin):
    """What Flask-Login keeps in the session: the key "u:<user>:<serial>:<sign-in>" or "c:<card>:<serial>"."""

    def __init__(self, key: str, actor: Actor) -> None:
        self.key = key
        self.actor = actor

    def get_id(self) -> str:
        """Return the key for the session."""
        return self.key


@login.user_loader
def _load(key: str) -> Identity | None:
    kind, *parts = key.split(":")
    try:
        numbers = [int(part or 0) for part in parts]
        with scoped(EVERY_BODY):
            actor = _of_card(*numbers) if kind == "c" else _of_account(*numbers)
    except (TypeError, ValueError):  # too few or too many numbers, or none
        return None
    return Identity(key, actor) if actor else None


def _of_card(card_id: int, serial: int = 0) -> Actor | None:
    found = identity.by_card(card_id, serial)
    return found[0] if found else None


def _of_account(user_id: int, serial: int, sign_in_id: int) -> Actor | None:
    found = identity.by_sign_in(user_id, serial, sign_in_id, session.get("viewing"))
    if found is None:
        return None
    actor, since = found
    used, at = datetime.fromtimestamp(session.get(USED, 0), UTC), now()
    if rules.is_over(actor, since, used, at) and not sign_ins.box_is_open(actor.home_body_id):
        g.timed_out = True
        return None
    _renew(sign_in_id, used, at)
    return actor


def _renew(sign_in_id: int, used: datetime, at: datetime) -> None:
    """Let the cookie say that it was used, and the store on which day."""
    if request.path.endswith(".json"):  # a page that asks by itself is nobody's doing
        return
    if rules.is_to_be_renewed(used, at):
        session[USED] = int(at.timestamp())
    if local(used).date() != local(at).date():
        sign_ins.note_use(sign_in_id, now=at)


def timed_out() -> bool:
    """Tell whether the cookie of this request was good but for the time."""
    return bool(g.get("timed_out"))


def had_card() -> int | None:
    """Return the id of the voting card that made the cookie of this request, good or not; None for no card."""
    kind, *numbers = str(session.get("_user_id", "")).split(":")
    if kind != "c":
        return None
    return int(numbers[0]) if numbers and numbers[0].isdecimal() else 0


def me() -> Actor:
    """Return the actor of this request; the public when nobody has signed in."""
    if "work" not in g or not current_user or not current_user.is_authenticated:
        return PUBLIC
    actor: Actor = current_user.actor
    return actor


def sign_in_id() -> int:
    """Return the id of the sign-in of the account that is signed in; 0 for a card and for nobody."""
    kind, *numbers = str(session.get("_user_id", "")).split(":")
    return int(numbers[2]) if kind == "u" and me().user_id is not None else 0


def sign_in_user(user: User) -> None:
    """Sign an account in. The contents of the old session are dropped."""
    at = now()
    with scoped(EVERY_BODY):
        row = sign_ins.start(user, request.user_agent.string, now=at)
        actor = identity.by_user(user.id, user.login_serial)
    _sign_in(f"u:{user.id}:{user.login_serial}:{row.id}", actor)
    session[USED] = int(at.timestamp())


def sign_in_card(card_id: int) -> None:
    """Sign a deputy in with a voting card. The contents of the old session are dropped."""
    with scoped(EVERY_BODY):
        found = identity.by_card(card_id)
    assert found is not None
    actor, serial = found
    _sign_in(f"c:{card_id}:{serial}", actor)


def renew_card(card_id: int) -> None:
    """Keep the deputy signed in whose card has just been bound to this browser: its serial has changed."""
    with scoped(EVERY_BODY):
        found = identity.by_card(card_id)
    if found is not None:
        session["_user_id"] = f"c:{card_id}:{found[1]}"


def _sign_in(key: str, actor: Actor | None) -> None:
    assert actor is not None
    session.clear()
    session.permanent = True
    login_user(Identity(key, actor))
    db.session.scope = actor.body_id or EVERY_BODY


def sign_out() -> None:
    """End the sign-in, so that every copy of its cookie is worthless, and drop the contents of the session."""
    actor = me()
    if actor.card_id is not None:
        sign_ins.end_of_card(actor.card_id)
    elif actor.user_id is not None:
        sign_ins.end(sign_in_id(), by=actor, now=now())
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
