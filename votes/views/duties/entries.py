"""What deputies did besides meetings: entered by staff, or confirmed by them."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.base import ActionForm
from votes.forms.duties import EntryForm
from votes.models import DutyEntry
from votes.rules.permissions import Permission as P
from votes.services.duties import entries, meetings
from votes.views.duties.duties import bp
from votes.web.access import allow
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import done
from votes.web.tables import Column, Table


@bp.route("/entries/new", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE)
def enter() -> ResponseReturnValue:
    chosen = request.args.get("deputy", type=int)
    seats = meetings.seats([chosen] if chosen else [])
    form = EntryForm(seats, today(), chosen)
    if form.accepts(lambda: entries.enter(form.deputies.data or [], form.values, by=me(), now=now())):
        return done(f"已登记，{form.outcome} 位{organ().member}的履职档案增加一条", "duties.index")
    return render_template("duties/duties/enter.html", form=form, seats=seats), form.status


INBOX = Table(
    "duty_inbox",
    title="待确认的履职记录",
    empty="没有待确认的记录。代表在手机“我的履职”里填报后，会出现在这里。",
    page="duties.inbox",
    paged=True,
    spoken=True,
    columns=[
        Column("选择", kind="number", cell="pick", head_hidden=True),
        Column("代表", cell="deputy", css="text-nowrap"),
        Column("日期", lambda entry: entry.held_on, "day", css="text-nowrap"),
        Column("类别", lambda entry: entry.kind, "word", css="text-nowrap"),
        Column("内容", cell="content"),
        Column("填报时间", lambda entry: entry.entered_at, "moment", css="text-nowrap"),
        Column("办理", cell="acts", css="text-nowrap"),
    ],
)


@bp.route("/inbox", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE)
def inbox() -> ResponseReturnValue:
    form = ActionForm()
    chosen = request.form.getlist("entry", type=int)
    if form.accepts(lambda: entries.confirm_all(chosen, by=me(), now=now())):
        return done(f"已确认 {form.outcome} 条", "duties.inbox")
    listing = INBOX.read(lambda _: entries.waiting())
    return render_template("duties/duties/inbox.html", form=form, listing=listing, chosen=chosen), form.status


@bp.post("/entries/<int:entry_id>/confirm")
@allow(P.DUTY_MANAGE, entry=entries.get)
def confirm(entry: DutyEntry) -> ResponseReturnValue:
    entries.settle(entry, "confirm", by=me(), now=now())
    return _settled(entry, "已确认")


@bp.post("/entries/<int:entry_id>/refuse")
@allow(P.DUTY_MANAGE, entry=entries.get)
def refuse(entry: DutyEntry) -> ResponseReturnValue:
    entries.settle(entry, "refuse", reason=request.form.get("reason", ""), by=me(), now=now())
    return _settled(entry, organ().speak("未予确认，代表可以看到原因"))


def _settled(entry: DutyEntry, words: str) -> ResponseReturnValue:
    """Go back to where the button was: the deputy's record, or the inbox."""
    if request.form.get("from") == "record":
        return done(words, "duties.show", deputy_id=entry.deputy_id, year=entry.held_on.year)
    return done(words, "duties.inbox")
