"""The page that monitoring asks."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from votes.rules.permissions import Permission as P
from votes.services import health
from votes.web.access import allow
from votes.web.facts import Layout, Pages

bp = Pages("health", __name__, Layout.PUBLIC, quick=True)


@bp.get("/healthz")
@allow(P.PUBLIC_READ)
def healthz() -> ResponseReturnValue:
    """Answer 200 when the database answers; otherwise the error handler answers 503."""
    health.ping()
    return jsonify(status="ok")
