"""履职档案: one deputy's year as a record, under the headings that 镇坪 keeps, and everybody's as documents.

Of a vote it says that the deputy took part, never how they voted: no ballot is read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import db
from votes.exports.duties import records as export
from votes.exports.formats import layout
from votes.models import (
    Body,
    Deputy,
    DutyAttendance,
    DutyEntry,
    DutyMeeting,
    Inspection,
    InspectionMember,
    InspectionNote,
    Suggestion,
    Tracking,
)
from votes.rules.duties import duties as rules
from votes.rules.duties.records import HEADING_OF, RecordEvent
from votes.rules.people.roles import BodyKind
from votes.services.duties import figures as duties
from votes.services.people import bodies

# --- the record --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """One deputy's year: figures and what they are made of, in the order of time."""

    deputy: Deputy
    year: int
    figures: rules.DutyFigures
    rates: rules.Rates
    events: list[RecordEvent]

    def under(self, heading: str) -> list[RecordEvent]:
        """Return the events under a heading of `HEADINGS`."""
        return [event for event in self.events if event.heading == heading]


def record(deputy: Deputy, year: int, *, kind: BodyKind) -> Record:
    """Return the record of one deputy; ``kind`` of body decides the words for its meetings."""
    return records([deputy], year, kind=kind)[0]


def records(deputies: Sequence[Deputy], year: int, *, kind: BodyKind) -> list[Record]:
    """Return the records of several deputies, in their order; as many statements as for one."""
    ids = [deputy.id for deputy in deputies]
    sessions, votes = duties.congress(year, ids), duties.votes_held(year)
    by_deputy: dict[int, list[RecordEvent]] = defaultdict(list)
    for id_, event in chain(
        _sessions(sessions, kind),
        _meetings(ids, year, kind),
        _voting(ids, votes),
        _entered(ids, year),
        _inspected(ids, year),
        _noted(ids, year),
        _suggested(ids, year),
    ):
        by_deputy[id_].append(event)
    figures = duties.figures(year, ids, sessions=sessions, votes=votes)
    rows = []
    for deputy in deputies:
        own = figures.get(deputy.id) or rules.DutyFigures()
        events = sorted(by_deputy[deputy.id], key=lambda event: event.on)
        rows.append(Record(deputy, year, own, own.rates(kind), events))
    return rows


# --- what the record is made of ------------------------------------------------------------------------------

#: (deputy id, event) of several deputies.
Events = Iterable[tuple[int, RecordEvent]]


def _sessions(sessions: Iterable[duties.CongressAttendance], kind: BodyKind) -> Events:
    word = rules.session_word(kind)
    for each in sessions:
        for id_, state in each.marks.items():
            on, title = each.session.starts_on, each.session.title
            yield id_, RecordEvent(on, "meetings", word, title, rules.STATE_WORDS[state])


def _meetings(ids: Sequence[int], year: int, kind: BodyKind) -> Events:
    query = (
        select(DutyAttendance.deputy_id, DutyMeeting, DutyAttendance.state, DutyAttendance.spoke)
        .join(DutyMeeting, DutyAttendance.meeting_id == DutyMeeting.id)
        .where(DutyAttendance.deputy_id.in_(ids), duties.met(year))
        .order_by(DutyMeeting.held_on, DutyMeeting.id)
    )
    for id_, meeting, state, spoke in db.session.execute(query):
        word, note = rules.meeting_word(meeting.kind, kind), rules.STATE_WORDS[state]
        note += "，发言" if spoke else ""
        yield id_, RecordEvent(meeting.held_on, "meetings", word, meeting.title, note)


def _voting(ids: Sequence[int], votes: Sequence[duties.ClosedVote]) -> Events:
    """Return whether the entitled took part in the votes and ratings of closed rounds."""
    if not votes:
        return

    def among(table: Any) -> set[tuple[int, int]]:
        in_votes = table.c.round_id.in_([vote.id for vote in votes]), table.c.deputy_id.in_(ids)
        query = select(table.c.deputy_id, table.c.round_id).where(*in_votes)
        return {(id_, round_id) for id_, round_id in db.session.execute(query)}

    entitled, took_part = among(duties.roll), among(duties.turnout)
    for vote in votes:
        on, word = local(vote.closed_at).date(), "满意度测评" if vote.rating else "票决"
        for id_ in ids:
            if (id_, vote.id) in entitled:
                note = "已参加" if (id_, vote.id) in took_part else "未参加"
                yield id_, RecordEvent(on, "meetings", word, vote.title, note)


