"""The service desk (服务台): one page for the day. Every act is a POST that comes back to the same search."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import local, now
from votes.exports.formats import qr, xlsx
from votes.forms.base import ActionForm
from votes.models import CongressSession as Session
from votes.rules.codes import plain, scanned_token
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.services.meeting import cards, checkin, rounds, sessions
from votes.services.voting import ballots, paper_ballots
from votes.web import sign_in
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import XLSX, done, download
from votes.web.transaction import reading, refuse
from votes.web.words.labels import label

bp = Pages(
    "desk",
    __name__,
    Layout.OFFICE,
    within="sessions",
    camera=True,
    audit="sessions",
    url_prefix="/office/sessions/<int:session_id>/desk",
)

STATES = {"absent": "未到", "present": "已签到", "late": "补签", "leave": "请假", "left": "早退"}
#: What the address of the desk holds: whom one was looking for, and who is open.
ASKED = ("q", "delegation", "state", "deputy")
MOST_BYTES = 15 * 1024 * 1024  # a photo as phones take it; a frame of the camera is some 50 kB


def _asked() -> dict[str, str]:
    return {name: request.values[name] for name in ASKED if request.values.get(name)}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _rows(session: Session) -> list[checkin.DeskRow]:
    asked = _asked()
    state = asked.get("state", "")
    return checkin.desk(
        session,
        q=asked.get("q", ""),
        delegation_id=_number(asked.get("delegation")),
        state=state if state in STATES else "",
    )


def _page(session: Session, refused: RuleBroken | None = None, at: str = "") -> ResponseReturnValue:
    """The desk; ``refused``: what could not be done, said beside what was typed (``at`` says where)."""
    asked, rows, figures = _asked(), _rows(session), sessions.figures(session)
    deputy_id = _number(asked.get("deputy"))
    if deputy_id is None and asked.get("q") and len(rows) == 1:
        deputy_id = rows[0].deputy.id
    page = render_template(
        "meeting/desk/show.html",
        session=session,
        running=checkin.under_way(session),
        asked=asked,
        rows=rows,
        panel=checkin.panel(session, deputy_id) if deputy_id else None,
        figures=figures,
        needed=rounds.quorum(session, figures.roster),
        delegations=checkin.delegations(),
        open_rounds=checkin.open_rounds(session),
        states=STATES,
        form=ActionForm(),
        refused=refused,
        at=at,
        typed=request.form if refused else {},
    )
    return page, refused.status if refused else 200


def _act(
    session: Session, act: Callable[[], str], at: str, more: Mapping[str, Any] | None = None
) -> ResponseReturnValue:
    """Do it and come back to the same search (and to ``more``), or say beside the field why not."""
    try:
        word = act()
    except RuleBroken as broken:
        refuse(broken)
        return _page(session, broken, at)
    return done(word, "desk.show", session_id=session.id, **{**_asked(), **(more or {})})


@bp.get("")
@allow(P.CHECKIN_DESK, session=sessions.get)
def show(session: Session) -> ResponseReturnValue:
    return _page(session)


# --- finding: by typing, by a scanner that types, by the camera ---------------------------------------


@bp.post("/find")
@reading
@allow(P.CHECKIN_DESK, "服务台查找、扫码", session=sessions.get)
def find(session: Session) -> ResponseReturnValue:
    """What was typed or scanned. A card's secret does not stand in an address: that is why this is a POST."""
    return _found(session, request.form.get("q", ""))


@bp.post("/scan")
@reading
@allow(P.CHECKIN_DESK, "服务台识别照片", session=sessions.get)
def scan(session: Session) -> ResponseReturnValue:
    """A picture of a card: a frame of the camera (answered with its text) or a photo. Nothing is kept."""
    texts = _read(request.files.get("picture"))
    token = next(filter(None, map(scanned_token, texts)), None)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(text=token or next(iter(texts), ""))
    if not texts:
        raise RuleBroken("照片上没有找到二维码。请让二维码占满画面的一半以上，对焦清楚后再拍。", status=422)
    return _found(session, token or texts[0])


