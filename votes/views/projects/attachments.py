"""Files of projects and reports, for whoever may see their owner."""

from flask import request
from flask.typing import ResponseReturnValue

from votes.models import Attachment
from votes.rules.permissions import Permission as P
from votes.services import uploads
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.uploads import send

bp = Pages(
    "attachments",
    __name__,
    Layout.OFFICE,
    within="projects",
    audit="projects",
    url_prefix="/office/attachments",
)


@bp.get("/<int:attachment_id>")
@allow(P.PROJECT_READ, attachment=uploads.get)
def show(attachment: Attachment) -> ResponseReturnValue:
    return send(attachment, thumbnail=request.args.get("size") == "small")
