"""Setting up a round and changing it in preparation: its rule (票决办法) and which projects stand."""

from dataclasses import replace
from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import local, now
from votes.forms.meeting.rounds import RoundForm, rule_fields
from votes.models import CongressSession as Session, Project, Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.meeting.rule import Rule
from votes.rules.permissions import Permission as P
from votes.rules.projects.projects import usual_seats
from votes.services.meeting import rounds, sessions
from votes.services.people import bodies
from votes.views.meeting.rounds import bp
from votes.web.access import allow
from votes.web.identity import me
from votes.web.pages import done


@bp.route("/sessions/<int:session_id>/rounds/new", methods=["GET", "POST"])
@allow(P.SESSION_MANAGE, session=sessions.get)
def new(session: Session) -> ResponseReturnValue:
    form, base = _form(session, None)

    def create() -> Round:
        fixed = {"rehearsal": form.rehearsal.data, "hash_name": current_app.config["HASH_ALGORITHM"]}
        return rounds.create_round(session, **form.values(base), **fixed, by=me(), now=now())

    if form.accepts(create):
        return done("票决已设立，请核对票决办法要点", "rounds.show", round_id=form.outcome.id)
    return _page(form, base, session, None)


@bp.route("/rounds/<int:round_id>/edit", methods=["GET", "POST"])
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def edit(round_: Round) -> ResponseReturnValue:
    if round_.state != RoundState.DRAFT:
        raise RuleBroken("本轮票决已经开启或结束，票决办法和候选名单不能再改。")
    form, base = _form(round_.session, round_)
    ids = [candidate.project_id for candidate in round_.candidates]
    if form.accepts(lambda: rounds.edit_round(round_, **form.values(base, ids), by=me(), now=now())):
        return done("票决办法已保存", "rounds.show", round_id=round_.id)
    return _page(form, base, round_.session, round_)


def _page(form: RoundForm, base: Rule, session: Session, round_: Round | None) -> ResponseReturnValue:
    context = {"form": form, "session": session, "round": round_, "kind": _kind(round_), "base": base}
    return render_template("meeting/rounds/edit.html", **context), form.status


def _kind(round_: Round | None) -> str:
    """Return the kind of question: a vote on candidates, a rating of earlier years' projects, or a further round."""
    if round_ is None:
        return "rating" if request.args.get("kind") == "rating" else "vote"
    if round_.parent_id is not None:
        return "further"
    return "rating" if rounds.rule_of(round_).method == "rating" else "vote"


def _form(session: Session, round_: Round | None) -> tuple[RoundForm, Rule]:
    """Return the form, filled in unless the request has sent it, and the rule that it starts from."""
    kind = _kind(round_)
    projects = _projects(session, kind)
    base = rounds.rule_of(round_) if round_ else _first_rule(session, kind, len(projects))
    data: dict[str, Any] = {}
    if request.method != "POST":
        data = rule_fields(base) | (_shown(round_) if round_ else _suggested(session, kind, projects))
    form = RoundForm(data=data).narrow(kind, bodies.organ_of(session.body))
    if kind != "further":
        form.projects.choices = [_choice(project, kind) for project in projects]
    return form, base


def _choice(project: Project, kind: str) -> tuple[int, str]:
    year = f"{project.year}年　" if kind == "rating" else ""
    return project.id, f"{year}{project.number or ''}　{project.name}"


def _projects(session: Session, kind: str) -> list[Project]:
    """Return the projects to choose from."""
    if kind == "further":
        return []
    return (rounds.rateable_projects if kind == "rating" else rounds.listed_projects)(session.year)


def _first_rule(session: Session, kind: str, candidates: int) -> Rule:
    rule = bodies.default_rule(session.body, usual_seats(candidates) or 1)
    return replace(rule, method="rating", seats=0, overvote="void_ballot") if kind == "rating" else rule


def _suggested(session: Session, kind: str, projects: list[Project]) -> dict[str, Any]:
    """Return a title, a colour, and the projects: the whole list, or those of the latest year to rate."""
    title = f"{session.year}年民生实事项目票决"
    if kind == "rating":
        latest = projects[0].year if projects else session.year - 1
        title, projects = f"{latest}年民生实事项目满意度测评", [p for p in projects if p.year == latest]
    return {"title": title, "colour": rounds.free_colour(session), "projects": [p.id for p in projects]}


def _shown(round_: Round) -> dict[str, Any]:
    """Return what the form shows of a round besides its rule."""
    closes_at = local(round_.closes_at) if round_.closes_at else None
    projects = [candidate.project_id for candidate in round_.candidates]
    return {"title": round_.title, "colour": round_.colour, "closes_at": closes_at, "projects": projects}
