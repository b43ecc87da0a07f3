"""The list of tellers of a session: naming, removing, and the approval by the plenary."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.meeting.tellers import ApproveForm, TellerForm
from votes.models import CongressSession as Session
from votes.rules.permissions import Permission as P
from votes.services.meeting import desk, sessions, tellers
from votes.services.people import delegations
from votes.views.meeting.sessions import bp
from votes.web.access import allow
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import done
from votes.web.tables import Column, Table

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


def _form(session: Session) -> TellerForm:
    form = TellerForm(organ(), formdata=request.form if request.endpoint == "sessions.tellers" else None)
    named = {teller.deputy_id for teller in session.tellers}
    deputies = [(row.deputy, row.delegation) for row in desk.rows(session) if row.deputy.id not in named]
    form.deputy_id.choices = [(d.id, f"{group}　{d.name}（{d.number}）") for d, group in deputies]
    groups = [(each.id, each.name) for each in delegations.all_delegations()]
    form.nominated_by.choices = [(0, "未填写"), *groups]
    return form


def _page(session: Session, form: TellerForm, approval: ApproveForm) -> ResponseReturnValue:
    page = render_template(
        "meeting/sessions/tellers.html",
        form=form,
        approval=approval,
        session=session,
        listing=TELLERS.of(sorted(session.tellers, key=lambda teller: teller.role)),
        conflicts=tellers.conflicts(session),
    )
    return page, approval.status if request.endpoint == "sessions.approve_tellers" else form.status
