"""到期提醒: the tasks with a due day, and where reminders are sent (the command `remind` sends them)."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.forms.publication.reminders import ChannelsForm, DueFilters
from votes.rules.permissions import Permission as P, visible_unit
from votes.rules.publication.reminders import when
from votes.rules.publication.tasks import DUE_NOUNS, Task
from votes.services.publication import reminders, senders, tasks
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import XLSX, done, download, page_number

bp = Pages(
    "reminders", __name__, Layout.OFFICE, within="office", audit="progress", url_prefix="/office/reminders"
)
PAGE = 50


def _list() -> tuple[DueFilters, list[Task], dict[int, str]]:
    """Return the filters, the tasks that they leave, and the names of all units that owe any."""
    due = tasks.due(today(), visible_unit(me()))
    units = tasks.unit_names(due)
    filters = DueFilters(units)
    return filters, tasks.narrow(due, day=today(), **filters.wanted()), units


@bp.get("/")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    filters, due, units = _list()
    number = page_number()
    return render_template(
        "publication/reminders/index.html",
        filters=filters,
        rows=due[(number - 1) * PAGE : number * PAGE],
        number=number,
        total=len(due),
        late=sum(task.days_over(today()) > 0 for task in due),
        units=units,
        today=today(),
        channels=reminders.channels(here() or abort(404)),
        sent=reminders.last_sent(),
        kinds=DUE_NOUNS,
        words=senders.CHANNELS,
    )


COLUMNS = [
    xlsx.SheetColumn("类别", 14),
    xlsx.SheetColumn("事项", 50),
    xlsx.SheetColumn("责任单位", 24),
    xlsx.SheetColumn("应办日期", 16, "date"),
    xlsx.SheetColumn("期限", 16),
]


@bp.get("/export.xlsx")
@allow(P.PROGRESS_READ)
def export() -> ResponseReturnValue:
    _, due, units = _list()
    rows = [
        [
            DUE_NOUNS[task.kind],
            task.words,
            units.get(task.department_id or 0, ""),
            task.due_on,
            when(task, today()),
        ]
        for task in due
    ]
    return download(xlsx.write("到期提醒", COLUMNS, rows), "到期提醒.xlsx", XLSX)


@bp.route("/settings", methods=["GET", "POST"])
@allow(P.BODY_SETTINGS)
def settings() -> ResponseReturnValue:
    body = here() or abort(404)
    form = ChannelsForm(reminders.channels(body))
    if form.accepts(lambda: reminders.configure(body, form.values(), by=me(), now=now())):
        return done("发送设置已保存", "reminders.index")
    return render_template("publication/reminders/settings.html", form=form), form.status
