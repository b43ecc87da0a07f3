"""The office's front page: where the year stands and what to do next."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.rules.people.roles import Role
from votes.rules.permissions import Permission as P, may, visible_unit
from votes.rules.projects.projects import coming_year
from votes.rules.publication.tasks import TaskSection, by_section
from votes.services.delivery import trackings
from votes.services.projects import projects
from votes.services.publication import tasks
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import here

bp = Pages("office", __name__, Layout.OFFICE, url_prefix="/office")


@bp.get("/")
@menu_item(Group.DESK, 10, "工作台")
@allow(P.OFFICE_READ)
def dashboard() -> ResponseReturnValue:
    body, year = here(), coming_year(today())
    if body is None or Role.SYSADMIN in me().roles:
        return redirect(url_for("bodies.index"))
    waiting = by_section(tasks.tasks(body, by=me(), day=today()))
    return render_template(
        "publication/front_page/dashboard.html",
        body=body,
        tasks=waiting,
        units=tasks.unit_names(waiting[TaskSection.DUE]),
        year=year,
        states=projects.summary({"year": year}, by=me()).states,
        today=today(),
        **_progress(),
    )


def _progress() -> dict[str, Any]:
    """Return the latest year that is carried out, None for none, and the summary of its projects."""
    running, lines = None, []
    if may(me(), P.PROGRESS_READ):
        running = next(iter(trackings.years()), None)
        own = visible_unit(me())
        lines = trackings.search(day=today(), year=running, own=own) if running else []
    return {"running": running if lines else None, "summary": trackings.summary(lines)}
