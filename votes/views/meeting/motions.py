"""举手表决: decisions by show of hands, which are entered as numbers, listed and printed."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.meeting.motions import MotionForm
from votes.models import CongressSession as Session, Motion
from votes.rules.lifecycle import open_actions
from votes.rules.permissions import Permission as P, may
from votes.services.meeting import motions, sessions
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import done, download_paper
from votes.web.tables import Column, Table

bp = Pages("motions", __name__, Layout.OFFICE, within="sessions", audit="sessions", url_prefix="/office")

MOTIONS = Table(
    "motions",
    title="举手表决",
    empty="没有登记举手表决的结果。",
    columns=[
        Column("表决事项", cell="title"),
        Column("日期", lambda row: row.decided_on, "day", css="text-nowrap"),
        Column("应到", lambda row: row.roster, "count"),
        Column("实到", lambda row: row.present, "count"),
        Column("赞成", kind="count", cell="votes_for"),
        Column("反对", lambda row: row.votes_against, "count"),
        Column("弃权", lambda row: row.abstentions, "count"),
        Column("未表决", lambda row: motions.hands(row).not_voting, "count"),
        Column("结果", cell="outcome"),
        Column("办理", cell="acts", css="text-nowrap", head_hidden=True),
    ],
)


@bp.get("/sessions/<int:session_id>/motions")
@allow(P.SESSION_READ, session=sessions.get)
def index(session: Session) -> ResponseReturnValue:
    changes = may(me(), P.SESSION_MANAGE, session) and "end" in open_actions(session.state)
    listing = MOTIONS.of(motions.of_session(session), without=() if changes else ("办理",))
    return render_template("meeting/motions/index.html", session=session, listing=listing, changes=changes)


@bp.route("/sessions/<int:session_id>/motions/new", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, session=sessions.get)
def new(session: Session) -> ResponseReturnValue:
    heads = sessions.headcount(session)
    day = min(max(today(), session.starts_on), session.ends_on)
    form = MotionForm(
        roster=heads.roster, present=heads.present, votes_against=0, abstentions=0, decided_on=day
    )
    if form.accepts(lambda: motions.record(session, **form.entry(), by=me(), now=now())):
        return _done("已登记", session, form.outcome)
    return _page(form, session)


@bp.route("/motions/<int:motion_id>", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, motion=motions.get)
def edit(motion: Motion) -> ResponseReturnValue:
    session, form = sessions.of(motion), MotionForm(obj=motion)
    if form.accepts(lambda: motions.correct(motion, **form.entry(), by=me(), now=now())):
        return _done("已更正", session, motion)
    return _page(form, session, motion)


def _page(form: MotionForm, session: Session, motion: Motion | None = None) -> ResponseReturnValue:
    titles = motions.usual_titles(session)
    page = render_template(
        "meeting/motions/edit.html", form=form, session=session, motion=motion, titles=titles
    )
    return page, form.status


@bp.get("/sessions/<int:session_id>/motions.<any(pdf, docx):kind>")
@allow(P.SESSION_READ, session=sessions.get)
def paper(session: Session, kind: str) -> ResponseReturnValue:
    return download_paper(motions.paper(session), f"举手表决结果-{session.title}", kind)


def _done(word: str, session: Session, motion: Motion) -> ResponseReturnValue:
    if warning := motions.quorum_warning(session, motion):
        flash(warning, "warning")
    outcome = "通过" if motion.passed else "未通过"
    return done(f"{word}：{motion.title}，{outcome}", "motions.index", session_id=session.id)
