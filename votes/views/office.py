"""The office's front page: where the year stands and what to do next."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from votes.rules.permissions import Permission as P
from votes.web.access import allow

bp = Blueprint("office", __name__, url_prefix="/office")


@bp.get("/")
@allow(P.OFFICE_READ)
def dashboard() -> ResponseReturnValue:
    return render_template("office/dashboard.html")