def _entered(ids: Sequence[int], year: int) -> Events:
    """Return what staff have entered or confirmed."""
    query = select(DutyEntry).where(DutyEntry.deputy_id.in_(ids), *duties.confirmed(year))
    for entry in db.session.scalars(query.order_by(DutyEntry.held_on, DutyEntry.id)):
        heading, word = HEADING_OF[entry.kind], rules.KIND_WORDS[entry.kind]
        yield entry.deputy_id, RecordEvent(entry.held_on, heading, word, entry.title, text=entry.text)


def _inspected(ids: Sequence[int], year: int) -> Events:
    query = (
        select(InspectionMember.deputy_id, Inspection)
        .join(Inspection, InspectionMember.inspection_id == Inspection.id)
        .where(InspectionMember.deputy_id.in_(ids), *duties.inspected(year))
        .options(joinedload(Inspection.tracking).joinedload(Tracking.project))
        .order_by(Inspection.held_on, Inspection.id)
    )
    for id_, visit in db.session.execute(query):
        if visit.held_on:
            yield id_, RecordEvent(visit.held_on, "research", "视察", visit.theme, visit.tracking.name)


def _noted(ids: Sequence[int], year: int) -> Events:
    """Return the notes that deputies wrote on the spot."""
    written = duties.moments_of(year, InspectionNote.written_at)
    query = (
        select(InspectionNote)
        .where(InspectionNote.deputy_id.in_(ids), *written)
        .options(joinedload(InspectionNote.tracking).joinedload(Tracking.project))
        .order_by(InspectionNote.written_at, InspectionNote.id)
    )
    for note in db.session.scalars(query):
        on, finding = local(note.written_at).date(), "发现问题" if note.finding else ""
        yield note.deputy_id, RecordEvent(on, "research", "监督记录", note.tracking.name, finding, note.text)


def _suggested(ids: Sequence[int], year: int) -> Events:
    query = (
        select(Suggestion.deputy_id, Suggestion.title, Suggestion.received_at)
        .where(*duties.gathered(year), Suggestion.deputy_id.in_(ids))
        .order_by(Suggestion.received_at, Suggestion.id)
    )
    for id_, title, received_at in db.session.execute(query):
        if id_ is not None:
            yield id_, RecordEvent(local(received_at).date(), "suggestions", "收集建议", title)


# --- the year as a document ----------------------------------------------------------------------------------


def paper(record: Record, body: Body, *, today: date) -> layout.Paper:
    """Return 履职档案 of one deputy and year, under its eight headings."""
    deputy, organ = record.deputy, bodies.organ_of(body)
    basics = [
        (organ.number, deputy.number),
        ("姓名", deputy.name),
        ("性别", deputy.gender or ""),
        ("民族", deputy.ethnicity or ""),
        ("出生年月", deputy.born or ""),
        (organ.group, deputy.delegation.name),
        ("选区", deputy.constituency or ""),
        ("职务", deputy.post or ""),
    ]
    data = export.RecordData(
        body=body.name,
        kind=body.kind,
        year=record.year,
        name=deputy.name,
        basics=basics,
        rates=record.rates,
        votes=record.figures.votes + record.figures.ratings,
        events=record.events,
        made_on=today,
    )
    return export.record(data)


def draw(
    deputies: Sequence[Deputy], year: int, body: Body, kind: str, *, today: date
) -> list[tuple[str, Callable[[], bytes]]]:
    """Return the file name of each deputy's document and the function that draws it as ``kind``: pdf or docx.

    All is read here: drawing takes seconds, and needs no database.
    """
    to = layout.to_pdf if kind == "pdf" else layout.to_docx
    return [
        (paper_name(each.deputy, year, kind), partial(to, paper(each, body, today=today)))
        for each in records(deputies, year, kind=body.kind)
    ]


def paper_name(deputy: Deputy, year: int, kind: str) -> str:
    """Return the file name of a deputy's document."""
    return f"{deputy.number}-{deputy.name}-{year}年履职档案.{kind}"


#: Deputies whose documents one request draws: some seconds.
BATCH = 10


@dataclass(frozen=True)
class Batch:
    """Some deputies of one delegation, whose documents are drawn together; ``key`` names it in a request."""

    key: str
    name: str
    delegation_id: int
    deputies: list[Deputy]


def batches(year: int, *, kind: BodyKind) -> list[Batch]:
    """Return the deputies with a document of ``year`` by delegation, at most `BATCH` together."""
    groups: dict[int, list[Deputy]] = defaultdict(list)
    for line in duties.everybody(year, kind=kind):
        groups[line.deputy.delegation_id].append(line.deputy)
    rows = []
    for delegation_id, deputies in groups.items():
        for place in range(0, len(deputies), BATCH):
            some = deputies[place : place + BATCH]
            name = some[0].delegation.name
            if len(deputies) > BATCH:
                name += f"（{place + 1}至{place + len(some)}）"
            rows.append(Batch(f"{delegation_id}-{place // BATCH}", name, delegation_id, some))
    return rows
