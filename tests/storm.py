"""A hall full of phones, and the network between them and the server: it loses, delays and doubles what is sent."""

import hashlib
import http.client
import random
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from votes import config
from votes.rules.codes import new_code

Answer = tuple[int, str, bytes]  # status, Location, body


def ask(base: str, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = {}) -> Answer:
    """One request on a connection of its own. Raises OSError or HTTPException when the network fails."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    try:
        connection.request(method, path, body or None, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", ""), answer.read()
    finally:
        connection.close()


@dataclass
class Phone:
    """One deputy's phone: signed in with the card, a ballot marked, its code drawn."""

    card_id: int
    round_id: int
    marks: dict[int, str]
    code: str = field(default_factory=new_code)
    headers: dict[str, str] = field(default_factory=dict)
    token: str = ""
    acknowledged: bool = False
    tries: int = 0
    lost: int = 0  # tries that got no whole answer

    def sign_in(self, app: Flask, cookie: str) -> None:
        """Return the cookie and form token that scanning the card would bring (hundreds of them at once)."""
        secret = hashlib.sha1(secrets.token_bytes(16)).hexdigest()
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        kept = serializer.dumps({"_user_id": f"c:{self.card_id}", "_permanent": True, "csrf_token": secret})
        self.headers = {
            "Cookie": f"{cookie}={kept}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(secret)  # type: ignore[arg-type]

    def cast(self, base: str, *, most: int = 60) -> None:
        """Send the ballot until the server acknowledges it, as the page on the phone does; ``most`` times."""
        fields = {"csrf_token": self.token, "code": self.code}
        body = urlencode({**fields, **{f"m{no}": word for no, word in self.marks.items()}}).encode()
        for _ in range(most):
            self.tries += 1
            try:
                status, _, page = ask(base, "POST", f"/vote/{self.round_id}/cast", body, self.headers)
            except (OSError, http.client.HTTPException):
                self.lost += 1
            else:
                if status == 303:
                    self.acknowledged = True
                    return
                assert status >= 500, f"{status}: {page.decode()[-600:]}"
            time.sleep(random.uniform(0.01, 0.1))


def phones(
    app: Flask, instance: Path, round_id: int, cards: Iterable[int], *, projects: int, seats: int, seed: int
) -> list[Phone]:
    """Return a phone for each card, with up to ``seats`` projects chosen, signed in to the server on ``instance``."""
    dice = random.Random(seed)
    cookie = config.load({"INSTANCE_PATH": str(instance)})["SESSION_COOKIE_NAME"]
    made = []
    for card_id in cards:
        chosen = dice.sample(range(1, projects + 1), dice.randint(0, seats))
        made.append(Phone(card_id, round_id, dict.fromkeys(sorted(chosen), "for")))
        made[-1].sign_in(app, cookie)
    return made


def all_cast(base: str, hall: list[Phone], *, within: float) -> float:
    """Every phone casts, each at a moment of its own within so many seconds; answers how long it took."""

    def vote(phone: Phone) -> None:
        time.sleep(random.uniform(0, within))
        phone.cast(base)

    start = time.perf_counter()
    with ThreadPoolExecutor(len(hall)) as pool:
        list(pool.map(vote, hall))
    return time.perf_counter() - start


@contextmanager
def bad_network(server: str, *, seed: int) -> Iterator[str]:
    """Return the address of a proxy before ``server`` that drops, cuts off, delays and doubles requests."""
    dice, lock = random.Random(seed), threading.Lock()
    second = ThreadPoolExecutor(64)

    class Proxy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with lock:
                fate, delay = dice.random(), dice.uniform(0, 0.25)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {k: v for k, v in self.headers.items() if k not in ("Connection", "Host")}
            self.close_connection = True
            if fate < 0.15:
                return  # lost on the way there
            if fate < 0.35:
                time.sleep(delay)
            twin = second.submit(ask, server, "POST", self.path, body, headers) if fate > 0.85 else None
            try:
                status, location, page = ask(server, "POST", self.path, body, headers)
            except (OSError, http.client.HTTPException):
                return
            finally:
                if twin:
                    twin.exception()
            if 0.35 <= fate < 0.50:
                return  # lost on the way back
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Location", location)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page[: len(page) // 2] if 0.50 <= fate < 0.55 else page)

        def log_message(self, *arguments: object) -> None:
            pass

    class Hall(ThreadingHTTPServer):
        request_queue_size = 1024
        daemon_threads = True

    proxy = Hall(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}"
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
        second.shutdown()
