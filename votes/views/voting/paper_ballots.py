"""Paper beside phones: the register, stacks of blank ballots, boxes, keying, 总监票人's decisions."""

from functools import partial
from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.exports.voting import blanks
from votes.forms.base import Form
from votes.forms.voting import paper_ballots as forms
from votes.models import PaperBox, PaperStack, Round
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.rules.voting.ballots import MARK_WORDS
from votes.rules.voting.paper_ballots import SPOILT, Reading, in_words
from votes.rules.voting.result import BoxTotal
from votes.services.meeting import consents, rounds
from votes.services.voting import ballot_boxes, box_contents, box_totals, documents, keying, paper_ballots
from votes.web.access import allow
from votes.web.facts import Layout, Pages, Refusals, facts
from votes.web.identity import me
from votes.web.pages import PDF, done, download

bp = Pages("paper", __name__, Layout.OFFICE, within="sessions", audit="rounds")


def _words(round_: Round, reading: Reading) -> str:
    return in_words(rounds.rule_of(round_), box_contents.numbers(round_), reading)


def _box_page(name: str, box: PaperBox, form: Form, **facts: Any) -> ResponseReturnValue:
    """Return the page of that name on a box, with its form and the page's own facts."""
    rule, page = rounds.rule_of(box.round), f"voting/paper_ballots/{name}.html"
    return render_template(page, box=box, round=box.round, rule=rule, form=form, **facts), form.status


def _act() -> dict[str, Any]:
    """Return who acts, and when: the arguments of every service."""
    return {"by": me(), "now": now()}


# --- the round's paper: register, stacks, boxes ---------------------------------------------------------


def _page(round_: Round, **refused: Form) -> ResponseReturnValue:
    """Return the page of a round's paper; ``refused`` are the forms that were refused, by name."""
    filters = {name: request.values.get(name, "") for name in ("q", "only")}
    page = render_template(
        "voting/paper_ballots/show.html",
        round=round_,
        mode=paper_ballots.mode(round_),
        lines=paper_ballots.register(round_, **filters),
        filters=filters,
        counting=box_contents.is_open(round_),
        **_sums(round_),
        **{f"{name}_form": refused.get(name) for name in ("left", "papers", "reopen")},
        stack_form=refused.get("stack", forms.StackForm(formdata=None)),
        box_form=refused.get("box", forms.BoxForm(formdata=None)),
    )
    return page, max((form.status for form in refused.values()), default=200)


def _sums(round_: Round) -> dict[str, Any]:
    """Return the round's stacks and boxes, and what they add up to."""
    stacks, boxes = paper_ballots.stacks(round_), box_contents.of_round(round_)
    return {
        "stacks": stacks,
        "boxes": [box_contents.progress(box) for box in boxes],
        "sums": paper_ballots.reconciliation(round_, stacks, boxes),
        "unsettled": box_contents.unsettled(round_, boxes),
        "missing": box_contents.missing(round_, boxes),
    }


@bp.get("/office/rounds/<int:round_id>/paper")
@allow(P.PAPER_READ, round_=rounds.get_round)
def show(round_: Round) -> ResponseReturnValue:
    return _page(round_)


@bp.post("/office/rounds/<int:round_id>/paper/<int:deputy_id>/<any(out, back):way>")
@allow(P.CHECKIN_DESK, round_=rounds.get_round)
def hand(round_: Round, deputy_id: int, way: str) -> ResponseReturnValue:
    act = paper_ballots.hand_out if way == "out" else paper_ballots.take_back
    name = act(round_, deputy_id, **_act())
    done_words = "已领取纸质票，手机投票同时停用" if way == "out" else "已交回未填写的纸质票，可以用手机投票"
    filters = {key: value for key in ("q", "only") if (value := request.form.get(key))}
    return done(f"{name}{done_words}", "paper.show", round_id=round_.id, **filters)


@bp.post("/office/rounds/<int:round_id>/paper/stacks")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def new_stack(round_: Round) -> ResponseReturnValue:
    form = forms.StackForm()
    if form.accepts(lambda: paper_ballots.print_stack(round_, form.sheets.data or 0, **_act())):
        return done(f"已登记第 {form.outcome.serial} 叠，请下载打印", "paper.show", round_id=round_.id)
    return _page(round_, stack=form)


