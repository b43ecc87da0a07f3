"""验收: of the works, and by deputies.

The government records the first, the congress's office the second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from votes.clock import local
from votes.db import RowSearch, Search, by_id, db, everything, words_in
from votes.exports.delivery import adjustments as papers
from votes.exports.formats.layout import Paper
from votes.models import Acceptance, AcceptanceItem, Attachment, Body, Project, Tracking
from votes.rules.delivery import acceptances as rules
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Findings
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.services import audit, uploads
from votes.services.delivery import trackings
from votes.services.people import bodies

# --- reading -------------------------------------------------------------------------------------------


_LATEST = (Acceptance.held_on.desc(), Acceptance.id.desc())


def _loaded() -> Select[Acceptance]:
    return select(Acceptance).options(
        joinedload(Acceptance.tracking).joinedload(Tracking.project),
        joinedload(Acceptance.tracking).joinedload(Tracking.department),
        selectinload(Acceptance.items),
        selectinload(Acceptance.photos),
    )


get = by_id(_loaded())


def of(tracking_id: int) -> list[Acceptance]:
    """Return the acceptances of a project, the latest first."""
    query = _loaded().where(Acceptance.tracking_id == tracking_id)
    return everything(query.order_by(*_LATEST))


def has_works(tracking_id: int) -> bool:
    """Return whether there is a 竣工验收 and the latest did not fail.

    The page that ends a project says so.
    """
    held = select(Acceptance.conclusion).where(
        Acceptance.tracking_id == tracking_id, Acceptance.kind == AcceptanceKind.WORKS
    )
    latest = db.session.scalar(held.order_by(*_LATEST).limit(1))
    return latest is not None and latest != Conclusion.FAILED


@dataclass(frozen=True)
class AcceptedProject:
    """A project and its latest acceptance of each kind."""

    tracking: Tracking
    works: Acceptance | None
    deputies: Acceptance | None

    def stands(self, standing: str) -> bool:
        """Return whether a key of `STANDINGS` describes what has been accepted.

        A failed acceptance does not count.
        """
        works, deputies = (
            each is not None and each.conclusion != Conclusion.FAILED for each in (self.works, self.deputies)
        )
        both, none = works and deputies, not works and not deputies
        return {"none": none, "works": works, "deputies": deputies, "both": both}[standing]

    @property
    def last_held(self) -> date:
        """Return the day of the latest acceptance; without one, the earliest day that there is."""
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
    """Return the projects that fit ``chosen`` with their acceptances.

    ``own``: of one unit (see `visible_unit`).
    """
    query = trackings.selected()
    if own is not None:
        query = query.where(Tracking.department_id == own)
    tracked = db.session.scalars(_PROJECTS.of(query, chosen)).all()
    held = select(Acceptance).where(Acceptance.tracking_id.in_([t.id for t in tracked]))
    in_order = db.session.scalars(held.order_by(Acceptance.held_on, Acceptance.id))
    latest = {(each.tracking_id, each.kind): each for each in in_order}
    rows = [AcceptedProject(t, *(latest.get((t.id, kind)) for kind in AcceptanceKind)) for t in tracked]
    return SEARCH.rows(rows, chosen)


def dimensions(body_id: int) -> list[str]:
    """Return the dimensions of an acceptance in the body."""
    body = bodies.get_body(body_id)
    return rules.dimensions(body.settings if body else {})


def photo(attachment_id: int) -> Attachment | None:
    """Return a picture of an acceptance, for the public page."""
    attachment = uploads.get_of(Acceptance, attachment_id)
    return attachment if attachment is not None and attachment.is_picture else None


# --- acts ----------------------------------------------------------------------------------------------


#: The fields of `Findings` that are columns of the acceptance itself.
COLUMNS = ("held_on", "held_by", "conclusion", "opinion")


def record(
    tracking: Tracking,
    kind: AcceptanceKind,
    findings: Findings,
    *,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Upload | uploads.Prepared] = (),
    caption: str = "",
) -> Acceptance:
    """Record an acceptance.

    A project may be accepted again: the latest acceptance of a kind counts.

    Raises:
        RuleBroken: see `rules.check_acceptance`; or the project was terminated.
    """
    if tracking.state == TrackingState.TERMINATED:
        raise RuleBroken("这个项目已经终止，不再验收。没有保存。", code="wrong_state")
    rules.check_acceptance(
        kind, findings, starts_on=tracking.starts_on, today=local(now).date(), roles=by.roles
    )
    acceptance = Acceptance(
        body_id=tracking.body_id,
        tracking=tracking,
        kind=kind,
        recorded_by=by.name,
        recorded_at=now,
        items=[
            AcceptanceItem(body_id=tracking.body_id, position=place, **item._asdict())
            for place, item in enumerate(findings.items, start=1)
        ],
        **audit.facts(findings, *COLUMNS),
    )
    db.session.add(acceptance)
    db.session.flush()
    audit.record("acceptance.record", by=by, at=now, about=acceptance, after=_facts(acceptance))
    uploads.add(photos, owner=acceptance, by=by, now=now, caption=caption)
    return acceptance


def correct(
    acceptance: Acceptance,
    findings: Findings,
    *,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Upload | uploads.Prepared] = (),
    caption: str = "",
) -> None:
    """Correct an acceptance; the audit log keeps both versions.

    Raises RuleBroken as `record` does.
    """
    kind, starts_on = acceptance.kind, acceptance.tracking.starts_on
    rules.check_acceptance(kind, findings, starts_on=starts_on, today=local(now).date(), roles=by.roles)
    before = _facts(acceptance)
    audit.put(acceptance, audit.facts(findings, *COLUMNS))
    for row, item in zip(acceptance.items, findings.items, strict=True):
        row.mark, row.note = item.mark, item.note
    db.session.flush()
    audit.record_change("acceptance.correct", acceptance, before, _facts(acceptance), by=by, at=now)
    uploads.add(photos, owner=acceptance, by=by, now=now, caption=caption)


def change_dimensions(body: Body, text: str, *, by: Actor, now: datetime) -> None:
    """Set the dimensions of the body, one a line; acceptances recorded before keep their own."""
    bodies.change_settings(body, {"acceptance_dimensions": rules.read_dimensions(text)}, by=by, now=now)


def _facts(acceptance: Acceptance) -> dict[str, Any]:
    return {
        **audit.facts(acceptance, "kind", *COLUMNS),
        "items": {row.dimension: f"{row.mark.value} {row.note}".strip() for row in acceptance.items},
    }


# --- documents -----------------------------------------------------------------------------------------


def paper(acceptance: Acceptance) -> Paper:
    """Return the form of an acceptance that was held."""
    items = [(row.dimension, row.mark.value, row.note) for row in acceptance.items]
    return _form(acceptance.tracking, acceptance.kind, items, **audit.facts(acceptance, *COLUMNS))


def blank(tracking: Tracking, kind: AcceptanceKind) -> Paper:
    """Return the form to take along and fill in by hand."""
    items = [(dimension, "", "") for dimension in dimensions(tracking.body_id)]
    return _form(tracking, kind, items)


def _form(
    tracking: Tracking, kind: AcceptanceKind, items: Sequence[tuple[str, str, str]], **findings: Any
) -> Paper:
    data = papers.AcceptanceData(
        body=bodies.of(tracking).name,
        project=tracking.name,
        unit=tracking.unit_name,
        due_on=tracking.due_on,
        kind=kind,
        items=items,
        **audit.facts(tracking.project, "year", "target", "content"),
        **findings,
    )
    return papers.acceptance_form(data)
