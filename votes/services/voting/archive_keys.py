"""The key of the sealed archive: drawn and split at the certification, each share handed to its teller once.

The secret exists only while `split` runs; the round keeps the public key, for which its archive is encrypted whenever
it is downloaded. Until a teller fetches the own share it stands in the database, encrypted under a key made of
SECRET_KEY, and takes the teller's signing secret: a sign-in as the teller (a card printed anew) is not enough. Who
takes it with database and SECRET_KEY in hand reads the ballots without it (docs/trust.md).
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select

from votes.db import db, everything, locked
from votes.exports.formats import sealed
from votes.models import ArchiveShare, Round, Teller, TellerSecret
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.voting import archive_keys as rules
from votes.services import audit
from votes.services.meeting import events, rounds, signing_secrets
from votes.services.meeting.signing_secrets import SecretProof

_NONCE = 12


# --- reading -------------------------------------------------------------------------------------------


def shares(round_: Round) -> list[ArchiveShare]:
    """Return the shares of the round's key, handed out or not."""
    return everything(
        select(ArchiveShare).where(ArchiveShare.round_id == round_.id).order_by(ArchiveShare.id)
    )


def request(round_: Round, share: ArchiveShare) -> bytes:
    """Return what the holder signs to be handed the share."""
    return rules.request(round_.public_id, round_.archive_key or "", share.deputy_id)


def on_chain(shares: Sequence[ArchiveShare]) -> list[dict[str, Any]]:
    """Return the holders as the event of the certification has them."""
    names = {"deputy": "deputy_id", "name": "name", "secret": "secret_id"}
    return [{fact: getattr(share, column) for fact, column in names.items()} for share in shares]


# --- acts ----------------------------------------------------------------------------------------------


def split(round_: Round, *, key: str) -> dict[str, Any]:
    """Draw the round's archive key, split it among the tellers; return what the chain has of it.

    ``key`` is the server's SECRET_KEY. Call it within the certification.
    """
    tellers = [_holder(teller) for teller in sorted(round_.session.tellers, key=lambda each: each.role)]
    signed = [signature.deputy_id for signature in round_.signatures]
    holders = rules.holders(tellers, signed, rehearsal=round_.rehearsal)
    drawn = sealed.split_key(len(holders))
    round_.archive_key = drawn.public
    new = [
        ArchiveShare(
            round_id=round_.id, **holder._asdict(), sealed=_seal(words, round_, holder.deputy_id, key)
        )
        for holder, words in zip(holders, drawn.shares, strict=True)
    ]
    db.session.add_all(new)
    db.session.flush()
    return {"archive": drawn.public, "shares": on_chain(new)}


def _holder(teller: Teller) -> rules.Holder:
    secret = signing_secrets.confirmed(teller)
    return rules.Holder(teller.deputy_id, teller.deputy.name, secret.id if secret else None)


def hand_out(round_: Round, proof: SecretProof, *, key: str, by: Actor, now: datetime) -> str:
    """Return the words of the teller's share and erase it; that happens once.

    ``proof`` is of the signing secret that the teller had at the certification; ``key`` is the server's SECRET_KEY.
    Raises RuleBroken for anybody else, for another or no proof, and for a share that was handed out before.
    """
    round_ = rounds.lock(round_)
    own = ArchiveShare.round_id == round_.id, ArchiveShare.deputy_id == by.deputy_id
    share = locked(select(ArchiveShare).where(*own))
    if share is None:
        raise RuleBroken("您没有本轮封存档案的密钥：密钥在结果确认时分给当时的监票人。", status=403)
    if share.sealed is None:
        raise RuleBroken("您的一份密钥已经领取，只显示一次，系统中不再保存。", code="handed_out")
    secret = _secret(round_, share, by)
    if secret is not None:
        signing_secrets.check_proof(secret, request(round_, share), proof)
    words = _open(share, round_, key)
    share.sealed, share.fetched_at = None, now.replace(microsecond=0)  # as the chain has it
    db.session.flush()
    events.append(round_, "share", by=by, at=now, deputy=share.deputy_id, name=share.name)
    audit.record("archive.share", by=by, at=now, about=round_)
    return words


def _secret(round_: Round, share: ArchiveShare, by: Actor) -> TellerSecret | None:
    """Return the secret that the share takes; None in a rehearsal for who had none."""
    if share.secret_id is None and round_.rehearsal:
        return None
    teller = signing_secrets.teller_of(signing_secrets.read_again(round_.session), by)
    secret = signing_secrets.confirmed(teller) if teller else None
    if secret is None or secret.id != share.secret_id:
        words = "您现在的签字密钥不是结果确认时的那一把，不能领取这份封存密钥。"
        raise RuleBroken(words, code="other_secret", status=403)
    return secret


def _cipher(key: str) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"archive share").derive(key.encode()))


def _context(round_: Round, deputy_id: int) -> bytes:
    return f"archive-share:{round_.public_id}:{deputy_id}".encode()


def _seal(words: str, round_: Round, deputy_id: int, key: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, words.encode(), _context(round_, deputy_id))


def _open(share: ArchiveShare, round_: Round, key: str) -> str:
    assert share.sealed is not None
    nonce, text = share.sealed[:_NONCE], share.sealed[_NONCE:]
    try:
        return _cipher(key).decrypt(nonce, text, _context(round_, share.deputy_id)).decode()
    except InvalidTag as error:
        words = "这份密钥无法读取：服务器的密钥（SECRET_KEY）已经更换，或者数据被改动。"
        raise RuleBroken(words, code="unreadable") from error