@bp.get("/office/paper/stacks/<int:stack_id>/<any(a4, a5):size>.pdf")
@allow(P.ROUND_MANAGE, stack=paper_ballots.get_stack)
def stack_pdf(stack: PaperStack, size: str) -> ResponseReturnValue:
    blank = documents.blank_ballot(stack.round, stack.serial)
    name = f"纸质票-{stack.round.title}-第{stack.serial}叠-{size.upper()}.pdf"
    return download(blanks.sheets(blank, stack.sheets, size), name, PDF)


@bp.post("/office/paper/stacks/<int:stack_id>/left")
@allow(P.ROUND_MANAGE, stack=paper_ballots.get_stack)
def left_over(stack: PaperStack) -> ResponseReturnValue:
    form = forms.LeftOverForm()
    if form.accepts(lambda: paper_ballots.count_back(stack, form.left_over.data or 0, **_act())):
        return done(f"第 {stack.serial} 叠剩余 {stack.left_over} 张", "paper.show", round_id=stack.round_id)
    return _page(stack.round, left=form)


@bp.post("/office/rounds/<int:round_id>/paper/boxes")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def new_box(round_: Round) -> ResponseReturnValue:
    form = forms.BoxForm()
    place, papers = form.place.data or "", form.papers.data or 0
    if form.accepts(lambda: ballot_boxes.add_box(round_, place=place, papers=papers, **_act())):
        return done(f"已登记第 {form.outcome.number} 号票箱", "paper.show", round_id=round_.id)
    return _page(round_, box=form)


@bp.post("/office/paper/boxes/<int:box_id>/papers")
@allow(P.ROUND_MANAGE, box=box_contents.get_box)
def papers(box: PaperBox) -> ResponseReturnValue:
    form = forms.PapersForm()
    if form.accepts(lambda: ballot_boxes.set_papers(box, form.papers.data or 0, **_act())):
        return done(f"第 {box.number} 号票箱改为 {form.papers.data} 张", "paper.show", round_id=box.round_id)
    return _page(box.round, papers=form)


@bp.post("/office/paper/boxes/<int:box_id>/reopen")
@allow(P.ROUND_MANAGE, box=box_contents.get_box)
def reopen(box: PaperBox) -> ResponseReturnValue:
    form = forms.BoxReopenForm()
    if form.accepts(lambda: ballot_boxes.reopen(box, form.which.data, form.reason.data or "", **_act())):
        words = f"第 {box.number} 号票箱可以重新录入，原因已记入过程记录"
        return done(words, "paper.show", round_id=box.round_id)
    return _page(box.round, reopen=form)


# --- keying ---------------------------------------------------------------------------------------------


def _progress(box: PaperBox, seat: keying.ReaderSeat) -> dict[str, Any]:
    """Return where a person who keys stands: for the page, and for its script."""
    return {
        "done": seat.done,
        "papers": seat.papers,
        "reading": seat.reading,
        "last": [[position, _words(box.round, reading)] for position, reading in seat.last],
    }


@bp.route("/office/paper/boxes/<int:box_id>/key", methods=["GET", "POST"])
@facts(refusals=Refusals.WITHOUT_WORDS)
@allow(P.PAPER_KEY, box=box_contents.get_box)
def key(box: PaperBox) -> ResponseReturnValue:
    """Store one paper a request: a script sends it without a reload, the form without a script."""
    if paper_ballots.mode(box.round) == "totals":
        return redirect(url_for("paper.totals", box_id=box.id), 303)
    form = forms.KeyForm()
    by_script = request.accept_mimetypes.best == "application/json"
    if form.accepts(lambda: keying.enter(box, form.typed.data or "", form.place, **_act())):
        if by_script:
            return jsonify(_progress(box, form.outcome))
        return redirect(url_for("paper.key", box_id=box.id), 303)
    if by_script and form.is_submitted():
        return jsonify(error=form.complaint), form.status
    return _key_page(box, form)


def _key_page(box: PaperBox, form: forms.KeyForm) -> ResponseReturnValue:
    if waits := _without_consent(box):
        return waits, form.status
    seat = keying.seat(box, me())
    last = _progress(box, seat)["last"]
    return _box_page("key", box, form, seat=seat, last=last, spoilt=SPOILT)


