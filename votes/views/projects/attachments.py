"""Files of projects and reports, for whoever may see their owner."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from votes.models import Attachment
from votes.rules.permissions import Permission as P
from votes.services import uploads
from votes.web.access import allow
from votes.web.uploads import send

bp = Blueprint("attachments", __name__, url_prefix="/office/attachments")


@bp.get("/<int:attachment_id>")
@allow(P.PROJECT_READ, attachment=uploads.get)
def show(attachment: Attachment) -> ResponseReturnValue:
    return send(attachment, thumbnail=request.args.get("size") == "small")
