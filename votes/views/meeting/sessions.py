"""Sessions: set up, tellers, cards."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import qr
from votes.exports.meeting import cards as sheets
from votes.forms.meeting.sessions import ReasonForm, SessionForm
from votes.forms.meeting.tellers import ApproveForm, TellerForm
from votes.models import Card, CongressSession as Session, Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.roles import TellerRole
from votes.rules.permissions import Permission as P
from votes.rules.projects.projects import coming_year
from votes.services.meeting import cards, checkin, rounds, sessions, tellers
from votes.services.voting import ballots, further, paper_ballots
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, facts, menu_item
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import PDF, done, download

bp = Pages("sessions", __name__, Layout.OFFICE, audit="sessions", url_prefix="/office/sessions")


@bp.get("/")
@menu_item(Group.YEAR, 50, "会议与票决")
@allow(P.SESSION_READ)
def index() -> ResponseReturnValue:
    return render_template("meeting/sessions/index.html", sessions=sessions.all_sessions())


@bp.route("/new", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE)
def new() -> ResponseReturnValue:
    form = SessionForm(year=coming_year(today()))
    if form.accepts(lambda: sessions.create_session(**form.values(), by=me(), now=now())):
        return done(
            "会议已建立，下一步：确定监票人、发放凭证、设立票决", "sessions.show", session_id=form.outcome.id
        )
    return render_template("meeting/sessions/edit.html", form=form, session=None), form.status


@bp.route("/<int:session_id>/edit", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, session=sessions.get)
def edit(session: Session) -> ResponseReturnValue:
    form = SessionForm(obj=session)
    if form.accepts(lambda: sessions.save_session(session, **form.values(), by=me(), now=now())):
        return done("会议信息已保存", "sessions.show", session_id=session.id)
    return render_template("meeting/sessions/edit.html", form=form, session=session), form.status


@bp.get("/<int:session_id>")
@allow(P.SESSION_READ, session=sessions.get)
def show(session: Session) -> ResponseReturnValue:
    roster, present, leave = sessions.headcount(session)
    listed = rounds.listed_projects(session.year)
    issued = len(cards.active(session))
    return render_template(
        "meeting/sessions/show.html",
        session=session,
        roster=roster,
        present=present,
        leave=leave,
        listed=listed,
        cards_issued=issued,
        needed=rounds.quorum(session, roster),
        questions=further.questions(session),
        motions=session.motions,
        turnout={
            r.id: (*ballots.counts(r.id), paper_ballots.out(r))
            for r in session.rounds
            if r.state == RoundState.OPENED
        },
        ready=_ready(session, roster, present),
    )


def _ready(session: Session, roster: int, present: int) -> list[Round]:
    """The questions that could be opened in one act; none where there is only one."""
    if session.state != SessionState.RUNNING:
        return []
    drafts = [r for r in session.rounds if r.state == RoundState.DRAFT and not r.rehearsal]
    ready = [r for r in drafts if not rounds.obstacle(r, roster=roster, present=present, now=now())]
    return ready if len(ready) > 1 else []


@bp.post("/<int:session_id>/<any(start, end):action>")
@allow(P.SESSION_MANAGE, session=sessions.get)
def move(session: Session, action: str) -> ResponseReturnValue:
    sessions.move(session, action, by=me(), now=now())
    return done(
        "会议已开始，可以签到" if action == "start" else "会议已闭会", "sessions.show", session_id=session.id
    )


# --- tellers -------------------------------------------------------------------------------------------


@bp.route("/<int:session_id>/tellers", methods=["GET", "POST"], endpoint="tellers")
@allow(P.SESSION_MANAGE, session=sessions.get)
def teller_list(session: Session) -> ResponseReturnValue:
    form = _teller_form(session)
    if form.accepts(
        lambda: tellers.name_teller(
            session,
            form.deputy_id.data,
            TellerRole(form.role.data),
            nominated_by=form.nominated_by.data or None,
            by=me(),
            now=now(),
        )
    ):
        return done("监票人名单已更新", "sessions.tellers", session_id=session.id)
    return _tellers_page(session, form, ApproveForm(formdata=None, on=today()))


def _teller_form(session: Session) -> TellerForm:
    form = TellerForm(organ(), formdata=request.form if request.endpoint == "sessions.tellers" else None)
    named = {t.deputy_id for t in session.tellers}
    form.deputy_id.choices = [
        (r.deputy.id, f"{r.delegation}　{r.deputy.name}（{r.deputy.number}）")
        for r in checkin.desk(session)
        if r.deputy.id not in named
    ]
    form.nominated_by.choices = [(0, "未填写"), *((d.id, d.name) for d in checkin.delegations())]
    return form


def _tellers_page(session: Session, form: TellerForm, approval: ApproveForm) -> ResponseReturnValue:
    status = approval.status if request.endpoint == "sessions.approve_tellers" else form.status
    page = render_template(
        "meeting/sessions/tellers.html",
        form=form,
        approval=approval,
        session=session,
        conflicts=tellers.conflicts(session),
    )
    return page, status


@bp.post("/<int:session_id>/tellers/approve")
@allow(P.SESSION_MANAGE, session=sessions.get)
def approve_tellers(session: Session) -> ResponseReturnValue:
    form = ApproveForm()
    if form.accepts(
        lambda: tellers.approve(
            session, on=form.on.data, how=form.how.data, by=me(), now=now(), today=today()
        )
    ):
        return done("已登记：监票人名单经会议通过", "sessions.tellers", session_id=session.id)
    return _tellers_page(session, _teller_form(session), form)


@bp.post("/<int:session_id>/tellers/<int:teller_id>/remove")
@allow(P.SESSION_MANAGE, session=sessions.get)
def remove_teller(session: Session, teller_id: int) -> ResponseReturnValue:
    tellers.remove_teller(session, teller_id, by=me(), now=now())
    return done("已移出监票人名单", "sessions.tellers", session_id=session.id)


# --- cards ---------------------------------------------------------------------------------------------


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


def _faces(session: Session, chosen: list[Card]) -> list[sheets.Card]:
    return [
        sheets.Card(
            name=name,
            delegation=delegation,
            number=number,
            url=url,
            pin=pin,
            body=session.body.name,
            session=session.title,
        )
        for name, delegation, number, url, pin in cards.printable(
            chosen, session, key=_key(), public_url=current_app.config["PUBLIC_URL"]
        )
    ]


@bp.get("/<int:session_id>/cards", endpoint="cards")
@allow(P.CARD_ISSUE, session=sessions.get)
def card_list(session: Session) -> ResponseReturnValue:
    issued = cards.active(session)
    return render_template(
        "meeting/sessions/cards.html",
        session=session,
        cards=issued,
        missing=cards.without_card(session),
        delegations=checkin.delegations(),
        size=PER_PART,
    )


@bp.post("/<int:session_id>/cards/issue")
@allow(P.CARD_ISSUE, session=sessions.get)
def issue_cards(session: Session) -> ResponseReturnValue:
    number = cards.issue_missing(session, key=_key(), by=me(), now=now())
    return done(f"已发放 {number} 张凭证，可以打印", "sessions.cards", session_id=session.id)


PER_PART = 96  # twelve sheets: about two seconds; the page fetches part after part and shows how far it is


@bp.get("/<int:session_id>/cards.pdf")
@allow(P.CARD_ISSUE, session=sessions.get)
def cards_pdf(session: Session) -> ResponseReturnValue:
    chosen = cards.active(session)
    delegation = request.args.get("delegation", type=int)
    if delegation:
        chosen = [c for c in chosen if c.deputy.delegation_id == delegation]
    part = request.args.get("part", type=int)
    if part:
        chosen = chosen[(part - 1) * PER_PART : part * PER_PART]
    if not chosen:
        raise RuleBroken("没有可以打印的凭证，请先发放。", status=404)
    name = f"票决凭证-{session.title}{f'-第{part}部分' if part else ''}.pdf"
    return download(sheets.sheets(_faces(session, chosen)), name, PDF)


@bp.get("/<int:session_id>/cards/print")
@facts(layout=Layout.PRINT)
@allow(P.CARD_ISSUE, session=sessions.get)
def cards_print(session: Session) -> ResponseReturnValue:
    """The same cards as a page for the browser's own print command: no PDF needed."""
    faces = _faces(session, cards.active(session))
    return render_template(
        "meeting/sessions/cards_print.html", session=session, faces=[(f, qr.data_uri(f.url)) for f in faces]
    )