def _without_consent(box: PaperBox) -> str | None:
    """Return the page on which a new account, or a new card, waits for two tellers; None for who may key."""
    try:
        ballot_boxes.check_reader(box.round, **_act())
    except RuleBroken as broken:
        asked = consents.to_key(box.round, ballot_boxes.key_of(me()), now())
        page = "voting/paper_ballots/consent.html"
        return render_template(page, box=box, round=box.round, asked=asked, words=broken.message)
    return None


@bp.post("/office/paper/boxes/<int:box_id>/consent")
@allow(P.PAPER_KEY, "consent.ask", box=box_contents.get_box)
def ask(box: PaperBox) -> ResponseReturnValue:
    ballot_boxes.ask_to_key(box, **_act())
    return done("已请监票人在手机上同意；两名监票人同意后本页自动继续", "paper.key", box_id=box.id)


@bp.post("/office/paper/boxes/<int:box_id>/undo")
@allow(P.PAPER_KEY, box=box_contents.get_box)
def undo(box: PaperBox) -> ResponseReturnValue:
    seat = keying.undo(box, **_act())
    return done(f"已撤销第 {seat.done + 1} 张，请重新录入", "paper.key", box_id=box.id)


@bp.route("/office/paper/boxes/<int:box_id>/totals", methods=["GET", "POST"])
@facts(refusals=Refusals.WITHOUT_WORDS)
@allow(P.PAPER_KEY, box=box_contents.get_box)
def totals(box: PaperBox) -> ResponseReturnValue:
    if paper_ballots.mode(box.round) != "totals":
        return redirect(url_for("paper.key", box_id=box.id), 303)
    if request.method == "GET" and (waits := _without_consent(box)):
        return waits
    shown = box.totals is None or box_totals.may_see_totals(box, me())
    columns = forms.totals_columns(rounds.rule_of(box.round))
    form = forms.totals_form(columns, box_contents.numbers(box.round), box.totals if shown else None)
    total = BoxTotal(box.number, **form.totals)
    if form.accepts(lambda: box_totals.enter_totals(box, total, **_act())):
        return done("合计已录入，请另一人核对确认", "paper.totals", box_id=box.id)
    own, mark = ballot_boxes.key_of(me()) == box.first_keyer, box_totals.totals_mark(box)
    facts = {"columns": columns, "words": MARK_WORDS, "own": own, "shown": shown, "mark": mark}
    return _box_page("totals", box, form, **facts)


@bp.post("/office/paper/boxes/<int:box_id>/confirm")
@allow(P.PAPER_KEY, box=box_contents.get_box)
def confirm(box: PaperBox) -> ResponseReturnValue:
    box_totals.confirm_totals(box, seen=request.form.get("seen", ""), **_act())
    return done(f"第 {box.number} 号票箱合计已由两人核对", "paper.totals", box_id=box.id)


# --- 总监票人 --------------------------------------------------------------------------------------------


def _doubts(round_: Round, at: tuple[int, int] | None = None, form: Form | None = None) -> str:
    """Return the page of papers in doubt; ``at`` is the (box id, position) of a decision that was refused."""
    return render_template(
        "voting/paper_ballots/doubts.html",
        round=round_,
        rule=rounds.rule_of(round_),
        doubts=keying.doubts(round_),
        progress=[box_contents.progress(box) for box in box_contents.of_round(round_)],
        names={c.number: c.name for c in round_.candidates},
        words=partial(_words, round_),
        mark_words=MARK_WORDS,
        spoilt=SPOILT,
        at=at,
        form=form,
        open=box_contents.is_open(round_),
    )


@bp.get("/teller/rounds/<int:round_id>/paper")
@facts(layout=Layout.PHONE)
@allow(P.PAPER_DECIDE, round_=rounds.get_round)
def doubts(round_: Round) -> ResponseReturnValue:
    return _doubts(round_)


@bp.post("/teller/paper/boxes/<int:box_id>/<int:position>")
@facts(layout=Layout.PHONE, refusals=Refusals.WITHOUT_WORDS)
@allow(P.PAPER_DECIDE, box=box_contents.get_box)
def decide(box: PaperBox, position: int) -> ResponseReturnValue:
    form = forms.PaperDecisionForm()
    choice, typed = form.choice.data or "", form.typed.data or ""
    if form.accepts(lambda: keying.decide(box, position, choice, typed, **_act())):
        return done(f"第 {box.number} 号票箱第 {position} 张已核定", "paper.doubts", round_id=box.round_id)
    return _doubts(box.round, (box.id, position), form), form.status
