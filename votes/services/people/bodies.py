"""Congresses, and the settings that a place decides for itself."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select

from votes.db import db, flush_or
from votes.models import Body, Project
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule, check as check_rule
from votes.rules.people import organs
from votes.rules.people.actor import Actor
from votes.rules.people.roles import BodyKind, Role
from votes.rules.projects.projects import GATES, Gate, ProjectState
from votes.services import audit
from votes.services.people.identity import body_ids_below


def get_body(body_id: int) -> Body | None:
    """Return the body with an id."""
    return db.session.get(Body, body_id)


def of(row: Any) -> Body:
    """Return the body that a row belongs to."""
    return db.session.get_one(Body, row.body_id)


def by_code(code: str) -> Body | None:
    """Return the body that has ``code`` in the URLs of its public pages."""
    body: Body | None = db.session.scalar(select(Body).where(Body.code == code))
    return body


def all_bodies() -> list[Body]:
    """Return every body, each followed by those below it, else in the order in which they were set up."""
    rows = list(db.session.scalars(select(Body).order_by(Body.id)))

    def below(parent_id: int | None) -> list[Body]:
        return [b for top in rows if top.parent_id == parent_id for b in (top, *below(top.id))]

    return below(None)


def children(body: Body) -> list[Body]:
    """Return the bodies right below one, in the order in which they were set up."""
    return list(db.session.scalars(select(Body).where(Body.parent_id == body.id).order_by(Body.id)))


def viewable(by: Actor) -> list[Body]:
    """Return the bodies that ``by`` may look at: their own, a leader also those below, the administrator all."""
    if Role.SYSADMIN in by.roles:
        return all_bodies()
    home = by.home_body_id
    if home is None:
        return []
    ids = body_ids_below(home) if Role.LEADER in by.roles else [home]
    return [b for b in all_bodies() if b.id in ids]


def create_body(
    *,
    code: str,
    name: str,
    place: str,
    kind: BodyKind,
    by: Actor,
    now: datetime,
    parent_id: int | None = None,
    is_demo: bool = False,
) -> Body:
    """Set up a congress, a county's standing committee or a street's assembly.

    Raises RuleBroken for a code that is taken or cannot be one, for a taken name, and for a wrong place in the tree.
    """
    code = code.strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,29}", code):
        words = "代码由 2 至 30 个小写字母、数字或连字符组成，以字母开头。"
        raise RuleBroken(words, field="code", status=422)
    parent = get_body(parent_id) if parent_id else None
    _check_place_in_tree(kind, parent)
    body = Body(
        code=code,
        name=name.strip(),
        place=place.strip(),
        kind=kind,
        parent_id=parent_id,
        settings={},
        # Every body beside a demo is a demo: they share its clock and its known passwords.
        is_demo=is_demo or db.session.scalar(select(Body.id).where(Body.is_demo).limit(1)) is not None,
        created_at=now,
    )
    _check_name(name)
    db.session.add(body)
    flush_or(RuleBroken(f"代码“{code}”已被使用。", field="code", status=422), constraint="uq_bodies_code")
    facts = {"code": code, "name": name}
    audit.record("body.create", by=by, at=now, about=body, after=facts, body_id=body.id)
    return body


#: The kinds that stand below a county's congress → the refusal where the county is missing.
_BELOW_COUNTY = {
    BodyKind.TOWNSHIP: "乡镇人大须指明所在的县级人大。",
    BodyKind.COMMITTEE: "人大常委会须指明所属的县级人大。",
    BodyKind.STREET: "街道议事代表会须指明所在的县级人大。",
}


def _check_place_in_tree(kind: BodyKind, parent: Body | None) -> None:
    if kind == BodyKind.COUNTY:
        if parent is not None:
            raise RuleBroken("县级人大没有上级机构可选。", field="parent_id", status=422)
        return
    if parent is None or parent.kind != BodyKind.COUNTY:
        raise RuleBroken(_BELOW_COUNTY[kind], field="parent_id", status=422)
    if kind == BodyKind.COMMITTEE and any(each.kind == kind for each in children(parent)):
        raise RuleBroken(f"{parent.name}的常务委员会已经设立。", field="parent_id", status=422)


def _check_name(name: str, *, but: int | None = None) -> None:
    if db.session.scalar(select(Body.id).where(Body.name == name.strip(), Body.id != (but or 0))):
        raise RuleBroken(f"已有名为“{name.strip()}”的机构。", field="name", status=422)


def edit_body(body: Body, *, name: str, place: str, by: Actor, now: datetime) -> None:
    """Change the names. Code, kind and place in the tree stay: URLs and usernames are built on them."""
    _check_name(name, but=body.id)
    values = {"name": name.strip(), "place": place.strip()}
    before, after = audit.changes(audit.facts(body, *values), values)
    audit.put(body, values)
    if after:
        audit.record("body.edit", by=by, at=now, about=body, before=before, after=after, body_id=body.id)
    db.session.flush()


def change_settings(body: Body, settings: dict[str, Any], *, by: Actor, now: datetime) -> None:
    """Replace the given settings of the place; the others stay."""
    settings = {**body.settings, **settings}
    before, after = audit.changes(body.settings, settings)
    if after:
        body.settings = settings
        audit.record("body.settings", by=by, at=now, about=body, before=before, after=after, body_id=body.id)


def change_gates(body: Body, new_gates: list[Gate], *, by: Actor, now: datetime) -> None:
    """Set the review gates, in order; a new one comes with an empty key and gets one.

    Raises RuleBroken for no gate, a missing or repeated name, and for other gates or another order while projects are
    under review (names may change at any time).
    """
    names = [gate.name.strip() for gate in new_gates]
    if not names or not all(names):
        raise RuleBroken("至少保留一道审议环节，每道都要有名称。没有改动。", field="gates", status=422)
    if len(set(names)) < len(names):
        raise RuleBroken("两道审议环节的名称不能相同。没有改动。", field="gates", status=422)
    before = gates(body)
    taken = {gate.key for gate in (*new_gates, *before)}
    fresh_keys = (key for key in (f"gate{i}" for i in range(1, 100)) if key not in taken)
    after = [
        Gate(gate.key or next(fresh_keys), name, gate.role)
        for gate, name in zip(new_gates, names, strict=True)
    ]
    reviewing = select(Project.id).where(Project.state == ProjectState.REVIEWING).limit(1)
    if [gate.key for gate in after] != [gate.key for gate in before] and db.session.scalar(reviewing):
        words = "有项目正在审议，这时不能增减审议环节或调整顺序（名称可以改）。请等这些项目审议完毕或退回后再改。没有改动。"
        raise RuleBroken(words, field="gates")
    change_settings(body, {"gates": [asdict(gate) for gate in after]}, by=by, now=now)


def change_rule(body: Body, values: dict[str, Any], *, by: Actor, now: datetime) -> list[str]:
    """Set the place's defaults of the rule object (票决办法), and return warnings in Chinese of what is unusual.

    Each round can still depart from them. Raises RuleBroken at the field for values that are missing or contradict
    each other.
    """
    seats = 10  # seats and candidates belong to the round: ten of twelve stand in for them here
    rule = Rule.from_dict({**values, "seats": seats})
    warnings = check_rule(rule, seats if rule.method == "confirm" else seats + 2, organ_of(body))
    change_settings(body, {"rule": {**body.settings.get("rule", {}), **values}}, by=by, now=now)
    return warnings


def organ_of(body: Body) -> organs.Organ:
    """Return the kind of organ that decides here: its words, its quorum."""
    return organs.of(body.kind)


def speak(text: str) -> str:
    """Say a sentence in the words of the organ in scope (`Organ.speak`); as it stands where no one body is in scope."""
    scope = db.session.scope
    # A caller may build a refusal of rows that the session holds unflushed: reading the body must not flush them.
    with db.session.no_autoflush:
        body = db.session.get(Body, scope) if isinstance(scope, int) else None
    return organ_of(body).speak(text) if body else text


def default_rule(body: Body, seats: int) -> Rule:
    """Return the rule that a new round starts from: the settings of the place over the defaults of its kind."""
    own = body.settings.get("rule", {})
    if "quorum" in own:  # Settings older than `quorum_more` mean: reached, not exceeded.
        own = {"quorum_more": False, **own}
    return Rule.from_dict({"seats": seats, **organ_of(body).defaults, **own})


def gates(body: Body) -> tuple[Gate, ...]:
    """Return the review gates of the place, in order."""
    own = body.settings.get("gates")
    return tuple(Gate(**g) for g in own) if own else GATES[body.kind.value]
