"""The tellers' own pages on a phone: zero check, turnout, signature or refusal, the result."""

from typing import Any

from flask import abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.base import ActionForm, Form
from votes.forms.meeting.tellers import FindingForm, SecretProofForm, SignatureRefusalForm, WithdrawForm
from votes.models import CongressSession, Consent, Round
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.meeting.signing_secrets import SecretKind
from votes.rules.permissions import Permission as P
from votes.rules.voting.vote_reports import withdrawal
from votes.services.meeting import (
    cards,
    checkin,
    consents,
    keyers,
    openings,
    rounds,
    sessions,
    signing_secrets,
)
from votes.services.meeting.signing_secrets import SecretProof
from votes.services.people import accounts
from votes.services.voting import anchors, bulletin, digests, paper_ballots, signing, vote_reports
from votes.views.meeting.rounds import result_of
from votes.web import sign_in
from votes.web.access import allow
from votes.web.card_sheets import server_key
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import done
from votes.web.transaction import begin_writing, reading

bp = Pages("tellers", __name__, Layout.PHONE, audit="sessions", url_prefix="/teller")

#: Open boxes first, then what waits for a teller, then the rest.
_ORDER = ("opened", "counted", "closed", "draft", "certified", "announced", "void", "cancelled")


@bp.get("/")
@allow(P.TELLER_READ)
def index() -> ResponseReturnValue:
    own = [session for session in sessions.all_sessions() if session.id in me().teller_in]
    listed = [round_ for session in own for round_ in rounds.present_rounds(session)]
    listed.sort(key=lambda round_: (_ORDER.index(round_.state.value), -round_.id))
    return render_template(
        "meeting/tellers/index.html",
        rounds=listed,
        reports=vote_reports.counts([round_.id for round_ in listed]),
        **_waiting([session.id for session in own]),
        own=[(s, signing_secrets.teller_of(s, me())) for s in own if s.state != "ended"],
        account_changes=[line for session in own for line in _account_changes(session)],
        sessions=[session for session in own if checkin.under_way(session)],
        form=ActionForm(formdata=None),
    )


def _waiting(session_ids: list[int]) -> dict[str, Any]:
    """Return what waits for this teller's answer, and by which text the page knows that something else waits."""
    rows = consents.waiting(session_ids, by=me(), now=now())
    mark = " ".join(f"{row.id}{'+' if row.first_by_id else ''}" for row in rows)
    return {"waiting": rows, "waiting_mark": mark, "is_own": lambda row: consents.is_own(row, me())}


@bp.post("/consents/<int:consent_id>/agree")
@allow(P.CONSENT_GIVE, "consent.agree", consent=consents.get)
def agree(consent: Consent) -> ResponseReturnValue:
    row = consents.agree(consent, by=me(), now=now())
    words = "已同意" if row.state != "asked" else "已同意，还须另一名监票人同意"
    return done(words, "tellers.show", round_id=row.round_id)


@bp.post("/consents/<int:consent_id>/refuse")
@allow(P.CONSENT_GIVE, "consent.refuse", consent=consents.get)
def disagree(consent: Consent) -> ResponseReturnValue:
    row = consents.refuse(consent, request.form.get("reason", ""), by=me(), now=now())
    return done("已答复：不同意", "tellers.show", round_id=row.round_id)


def _account_changes(session: CongressSession) -> list[accounts.ChangeLine]:
    """Return what was done to accounts since the session began, while it is running."""
    running = session.state == SessionState.RUNNING
    return accounts.changes_during(session.body_id, session.started_at) if running else []


@bp.post("/sessions/<int:session_id>/unlock")
@allow(P.TELLER_READ, "card.unlock", session=sessions.get)
def unlock(session: CongressSession) -> ResponseReturnValue:
    """Let a deputy try again who typed a wrong PIN or a wrong code of the hall too often; a teller does it for others."""
    deputy = cards.unlock_number(session, request.form.get("number", ""), by=me(), now=now())
    return done(f"已为{deputy.name}解除等待", "tellers.index")


#: The forms on the page of a round, by their names there.
_FORMS = {
    "refusing": SignatureRefusalForm,
    "proving": SecretProofForm,
    "settling": FindingForm,
    "withdrawing": WithdrawForm,
}


