"""验收: the completion of the works, recorded by the government, and what deputies found, recorded by the office."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from votes.clock import local
from votes.db import RowSearch, Search, db, words_in
from votes.exports.delivery import adjustments as papers
from votes.exports.formats.layout import Paper
from votes.models import Acceptance, AcceptanceItem, Attachment, Body, Project, Tracking
from votes.rules.delivery import acceptances as rules
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Item
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.projects.projects import ProjectState
from votes.services import audit, uploads
from votes.services.people import bodies

# --- reading -------------------------------------------------------------------------------------------


def _loaded() -> Select[Any]:
    return select(Acceptance).options(
        joinedload(Acceptance.tracking).joinedload(Tracking.project),
        joinedload(Acceptance.tracking).joinedload(Tracking.department),
        selectinload(Acceptance.items),
        selectinload(Acceptance.photos),
    )


def get(acceptance_id: int) -> Acceptance | None:
    found: Acceptance | None = db.session.scalar(_loaded().where(Acceptance.id == acceptance_id))
    return found


def of(tracking_id: int) -> list[Acceptance]:
    """The acceptances of a project, the latest first."""
    query = _loaded().where(Acceptance.tracking_id == tracking_id)
    return list(db.session.scalars(query.order_by(Acceptance.held_on.desc(), Acceptance.id.desc())))


def has_works(tracking_id: int) -> bool:
    """Did the latest completion of the works not fail? Said before a project is called completed."""
    latest = db.session.scalar(
        select(Acceptance.conclusion)
        .where(Acceptance.tracking_id == tracking_id, Acceptance.kind == AcceptanceKind.WORKS)
        .order_by(Acceptance.held_on.desc(), Acceptance.id.desc())
        .limit(1)
    )
    return latest is not None and latest != Conclusion.FAILED


@dataclass(frozen=True)
class AcceptedProject:
    """A project and its latest acceptance of each kind."""

    tracking: Tracking
    works: Acceptance | None
    deputies: Acceptance | None

    def stands(self, standing: str) -> bool:
        """Tell whether a key of `STANDINGS` describes what has been accepted; a failed acceptance does not count."""
        works, deputies = (
            each is not None and each.conclusion != Conclusion.FAILED for each in (self.works, self.deputies)
        )
        described = {
            "none": not works and not deputies,
            "works": works,
            "deputies": deputies,
            "both": works and deputies,
        }
        return described[standing]

    @property
    def last_held(self) -> date:
        """Return the day of the latest acceptance, the earliest of days where there is none."""
        return max((each.held_on for each in (self.works, self.deputies) if each), default=date.min)


STANDINGS = {"none": "还没有验收", "works": "已竣工验收", "deputies": "已人大验收", "both": "两项都已验收"}

_PROJECTS = Search(
    filters={"year": Project.year, "unit": Tracking.department_id, "q": words_in(Project.name)},
    sorts={"number": ("按编号", (Project.year.desc(), Project.number, Tracking.id))},
)
SEARCH = RowSearch(
    filters={"standing": AcceptedProject.stands},
    sorts={
        "number": ("按编号", lambda row: 0),  # as the query has them
        "held": ("按验收日期", lambda row: -row.last_held.toordinal()),
    },
    query=_PROJECTS,
)


def overview(chosen: Mapping[str, Any], *, own: int | None = None) -> list[AcceptedProject]:
    """Return the projects that fit ``chosen`` with their acceptances; ``own``: of one unit (see `visible_unit`)."""
    query = (
        select(Tracking)
        .join(Project, Tracking.project_id == Project.id)
        .where(Project.state == ProjectState.SELECTED)
        .options(joinedload(Tracking.project), joinedload(Tracking.department))
    )
    if own is not None:
        query = query.where(Tracking.department_id == own)
    trackings = db.session.scalars(_PROJECTS.of(query, chosen)).all()
    latest: dict[tuple[int, AcceptanceKind], Acceptance] = {}
    held = select(Acceptance).where(Acceptance.tracking_id.in_([t.id for t in trackings]))
    for each in db.session.scalars(held.order_by(Acceptance.held_on, Acceptance.id)):
        latest[each.tracking_id, each.kind] = each
    works, deputies = AcceptanceKind.WORKS, AcceptanceKind.DEPUTIES
    rows = [AcceptedProject(t, latest.get((t.id, works)), latest.get((t.id, deputies))) for t in trackings]
    return SEARCH.rows(rows, chosen)


def counts(body_ids: Sequence[int], year: int) -> dict[int, dict[str, int]]:
    """Body id → kind → number of that year's projects whose latest acceptance of the kind did not fail, for the bodies
    in scope."""
    newest = func.row_number().over(
        partition_by=(Acceptance.tracking_id, Acceptance.kind),
        order_by=(Acceptance.held_on.desc(), Acceptance.id.desc()),
    )
    held = (
        select(Acceptance.body_id, Acceptance.kind, Acceptance.conclusion, newest.label("place"))
        .join(Tracking, Acceptance.tracking_id == Tracking.id)
        .join(Project, Tracking.project_id == Project.id)
        .where(Acceptance.body_id.in_(body_ids), Project.year == year)
        .subquery()
    )
    rows = db.session.execute(
        select(held.c.body_id, held.c.kind, func.count())
        .where(held.c.place == 1, held.c.conclusion != Conclusion.FAILED)
        .group_by(held.c.body_id, held.c.kind)
    )
    found: dict[int, dict[str, int]] = {body_id: {} for body_id in body_ids}
    for body_id, kind, count in rows:
        found[body_id][kind.value] = count
    return found


def dimensions(body_id: int) -> list[str]:
    """What is looked at in the place."""
    body = bodies.get_body(body_id)
    return rules.dimensions(body.settings if body else {})


def photo(attachment_id: int) -> Attachment | None:
    """A picture of an acceptance, as the public page asks for it."""
    found = uploads.get_of(Acceptance, attachment_id)
    return found if found is not None and found.is_picture else None


# --- acts ----------------------------------------------------------------------------------------------


def record(
    tracking: Tracking,
    kind: AcceptanceKind,
    *,
    held_on: date,
    held_by: str,
    conclusion: Conclusion,
    opinion: str,
    items: Sequence[Item],
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Upload | uploads.Prepared] = (),
    caption: str = "",
) -> Acceptance:
    """Record an acceptance, dimension by dimension. A project may be looked at again: the latest one counts.

    Raises RuleBroken for what cannot be (see `rules.acceptance.check_acceptance`) and for a project given up.
    """
    if tracking.state == TrackingState.TERMINATED:
        raise RuleBroken("这个项目已经终止，不再验收。没有保存。", code="wrong_state")
    _check(tracking, kind, conclusion, items, held_on=held_on, by=by, now=now)
    made = Acceptance(
        body_id=tracking.body_id,
        tracking=tracking,
        kind=kind,
        held_on=held_on,
        held_by=held_by.strip(),
        conclusion=conclusion,
        opinion=opinion.strip(),
        recorded_by=by.name,
        recorded_at=now,
        items=_rows(tracking.body_id, items),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("acceptance.record", by=by, at=now, about=made, after=_facts(made))
    if photos:
        uploads.add(photos, owner=made, by=by, now=now, caption=caption)
    return made


def correct(
    acceptance: Acceptance,
    *,
    held_on: date,
    held_by: str,
    conclusion: Conclusion,
    opinion: str,
    items: Sequence[Item],
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Upload | uploads.Prepared] = (),
    caption: str = "",
) -> None:
    """Put an acceptance right; the audit log keeps both. Raises RuleBroken as `record` does."""
    _check(acceptance.tracking, acceptance.kind, conclusion, items, held_on=held_on, by=by, now=now)
    before = _facts(acceptance)
    acceptance.held_on, acceptance.held_by = held_on, held_by.strip()
    acceptance.conclusion, acceptance.opinion = conclusion, opinion.strip()
    for row, item in zip(acceptance.items, items, strict=True):
        row.mark, row.note = item.mark, item.note.strip()
    db.session.flush()
    old, new = audit.changes(before, _facts(acceptance))
    if new:
        audit.record("acceptance.correct", by=by, at=now, about=acceptance, before=old, after=new)
    if photos:
        uploads.add(photos, owner=acceptance, by=by, now=now, caption=caption)


def take_down(acceptance: Acceptance, attachment_id: int | None, *, by: Actor, now: datetime) -> None:
    """Remove a photo. Raises RuleBroken when it is none of the acceptance's (any more)."""
    found = next((each for each in acceptance.photos if each.id == attachment_id), None)
    if found is None:
        raise RuleBroken("这张照片已经不在，没有作任何改动。请刷新页面。", code="stale")
    uploads.remove(found, by=by, now=now)


