"""A deputy's phone in the hall: sign in to the session, the list of votes, 长辈模式."""

from flask import (
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.base import ActionForm
from votes.forms.meeting.sessions import CheckInForm, HallForm
from votes.models import CongressSession as Session
from votes.rules.meeting.rounds import SessionState
from votes.rules.permissions import Permission as P
from votes.services.meeting import checkin, pairings, sessions
from votes.services.voting import ballots
from votes.web import sign_in
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me, sign_in_card
from votes.web.menu import organ
from votes.web.pages import safe_next

bp = Pages("hall", __name__, Layout.PHONE, audit="sessions")


def my_session() -> Session | None:
    """The session of the card in hand, else the one that is running, or rehearsed before it begins."""
    actor = me()
    if actor.session_id is not None:
        return sessions.get(actor.session_id)
    return sessions.current() or sessions.rehearsing()


def _rehearsing(session: Session | None) -> bool:
    return session is not None and session.state == SessionState.PLANNED and sessions.rehearsal_on(session)


@bp.get("/hall/")
@allow(P.SIGNED_IN)
def home() -> ResponseReturnValue:
    actor, here = me(), my_session()
    if actor.deputy_id is None:
        return redirect(url_for("office.dashboard"))
    return render_template(
        "meeting/phone/home.html",
        session=here,
        present=bool(here and checkin.takes_part(here.id, actor.deputy_id)),
        rehearsing=_rehearsing(here),
        mode=checkin.mode(here) if here else "",
        rounds=ballots.for_deputy(here.id, actor.deputy_id) if here else [],
        form=CheckInForm(code=session.pop("hall_code", "")),
        teller=bool(here and here.id in actor.teller_in),
        out=ActionForm(),
    )


@bp.post("/hall/check-in")
@allow(P.CHECKIN_SELF)
def check_in() -> ResponseReturnValue:
    actor, here, form = me(), my_session(), CheckInForm()
    if here is None or actor.deputy_id is None:
        flash("现在没有正在举行的会议。", "warning")
        return redirect(url_for("hall.home"), 303)
    deputy_id = actor.deputy_id
    if form.accepts(
        lambda: checkin.check_in_self(here, deputy_id, form.code.data or "", by=actor, now=now())
    ):
        flash("签到成功", "success")
        return redirect(url_for("hall.home"), 303)
    page = render_template(
        "meeting/phone/home.html",
        session=here,
        present=False,
        rehearsing=_rehearsing(here),
        mode=checkin.mode(here),
        rounds=[],
        form=form,
        teller=here.id in actor.teller_in,
        out=ActionForm(),
    )
    return page, form.status


@bp.route("/h/<key>", methods=["GET", "POST"])
@allow(P.SCREEN_READ, key=sessions.by_hall_key)
def enter(key: Session) -> ResponseReturnValue:
    """Behind the hall's QR: number and PIN of the card; those already in go straight to signing in."""
    actor = me()
    if request.method == "GET" and actor.deputy_id is not None and actor.session_id in (None, key.id):
        return redirect(url_for("hall.home"))
    form = HallForm(organ())
    if form.accepts(
        lambda: sign_in.with_pin(key, form.number.data, form.pin.data, str(current_app.config["SECRET_KEY"]))
    ):
        return redirect(url_for("hall.home"), 303)
    return render_template(
        "meeting/phone/enter.html", session=key, form=form, pairing=checkin.under_way(key)
    ), form.status


# --- a phone without a card: paired at the service desk ---------------------------------------------------

#: Where the phone keeps its secret; sent to the pages of its own hall only.
PAIR_COOKIE = "pair"


def _paired(hall: Session) -> pairings.Shown | None:
    return pairings.of_phone(hall, request.cookies.get(PAIR_COOKIE, ""), now=now())


@bp.post("/h/<key>/pair")
@allow(P.SCREEN_READ, "手机获取配对码", key=sessions.by_hall_key)
def pair(key: Session) -> ResponseReturnValue:
    """Six figures for this phone, to be read out at the desk. The secret that opens the door stays in its cookie."""
    secret = pairings.start(key, secret=request.cookies.get(PAIR_COOKIE, ""), now=now())
    response = make_response(redirect(url_for("hall.pairing", key=key.hall_key), 303))
    response.set_cookie(
        PAIR_COOKIE,
        secret,
        max_age=15 * 60,
        path=url_for("hall.enter", key=key.hall_key),
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return response


@bp.get("/h/<key>/pair")
@allow(P.SCREEN_READ, key=sessions.by_hall_key)
def pairing(key: Session) -> ResponseReturnValue:
    """The six figures, then the button that goes in; asks again by itself until the desk has confirmed."""
    return render_template("meeting/phone/pair.html", session=key, pairing=_paired(key), form=ActionForm())


@bp.get("/h/<key>/pair.json")
@allow(P.SCREEN_READ, key=sessions.by_hall_key)
def pairing_state(key: Session) -> ResponseReturnValue:
    found = _paired(key)
    return jsonify(state=found.state if found else "none")


@bp.post("/h/<key>/pair/enter")
@allow(P.SCREEN_READ, "手机配对后进入", key=sessions.by_hall_key)
def pair_enter(key: Session) -> ResponseReturnValue:
    """Go in as the deputy for whom the desk has confirmed this phone, once."""
    card = pairings.use(key, request.cookies.get(PAIR_COOKIE, ""), now=now())
    sign_in_card(card.id)
    response = make_response(redirect(url_for("hall.home"), 303))
    response.delete_cookie(PAIR_COOKIE, path=url_for("hall.enter", key=key.hall_key))
    return response


@bp.post("/hall/elder")
@allow(P.PUBLIC_READ)
def elder() -> ResponseReturnValue:
    """Turn the large type on or off without script; the phone remembers it."""
    response = make_response(redirect(safe_next("/hall/"), 303))
    on = request.cookies.get("elder") == "1"
    response.set_cookie("elder", "0" if on else "1", max_age=365 * 24 * 3600, samesite="Lax")
    return response
