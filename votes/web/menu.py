"""The menu of the office layout: what this account may open, in the order of the year."""

from itertools import groupby
from typing import Any, NamedTuple

from flask import Flask, current_app, g, request, url_for

from votes.models import Body
from votes.rules.people.organs import COUNTY, Organ
from votes.rules.people.roles import Role
from votes.rules.permissions import may
from votes.services.people import bodies
from votes.web.facts import menu_items, page_facts
from votes.web.identity import me


class MenuEntry(NamedTuple):
    """A line of the menu for one account; ``current`` marks the item to which the requested page belongs."""

    word: str
    url: str
    current: bool


def menu() -> list[tuple[str, list[MenuEntry]]]:
    """Return the groups of the menu, each with the entries that whoever is signed in may open."""
    actor, inside = me(), page_facts().within or request.blueprint
    views: dict[str, Any] = current_app.view_functions
    shown = [
        (
            item.group,
            MenuEntry(organ().speak(item.word), url_for(endpoint), endpoint.partition(".")[0] == inside),
        )
        for endpoint, item in menu_items(current_app).items()
        if may(actor, views[endpoint].__permission__)
    ]
    return [(group, [entry for _, entry in rows]) for group, rows in groupby(shown, key=lambda row: row[0])]


def here() -> Body | None:
    """Return the body in view; it is read once per request."""
    if "here" not in g:
        body_id = me().body_id
        g.here = bodies.get_body(body_id) if body_id else None
    body: Body | None = g.here
    return body


def organ(body: Body | None = None) -> Organ:
    """Return the words for the organ of ``body``, else of the body in view: its members, its presidium."""
    body = body or here()
    return bodies.organ_of(body) if body else COUNTY


def viewable_bodies() -> list[Body]:
    """Return the bodies among which a leader or the administrator may switch; none for everybody else."""
    actor = me()
    if actor.home_body_id == actor.body_id and not actor.roles & {Role.LEADER, Role.SYSADMIN}:
        return []
    if "viewable" not in g:
        g.viewable = bodies.viewable(actor)
    viewable: list[Body] = g.viewable
    return viewable


def _load_layout() -> dict[str, list[Body]]:
    """Load the bodies that layouts name before a template renders: it runs no query of its own."""
    here()
    return {"viewable_bodies": viewable_bodies()}


def init(app: Flask) -> None:
    """Give the functions above to the templates."""
    app.jinja_env.globals.update(menu=menu, here=here, organ=organ)
    app.context_processor(_load_layout)
