"""Signing secrets of tellers: setting one in person, confirming another's, proving one; and the list signed by hand.

No function here lets the office set or reset a secret: it is set once, by the teller's own sign-in, and goes with the
teller when the list changes. A confirmation is given with the confirming teller's own secret, so whoever copied the
cards of tellers who have set theirs can confirm nothing.
"""

from datetime import datetime
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from votes.db import db, flush_or
from votes.exports.formats.layout import Paper
from votes.exports.meeting.teller_list import TellerLine, teller_list
from votes.models import CongressSession, SignedList, Teller, TellerSecret
from votes.rules.codes import is_code, new_code, tidy
from votes.rules.errors import RuleBroken
from votes.rules.meeting import signing_secrets as rules
from votes.rules.meeting.signing_secrets import SIGNATURE_LENGTH, SecretKind
from votes.rules.people.actor import Actor
from votes.services import audit, uploads
from votes.services.meeting import sessions
from votes.services.people import passwords


class SecretProof(NamedTuple):
    """What a teller gives to sign: a signature of the phone's key (hex), or a passphrase that `unlock` has checked."""

    signature: str = ""
    unlocked: str = ""  # the hash that the passphrase fitted


# --- reading -------------------------------------------------------------------------------------------


def teller_of(session: CongressSession, by: Actor) -> Teller | None:
    """Return the teller of the session that ``by`` is, or None."""
    if by.deputy_id is None:
        return None
    return next((teller for teller in session.tellers if teller.deputy_id == by.deputy_id), None)


def read_again(session: CongressSession) -> CongressSession:
    """Return the session with tellers and secrets to be read anew: they may have changed before the lock was taken."""
    for teller in session.tellers:
        db.session.expire(teller, ["secret"])
    db.session.expire(session, ["tellers"])
    return session


def confirmed(teller: Teller) -> TellerSecret | None:
    """Return the teller's secret if it counts, else None."""
    secret = teller.secret
    return secret if secret is not None and secret.confirmed_at is not None else None


def codes(session: CongressSession) -> list[dict[str, str]]:
    """Return name, role and short code of the tellers whose secret counts, the chief first."""
    rows = [(teller, confirmed(teller)) for teller in sorted(session.tellers, key=lambda each: each.role)]
    return [
        {"name": teller.deputy.name, "role": teller.role.value, "code": secret.code}
        for teller, secret in rows
        if secret
    ]


def on_chain(session: CongressSession) -> list[dict[str, Any]]:
    """Return the confirmed secrets as the event of the opening has them."""
    rows = [(teller, confirmed(teller)) for teller in session.tellers]
    return [
        {"deputy": teller.deputy_id, **audit.plain(audit.facts(secret, "kind", "code", "public_key"))}
        for teller, secret in rows
        if secret
    ]


def list_digest(session: CongressSession) -> str:
    """Return the digest of the present list of tellers with the codes as they would be printed now."""
    return rules.list_digest(
        {
            "number": teller.deputy.number,
            "name": teller.deputy.name,
            "role": teller.role.value,
            "code": teller.secret.code if teller.secret else "",
        }
        for teller in session.tellers
    )


def signed_list(session: CongressSession) -> SignedList | None:
    """Return the newest scan of the list signed by hand, of the present list or an earlier one."""
    of_session = select(SignedList).where(SignedList.session_id == session.id)
    return db.session.scalar(of_session.order_by(SignedList.id.desc()).limit(1))


def is_listed(session: CongressSession) -> bool:
    """Tell whether the scan of the present list, codes and all, is kept."""
    scan = signed_list(session)
    return scan is not None and scan.digest == list_digest(session)


def check_opening(session: CongressSession) -> None:
    """Refuse to open a formal round whose tellers could not sign it."""
    tellers = [(t.deputy.name, t.role.value, confirmed(t) is not None) for t in session.tellers]
    rules.check_opening(tellers, listed=is_listed(session))


