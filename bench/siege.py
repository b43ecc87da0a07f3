"""A siege of the real server on loopback: how long does a ballot take while strangers and staff load it?

    python bench/siege.py [--database sqlite postgresql] [--through none nginx caddy] [--only "sign-in storm"]

For each database it loads the demo into a temporary folder, starts `python -m votes.serve` on it, and casts ballots at a
steady pace, first calm and then under each load; then again through nginx and Caddy with the files of deploy/, over HTTPS,
where they are installed. Every answer but 「已收到」 counts as lost, and at the end the box is compared with what phones were told.
What loads the server runs at the lowest priority: in a hall it is not on the server's cores. bench/README.md says how to read it.
"""

import argparse
import http.client
import itertools
import json
import multiprocessing
import os
import random
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from io import BytesIO
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from sqlalchemy import create_engine, text

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from vote_day import TRUSTED, Phone, connection_to, hidden, run

from tests import plumbing, proxies
from votes.scheduling import go_first

PASSWORD = "Minsheng-2027"
FORK = multiprocessing.get_context("fork")
#: Seconds between two requests of one client, on average.
PAUSE = 0.3
HALF = b"POST /vote/1/cast HTTP/1.1\r\nHost: vote.example.org\r\nContent-Length: 400\r\n\r\nm1=f"
HEADINGS = (
    f"{'load':<18}{'ballots':>8}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'ratio':>7}{'lost':>6}  answered"
)


# --- loads: each runs in a process of its own until ``stop`` is set ------------------------------------------


@dataclass
class Signals:
    """How the siege and one of its loads agree: the load is complete, the load has to stop."""

    ready: Event
    stop: Event


def connections(base: str, raw: bytes, most: int, signals: Signals) -> Counter[str]:
    """Hold ``most`` connections on which ``raw`` was sent; open again those that the server has closed."""
    address, held = urlsplit(base), []
    while not signals.stop.is_set():
        with suppress(OSError):
            while len(held) < most and not signals.stop.is_set():
                plain = socket.create_connection(("127.0.0.1", address.port), 10)
                secure = address.scheme == "https" and raw
                held.append(TRUSTED.wrap_socket(plain, server_hostname=proxies.NAME) if secure else plain)
                held[-1].sendall(raw)
        signals.ready.set()
        signals.stop.wait(1)
        held = [each for each in held if _is_open(each)]
    for each in held:
        each.close()
    return Counter(held=len(held))


def _is_open(connection: socket.socket) -> bool:
    """Return whether the server has sent nothing, and so has not closed; close it otherwise."""
    connection.setblocking(False)
    try:
        connection.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        pass
    connection.close()
    return False


def crowd(size: int, act: Callable[[], int], signals: Signals) -> Counter[str]:
    """Let ``size`` clients repeat ``act``, each with a short pause as people and browsers make it; count the statuses."""
    answered: Counter[str] = Counter()

    def repeat() -> None:
        while not signals.stop.wait(random.uniform(0, 2 * PAUSE)):
            try:
                answered[str(act())] += 1
            except (OSError, http.client.HTTPException) as error:
                answered[type(error).__name__] += 1

    threads = [threading.Thread(target=repeat, daemon=True) for _ in range(size)]
    for thread in threads:
        thread.start()
    signals.stop.wait(2)
    signals.ready.set()
    signals.stop.wait()
    until = time.monotonic() + 5  # who still waits for an answer goes with this process
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    return answered


def storm(base: str, signals: Signals) -> Counter[str]:
    """500 strangers and forgetful people sign in, all at the same time, again and again."""

    def sign_in() -> int:
        phone = Phone(base)
        fields = hidden(phone.ask("GET", "/sign-in")[2])
        name = random.choice(["leader", "chief", "teller", f"nobody{random.randrange(500)}"])
        return phone.ask("POST", "/sign-in", {**fields, "username": name, "password": "wrong-password-1"})[0]

    return crowd(500, sign_in, signals)


def signed_in(base: str, username: str, password: str) -> Phone:
    """Return a browser in which this account is signed in."""
    phone = Phone(base)
    fields = hidden(phone.ask("GET", "/sign-in")[2])
    phone.ask("POST", "/sign-in", {**fields, "username": username, "password": password})
    return phone


def dearest(base: str, cookies: dict[str, str], round_id: int, signals: Signals) -> Counter[str]:
    """30 clients on what takes longest: PDFs, workbooks, all documents as a zip, search, the public pages, nonsense."""
    pages = [
        f"/office/rounds/{round_id}/papers/signing_in.pdf",
        "/office/duties/cards.pdf",
        "/office/projects/export.xlsx",
        "/office/audit/export.xlsx",
        "/office/roster/export.xlsx",
        "/p/shili/search?q=%E8%B7%AF",
        "/p/shili/",
        "/c/nobodyhasthistokenatall",
        "/nothing/here",
        "/static/nothing.css",
    ]
    papers = f"/office/rounds/{round_id}/papers"
    page = Phone(base)
    page.cookies = dict(cookies)
    zipped = {"csrf_token": hidden(page.ask("GET", "/office/suggestions/new")[2])["csrf_token"], "whole": "1"}

    def ask() -> int:
        phone = Phone(base)
        phone.cookies = dict(page.cookies)
        if random.randrange(len(pages) + 1) == 0:
            return phone.ask("POST", papers, zipped)[0]
        return phone.ask("GET", random.choice(pages))[0]

    return crowd(30, ask, signals)


