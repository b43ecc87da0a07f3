"""HTTPS in front of a server of the tests: a self-made certificate, and a proxy that counts what a listener would see."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_connection, create_server, socket
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa

from tests import certificates

_APPLICATION_DATA = 23  # the type of a TLS record


@dataclass
class Exchange:
    """One request with its answer: the first line of each, and the encrypted bytes that went either way."""

    request: str = ""
    answer: str = ""
    cookie: int = 0  # bytes of the sign-in's cookie in the request, and in the answer, which renews it
    renewed: int = 0
    sent: int = 0
    received: int = 0


@dataclass
class Listener:
    """The network: all exchanges, in the order in which they ended."""

    url: str
    exchanges: list[Exchange] = field(default_factory=list)

    def of(self, ending: str) -> list[Exchange]:
        """Return the exchanges whose path has this ending."""
        return [each for each in self.exchanges if each.request.split(" ")[1].endswith(ending)]


class _Connection:
    """One TLS connection that carries one request."""

    def __init__(self, raw: socket, context: ssl.SSLContext) -> None:
        self._raw, self._in, self._out = raw, ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self.seen, self._rest = Exchange(), b""

    def _records(self, data: bytes) -> int:
        """Return the bytes of the records of application data in ``data``, which ends with a record."""
        total = 0
        while data:
            length = 5 + int.from_bytes(data[3:5])
            total, data = total + (length if data[0] == _APPLICATION_DATA else 0), data[length:]
        return total

    def flush(self) -> None:
        data = self._out.read()
        self.seen.received += self._records(data)
        self._raw.sendall(data)

    def _feed(self) -> bool:
        data = self._raw.recv(65536)
        self._rest += data
        while len(self._rest) >= 5 and len(self._rest) >= (end := 5 + int.from_bytes(self._rest[3:5])):
            self.seen.sent += self._records(self._rest[:end])
            self._rest = self._rest[end:]
        self._in.write(data)
        return bool(data)

    def shake_hands(self) -> None:
        while True:
            try:
                return self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self.flush()
                if not self._feed():
                    raise ConnectionError from None

    def read(self) -> bytes:
        """Return the next bytes of the request; nothing when the client is gone."""
        while True:
            self.flush()
            try:
                return self._tls.read(65536)
            except ssl.SSLWantReadError:
                if not self._feed():
                    return b""

    def write(self, data: bytes) -> None:
        self._tls.write(data)
        self.flush()

    def close(self) -> None:
        self._raw.close()


def _pass_on(connection: _Connection, port: int) -> bool:
    """Send the request to the server, as a proxy does, and its answer back; return whether there was a request."""
    connection.shake_hands()
    got = b""
    while b"\r\n\r\n" not in got:
        if not (piece := connection.read()):
            return False
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    lines = [
        line for line in head.decode("latin-1").split("\r\n") if not line.lower().startswith("connection:")
    ]
    named = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    while len(body) < int(named.get("content-length", 0)):
        body += connection.read()
    seen, cookie = connection.seen, len(named.get("cookie", ""))
    seen.request, seen.cookie = lines[0], cookie
    lines += ["Connection: close", "X-Forwarded-Proto: https", "X-Forwarded-For: 127.0.0.1"]
    with create_connection(("127.0.0.1", port), timeout=60) as server:
        server.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        answer = b"".join(iter(lambda: server.recv(65536), b""))
    top, *fields = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    renewed = [each for each in fields if each.lower().startswith("set-cookie:") and "receipt=" not in each]
    seen.answer, seen.renewed = top, sum(map(len, renewed))
    connection.write(answer)
    return True


@contextmanager
def listened_to(server: str, port: int, folder: Path) -> Iterator[Listener]:
    """Serve https://localhost:``port`` in front of ``server``, a connection for each request; yield what is overheard."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # RSA: signatures of elliptic curves differ in length from handshake to handshake.
    key = rsa.generate_private_key(65537, 2048)
    folder.mkdir()
    own = certificates.make("localhost", key, certificates.of_host("localhost"))
    context.load_cert_chain(*own.save(folder))
    context.options |= ssl.OP_NO_TICKET  # nobody resumes: all handshakes have one length
    context.num_tickets = 0
    listener = Listener(f"https://localhost:{port}")
    behind = urlsplit(server).port or 0

    def one(raw: socket) -> None:
        connection = _Connection(raw, context)
        try:
            if _pass_on(connection, behind):
                listener.exchanges.append(connection.seen)
        except (OSError, ssl.SSLError):  # browsers open connections that they do not use
            pass
        finally:
            connection.close()

    with create_server(("127.0.0.1", port), backlog=64) as listening:

        def accept() -> None:
            while True:
                try:
                    raw, _ = listening.accept()
                except OSError:
                    return
                raw.settimeout(60)
                threading.Thread(target=one, args=(raw,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener
        listening.shutdown(2)
