"""监督记录: what a deputy saw, written on the spot; the office settles it in words, or routes it (`rectifications`).

A deputy does not deal with the matter directly (代表法 2025 art. 31).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, case, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from votes.clock import local
from votes.db import containing, db, everything as everything, page as page
from votes.models import (
    Attachment,
    Deputy,
    InspectionNote,
    Project,
    Rectification,
    RectificationAnswer,
    Tracking,
)
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.supervision import supervision as rules
from votes.services import audit, uploads
from votes.services.people import bodies
from votes.services.supervision import groups, inspections

#: How long after an inspection its notes may still be written under it.
AFTERWARDS = timedelta(days=30)

#: What may have become of a note.
STATES = {
    "open": "待处理",
    "routed": "已转督办件",
    "settled": "已处理",
    "plain": "未发现问题",
}

#: A finding of which nobody has said yet what becomes of it (beside an outer join with its 督办件).
UNSETTLED = and_(InspectionNote.finding, InspectionNote.settled == "", Rectification.id.is_(None))


# --- reading ---------------------------------------------------------------------------------------------


def state_of(note: InspectionNote) -> str:
    """What has become of a note: a key of `STATES`."""
    if note.rectification:
        return "routed"
    if not note.finding:
        return "plain"
    return "settled" if note.settled else "open"


def _load() -> Any:
    return (
        select(InspectionNote)
        .join(InspectionNote.tracking)
        .join(Tracking.project)
        .outerjoin(InspectionNote.rectification)
        .options(
            contains_eager(InspectionNote.tracking).contains_eager(Tracking.project),
            contains_eager(InspectionNote.rectification).joinedload(Rectification.department),
            joinedload(InspectionNote.deputy),
            joinedload(InspectionNote.inspection),
            selectinload(InspectionNote.photos),
        )
    )


def get(note_id: int) -> InspectionNote | None:
    """One note, if it is of the body in scope."""
    found: InspectionNote | None = db.session.scalar(_load().where(InspectionNote.id == note_id))
    return found


def search(
    year: int | None, *, state: str = "", published: bool | None = None, q: str = "", sort: str = "open"
) -> Any:
    """Deputies' notes on a year's projects: findings not yet settled first (sort "open"), else the latest first."""
    query = _load()
    if sort == "open":
        query = query.order_by(case((UNSETTLED, 0), else_=1))
    query = query.order_by(InspectionNote.written_at.desc(), InspectionNote.id.desc())
    if year is not None:
        query = query.where(Project.year == year)
    routed = Rectification.id.isnot(None)
    wanted = {
        "open": UNSETTLED,
        "routed": routed,
        "settled": and_(InspectionNote.finding, ~routed, InspectionNote.settled != ""),
        "plain": and_(~InspectionNote.finding, ~routed),
    }
    if state in wanted:
        query = query.where(wanted[state])
    if published is not None:
        query = query.where(InspectionNote.published.is_(published))
    return query.where(*containing(q, Project.name, InspectionNote.text, InspectionNote.place))


def mine(deputy_id: int) -> Any:
    """A deputy's notes, the latest first."""
    return (
        _load()
        .where(InspectionNote.deputy_id == deputy_id)
        .order_by(InspectionNote.written_at.desc(), InspectionNote.id.desc())
    )


def answers_to(note: InspectionNote) -> list[RectificationAnswer]:
    """What the unit answered to the 督办件 that came of a note."""
    return list(note.rectification.answers) if note.rectification else []


def photo_of(note: InspectionNote, attachment_id: int) -> Attachment | None:
    """One of a note's photos."""
    return next((each for each in note.photos if each.id == attachment_id), None)


# --- a deputy's own --------------------------------------------------------------------------------------


class About(NamedTuple):
    """Something that a note may be about: ``key`` "i12" an inspection, "t5" a project."""

    key: str
    word: str
    group: str


def to_note(deputy_id: int, day: date) -> list[About]:
    """What a deputy may write a note about: own inspections, own projects, the other projects being carried out."""
    ahead, past = inspections.mine(deputy_id, day)
    found = [
        About(
            f"i{i.id}",
            f"{inspections.day_of(i).month}月{inspections.day_of(i).day}日{i.theme}",
            "我参加的视察",
        )
        for i in (*ahead, *past)
        if day - AFTERWARDS <= inspections.day_of(i) <= day + timedelta(days=1)
    ]
    own = groups.my_projects(deputy_id)
    found += [About(f"t{t.id}", t.name, "我监督的项目") for t in own if t.state == TrackingState.RUNNING]
    others = db.session.scalars(
        groups.trackings()
        .where(Tracking.state == TrackingState.RUNNING, Tracking.id.not_in([t.id for t in own]))
        .order_by(Project.year.desc(), Project.number)
        .limit(100)
    )
    return found + [About(f"t{t.id}", t.name, "其他项目") for t in others]


def write(
    about: str,
    *,
    text: str,
    place: str,
    finding: bool,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Prepared] = (),
) -> InspectionNote:
    """A deputy's note about a project or an inspection (``about``: a key of `to_note`), with photos.

    Raises RuleBroken for what cannot be written about, an empty text, more than nine photos, a deputy not in office.
    What was written stands in no log: it may name people.
    """
    deputy = db.session.get_one(Deputy, by.deputy_id)
    if deputy.state != DeputyState.ACTIVE:
        raise RuleBroken(
            bodies.speak("您的代表资格已暂停或终止，不能填写监督记录。如有疑问，请联系人大办。"), status=403
        )
    rules.check_note(text, len(photos))
    known = {each.key for each in to_note(deputy.id, local(now).date())}
    if about not in known:
        raise RuleBroken("请选择您要记录的项目或视察。", field="about", status=422)
    inspection = inspections.get(int(about[1:])) if about[0] == "i" else None
    made = InspectionNote(
        body_id=deputy.body_id,
        tracking_id=inspection.tracking_id if inspection else int(about[1:]),
        inspection_id=inspection.id if inspection else None,
        deputy_id=deputy.id,
        written_at=now,
        place=place.strip(),
        text=text.strip(),
        finding=finding,
    )
    db.session.add(made)
    audit.record("note.create", by=by, at=now, about=made, after={"finding": finding, "photos": len(photos)})
    if photos:
        uploads.add(photos, owner=made, by=by, now=now)
    return made


# --- the office's acts -----------------------------------------------------------------------------------


def publish(note: InspectionNote, *, published: bool, photos: bool, by: Actor, now: datetime) -> None:
    """Show a note on the project's public page or not, its photos with it or not."""
    before = {"published": note.published, "photos_published": note.photos_published}
    after = {"published": published, "photos_published": published and photos and bool(note.photos)}
    old, new = audit.changes(before, after)
    note.published, note.photos_published = after["published"], after["photos_published"]
    if new:
        audit.record("note.publish", by=by, at=now, about=note, before=old, after=new)
    db.session.flush()


def settle(note: InspectionNote, words: str, *, by: Actor, now: datetime) -> None:
    """Say what was done about a finding that needs no 督办件; the deputy reads it. Raises RuleBroken where one exists."""
    words = rules.check_words(words, "settled", bodies.speak("请填写处理情况，代表会看到。"))
    if note.rectification:
        raise RuleBroken("这条记录已转为督办件，处理情况以督办件为准。没有作任何改动。", code="wrong_state")
    if not note.finding:
        raise RuleBroken("这条记录没有反映问题，不必处理。", code="wrong_state")
    before, note.settled = note.settled, words
    audit.record(
        "note.settle", by=by, at=now, about=note, before={"settled": before}, after={"settled": words}
    )
    db.session.flush()
