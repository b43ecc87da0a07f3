"""Sessions: the list, one session with its rounds, setting it up, starting and ending it."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.meeting.sessions import SessionForm
from votes.models import CongressSession as Session, Round
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.permissions import Permission as P
from votes.rules.projects.projects import coming_year
from votes.services.meeting import cards, openings, rounds, sessions
from votes.services.voting import ballots, further, paper_ballots
from votes.views.meeting.rounds import machine_of
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.pages import done
from votes.web.tables import Column, Table

bp = Pages("sessions", __name__, Layout.OFFICE, audit="sessions", url_prefix="/office/sessions")


SESSIONS = Table(
    "sessions",
    title="会议与票决",
    empty="还没有会议。先点击右上角“新建会议”，填写届次、日期和地点；候选项目列入票决后，就可以在会议里设立票决。",
    page="sessions.index",
    columns=[
        Column("会议", cell="title"),
        Column("日期", cell="days"),
        Column("地点", lambda row: row.place),
        Column("状态", lambda row: row.state, "state"),
        Column("票决", cell="rounds"),
    ],
)
CANDIDATES = Table(
    "candidates-of-a-session",
    title="{year}年候选名单",
    empty="没有待票决的候选项目。已票决的项目见各轮票决。",
    columns=[
        Column("编号", lambda row: row.number, "count"),
        Column("项目名称", lambda row: row.name),
        Column("类别", lambda row: row.category),
        Column("总投资（万元）", lambda row: row.total_investment, "money"),
    ],
)


@bp.get("/")
@menu_item(Group.YEAR, 50, "会议与票决")
@allow(P.SESSION_READ)
def index() -> ResponseReturnValue:
    return render_template("meeting/sessions/index.html", listing=SESSIONS.of(sessions.all_sessions()))


@bp.route("/new", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE)
def new() -> ResponseReturnValue:
    form = SessionForm(year=coming_year(today()))
    hashed = {"hash_name": current_app.config["HASH_ALGORITHM"]}
    if form.accepts(lambda: sessions.create_session(**form.entry(), **hashed, by=me(), now=now())):
        words = "会议已建立，下一步：确定监票人、发放凭证、设立票决"
        return done(words, "sessions.show", session_id=form.outcome.id)
    return render_template("meeting/sessions/edit.html", form=form, session=None), form.status


@bp.route("/<int:session_id>/edit", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, session=sessions.get)
def edit(session: Session) -> ResponseReturnValue:
    form = SessionForm(obj=session)
    if form.accepts(lambda: sessions.edit_session(session, **form.entry(), by=me(), now=now())):
        return done("会议信息已保存", "sessions.show", session_id=session.id)
    return render_template("meeting/sessions/edit.html", form=form, session=session), form.status


@bp.get("/<int:session_id>")
@allow(P.SESSION_READ, session=sessions.get)
def show(session: Session) -> ResponseReturnValue:
    heads = sessions.headcount(session)
    ready = _ready(session, heads)
    return render_template(
        "meeting/sessions/show.html",
        session=session,
        **heads._asdict(),
        listing=CANDIDATES.of(rounds.listed_projects(session.year), year=session.year),
        cards_issued=len(cards.active(session)),
        needed=rounds.quorum(session, heads.roster),
        questions=further.questions(session),
        motions=session.motions,
        turnout=_turnout(session),
        ready=ready,
        **machine_of(ready),
    )


def _turnout(session: Session) -> dict[int, tuple[int, int, int | None]]:
    """Return round id → ballots issued, ballots returned and papers handed out, for the open rounds."""
    open_rounds = [round_ for round_ in session.rounds if round_.state == RoundState.OPENED]
    return {round_.id: (*ballots.counts(round_.id), paper_ballots.out(round_)) for round_ in open_rounds}


def _ready(session: Session, heads: sessions.Headcount) -> list[Round]:
    """Return the rounds that could be opened in one act; none where there is only one."""
    if session.state != SessionState.RUNNING:
        return []
    drafts = [r for r in session.rounds if r.state == RoundState.DRAFT and not r.rehearsal]
    figures = {"roster": heads.roster, "present": heads.present}
    ready = [round_ for round_ in drafts if not openings.obstacle(round_, **figures, now=now())]
    return ready if len(ready) > 1 else []


@bp.post("/<int:session_id>/<any(start, end):action>")
@allow(P.SESSION_MANAGE, session=sessions.get)
def move(session: Session, action: str) -> ResponseReturnValue:
    sessions.move(session, action, by=me(), now=now())
    words = "会议已开始，可以签到" if action == "start" else "会议已闭会"
    return done(words, "sessions.show", session_id=session.id)
