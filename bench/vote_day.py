"""All phones of a demo at once against the real server: how long until every ballot is acknowledged?

    INSTANCE_PATH=/tmp/bench flask --app app demo --stage voting --json > demo.json
    INSTANCE_PATH=/tmp/bench PORT=8200 python -m votes.serve &
    python bench/vote_day.py demo.json http://127.0.0.1:8200 [--phones 16]

Figures differ from machine to machine; the ratios printed last are what to compare: a ballot against the
cheapest page of the same server in the same run. It sends requests to the given address only, one per phone and step.
"""

import argparse
import http.client
import json
import random
import re
import socket
import ssl
import statistics
import threading
import time
from pathlib import Path
from queue import Empty, Queue
from urllib.parse import urlencode, urlsplit


class OnThisMachine(http.client.HTTPSConnection):
    """HTTPS to a server on this machine, under the name that stands in its certificate."""

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


#: Which certificates are believed; who makes one of their own adds it.
TRUSTED = ssl.create_default_context()


def connection_to(base: str, seconds: float = 60) -> http.client.HTTPConnection:
    """Return a connection to ``base`` that is opened with the first request."""
    address = urlsplit(base)
    if address.scheme == "http":
        return http.client.HTTPConnection(address.netloc, timeout=seconds)
    return OnThisMachine(address.netloc, timeout=seconds, context=TRUSTED)


class Phone:
    """One browser: a connection kept open, cookies, hidden fields."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.connection = connection_to(base)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Referer": self.base + "/",
        }
        body = urlencode(fields) if fields is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location", ""), answer.read().decode(errors="replace")


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page (token and code)."""
    found = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    fields = {}
    for tag in found:
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value:
            fields[name[1]] = value[1]
    return fields


def run(work: list, phones: int, act) -> list[float]:
    """``act(item)`` for every item by ``phones`` workers; seconds of each."""
    queue: Queue = Queue()
    for item in work:
        queue.put(item)
    taken: list[float] = []

    def worker() -> None:
        while True:
            try:
                item = queue.get_nowait()
            except Empty:
                return
            start = time.perf_counter()
            act(item)
            taken.append(time.perf_counter() - start)

    threads = [threading.Thread(target=worker) for _ in range(phones)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def wait_for(base: str, seconds: float = 60) -> None:
    """Until the server answers; raises ConnectionError when it does not."""
    end = time.monotonic() + seconds
    while True:
        try:
            Phone(base).ask("GET", "/healthz")
            return
        except ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("demo")
    options.add_argument("base")
    options.add_argument("--phones", type=int, default=16)
    given = options.parse_args()
    demo = json.loads(Path(given.demo).read_text("utf-8"))
    wait_for(given.base)
    ready = []

    def enter(deputy: dict[str, str]) -> None:
        phone = Phone(given.base)
        path = urlsplit(deputy["qr_url"]).path
        _, _, page = phone.ask("GET", path)
        status, _, _ = phone.ask("POST", path, {"csrf_token": hidden(page)["csrf_token"]})
        assert status == 303, status
        status, _, page = phone.ask("GET", f"/vote/{demo['round_id']}")
        assert status == 200, status
        ready.append((phone, hidden(page)))

    start = time.perf_counter()
    run(demo["deputies"], given.phones, enter)
    print(f"{len(ready)} phones entered and opened the ballot in {time.perf_counter() - start:.1f} s")

    light = run(list(range(len(ready))), given.phones, lambda _: Phone(given.base).ask("GET", "/healthz"))
    answers: list[int] = []

    def cast(item: tuple[Phone, dict[str, str]]) -> None:
        phone, fields = item
        chosen = {f"m{n}": "for" for n in random.sample(range(1, 13), 10)}
        status, _, _ = phone.ask("POST", f"/vote/{demo['round_id']}/cast", {**fields, **chosen})
        answers.append(status)

    start = time.perf_counter()
    taken = sorted(run(ready, given.phones, cast))
    whole = time.perf_counter() - start
    print(f"{answers.count(303)} of {len(answers)} ballots acknowledged in {whole:.2f} s")
    middle, late = statistics.median(taken), taken[int(len(taken) * 0.99) - 1]
    print(f"a ballot: median {middle * 1000:.0f} ms, 99 of 100 within {late * 1000:.0f} ms")
    print(f"ratio p99/p50 {late / middle:.1f}; ratio ballot/healthz {middle / statistics.median(light):.1f}")


if __name__ == "__main__":
    main()
