"""The service desk (服务台): one page for the day. Each act is a POST that leads back to the same search."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.models import CongressSession as Session, Consent
from votes.rules.errors import RuleBroken
from votes.rules.meeting.consents import ConsentAct
from votes.rules.permissions import Permission as P
from votes.services.meeting import cards, checkin, consents, desk, rounds, sessions
from votes.services.people import delegations
from votes.services.voting import paper_ballots
from votes.web import card_sheets as issuing, sign_in
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import done, number
from votes.web.transaction import refuse

bp = Pages(
    "desk",
    __name__,
    Layout.OFFICE,
    within="sessions",
    camera=True,
    audit="sessions",
    url_prefix="/office/sessions/<int:session_id>/desk",
)

#: The acts on a deputy's attendance, and what the desk says of each when it is done.
ACTS: dict[str, tuple[Callable[..., Any], str]] = {
    "present": (checkin.check_in, "已签到"),
    "leave": (checkin.record_leave, "已登记请假"),
    "left": (checkin.leave_early, "已登记早退"),
    "undo": (checkin.undo, "已撤销"),
}
#: What the desk reads when the tellers have been asked.
ASKED = "已请监票人在手机上同意；同意后本页自动继续办理"
STATES = {"absent": "未到", "present": "已签到", "late": "补签", "leave": "请假", "left": "早退"}
#: The parameters of the desk's URL: the search, and the deputy whose panel is open.
PARAMETERS = ("q", "delegation", "state", "deputy")


def _parameters() -> dict[str, str]:
    return {name: request.values[name] for name in PARAMETERS if request.values.get(name)}


def rows(session: Session) -> list[desk.DeskRow]:
    """Return the deputies whom the request searches for."""
    parameters = _parameters()
    state = parameters["state"] if parameters.get("state") in STATES else ""
    return desk.rows(
        session, q=parameters.get("q", ""), delegation_id=number(parameters.get("delegation")), state=state
    )


@bp.get("")
@allow(P.CHECKIN_DESK, session=sessions.get)
def show(session: Session) -> ResponseReturnValue:
    return _page(session)


def _page(session: Session, refused: RuleBroken | None = None, at: str = "") -> ResponseReturnValue:
    """Show the desk; ``refused`` is said beside what was typed, in the form of the act ``at``."""
    heads = sessions.headcount(session)
    page = render_template(
        "meeting/desk/show.html",
        session=session,
        running=checkin.under_way(session),
        **_list(session),
        figures=heads,
        needed=rounds.quorum(session, heads.roster),
        delegations=delegations.all_delegations(),
        open_rounds=desk.open_rounds(session),
        printable={batch.id for batch in issuing.live(session)},
        states=STATES,
        refused=refused,
        at=at,
        typed=request.form if refused else {},
    )
    return page, refused.status if refused else 200


def _list(session: Session) -> dict[str, Any]:
    """Return the list, and the panel of the deputy who is chosen or the only one in it."""
    parameters, listed = _parameters(), rows(session)
    deputy_id = number(parameters.get("deputy"))
    if deputy_id is None and parameters.get("q") and len(listed) == 1:
        deputy_id = listed[0].deputy.id
    panel = desk.panel(session, deputy_id) if deputy_id else None
    waits = cards.waits(session.id, panel.deputy, now()) if panel else None
    asked = consents_of(session, [panel.deputy.id]) if panel else []
    return {"query": parameters, "rows": listed, "panel": panel, "waits": waits, "consents": asked}


def consents_of(session: Session, deputy_ids: list[int]) -> list[Consent]:
    """Return what the tellers have been asked about these deputies and have not been used up."""
    round_ = consents.formal_round(session)
    return consents.latest(round_, consents.subject_of(deputy_ids), now())


# --- acts about one deputy ----------------------------------------------------------------------------


def _act(
    session: Session, act: Callable[[], str], at: str, more: Mapping[str, Any] | None = None
) -> ResponseReturnValue:
    """Run ``act`` and return to the same search (with ``more``), or show its refusal beside the form."""
    try:
        words = act()
    except RuleBroken as broken:
        refuse(broken)
        return _page(session, broken, at)
    return done(words, "desk.show", session_id=session.id, **{**_parameters(), **(more or {})})


@bp.post("/<int:deputy_id>/<any(present, leave, left, undo):act>")
@allow(P.CHECKIN_DESK, "服务台签到、请假、早退", session=sessions.get)
def act(session: Session, deputy_id: int, act: str) -> ResponseReturnValue:
    run, words = ACTS[act]
    reason = {"reason": request.form.get("reason", "")[:200]} if act in ("leave", "left") else {}

    def work() -> str:
        run(session, deputy_id, **reason, by=me(), now=now())
        return words

    return _act(session, work, act)


@bp.post("/<int:deputy_id>/paper/<int:round_id>/<any(out, back):act>")
@allow(P.CHECKIN_DESK, "发给、收回纸质票", session=sessions.get)
def hand(session: Session, deputy_id: int, round_id: int, act: str) -> ResponseReturnValue:
    """Hand out a paper ballot, or take it back."""
    return _act(session, lambda: _hand(session, deputy_id, round_id, act), f"paper-{round_id}")


def _hand(session: Session, deputy_id: int, round_id: int, act: str) -> str:
    round_ = rounds.get_round(round_id)
    if round_ is None or round_.session_id != session.id:
        raise RuleBroken("没有找到这一轮票决，请刷新后再办理。", status=404)
    if act == "out":
        paper_ballots.hand_out(round_, deputy_id, by=me(), now=now())
        return f"已发给纸质票，该{organ().member}的手机不能再投本轮"
    paper_ballots.take_back(round_, deputy_id, by=me(), now=now())
    return "已收回纸质票，可以改用手机投票"


@bp.post("/<int:deputy_id>/card")
@allow(P.CARD_ISSUE, "服务台补发凭证", session=sessions.get)
def card(session: Session, deputy_id: int) -> ResponseReturnValue:
    """Void the card and issue another, or issue the first one; the page that follows prints it at once."""
    then: dict[str, int] = {}
    return _act(session, lambda: _issue(session, deputy_id, then), "card", then)


def _issue(session: Session, deputy_id: int, then: dict[str, int]) -> str:
    valid, reason = cards.valid(session, deputy_id), request.form.get("reason", "")[:200]
    act = ConsentAct.REISSUE if valid else ConsentAct.ISSUE
    why = reason.strip() if valid else "没有有效凭证"
    if why and not consents.covered(session, act, [deputy_id], now=now()):
        asked = consents.ask(session, act, [deputy_id], reason=why, by=me(), now=now())
        then["consent"] = asked.id
        return ASKED
    if valid is None:
        (new,) = issuing.issue(session, 1, cards.issue, session, deputy_id)
        words = "凭证已发放，请在十分钟内打印交给本人"
    else:
        (new,) = issuing.issue(session, 1, cards.reissue, valid, reason=reason)
        words = f"{valid.deputy.name}的原凭证已作废，立即生效；新凭证已发放，请在十分钟内打印交给本人"
    then["print"] = new.card.id
    return words


@bp.post("/<int:deputy_id>/unlock")
@allow(P.CHECKIN_DESK, "card.unlock", session=sessions.get)
def unlock(session: Session, deputy_id: int) -> ResponseReturnValue:
    """Let a deputy try again who typed a wrong PIN or a wrong code of the hall too often."""

    def work() -> str:
        deputy = sessions.in_office(deputy_id)
        if deputy is None:
            raise RuleBroken("名册上没有这位在任代表。", status=404)
        cards.unlock(session, deputy, by=me(), now=now())
        return "已解除等待，可以再试"

    return _act(session, work, "unlock")


@bp.post("/<int:deputy_id>/pair")
@allow(P.CHECKIN_DESK, "pairing.confirm", session=sessions.get)
def pair(session: Session, deputy_id: int) -> ResponseReturnValue:
    """Confirm the six digits on the deputy's phone."""
    then: dict[str, int] = {}

    def work() -> str:
        code = request.form.get("code", "")
        paired = sign_in.pair(session, deputy_id, code, issuing.server_key())
        if isinstance(paired, Consent):
            then["consent"] = paired.id
            return ASKED
        return f"已确认，请{paired}{organ().address}在手机上点击“进入”"

    return _act(session, work, "pair", then)


@bp.get("/consents/<int:consent_id>.json")
@allow(P.CHECKIN_DESK, session=sessions.get)
def consent(session: Session, consent_id: int) -> ResponseReturnValue:
    """Tell the waiting page what the tellers have answered so far."""
    asked = consents.get(consent_id)
    if asked is None or asked.session_id != session.id:
        abort(404)
    return jsonify(state=asked.state.value)
