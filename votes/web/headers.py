"""Security headers, the nonce of inline styles and scripts, and what caches may keep."""

import secrets

from flask import Flask, Response, g, request

from votes.web.facts import page_facts, serves_files


def nonce() -> str:
    """Return the request's nonce for its inline style and script elements."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(12)
    return str(g.nonce)


def init(app: Flask) -> None:
    """Send the headers with each answer."""
    app.jinja_env.globals["nonce"] = nonce

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; style-src 'self' 'nonce-{nonce()}'; script-src 'self' 'nonce-{nonce()}'; "
            "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
        )
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        # Not no-referrer: over HTTPS the CSRF check reads the Referer header where a webview sends it.
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        camera = "(self)" if page_facts().camera else "()"
        response.headers.setdefault("Permissions-Policy", f"camera={camera}, geolocation=(), microphone=()")
        if app.config["SESSION_COOKIE_SECURE"]:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if response.status_code == 429 and "retry_after" in g:
            response.headers["Retry-After"] = str(g.retry_after)
        if not serves_files(request.endpoint):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
