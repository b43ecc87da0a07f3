"""Reports of votes that a deputy did not cast: made with the card's PIN, read by the tellers, settled by the chief.

A report stops neither the vote nor the close. It is once a deputy and round, and counts also when it is withdrawn. A
report has no time, and its event bears that of the round's last step: a vote may be near. So it leaves no audit line.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from votes.db import db, everything, locked
from votes.models import Card, ReportFinding, Round, Teller, VoteReport, table_of
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import TellerRole
from votes.rules.voting import record as records, vote_reports as rules
from votes.services import audit
from votes.services.meeting import events, rounds, signing_secrets
from votes.services.meeting.signing_secrets import SecretProof
from votes.services.voting import register

_report = table_of(VoteReport)


# --- reading -------------------------------------------------------------------------------------------


def of_round(round_: Round) -> list[VoteReport]:
    """Return the reports of the round by the deputies' numbers, those withdrawn included."""
    return everything(select(VoteReport).where(VoteReport.round_id == round_.id).order_by(VoteReport.number))


def counts(round_ids: Sequence[int]) -> dict[int, int]:
    """Return how many reports each of these rounds has; rounds without one are left out."""
    counted = select(VoteReport.round_id, func.count()).where(VoteReport.round_id.in_(round_ids))
    return {row[0]: row[1] for row in db.session.execute(counted.group_by(VoteReport.round_id))}


def count(round_: Round) -> int:
    """Return how many reports the round has."""
    return register.count(_report, round_.id)


def of_deputy(round_: Round, deputy_id: int) -> VoteReport:
    """Return the deputy's report. Raises RuleBroken where there is none, or it was withdrawn."""
    of_deputy = select(VoteReport).where(VoteReport.round_id == round_.id, VoteReport.deputy_id == deputy_id)
    row = locked(of_deputy) if db.session.info["write"] else db.session.scalar(of_deputy)
    if row is None or row.withdrawn_before_id is not None:
        raise RuleBroken("没有这名代表的报告，或者已经撤回。", status=404)
    return row


def is_reported(round_id: int, deputy_id: int) -> bool:
    """Tell whether the deputy has reported their vote in the round."""
    return register.count(_report, round_id, _report.c.deputy_id == deputy_id) > 0


def finding(round_: Round) -> ReportFinding | None:
    """Return what 总监票人 has found about the round's reports."""
    return db.session.scalar(select(ReportFinding).where(ReportFinding.round_id == round_.id))


def content(round_: Round) -> dict[str, Any]:
    """Return what the record says of the reports as they stand: how many, and what was found."""
    number, found = count(round_), finding(round_)
    return (
        {"number": number, "decision": found.finding if found else ""} if number else {**records.NO_REPORTS}
    )


def check_settled(round_: Round) -> None:
    """Refuse a signature while reports are without a finding."""
    found = finding(round_)
    rules.check_settled(count(round_), found.number if found else 0)


# --- acts ----------------------------------------------------------------------------------------------


def report(round_id: int, card: Card) -> VoteReport:
    """Report that the holder of ``card`` (its PIN was right) has not cast their vote in the round.

    Raises RuleBroken for a round of another session, for a deputy who has not voted by phone, and the second time.
    """
    round_ = rounds.get_round(round_id)
    if round_ is None or round_.session_id != card.session_id:
        raise RuleBroken("没有找到这一轮票决。", status=404)
    round_ = rounds.lock(round_)
    deputy = card.deputy
    rules.check_report(db.session.execute(register.line_of(round_.id, deputy.id)).one().channel)
    keys = {"round_id": round_.id, "deputy_id": deputy.id, "body_id": round_.body_id}
    facts = {"number": deputy.number, "name": deputy.name}
    if not register.insert_once(_report, **keys, **facts, withdrawn_before=""):
        raise RuleBroken(
            "您已经报告过，监票人的手机上已经显示。撤回须本人到服务台，当着监票人办理。", code="reported"
        )
    by = Actor(name=deputy.name, deputy_id=deputy.id)
    events.append(round_, "report", by=by, at=_last_step(round_), deputy=deputy.number)
    return db.session.get_one(VoteReport, (round_.id, deputy.id))


def _last_step(round_: Round) -> datetime:
    times = (round_.opened_at, round_.closed_at, round_.certified_at, round_.announced_at)
    return max(time for time in times if time is not None)


def withdraw(
    round_: Round, deputy_id: int, proof: SecretProof | None = None, *, by: Actor, now: datetime
) -> VoteReport:
    """Withdraw a report whose deputy stands before the teller ``by`` (the PIN of their card was right).

    ``proof``: of the teller's signing secret. Raises RuleBroken for a teller's own report, for anybody but a teller,
    and where there is no report that stands.
    """
    round_ = rounds.lock(round_)
    teller, row = _teller(round_, by), of_deputy(round_, deputy_id)
    if teller.deputy_id == deputy_id:
        raise RuleBroken("不能当着自己撤回，请到服务台，请另一名监票人办理。", status=403)
    secret = signing_secrets.confirmed(teller)
    if secret is None and not round_.rehearsal:
        raise RuleBroken("您的签字密钥还没有设定或核对，不能办理撤回。", code="no_secret", status=403)
    if secret is not None:
        message = rules.withdrawal(round_.public_id, row.number)
        signing_secrets.check_proof(secret, message, proof or SecretProof())
    row.withdrawn_before_id, row.withdrawn_before = teller.deputy_id, teller.deputy.name
    facts = {"deputy": row.number, "before": teller.deputy_id}
    events.append(round_, "report_withdrawn", by=by, at=now, **facts)
    audit.record("round.report_withdrawn", by=by, at=now, about=round_, after={"number": row.number})
    db.session.flush()
    return row


def settle(round_: Round, found: str, *, by: Actor, now: datetime) -> ReportFinding:
    """Write down, as 总监票人, what was found about the reports there are; a later report asks for it again.

    Raises RuleBroken for anybody else, without reports, and for a text that is empty or too long.
    """
    round_ = rounds.lock(round_)
    teller = _teller(round_, by)
    if teller.role != TellerRole.CHIEF:
        raise RuleBroken("核查结果由总监票人填写。", status=403)
    number = count(round_)
    found = rules.check_finding(found, number)
    row = finding(round_) or ReportFinding(round_id=round_.id)
    row.deputy_id, row.name, row.finding, row.number = teller.deputy_id, teller.deputy.name, found, number
    db.session.add(row)
    facts = {"finding": found, "number": number}
    events.append(round_, "report_finding", by=by, at=now, deputy=teller.deputy_id, **facts)
    audit.record("round.report_finding", by=by, at=now, about=round_, after=facts)
    db.session.flush()
    return row


def _teller(round_: Round, by: Actor) -> Teller:
    teller = signing_secrets.teller_of(signing_secrets.read_again(round_.session), by)
    if teller is None:
        raise RuleBroken("只有本次会议的监票人可以办理。", status=403)
    return teller