def _read(file: Any) -> list[str]:
    data = file.stream.read(MOST_BYTES + 1) if file else b""
    if not data:
        raise RuleBroken("请先选择照片。", status=422)
    if len(data) > MOST_BYTES:
        raise RuleBroken("照片太大，请用 15 MB 以内的照片。", status=413)
    try:
        return qr.read(data)
    except qr.NoPicture as error:
        raise RuleBroken("这不是能读取的照片。请选择 JPG、PNG 或 WebP 照片。", status=422) from error


def _found(session: Session, text: str) -> ResponseReturnValue:
    """Open the card's holder; else list who fits the words (the page opens the only one)."""
    token = scanned_token(text)
    if token is not None:
        card = cards.scanned(session, token)
        if card.voided_at is not None:
            reason = f"（{card.void_reason}）" if card.void_reason else ""
            flash(
                f"扫到的凭证已经作废{reason}，不能使用。持证人：{card.deputy.name}。请核对本人，换用新凭证。",
                "danger",
            )
        return redirect(url_for("desk.show", session_id=session.id, deputy=card.deputy_id), 303)
    text = plain(text)
    if "://" in text:
        raise RuleBroken("这个二维码不是票决凭证，请扫凭证上的二维码。", status=422)
    return redirect(url_for("desk.show", session_id=session.id, q=text[:60] or None), 303)


# --- acts about one deputy ----------------------------------------------------------------------------


@bp.post("/<int:deputy_id>/<any(present, leave, left, undo):act>")
@allow(P.CHECKIN_DESK, "服务台签到、请假、早退", session=sessions.get)
def act(session: Session, deputy_id: int, act: str) -> ResponseReturnValue:
    by, reason = me(), request.form.get("reason", "")[:200]

    def work() -> str:
        if act == "present":
            checkin.check_in(session, deputy_id, by=by, now=now())
        elif act == "leave":
            checkin.record_leave(session, deputy_id, reason, by=by, now=now())
        elif act == "left":
            checkin.leave_early(session, deputy_id, reason, by=by, now=now())
        else:
            checkin.undo(session, deputy_id, by=by, now=now())
        return {"present": "已签到", "leave": "已登记请假", "left": "已登记早退", "undo": "已撤销"}[act]

    return _act(session, work, act)


@bp.post("/<int:deputy_id>/paper/<int:round_id>/<any(out, back):act>")
@allow(P.CHECKIN_DESK, "发给、收回纸质票", session=sessions.get)
def hand(session: Session, deputy_id: int, round_id: int, act: str) -> ResponseReturnValue:
    """A paper ballot out of the desk's hand, or back into it."""

    def work() -> str:
        round_ = rounds.get_round(round_id)
        if round_ is None or round_.session_id != session.id:
            raise RuleBroken("没有找到这一轮票决，请刷新后再办理。", status=404)
        (paper_ballots.hand_out if act == "out" else paper_ballots.take_back)(
            round_, deputy_id, by=me(), now=now()
        )
        return (
            f"已发给纸质票，该{organ().member}的手机不能再投本轮"
            if act == "out"
            else "已收回纸质票，可以改用手机投票"
        )

    return _act(session, work, f"paper-{round_id}")


@bp.post("/<int:deputy_id>/card")
@allow(P.CARD_ISSUE, "服务台补发凭证", session=sessions.get)
def card(session: Session, deputy_id: int) -> ResponseReturnValue:
    """Void the card and issue another, or issue the first one; the page that follows prints it at once."""
    key, more = str(current_app.config["SECRET_KEY"]), {}

    def work() -> str:
        valid = cards.valid(session, deputy_id)
        if valid is None:
            more["print"] = cards.issue(session, deputy_id, key=key, by=me(), now=now()).id
            return "凭证已发放，请打印交给本人"
        reason = request.form.get("reason", "")[:200]
        more["print"] = cards.reissue(valid, reason=reason, key=key, by=me(), now=now()).id
        return f"{valid.deputy.name}的原凭证已作废，立即生效；新凭证已发放，请打印交给本人"

    return _act(session, work, "card", more)


