"""The error pages: what people see when something is refused, missing or broken."""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from votes.clock import now
from votes.rules.errors import RuleBroken
from votes.web import phones, unknown
from votes.web.facts import Layout, page_facts, serves_files
from votes.web.identity import me
from votes.web.transaction import refuse, undo

log = logging.getLogger(__name__)

WORDS = {
    400: ("请求无法识别", "请返回上一页，刷新后重试。您填写的内容没有被提交。"),
    401: ("请先登录", "登录后再办理。"),
    403: ("没有权限", "您的账号没有查看或办理此事的权限。如需办理，请联系本级人大常委会办公室。"),
    404: ("没有找到", "这里没有您要找的内容：地址可能有误，或者它不属于您所在的人民代表大会。"),
    405: ("操作方式不对", "请从页面上的按钮进入。"),
    408: ("网络太慢", "没有收完您提交的内容，没有保存。请返回上一页再试一次。"),
    413: ("文件太大", "上传的内容超过了允许的大小，没有保存任何内容。请压缩后重新上传。"),
    429: ("请稍候再试", "操作过于频繁，请稍候再试。"),
    500: ("系统出现问题", "刚才的操作没有保存。请稍后重试；若再次出现，请告知系统管理员。"),
    503: ("系统繁忙", "刚才的操作没有保存。请稍后重试。"),
}


def page(status: int, title: str, words: str, **more: object) -> Response:
    """Return the error page in the layout of the page that was requested."""
    if request.path.endswith(".json") or request.accept_mimetypes.best == "application/json":
        return make_response(jsonify(error=title, message=words), status)
    facts, actor = page_facts(), me()
    if facts.errors is Layout.PHONE or actor.card_id or more.get("card"):
        layout = Layout.PHONE
    else:
        layout = Layout.OFFICE if actor.signed_in else Layout.PUBLIC
    return make_response(
        render_template(
            "errors/error.html",
            layout=layout,
            status=status,
            title=title,
            words=words,
            citizen=facts.citizens,
            **more,
        ),
        status,
    )


def _retry_url() -> str:
    """Return the URL of the form that was sent, to open it again; empty where the page only takes POST."""
    rule = request.url_rule
    return request.path if rule is not None and "GET" in (rule.methods or ()) else ""


def _slowed() -> Response | None:
    """Return a short answer (429) to a network that asks for many URLs that do not exist; None for all others."""
    network = "" if me().signed_in else phones.network("unknown")
    left = unknown.wait(network, now()) if network else None
    if not left:
        return None
    g.retry_after = max(int(left.total_seconds()), 1)
    return Response("请稍候再试。", 429, mimetype="text/plain")


def _rule_broken(error: RuleBroken) -> Response:
    refuse(error)
    if error.status == 404 and (slowed := _slowed()):
        return slowed
    return page(error.status, "未能办理", error.message)


def _csrf_failed(error: CSRFError) -> Response:
    undo()
    if page_facts().citizens:
        words = "刚才的内容没有提交。请重新打开页面再提交；如果还是这样，请在浏览器设置中允许保存 Cookie，或者换一个浏览器。"
        typed = request.form.get("content") or request.form.get("comment") or ""
        return page(400, "页面已过期", words, typed=typed[:2000], again=_retry_url())
    words = "为了安全，这个页面需要重新打开。刚才的内容没有提交；请返回上一页刷新后再提交。"
    return page(400, "页面已过期", words)


def _too_large(error: RequestEntityTooLarge) -> Response:
    undo()
    if page_facts().citizens:
        words = "没有提交。请返回上一页，少选几张照片，或者不传照片再提交；您写的文字还在上一页。"
        return page(413, "照片太大", words)
    return page(413, *WORDS[413])


def _out_of_range(error: Exception) -> Response:
    """Answer a value that no database column holds: an enormous number, a character that is not text."""
    log.warning("%s: a value that no database holds (%s)", request.endpoint, type(error).__name__)
    undo()
    return page(400, *WORDS[400])


def _busy(error: OperationalError) -> Response:
    log.exception("the database did not take it")
    return page(503, *WORDS[503])


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:  # a redirect raised by the router
        return error.get_response()  # type: ignore[return-value]
    if serves_files(request.endpoint):  # no unit of work is open, and nobody reads it
        return Response(WORDS[404][0], code, mimetype="text/plain")
    if code == 404 and (slowed := _slowed()):
        return slowed
    title, words = WORDS.get(code, ("未能办理", error.description or ""))
    response = page(code, title, words)
    if code == 405 and error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _broken(error: Exception) -> Response:
    try:
        undo()  # the error page reads the database, and after a failed statement the transaction is unusable
        return page(500, *WORDS[500])
    except Exception:  # the error page itself needs the database
        log.exception("the error page failed")
        return Response("系统出现问题，刚才的操作没有保存，请稍后重试。", 500, mimetype="text/plain")


def init(app: Flask) -> None:
    """Register the handlers above."""
    handlers: dict[type[Exception] | int, Callable[[Any], Response]] = {
        RuleBroken: _rule_broken,
        CSRFError: _csrf_failed,
        RequestEntityTooLarge: _too_large,
        DataError: _out_of_range,
        OverflowError: _out_of_range,
        OperationalError: _busy,
        HTTPException: _http,
        500: _broken,
    }
    for error, handler in handlers.items():
        app.register_error_handler(error, handler)
