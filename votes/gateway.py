"""The server side of a process: wait for the body of each request, then run the WSGI application, one request at a time.

Granian's WSGI interface gives a request its thread before the body has arrived, so that a few clients that send half
a body stop a process. Here the event loop waits for all bodies at once, each with a deadline, and the application is
called only when the body is complete. Why: docs/decisions/0017-two-groups.md.
"""

import asyncio
import io
import logging
import os
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from wsgiref.types import WSGIApplication

from granian.rsgi import HTTPProtocol, ProtocolClosed, ProtocolError, Scope

from votes.staff_group import HANDED_OVER, Answer, StaffAwayError, StaffGroup
from votes.web.errors import WORDS

log = logging.getLogger(__name__)

#: Seconds that a client has for its body, and besides a second for each so many bytes (a slow mobile network).
PATIENCE = 15
SLOWEST = 8 * 1024
#: Bytes of all bodies that a process holds at a time, those that are still arriving included.
MOST_HELD = 192 * 1024 * 1024
#: A body of so many bytes is taken even then: a ballot is never refused because others hold large files. Larger ones lie in
#: a file in memory, which the staff group gets without a copy: copying eight megabytes would hold all ballots up.
SMALL = 64 * 1024

#: Bytes of large bodies that a process takes in a second. Eight people with photos on a fast network send ten times as much, and
#: ballots would wait between the pieces.
LARGE_A_SECOND = 24 * 1024 * 1024

#: What every answer says of the server; without it, the header would name the program.
SERVER = "votes"

_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"></head>
<body><h1>{title}</h1><p>{words}</p></body></html>"""


class RefusedError(Exception):
    """A request that the application does not see; ``status`` is a key of `web.errors.WORDS`."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        title, words = WORDS[status]
        page = _PAGE.format(title=title, words=words).encode()
        headers = [("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store")]
        self.answer = Answer(status, headers, page)


class Gateway:
    """An RSGI application around a WSGI application.

    ``longest`` is the most bytes of a body. With ``staff`` the pages that the application hands over are answered by
    the staff group.
    """

    def __init__(
        self, application: WSGIApplication, *, longest: int, staff: StaffGroup | None = None
    ) -> None:
        self._application = application
        self._longest = longest
        self._staff = staff
        self._held = 0
        self._next_piece = 0.0

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        body = _Body(scope)
        try:
            if scope.method not in ("GET", "HEAD"):
                await self._read(protocol, body)
            answer = await self._answer(scope, body)
        except RefusedError as refused:
            answer = refused.answer
        except (ProtocolClosed, ProtocolError):  # the client is gone
            return
        finally:
            self._held -= body.length
            body.content.close()
        headers = [each for each in answer.headers if each[0] != "server"]
        protocol.response_bytes(answer.status, [*headers, ("server", SERVER)], answer.body)

    async def _read(self, protocol: HTTPProtocol, body: "_Body") -> None:
        """Append the pieces of the body as they arrive.

        A body has to announce its length: without it, one that breaks off in mid-air cannot be told from a whole one,
        and a ballot with half its marks would be cast. Raises RefusedError for one that is too large or too slow, or
        that is not as long as announced.
        """
        announced = body.announced
        if announced > self._longest:
            if announced <= 4 * self._longest:
                await _discard(protocol)
            raise RefusedError(413)
        if announced > SMALL and self._held + announced > MOST_HELD:
            raise RefusedError(503)
        body.begin()
        try:
            # Not all at the same moment: a thousand that give up together would hold ballots up for 0.1 s.
            patience = PATIENCE * random.uniform(1, 4 / 3)
            async with asyncio.timeout(patience + announced / SLOWEST):
                async for piece in protocol:
                    body.content.write(piece)
                    body.length += len(piece)
                    self._held += len(piece)
                    if body.length > announced:
                        raise RefusedError(400)
                    if announced > SMALL:
                        if self._held > MOST_HELD:
                            raise RefusedError(503)
                        await self._pace(len(piece))
        except TimeoutError:
            raise RefusedError(408) from None
        if body.length < announced:  # the client is gone
            raise RefusedError(400)

    async def _pace(self, size: int) -> None:
        """Wait until a further piece of a large body may be taken in, all such bodies of this process together."""
        now = asyncio.get_running_loop().time()
        begin = max(now, self._next_piece)
        self._next_piece = begin + size / LARGE_A_SECOND
        if begin > now:
            await asyncio.sleep(begin - now)

    async def _answer(self, scope: Scope, body: "_Body") -> Answer:
        environ = environ_of(scope, body.length)
        body.content.seek(0)
        if self._staff is None:
            return call(self._application, environ, body.content)
        own: dict[str, Any] = {**environ, HANDED_OVER: False}
        answer = call(self._application, own, body.content)
        lane = own[HANDED_OVER]
        if not lane:
            return answer
        try:
            return await self._staff.ask(environ, body.content, lane)
        except StaffAwayError:
            raise RefusedError(503) from None


async def _discard(protocol: HTTPProtocol) -> None:
    """Let a body arrive that is refused: a client that cannot send all of it would not read why."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            async for _ in protocol:
                pass


class _Body:
    """The body of a request: how long it says to be, and what has arrived."""

    def __init__(self, scope: Scope) -> None:
        length = scope.headers.get("content-length") or "0"
        self.announced = int(length) if length.isdecimal() else 0
        self.length = 0
        self.content: io.BytesIO | io.FileIO = io.BytesIO()

    def begin(self) -> None:
        """Make room for a large body."""
        if self.announced > SMALL:
            self.content = io.FileIO(os.memfd_create("body"), "r+")


def _native(words: str) -> str:
    """Return the text as PEP 3333 wants it: a character for each byte."""
    return words.encode().decode("latin-1")


def environ_of(scope: Scope, length: int) -> dict[str, str]:
    """Return the WSGI environment of a request whose body has ``length`` bytes: the text values of PEP 3333."""
    server, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _native(scope.path),
        "QUERY_STRING": _native(scope.query_string),
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
        "CONTENT_LENGTH": str(length),
    }
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key != "CONTENT_LENGTH":
            key = f"HTTP_{key}"
            between = "; " if key == "HTTP_COOKIE" else ","
            environ[key] = f"{environ[key]}{between}{value}" if key in environ else value
    return environ


def call(application: WSGIApplication, environ: dict[str, Any], body: io.BytesIO | io.FileIO) -> Answer:
    """Run the application on one request; an error that it does not answer itself is logged and answered with 500."""
    started: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], Any]:
        started.append((int(status[:3]), [(name.lower(), value) for name, value in headers]))
        return lambda data: None

    environ |= {
        "wsgi.version": (1, 0),
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    try:
        parts = application(environ, start_response)
        try:
            content = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        status, headers = started[-1]
        return Answer(status, headers, content)
    except Exception:
        log.exception("a request failed outside the application")
        return RefusedError(500).answer
