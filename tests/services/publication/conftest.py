"""A project whose report is owed; a robot and a mail server that run in the test, to which reminders are sent."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.years import make_tracked, report


class Robot(BaseHTTPRequestHandler):
    """Keep what is posted and answer as the test says."""

    def do_POST(self) -> None:
        server: Any = self.server
        server.got.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        time.sleep(server.wait)
        self.send_response(server.status)
        if server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(server.answer)

    def log_message(self, *_: Any) -> None:
        pass


class Mail(socketserver.StreamRequestHandler):
    """Speak as much of SMTP as a client needs."""

    def handle(self) -> None:
        server: Any = self.server
        self.wfile.write(b"220 here\r\n")
        lines: list[bytes] = []
        data = False
        for line in self.rfile:
            if data:
                if line == b".\r\n":
                    data = False
                    server.got.append((server.to, b"".join(lines)))
                    self.wfile.write(b"250 kept\r\n")
                lines.append(line)
                continue
            word = line.split()[0].upper()
            if word == b"RCPT":
                server.to.append(line.decode().split("<")[1].split(">")[0])
                self.wfile.write(b"550 no\r\n" if server.refuse else b"250 ok\r\n")
            elif word == b"DATA":
                data = True
                self.wfile.write(b"354 go\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def robot() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Robot)
    server.got, server.status, server.answer, server.wait = [], 200, b'{"errcode":0}', 0
    server.url = f"http://127.0.0.1:{server.server_address[1]}/send?key=k-e-y"
    with serving(server):
        yield server


@pytest.fixture
def mail() -> Iterator[Any]:
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)
    server.daemon_threads = True
    server.got, server.to, server.refuse = [], [], False
    server.settings = {
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.server_address[1]), "SMTP_SECURITY": "none",
        "SMTP_FROM": "office@shili.example",
    }  # fmt: skip
    with serving(server):
        yield server


@pytest.fixture
def owed(world):
    """One project whose report of May is overdue and that of June is near, in the county."""
    with world.work():
        tracking = make_tracked(1, department_id=world.departments["county"])[0]
        for month in range(1, 5):
            report(tracking.id, month, month * 8)
        return tracking.id