def paper(session: CongressSession) -> Paper:
    """Return the list of tellers with the short codes, for each to sign by hand."""
    return teller_list(
        body=session.body.name,
        session=session.title,
        passed=(session.tellers_approved_on, session.tellers_approved_how or ""),
        rows=[
            TellerLine(
                teller.role == "chief", teller.deputy.name, teller.deputy.number,
                teller.secret.code if teller.secret else "", teller.secret.kind.value if teller.secret else "",
            )
            for teller in sorted(session.tellers, key=lambda each: each.role)
        ],
    )  # fmt: skip


def confirmation(teller: Teller) -> bytes:
    """Return what another teller signs to confirm this one's short code."""
    assert teller.secret is not None
    return rules.confirmation(teller.session_id, teller.id, teller.secret.code)


# --- proving -------------------------------------------------------------------------------------------


def throttle_key(secret: TellerSecret) -> str:
    """Return the key under which wrong passphrases of this secret are counted."""
    return f"secret:{secret.id}"


def unlock(passphrase_hash: str, passphrase: str) -> SecretProof | None:
    """Return the proof of a passphrase that fits, else None. Takes some 50 ms: call it without the write lock."""
    return SecretProof(unlocked=passphrase_hash) if passwords.matches(passphrase_hash, passphrase) else None


def check_proof(secret: TellerSecret, message: bytes, proof: SecretProof) -> str:
    """Return the signature of ``message`` (hex, empty for a passphrase). Raises RuleBroken when the proof does not fit."""
    if secret.kind == SecretKind.PASSPHRASE:
        if proof.unlocked != secret.passphrase_hash:
            raise RuleBroken(
                "签字口令不正确，没有签字。", field="passphrase", code="wrong_secret", status=422
            )
        return ""
    signature = proof.signature.strip().lower()
    if not verifies(secret.public_key, message, signature):
        raise RuleBroken(
            "这部手机上的签字密钥与登记的不符，没有签字。请用设定密钥的那部手机；密钥已丢失的，须按决定更换监票人。",
            code="wrong_secret",
            status=422,
        )
    return signature


def verifies(public_key: str, message: bytes, signature: str) -> bool:
    """Tell whether ``signature`` (hex: r and s) is one of ``message`` by the P-256 key, with SHA-256."""
    if len(signature) != SIGNATURE_LENGTH or set(signature) - set("0123456789abcdef"):
        return False
    r, s = int(signature[:64], 16), int(signature[64:], 16)
    try:
        _key(public_key).verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _key(public_key: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(public_key))


# --- acts ----------------------------------------------------------------------------------------------


def set_key(session: CongressSession, public_key: str, *, by: Actor, now: datetime) -> TellerSecret:
    """Set the public key that the teller's phone has made. Raises RuleBroken as `set_passphrase`, and for a bad key."""
    key = rules.tidy_public_key(public_key)
    try:
        _key(key)
    except ValueError:
        raise RuleBroken(
            "手机生成的密钥不对，没有登记。请刷新页面后重试。", code="bad_key", status=422
        ) from None
    return _set(session, SecretKind.KEY, rules.code_of_key(key), by=by, now=now, public_key=key)


def set_passphrase(
    session: CongressSession, passphrase_hash: str, *, by: Actor, now: datetime
) -> TellerSecret:
    """Set the teller's passphrase, hashed before the write lock is taken.

    Raises RuleBroken for anybody but a teller, before the list has been passed, for a secret that is set, and during
    a vote (but for a teller who replaced another by a recorded decision).
    """
    return _set(session, SecretKind.PASSPHRASE, new_code(), by=by, now=now, passphrase_hash=passphrase_hash)


