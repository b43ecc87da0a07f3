"""Browsers that have signed in before: guesses elsewhere do not make them wait.

A signed cookie holds a random number and a digest of each name that has signed in here. Failures of such a browser are
counted for the browser and the name together, so that a stolen cookie guesses no faster than anybody else.
"""

import secrets

from flask import Response, after_this_request, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from votes.web import cookies
from votes.web.phones import digest

COOKIE = "known"
#: The most names a browser keeps, the latest ones: a desk's computer is used by several people.
MOST = 6
_YEAR = 365 * 24 * 3600


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known")


def _read() -> list[str]:
    """Return the random number of this browser and the digests of its names; a new number where there is none."""
    if "known" not in g:
        try:
            g.known = [
                str(part) for part in _signer().loads(request.cookies.get(cookies.name_of(COOKIE), ""))
            ]
        except (BadSignature, TypeError):
            g.known = []
    kept: list[str] = g.known
    return kept


def _short(name: str) -> str:
    return digest("known", name)[:12]


def knows(name: str) -> bool:
    """Tell whether the key ``name`` of a throttle has signed in with this browser."""
    return _short(name) in _read()[1:]


def is_known() -> bool:
    """Tell whether anybody has signed in with this browser."""
    return len(_read()) > 1


def throttle_key(name: str) -> str:
    """Return the key under which failures of ``name`` are counted for this browser."""
    return f"{name}@{_read()[0]}" if knows(name) else name


def remember(name: str) -> None:
    """Let the answer say that ``name`` has signed in with this browser."""
    number, *names = _read() or [secrets.token_urlsafe(12)]
    short = _short(name)
    if names and names[-1] == short:
        return
    g.known = [number, *[each for each in names if each != short][1 - MOST :], short]
    after_this_request(_keep)


def _keep(response: Response) -> Response:
    cookies.keep(response, COOKIE, str(_signer().dumps(g.known)), max_age=_YEAR)
    return response
