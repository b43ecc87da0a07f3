"""The cookie with a ballot's code: one for each round, sent to the page 「已收到」 of that round and to no other."""

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from votes.rules.codes import is_code
from votes.services.meeting import sessions
from votes.services.voting import ballots
from votes.web.identity import me

_NAME = "receipt"


def keep(response: Response, round_id: int, code: str) -> Response:
    """Let the phone keep the code of the ballot that it has cast."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(_NAME, code, path=_path(round_id), httponly=True, samesite="Lax", secure=secure)
    return response


def _path(round_id: int) -> str:
    return url_for("ballots.received", round_id=round_id)


def shown() -> str:
    """Return the code that this phone keeps of the round whose page is asked for; empty on another phone."""
    code = request.cookies.get(_NAME, "")
    return code if is_code(code) else ""


def of_session() -> list[int]:
    """Return the rounds of which the phone of the deputy who is signed in may keep a code."""
    actor = me()
    if actor.deputy_id is None:
        return []
    here = sessions.current() if actor.session_id is None else sessions.get(actor.session_id)
    return [round_.id for round_ in ballots.for_deputy(here.id, actor.deputy_id)] if here else []


def forget(response: Response, round_ids: list[int]) -> Response:
    """Let the phone forget its codes: whoever has the phone next must not read what is joined to the last one."""
    for round_id in round_ids:
        response.delete_cookie(_NAME, path=_path(round_id), httponly=True, samesite="Lax")
    return response
