"""What comes out of a round: the announcement, the papers to print, the record."""

from flask import make_response, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats.layout import to_html
from votes.forms.meeting.rounds import AnnounceForm
from votes.models import Round
from votes.rules.meeting.rounds import RoundState
from votes.rules.permissions import Permission as P
from votes.rules.voting.further import REASONS
from votes.services.delivery import announcements
from votes.services.meeting import rounds, sessions
from votes.services.voting import documents, further, results
from votes.views.meeting.rounds import bp, organ_of
from votes.web.access import allow
from votes.web.identity import me
from votes.web.pages import XLSX, done, download, download_paper


@bp.route("/rounds/<int:round_id>/announce", methods=["GET", "POST"])
@allow(P.RESULT_ANNOUNCE, round_=rounds.get_round)
def announce(round_: Round) -> ResponseReturnValue:
    form = AnnounceForm(number=results.next_number(round_.session), announced_on=today())
    form.in_words_of(organ_of(round_))
    if form.accepts(lambda: announcements.announce(round_, **form.entry(), by=me(), now=now())):
        return done(_announced(round_), "rounds.show", round_id=round_.id)
    follow = further.next_of(round_)
    page = render_template(
        "meeting/rounds/announce.html",
        form=form,
        round=round_,
        preview=_preview(round_, form),
        together=results.with_it(round_),
        waiting=follow.seats if follow and follow.kind in REASONS else 0,
    )
    return page, form.status


def _announced(round_: Round) -> str:
    if round_.rehearsal:
        return "演练到此结束：没有对外公布，没有改动任何项目，不占用文号"
    if rounds.rule_of(round_).method == "rating":
        return "公告已发布"
    return "公告已发布，选定的项目已转入进度跟踪"


def _preview(round_: Round, form: AnnounceForm) -> str:
    if round_.state != RoundState.CERTIFIED:
        return ""
    number, day = form.number.data or 1, form.announced_on.data or today()
    return to_html(documents.announcement(round_, number=number, on=day))


# --- papers --------------------------------------------------------------------------------------------


@bp.get("/rounds/<int:round_id>/rule.<any(pdf, docx):kind>")
@allow(P.ROUND_READ, round_=rounds.get_round)
def rule_paper(round_: Round, kind: str) -> ResponseReturnValue:
    roster = round_.roster or sessions.headcount(round_.session).roster or None
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
