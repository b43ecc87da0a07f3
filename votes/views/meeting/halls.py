"""Halls of a session: setting up, placing delegations, and the turnout of each hall."""

from flask import render_template
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.meeting.halls import HallNameForm, PlacementForm, placement_form
from votes.models import CongressSession as Session, Hall, Round
from votes.rules.permissions import Permission as P
from votes.services.meeting import halls, rounds, sessions
from votes.web.access import allow
from votes.web.facts import Layout, Pages, facts
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import done

bp = Pages("halls", __name__, Layout.OFFICE, within="sessions", audit="sessions")


def _page(session: Session, form: HallNameForm, placing: PlacementForm) -> ResponseReturnValue:
    page = render_template(
        "meeting/halls/index.html",
        session=session,
        rounds=session.rounds,
        halls=halls.of_session(session),
        form=form,
        placing=placing,
    )
    return page, max(form.status, placing.status)


def _placing(session: Session, *, submitted: bool = False) -> PlacementForm:
    return placement_form(halls.placements(session), halls.of_session(session), submitted=submitted)


@bp.route("/office/sessions/<int:session_id>/halls", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, session=sessions.get)
def index(session: Session) -> ResponseReturnValue:
    form = HallNameForm()
    if form.accepts(lambda: halls.add(session, form.name.data or "", by=me(), now=now())):
        return done(f"已设立会场：{form.outcome.name}", "halls.index", session_id=session.id)
    return _page(session, form, _placing(session))


@bp.post("/office/sessions/<int:session_id>/halls/place")
@allow(P.SESSION_MANAGE, session=sessions.get)
def place(session: Session) -> ResponseReturnValue:
    placing = _placing(session, submitted=True)
    if placing.accepts(lambda: halls.place(session, placing.halls_of, by=me(), now=now())):
        return done(f"{organ().group}的会场已保存", "halls.index", session_id=session.id)
    return _page(session, HallNameForm(formdata=None), placing)


@bp.route("/office/halls/<int:hall_id>", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, hall=halls.get)
def edit(hall: Hall) -> ResponseReturnValue:
    form = HallNameForm(obj=hall)
    if form.accepts(lambda: halls.rename(hall, form.name.data or "", by=me(), now=now())):
        return done("会场名称已保存", "halls.index", session_id=hall.session_id)
    return render_template("meeting/halls/edit.html", form=form, hall=hall), form.status


@bp.post("/office/halls/<int:hall_id>/remove")
@allow(P.SESSION_MANAGE, hall=halls.get)
def remove(hall: Hall) -> ResponseReturnValue:
    halls.remove(hall, by=me(), now=now())
    return done(f"已撤销会场：{hall.name}", "halls.index", session_id=hall.session_id)


@bp.get("/office/rounds/<int:round_id>/halls")
@allow(P.ROUND_READ, round_=rounds.get_round)
def turnout(round_: Round) -> ResponseReturnValue:
    return render_template("meeting/halls/turnout.html", round=round_, turnout=halls.turnout(round_))


@bp.get("/teller/rounds/<int:round_id>/halls")
@facts(layout=Layout.PHONE)
@allow(P.TELLER_READ, round_=rounds.get_round)
def watch(round_: Round) -> ResponseReturnValue:
    return render_template("meeting/halls/watch.html", round=round_, turnout=halls.turnout(round_))
