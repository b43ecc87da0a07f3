"""A round, as the congress office runs it: prepare, open, close, result, announce, papers."""

from dataclasses import replace
from datetime import UTC
from typing import Any

from flask import current_app, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import SHANGHAI, local, now, today
from votes.exports.formats import charts
from votes.exports.formats.layout import to_html
from votes.forms.base import Form
from votes.forms.meeting.sessions import AnnounceForm, PresidiumForm, RoundForm
from votes.models import CongressSession as Session, Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.meeting.rule import Rule, check, key_points, quorum_of
from votes.rules.permissions import Permission as P
from votes.rules.supervision.ratings import overall
from votes.rules.voting.further import REASONS, nth
from votes.rules.voting.result import Result, ranking
from votes.services.delivery import announcements
from votes.services.meeting import events, motions, rounds, sessions, tellers
from votes.services.people import bodies
from votes.services.voting import (
    ballots,
    closing,
    counting,
    documents,
    further,
    paper_ballots,
    results,
    signing,
    tally,
)
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import XLSX, done, download, download_paper

bp = Pages("rounds", __name__, Layout.OFFICE, within="sessions", audit="rounds", url_prefix="/office")


def _kind(round_: Round | None) -> str:
    """Which form is wanted: for a vote on candidates, a rating of last year's projects, or a further round."""
    if round_ is None:
        return "rating" if request.args.get("kind") == "rating" else "vote"
    if round_.parent_id is not None:
        return "further"
    return "rating" if rounds.rule_of(round_).method == "rating" else "vote"


def _base(session: Session, round_: Round | None, kind: str, seats: int) -> Rule:
    """The rule that the form starts from, and what stands where it has no field."""
    if round_ is not None:
        return rounds.rule_of(round_)
    body = bodies.get_body(session.body_id)
    assert body is not None
    rule = bodies.default_rule(body, seats)
    return replace(rule, method="rating", seats=0, overvote="void_ballot") if kind == "rating" else rule