def change_dimensions(body: Body, text: str, *, by: Actor, now: datetime) -> None:
    """Set what is looked at in the place, one a line; acceptances recorded before keep their own."""
    bodies.change_settings(body, {"acceptance_dimensions": rules.read_dimensions(text)}, by=by, now=now)


def _check(
    tracking: Tracking,
    kind: AcceptanceKind,
    conclusion: Conclusion,
    items: Sequence[Item],
    *,
    held_on: date,
    by: Actor,
    now: datetime,
) -> None:
    rules.check_acceptance(
        kind,
        conclusion,
        items,
        held_on=held_on,
        starts_on=tracking.starts_on,
        today=local(now).date(),
        roles=by.roles,
    )


def _rows(body_id: int, items: Sequence[Item]) -> list[AcceptanceItem]:
    return [
        AcceptanceItem(
            body_id=body_id, position=place, dimension=item.dimension, mark=item.mark, note=item.note.strip()
        )
        for place, item in enumerate(items, start=1)
    ]


def _facts(acceptance: Acceptance) -> dict[str, Any]:
    return {
        "kind": acceptance.kind,
        "held_on": acceptance.held_on,
        "held_by": acceptance.held_by,
        "conclusion": acceptance.conclusion,
        "opinion": acceptance.opinion,
        "items": {row.dimension: f"{row.mark.value} {row.note}".strip() for row in acceptance.items},
    }


# --- papers --------------------------------------------------------------------------------------------


def paper(acceptance: Acceptance) -> Paper:
    """The form of an acceptance that was held."""
    tracking = acceptance.tracking
    return papers.acceptance_form(
        papers.AcceptanceData(
            **_head(tracking, acceptance.kind),
            items=[(row.dimension, row.mark.value, row.note) for row in acceptance.items],
            held_on=acceptance.held_on,
            held_by=acceptance.held_by,
            conclusion=acceptance.conclusion.value,
            opinion=acceptance.opinion,
        )
    )


def blank(tracking: Tracking, kind: AcceptanceKind) -> Paper:
    """The form to take along and fill in by hand."""
    items = [(dimension, "", "") for dimension in dimensions(tracking.body_id)]
    return papers.acceptance_form(papers.AcceptanceData(**_head(tracking, kind), items=items))


def _head(tracking: Tracking, kind: AcceptanceKind) -> dict[str, Any]:
    body, project = bodies.get_body(tracking.body_id), tracking.project
    return {
        "body": body.name if body else "",
        "project": project.name,
        "year": project.year,
        "unit": tracking.unit_name,
        "target": project.target,
        "content": project.content,
        "due_on": tracking.due_on,
        "kind": kind.value,
    }