@bp.get("/cards/<int:card_id>.pdf")
@allow(P.CARD_ISSUE, card=cards.get)
def card_pdf(card: Card) -> ResponseReturnValue:
    cards.check_usable(card)
    session = sessions.get(card.session_id)
    assert session is not None
    return download(sheets.sheets(_faces(session, [card])), f"票决凭证-{card.deputy.name}.pdf", PDF)


@bp.route("/cards/<int:card_id>/reissue", methods=["GET", "POST"])
@allow(P.CARD_ISSUE, card=cards.get)
def reissue_card(card: Card) -> ResponseReturnValue:
    form = ReasonForm()
    if form.accepts(lambda: cards.reissue(card, reason=form.reason.data, key=_key(), by=me(), now=now())):
        flash(f"{card.deputy.name}的原凭证已作废，新凭证已发放，请打印", "success")
        return redirect(
            url_for("sessions.cards", session_id=card.session_id, _anchor=f"card-{form.outcome.id}"), 303
        )
    return render_template("meeting/sessions/reissue.html", form=form, card=card), form.status


@bp.route("/cards/<int:card_id>/void", methods=["POST"])
@allow(P.CARD_ISSUE, card=cards.get)
def void_card(card: Card) -> ResponseReturnValue:
    cards.void(card, reason=request.form.get("reason", ""), by=me(), now=now())
    return done(f"{card.deputy.name}的凭证已作废，立即生效", "sessions.cards", session_id=card.session_id)
