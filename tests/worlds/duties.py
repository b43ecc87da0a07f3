"""Deputies' records: meetings with attendance, entries in every state, a page."""

from datetime import date
from typing import Any

from sqlalchemy import select

from tests import factories
from tests.years import at
from votes.db import db
from votes.models import Deputy, DutyEntry
from votes.rules.duties.duties import Activity, DutyAttendanceState, DutyKind, DutyMeetingKind
from votes.services.duties import entries, meetings, public_pages

WHICH: dict[str, dict[str, str]] = {"duties.paper": {"kind": "pdf"}}


def fill(world: factories.World, body: str, size: int, ids: dict[str, Any]) -> dict[str, Any]:
    """``size`` times a meeting of each kind with everybody marked, and entries by staff and by a deputy."""
    office, own = world.actor("office", body), world.actor("deputy", body)
    when = at(2027, 6, 1)
    with world.work(body):
        made = [
            meetings.save(
                None, kind=kind, title=f"示例会议{kind}{i}", held_on=date(2027, 3, 1 + i), by=office, now=when
            )
            for i in range(size)
            for kind in DutyMeetingKind
        ]
        for meeting in made:
            marks = dict.fromkeys(ids["deputies"], (DutyAttendanceState.PRESENT, True))
            marks[ids["deputies"][0]] = (DutyAttendanceState.LEAVE, False)
            meetings.mark(meeting, marks, by=office, now=when)
        day, text = date(2027, 5, 10), "示例情况"
        for i in range(size):
            for kind in DutyKind:
                entries.enter(ids["deputies"], Activity(kind, day, f"示例活动{i}", text), by=office, now=when)
            entries.enter_own(Activity(DutyKind.VISIT, day, f"示例走访{i}", text), by=own, now=when)
        public_pages.open_for([*ids["deputies"], own.deputy_id], by=office, now=when)
        waiting = db.session.scalar(select(DutyEntry).where(DutyEntry.by_deputy))
        deputy = db.session.scalar(select(Deputy).where(Deputy.id == ids["deputy_id"]))
        assert waiting is not None
        assert deputy is not None
        return {
            "meeting_id": made[0].id,
            "entry_id": waiting.id,
            "page_key": deputy.page_key,
            "kind:pdf": "pdf",
        }
