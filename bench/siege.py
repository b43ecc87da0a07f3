"""A siege of the real server on loopback: how long does a ballot take while strangers and staff load it?

    python bench/siege.py [--deputies 300] [--postgresql] [--through nginx]

It loads the demo into a temporary folder, starts `python -m votes.serve` on it, and casts ballots at a steady pace: first
calm, then under each load. Every answer but 「已收到」 counts as lost, and at the end the box is compared with what phones were told.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from io import BytesIO
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from sqlalchemy import create_engine, text

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from vote_day import Phone, hidden, run

from tests import plumbing

PASSWORD = "Minsheng-2027"
FORK = multiprocessing.get_context("fork")
#: Seconds between two requests of one client, on average.
PAUSE = 0.3
HALF = b"POST /vote/1/cast HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\nm1=f"
NGINX = """
worker_processes 1; error_log stderr crit; pid {folder}/nginx.pid; daemon off;
events {{ worker_connections 16384; }}
http {{
    access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream votes {{ server 127.0.0.1:{behind}; keepalive 32; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096; client_max_body_size 48m;
        client_header_timeout 15s; client_body_timeout 15s; keepalive_timeout 30s;
        location / {{
            proxy_pass http://votes; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
        }}
    }}
}}
"""
CADDY = """{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    reverse_proxy 127.0.0.1:{behind}
}}
"""


# --- loads: each runs until ``stop`` is set ------------------------------------------------------------------


def connections(base: str, raw: bytes, most: int, stop: Event) -> None:
    """Hold ``most`` connections on which ``raw`` was sent; open them again every 12 seconds."""
    address = urlsplit(base)
    while not stop.is_set():
        with ExitStack() as held:
            for _ in range(most):
                with suppress(OSError):
                    connection = held.enter_context(
                        socket.create_connection((address.hostname, address.port), 5)
                    )
                    connection.sendall(raw)
            stop.wait(12)


def crowd(size: int, act: Callable[[], None], stop: Event) -> None:
    """Let ``size`` clients repeat ``act``, each with a short pause as people and browsers make it."""

    def repeat() -> None:
        while not stop.is_set():
            with suppress(OSError, http.client.HTTPException):
                act()
            stop.wait(random.uniform(0, 2 * PAUSE))

    threads = [threading.Thread(target=repeat) for _ in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def storm(base: str, stop: Event) -> None:
    """500 strangers and forgetful people sign in, 50 at a time, again and again."""

    def sign_in() -> None:
        phone = Phone(base)
        fields = hidden(phone.ask("GET", "/sign-in")[2])
        name = random.choice(["leader", "chief", "teller", f"nobody{random.randrange(500)}"])
        phone.ask("POST", "/sign-in", {**fields, "username": name, "password": "wrong-password-1"})

    crowd(50, sign_in, stop)


def office(base: str) -> Phone:
    """Return a browser of the congress office."""
    phone = Phone(base)
    fields = hidden(phone.ask("GET", "/sign-in")[2])
    phone.ask("POST", "/sign-in", {**fields, "username": "office", "password": PASSWORD})
    return phone


def dearest(base: str, cookies: dict[str, str], round_id: int, stop: Event) -> None:
    """30 clients on what takes longest."""
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
    ]

    def ask() -> None:
        phone = Phone(base)
        phone.cookies = dict(cookies)
        phone.ask("GET", random.choice(pages))

    crowd(30, ask, stop)


def photographs(base: str, cookies: dict[str, str], stop: Event) -> None:
    """Eight people send pictures of 40 megapixels."""
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

    def send() -> None:
        connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=120)
        cookie = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
        head = {"Cookie": cookie, "Content-Type": f"multipart/form-data; boundary={edge}"}
        connection.request("POST", "/office/suggestions/new", body, head)
        kept.append(connection.getresponse().status == 303)
        connection.close()

    kept: list[bool] = []
    crowd(8, send, stop)
    print(f"    ({sum(kept)} of {len(kept)} pictures were kept)", flush=True)


# --- the vote ------------------------------------------------------------------------------------------------


def enter(base: str, demo: dict, deputy: dict[str, str]) -> tuple[Phone, dict[str, str]]:
    """Return a phone that has opened the ballot, and the fields of its form."""
    phone = Phone(base)
    path = urlsplit(deputy["qr_url"]).path
    fields = hidden(phone.ask("GET", path)[2])
    phone.ask("POST", path, {"csrf_token": fields["csrf_token"]})
    status, _, page = phone.ask("GET", f"/vote/{demo['round_id']}")
    assert status == 200, status
    return phone, hidden(page)


def cast(ready: list, round_id: int, every: float) -> tuple[list[float], int]:
    """Cast one ballot every so many seconds, each on a connection of its own; seconds of each, and how many were lost."""
    taken: list[float] = []
    lost: list[int] = []

    def one(phone: Phone, fields: dict[str, str]) -> None:
        fresh = Phone(f"http://{phone.connection.host}:{phone.connection.port}")
        fresh.cookies = phone.cookies
        start = time.perf_counter()
        try:
            status, _, _ = fresh.ask("POST", f"/vote/{round_id}/cast", {**fields, "m1": "for"})
        except (OSError, http.client.HTTPException):
            status = 0
        taken.append(time.perf_counter() - start)
        fresh.connection.close()
        if status != 303:
            lost.append(status)

    threads = [threading.Thread(target=one, args=each) for each in ready]
    for thread in threads:
        thread.start()
        time.sleep(every)
    for thread in threads:
        thread.join()
    return taken, len(lost)


@contextmanager
def proxied(kind: str | None, base: str) -> Iterator[str]:
    """Yield the address to attack: that of the server, or of a proxy before it."""
    if kind is None:
        yield base
        return
    port = plumbing.free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "proxy.conf")
        shape = NGINX if kind == "nginx" else CADDY
        config.write_text(shape.format(folder=folder, port=port, behind=urlsplit(base).port))
        command = (
            ["nginx", "-c", config]
            if kind == "nginx"
            else ["caddy", "run", "--adapter", "caddyfile", "--config", config]
        )
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as proxy:
            time.sleep(2)
            try:
                yield f"http://127.0.0.1:{port}"
            finally:
                proxy.terminate()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--deputies", type=int, default=300)
    options.add_argument("--connections", type=int, default=2000)
    options.add_argument("--every", type=float, default=0.1, help="seconds from one ballot to the next")
    options.add_argument("--postgresql", action="store_true")
    options.add_argument("--through", choices=["nginx", "caddy"])
    given = options.parse_args()
    if given.through and not shutil.which(given.through):
        raise SystemExit(f"没有安装 {given.through}")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="siege-"))
        instance = Path(folder, "instance")
        settings = {"INSTANCE_PATH": str(instance)}
        if given.through:
            settings["TRUSTED_PROXIES"] = "127.0.0.1"
        if given.postgresql:
            settings["DATABASE_URL"] = stack.enter_context(plumbing.pg_database())
        loading = [sys.executable, "-m", "flask", "--app", "app", "demo", "--stage", "voting", "--json"]
        made = subprocess.run(
            [*loading, "--deputies", str(given.deputies)],
            cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        demo = json.loads(made.stdout)
        server = stack.enter_context(plumbing.serve_granian(instance, settings))
        base = stack.enter_context(proxied(given.through, server.url))
        ready: list = []
        run(demo["deputies"], 8, lambda deputy: ready.append(enter(base, demo, deputy)))
        staff = office(base).cookies
        loads: dict[str, Callable[[Event], None] | None] = {
            "calm": None,
            f"{given.connections} idle": lambda stop: connections(base, b"", given.connections, stop),
            f"{given.connections} half sent": lambda stop: connections(base, HALF, given.connections, stop),
            "sign-in storm": lambda stop: storm(base, stop),
            "dearest pages": lambda stop: dearest(base, dict(staff), demo["round_id"], stop),
            "40 MP photos": lambda stop: photographs(base, dict(staff), stop),
        }
        share = len(ready) // len(loads)
        print(
            f"{'load':<18}{'ballots':>8}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'ratio':>7}{'lost':>6}",
            flush=True,
        )
        calm, acknowledged = 0.0, 0
        for place, (name, load) in enumerate(loads.items()):
            # In a process of its own: in this one, ballots would wait for the threads of the load.
            stop = FORK.Event()
            besieging = FORK.Process(target=load, args=(stop,)) if load else None
            if besieging:
                besieging.start()
                time.sleep(3)
            taken, lost = cast(ready[place * share : (place + 1) * share], demo["round_id"], given.every)
            stop.set()
            if besieging:
                besieging.join()
            acknowledged += len(taken) - lost
            p99 = statistics.quantiles(taken, n=100, method="inclusive")[98]
            calm = calm or p99
            print(
                f"{name:<18}{len(taken):>8}{statistics.median(taken) * 1000:>9.0f}{p99 * 1000:>9.0f}"
                f"{max(taken) * 1000:>9.0f}{p99 / calm:>7.1f}{lost:>6}",
                flush=True,
            )
        url = settings.get("DATABASE_URL") or f"sqlite:///{instance / 'votes.db'}"
        engine = create_engine(url)
        with engine.connect() as connection:
            counted = text("SELECT count(*) FROM ballots WHERE round_id = :round")
            box = connection.execute(counted, {"round": demo["round_id"]}).scalar_one()
        engine.dispose()
        print(
            f"acknowledged {acknowledged}, in the box {box}; errors in the log: {server.said.count('Traceback')}"
        )


if __name__ == "__main__":
    main()
