"""A round, as the congress office runs it: prepare, open, close, result, announce, papers."""

from datetime import UTC
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from votes.clock import SHANGHAI, local, now, today
from votes.exports import charts, papers
from votes.forms.base import Form
from votes.forms.sessions import AnnounceForm, RoundForm
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.rules.rounds import RoundState, check_open, quorum_needed
from votes.rules.rule import check, key_points
from votes.rules.tally import next_step, ranking
from votes.services import announcements, ballots, bodies, chain, documents, sessions, tally
from votes.services.sessions import CongressSession as Session
from votes.services.sessions import Round
from votes.web.access import allow
from votes.web.identity import me
from votes.web.pages import DOCX, PDF, XLSX, done, download

bp = Blueprint("rounds", __name__, url_prefix="/office")


def _round_form(session: Session, round: Round | None) -> RoundForm:
    listed = sessions.listed_projects(session.year)
    form = RoundForm()
    form.projects.choices = [(p.id, f"{p.number or ''}　{p.name}") for p in listed]
    if not form.is_submitted():
        if round is None:
            body = bodies.get_body(session.body_id)
            assert body is not None
            seats = max(len(listed) * 5 // 6, 1)  # one fifth more candidates than seats is the custom
            form.fill(sessions.default_rule(body, seats))
            form.title.data = f"{session.year}年民生实事项目票决"
            form.projects.data = [p.id for p in listed]
        else:
            form.fill(sessions.rule_of(round))
            form.title.data, form.rehearsal.data = round.title, round.rehearsal
            form.closes_at.data = local(round.closes_at).replace(tzinfo=None) if round.closes_at else None
            form.projects.data = [c.project_id for c in round.candidates]
    return form


def _values(form: RoundForm) -> dict[str, Any]:
    closes = form.closes_at.data
    order = [value for value, _ in form.projects.choices]
    return {
        "title": form.title.data,
        "rule": form.rule(),
        "project_ids": [i for i in order if i in (form.projects.data or [])],
        "closes_at": closes.replace(tzinfo=SHANGHAI).astimezone(UTC) if closes else None,
    }


@bp.route("/sessions/<int:session_id>/rounds/new", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, session=sessions.get)
def new(session: Session) -> ResponseReturnValue:
    form = _round_form(session, None)
    if form.accepts(
        lambda: sessions.create_round(
            session,
            **_values(form),
            rehearsal=form.rehearsal.data,
            hash_name=current_app.config["HASH_ALGORITHM"],
            by=me(),
            now=now(),
        )
    ):
        return done("票决已设立，请核对票决办法要点", "rounds.show", round_id=form.outcome.id)
    return render_template("rounds/edit.html", form=form, session=session, round=None), form.status


@bp.route("/rounds/<int:round_id>/edit", methods=["GET", "POST"])
@allow(P.ROUND_MANAGE, round=sessions.get_round)
def edit(round: Round) -> ResponseReturnValue:
    if round.state != RoundState.DRAFT:
        raise RuleBroken("本轮票决已经开启或结束，票决办法和候选名单不能再改。")
    form = _round_form(round.session, round)
    if form.accepts(lambda: sessions.edit_round(round, **_values(form), by=me(), now=now())):
        return done("票决办法已保存", "rounds.show", round_id=round.id)
    return render_template("rounds/edit.html", form=form, session=round.session, round=round), form.status


@bp.get("/rounds/<int:round_id>")
@allow(P.ROUND_READ, round=sessions.get_round)
def show(round: Round) -> ResponseReturnValue:
    rule = sessions.rule_of(round)
    roster, present, leave = sessions.headcount(round.session)
    issued, returned = ballots.counts(round.id)
    result = tally.result_of(round)
    return render_template(
        "rounds/show.html",
        round=round,
        rule=rule,
        points=key_points(rule, len(round.candidates), round.roster or roster or None),
        roster=round.roster if round.roster is not None else roster,
        present=round.present if round.present is not None else present,
        leave=leave,
        issued=issued,
        returned=returned,
        needed=quorum_needed(roster, rule.quorum),
        missing=_missing(round, roster, present),
        warnings=_warnings(round),
        result=result,
        ranks=ranking(result) if result else [],
        chart=_chart(round, result) if result and rule.method != "rating" else "",
        follow=next_step(rule, result) if result else None,
        names={c.number: c.name for c in round.candidates},
        form=Form(),
        announce=AnnounceForm(
            formdata=None, number=announcements.next_number(round.session), announced_on=today()
        ),
        events=chain.events(round),
    )


def _missing(round: Round, roster: int, present: int) -> str:
    """What still stands in the way of opening, in words; empty when nothing does."""
    if round.state != RoundState.DRAFT:
        return ""
    try:
        check_open(
            state=round.state,
            rule=sessions.rule_of(round),
            candidates=len(round.candidates),
            roster=roster,
            present=present,
            zero_checked=round.zero_checked_at is not None,
            tellers=[(t.deputy_id, t.role) for t in round.session.tellers],
        )
    except RuleBroken as broken:
        return broken.message
    return ""


def _warnings(round: Round) -> list[str]:
    if round.state != RoundState.DRAFT:
        return []
    try:
        return check(sessions.rule_of(round), len(round.candidates))
    except RuleBroken:
        return []


def _chart(round: Round, result: tally.tally.Result) -> str:
    names = {c.number: c.name for c in round.candidates}
    rule = sessions.rule_of(round)
    base = {"roster": round.roster, "present": round.present, "valid": result.valid}.get(rule.majority)
    return charts.bars(
        [
            charts.Bar(
                label=names[r.no],
                value=r.votes,
                chosen=r.outcome == "selected",
                note={"selected": "入选", "undecided": "待定"}.get(r.outcome or "", ""),
            )
            for r in ranking(result)
        ],
        threshold=base // 2 + 1 if base else None,
        width=860,
    )


@bp.get("/rounds/<int:round_id>/turnout.json")
@allow(P.ROUND_READ, round=sessions.get_round)
def turnout(round: Round) -> ResponseReturnValue:
    issued, returned = ballots.counts(round.id)
    return jsonify(state=round.state.value, issued=issued, returned=returned)


@bp.get("/rounds/<int:round_id>/not-voted")
@allow(P.ROUND_MANAGE, round=sessions.get_round)
def not_voted(round: Round) -> ResponseReturnValue:
    return render_template("rounds/not_voted.html", round=round, rows=ballots.not_voted(round))


@bp.post("/rounds/<int:round_id>/open")
@allow(P.ROUND_MANAGE, round=sessions.get_round)
def open_(round: Round) -> ResponseReturnValue:
    sessions.open_round(round, by=me(), now=now())
    return done("投票已开启，票决办法和名册已冻结", "rounds.show", round_id=round.id)


@bp.post("/rounds/<int:round_id>/close")
@allow(P.ROUND_MANAGE, round=sessions.get_round)
def close(round: Round) -> ResponseReturnValue:
    tally.close(round, by=me(), now=now())
    return done(
        "票箱已关闭并完成计票。签字前不显示票数，请总监票人和监票人签字", "rounds.show", round_id=round.id
    )


@bp.post("/rounds/<int:round_id>/count")
@allow(P.ROUND_MANAGE, round=sessions.get_round)
def count(round: Round) -> ResponseReturnValue:
    tally.resume_count(round, by=me(), now=now())
    return done("已计票，请总监票人和监票人签字", "rounds.show", round_id=round.id)


@bp.post("/rounds/<int:round_id>/cancel")
@allow(P.ROUND_MANAGE, round=sessions.get_round)
def cancel(round: Round) -> ResponseReturnValue:
    sessions.cancel_round(round, by=me(), now=now())
    return done("本轮票决已取消", "sessions.show", session_id=round.session_id)


@bp.post("/rounds/<int:round_id>/void")
@allow(P.ROUND_MANAGE, round=sessions.get_round)
def void(round: Round) -> ResponseReturnValue:
    tally.void_round(round, request.form.get("reason", ""), by=me(), now=now())
    return done("本轮票决已作废，记录保留", "rounds.show", round_id=round.id)


@bp.route("/rounds/<int:round_id>/announce", methods=["GET", "POST"])
@allow(P.RESULT_ANNOUNCE, round=sessions.get_round)
def announce(round: Round) -> ResponseReturnValue:
    form = AnnounceForm(number=announcements.next_number(round.session), announced_on=today())
    if form.accepts(
        lambda: announcements.announce(
            round, number=form.number.data, announced_on=form.announced_on.data, by=me(), now=now()
        )
    ):
        flash("公告已发布，选定的项目已转入进度跟踪", "success")
        return redirect(url_for("rounds.show", round_id=round.id), 303)
    preview = (
        papers.to_html(
            documents.announcement(round, number=form.number.data or 1, on=form.announced_on.data or today())
        )
        if round.state == RoundState.CERTIFIED
        else ""
    )
    return render_template("rounds/announce.html", form=form, round=round, preview=preview), form.status


# --- papers --------------------------------------------------------------------------------------------


def _paper(paper: papers.Paper, name: str, kind: str) -> Response:
    if kind == "pdf":
        return download(papers.to_pdf(paper), f"{name}.pdf", PDF)
    return download(papers.to_docx(paper), f"{name}.docx", DOCX)


@bp.get("/rounds/<int:round_id>/rule.<any(pdf, docx):kind>")
@allow(P.ROUND_READ, round=sessions.get_round)
def rule_paper(round: Round, kind: str) -> ResponseReturnValue:
    roster = round.roster or sessions.headcount(round.session)[0] or None
    return _paper(documents.rule_paper(round, roster), f"票决办法要点-{round.title}", kind)


@bp.get("/rounds/<int:round_id>/sheet.<any(pdf, docx):kind>")
@allow(P.RESULT_READ, round=sessions.get_round)
def sheet(round: Round, kind: str) -> ResponseReturnValue:
    return _paper(documents.counting_sheet(round), f"计票报告单-{round.title}", kind)


@bp.get("/rounds/<int:round_id>/announcement.<any(pdf, docx):kind>")
@allow(P.RESULT_READ, round=sessions.get_round)
def announcement(round: Round, kind: str) -> ResponseReturnValue:
    paper = documents.announcement(round, number=announcements.next_number(round.session), on=today())
    return _paper(paper, f"公告-{round.title}", kind)


@bp.get("/rounds/<int:round_id>/results.xlsx")
@allow(P.RESULT_READ, round=sessions.get_round)
def workbook(round: Round) -> ResponseReturnValue:
    return download(documents.results_workbook(round), f"计票结果-{round.title}.xlsx", XLSX)


@bp.get("/rounds/<int:round_id>/record.json")
@allow(P.RESULT_READ, round=sessions.get_round)
def record(round: Round) -> ResponseReturnValue:
    response = make_response(documents.record_bytes(round))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="record-{round.public_id}.json"'
    return response
