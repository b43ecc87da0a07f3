"""Announcements as feeds: RSS 2.0 and Atom."""

from functools import partial
from typing import Literal

from flask import Response, request
from flask.typing import ResponseReturnValue

from votes.exports.publication import feeds as export
from votes.models import Body
from votes.rules.permissions import Permission as P
from votes.services.people import bodies
from votes.services.publication import feeds
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.pages import public_url

bp = Pages("feeds", __name__, Layout.PUBLIC)


@bp.get("/p/<body>/feed.rss")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def rss(body: Body) -> ResponseReturnValue:
    return _feed(body, "rss")


@bp.get("/p/<body>/feed.atom")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def atom(body: Body) -> ResponseReturnValue:
    return _feed(body, "atom")


def _feed(body: Body, kind: Literal["rss", "atom"]) -> Response:
    data = export.write(
        kind,
        feeds.news(partial(public_url, body=body.code)),
        title=f"{body.place}民生实事项目公告",
        home=public_url("public.index", body=body.code),
        url=public_url(f"feeds.{kind}", body=body.code),
        author=body.name,
    )
    response = Response(data, content_type=export.TYPES[kind])
    # Readers ask every few minutes: a feed that has not changed is not sent again.
    response.add_etag()
    response.cache_control.public, response.cache_control.max_age = True, 300
    response.make_conditional(request)
    return response
