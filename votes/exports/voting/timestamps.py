"""Timestamps by RFC 3161 of the digests that are made known: what a timestamping service is asked, and its answer.

What is stamped is the text of the digest, 64 signs without a line break, so that `openssl ts -verify -data` can check it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

MEDIA_TYPE = "application/timestamp-query"


@dataclass(frozen=True)
class Stamp:
    """A timestamping service's answer (DER), and the moment that it gives."""

    token: bytes
    at: datetime


def _library() -> Any:
    """Return the library; it is read with the first stamp, not by every process."""
    return import_module("rfc3161_client")


def request(digest: str, *, certificates: bool) -> Any:
    """Return the request for a stamp of ``digest``, with a nonce; `as_bytes` of it is what is sent.

    ``certificates``: the answer is to carry those of the service.
    """
    library = _library()
    builder = library.TimestampRequestBuilder(digest.encode(), library.HashAlgorithm.SHA256)
    return builder.cert_request(cert_request=certificates).build()


def read(answer: bytes, asked: Any) -> Stamp:
    """Return the stamp in an answer to the request ``asked``.

    Raises ValueError for a refusal, for an answer that cannot be read, and for one to another request.
    """
    response = _library().decode_timestamp_response(answer)
    if response.status not in (0, 1):  # granted, granted with modifications
        raise ValueError("the timestamping service has refused")
    facts = response.tst_info
    if facts.nonce != asked.nonce or facts.message_imprint.message != asked.message_imprint.message:
        raise ValueError("the timestamp is of another request")
    return Stamp(answer, facts.gen_time)


def covers(token: bytes, digest: str) -> bool:
    """Return whether a stored answer is a stamp of ``digest``. Raises ValueError where it cannot be read."""
    facts = _library().decode_timestamp_response(token).tst_info
    return bool(facts.message_imprint.message == hashlib.sha256(digest.encode()).digest())
