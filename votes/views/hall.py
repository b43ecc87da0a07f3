"""A deputy's phone in the hall: the first page, 长辈模式."""

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from votes.rules.permissions import Permission as P
from votes.web.access import allow
from votes.web.pages import safe_next

bp = Blueprint("hall", __name__)


@bp.get("/hall/")
@allow(P.SIGNED_IN)
def home() -> ResponseReturnValue:
    return render_template("hall/home.html")


@bp.post("/hall/elder")
@allow(P.PUBLIC_READ)
def elder() -> ResponseReturnValue:
    """Turn the large type on or off without script; the phone remembers it."""
    response = make_response(redirect(safe_next("/hall/"), 303))
    on = request.cookies.get("elder") == "1"
    response.set_cookie("elder", "0" if on else "1", max_age=365 * 24 * 3600, samesite="Lax")
    return response
