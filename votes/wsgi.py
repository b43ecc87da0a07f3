"""The WSGI application with its static files, as `python -m votes.serve` runs it in each process."""

import os
from wsgiref.types import WSGIApplication

from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from votes import create_app
from votes.db import Database
from votes.web.static import with_static

_app = create_app()
database: Database = _app.extensions["votes.database"]
#: The most bytes of a request's body; one more lets the application refuse it with its own page.
LONGEST_BODY: int = _app.config["MAX_CONTENT_LENGTH"] + 64 * 1024
application: WSGIApplication = with_static(_app)

# Behind a proxy every client would have the IP address of the proxy. Only the proxies named here may say whose request
# they pass on; a forged header from anywhere else is ignored.
if proxies := os.environ.get("TRUSTED_PROXIES"):
    application = wrap_wsgi_with_proxy_headers(application, proxies)
