"""到期提醒: the tasks with a due day, and where reminders are sent (the command `remind` sends them)."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.publication.reminders import ChannelsForm
from votes.rules.permissions import Permission as P, visible_unit
from votes.rules.publication.reminders import when
from votes.rules.publication.tasks import DUE_NOUNS
from votes.services.publication import reminders, senders, tasks
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.filters import Filter
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import done
from votes.web.tables import Column, Listing, Table, add_export

bp = Pages(
    "reminders", __name__, Layout.OFFICE, within="office", audit="progress", url_prefix="/office/reminders"
)
REMINDERS = Table(
    "reminders",
    title="到期提醒",
    caption="到期和逾期的事项",
    empty="现在没有到期或逾期的事项。进度报送、建议交办件、督办件、视察和再次报告临近期限时，会列在这里。",
    unfit="没有符合条件的到期事项，请放宽筛选条件。",
    page="reminders.index",
    export="reminders.export",
    search=tasks.SEARCH,
    paged=True,
    filters=[
        Filter("kind", "类别", list(DUE_NOUNS.items()), "全部"),
        Filter("unit", "责任单位", filters.LATER, "全部", read=filters.an_id, hidden=filters.no_choice),
        Filter("overdue", "期限", [("1", "只看逾期")], "全部"),
    ],
    columns=[
        Column("类别", lambda row: DUE_NOUNS[row.task.kind], width=14, css="text-nowrap"),
        Column("事项", lambda row: row.task.words, width=50, cell="task", css="name"),
        Column("责任单位", lambda row: row.unit, width=24, cell="unit"),
        Column("应办日期", lambda row: row.task.due_on, "day", 16, css="text-nowrap"),
        Column("期限", lambda row: when(row.task, today()), width=16, cell="term", css="text-nowrap"),
    ],
)


def _list() -> Listing:
    rows = tasks.due_list(today(), visible_unit(me()))
    choice = REMINDERS.read_filters()
    choice.offer(unit=sorted({row.task.department_id: row.unit for row in rows if row.unit}.items()))
    return Listing(REMINDERS, choice, tasks.SEARCH.rows(rows, choice.chosen))


@bp.get("/")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    listing = _list()
    return render_template(
        "publication/reminders/index.html",
        listing=listing,
        late=sum(row.days_over > 0 for row in listing.source),
        channels=reminders.channels(here() or abort(404)),
        sent=reminders.last_sent(),
        words=senders.CHANNELS,
    )


add_export(bp, "/export.xlsx", P.PROGRESS_READ, _list)


@bp.route("/settings", methods=["GET", "POST"])
@allow(P.BODY_SETTINGS)
def settings() -> ResponseReturnValue:
    body = here() or abort(404)
    form = ChannelsForm(reminders.channels(body))
    if form.accepts(lambda: reminders.configure(body, form.values(), by=me(), now=now())):
        return done("发送设置已保存", "reminders.index")
    return render_template("publication/reminders/settings.html", form=form), form.status
