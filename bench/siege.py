"""A siege of the real server on loopback: how long does a ballot take while strangers and staff load it?

    python bench/siege.py [--database sqlite postgresql] [--through none nginx caddy] [--only "sign-in storm"]

For each database it loads the demo into a temporary folder, starts `python -m votes.serve` on it, and casts ballots at a
steady pace, first calm and then under each load; then again through nginx and Caddy with the files of deploy/, over HTTPS,
where they are installed. Every answer but 「已收到」 counts as lost, and at the end the box is compared with what phones were told.
What loads the server runs at the lowest priority: in a hall it is not on the server's cores. bench/README.md says how to read it.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import random
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image
from sqlalchemy import create_engine, text

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from vote_day import TRUSTED, Phone, connection_to, hidden, run

from tests import plumbing

PASSWORD = "Minsheng-2027"
NAME = "vote.example.org"
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
                held.append(TRUSTED.wrap_socket(plain, server_hostname=NAME) if secure else plain)
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


def office(base: str) -> Phone:
    """Return a browser of the congress office."""
    phone = Phone(base)
    fields = hidden(phone.ask("GET", "/sign-in")[2])
    phone.ask("POST", "/sign-in", {**fields, "username": "office", "password": PASSWORD})
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
        phone.cookies = dict(cookies)
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


# --- the proxies, with the files of deploy/ -------------------------------------------------------------------


@dataclass(frozen=True)
class Ports:
    """Where a proxy listens and what is behind it."""

    secure: int
    plain: int
    behind: int


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for the name in the files of deploy/, and believe it; return the paths of it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "cert.pem", folder / "key.pem"
    pem = serialization.Encoding.PEM
    paths[0].write_bytes(made.public_bytes(pem))
    shape = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(pem, *shape))
    TRUSTED.load_verify_locations(paths[0])
    return paths


def adjusted(shipped: str, *changes: tuple[str, str]) -> str:
    """Return a file of deploy/ with its names and ports changed; fails when it no longer has one of them."""
    content = (ROOT / "deploy" / shipped).read_text("utf-8")
    for old, new in changes:
        assert old in content, f"{shipped}: {old}"
        content = content.replace(old, new)
    return content


def nginx(folder: Path, ports: Ports, keys: tuple[Path, Path]) -> list[str]:
    """Write deploy/nginx.conf for this machine, within the main file that docs/operations.md asks for."""
    site = adjusted(
        "nginx.conf",
        ("listen 80", f"listen 127.0.0.1:{ports.plain}"),
        ("listen 443", f"listen 127.0.0.1:{ports.secure}"),
        (f"/etc/ssl/{NAME}.pem", str(keys[0])),
        (f"/etc/ssl/{NAME}.key", str(keys[1])),
        ("/var/log/nginx/error.log", str(folder / "error.log")),
        ("127.0.0.1:8000", f"127.0.0.1:{ports.behind}"),
    )
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    root = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{root} worker_processes auto; worker_rlimit_nofile 65536; pid {folder}/pid; daemon off;\n"
        f"events {{ worker_connections 16384; }}\nhttp {{ {temporary}\n{site}\n}}\n"
    )
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log")]


def caddy(folder: Path, ports: Ports, keys: tuple[Path, Path]) -> list[str]:
    """Write deploy/Caddyfile for this machine."""
    site = adjusted(
        "Caddyfile",
        ("{\n\tservers", f"{{\n\tadmin off\n\thttp_port {ports.plain}\n\tdefault_bind 127.0.0.1\n\tservers"),
        (f"\n{NAME} {{", f"\n{NAME}:{ports.secure} {{"),
        (f"# tls /etc/ssl/{NAME}.pem /etc/ssl/{NAME}.key", f"tls {keys[0]} {keys[1]}"),
        ("127.0.0.1:8000", f"127.0.0.1:{ports.behind}"),
    )
    (folder / "Caddyfile").write_text(site)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


PROXIES = {"nginx": nginx, "caddy": caddy}


class Fronts:
    """What stands before the server: nothing, or a proxy as shipped. Each is reached under a base of its own."""

    def __init__(self, stack: ExitStack, kinds: list[str]) -> None:
        self.kinds = [each for each in kinds if each == "none" or shutil.which(each)]
        self._stack, self._kept = (
            stack,
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="front-"))),
        )
        self._keys = certificate(self._kept)
        self._secure = {kind: plumbing.free_port() for kind in PROXIES}

    def settings(self) -> dict[str, str]:
        """Return the settings of a server behind a proxy; those who come without one are served as well."""
        return {"TRUSTED_PROXIES": "127.0.0.1", "PUBLIC_URL": f"https://{NAME}"}

    def base(self, kind: str, server: str) -> str:
        """Start the proxy before ``server``, and return where it is reached; without a proxy ``server`` itself."""
        if kind == "none":
            return server
        folder = self._kept / kind
        folder.mkdir()
        ports = Ports(self._secure[kind], plumbing.free_port(), urlsplit(server).port or 80)
        command = PROXIES[kind](folder, ports, self._keys)
        homes = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
        log = (folder / "said.log").open("wb")
        proxy = subprocess.Popen(command, env={**os.environ, **homes}, stdout=log, stderr=log)
        self._stack.callback(lambda: (proxy.terminate(), proxy.wait(20)))
        base = f"https://{NAME}:{ports.secure}"
        for _ in range(100):
            with suppress(OSError):
                assert Phone(base).ask("GET", "/healthz")[0] == 200
                return base
            time.sleep(0.2)
        raise RuntimeError(f"{kind} did not start:\n{(folder / 'said.log').read_text()}")


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


def cast(ready: list[tuple[Phone, dict[str, str], int]], every: float) -> Cast:
    """Cast one ballot every so many seconds, each on a connection of its own (phone, fields of the form, round)."""
    done = Cast([], 0)

    def one(phone: Phone, fields: dict[str, str], round_id: int) -> None:
        fresh = Phone(phone.base)
        fresh.cookies = phone.cookies
        start = time.perf_counter()
        try:
            status, _, _ = fresh.ask("POST", f"/vote/{round_id}/cast", {**fields, "m1": "for"})
        except (OSError, http.client.HTTPException):
            status = 0
        done.seconds.append(time.perf_counter() - start)
        fresh.connection.close()
        done.lost += status != 303

    threads = [threading.Thread(target=one, args=each) for each in ready]
    begun = time.perf_counter()
    for place, thread in enumerate(threads):
        time.sleep(max(begun + place * every - time.perf_counter(), 0))
        thread.start()
    for thread in threads:
        thread.join()
    return done


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
    staff = office(base).cookies
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
        vote = partial(cast, phones, given.every)
        done, answered = under(load, vote) if load else (vote(), "")
        calm = calm or done.p99
        acknowledged += len(done.seconds) - done.lost
        print(f"{done.line(name, calm)}  {answered}", flush=True)
    return acknowledged


LOADS = 6


def on(database: str, given: argparse.Namespace) -> None:
    """Besiege a server on one kind of database, through each front in turn."""
    with ExitStack() as stack:
        fronts = Fronts(stack, given.through)
        for kind in fronts.kinds:
            with ExitStack() as inner:
                folder = inner.enter_context(tempfile.TemporaryDirectory(prefix="siege-"))
                instance, settings = Path(folder, "instance"), fronts.settings()
                settings |= {"INSTANCE_PATH": str(instance)}
                if database == "postgresql":
                    settings["DATABASE_URL"] = inner.enter_context(plumbing.pg_database())
                loading = [
                    sys.executable,
                    "-m",
                    "flask",
                    "--app",
                    "app",
                    "demo",
                    "--stage",
                    "voting",
                    "--json",
                ]
                loading += ["--deputies", str(given.ballots * LOADS)]
                environ = {**os.environ, **settings}
                made = subprocess.run(loading, cwd=ROOT, env=environ, stdout=subprocess.PIPE, check=True)
                demo = json.loads(made.stdout)
                server = inner.enter_context(plumbing.serve_granian(instance, settings))
                print(f"\n{database}, {'no proxy' if kind == 'none' else f'{kind} over HTTPS'}", flush=True)
                acknowledged = besiege(fronts.base(kind, server.url), demo, given)
                engine = create_engine(settings.get("DATABASE_URL") or f"sqlite:///{instance / 'votes.db'}")
                with engine.connect() as connection:
                    counted = text("SELECT count(*) FROM ballots WHERE round_id = :round")
                    box = connection.execute(counted, {"round": demo["round_id"]}).scalar_one()
                engine.dispose()
                errors = server.said.count("Traceback")
                print(
                    f"acknowledged {acknowledged}, in the box {box}; errors in the log: {errors}", flush=True
                )
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
    options.add_argument("--ballots", type=int, default=120, help="in each phase")
    options.add_argument("--every", type=float, default=0.08, help="seconds from one ballot to the next")
    options.add_argument("--connections", type=int, default=2000)
    given = options.parse_args()
    for absent in [each for each in given.through if each != "none" and not shutil.which(each)]:
        print(f"没有安装 {absent}，跳过（Debian：apt-get install {absent}）")
    start = time.monotonic()
    for database in given.database:
        on(database, given)
    print(f"\n共用 {time.monotonic() - start:.0f} 秒")


if __name__ == "__main__":
    main()
