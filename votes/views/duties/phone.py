"""我的履职: a deputy's own record on the phone, and entering an activity."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.base import ActionForm
from votes.forms.duties import OwnEntryForm, read_year
from votes.rules.duties.duties import DutyState
from votes.rules.permissions import Permission as P
from votes.services.duties import entries as duty_entries, records
from votes.services.people import roster
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import done

bp = Pages("my_duties", __name__, Layout.PHONE, errors=Layout.OFFICE, audit="duties", url_prefix="/my/duties")


@bp.get("/")
@allow(P.DUTY_OWN)
def index() -> ResponseReturnValue:
    body = here() or abort(404)
    deputy = roster.get(me().deputy_id or 0) or abort(404)
    years, year = read_year()
    entries = duty_entries.entries_of(deputy.id, year)
    return render_template(
        "duties/phone/index.html",
        body=body,
        deputy=deputy,
        years=years,
        year=year,
        record=records.record(deputy, year, kind=body.kind),
        open=[entry for entry in entries if entry.state != DutyState.CONFIRMED],
        form=ActionForm(),
    )


@bp.route("/new", methods=["GET", "POST"])
@allow(P.DUTY_OWN)
def new() -> ResponseReturnValue:
    form = OwnEntryForm(today())
    if form.accepts(lambda: duty_entries.enter_own(form.values, by=me(), now=now())):
        return done("已提交，人大办确认后计入履职档案", "my_duties.index", year=form.outcome.held_on.year)
    return render_template("duties/phone/new.html", form=form), form.status


@bp.post("/withdraw")
@allow(P.DUTY_OWN)
def withdraw() -> ResponseReturnValue:
    day = duty_entries.withdraw(request.form.get("entry_id", type=int), by=me(), now=now())
    return done("已撤回", "my_duties.index", year=day.year)