def _set(
    session: CongressSession, kind: SecretKind, code: str, *, by: Actor, now: datetime, **content: str
) -> TellerSecret:
    session = read_again(sessions.lock_session(session))
    teller = _own(session, by)
    if session.tellers_approved_on is None and teller.decision is None:
        raise RuleBroken("监票人名单还没有登记经会议通过，请在通过以后设定签字密钥。")
    if teller.secret is not None:
        raise RuleBroken(
            "您的签字密钥已经设定，不能重设。如不是您本人设定的，请立即告诉其他监票人和人大办。",
            code="secret_set",
        )
    if sessions.under_way(session) and teller.decision is None:
        raise RuleBroken("票决正在进行，不能再设定签字密钥。", code="too_late")
    secret = TellerSecret(
        body_id=session.body_id, deputy_id=teller.deputy_id, kind=kind, code=code, set_at=now, **content
    )
    teller.secret = secret
    taken = RuleBroken("这部手机的密钥已由另一名监票人登记，请用本人的手机。", code="key_taken")
    flush_or(taken, constraint="uq_teller_secrets_public_key")
    after = {"kind": kind, "code": code, "session": session.title}
    audit.record("teller.secret", by=by, at=now, about=teller.deputy, after=after)
    return secret


def confirm(
    session: CongressSession, teller_id: int, code: str, proof: SecretProof, *, by: Actor, now: datetime
) -> TellerSecret:
    """Confirm another teller's secret with the ``code`` that their phone shows, by one's own secret.

    Raises RuleBroken for a code that is not theirs, for one's own secret, for a teller without a secret, and during a
    vote for a teller whose own secret does not count: there the line goes back to those confirmed before the opening.
    """
    session = read_again(sessions.lock_session(session))
    own = _own(session, by)
    teller = next((each for each in session.tellers if each.id == teller_id), None)
    if teller is None or teller.secret is None:
        raise RuleBroken("这名监票人还没有设定签字密钥，请其先在自己的手机上设定。", status=404)
    if teller is own:
        raise RuleBroken("自己的短码由另一名监票人核对。", status=403)
    if own.secret is None:
        raise RuleBroken("请先设定您自己的签字密钥，再核对他人的短码。")
    if sessions.under_way(session) and confirmed(own) is None:
        raise RuleBroken("票决正在进行，只有开启前已核对过的监票人可以核对他人的短码。", code="too_late")
    if teller.secret.confirmed_at is not None:
        raise RuleBroken(f"{teller.deputy.name}的短码已由{teller.secret.confirmed_by}核对。")
    typed = tidy(code)
    if not is_code(typed) or typed != teller.secret.code:
        raise RuleBroken(
            "短码不符。请照对方手机上显示的输入；输入无误仍不符的，说明登记的密钥不是这部手机的，请立即告诉人大办。",
            field="code",
            code="wrong_code",
            status=422,
        )
    secret = teller.secret
    secret.confirmation = check_proof(own.secret, confirmation(teller), proof)
    secret.confirmed_at, secret.confirmed_by_id, secret.confirmed_by = now, own.deputy_id, own.deputy.name
    audit.record("teller.confirm", by=by, at=now, about=teller.deputy, after={"code": typed})
    db.session.flush()
    return secret


def _own(session: CongressSession, by: Actor) -> Teller:
    sessions.refuse_ended(session, "会议已闭会，不能再办理签字密钥。")
    teller = teller_of(session, by)
    if teller is None:
        raise RuleBroken("只有本次会议的监票人可以办理签字密钥。", status=403)
    return teller


def keep_list(session: CongressSession, file: uploads.Prepared, *, by: Actor, now: datetime) -> SignedList:
    """Keep the scan of the list as printed now, signed by hand. Raises RuleBroken during a vote and after the end."""
    session = read_again(sessions.lock_session(session))
    if sessions.under_way(session):
        raise RuleBroken("票决正在进行，不能更换监票人手签名单。")
    sessions.refuse_ended(session, "会议已闭会，不能再上传。")
    if session.tellers_approved_on is None:
        raise RuleBroken("监票人名单还没有登记经会议通过，请先登记。")
    scan = SignedList(
        session_id=session.id,
        digest=list_digest(session),
        filename=file.filename,
        media_type=file.media_type,
        size=len(file.data),
        sha256=uploads.keep(file),
        added_by=by.name,
        added_at=now,
    )
    db.session.add(scan)
    db.session.flush()
    after = audit.facts(scan, "filename", "size", "sha256", "digest")
    audit.record("teller.signed_list", by=by, at=now, about=session, after=after)
    return scan
