"""Bodies: looking at one, setting up (system administrator), settings of the place (its office)."""

from flask import Blueprint, abort, request, session
from flask.typing import ResponseReturnValue

from votes.rules.permissions import Permission as P
from votes.services import bodies
from votes.web.access import allow
from votes.web.identity import me
from votes.web.pages import done

bp = Blueprint("bodies", __name__, url_prefix="/office/bodies")


@bp.post("/view")
@allow(P.SIGNED_IN)
def view_body() -> ResponseReturnValue:
    wanted = request.form.get("body_id", type=int)
    body = next((b for b in bodies.viewable(me()) if b.id == wanted), None)
    if body is None:
        abort(404)
    session["viewing"] = body.id
    return done(f"现在查看：{body.name}", "office.dashboard")
