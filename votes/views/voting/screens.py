"""The hall's screens, opened once on the hall's PCs by their secret URLs, and the office page that switches them."""

from flask import current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.exports.formats import qr
from votes.forms.voting.screens import ScreenForm
from votes.models import CongressSession as Session, Screen
from votes.rules.permissions import Permission as P
from votes.services.meeting import rounds, sessions
from votes.services.voting import screens
from votes.web.access import allow
from votes.web.facts import Layout, Pages, facts
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import done, number

bp = Pages("screens", __name__, Layout.OFFICE, within="sessions", audit="rounds")


# --- in the hall ---------------------------------------------------------------------------------------


def _state(screen: Screen) -> dict[str, object]:
    return screens.state(screen.session, screen, public_url=current_app.config["PUBLIC_URL"], now=now())


@bp.get("/screen/<key>")
@facts(layout=Layout.SCREEN)
@allow(P.SCREEN_READ, key=screens.by_key)
def show(key: Screen) -> ResponseReturnValue:
    state = _state(key)
    code = qr.data_uri(str(state["hall_url"])) if "hall_url" in state else ""
    presider = organ(key.session.body).presider
    return render_template("voting/screens/show.html", key=key.key, state=state, qr=code, presider=presider)


@bp.get("/screen/<key>/state.json")
@allow(P.SCREEN_READ, key=screens.by_key)
def state_json(key: Screen) -> ResponseReturnValue:
    return jsonify(_state(key))


# --- in the office -------------------------------------------------------------------------------------


@bp.route("/office/sessions/<int:session_id>/screens", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, session=sessions.get)
def index(session: Session) -> ResponseReturnValue:
    form = ScreenForm()
    if form.accepts(lambda: screens.hang(session, form.name.data or "", by=me(), now=now())):
        return done("屏幕已添加，请在会场电脑上打开它的地址", "screens.index", session_id=session.id)
    rows, present = screens.of(session), rounds.present_rounds(session)
    standing = {screen.id: screens.standing(screen, present) for screen in rows}
    facts = {"screens": rows, "standing": standing, "rounds": present, "form": form}
    return render_template("voting/screens/index.html", session=session, **facts), form.status


@bp.post("/office/sessions/<int:session_id>/screens/<int:screen_id>/put")
@allow(P.SESSION_MANAGE, session=sessions.get)
def put(session: Session, screen_id: int) -> ResponseReturnValue:
    view, _, round_id = request.form.get("show", "").partition(":")
    chosen = (number(round_id) or 0) if round_id else None  # 0 is no round: the service says so
    screen = screens.put(session, screen_id, view, chosen, by=me(), now=now())
    return done(f"“{screen.name}”已切换", "screens.index", session_id=session.id)


@bp.post("/office/sessions/<int:session_id>/screens/<int:screen_id>/rename")
@allow(P.SESSION_MANAGE, session=sessions.get)
def rename(session: Session, screen_id: int) -> ResponseReturnValue:
    screen = screens.rename(session, screen_id, request.form.get("name", ""), by=me(), now=now())
    return done(f"已改名为“{screen.name}”", "screens.index", session_id=session.id)


@bp.post("/office/sessions/<int:session_id>/screens/<int:screen_id>/remove")
@allow(P.SESSION_MANAGE, session=sessions.get)
def remove(session: Session, screen_id: int) -> ResponseReturnValue:
    name = screens.take_down(session, screen_id, by=me(), now=now())
    return done(f"“{name}”已移除，它的地址不再有效", "screens.index", session_id=session.id)
