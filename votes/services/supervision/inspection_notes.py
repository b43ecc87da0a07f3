"""监督记录: a deputy notes what they see at a project; the office settles it in words or makes it a 督办件.

A deputy does not deal with a problem directly (代表法 2025 art. 31).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from votes.clock import local
from votes.db import Search, by_id, db, page, words_in
from votes.models import Deputy, InspectionNote, Project, Rectification, Tracking
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.supervision import supervision as rules
from votes.services import audit, uploads
from votes.services.people import bodies
from votes.services.supervision import groups, inspections

#: How long after an inspection a deputy may still write notes on it.
AFTERWARDS = timedelta(days=30)

#: What may have become of a note.
STATES = {
    "open": "待处理",
    "routed": "已转督办件",
    "settled": "已处理",
    "plain": "未发现问题",
}

_ROUTED = Rectification.id.isnot(None)
#: A problem that the office still has to settle or to route (beside an outer join with the 督办件).
UNSETTLED = and_(InspectionNote.finding, InspectionNote.settled == "", ~_ROUTED)


# --- reading ---------------------------------------------------------------------------------------------


def state_of(note: InspectionNote) -> str:
    """Return what has become of a note: a key of `STATES`."""
    if note.rectification:
        return "routed"
    if not note.finding:
        return "plain"
    return "settled" if note.settled else "open"


def _load() -> Select[InspectionNote]:
    return (
        groups.of_projects(InspectionNote)
        .outerjoin(InspectionNote.rectification)
        .options(
            contains_eager(InspectionNote.rectification).joinedload(Rectification.department),
            joinedload(InspectionNote.deputy),
            joinedload(InspectionNote.inspection),
            selectinload(InspectionNote.photos),
        )
    )


get = by_id(_load())


_IN_STATE = {
    "open": UNSETTLED,
    "routed": _ROUTED,
    "settled": and_(InspectionNote.finding, ~_ROUTED, InspectionNote.settled != ""),
    "plain": and_(~InspectionNote.finding, ~_ROUTED),
}
_LATEST = (InspectionNote.written_at.desc(), InspectionNote.id.desc())
SEARCH = Search(
    filters={
        "year": Project.year,
        "state": lambda state, day: _IN_STATE[state],
        "published": lambda published, day: InspectionNote.published.is_(published == "yes"),
        "q": words_in(Project.name, InspectionNote.text, InspectionNote.place),
    },
    sorts={"open": ("待处理的在前", (case((UNSETTLED, 0), else_=1), *_LATEST)), "new": ("新的在前", _LATEST)},
)


def search(chosen: Mapping[str, Any]) -> Select[Any]:
    """Return the notes that fit ``chosen``, sorted."""
    return SEARCH.of(_load(), chosen)


def mine(deputy_id: int, number: int, size: int) -> tuple[list[InspectionNote], int]:
    """Return one page of a deputy's notes, the latest first, and the count of all of them."""
    return page(_load().where(InspectionNote.deputy_id == deputy_id).order_by(*_LATEST), number, size)


# --- a deputy's own --------------------------------------------------------------------------------------


class About(NamedTuple):
    """Something that a note may be about; ``key``: "i12" for an inspection, "t5" for a project."""

    key: str
    word: str
    group: str


def to_note(deputy_id: int, day: date) -> list[About]:
    """Return what a deputy may write a note about on ``day``.

    That is the deputy's own inspections, the own projects and the other ones that are being carried out.
    """
    ahead, past = inspections.mine(deputy_id, day)
    abouts = [
        About(f"i{each.id}", f"{each.day.month}月{each.day.day}日{each.theme}", "我参加的视察")
        for each in (*ahead, *past)
        if day - AFTERWARDS <= each.day <= day + timedelta(days=1)
    ]
    own = groups.my_projects(deputy_id)
    abouts += [About(f"t{t.id}", t.name, "我监督的项目") for t in own if t.state == TrackingState.RUNNING]
    others = db.session.scalars(
        groups.trackings()
        .where(Tracking.state == TrackingState.RUNNING, Tracking.id.not_in([t.id for t in own]))
        .order_by(Project.year.desc(), Project.number)
        .limit(100)
    )
    return abouts + [About(f"t{t.id}", t.name, "其他项目") for t in others]


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
    """Save a deputy's note about a project or an inspection (``about``: a key of `to_note`), with photos.

    The audit log does not get the text, which may name people.

    Raises:
        RuleBroken: the deputy is not in office or may not write about it, or the text or the photos are refused.
    """
    deputy = db.session.get_one(Deputy, by.deputy_id)
    if deputy.state != DeputyState.ACTIVE:
        raise RuleBroken(
            bodies.speak("您的代表资格已暂停或终止，不能填写监督记录。如有疑问，请联系人大办。"), status=403
        )
    rules.check_note(text, len(photos))
    if about not in {each.key for each in to_note(deputy.id, local(now).date())}:
        raise invalid("about", "请选择您要记录的项目或视察。")
    inspection = inspections.get(int(about[1:])) if about[0] == "i" else None
    note = InspectionNote(
        body_id=deputy.body_id,
        tracking_id=inspection.tracking_id if inspection else int(about[1:]),
        inspection_id=inspection.id if inspection else None,
        deputy_id=deputy.id,
        written_at=now,
        place=place.strip(),
        text=text.strip(),
        finding=finding,
    )
    db.session.add(note)
    audit.record("note.create", by=by, at=now, about=note, after={"finding": finding, "photos": len(photos)})
    uploads.add(photos, owner=note, by=by, now=now)
    return note


# --- the office's acts -----------------------------------------------------------------------------------


def publish(note: InspectionNote, *, published: bool, photos: bool, by: Actor, now: datetime) -> None:
    """Show a note on the project's public page or not, and its photos with it or not."""
    photos = published and photos and bool(note.photos)
    audit.assign(note, "note.publish", published=published, photos_published=photos, by=by, at=now)
    db.session.flush()


def settle(note: InspectionNote, words: str, *, by: Actor, now: datetime) -> None:
    """Say what was done about a problem without a 督办件; the deputy reads the words.

    Raises:
        RuleBroken: there are no words, the note has a 督办件, or it reports no problem.
    """
    words = rules.check_words(words, "settled", bodies.speak("请填写处理情况，代表会看到。"))
    if note.rectification:
        raise RuleBroken("这条记录已转为督办件，处理情况以督办件为准。没有作任何改动。", code="wrong_state")
    if not note.finding:
        raise RuleBroken("这条记录没有反映问题，不必处理。", code="wrong_state")
    audit.assign(note, "note.settle", settled=words, by=by, at=now)
    db.session.flush()