def photographs(base: str, cookies: dict[str, str], signals: Signals) -> Counter[str]:
    """Eight people send pictures of 40 megapixels (422: they read when to come back)."""
    out = BytesIO()
    noise = Image.effect_noise((1460, 1096), 80).resize((7300, 5480)).convert("RGB")
    noise.save(out, "JPEG", quality=70)
    browser = Phone(base)
    browser.cookies = cookies
    page = browser.ask("GET", "/office/suggestions/new")[2]
    edge = "----siege"
    typed = {
        "csrf_token": hidden(page)["csrf_token"],
        "channel": "letter",
        "received_on": date.today().isoformat(),
        "year": str(date.today().year + 1),
        "content": "村口的路坏了，请修一修。",
        "kind": "citizen",
    }
    named = 'Content-Disposition: form-data; name="{}"'
    fields = "".join(f"--{edge}\r\n{named.format(k)}\r\n\r\n{v}\r\n" for k, v in typed.items())
    file = f'--{edge}\r\n{named.format("files")}; filename="a.jpg"\r\n\r\n'
    body = (fields + file).encode() + out.getvalue() + f"\r\n--{edge}--\r\n".encode()

    def send() -> int:
        connection = connection_to(base)
        cookie = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
        head = {"Cookie": cookie, "Content-Type": f"multipart/form-data; boundary={edge}"}
        connection.request("POST", "/office/suggestions/new", body, head)
        status = connection.getresponse().status
        connection.close()
        return status

    return crowd(8, send, signals)


# --- the vote ------------------------------------------------------------------------------------------------


def enter(base: str, round_id: int, deputy: dict[str, str]) -> tuple[Phone, dict[str, str]]:
    """Return a phone that has opened the ballot, and the fields of its form."""
    phone = Phone(base)
    path = urlsplit(deputy["qr_url"]).path
    fields = hidden(phone.ask("GET", path)[2])
    phone.ask("POST", path, {"csrf_token": fields["csrf_token"]})
    status, _, page = phone.ask("GET", f"/vote/{round_id}")
    assert status == 200, status
    phone.connection.close()
    return phone, hidden(page)


