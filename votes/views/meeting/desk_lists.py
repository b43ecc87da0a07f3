"""Lists of the service desk: a register on paper, who has not voted, the attendance as a workbook."""

from collections.abc import Callable
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import local, now
from votes.forms.base import ActionForm
from votes.models import CongressSession as Session
from votes.rules.errors import RuleBroken
from votes.rules.meeting.consents import ConsentAct
from votes.rules.permissions import Permission as P
from votes.services.meeting import checkin, consents, desk, sessions
from votes.services.people import delegations
from votes.services.voting import ballots
from votes.views.meeting.desk import ASKED, bp, rows
from votes.web.access import allow
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import done, number
from votes.web.tables import Column, Table
from votes.web.words.labels import label

_WAYS = {"self": "本人签到", "desk": "服务台"}


def _if_known(value: Callable[[Any], str]) -> Callable[[Any], str]:
    """Return ``value`` of a row, empty for a deputy without an attendance."""
    return lambda row: value(row) if row.attendance else ""


ATTENDANCE = Table(
    "attendance",
    title="{session}签到名单",
    empty="没有符合条件的代表。",
    export="desk.export",
    spoken=True,
    columns=[
        Column("代表团", lambda row: row.delegation, width=18),
        Column("代表证号", lambda row: row.deputy.number, width=12),
        Column("姓名", lambda row: row.deputy.name, width=14),
        Column("状态", lambda row: label(row.attendance.state).word if row.attendance else "未到", width=10),
        Column("时间", _if_known(lambda row: f"{local(row.attendance.at):%Y-%m-%d %H:%M}"), width=18),
        Column("方式", _if_known(lambda row: "补签" if row.late else _WAYS[row.attendance.how]), width=10),
        Column("事由", _if_known(lambda row: row.attendance.reason), width=30),
        Column("经办人", _if_known(lambda row: row.attendance.recorded_by), width=14),
    ],
)


@bp.get("/attendance.xlsx")
@allow(P.CHECKIN_DESK, session=sessions.get)
def export(session: Session) -> Response:
    """Return 签到名单 as the desk lists it."""
    return ATTENDANCE.of(rows(session), session=session.title).download()


@bp.route("/register", methods=["GET", "POST"])
@allow(P.CHECKIN_DESK, "按签到册签到", session=sessions.get)
def register(session: Session) -> ResponseReturnValue:
    """Sign in the deputies who are ticked off from a delegation's register on paper."""
    form, chosen = ActionForm(), _chosen_delegation()
    ticked = [deputy_id for deputy_id in map(number, request.form.getlist("deputy")) if deputy_id]

    then: dict[str, int] = {}
    if form.accepts(lambda: _sign_in(session, ticked, then)):
        return done(form.outcome, "desk.register", session_id=session.id, delegation=chosen, **then)
    return _register_page(session, form, chosen, ticked)


def _sign_in(session: Session, ticked: list[int], then: dict[str, int]) -> str:
    """Sign them in, or ask the tellers where a round is open and more than one person is to be signed in."""
    if not ticked:
        raise RuleBroken(organ().speak("还没有勾选代表。"), status=422)
    if len(ticked) > 1 and not consents.covered(session, ConsentAct.SIGN_IN, ticked, now=now()):
        reason = f"按签到册签到 {len(ticked)} 人"
        asked = consents.ask(session, ConsentAct.SIGN_IN, ticked, reason=reason, by=me(), now=now())
        then["consent"] = asked.id
        return ASKED
    signed_in = checkin.check_in_all(session, ticked, by=me(), now=now())
    return f"已为 {signed_in} 位{organ().member}签到"


def _chosen_delegation() -> int | None:
    return number(request.values.get("delegation")) or next(
        (each.id for each in delegations.all_delegations()), None
    )


def _register_page(
    session: Session, form: ActionForm, chosen: int | None, ticked: list[int]
) -> ResponseReturnValue:
    page = render_template(
        "meeting/desk/register.html",
        session=session,
        form=form,
        rows=desk.rows(session, delegation_id=chosen) if chosen else [],
        delegations=delegations.all_delegations(),
        chosen=chosen,
        ticked=set(ticked),
        running=checkin.under_way(session),
        open_rounds=desk.open_rounds(session),
        consents=consents.of_batches(session, now()),
    )
    return page, form.status


@bp.get("/not-voted")
@allow(P.CHECKIN_DESK, session=sessions.get)
def not_voted(session: Session) -> ResponseReturnValue:
    """List who has not voted yet: names for the office, only while a box is open."""
    chosen = request.args.get("delegation", "")
    rounds = [(round_, ballots.not_voted(round_)) for round_ in desk.open_rounds(session)]
    names = sorted({row[2] for _, rows in rounds for row in rows})
    rounds = [(round_, [row for row in rows if chosen in ("", row[2])]) for round_, rows in rounds]
    context = {"session": session, "rounds": rounds, "names": names, "chosen": chosen}
    return render_template("meeting/desk/not_voted.html", **context)
