"""Certificates of the tests: signed by their own key, or by an authority that the tests have made."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

AUTHORITY = x509.BasicConstraints(ca=True, path_length=0)


class Certified(NamedTuple):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: CertificateIssuerPrivateKeyTypes

    def save(self, folder: Path) -> tuple[Path, Path]:
        """Write both into the folder; return the paths."""
        paths = folder / "cert.pem", folder / "key.pem"
        paths[0].write_bytes(self.certificate.public_bytes(Encoding.PEM))
        paths[1].write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return paths


def of_host(host: str) -> x509.SubjectAlternativeName:
    """Say that a certificate is that of a host."""
    return x509.SubjectAlternativeName([x509.DNSName(host)])


def make(
    name: str,
    key: CertificateIssuerPrivateKeyTypes,
    *extensions: x509.ExtensionType,
    by: Certified | None = None,
) -> Certified:
    """Make a certificate of this common name for the key, valid today, signed ``by`` an authority or by itself."""
    today = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return Certified(builder.sign(by.key if by else key, SHA256()), key)
