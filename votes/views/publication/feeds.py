"""Announcements as feeds: RSS 2.0 and Atom."""

from typing import Any, Literal

from flask import Response, current_app, request, url_for
from flask.typing import ResponseReturnValue

from votes.exports.publication import feeds as export
from votes.models import Body
from votes.rules.permissions import Permission as P
from votes.services.people import bodies
from votes.services.publication import feeds
from votes.web.access import allow
from votes.web.facts import Layout, Pages

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
    def absolute(endpoint: str, **values: Any) -> str:
        return f"{current_app.config['PUBLIC_URL']}{url_for(endpoint, body=body.code, **values)}"

    def entry(news: feeds.News) -> export.Entry:
        if news.round is not None:
            url = absolute("public.announcement", public_id=news.round.public_id)
            return export.Entry(news.title, url, news.text, news.at, "公告")
        assert news.adjustment is not None
        url = absolute("adjustments.public", adjustment_id=news.adjustment.id)
        return export.Entry(news.title, url, news.text, news.at, "项目调整")

    data = export.write(
        kind,
        [entry(news) for news in feeds.news()],
        title=f"{body.place}民生实事项目公告",
        home=absolute("public.index"),
        url=absolute(f"feeds.{kind}"),
        author=body.name,
    )
    response = Response(data, content_type=export.TYPES[kind])
    # readers ask every few minutes: what has not changed is not sent again
    response.add_etag()
    response.cache_control.public = True
    response.cache_control.max_age = 300
    response.make_conditional(request)
    return response