@dataclass
class Cast:
    """What became of the ballots of one phase."""

    seconds: list[float]
    lost: int

    @property
    def p99(self) -> float:
        """Return the time within which 99 of 100 were answered."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[98]

    def line(self, name: str, calm: float) -> str:
        """Return the line of the table; ``calm`` is the p99 to compare with."""
        return (
            f"{name:<18}{len(self.seconds):>8}{statistics.median(self.seconds) * 1000:>9.0f}{self.p99 * 1000:>9.0f}"
            f"{max(self.seconds) * 1000:>9.0f}{self.p99 / calm:>7.1f}{self.lost:>6}"
        )


def steadily(acts: Iterable[Callable[[], bool]], every: float) -> Cast:
    """Cast one ballot every so many seconds, each in a thread of its own; an act returns whether it was received."""
    done = Cast([], 0)

    def one(act: Callable[[], bool]) -> None:
        start = time.perf_counter()
        received = act()
        done.seconds.append(time.perf_counter() - start)
        done.lost += not received

    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    begun = time.perf_counter()
    for place, thread in enumerate(threads):
        time.sleep(max(begun + place * every - time.perf_counter(), 0))
        thread.start()
    for thread in threads:
        thread.join()
    return done


def cast(phone: Phone, fields: dict[str, str], round_id: int) -> bool:
    """Cast a ballot on a connection of its own; return whether it was received."""
    fresh = Phone(phone.base)
    fresh.cookies = phone.cookies
    try:
        return fresh.ask("POST", f"/vote/{round_id}/cast", {**fields, "m1": "for"})[0] == 303
    except (OSError, http.client.HTTPException):
        return False
    finally:
        fresh.connection.close()


def under(load: Callable[[Signals], Counter[str]], vote: Callable[[], Cast]) -> tuple[Cast, str]:
    """Vote while ``load`` runs in a process of its own; in this one, ballots would wait for its threads."""
    signals, (reading, writing) = Signals(FORK.Event(), FORK.Event()), FORK.Pipe(duplex=False)

    def run_it() -> None:
        os.nice(19)
        answered = load(signals)
        writing.send(" ".join(f"{what}:{n}" for what, n in sorted(answered.items())))
        os._exit(0)  # threads may still wait for an answer

    process = FORK.Process(target=run_it)
    process.start()
    signals.ready.wait(30)
    try:
        done = vote()
    finally:
        signals.stop.set()
        answered = reading.recv() if reading.poll(20) else "?"
        process.kill()
        process.join()
    return done, answered


def besiege(base: str, demo: dict[str, Any], given: argparse.Namespace) -> int:
    """Print one table of all loads; return how many ballots were acknowledged."""
    round_id, ready = demo["round_id"], []
    run(demo["deputies"], 8, lambda deputy: ready.append((*enter(base, round_id, deputy), round_id)))
    staff = signed_in(base, "office", PASSWORD).cookies
    many = given.connections
    loads: dict[str, Callable[[Signals], Counter[str]] | None] = {
        "calm": None,
        f"{many} idle": lambda signals: connections(base, b"", many, signals),
        f"{many} half sent": lambda signals: connections(base, HALF, many, signals),
        "sign-in storm": lambda signals: storm(base, signals),
        "dearest pages": lambda signals: dearest(base, dict(staff), round_id, signals),
        "40 MP photos": lambda signals: photographs(base, dict(staff), signals),
    }
    print(HEADINGS, flush=True)
    calm, acknowledged = 0.0, 0
    for name, load in loads.items():
        if load and given.only and name not in given.only:
            continue
        phones, ready = ready[: given.ballots], ready[given.ballots :]
        vote = partial(steadily, [partial(cast, *phone) for phone in phones], given.every)
        done, answered = under(load, vote) if load else (vote(), "")
        calm = calm or done.p99
        acknowledged += len(done.seconds) - done.lost
        print(f"{done.line(name, calm)}  {answered}", flush=True)
    return acknowledged


LOADS = 6


def loaded(settings: dict[str, str], deputies: int) -> dict[str, Any]:
    """Load the demo with its box open; return what it says of its deputies."""
    loading = [sys.executable, "-m", "flask", "--app", "app", "demo", "--stage", "voting", "--json"]
    loading += ["--deputies", str(deputies)]
    made = subprocess.run(
        loading, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, check=True
    )
    demo: dict[str, Any] = json.loads(made.stdout)
    return demo


def box_of(url: str, round_id: int) -> int:
    """Return how many ballots are in the box."""
    engine = create_engine(url)
    with engine.connect() as connection:
        counted = text("SELECT count(*) FROM ballots WHERE round_id = :round")
        box: int = connection.execute(counted, {"round": round_id}).scalar_one()
    engine.dispose()
    return box


def on(database: str, kind: str, given: argparse.Namespace) -> None:
    """Besiege a server on one kind of database, behind a proxy or without one ("none")."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="siege-")))
        url = f"sqlite:///{folder / 'instance' / 'votes.db'}"
        if database == "postgresql":
            url = stack.enter_context(plumbing.pg_database())
        settings = {
            "INSTANCE_PATH": str(folder / "instance"),
            "DATABASE_URL": url,
            "PUBLIC_URL": f"https://{proxies.NAME}",
            "TRUSTED_PROXIES": "127.0.0.1",
        }
        demo = loaded(settings, given.ballots * (1 + len(given.only) if given.only else LOADS))
        server = stack.enter_context(plumbing.serve_granian(folder / "instance", settings))
        base = server.url
        if kind != "none":
            proxy = stack.enter_context(proxies.run(kind, urlsplit(base).port or 0, folder / kind))
            TRUSTED.load_verify_locations(proxy.certificate)
            base = proxy.url
        print(f"\n{database}, {'no proxy' if kind == 'none' else f'{kind} over HTTPS'}", flush=True)
        acknowledged, box = besiege(base, demo, given), box_of(url, demo["round_id"])
        errors = server.said.count("Traceback")
        print(f"acknowledged {acknowledged}, in the box {box}; errors in the log: {errors}", flush=True)
        if acknowledged != box or errors:
            print(server.said[-4000:])
            raise SystemExit(1)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"]
    )
    options.add_argument(
        "--through", nargs="+", choices=["none", "nginx", "caddy"], default=["none", "nginx", "caddy"]
    )
    options.add_argument("--only", nargs="+", help="these loads, besides calm")
    options.add_argument("--ballots", type=int, default=120, help="in each phase; 1000 in all")
    options.add_argument("--every", type=float, default=0.08, help="seconds from one ballot to the next")
    options.add_argument("--connections", type=int, default=2000)
    given = options.parse_args()
    fronts = [kind for kind in given.through if kind == "none" or proxies.is_there(kind)]
    for absent in sorted({*given.through} - {*fronts}):
        print(f"没有安装 {absent}，跳过（Debian：apt-get install {absent}）")
    go_first()  # what this process measures is the server, not how long it waits for a core itself
    start = time.monotonic()
    for database, kind in itertools.product(given.database, fronts):
        on(database, kind, given)
    print(f"\n共用 {time.monotonic() - start:.0f} 秒")


if __name__ == "__main__":
    main()
