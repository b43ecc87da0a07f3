"""The office's front page: where the year stands and what to do next."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.rules.people.roles import Role
from votes.rules.permissions import Permission as P, may, visible_unit
from votes.rules.projects.projects import coming_year
from votes.rules.publication.reminders import Due
from votes.services.delivery import trackings
from votes.services.people import bodies
from votes.services.projects import projects
from votes.services.publication import reminders, tasks
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me

bp = Pages("office", __name__, Layout.OFFICE, url_prefix="/office")


@bp.get("/")
@menu_item(Group.DESK, 10, "工作台")
@allow(P.OFFICE_READ)
def dashboard() -> ResponseReturnValue:
    actor = me()
    body = bodies.get_body(actor.body_id) if actor.body_id else None
    if body is None or Role.SYSADMIN in actor.roles:
        return redirect(url_for("bodies.index"))
    year = coming_year(today())
    lines: list[trackings.TrackedProject] = []
    due: list[Due] = []
    running = None
    if may(actor, P.PROGRESS_READ):
        own = visible_unit(actor)
        running = next(iter(trackings.years()), None)
        lines = trackings.search(day=today(), year=running, own=own) if running else []
        due = reminders.due(today(), own)
    return render_template(
        "publication/front_page/dashboard.html",
        body=body,
        tasks=tasks.tasks(body, by=actor, today=today()),
        year=year,
        states=projects.summary({"year": year}, by=actor).states,
        running=running if lines else None,
        due=due,
        units=reminders.unit_names(due),
        today=today(),
        summary=trackings.summary(lines),
    )
