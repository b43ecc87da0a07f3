"""The cookies: their names, and a session that ends by what the database says and not by the age of its signature."""

from typing import Any

from flask import Flask, Request, Response, current_app
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature

#: Over HTTPS no page of a neighbouring host name can set or replace a cookie whose name begins so.
HOST_PREFIX = "__Host-"


class Sessions(SecureCookieSessionInterface):
    """Sessions whose signature has no age.

    A signature with an age is refused when the clock is set back. The sign-in has its own times
    (`rules.people.sign_ins`), and those do not mind.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session in the cookie; an empty one where the cookie is missing or forged."""
        signer = self.get_signing_serializer(app)
        if signer is None:
            return None
        text = request.cookies.get(self.get_cookie_name(app))
        try:
            return self.session_class(signer.loads(text)) if text else self.session_class()
        except BadSignature:
            return self.session_class()


def name_of(name: str) -> str:
    """Return the whole name of a cookie that goes to every page."""
    return f"{HOST_PREFIX}{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def keep(response: Response, name: str, value: str, **options: Any) -> None:
    """Set a cookie for every page that scripts cannot read."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        name_of(name), value, path="/", httponly=True, samesite="Lax", secure=secure, **options
    )


def init(app: Flask) -> None:
    """Use these sessions."""
    app.session_interface = Sessions()
