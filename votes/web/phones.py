"""Which phone it is, for bounds on what one may send: a random number in a signed cookie, and nothing about its owner.

A phone that drops its cookies is a new one; what holds a flood back then is the bound on addresses. Both leave this
module as digests that are good for one purpose.
"""

import hmac
import ipaddress
import secrets

from flask import Response, after_this_request, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "phone"
_YEAR = 365 * 24 * 3600


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="phone")


def digest(purpose: str, text: str) -> str:
    """A keyed digest of ``text`` that nobody can undo, and that says nothing for another purpose."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, f"{purpose}\n{text}".encode(), "sha256").hex()[:40]


def phone(purpose: str) -> str:
    """This phone, for ``purpose``. A phone that has no number yet is given one with the answer."""
    if "phone" not in g:
        try:
            g.phone = str(_signer().loads(request.cookies.get(COOKIE, "")))
        except BadSignature:
            g.phone = secrets.token_urlsafe(16)
            after_this_request(_keep)
    return digest(purpose, g.phone)


def _keep(response: Response) -> Response:
    response.set_cookie(
        COOKIE,
        _signer().dumps(g.phone),
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def address(purpose: str) -> str:
    """The network that asks, for ``purpose``; "" for this machine, behind which a proxy hides everybody.

    Of an IPv6 address only the first half counts: the other half is the phone's own, which it changes as it likes.
    """
    try:
        given = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(given, ipaddress.IPv6Address):
        if given.ipv4_mapped is None and not given.is_loopback:
            return digest(purpose, str(ipaddress.ip_network((given, 64), strict=False)))
        given = given.ipv4_mapped or given
    return "" if given.is_loopback else digest(purpose, str(given))
