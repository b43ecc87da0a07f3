"""Sharing one project: a card with its QR code for a chat or a wall, and the picture that chats show."""

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.exports.formats import qr
from votes.exports.publication import share as drawing
from votes.models import Body
from votes.rules.permissions import Permission as P
from votes.services.delivery import trackings
from votes.services.people import bodies
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.pages import public_url
from votes.web.publication.overview_charts import fill
from votes.web.words.labels import label

bp = Pages("share", __name__, Layout.PUBLIC)


def _line(project_id: int) -> trackings.TrackedProject:
    return next(iter(trackings.of_projects([project_id], day=today())), None) or abort(404)


@bp.get("/p/<body>/projects/<int:project_id>/share")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def show(body: Body, project_id: int) -> ResponseReturnValue:
    url = public_url("public.project", body=body.code, project_id=project_id)
    return render_template(
        "publication/public/share.html",
        body=body,
        line=_line(project_id),
        url=url,
        code=qr.data_uri(url),
    )


@bp.get("/p/<body>/projects/<int:project_id>/share.png")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def picture(body: Body, project_id: int) -> ResponseReturnValue:
    line = _line(project_id)
    last = "大家提、代表决、政府办" + ("（演示数据）" if body.is_demo else "")
    data = drawing.picture(
        place=body.place,
        title=line.project.name,
        word=label(line.light).word,
        fill=fill(line.light),
        actual=line.standing.actual,
        planned=float(line.standing.planned),
        lines=[f"{line.project.year}年　{line.tracking.unit_name}", last],
    )
    response = Response(data, content_type="image/png")
    response.cache_control.public, response.cache_control.max_age = True, 3600
    return response