def _round_form(session: Session, round_: Round | None) -> tuple[RoundForm, Rule]:
    kind = _kind(round_)
    form = RoundForm().narrow(kind, bodies.organ_of(session.body))
    if kind == "rating":
        found = rounds.rateable_projects(session.year)
        chosen = [p.id for p in found if p.year == found[0].year]
        form.projects.choices = [(p.id, f"{p.year}年　{p.number or ''}　{p.name}") for p in found]
    elif kind == "vote":
        found = rounds.listed_projects(session.year)
        chosen = [p.id for p in found]
        form.projects.choices = [(p.id, f"{p.number or ''}　{p.name}") for p in found]
    else:
        found, chosen = [], []
    seats = max(len(found) * 5 // 6, 1)  # one fifth more candidates than seats is the custom
    base = _base(session, round_, kind, seats)
    if form.is_submitted():
        return form, base
    form.fill(base)
    if round_ is None:
        form.title.data = (
            f"{found[0].year if found else session.year - 1}年民生实事项目满意度测评"
            if kind == "rating"
            else f"{session.year}年民生实事项目票决"
        )
        form.projects.data, form.colour.data = chosen, rounds.free_colour(session)
    else:
        form.title.data, form.colour.data = round_.title, round_.colour
        form.closes_at.data = local(round_.closes_at).replace(tzinfo=None) if round_.closes_at else None
        if kind != "further":
            form.projects.data = [c.project_id for c in round_.candidates]
    return form, base


def _values(form: RoundForm, base: Rule, round_: Round | None) -> dict[str, Any]:
    closes = form.closes_at.data
    if "projects" in form:
        order = [value for value, _ in form.projects.choices]
        ids = [i for i in order if i in (form.projects.data or [])]
    else:
        ids = [c.project_id for c in round_.candidates] if round_ else []
    return {
        "title": form.title.data,
        "rule": form.rule(base),
        "project_ids": ids,
        "colour": form.colour.data,
        "closes_at": closes.replace(tzinfo=SHANGHAI).astimezone(UTC) if closes else None,
    }


@bp.route("/sessions/<int:session_id>/rounds/new", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, session=sessions.get)
def new(session: Session) -> ResponseReturnValue:
    form, base = _round_form(session, None)
    if form.accepts(
        lambda: rounds.create_round(
            session,
            **_values(form, base, None),
            rehearsal=form.rehearsal.data,
            hash_name=current_app.config["HASH_ALGORITHM"],
            by=me(),
            now=now(),
        )
    ):
        return done("票决已设立，请核对票决办法要点", "rounds.show", round_id=form.outcome.id)
    page = render_template(
        "meeting/rounds/edit.html", form=form, session=session, round=None, kind=_kind(None)
    )
    return page, form.status


@bp.route("/rounds/<int:round_id>/edit", methods=["GET", "POST"])
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def edit(round_: Round) -> ResponseReturnValue:
    if round_.state != RoundState.DRAFT:
        raise RuleBroken("本轮票决已经开启或结束，票决办法和候选名单不能再改。")
    form, base = _round_form(round_.session, round_)
    if form.accepts(lambda: rounds.edit_round(round_, **_values(form, base, round_), by=me(), now=now())):
        return done("票决办法已保存", "rounds.show", round_id=round_.id)
    page = render_template(
        "meeting/rounds/edit.html",
        form=form,
        session=round_.session,
        round=round_,
        kind=_kind(round_),
        base=base,
    )
    return page, form.status


@bp.get("/rounds/<int:round_id>")
@allow(P.ROUND_READ, round_=rounds.get_round)
def show(round_: Round) -> ResponseReturnValue:
    return _page(round_)


def _page(round_: Round, presidium: PresidiumForm | None = None) -> str:
    rule = rounds.rule_of(round_)
    roster, present, leave = sessions.headcount(round_.session)
    issued, returned = ballots.counts(round_.id)
    result, follow, family = tally.result_of(round_), further.next_of(round_), further.family(round_)
    return render_template(
        "meeting/rounds/show.html",
        round=round_,
        rule=rule,
        points=key_points(
            rule,
            len(round_.candidates),
            round_.roster or roster or None,
            bodies.organ_of(round_.session.body),
        ),
        roster=round_.roster if round_.roster is not None else roster,
        present=round_.present if round_.present is not None else present,
        leave=leave,
        issued=issued,
        returned=returned if round_.returned is None else round_.returned,
        papers=paper_ballots.out(round_),
        awaited=paper_ballots.awaited(round_),
        needed=quorum_of(rule, roster),
        halls=round_.session.halls,
        missing=rounds.obstacle(round_, roster=roster, present=present, now=now()),
        past_end=rounds.past_end(round_, now()),
        warnings=[
            *_warnings(round_),
            *_disputed(round_),
            *rounds.shared_with_drafts(round_),
            *motions.warnings(round_),
        ],
        result=result,
        shares=tally.shares(round_),
        ranks=ranking(result) if result else [],
        chart=_chart(round_, result) if result and rule.method != "rating" else "",
        follow=follow,
        family=family,
        joined=further.final_list(family) if len(family) > 1 or round_.decision else [],
        overall=overall(result.ratings, round_.returned or 0) if result and result.ratings else None,
        presidium=presidium or _presidium_form(round_, follow, formdata=None),
        names={c.number: c.name for c in round_.candidates},
        form=Form(),
        announce=AnnounceForm(
            formdata=None, number=results.next_number(round_.session), announced_on=today()
        ),
        events=events.events(round_),
        refusals=signing.refusals(round_),
        conflicts=tellers.conflicts(round_.session) if round_.state == RoundState.DRAFT else [],
    )


def _warnings(round_: Round) -> list[str]:
    if round_.state != RoundState.DRAFT or round_.further == "tie":  # the law itself asks for such a vote
        return []
    try:
        return check(rounds.rule_of(round_), len(round_.candidates), bodies.organ_of(round_.session.body))
    except RuleBroken:
        return []


def _disputed(round_: Round) -> list[str]:
    return rounds.disputed(round_) if round_.state == RoundState.DRAFT else []


def _chart(round_: Round, result: Result) -> str:
    names = {c.number: c.name for c in round_.candidates}
    rule = rounds.rule_of(round_)
    base = {"roster": round_.roster, "present": round_.present, "valid": result.valid}.get(rule.majority)
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
@allow(P.ROUND_READ, round_=rounds.get_round)
def turnout(round_: Round) -> ResponseReturnValue:
    issued, returned = ballots.counts(round_.id)
    return jsonify(
        state=round_.state.value, issued=issued, returned=returned, papers=paper_ballots.out(round_)
    )


@bp.get("/rounds/<int:round_id>/not-voted")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def not_voted(round_: Round) -> ResponseReturnValue:
    return render_template("meeting/rounds/not_voted.html", round=round_, rows=ballots.not_voted(round_))


@bp.post("/rounds/<int:round_id>/open")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def open_(round_: Round) -> ResponseReturnValue:
    rounds.open_round(round_, by=me(), now=now())
    return done("投票已开启，票决办法和名册已冻结", "rounds.show", round_id=round_.id)


@bp.post("/sessions/<int:session_id>/rounds/open")
@allow(P.ROUND_MANAGE, session=sessions.get)
def open_together(session: Session) -> ResponseReturnValue:
    """Open several questions in one act: those that the page listed."""
    wanted = request.form.getlist("rounds", type=int)
    chosen = [round_ for round_ in session.rounds if round_.id in wanted]
    rounds.open_together(chosen, by=me(), now=now())
    return done(f"已同时开启 {len(chosen)} 项票决", "sessions.show", session_id=session.id)


# --- further rounds ------------------------------------------------------------------------------------


@bp.post("/rounds/<int:round_id>/further")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def start_further(round_: Round) -> ResponseReturnValue:
    made = further.start(round_, by=me(), now=now())
    return done(
        f"{nth(made.ordinal)}已设立，请核对后由监票人确认票箱为空，再开启投票",
        "rounds.show",
        round_id=made.id,
    )


def _presidium_form(round_: Round, follow: Any, **options: Any) -> PresidiumForm:
    form = PresidiumForm(decided_on=today(), **options).in_words_of(bodies.organ_of(round_.session.body))
    names = {c.number: c.name for c in round_.candidates}
    tied = follow.candidates if follow and follow.kind == "tie_presidium" else ()
    form.chosen.choices = [(no, f"{no}　{names[no]}") for no in tied]
    return form


@bp.post("/rounds/<int:round_id>/presidium")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def presidium(round_: Round) -> ResponseReturnValue:
    """Enter which of the tied projects the presidium took."""
    form = _presidium_form(round_, further.next_of(round_))
    if form.accepts(
        lambda: further.decide(
            round_,
            form.chosen.data or [],
            decided_on=form.decided_on.data,
            note=form.note.data,
            by=me(),
            now=now(),
        )
    ):
        return done("并列项目的决定已登记", "rounds.show", round_id=round_.id)
    return _page(round_, form), form.status


@bp.post("/rounds/<int:round_id>/close")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def close(round_: Round) -> ResponseReturnValue:
    closing.close(round_, by=me(), now=now())
    if rounds.rule_of(round_).paper != "none":
        return done("票箱已关闭，请清点、录入纸质票，然后计票", "paper.show", round_id=round_.id)
    # counted after the commit: whether that went well, the page says by the round's state
    return done("票箱已关闭，不再收票。签字前不显示票数", "rounds.show", round_id=round_.id)


@bp.post("/rounds/<int:round_id>/count")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def count(round_: Round) -> ResponseReturnValue:
    typed = request.form.get("missing", "")
    known = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 0
    closing.resume_count(round_, missing=known, by=me(), now=now())
    return done("计票已办理，以下面显示的状态为准", "rounds.show", round_id=round_.id)


@bp.post("/rounds/<int:round_id>/cancel")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def cancel(round_: Round) -> ResponseReturnValue:
    rounds.cancel_round(round_, by=me(), now=now())
    return done("本轮票决已取消", "sessions.show", session_id=round_.session_id)


@bp.post("/rounds/<int:round_id>/void")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def void(round_: Round) -> ResponseReturnValue:
    counting.void_round(round_, request.form.get("reason", ""), by=me(), now=now())
    return done("本轮票决已作废，记录保留", "rounds.show", round_id=round_.id)


@bp.route("/rounds/<int:round_id>/announce", methods=["GET", "POST"])
@allow(P.RESULT_ANNOUNCE, round_=rounds.get_round)
def announce(round_: Round) -> ResponseReturnValue:
    form = AnnounceForm(number=results.next_number(round_.session), announced_on=today())
    form.in_words_of(bodies.organ_of(round_.session.body))
    if form.accepts(
        lambda: announcements.announce(
            round_, number=form.number.data, announced_on=form.announced_on.data, by=me(), now=now()
        )
    ):
        if round_.rehearsal:
            said = "演练到此结束：没有对外公布，没有改动任何项目，不占用文号"
        elif rounds.rule_of(round_).method == "rating":
            said = "公告已发布"
        else:
            said = "公告已发布，选定的项目已转入进度跟踪"
        flash(said, "success")
        return redirect(url_for("rounds.show", round_id=round_.id), 303)
    preview = (
        to_html(
            documents.announcement(round_, number=form.number.data or 1, on=form.announced_on.data or today())
        )
        if round_.state == RoundState.CERTIFIED
        else ""
    )
    follow = further.next_of(round_)
    page = render_template(
        "meeting/rounds/announce.html",
        form=form,
        round=round_,
        preview=preview,
        together=results.with_it(round_),
        waiting=follow.seats if follow and follow.kind in REASONS else 0,
    )
    return page, form.status


# --- papers --------------------------------------------------------------------------------------------


@bp.get("/rounds/<int:round_id>/rule.<any(pdf, docx):kind>")
@allow(P.ROUND_READ, round_=rounds.get_round)
def rule_paper(round_: Round, kind: str) -> ResponseReturnValue:
    roster = round_.roster or sessions.headcount(round_.session)[0] or None
    return download_paper(documents.rule_paper(round_, roster), f"票决办法要点-{round_.title}", kind)


@bp.get("/rounds/<int:round_id>/sheet.<any(pdf, docx):kind>")
@allow(P.RESULT_READ, round_=rounds.get_round)
def sheet(round_: Round, kind: str) -> ResponseReturnValue:
    return download_paper(documents.counting_sheet(round_), f"计票报告单-{round_.title}", kind)


@bp.get("/rounds/<int:round_id>/announcement.<any(pdf, docx):kind>")
@allow(P.RESULT_READ, round_=rounds.get_round)
def announcement(round_: Round, kind: str) -> ResponseReturnValue:
    paper = documents.announcement(round_, number=results.next_number(round_.session), on=today())
    return download_paper(paper, f"公告-{round_.title}", kind)


@bp.get("/rounds/<int:round_id>/results.xlsx")
@allow(P.RESULT_READ, round_=rounds.get_round)
def workbook(round_: Round) -> ResponseReturnValue:
    return download(documents.results_workbook(round_), f"计票结果-{round_.title}.xlsx", XLSX)


@bp.get("/rounds/<int:round_id>/record.json")
@allow(P.RESULT_READ, round_=rounds.get_round)
def record(round_: Round) -> ResponseReturnValue:
    response = make_response(documents.record_bytes(round_))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="record-{round_.public_id}.json"'
    return response
