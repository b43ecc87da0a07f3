"""A round, as the congress office runs it: its page, and opening, closing, counting, cancelling, voiding it."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import charts
from votes.forms.meeting.rounds import PresidiumForm
from votes.models import CongressSession as Session, Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting.key_points import key_points
from votes.rules.meeting.opening_checks import words_of
from votes.rules.meeting.rounds import RoundState
from votes.rules.meeting.rule import check, quorum_of
from votes.rules.people.organs import Organ
from votes.rules.permissions import Permission as P
from votes.rules.supervision.ratings import overall
from votes.rules.voting.further import nth
from votes.rules.voting.result import Result, ranking
from votes.services.meeting import events, motions, opening_checks, openings, rounds, sessions, tellers
from votes.services.people import bodies
from votes.services.voting import (
    ballots,
    closing,
    counting,
    further,
    paper_ballots,
    signing,
    tally,
    vote_reports,
)
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import done

bp = Pages("rounds", __name__, Layout.OFFICE, within="sessions", audit="rounds", url_prefix="/office")


#: Outcome → the note at the end of a bar of the chart.
_NOTES = {"selected": "入选", "undecided": "待定"}


def organ_of(round_: Round) -> Organ:
    """Return the words of the organ that decides in the round."""
    return bodies.organ_of(round_.session.body)


def names_of(round_: Round) -> dict[int, str]:
    """Return printed number → name of the candidates."""
    return {candidate.number: candidate.name for candidate in round_.candidates}


def turnout_of(round_: Round) -> dict[str, int | None]:
    """Return how many ballots were issued and returned, and how many papers are handed out (None: no paper)."""
    issued, returned = ballots.counts(round_.id)
    return {"issued": issued, "returned": returned, "papers": paper_ballots.out(round_)}


def result_of(round_: Round) -> dict[str, Any]:
    """Return the result as both the office and the tellers see it: nothing before the signatures."""
    result = tally.result_of(round_)
    return {"result": result, "ranks": ranking(result) if result else [], "names": names_of(round_)}


# --- the page ------------------------------------------------------------------------------------------


@bp.get("/rounds/<int:round_id>")
@allow(P.ROUND_READ, round_=rounds.get_round)
def show(round_: Round) -> ResponseReturnValue:
    return _page(round_)


def _page(round_: Round, presidium: PresidiumForm | None = None) -> str:
    return render_template(
        "meeting/rounds/show.html",
        round=round_,
        halls=round_.session.halls,
        awaited=paper_ballots.awaited(round_),
        replacing=closing.waits_for_successors(round_),
        events=events.events(round_),
        **_preparation(round_),
        **_outcome(round_, presidium),
    )


def _preparation(round_: Round) -> dict[str, Any]:
    """Return the rule, the heads and the ballots of the round, and what prevents its opening."""
    rule, heads = rounds.rule_of(round_), sessions.headcount(round_.session)
    roster, number = round_.roster or heads.roster or None, len(round_.candidates)
    frozen = {name: getattr(round_, name) for name in ("roster", "present", "returned")}
    return {
        **heads._asdict(),
        **turnout_of(round_),
        **{name: value for name, value in frozen.items() if value is not None},
        "rule": rule,
        "points": key_points(rule, number, roster, organ_of(round_)),
        "needed": quorum_of(rule, heads.roster),
        "missing": openings.obstacle(round_, roster=heads.roster, present=heads.present, now=now()),
        "past_end": rounds.past_end(round_, now()),
        **machine_of([round_]),
        "warnings": _warnings(round_),
        "conflicts": tellers.conflicts(round_.session) if round_.state == RoundState.DRAFT else [],
    }


def _warnings(round_: Round) -> list[str]:
    if round_.state != RoundState.DRAFT:
        return []
    unusual: list[str] = []
    if round_.further != "tie":  # the law itself asks for such a vote
        with suppress(RuleBroken):  # the page says it as the obstacle to the opening
            unusual = check(rounds.rule_of(round_), len(round_.candidates), organ_of(round_))
    disputed = openings.disputed(round_) + openings.shared_with_drafts(round_)
    return unusual + disputed + motions.warnings(round_)


def _outcome(round_: Round, presidium: PresidiumForm | None) -> dict[str, Any]:
    """Return the result, what follows from it, and the forms that enter it."""
    facts, follow, family = result_of(round_), further.next_of(round_), further.family(round_)
    result = facts["result"]
    return {
        **facts,
        "refusals": signing.refusals(round_),
        "reports": vote_reports.of_round(round_),
        "finding": vote_reports.finding(round_),
        "shares": tally.shares(round_),
        "chart": _chart(round_, result),
        "follow": follow,
        "family": family,
        "joined": further.final_list(family) if len(family) > 1 or round_.decision else [],
        "overall": overall(result.ratings, round_.returned or 0) if result and result.ratings else None,
        "presidium": presidium or _presidium_form(round_, follow, formdata=None),
    }


def _chart(round_: Round, result: Result | None) -> str:
    rule, names = rounds.rule_of(round_), names_of(round_)
    if result is None or rule.method == "rating":
        return ""
    base = {"roster": round_.roster, "present": round_.present, "valid": result.valid}.get(rule.majority)
    bars = [
        charts.Bar(names[rank.no], rank.votes, rank.outcome == "selected", _NOTES.get(rank.outcome or "", ""))
        for rank in ranking(result)
    ]
    return charts.bars(bars, threshold=base // 2 + 1 if base else None, width=860)


@bp.get("/rounds/<int:round_id>/turnout.json")
@allow(P.ROUND_READ, round_=rounds.get_round)
def turnout(round_: Round) -> ResponseReturnValue:
    return jsonify(state=round_.state.value, **turnout_of(round_))


@bp.get("/rounds/<int:round_id>/not-voted")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def not_voted(round_: Round) -> ResponseReturnValue:
    return render_template("meeting/rounds/not_voted.html", round=round_, rows=ballots.not_voted(round_))


def machine_of(chosen: Sequence[Round]) -> dict[str, Any]:
    """Return in words what the machine leaves open, and whether somebody has to accept it to open these rounds."""
    if not any(round_.state == RoundState.DRAFT for round_ in chosen):
        return {"open_points": []}
    formal = any(map(opening_checks.is_formal, chosen))
    return {"open_points": words_of(opening_checks.found(_instance())), "to_accept": formal}


def _instance() -> Path:
    return Path(current_app.config["INSTANCE_PATH"])


def _accepted(chosen: Sequence[Round]) -> dict[str, Any]:
    """Return what stands open, and whether whoever opens these rounds has accepted it."""
    formal = any(map(opening_checks.is_formal, chosen))
    points = opening_checks.found(_instance()) if formal else []
    return {"open_points": points, "accepted": "accepted" in request.form}


# --- acts ----------------------------------------------------------------------------------------------


@bp.post("/rounds/<int:round_id>/open")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def open_(round_: Round) -> ResponseReturnValue:
    openings.open_round(round_, **_accepted([round_]), by=me(), now=now())
    return done("投票已开启，票决办法和名册已冻结", "rounds.show", round_id=round_.id)


@bp.post("/sessions/<int:session_id>/rounds/open")
@allow(P.ROUND_MANAGE, session=sessions.get)
def open_together(session: Session) -> ResponseReturnValue:
    """Open several questions in one act: those that the page listed."""
    ids = request.form.getlist("rounds", type=int)
    chosen = [round_ for round_ in session.rounds if round_.id in ids]
    openings.open_together(chosen, **_accepted(chosen), by=me(), now=now())
    return done(f"已同时开启 {len(chosen)} 项票决", "sessions.show", session_id=session.id)


@bp.post("/rounds/<int:round_id>/close")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def close(round_: Round) -> ResponseReturnValue:
    closing.close(round_, by=me(), now=now())
    if rounds.rule_of(round_).paper != "none":
        return done("票箱已关闭，请清点、录入纸质票，然后计票", "paper.show", round_id=round_.id)
    # The count follows the commit; the page tells by the round's state whether it succeeded.
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


# --- further rounds, ties ------------------------------------------------------------------------------


@bp.post("/rounds/<int:round_id>/further")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def start_further(round_: Round) -> ResponseReturnValue:
    new_round = further.start(round_, by=me(), now=now())
    words = f"{nth(new_round.ordinal)}已设立，请核对后由监票人确认票箱为空，再开启投票"
    return done(words, "rounds.show", round_id=new_round.id)


@bp.post("/rounds/<int:round_id>/presidium")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def presidium(round_: Round) -> ResponseReturnValue:
    """Enter which of the tied projects the presidium took."""
    form = _presidium_form(round_, further.next_of(round_))
    if form.accepts(lambda: further.decide(round_, **form.values(), by=me(), now=now())):
        return done("并列项目的决定已登记", "rounds.show", round_id=round_.id)
    return _page(round_, form), form.status


def _presidium_form(round_: Round, follow: Any, **options: Any) -> PresidiumForm:
    form = PresidiumForm(decided_on=today(), **options).in_words_of(organ_of(round_))
    names = names_of(round_)
    tied = follow.candidates if follow and follow.kind == "tie_presidium" else ()
    form.chosen.choices = [(no, f"{no}　{names[no]}") for no in tied]
    return form
