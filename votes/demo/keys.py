"""The phones of the demo's tellers: a P-256 key as a phone makes it, for the tellers whom the demo plays."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from votes.services.meeting.signing_secrets import SecretProof


@dataclass(frozen=True)
class PhoneKey:
    """A key as the phone of a teller keeps it."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def public(self) -> str:
        """Return the public key as the phone sends it: an uncompressed point in hex."""
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()

    def sign(self, message: bytes) -> SecretProof:
        """Return the proof that the phone gives for ``message``."""
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(SHA256())))
        return SecretProof(signature=f"{r:064x}{s:064x}")
