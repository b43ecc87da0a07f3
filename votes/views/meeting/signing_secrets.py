"""A teller's signing secret on the own phone: setting it, the short code, confirming another teller's."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.meeting.tellers import ConfirmForm, SecretForm
from votes.models import CongressSession as Session
from votes.rules.errors import RuleBroken
from votes.rules.meeting.signing_secrets import check_new_passphrase, confirmation
from votes.rules.permissions import Permission as P
from votes.services.meeting import sessions, signing_secrets
from votes.services.people import passwords
from votes.views.meeting.tellers import bp, proof_of
from votes.web.access import allow
from votes.web.facts import facts
from votes.web.identity import me
from votes.web.pages import done
from votes.web.transaction import release_lock
from votes.web.uploads import send_kept


@bp.get("/sessions/<int:session_id>/secret")
@facts(quick=False)
@allow(P.TELLER_READ, session=sessions.get)
def secret(session: Session) -> ResponseReturnValue:
    return _page(session, SecretForm(formdata=None), ConfirmForm(formdata=None))


@bp.post("/sessions/<int:session_id>/secret")
@facts(quick=False)
@allow(P.ROUND_SIGN, session=sessions.get)
def set_secret(session: Session) -> ResponseReturnValue:
    form = SecretForm()
    if form.accepts(lambda: _set(session, form)):
        return done("已设定。请由另一名监票人在其手机上核对您的短码", "tellers.secret", session_id=session.id)
    return _page(session, form, ConfirmForm(formdata=None))


@bp.post("/sessions/<int:session_id>/tellers/<int:teller_id>/confirm")
@facts(quick=False)
@allow(P.ROUND_SIGN, session=sessions.get)
def confirm(session: Session, teller_id: int) -> ResponseReturnValue:
    form = ConfirmForm()
    if form.accepts(lambda: _confirm(session, teller_id, form)):
        return done("已核对", "tellers.secret", session_id=session.id)
    return _page(session, SecretForm(formdata=None), form, confirming=teller_id)


@bp.get("/sessions/<int:session_id>/signed-list")
@allow(P.TELLER_READ, session=sessions.get)
def signed_list(session: Session) -> ResponseReturnValue:
    return send_kept(signing_secrets.signed_list(session) or abort(404))


def _set(session: Session, form: SecretForm) -> None:
    if form.public_key.data:
        signing_secrets.set_key(session, form.public_key.data, by=me(), now=now())
        return
    if request.is_secure:
        raise RuleBroken("这里可以用手机密钥签字，不用口令：请打开浏览器的脚本，或换一个浏览器。", status=422)
    passphrase = form.passphrase.data or ""
    check_new_passphrase(passphrase, form.again.data or "")
    release_lock()
    hashed = passwords.hash_password(passphrase)
    signing_secrets.set_passphrase(session, hashed, by=me(), now=now())


def _confirm(session: Session, teller_id: int, form: ConfirmForm) -> None:
    proof, code = proof_of(session, form), form.code.data or ""
    signing_secrets.confirm(session, teller_id, code, proof, by=me(), now=now())


def _page(
    session: Session, form: SecretForm, confirming_form: ConfirmForm, confirming: int = 0
) -> ResponseReturnValue:
    own = signing_secrets.teller_of(session, me())
    page = render_template(
        "meeting/signing_secrets/show.html",
        session=session,
        own=own,
        others=[teller for teller in session.tellers if teller is not own],
        form=form,
        confirming_form=confirming_form,
        confirming=confirming,
        message=lambda teller: confirmation(session.id, teller.id, "CODE").decode(),
        listed=signing_secrets.is_listed(session),
        scan=signing_secrets.signed_list(session),
    )
    return page, max(form.status, confirming_form.status)
