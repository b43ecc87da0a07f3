"""What citizens see: the year at a glance, each project's story, announcements, open data."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from votes.rules.permissions import Permission as P
from votes.services import bodies
from votes.web.access import allow

bp = Blueprint("public", __name__)


@bp.get("/")
@allow(P.PUBLIC_READ)
def root() -> ResponseReturnValue:
    first = next(iter(bodies.all_bodies()), None)
    if first is None:
        return render_template("public/welcome.html")
    return redirect(url_for("public.index", body=first.code))


@bp.get("/p/<body>/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def index(body: bodies.Body) -> ResponseReturnValue:
    return render_template("public/index.html", body=body)
