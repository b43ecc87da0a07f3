"""nginx and Caddy before a server, with the files of deploy/, for whoever may not write to /etc: tests and benches."""

import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

from cryptography.hazmat.primitives.asymmetric import ec

from tests import certificates
from tests.plumbing import ROOT, free_port

#: The name in the files of deploy/.
NAME = "vote.example.org"


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs: nginx or Caddy, its ports for HTTPS and HTTP, what believes its certificate, its file."""

    kind: str
    port: int
    plain: int
    trust: ssl.SSLContext
    certificate: Path

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}"

    def connect(self) -> ssl.SSLSocket:
        """Return a connection whose certificate was checked."""
        plain = create_connection(("127.0.0.1", self.port), 30)
        return self.trust.wrap_socket(plain, server_hostname=NAME)


@contextmanager
def run(kind: str, behind: int, folder: Path) -> Iterator[Proxy]:
    """Run nginx or Caddy (``kind``) before the server on the port ``behind``; its files are in ``folder``."""
    folder.mkdir()
    # Each has a name of its own: who believes two of one name takes the wrong one.
    name, key = f"{NAME} {folder.name} {os.urandom(4).hex()}", ec.generate_private_key(ec.SECP256R1())
    keys = certificates.make(name, key, certificates.of_host(NAME), certificates.AUTHORITY).save(folder)
    proxy = Proxy(kind, free_port(), free_port(), ssl.create_default_context(cafile=str(keys[0])), keys[0])
    command = {"nginx": _nginx, "caddy": _caddy}[kind](folder, proxy, behind, keys)
    homes = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    log = folder / "said.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(command, env={**os.environ, **homes}, stdout=out, stderr=out) as process,
    ):
        try:
            _wait(proxy, process, log)
            yield proxy
        finally:
            process.terminate()


def is_there(kind: str) -> bool:
    """Return whether the proxy is installed."""
    return shutil.which(kind) is not None


def _wait(proxy: Proxy, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), proxy.connect():
            return
        time.sleep(0.1)
    raise RuntimeError(f"the proxy did not start:\n{log.read_text()}")


def _adjusted(shipped: str, *changes: tuple[str, str]) -> str:
    """Return a file of deploy/ with its names and ports changed; fail when it no longer has one of them."""
    content = (ROOT / "deploy" / shipped).read_text("utf-8")
    for old, new in changes:
        assert old in content, f"{shipped}: {old}"
        content = content.replace(old, new)
    return content


def _nginx(folder: Path, proxy: Proxy, behind: int, keys: tuple[Path, Path]) -> list[str]:
    """Write deploy/nginx.conf, within the main file that docs/operations.md asks for."""
    site = _adjusted(
        "nginx.conf",
        ("listen 80", f"listen 127.0.0.1:{proxy.plain}"),
        ("listen 443", f"listen 127.0.0.1:{proxy.port}"),
        (f"/etc/ssl/{NAME}.pem", str(keys[0])),
        (f"/etc/ssl/{NAME}.key", str(keys[1])),
        ("/var/log/nginx/error.log", str(folder / "error.log")),
        ("127.0.0.1:8000", f"127.0.0.1:{behind}"),
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    owner = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{owner} worker_processes auto; worker_rlimit_nofile 65536; pid {folder}/pid; daemon off;\n"
        f"events {{ worker_connections 16384; }}\nhttp {{ {temporary}\n{site}\n}}\n"
    )
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log")]


def _caddy(folder: Path, proxy: Proxy, behind: int, keys: tuple[Path, Path]) -> list[str]:
    """Write deploy/Caddyfile."""
    site = _adjusted(
        "Caddyfile",
        ("{\n\tservers", f"{{\n\tadmin off\n\thttp_port {proxy.plain}\n\tdefault_bind 127.0.0.1\n\tservers"),
        (f"\n{NAME} {{", f"\n{NAME}:{proxy.port} {{"),
        (f"# tls /etc/ssl/{NAME}.pem /etc/ssl/{NAME}.key", f"tls {keys[0]} {keys[1]}"),
        ("127.0.0.1:8000", f"127.0.0.1:{behind}"),
    )
    (folder / "Caddyfile").write_text(site)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
