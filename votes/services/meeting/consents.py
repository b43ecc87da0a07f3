"""同意: what the desk alone may not do while a formal round is open, a named teller agrees to on the own phone.

The desk asks, a teller agrees or refuses, and the act uses the consent once (`take`). Each of these is on the audit log
and on the chain of the round. A consent ends after ten minutes and with its round, and it counts only while whoever
gave it is a teller. A rehearsal goes without. All changes are made under the lock of the round, so that closing the
round, replacing a teller and a second answer wait for each other.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from votes.db import db, everything
from votes.models import CongressSession, Consent, Deputy, Round, Teller
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.consents import CONSENT, LIFE, ConsentAct, ConsentState, check_reason
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.voting.digests import json_digest
from votes.services import audit
from votes.services.meeting import events, rounds
from votes.services.people import bodies

_LIVE = (ConsentState.ASKED, ConsentState.GIVEN)
#: What a teller may answer from the close to the count; everything else ends with the close.
_AFTER_CLOSE = ConsentAct.KEY


# --- reading -------------------------------------------------------------------------------------------


def get(consent_id: int) -> Consent | None:
    """Return the consent with its round."""
    return db.session.scalar(
        select(Consent).where(Consent.id == consent_id).options(joinedload(Consent.round))
    )


def formal_round(session: CongressSession) -> Round | None:
    """Return the formal round of the session that is open, the first of several; None where the desk acts alone."""
    return db.session.scalar(rounds.open_query(session).where(~Round.rehearsal).limit(1))


def subject_of(deputy_ids: Collection[int]) -> str:
    """Return what a consent is found by: one deputy, or the list of several."""
    if len(deputy_ids) == 1:
        return f"d{next(iter(deputy_ids))}"
    return json_digest("sha256", sorted(set(deputy_ids)))[:20]


def latest(round_: Round | None, subject: str, now: datetime) -> list[Consent]:
    """Return what the desk shows about the subject: of each act the newest consent that is neither used nor over."""
    if round_ is None:
        return []
    unused = Consent.state.not_in((ConsentState.USED, ConsentState.ENDED)), Consent.expires_at > now
    of_subject = Consent.round_id == round_.id, Consent.subject == subject
    rows = everything(select(Consent).where(*of_subject, *unused).order_by(Consent.id))
    return list({row.act: row for row in rows}.values())


def of_batches(session: CongressSession, now: datetime) -> list[Consent]:
    """Return the lists of several deputies that were to be signed in, with the tellers' answers; not those used."""
    round_ = formal_round(session)
    if round_ is None:
        return []
    open_ = Consent.state.not_in((ConsentState.USED, ConsentState.ENDED)), Consent.expires_at > now
    of_round = Consent.round_id == round_.id, Consent.act == ConsentAct.SIGN_IN
    return everything(select(Consent).where(*of_round, *open_).order_by(Consent.id))


def covered(
    session: CongressSession, act: ConsentAct, deputy_ids: Collection[int], *, code: str = "", now: datetime
) -> bool:
    """Tell whether the desk may go on: no formal round is open, or a consent to this act is there."""
    round_ = formal_round(session)
    return round_ is None or given(round_, act, subject_of(deputy_ids), code=code, now=now) is not None


def given(round_: Round, act: ConsentAct, subject: str, *, code: str = "", now: datetime) -> Consent | None:
    """Return the consent that may be used: not expired, given by people who are still tellers, for that phone."""
    row = _live(round_, act, subject, ConsentState.GIVEN)
    if row is None or row.expires_at <= now or row.code != code:
        return None
    return row if counts(row) else None


def counts(consent: Consent) -> bool:
    """Tell whether enough tellers have agreed, and are tellers still."""
    givers = {consent.first_by_id, consent.second_by_id} - {None}
    return len(givers) >= consent.act.needed and givers <= _tellers(consent.session_id)


def _live(round_: Round, act: ConsentAct, subject: str, *states: ConsentState) -> Consent | None:
    which = Consent.round_id == round_.id, Consent.act == act, Consent.subject == subject
    query = select(Consent).where(*which, Consent.state.in_(states))
    return db.session.scalar(query.execution_options(populate_existing=True))


def _tellers(session_id: int) -> set[int | None]:
    return set(db.session.scalars(select(Teller.deputy_id).where(Teller.session_id == session_id)))


