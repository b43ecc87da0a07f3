"""A deputy's phone in the hall: signing in with the card's number, the check-in, the list of votes, 长辈模式."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.base import ActionForm
from votes.forms.meeting.phone import CardSignInForm, CheckInForm
from votes.models import CongressSession as Session
from votes.rules.meeting.bindings import Way
from votes.rules.meeting.rounds import SessionState
from votes.rules.permissions import Permission as P
from votes.rules.voting.ballots import NOT_CAST_HERE
from votes.services.meeting import checkin, pairings, sessions
from votes.services.meeting.bindings import CardEntry
from votes.services.voting import ballots
from votes.views.voting.vote_reports import voted_elsewhere
from votes.web import phones, sign_in
from votes.web.access import allow
from votes.web.card_sheets import server_key
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import done, safe_next
from votes.web.transaction import begin_writing, reading

bp = Pages("hall", __name__, Layout.PHONE, audit="sessions")


def my_session() -> Session | None:
    """Return the session of the deputy's card, else the running one, or one that is rehearsed before it begins."""
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
    form = CheckInForm(code=session.pop("hall_code", ""))
    present = bool(here and checkin.takes_part(here.id, actor.deputy_id))
    browser = phones.of_deputy(actor.deputy_id)
    rounds = ballots.for_deputy(here.id, actor.deputy_id, browser) if here else []
    return _home(here, form, present, rounds)


def _home(
    here: Session | None, form: CheckInForm, present: bool, rounds: Sequence[ballots.MyRound]
) -> ResponseReturnValue:
    page = render_template(
        "meeting/phone/home.html",
        session=here,
        present=present,
        rehearsing=_rehearsing(here),
        mode=checkin.mode(here) if here else "",
        rounds=rounds,
        form=form,
        teller=bool(here and here.id in me().teller_in),
        out=ActionForm(),
        not_cast_here=NOT_CAST_HERE,
    )
    return page, form.status


@bp.post("/hall/check-in")
@allow(P.CHECKIN_SELF)
def check_in() -> ResponseReturnValue:
    actor, here, form = me(), my_session(), CheckInForm()
    if here is None or actor.deputy_id is None:
        flash("现在没有正在举行的会议。", "warning")
        return redirect(url_for("hall.home"), 303)
    deputy_id, code = actor.deputy_id, form.code.data or ""
    if form.accepts(lambda: checkin.check_in_self(here, deputy_id, code, by=actor, now=now())):
        sign_in.bind_card()
        return done("签到成功", "hall.home")
    return _home(here, form, False, [])


@bp.route("/h/<key>", methods=["GET", "POST"])
@allow(P.SCREEN_READ, key=sessions.by_hall_key)
@reading
def enter(key: Session) -> ResponseReturnValue:
    """Sign in with number and PIN of the card, at the URL of the hall's QR code; who is signed in goes on to check in."""
    actor = me()
    if request.method == "GET" and actor.deputy_id is not None and actor.session_id in (None, key.id):
        return redirect(url_for("hall.home"))
    form = CardSignInForm(organ())
    if form.accepts(lambda: sign_in.with_pin(key, form.number.data, form.pin.data, server_key())):
        found: CardEntry = form.outcome
        if found.signs_in:
            return redirect(url_for("hall.home"), 303)
        return voted_elsewhere(key, form.number.data or "", found)
    pairing = checkin.under_way(key)
    return render_template("meeting/phone/enter.html", session=key, form=form, pairing=pairing), form.status


# --- a phone without a card: paired at the service desk ---------------------------------------------------

#: The cookie with the phone's secret; browsers send it to the pages of its own hall only.
PAIR_COOKIE = "pair"


def _paired(hall: Session) -> pairings.PhonePairing | None:
    return pairings.of_phone(hall, request.cookies.get(PAIR_COOKIE, ""), now=now())


@bp.post("/h/<key>/pair")
@allow(P.SCREEN_READ, "手机获取配对码", key=sessions.by_hall_key)
@reading
def pair(key: Session) -> ResponseReturnValue:
    """Give this phone six digits to read out at the desk; the secret that signs it in stays in its cookie."""
    pairings.check_room(key, now=now())
    begin_writing()
    secret = pairings.start(key, secret=request.cookies.get(PAIR_COOKIE, ""), now=now())
    response = redirect(url_for("hall.pairing", key=key.hall_key), 303)
    path, https = url_for("hall.enter", key=key.hall_key), bool(current_app.config["SESSION_COOKIE_SECURE"])
    options: dict[str, Any] = {"max_age": 15 * 60, "httponly": True, "samesite": "Lax"}
    response.set_cookie(PAIR_COOKIE, secret, path=path, secure=https, **options)
    return response


@bp.get("/h/<key>/pair")
@allow(P.SCREEN_READ, key=sessions.by_hall_key)
def pairing(key: Session) -> ResponseReturnValue:
    """Show the six digits, then the button that signs in; the page asks again until the desk has confirmed."""
    return render_template("meeting/phone/pair.html", session=key, pairing=_paired(key), form=ActionForm())


@bp.get("/h/<key>/pair.json")
@allow(P.SCREEN_READ, key=sessions.by_hall_key)
def pairing_state(key: Session) -> ResponseReturnValue:
    paired = _paired(key)
    return jsonify(state=paired.state if paired else "none")


@bp.post("/h/<key>/pair/enter")
@allow(P.SCREEN_READ, "手机配对后进入", key=sessions.by_hall_key)
@reading
def pair_enter(key: Session) -> ResponseReturnValue:
    """Sign in as the deputy for whom the desk has confirmed this phone; this works once."""
    if _paired(key) is not None:
        begin_writing()
    card = pairings.use(key, request.cookies.get(PAIR_COOKIE, ""), now=now())
    sign_in.with_card(card, Way.DESK)
    response = redirect(url_for("hall.home"), 303)
    response.delete_cookie(PAIR_COOKIE, path=url_for("hall.enter", key=key.hall_key))
    return response


@bp.post("/hall/elder")
@allow(P.PUBLIC_READ)
def elder() -> ResponseReturnValue:
    """Turn the large type on or off without script; a cookie remembers it."""
    response = redirect(safe_next("/hall/"), 303)
    on = request.cookies.get("elder") == "1"
    response.set_cookie("elder", "0" if on else "1", max_age=365 * 24 * 3600, samesite="Lax")
    return response
