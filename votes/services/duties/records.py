"""履职档案: one deputy's year as a record, under the headings that 镇坪 keeps, and everybody's as papers.

Of a vote it says that the deputy took part, never how they voted: no ballot is read.
"""

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
from votes.exports.duties import records as duty_papers
from votes.exports.formats import layout
from votes.exports.formats.layout import Paper
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
from votes.rules.duties.duties import (
    KIND_WORDS,
    STATE_WORDS,
    DutyKind,
    DutyState,
    Figures,
    Rates,
    days_of,
    how_counted,
    meeting_word,
    session_word,
)
from votes.rules.people.roles import BodyKind
from votes.services.duties import figures as duties
from votes.services.people import bodies

# --- the record --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RecordEvent:
    """One line of the record. ``heading`` is a key of `HEADINGS`; ``word`` what kind of thing, ``note`` how it was."""

    on: date
    heading: str
    word: str
    title: str
    note: str = ""
    text: str = ""


#: The headings of a record as 镇坪 keeps it, after 基本情况.
HEADINGS: dict[str, str] = {
    "meetings": "会议出席",
    "research": "视察调研",
    "training": "培训",
    "group": "小组活动",
    "suggestions": "建议",
    "report": "述职、接受监督",
    "award": "表彰",
}
_HEADING_OF = {
    DutyKind.TRAINING: "training",
    DutyKind.VISIT: "research",
    DutyKind.RESEARCH: "research",
    DutyKind.SPEECH: "meetings",
    DutyKind.GROUP: "group",
    DutyKind.REPORT: "report",
    DutyKind.AWARD: "award",
    DutyKind.OTHER: "group",
}


@dataclass(frozen=True)
class Record:
    """One deputy's year: figures and what they are made of, in the order of time."""

    deputy: Deputy
    year: int
    figures: Figures
    rates: Rates
    events: list[RecordEvent]

    def under(self, heading: str) -> list[RecordEvent]:
        return [event for event in self.events if event.heading == heading]


def record(deputy: Deputy, year: int, *, kind: BodyKind) -> Record:
    """The record of one deputy; ``kind`` of body says what its meetings are called."""
    return records([deputy], year, kind=kind)[0]


def records(deputies: Sequence[Deputy], year: int, *, kind: BodyKind) -> list[Record]:
    """The records of several deputies, in their order; as many statements as for one."""
    ids = [deputy.id for deputy in deputies]
    sessions, votes = duties.congress(year, ids), duties.votes_held(year)
    events: dict[int, list[RecordEvent]] = {id_: [] for id_ in ids}
    for held in sessions:
        for id_, state in held.marks.items():
            title, on = held.session.title, held.session.starts_on
            events[id_].append(RecordEvent(on, "meetings", session_word(kind), title, STATE_WORDS[state]))
    for id_, event in chain(
        _meetings(ids, year, kind),
        _voting(ids, votes),
        _entered(ids, year),
        _inspected(ids, year),
        _noted(ids, year),
        _suggested(ids, year),
    ):
        events[id_].append(event)
    own = duties.figures(year, ids, sessions=sessions, votes=votes)
    made = []
    for deputy in deputies:
        figures = own.get(deputy.id) or Figures()
        in_order = sorted(events[deputy.id], key=lambda event: event.on)
        made.append(Record(deputy, year, figures, figures.rates(kind), in_order))
    return made


# --- what the record is made of: (deputy id, event) ------------------------------------------------------------

Found = Iterable[tuple[int, RecordEvent]]


def _meetings(ids: Sequence[int], year: int, kind: BodyKind) -> Found:
    query = (
        select(DutyAttendance.deputy_id, DutyMeeting, DutyAttendance.state, DutyAttendance.spoke)
        .join(DutyMeeting, DutyAttendance.meeting_id == DutyMeeting.id)
        .where(DutyAttendance.deputy_id.in_(ids), DutyMeeting.held_on.between(*days_of(year)))
        .order_by(DutyMeeting.held_on, DutyMeeting.id)
    )
    for id_, meeting, state, spoke in db.session.execute(query):
        note = STATE_WORDS[state] + ("，发言" if spoke else "")
        yield (
            id_,
            RecordEvent(meeting.held_on, "meetings", meeting_word(meeting.kind, kind), meeting.title, note),
        )


def _voting(ids: Sequence[int], votes: Sequence[duties.Held]) -> Found:
    """Votes and ratings of closed rounds: taken part in or not."""
    if not votes:
        return

    def among(table: Any) -> set[tuple[int, int]]:
        query = select(table.c.deputy_id, table.c.round_id).where(
            table.c.round_id.in_([vote.id for vote in votes]), table.c.deputy_id.in_(ids)
        )
        return {(id_, round_id) for id_, round_id in db.session.execute(query)}

    entitled, took_part = among(duties.roll), among(duties.turnout)
    for vote in votes:
        on, word = local(vote.closed_at).date(), "满意度测评" if vote.rating else "票决"
        for id_ in ids:
            if (id_, vote.id) in entitled:
                note = "已参加" if (id_, vote.id) in took_part else "未参加"
                yield id_, RecordEvent(on, "meetings", word, vote.title, note)


