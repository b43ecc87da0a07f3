"""The tellers' signatures under the count, refusals to sign, and the certification with its published record."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from votes.db import db, flush_or
from votes.models import Refusal, Round, Signature, Teller, TellerSecret
from votes.rules.codes import one_line
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import ROUND, RoundState, certified
from votes.rules.meeting.signing_secrets import SignatureKind
from votes.rules.people.actor import Actor
from votes.rules.voting import record as records
from votes.services import audit
from votes.services.meeting import events, rounds, signing_secrets
from votes.services.meeting.signing_secrets import SecretProof
from votes.services.voting import archive_keys, box_contents, digests, register, tally, vote_reports

MOST_REASON = 300  # characters
#: What chain and record have of how a signature was given.
SECRET_FACTS = ("kind", "code", "public_key", "signature")


def reports_of(round_: Round) -> dict[str, Any]:
    """Return what the record says of "not cast here": how many reports, and what 总监票人 found.

    The first signature fixes it: all signatures of a round cover the same words. What is reported later stands on the
    chain and on the sheet.
    """
    first = next(iter(round_.signatures), None)
    if first is None:
        return vote_reports.content(round_)
    return dict(first.reports or records.NO_REPORTS)


def content(round_: Round) -> bytes:
    """Return what the tellers sign: the canonical JSON of round id, rule, turnout, digests and reports."""
    return records.signed_content(build_record(round_))


def sign(round_: Round, proof: SecretProof | None = None, *, key: str, by: Actor, now: datetime) -> Signature:
    """Sign the count as a teller. With 总监票人 and one 监票人 it is certified and the figures may be seen.

    ``proof``: of the teller's secret; in a rehearsal the sign-in alone is enough for who has none. ``key``: the
    server's SECRET_KEY, under which the shares of the archive's key wait for the tellers. Raises RuleBroken for a round
    that is not counted, while a report 「不是我投的」 is without a finding of 总监票人, for a teller who has signed or whose
    secret does not count, for a proof that does not fit, and for anybody else.
    """
    round_ = rounds.lock(round_)
    teller = _teller(round_, by, "只有本次会议的监票人可以签字。")
    vote_reports.check_settled(round_)
    secret = _secret(round_, teller)
    at = now.replace(microsecond=0)  # as the chain has it
    signature = Signature(
        **_facts(round_, teller), signed_at=at, reports=reports_of(round_), kind=SignatureKind.LOGIN
    )
    if secret is not None:
        signature.signature = signing_secrets.check_proof(secret, content(round_), proof or SecretProof())
        signature.kind = SignatureKind(secret.kind.value)
        signature.code, signature.public_key = secret.code, secret.public_key
    round_.signatures.append(signature)
    flush_or(RuleBroken("您已经签过字。"), constraint="uq_signatures_deputy")
    events.append(round_, "sign", by=by, at=now, **_event_facts(signature))
    audit.record("round.sign", by=by, at=now, about=round_, after={"role": teller.role})
    if round_.state == RoundState.COUNTED and certified([(s.deputy_id, s.role) for s in round_.signatures]):
        _certify(round_, key=key, by=by, now=now)
    return signature


def _secret(round_: Round, teller: Teller) -> TellerSecret | None:
    """Return the secret that the teller must sign with; None in a rehearsal for who has none that counts."""
    secret = signing_secrets.confirmed(teller)
    if secret is None and not round_.rehearsal:
        raise RuleBroken(
            "您的签字密钥还没有设定，或者短码还没有由另一名监票人核对，不能签字。",
            code="no_secret",
            status=403,
        )
    return secret


def refuse(round_: Round, reason: str, *, by: Actor, now: datetime) -> Refusal:
    """Decline to sign the count as a teller, with a reason for chain and sheet; a signature may follow.

    Raises RuleBroken without a reason, for a round that is not counted, for a teller who has signed or refused, and
    for anybody else.
    """
    reason = one_line(reason)
    if not reason:
        raise RuleBroken("请写明不予签字的理由。", field="reason", status=422)
    if len(reason) > MOST_REASON:
        words = f"理由不超过 {MOST_REASON} 字，现在 {len(reason)} 字。请精简，您写的内容仍在。"
        raise RuleBroken(words, field="reason", status=422)
    round_ = rounds.lock(round_)
    teller = _teller(round_, by, "只有本次会议的监票人可以签字或者不予签字。")
    if any(s.deputy_id == teller.deputy_id for s in round_.signatures):
        raise RuleBroken("您已经签过字，不能再登记不予签字。")
    at = now.replace(microsecond=0)  # as the chain has it
    refusal = Refusal(**_facts(round_, teller), round_id=round_.id, reason=reason, refused_at=at)
    db.session.add(refusal)
    flush_or(RuleBroken("您已经登记过不予签字。"), constraint="uq_refusals_deputy")
    events.append(round_, "refuse", by=by, at=now, **_event_facts(refusal))
    audit.record("round.refuse", by=by, at=now, about=round_, after={"role": teller.role, "reason": reason})
    return refusal


def refusals(round_: Round) -> list[Refusal]:
    """Return who declined to sign the round's count, in the order in which they did."""
    return list(db.session.scalars(select(Refusal).where(Refusal.round_id == round_.id).order_by(Refusal.id)))


