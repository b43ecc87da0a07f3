"""Which host names the application answers: a request for any other is refused before a page sees it."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>地址不对</title>
<meta name="viewport" content="width=device-width,initial-scale=1"></head>
<body><h1>地址不对</h1><p>本系统不在这个地址上办理。请扫描凭证上的二维码，或使用主办单位告知的地址。</p>
<p>系统管理员：正确的地址写在 PUBLIC_URL；需要另外的地址时，把它写入 ALLOWED_HOSTS。</p></body></html>""".encode()


def host_of(text: str) -> str:
    """Return the host name in a header, a URL or a setting, without its port, in small letters; "" for other text."""
    try:
        return urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""


class HostCheck:
    """The application ``inner``, for requests that name one of ``hosts``."""

    def __init__(self, inner: WSGIApplication, hosts: frozenset[str]) -> None:
        self._inner = inner
        self._hosts = hosts

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request, or refuse it (400) in words that repeat nothing it said."""
        given = environ.get("HTTP_HOST")
        # Load balancers ask without the header; then no page can repeat it either.
        if given is None or (not set(given) & set("@/\\?# ") and host_of(given) in self._hosts):
            return self._inner(environ, start_response)
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]
        start_response("400 BAD REQUEST", headers)
        return [_PAGE]


def init(app: Flask) -> None:
    """Put the check around the application."""
    hosts: Any = app.config["HOSTS"]
    app.wsgi_app = HostCheck(app.wsgi_app, hosts)  # type: ignore[method-assign]