def _entered(ids: Sequence[int], year: int) -> Found:
    """What staff have entered or confirmed."""
    query = (
        select(DutyEntry)
        .where(
            DutyEntry.deputy_id.in_(ids),
            DutyEntry.state == DutyState.CONFIRMED,
            DutyEntry.held_on.between(*days_of(year)),
        )
        .order_by(DutyEntry.held_on, DutyEntry.id)
    )
    for entry in db.session.scalars(query):
        heading, word = _HEADING_OF[entry.kind], KIND_WORDS[entry.kind]
        yield entry.deputy_id, RecordEvent(entry.held_on, heading, word, entry.title, text=entry.text)


def _inspected(ids: Sequence[int], year: int) -> Found:
    query = (
        select(InspectionMember.deputy_id, Inspection)
        .join(Inspection, InspectionMember.inspection_id == Inspection.id)
        .where(
            InspectionMember.deputy_id.in_(ids),
            InspectionMember.attended,
            Inspection.held_on.between(*days_of(year)),
        )
        .options(joinedload(Inspection.tracking).joinedload(Tracking.project))
        .order_by(Inspection.held_on, Inspection.id)
    )
    for id_, held in db.session.execute(query):
        if held.held_on:
            yield id_, RecordEvent(held.held_on, "research", "视察", held.theme, held.tracking.name)


def _noted(ids: Sequence[int], year: int) -> Found:
    """Notes written on the spot."""
    first, after = duties.moments_of(year)
    query = (
        select(InspectionNote)
        .where(
            InspectionNote.deputy_id.in_(ids),
            InspectionNote.written_at >= first,
            InspectionNote.written_at < after,
        )
        .options(joinedload(InspectionNote.tracking).joinedload(Tracking.project))
        .order_by(InspectionNote.written_at, InspectionNote.id)
    )
    for note in db.session.scalars(query):
        on, said = local(note.written_at).date(), "发现问题" if note.finding else ""
        yield note.deputy_id, RecordEvent(on, "research", "监督记录", note.tracking.name, said, note.text)


def _suggested(ids: Sequence[int], year: int) -> Found:
    query = (
        select(Suggestion.deputy_id, Suggestion.title, Suggestion.received_at)
        .where(*duties.gathered(year), Suggestion.deputy_id.in_(ids))
        .order_by(Suggestion.received_at, Suggestion.id)
    )
    for id_, title, received_at in db.session.execute(query):
        if id_ is not None:
            yield id_, RecordEvent(local(received_at).date(), "suggestions", "收集建议", title)


# --- the year on paper ---------------------------------------------------------------------------------------


def paper(found: Record, body: Body, *, today: date) -> Paper:
    """履职档案 of one deputy and year, under its eight headings."""
    deputy, organ = found.deputy, bodies.organ_of(body)
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
    return duty_papers.record(
        duty_papers.RecordData(
            body=body.name,
            member=organ.member,
            year=found.year,
            name=deputy.name,
            basics=basics,
            rates=found.rates.named(body.kind),
            counted=how_counted(body.kind),
            votes=found.figures.votes + found.figures.ratings,
            parts=[
                (words, [(e.on, e.word, e.title, e.note) for e in found.under(heading)])
                for heading, words in HEADINGS.items()
            ],
            made_on=today,
        )
    )


def draw(
    deputies: Sequence[Deputy], year: int, body: Body, kind: str, *, today: date
) -> list[tuple[str, Callable[[], bytes]]]:
    """(file name, what draws it as ``kind``: pdf or docx) of each deputy's paper. All is read here: drawing takes
    seconds, and no database.
    """
    to = layout.to_pdf if kind == "pdf" else layout.to_docx
    drawn: list[tuple[str, Callable[[], bytes]]] = []
    for found in records(deputies, year, kind=body.kind):
        made = paper(found, body, today=today)
        drawn.append((paper_name(found.deputy, year, kind), partial(to, made)))
    return drawn


def paper_name(deputy: Deputy, year: int, kind: str) -> str:
    return f"{deputy.number}-{deputy.name}-{year}年履职档案.{kind}"


#: Deputies whose papers are drawn by one request: some seconds.
BATCH = 10


@dataclass(frozen=True)
class Batch:
    """Some deputies of one delegation, whose papers are made together; ``key`` names it in a request."""

    key: str
    name: str
    delegation_id: int
    deputies: list[Deputy]


def batches(year: int, *, kind: BodyKind) -> list[Batch]:
    """Everybody's papers of a year, by delegation, in portions."""
    groups: dict[int, list[Deputy]] = {}
    for line in duties.everybody(year, kind=kind):
        groups.setdefault(line.deputy.delegation_id, []).append(line.deputy)
    found = []
    for delegation_id, deputies in groups.items():
        for place in range(0, len(deputies), BATCH):
            some = deputies[place : place + BATCH]
            name = some[0].delegation.name
            if len(deputies) > BATCH:
                name += f"（{place + 1}至{place + len(some)}）"
            found.append(Batch(f"{delegation_id}-{place // BATCH}", name, delegation_id, some))
    return found
