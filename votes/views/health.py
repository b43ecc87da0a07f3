"""For whoever watches over the server."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from votes.rules.permissions import Permission as P
from votes.services import health
from votes.web.access import allow

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@allow(P.PUBLIC_READ)
def healthz() -> ResponseReturnValue:
    """200 when the database answers, 503 (by the error handler) when it does not."""
    health.ping()
    return jsonify(status="ok")