def to_key(round_: Round, reader: str, now: datetime) -> Consent | None:
    """Return the newest request to let ``reader`` read papers of the round; one that was used stays good for it."""
    of_reader = Consent.round_id == round_.id, Consent.act == ConsentAct.KEY, Consent.subject == reader
    alive = (Consent.state == ConsentState.USED) | (Consent.expires_at > now)
    query = select(Consent).where(*of_reader, alive, Consent.state != ConsentState.ENDED)
    return db.session.scalar(query.order_by(Consent.id.desc()).limit(1))


def waiting(session_ids: Iterable[int], *, by: Actor, now: datetime) -> list[Consent]:
    """Return what waits for a teller's answer in these sessions, the oldest first; not what ``by`` has agreed to."""
    asked = Consent.session_id.in_(list(session_ids)), Consent.state == ConsentState.ASKED
    query = select(Consent).join(Consent.round).where(*asked, Consent.expires_at > now, _lasting())
    rows = everything(query.options(joinedload(Consent.round)).order_by(Consent.id))
    return [row for row in rows if row.first_by_id != by.deputy_id]


def _lasting() -> ColumnElement[bool]:
    open_ = Round.state == RoundState.OPENED
    return open_ | ((Consent.act == _AFTER_CLOSE) & (Round.state == RoundState.CLOSED))


def answered(round_: Round) -> list[Consent]:
    """Return what tellers have agreed to or refused in the round, the newest first: each teller sees it."""
    states = ConsentState.GIVEN, ConsentState.REFUSED, ConsentState.USED
    done = Consent.round_id == round_.id, Consent.state.in_(states)
    return everything(select(Consent).where(*done).order_by(Consent.id.desc()))


def is_own(consent: Consent, by: Actor) -> bool:
    """Tell whether the consent is about the teller's own card, alone or among others."""
    return by.deputy_id in [consent.deputy_id, *(person.get("deputy") for person in consent.people)]


# --- the desk ------------------------------------------------------------------------------------------


def ask(
    session: CongressSession,
    act: ConsentAct,
    deputy_ids: Collection[int],
    *,
    reason: str,
    code: str = "",
    by: Actor,
    now: datetime,
) -> Consent:
    """Ask the tellers to agree to an act about these deputies; ``code`` is that of a phone to be paired.

    What is asked already stays. Raises RuleBroken without a reason, for somebody not in office, and where no formal
    round is open.
    """
    reason = check_reason(reason)
    round_ = _locked_round(session)
    if round_ is None:
        raise RuleBroken("现在没有正在进行的票决，不需要监票人同意，请重新办理。", code="no_round")
    deputies = everything(
        select(Deputy)
        .where(Deputy.id.in_(deputy_ids), Deputy.state == DeputyState.ACTIVE)
        .order_by(Deputy.number)
    )
    if not deputies or len(deputies) != len(set(deputy_ids)):
        raise RuleBroken(bodies.speak("名册上没有这位在任代表，请刷新后再办理。"), status=404)
    people = [{"deputy": each.id, "number": each.number, "name": each.name} for each in deputies]
    alone = deputies[0].id if len(deputies) == 1 else None
    return add(
        round_, act, subject_of(deputy_ids), people, deputy_id=alone, reason=reason, code=code, by=by, now=now
    )


