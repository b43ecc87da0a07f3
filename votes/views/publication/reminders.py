"""到期提醒: what is owed and by when; where reminders are sent (the command `remind` sends them)."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.forms.publication.reminders import ChannelsForm, DueFilters
from votes.rules.permissions import Permission as P, visible_unit
from votes.rules.publication.reminders import Due, when
from votes.services.publication import reminders
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import XLSX, done, download, page_number

bp = Pages(
    "reminders", __name__, Layout.OFFICE, within="office", audit="progress", url_prefix="/office/reminders"
)
PAGE = 50


def _asked() -> tuple[DueFilters, list[Due], dict[int, str]]:
    """What is asked, what is due of it, and the names of the units."""
    dues = reminders.due(today(), visible_unit(me()))
    units = reminders.unit_names(dues)
    filters = DueFilters(units)
    return filters, reminders.narrow(dues, day=today(), **filters.wanted()), units


@bp.get("/")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    filters, dues, units = _asked()
    number = page_number()
    body = here()
    assert body is not None
    return render_template(
        "publication/reminders/index.html",
        filters=filters,
        rows=dues[(number - 1) * PAGE : number * PAGE],
        number=number,
        total=len(dues),
        late=sum(each.days_over(today()) > 0 for each in dues),
        units=units,
        today=today(),
        channels=reminders.channels(body),
        sent=reminders.last_sent(),
        kinds=reminders.KINDS,
        words=reminders.CHANNELS,
    )


COLUMNS = [
    xlsx.Column("类别", 14),
    xlsx.Column("事项", 50),
    xlsx.Column("责任单位", 24),
    xlsx.Column("应办日期", 16, "date"),
    xlsx.Column("期限", 16),
]


@bp.get("/export.xlsx")
@allow(P.PROGRESS_READ)
def export() -> ResponseReturnValue:
    _, dues, units = _asked()
    rows: list[list[Any]] = [
        [reminders.KINDS[d.kind], d.title, units.get(d.department_id or 0, ""), d.due_on, when(d, today())]
        for d in dues
    ]
    return download(xlsx.write("到期提醒", COLUMNS, rows), "到期提醒.xlsx", XLSX)


@bp.route("/settings", methods=["GET", "POST"])
@allow(P.BODY_SETTINGS)
def settings() -> ResponseReturnValue:
    body = here()
    assert body is not None
    form = ChannelsForm(reminders.channels(body))
    if form.accepts(lambda: reminders.configure(body, form.values(), by=me(), now=now())):
        return done("发送设置已保存", "reminders.index")
    return render_template("publication/reminders/settings.html", form=form), form.status
