"""`python -m tests.killable`: the application behind one socket, in a process that may be killed at any moment.

The parent only holds the listening socket and imports the application; a child serves. When the child dies the
next one stands within milliseconds, and whoever knocked meanwhile waits in the socket's queue. Settings come from
the environment. Each child says its process id on standard output, after the port.
"""

import os
import signal
import socket
import sys
from contextlib import suppress

from werkzeug.serving import WSGIRequestHandler, make_server

from votes import create_app


class _Silent(WSGIRequestHandler):
    def log(self, *arguments: object, **more: object) -> None:
        pass


def main() -> None:

    app = create_app()  # opens no connection: each child has its own
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    child = 0

    def stop(*_: object) -> None:
        if child:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            make_server(
                "127.0.0.1", 0, app, threaded=True, request_handler=_Silent, fd=listening.fileno()
            ).serve_forever()
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
