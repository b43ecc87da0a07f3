"""A timestamping service for tests: `openssl ts` behind a small HTTP server, with certificates of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from tests.services.publication.conftest import serving

CONFIG = """
[req]
distinguished_name = name
x509_extensions = root
prompt = no
[name]
CN = Example Root
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamping]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
certs = root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
"""


def openssl(folder: Path, arguments: str) -> bytes:
    done = subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)
    return done.stdout


def set_up(folder: Path) -> None:
    """Make a root, and a certificate below it that may stamp."""
    (folder / "openssl.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    openssl(folder, f"req -config openssl.cnf -x509 {key} -days 30 -keyout root.key -out root.pem")
    openssl(folder, f"req -config openssl.cnf {key} -subj /CN=Example-TSA -keyout tsa.key -out tsa.csr")
    extensions = "-extfile openssl.cnf -extensions stamping"
    openssl(
        folder,
        f"x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 {extensions} -out tsa.pem",
    )


class Service(BaseHTTPRequestHandler):
    """Answer a request, or as the test says."""

    def do_POST(self) -> None:
        server: Any = self.server
        (server.folder / "query.tsq").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        openssl(server.folder, "ts -reply -config openssl.cnf -queryfile query.tsq -out reply.tsr")
        server.answers.append((server.folder / "reply.tsr").read_bytes())
        self.send_response(server.status)
        self.end_headers()
        self.wfile.write(server.answers[0 if server.stale else -1])

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running(folder: Path) -> Iterator[Any]:
    """Run the service; `url` is its address, `verify` checks an answer as a third party would."""
    set_up(folder)
    server: Any = HTTPServer(("127.0.0.1", 0), Service)
    server.folder, server.answers, server.status, server.stale = folder, [], 200, False
    server.url = f"http://127.0.0.1:{server.server_address[1]}/"

    def verify(token: bytes, digest: str) -> str:
        (folder / "digest.txt").write_text(digest)
        (folder / "kept.tsr").write_bytes(token)
        checked = "-data digest.txt -in kept.tsr -CAfile root.pem -untrusted tsa.pem"
        return openssl(folder, f"ts -verify {checked}").decode()

    server.verify = verify
    with serving(server):
        yield server
