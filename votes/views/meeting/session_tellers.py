"""The list of tellers of a session: naming, removing, and the approval by the plenary."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.meeting.tellers import ApproveForm, KeyerForm, ReplaceForm, SignedListForm, TellerForm
from votes.models import CongressSession as Session
from votes.rules.permissions import Permission as P
from votes.services import uploads
from votes.services.meeting import desk, keyers, sessions, signing_secrets, tellers
from votes.services.people import delegations
from votes.views.meeting.sessions import bp
from votes.web.access import allow
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import done, download_paper
from votes.web.tables import Column, Table
from votes.web.uploads import before_the_lock, send_kept
from votes.web.words.labels import label

TELLERS = Table(
    "tellers",
    title="监票人",
    empty="还没有监票人。请在下方添加：先总监票人，再监票人。",
    spoken=True,
    columns=[
        Column("职责", cell="role"),
        Column("姓名", lambda row: row.deputy.name),
        Column("代表证号", lambda row: row.deputy.number),
        Column("代表团", lambda row: row.deputy.delegation.name),
        Column("职务", lambda row: row.deputy.post),
        Column("签字短码", cell="code"),
        Column("提名", lambda row: row.nominated_by.name if row.nominated_by else "未填写"),
        Column("办理", cell="acts", head_hidden=True),
    ],
)


@bp.route("/<int:session_id>/tellers", methods=["GET", "POST"], endpoint="tellers")
@allow(P.SESSION_MANAGE, session=sessions.get)
def index(session: Session) -> ResponseReturnValue:
    form = _form(session)
    if form.accepts(lambda: tellers.name_teller(session, **form.values(), by=me(), now=now())):
        return done("监票人名单已更新", "sessions.tellers", session_id=session.id)
    return _page(session, form, ApproveForm(formdata=None, on=today()))


@bp.post("/<int:session_id>/tellers/approve")
@allow(P.SESSION_MANAGE, session=sessions.get)
def approve_tellers(session: Session) -> ResponseReturnValue:
    form = ApproveForm()
    if form.accepts(lambda: tellers.approve(session, **form.entry(), by=me(), now=now(), today=today())):
        return done("已登记：监票人名单经会议通过", "sessions.tellers", session_id=session.id)
    return _page(session, _form(session), form)


@bp.post("/<int:session_id>/tellers/<int:teller_id>/remove")
@allow(P.SESSION_MANAGE, session=sessions.get)
def remove_teller(session: Session, teller_id: int) -> ResponseReturnValue:
    tellers.remove_teller(session, teller_id, by=me(), now=now())
    return done("已移出监票人名单", "sessions.tellers", session_id=session.id)


@bp.get("/<int:session_id>/tellers/list.<any(pdf, docx):kind>")
@allow(P.SESSION_READ, session=sessions.get)
def teller_list(session: Session, kind: str) -> ResponseReturnValue:
    return download_paper(signing_secrets.paper(session), f"监票人名单及签字短码-{session.title}", kind)


@bp.get("/<int:session_id>/tellers/signed-list")
@allow(P.SESSION_READ, session=sessions.get)
def signed_list(session: Session) -> ResponseReturnValue:
    return send_kept(signing_secrets.signed_list(session) or abort(404))


@bp.post("/<int:session_id>/tellers/signed-list")
@allow(P.SESSION_MANAGE, session=sessions.get)
def keep_list(session: Session) -> ResponseReturnValue:
    form = SignedListForm()
    if form.accepts(lambda: _keep(session, form)):
        return done("手签名单已留存", "sessions.tellers", session_id=session.id)
    return _page(session, _form(session), ApproveForm(formdata=None, on=today()), list_form=form)


@bp.post("/<int:session_id>/tellers/replace")
@allow(P.SESSION_MANAGE, session=sessions.get)
def replace_teller(session: Session) -> ResponseReturnValue:
    form = _replace_form(session)
    if form.accepts(lambda: tellers.replace_teller(session, **form.entry(), by=me(), now=now())):
        return done("已更换，请接替人设定签字密钥", "sessions.tellers", session_id=session.id)
    return _page(session, _form(session), ApproveForm(formdata=None, on=today()), replacing=form)


@bp.post("/<int:session_id>/keyers")
@allow(P.SESSION_MANAGE, "keyer.name", session=sessions.get)
def name_keyer(session: Session) -> ResponseReturnValue:
    form = _keyer_form(session)
    if form.accepts(lambda: keyers.name(session, **form.values(), by=me(), now=now())):
        return done("已指定，监票人在手机上可以看到", "sessions.tellers", session_id=session.id)
    return _page(session, _form(session), ApproveForm(formdata=None, on=today()), keyer_form=form)


@bp.post("/<int:session_id>/keyers/<int:keyer_id>/remove")
@allow(P.SESSION_MANAGE, "keyer.remove", session=sessions.get)
def remove_keyer(session: Session, keyer_id: int) -> ResponseReturnValue:
    keyers.remove(session, keyer_id, by=me(), now=now())
    return done("已移出计票人、录入员名单", "sessions.tellers", session_id=session.id)


def _keyer_form(session: Session) -> KeyerForm:
    form = KeyerForm(formdata=request.form if request.endpoint == "sessions.name_keyer" else None)
    named = {each.user_id for each in keyers.named(session)}
    rows = [user for user in keyers.candidates(session) if user.id not in named]
    form.user_id.choices = [(user.id, f"{user.name}（{user.username}）") for user in rows]
    return form


def _keep(session: Session, form: SignedListForm) -> None:
    (scan,) = before_the_lock(uploads.prepare, [form.scan.data])
    signing_secrets.keep_list(session, scan, by=me(), now=now())


def _replace_form(session: Session) -> ReplaceForm:
    posted = request.form if request.endpoint == "sessions.replace_teller" else None
    form = ReplaceForm(organ(), formdata=posted)
    form.teller_id.choices = [(t.id, f"{label(t.role).word}　{t.deputy.name}") for t in session.tellers]
    form.deputy_id.choices = _deputies(session)
    return form


def _deputies(session: Session) -> list[tuple[int, str]]:
    named = {teller.deputy_id for teller in session.tellers}
    rows = [(row.deputy, row.delegation) for row in desk.rows(session) if row.deputy.id not in named]
    return [(d.id, f"{group}　{d.name}（{d.number}）") for d, group in rows]


def _form(session: Session) -> TellerForm:
    form = TellerForm(organ(), formdata=request.form if request.endpoint == "sessions.tellers" else None)
    form.deputy_id.choices = _deputies(session)
    groups = [(each.id, each.name) for each in delegations.all_delegations()]
    form.nominated_by.choices = [(0, "未填写"), *groups]
    return form


def _page(
    session: Session,
    form: TellerForm,
    approval: ApproveForm,
    *,
    list_form: SignedListForm | None = None,
    replacing: ReplaceForm | None = None,
    keyer_form: KeyerForm | None = None,
) -> ResponseReturnValue:
    posted = list_form or replacing or keyer_form
    if replacing is None and sessions.under_way(session):
        replacing = _replace_form(session)
    page = render_template(
        "meeting/sessions/tellers.html",
        form=form,
        approval=approval,
        session=session,
        listing=TELLERS.of(sorted(session.tellers, key=lambda teller: teller.role)),
        conflicts=tellers.conflicts(session),
        scan=signing_secrets.signed_list(session),
        listed=signing_secrets.is_listed(session),
        list_form=list_form or SignedListForm(formdata=None),
        replacing=replacing,
        keyers=keyers.named(session),
        keyer_form=keyer_form or _keyer_form(session),
        under_way=sessions.under_way(session),
    )
    if posted is not None:
        return page, posted.status
    return page, approval.status if request.endpoint == "sessions.approve_tellers" else form.status
