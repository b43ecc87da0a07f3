"""Setting up a round and changing it in preparation: its rule (票决办法) and which projects stand."""

from dataclasses import replace
from datetime import UTC
from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import SHANGHAI, local, now
from votes.forms.meeting.rounds import RoundForm
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
    if form.accepts(lambda: rounds.create_round(session, **_new_values(form, base), by=me(), now=now())):
        return done("票决已设立，请核对票决办法要点", "rounds.show", round_id=form.outcome.id)
    return _page(form, base, session, None)


@bp.route("/rounds/<int:round_id>/edit", methods=["GET", "POST"])
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def edit(round_: Round) -> ResponseReturnValue:
    if round_.state != RoundState.DRAFT:
        raise RuleBroken("本轮票决已经开启或结束，票决办法和候选名单不能再改。")
    form, base = _form(round_.session, round_)
    if form.accepts(lambda: rounds.edit_round(round_, **_values(form, base, round_), by=me(), now=now())):
        return done("票决办法已保存", "rounds.show", round_id=round_.id)
    return _page(form, base, round_.session, round_)


def _page(form: RoundForm, base: Rule, session: Session, round_: Round | None) -> ResponseReturnValue:
    page = render_template(
        "meeting/rounds/edit.html", form=form, session=session, round=round_, kind=_kind(round_), base=base
    )
    return page, form.status


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
    form, projects = RoundForm().narrow(kind, bodies.organ_of(session.body)), _projects(session, kind)
    if kind != "further":
        years = {p.id: f"{p.year}年　" if kind == "rating" else "" for p in projects}
        form.projects.choices = [(p.id, f"{years[p.id]}{p.number or ''}　{p.name}") for p in projects]
    base = rounds.rule_of(round_) if round_ else _first_rule(session, kind, len(projects))
    if not form.is_submitted():
        form.fill(base)
        if round_ is None:
            _fill_new(form, session, kind, projects)
        else:
            _fill_old(form, round_)
    return form, base


def _projects(session: Session, kind: str) -> list[Project]:
    """Return the projects to choose from."""
    if kind == "further":
        return []
    return (
        rounds.rateable_projects(session.year) if kind == "rating" else rounds.listed_projects(session.year)
    )


def _first_rule(session: Session, kind: str, candidates: int) -> Rule:
    rule = bodies.default_rule(session.body, usual_seats(candidates) or 1)
    return replace(rule, method="rating", seats=0, overvote="void_ballot") if kind == "rating" else rule


def _fill_new(form: RoundForm, session: Session, kind: str, projects: list[Project]) -> None:
    """Suggest a title, a colour, and the projects: the whole list, or those of the latest year to rate."""
    if kind == "rating":
        latest = projects[0].year if projects else session.year - 1
        form.title.data = f"{latest}年民生实事项目满意度测评"
        projects = [p for p in projects if p.year == latest]
    else:
        form.title.data = f"{session.year}年民生实事项目票决"
    form.projects.data, form.colour.data = [p.id for p in projects], rounds.free_colour(session)


def _fill_old(form: RoundForm, round_: Round) -> None:
    form.title.data, form.colour.data = round_.title, round_.colour
    form.closes_at.data = local(round_.closes_at).replace(tzinfo=None) if round_.closes_at else None
    if "projects" in form:
        form.projects.data = [c.project_id for c in round_.candidates]


def _new_values(form: RoundForm, base: Rule) -> dict[str, Any]:
    """Return what was entered for a new round, with what stays the same from then on."""
    fixed = {"rehearsal": form.rehearsal.data, "hash_name": current_app.config["HASH_ALGORITHM"]}
    return {**_values(form, base, None), **fixed}


def _values(form: RoundForm, base: Rule, round_: Round | None) -> dict[str, Any]:
    """Return what was entered, as the services take it; the projects in the order of the list."""
    closes = form.closes_at.data
    if "projects" in form:
        ids = [value for value, _ in form.projects.choices if value in (form.projects.data or [])]
    else:
        ids = [c.project_id for c in round_.candidates] if round_ else []
    return {
        "title": form.title.data,
        "rule": form.rule(base),
        "project_ids": ids,
        "colour": form.colour.data,
        "closes_at": closes.replace(tzinfo=SHANGHAI).astimezone(UTC) if closes else None,
    }
