"""The WSGI application for a production server: ``granian --interface wsgi votes.wsgi:application``.

`python -m votes.serve` prepares the database and then starts such a server.
"""

import os
from wsgiref.types import WSGIApplication

from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from votes import create_app
from votes.web.static import with_static

application: WSGIApplication = with_static(create_app())

# Behind a proxy every client would have the IP address of the proxy. Only the proxies named here may say whose request
# they pass on; a forged header from anywhere else is ignored.
if proxies := os.environ.get("TRUSTED_PROXIES"):
    application = wrap_wsgi_with_proxy_headers(application, proxies)
