"""What a production server loads: ``granian --interface wsgi votes.wsgi:application``.

`python -m votes.serve` does that, after getting the database ready.
"""

import os
from wsgiref.types import WSGIApplication

from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from votes import create_app
from votes.web.static import with_static

application: WSGIApplication = with_static(create_app())

# Behind a proxy on this machine every visitor would seem to be the proxy. Only the addresses named here
# are believed about who asked; a forged header from anywhere else changes nothing.
if proxies := os.environ.get("TRUSTED_PROXIES"):
    application = wrap_wsgi_with_proxy_headers(application, proxies)
