"""举手表决: decisions by show of hands, entered as numbers, listed and printed."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.meeting.motions import MotionForm
from votes.models import CongressSession as Session, Motion
from votes.rules.permissions import Permission as P
from votes.services.meeting import motions, sessions
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import done, download_paper

bp = Pages("motions", __name__, Layout.OFFICE, within="sessions", audit="sessions", url_prefix="/office")


@bp.get("/sessions/<int:session_id>/motions")
@allow(P.SESSION_READ, session=sessions.get)
def index(session: Session) -> ResponseReturnValue:
    return render_template("meeting/motions/index.html", session=session, motions=motions.of_session(session))


@bp.route("/sessions/<int:session_id>/motions/new", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, session=sessions.get)
def new(session: Session) -> ResponseReturnValue:
    roster, present, _ = sessions.headcount(session)
    day = min(max(today(), session.starts_on), session.ends_on)
    form = MotionForm(roster=roster, present=present, votes_against=0, abstentions=0, decided_on=day)
    if form.accepts(lambda: motions.record(session, **form.values, by=me(), now=now())):
        return _done("已登记", session, form.outcome)
    return render_template(
        "meeting/motions/edit.html",
        form=form,
        session=session,
        motion=None,
        titles=motions.usual_titles(session),
    ), form.status


@bp.route("/motions/<int:motion_id>", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, motion=motions.get)
def edit(motion: Motion) -> ResponseReturnValue:
    session = sessions.get(motion.session_id)
    assert session is not None
    form = MotionForm(obj=motion)
    if form.accepts(lambda: motions.correct(motion, **form.values, by=me(), now=now())):
        return _done("已更正", session, motion)
    return render_template(
        "meeting/motions/edit.html",
        form=form,
        session=session,
        motion=motion,
        titles=motions.usual_titles(session),
    ), form.status


@bp.get("/sessions/<int:session_id>/motions.<any(pdf, docx):kind>")
@allow(P.SESSION_READ, session=sessions.get)
def paper(session: Session, kind: str) -> ResponseReturnValue:
    return download_paper(motions.paper(session), f"举手表决结果-{session.title}", kind)


def _done(word: str, session: Session, motion: Motion) -> ResponseReturnValue:
    if warning := motions.quorum_warning(session, motion):
        flash(warning, "warning")
    outcome = "通过" if motion.passed else "未通过"
    return done(f"{word}：{motion.title}，{outcome}", "motions.index", session_id=session.id)
