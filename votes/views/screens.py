"""The hall's screen: opened once on the hall's PC by its secret address, then live by itself."""

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.exports import qr
from votes.rules.permissions import Permission as P
from votes.services import screens, sessions
from votes.services.sessions import CongressSession as Session
from votes.web.access import allow

bp = Blueprint("screens", __name__, url_prefix="/screen")


@bp.get("/<key>")
@allow(P.SCREEN_READ, key=sessions.by_screen_key)
def show(key: Session) -> ResponseReturnValue:
    state = screens.state(key, public_url=current_app.config["PUBLIC_URL"], now=now())
    code = qr.data_uri(state["hall_url"]) if "hall_url" in state else ""
    return render_template("screens/show.html", session=key, state=state, qr=code)


@bp.get("/<key>/state.json")
@allow(P.SCREEN_READ, key=sessions.by_screen_key)
def state_json(key: Session) -> ResponseReturnValue:
    return jsonify(screens.state(key, public_url=current_app.config["PUBLIC_URL"], now=now()))
