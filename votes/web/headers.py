"""Security headers, the style nonce, and what may be kept by caches."""

import secrets

from flask import Flask, Response, g, request

from votes.web.facts import page_facts, serves_files


def nonce() -> str:
    """The request's nonce for its inline style and script elements."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(12)
    return str(g.nonce)


def init(app: Flask) -> None:
    app.jinja_env.globals["nonce"] = nonce

    @app.after_request
    def headers(response: Response) -> Response:
        one = nonce()
        response.headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; style-src 'self' 'nonce-{one}'; script-src 'self' 'nonce-{one}'; "
            "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
        )
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        # same-origin, not no-referrer: over HTTPS the form check reads it where the webview sends it
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        camera = "(self)" if page_facts().camera else "()"
        response.headers.setdefault("Permissions-Policy", f"camera={camera}, geolocation=(), microphone=()")
        if not serves_files(request.endpoint):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