def _page(round_: Round, **typed: Form) -> ResponseReturnValue:
    """Show the round; ``typed`` is the form that was refused, by its name in `_FORMS`."""
    forms = {name: typed.get(name) or kind(formdata=None) for name, kind in _FORMS.items()}
    refusals, deputy_id = signing.refusals(round_), me().deputy_id
    teller = signing_secrets.teller_of(round_.session, me())
    page = render_template(
        "meeting/tellers/show.html",
        round=round_,
        rule=rounds.rule_of(round_),
        **bulletin.sums(round_, now())._asdict(),
        lines=bulletin.present(round_) if _to_sign(round_) else [],
        keyers=keyers.named(round_.session),
        **result_of(round_),
        **_waiting([round_.session_id]),
        answered=consents.answered(round_),
        awaited=paper_ballots.awaited(round_),
        halls=round_.session.halls,
        account_changes=_account_changes(round_.session),
        form=ActionForm(formdata=None),
        **forms,
        reports=vote_reports.of_round(round_),
        finding=vote_reports.finding(round_),
        withdrawal=withdrawal,
        refusals=refusals,
        my_signature=next((s for s in round_.signatures if s.deputy_id == deputy_id), None),
        my_refusal=next((r for r in refusals if r.deputy_id == deputy_id), None),
        secret=signing_secrets.confirmed(teller) if teller else None,
        teller=teller,
        codes=signing_secrets.codes(round_.session),
        content=signing.content(round_).decode() if _to_sign(round_) else "",
        anchors=anchors.of(round_),
        digest=digests.of(round_, "result") if round_.result else "",
    )
    return page, max(form.status for form in forms.values())


def _to_sign(round_: Round) -> bool:
    return round_.state in (RoundState.COUNTED, RoundState.CERTIFIED)


@bp.get("/rounds/<int:round_id>")
@allow(P.TELLER_READ, round_=rounds.get_round)
def show(round_: Round) -> ResponseReturnValue:
    return _page(round_)


@bp.get("/rounds/<int:round_id>/turnout.json")
@allow(P.TELLER_READ, round_=rounds.get_round)
def turnout(round_: Round) -> ResponseReturnValue:
    mark = _waiting([round_.session_id])["waiting_mark"]
    return jsonify(
        state=round_.state.value,
        waiting=mark,
        reports=vote_reports.count(round_),
        **bulletin.sums(round_, now())._asdict(),
    )


@bp.post("/rounds/<int:round_id>/zero-check")
@allow(P.ROUND_ZERO_CHECK, round_=rounds.get_round)
def zero_check(round_: Round) -> ResponseReturnValue:
    openings.zero_check(round_, by=me(), now=now())
    return done("已确认票箱为空", "tellers.show", round_id=round_.id)


def proof_of(session: CongressSession, form: SecretProofForm) -> SecretProof:
    """Return what was given to sign with: the phone's signature, or the passphrase once it has been checked."""
    teller = signing_secrets.teller_of(session, me())
    own = teller.secret if teller else None
    if own is not None and own.kind == SecretKind.PASSPHRASE:
        return sign_in.with_passphrase(own, form.passphrase.data or "")
    return SecretProof(signature=form.signature.data or "")


@bp.post("/rounds/<int:round_id>/sign")
@allow(P.ROUND_SIGN, round_=rounds.get_round)
def sign(round_: Round) -> ResponseReturnValue:
    form = SecretProofForm()
    if form.accepts(lambda: signing.sign(round_, proof_of(round_.session, form), by=me(), now=now())):
        return done("已签字", "tellers.show", round_id=round_.id)
    return _page(round_, proving=form)


@bp.post("/rounds/<int:round_id>/refuse")
@allow(P.ROUND_SIGN, round_=rounds.get_round)
def refuse(round_: Round) -> ResponseReturnValue:
    form = SignatureRefusalForm()
    if form.accepts(lambda: signing.refuse(round_, form.reason.data or "", by=me(), now=now())):
        return done("已登记：您不予签字。人大办已能看到理由", "tellers.show", round_id=round_.id)
    return _page(round_, refusing=form)


# --- reports of votes that were not cast by the deputy ---------------------------------------------------


@bp.post("/rounds/<int:round_id>/finding")
@allow(P.ROUND_SIGN, "round.report_finding", round_=rounds.get_round)
def settle(round_: Round) -> ResponseReturnValue:
    form = FindingForm()
    if form.accepts(lambda: vote_reports.settle(round_, form.finding.data or "", by=me(), now=now())):
        return done("核查结果已写入票决过程记录", "tellers.show", round_id=round_.id)
    return _page(round_, settling=form)


@bp.post("/rounds/<int:round_id>/reports/<int:deputy_id>/withdraw")
@allow(P.ROUND_SIGN, "round.report_withdrawn", round_=rounds.get_round)
@reading
def withdraw(round_: Round, deputy_id: int) -> ResponseReturnValue:
    """Withdraw a deputy's report; they stand before the teller and type their card's PIN on the teller's phone."""
    form, round_id = WithdrawForm(), round_.id
    if form.accepts(lambda: _withdraw(round_, deputy_id, form)):
        return done("已撤回，撤回仍记入票决过程记录", "tellers.show", round_id=round_id)
    return _page(rounds.get_round(round_id) or abort(404), withdrawing=form)


def _withdraw(round_: Round, deputy_id: int, form: WithdrawForm) -> None:
    """Check PIN and proof while the page only reads, then withdraw."""
    round_id, reported = round_.id, vote_reports.of_deputy(round_, deputy_id)
    sign_in.holder(round_.session, reported.number, form.pin.data or "", server_key())
    proof = proof_of(round_.session, form)
    begin_writing()
    again = rounds.get_round(round_id)
    assert again is not None
    vote_reports.withdraw(again, deputy_id, proof, by=me(), now=now())
