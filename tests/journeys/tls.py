"""HTTPS as a county sets it up without a public name: a certificate by an authority of its own, which phones trust."""

import hashlib
import ssl
from base64 import b64encode
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests import certificates

HOST = "hall.example"


class Authority(NamedTuple):
    """What the server serves with, and what a browser is told to trust."""

    server: ssl.SSLContext
    chromium: list[str]


def make_authority(folder: Path) -> Authority:
    """Make an authority and a certificate for `HOST`, with which the server may serve HTTPS."""
    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificates.make("示例县人大自建证书", root, certificates.AUTHORITY)
    own = certificates.make(HOST, leaf, certificates.of_host(HOST), by=authority)
    chain, key = own.save(folder)
    chain.write_bytes(chain.read_bytes() + authority.certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    spki = root.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trusted = b64encode(hashlib.sha256(spki).digest()).decode()
    return Authority(
        context,
        [
            f"--ignore-certificate-errors-spki-list={trusted}",
            f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
        ],
    )