@bp.post("/<int:deputy_id>/pair")
@allow(P.CHECKIN_DESK, "pairing.confirm", session=sessions.get)
def pair(session: Session, deputy_id: int) -> ResponseReturnValue:
    """The six figures on the deputy's phone."""
    key = str(current_app.config["SECRET_KEY"])

    def work() -> str:
        name = sign_in.pair(session, deputy_id, request.form.get("code", ""), key)
        return f"已确认，请{name}{organ().address}在手机上点击“进入”"

    return _act(session, work, "pair")


# --- lists ---------------------------------------------------------------------------------------------


@bp.route("/register", methods=["GET", "POST"])
@allow(P.CHECKIN_DESK, "按签到册签到", session=sessions.get)
def register(session: Session) -> ResponseReturnValue:
    """A delegation's paper register, ticked off at once."""
    form, delegations = ActionForm(), checkin.delegations()
    chosen = _number(request.values.get("delegation")) or (delegations[0].id if delegations else None)
    ticked = [n for n in map(_number, request.form.getlist("deputy")) if n]

    def work() -> int:
        if not ticked:
            raise RuleBroken(organ().speak("还没有勾选代表。"), status=422)
        return checkin.check_in_all(session, ticked, by=me(), now=now())

    if form.accepts(work):
        return done(
            f"已为 {form.outcome} 位{organ().member}签到",
            "desk.register",
            session_id=session.id,
            delegation=chosen,
        )
    page = render_template(
        "meeting/desk/register.html",
        session=session,
        form=form,
        rows=checkin.desk(session, delegation_id=chosen) if chosen else [],
        delegations=delegations,
        chosen=chosen,
        ticked=set(ticked),
        running=checkin.under_way(session),
        open_rounds=checkin.open_rounds(session),
    )
    return page, form.status


@bp.get("/not-voted")
@allow(P.CHECKIN_DESK, session=sessions.get)
def not_voted(session: Session) -> ResponseReturnValue:
    """Who has not voted yet: names for the office, only while a box is open."""
    delegation = request.args.get("delegation", "")
    rounds = [(round_, ballots.not_voted(round_)) for round_ in checkin.open_rounds(session)]
    return render_template(
        "meeting/desk/not_voted.html",
        session=session,
        rounds=[(r, [row for row in rows if delegation in ("", row[2])]) for r, rows in rounds],
        names=sorted({row[2] for _, rows in rounds for row in rows}),
        chosen=delegation,
    )


@bp.get("/attendance.xlsx")
@allow(P.CHECKIN_DESK, session=sessions.get)
def export(session: Session) -> ResponseReturnValue:
    """签到名单 as the list shows it."""
    columns = [
        xlsx.Column(*c)
        for c in (
            (organ().group, 18), (organ().number, 12), ("姓名", 14), ("状态", 10), ("时间", 18), ("方式", 10), ("事由", 30), ("经办人", 14),
        )
    ]  # fmt: skip
    title = f"{session.title}签到名单"
    return download(xlsx.write(title, columns, map(_line, _rows(session))), f"{title}.xlsx", XLSX)


def _line(row: checkin.DeskRow) -> list[str]:
    who = [row.delegation, row.deputy.number, row.deputy.name]
    noted = row.attendance
    if noted is None:
        return [*who, "未到", "", "", "", ""]
    how = "补签" if row.late else {"self": "本人签到", "desk": "服务台"}.get(noted.how, noted.how)
    at = f"{local(noted.at):%Y-%m-%d %H:%M}"
    return [*who, label(noted.state).word, at, how, noted.reason, noted.recorded_by]
