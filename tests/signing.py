"""The tellers of the tests: their keys, the list that they have signed by hand, and their signatures.

A teller's key follows from the id of their row, so that no test has to pass it on.
"""

from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from tests.factories import NOW
from votes.demo.keys import PhoneKey
from votes.models import ArchiveShare, CongressSession, Round, Signature, Teller
from votes.rules.people.actor import Actor
from votes.services import audit, uploads
from votes.services.meeting import rounds, signing_secrets, tellers
from votes.services.meeting.signing_secrets import SecretProof
from votes.services.voting import archive_keys, signing

KEY = "for the tests only"  # SECRET_KEY, as `tests.plumbing` sets it
SCAN = uploads.Prepared("手签名单.pdf", uploads.PDF, b"%PDF-1.7 a list signed by hand")


def key_of(teller: Teller) -> PhoneKey:
    """Return the key that this teller's phone keeps."""
    return PhoneKey(ec.derive_private_key(7919 + teller.id, ec.SECP256R1()))


def actor_of(teller: Teller) -> Actor:
    return Actor(name=teller.deputy.name, body_id=teller.body_id, deputy_id=teller.deputy_id)


def ready(session: CongressSession, when: datetime = NOW) -> None:
    """Pass the list of tellers, set and confirm a key for each who has none, and keep the list signed by hand."""
    tellers.approve(
        session, on=when.date(), how="举手表决，全体通过", by=audit.SYSTEM, now=when, today=when.date()
    )
    set_keys(session, when)
    signing_secrets.keep_list(session, SCAN, by=audit.SYSTEM, now=when)


def set_keys(session: CongressSession, when: datetime = NOW) -> None:
    """Set a key for every teller who has none; each is confirmed by another."""
    for teller in session.tellers:
        if teller.secret is None:
            signing_secrets.set_key(session, key_of(teller).public, by=actor_of(teller), now=when)
    for teller in session.tellers:
        if teller.secret is not None and teller.secret.confirmed_at is None:
            confirm(session, teller, when)


def confirm(session: CongressSession, teller: Teller, when: datetime = NOW) -> None:
    """Let another teller confirm the code that this teller's phone shows."""
    assert teller.secret is not None
    other = next(each for each in session.tellers if each is not teller)
    proof = key_of(other).sign(signing_secrets.confirmation(teller))
    signing_secrets.confirm(session, teller.id, teller.secret.code, proof, by=actor_of(other), now=when)


def sign(round_: Round | None, *, by: Actor, now: datetime) -> Signature:
    """Sign as this teller does: with the key, where one is set."""
    assert round_ is not None
    teller = signing_secrets.teller_of(round_.session, by)
    keyed = teller is not None and teller.secret is not None
    proof = key_of(teller).sign(signing.content(round_)) if keyed and round_.result is not None else None  # type: ignore[arg-type]
    return signing.sign(round_, proof, key=KEY, by=by, now=now)


def share_of(round_: Round, by: Actor) -> ArchiveShare | None:
    """Return the share of the archive's key that this teller holds."""
    return next((share for share in archive_keys.shares(round_) if share.deputy_id == by.deputy_id), None)


def fetch_share(round_: Round | None, *, by: Actor, now: datetime, key: str = KEY) -> str:
    """Be handed the own share of the archive's key as this teller; return its words."""
    assert round_ is not None
    share, teller = share_of(round_, by), signing_secrets.teller_of(round_.session, by)
    proof = SecretProof()
    if share is not None and teller is not None and teller.secret is not None:
        proof = key_of(teller).sign(archive_keys.request(round_, share))
    return archive_keys.hand_out(round_, proof, key=key, by=by, now=now)


def posted(world: Any, round_id: int, deputy_id: int) -> dict[str, str]:
    """Return what the teller's phone posts to sign the round."""
    with world.work():
        round_ = rounds.get_round(round_id)
        assert round_ is not None
        teller = next(each for each in round_.session.tellers if each.deputy_id == deputy_id)
        return {"signature": key_of(teller).sign(signing.content(round_)).signature}
