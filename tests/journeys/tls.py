"""HTTPS as a county sets it up without a public name: a certificate by an authority of its own, which phones trust."""

import hashlib
import ssl
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

HOST = "hall.example"


class Authority(NamedTuple):
    """What the server serves with, and what a browser is told to trust."""

    server: ssl.SSLContext
    chromium: list[str]


def make_authority(folder: Path) -> Authority:
    """Make an authority and a certificate for `HOST`, with which the server may serve HTTPS."""
    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "示例县人大自建证书")])
    authority = _certificate(issuer, issuer, root, root, x509.BasicConstraints(ca=True, path_length=0))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    own = _certificate(subject, issuer, leaf, root, x509.SubjectAlternativeName([x509.DNSName(HOST)]))
    path = folder / "server.pem"
    key = leaf.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(key + own.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    spki = root.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trusted = b64encode(hashlib.sha256(spki).digest()).decode()
    return Authority(
        context,
        [
            f"--ignore-certificate-errors-spki-list={trusted}",
            f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
        ],
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    today = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=30))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(signer, SHA256())
    )
