"""The office layout's menu: what this account may open, in the order of the year."""

from itertools import groupby
from typing import NamedTuple

from flask import Flask, g, request, url_for

from votes.models import Body
from votes.rules.people.organs import COUNTY, Organ
from votes.rules.people.roles import Role
from votes.rules.permissions import Permission as P, may
from votes.services.people import bodies
from votes.web.identity import me


class Item(NamedTuple):
    word: str
    endpoint: str
    permission: P
    group: str


ITEMS = (
    Item("工作台", "office.dashboard", P.OFFICE_READ, ""),
    Item("建议征集", "suggestions.index", P.SUGGESTION_READ, "全年工作"),
    Item("建议办理", "matters.index", P.MATTER_READ, "全年工作"),
    Item("交办件", "transfers.index", P.TRANSFER_READ, "全年工作"),
    Item("候选项目", "projects.index", P.PROJECT_READ, "全年工作"),
    Item("会议与票决", "sessions.index", P.SESSION_READ, "全年工作"),
    Item("进度跟踪", "progress.index", P.PROGRESS_READ, "全年工作"),
    Item("监督", "supervision.index", P.SUPERVISION_READ, "全年工作"),
    Item("调整与验收", "adjustments.index", P.PROGRESS_READ, "全年工作"),
    Item("群众评价", "citizen_ratings.index", P.CITIZEN_RATING_READ, "全年工作"),
    Item("总览与对比", "overview.index", P.OVERVIEW_READ, "全年工作"),
    Item("代表名册", "roster.index", P.ROSTER_READ, "人员"),
    Item("代表履职", "duties.index", P.DUTY_READ, "人员"),
    Item("责任单位", "departments.index", P.DEPARTMENT_MANAGE, "人员"),
    Item("账号", "users.index", P.USER_MANAGE, "人员"),
    Item("本级设置", "bodies.settings", P.BODY_SETTINGS, "系统"),
    Item("人大机构", "bodies.index", P.BODY_MANAGE, "系统"),
    Item("操作日志", "audit.index", P.AUDIT_READ, "系统"),
)


#: Pages that belong to a menu item of another blueprint.
WITHIN = {
    "acceptances": "adjustments",
    "attachments": "projects",
    "desk": "sessions",
    "documents": "sessions",
    "halls": "sessions",
    "inspection_notes": "supervision",
    "inspection_plan": "supervision",
    "motions": "sessions",
    "paper": "sessions",
    "proof": "sessions",
    "rectifications": "supervision",
    "rehearsals": "sessions",
    "reminders": "office",
    "rereports": "adjustments",
    "rounds": "sessions",
    "screens": "sessions",
    "seasons": "suggestions",
}


def menu() -> list[tuple[str, list[tuple[Item, str, bool]]]]:
    """Groups of (item, address, whether it is the present page's) for whoever is signed in."""
    actor = me()
    blueprint = WITHIN.get(request.blueprint or "", request.blueprint)
    shown = [
        (
            item._replace(word=organ().speak(item.word)),
            url_for(item.endpoint),
            item.endpoint.partition(".")[0] == blueprint,
        )
        for item in ITEMS
        if may(actor, item.permission)
    ]
    return [(group, list(items)) for group, items in groupby(shown, key=lambda entry: entry[0].group)]


def here() -> Body | None:
    """The body in view, kept for the request."""
    if "here" not in g:
        body_id = me().body_id
        g.here = bodies.get_body(body_id) if body_id else None
    found: Body | None = g.here
    return found


def organ(body: Body | None = None) -> Organ:
    """The words of the organ that ``body`` is, else of the one in view: what its members and presidium are called."""
    found = body or here()
    return bodies.organ_of(found) if found else COUNTY


def viewable_bodies() -> list[Body]:
    """The bodies among which a leader or the administrator may switch; empty for everybody else."""
    actor = me()
    if actor.home_body_id == actor.body_id and not actor.roles & {Role.LEADER, Role.SYSADMIN}:
        return []
    if "viewable" not in g:
        g.viewable = bodies.viewable(actor)
    found: list[Body] = g.viewable
    return found


def init(app: Flask) -> None:
    app.jinja_env.globals.update(menu=menu, here=here, organ=organ, viewable_bodies=viewable_bodies)