def add(
    round_: Round,
    act: ConsentAct,
    subject: str,
    people: Sequence[dict[str, Any]],
    *,
    deputy_id: int | None,
    reason: str,
    code: str = "",
    by: Actor,
    now: datetime,
) -> Consent:
    """Add the request to a locked round, or return the one that waits; what has expired makes room."""
    row = _live(round_, act, subject, *_LIVE)
    if row is not None and row.expires_at > now and (row.reason, row.code) == (reason, code):
        return row
    if row is not None:  # over, or asked with another reason or phone
        row.state = step(CONSENT, row.state, "end")
        db.session.flush()
    row = Consent(
        session_id=round_.session_id, round_id=round_.id, act=act, subject=subject, deputy_id=deputy_id,
        people=list(people), reason=reason, code=code, asked_by=by.name[:60], asked_at=now, expires_at=now + LIFE,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _record(row, "ask", by=by, now=now, reason=reason)
    return row


def take(
    session: CongressSession,
    act: ConsentAct,
    deputy_ids: Collection[int],
    *,
    code: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Use the tellers' consent to this act about these deputies; do nothing where no formal round is open.

    Called by the act itself, in its transaction, so that a consent of an act that fails is not used up. Raises
    RuleBroken (code "consent") where there is none: never asked, not given, expired, used, or given by somebody who
    is no teller any more.
    """
    round_ = _locked_round(session) if deputy_ids else None
    if round_ is None:
        return
    row = given(round_, act, subject_of(deputy_ids), code=code, now=now)
    if row is None:
        words = f"“{round_.title}”正在投票，{act.words}须由一名监票人在手机上同意。没有办理，请到服务台，先请监票人同意。"
        raise RuleBroken(words, code="consent")
    use(row, by=by, now=now)


def use(row: Consent, *, by: Actor, now: datetime) -> None:
    """Use a consent that is given, in a locked round."""
    row.state = step(CONSENT, row.state, "use")
    _record(row, "use", by=by, now=now)
    db.session.flush()


def refuse_batch(session: CongressSession) -> None:
    """Refuse to issue cards to many while a formal round is open: then each is a matter of its own, at the desk."""
    round_ = formal_round(session)
    if round_ is not None:
        words = f"“{round_.title}”正在投票，不能成批发放、补发凭证。请在服务台逐人办理，并由一名监票人在手机上同意。"
        raise RuleBroken(words, code="consent")


def _locked_round(session: CongressSession) -> Round | None:
    """Return the formal round that is open, locked; another one where the first has closed meanwhile."""
    while (round_ := formal_round(session)) is not None:
        if rounds.lock(round_).state == RoundState.OPENED:
            return round_
    return None


# --- the tellers ---------------------------------------------------------------------------------------


def agree(consent: Consent, *, by: Actor, now: datetime) -> Consent:
    """Agree, by one's own sign-in; agreeing again changes nothing.

    Raises RuleBroken for anybody but a teller, for one's own card, and where the request is over: answered by another,
    used, expired, or its round closed.
    """
    row = _answerable(consent, by)
    if by.deputy_id in (row.first_by_id, row.second_by_id):
        return row
    _check_open(row, now)
    if row.first_by_id is None:
        row.first_by_id, row.first_by = by.deputy_id, by.name[:60]
    else:
        row.second_by_id, row.second_by = by.deputy_id, by.name[:60]
    if row.act.needed == 1 or row.second_by_id is not None:
        row.state = step(CONSENT, row.state, "agree")
    _record(row, "agree", by=by, now=now)
    db.session.flush()
    return row


def refuse(consent: Consent, reason: str, *, by: Actor, now: datetime) -> Consent:
    """Refuse, with the reason that the desk reads. Raises RuleBroken as `agree` does, and without a reason."""
    reason = check_reason(reason)
    row = _answerable(consent, by)
    _check_open(row, now)
    row.state = step(CONSENT, row.state, "refuse")
    row.refused_by, row.answer = by.name[:60], reason
    _record(row, "refuse", by=by, now=now, reason=reason)
    db.session.flush()
    return row


def _answerable(consent: Consent, by: Actor) -> Consent:
    """Lock the round of the consent, read both afresh, and check who answers."""
    rounds.lock(consent.round)
    db.session.refresh(consent)
    if by.deputy_id is None or by.deputy_id not in _tellers(consent.session_id):
        raise RuleBroken("只有本次会议的监票人可以同意。", status=403)
    if is_own(consent, by):
        raise RuleBroken("不能为自己同意，请另一名监票人办理。", code="own", status=403)
    return consent


def _check_open(row: Consent, now: datetime) -> None:
    lasting = (RoundState.OPENED, RoundState.CLOSED) if row.act == _AFTER_CLOSE else (RoundState.OPENED,)
    if row.round.state not in lasting:
        raise RuleBroken("本轮投票已经关闭，这项请求随之失效，不需要再办理。", code="closed")
    if row.state == ConsentState.REFUSED:
        raise RuleBroken(f"{row.refused_by}已经答复：不同意。服务台可以重新提出。", code="answered")
    if row.state != ConsentState.ASKED:
        raise RuleBroken(f"{row.second_by or row.first_by}已经同意，不需要再办理。", code="answered")
    if row.expires_at <= now:
        raise RuleBroken("这项请求已超过十分钟，已经失效。服务台可以重新提出。", code="expired", status=410)


#: Action of the lifecycle, or the asking → kind of the event.
_EVENTS = {
    "ask": "consent_asked",
    "agree": "consent_given",
    "refuse": "consent_refused",
    "use": "consent_used",
}


def _record(row: Consent, action: str, *, by: Actor, now: datetime, **more: Any) -> None:
    """Write the audit line, and the event of the round's chain."""
    numbers = [person["number"] for person in row.people]
    facts = {"act": row.act.value, "numbers": numbers, **more}
    about = row.people[0]["name"] if len(row.people) == 1 else None
    audit.record(f"consent.{action}", by=by, at=now, about=row.round, after={"name": about, **facts})
    events.append(row.round, _EVENTS[action], by=by, at=now, consent=row.id, **facts)