def _teller(round_: Round, by: Actor, to_others: str) -> Teller:
    """Return the teller that ``by`` is, in a round ready to be signed; RuleBroken (``to_others``) for no teller."""
    if round_.state not in (RoundState.COUNTED, RoundState.CERTIFIED):
        raise RuleBroken("现在不是签字的时候：本轮尚未计票，或已经公告、作废。")
    db.session.expire(round_, ["signatures"])  # one may have been added before the lock was taken
    session = signing_secrets.read_again(round_.session)
    teller = next((t for t in session.tellers if t.deputy_id == by.deputy_id), None)
    if teller is None:
        raise RuleBroken(to_others, status=403)
    return teller


def _facts(round_: Round, teller: Teller) -> dict[str, Any]:
    return {
        "deputy_id": teller.deputy_id,
        "role": teller.role,
        "name": teller.deputy.name,
        "result_digest": digests.of(round_, "result"),
    }


def secret_facts(signature: Signature) -> dict[str, Any]:
    """Return how a signature was given, as record and chain have it."""
    facts: dict[str, Any] = audit.plain(audit.facts(signature, *SECRET_FACTS))
    return facts


def _event_facts(row: Signature | Refusal) -> dict[str, Any]:
    facts = {"deputy": row.deputy_id, "name": row.name, "role": row.role.value}
    if isinstance(row, Refusal):
        facts |= {"reason": row.reason}
    else:
        facts |= {"secret": secret_facts(row), "reports": row.reports}
    return facts | {"result": row.result_digest}


def _certify(round_: Round, *, key: str, by: Actor, now: datetime) -> None:
    round_.state = step(ROUND, round_.state, "certify")
    round_.certified_at = now
    round_.record = build_record(round_)
    result, record = digests.of(round_, "result"), digests.of_record(round_)
    shares = archive_keys.split(round_, key=key)
    # the audit log so far cannot be cut or made anew without the hash of this event, which stands on paper and screens
    log = audit.head(round_.body_id)
    events.append(round_, "certify", by=by, at=now, result=result, record=record, audit=log, **shares)
    audit.record("round.certify", by=by, at=now, about=round_)


def build_record(round_: Round, *, sealed: bool = False) -> dict[str, Any]:
    """Return the record of a counted round as it will be published (``sealed``: with everything)."""
    return records.build(
        records.Heading(
            body=round_.session.body.name,
            session=round_.session.title,
            round_id=round_.public_id,
            parent=round_.parent.public_id if round_.parent else None,
            **audit.facts(round_, "title", "ordinal", "rehearsal"),
        ),
        rule=rounds.rule_of(round_),
        turnout=tally.turnout_of(round_),
        candidates=[(c.number, c.name) for c in round_.candidates],
        ballots=tally.box(round_),
        boxes=box_contents.totals_of(round_),
        roll=register.entitled(round_.id),
        algorithm=round_.hash_name,
        sealed=sealed,
        salts=round_.salts,
        reports=reports_of(round_),
        signatures=[
            {"name": each.name, "role": each.role.value, **secret_facts(each)} for each in round_.signatures
        ],
    )
