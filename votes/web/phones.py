"""Which phone a request comes from, to limit what one phone may send: a random number in a signed cookie.

The number says nothing about the owner. A phone that drops its cookies counts as a new one; then only the limit on
networks holds. Both are returned as digests, each usable for one purpose only.
"""

import hmac
import ipaddress
import secrets

from flask import Response, after_this_request, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from votes.web import cookies

COOKIE = "phone"
_YEAR = 365 * 24 * 3600


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="phone")


def digest(purpose: str, text: str) -> str:
    """Return a keyed digest of ``text``. The digests of one text for two purposes cannot be linked."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, f"{purpose}\n{text}".encode(), "sha256").hex()[:40]


def phone(purpose: str) -> str:
    """Return the digest of this phone for ``purpose``. The answer sets the cookie of a phone that has none."""
    if "phone" not in g:
        try:
            g.phone = str(_signer().loads(request.cookies.get(cookies.name_of(COOKIE), "")))
        except BadSignature:
            g.phone = secrets.token_urlsafe(16)
            after_this_request(_keep)
    return digest(purpose, g.phone)


def of_deputy(deputy_id: int) -> str:
    """Return the digest by which the deputy's card and vote know this phone.

    Each deputy has another: that a phone goes round among deputies cannot be read from the digests.
    """
    return phone(f"card:{deputy_id}")


def _keep(response: Response) -> Response:
    cookies.keep(response, COOKIE, str(_signer().dumps(g.phone)), max_age=_YEAR)
    return response


def network(purpose: str) -> str:
    """Return the digest of the client's network for ``purpose``; "" for this machine, where a proxy may run.

    Of an IPv6 address only the first 64 bits count: the phone chooses the others and changes them.
    """
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None and not address.is_loopback:
            return digest(purpose, str(ipaddress.ip_network((address, 64), strict=False)))
        address = address.ipv4_mapped or address
    return "" if address.is_loopback else digest(purpose, str(address))
