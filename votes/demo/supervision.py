"""Supervision in the demo year, as `story/supervision.toml` tells it: groups, inspections, notes, 督办件."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from votes.clock import local
from votes.db import everything
from votes.demo import story
from votes.demo.congress import CAPTIONS, Congress
from votes.demo.days import Add, moment
from votes.demo.projects import YEAR
from votes.models import InspectionNote, Rectification, Tracking
from votes.rules.people.actor import Actor
from votes.rules.supervision.supervision import InspectionKind
from votes.services import uploads
from votes.services.delivery import trackings
from votes.services.supervision import groups, inspection_notes, inspections, overview, rectifications


@dataclass(frozen=True, kw_only=True)
class VisitStory:
    """An inspection, ``entered`` into the plan and held ``on`` days; ``missing``: how many members did not come."""

    key: str = ""
    kind: InspectionKind
    theme: str
    entered: date
    on: date
    place: str
    summary: str
    missing: int = 0


@dataclass(frozen=True, kw_only=True)
class AnswerStory:
    """A unit's answer to a 督办件 and the second inspection; ``again``: the new deadline where it failed."""

    on: date
    measures: str
    result: str
    checked: date
    passed: bool = True
    opinion: str = ""
    again: date | None = None
    photo: str = ""  # its caption; "" for none


@dataclass(frozen=True, kw_only=True)
class OrderStory:
    """A 督办件 made of a note."""

    on: date
    problem: str
    demand: str
    due: date
    person: str
    answers: tuple[AnswerStory, ...] = ()
    published: bool = True


@dataclass(frozen=True, kw_only=True)
class NoteStory:
    """A deputy's note and what became of it; ``who`` is the deputy's place in the group."""

    key: str = ""
    on: date
    text: str
    place: str = ""
    finding: bool = False
    who: int = 0
    photo: str = ""  # its caption; "" for none
    visit: bool = False  # written at the project's inspection of that day
    shown: date | None = None
    settled: tuple[date, str] | None = None
    order: OrderStory | None = None


VISITS = story.read(tuple[VisitStory, ...], "supervision", "visits")
NOTES = story.read(tuple[NoteStory, ...], "supervision", "notes")
TOWN_VISITS = story.read(tuple[VisitStory, ...], "supervision", "town", "visits")
TOWN_NOTES = story.read(tuple[NoteStory, ...], "supervision", "town", "notes")
#: 领衔 and 对口工委, by project.
GROUPS = story.read(dict[str, tuple[str, str]], "supervision", "groups")
FORMED = story.read(dict[str, date], "supervision", "formed")
SHOWN_DEPUTY = story.read(tuple[str, ...], "supervision", "shown_deputy")
RECHECKED_BY = story.read(str, "supervision", "rechecked_by")


class SupervisionStory:
    """The acts of one congress, one a method."""

    def __init__(self, congress: Congress) -> None:
        self.congress = congress
        self.orders: dict[OrderStory, Rectification] = {}

    def tracking(self, key: str) -> Tracking:
        """Return the tracking of a project."""
        tracking = trackings.of_project(self.congress.projects[key].id)
        assert tracking is not None
        return tracking

    def members(self, key: str) -> list[int]:
        """Return the ids of a group's deputies; the deputy whose account is shown comes first."""
        deputies = self.congress.deputies
        place = list(self.congress.plans).index(key)
        if self.congress.parent is not None:  # 1 主席团成员 ↔ 1 项目, and a neighbour
            return [deputies[place].id, deputies[(place + 3) % len(deputies)].id]
        shown = [deputies[1].id] if key in SHOWN_DEPUTY else []
        step = max(len(deputies) // 12, 1)
        others = [deputies[(5 + place + i * step) % len(deputies)].id for i in range(5)]
        return [*shown, *(each for each in others if each not in shown)]

    def form(self, key: str, now: datetime) -> None:
        """Form the group of a project; a named lead takes the place of a lead deputy."""
        ids = self.members(key)
        lead, committee = GROUPS.get(key, ("", "")) if self.congress.parent is None else ("", "")
        groups.set_group(
            self.tracking(key),
            lead=lead,
            lead_deputy_id=None if lead else ids[0],
            committee=committee,
            note="",
            deputy_ids=ids,
            by=self.congress.office,
            now=now,
        )

    def plan(self, visit: VisitStory, now: datetime) -> None:
        """Plan an inspection by the group of its project."""
        inspections.plan(
            self.tracking(visit.key),
            inspections.InspectionPlan(
                visit.kind, visit.theme, visit.on, visit.place, self.members(visit.key)
            ),
            by=self.congress.office,
            now=now,
        )

    def hold(self, visit: VisitStory, now: datetime) -> None:
        """Record an inspection as held; the last members of the group are missing."""
        row = overview.of_tracking(self.tracking(visit.key).id, secret=True)
        inspection = next(i for i in row.inspections if i.theme == visit.theme)
        ids = self.members(visit.key)
        inspections.hold(
            inspection,
            held_on=visit.on,
            deputy_ids=ids[: len(ids) - visit.missing],
            summary=visit.summary,
            by=self.congress.office,
            now=now,
        )

    def write(self, note: NoteStory, now: datetime) -> None:
        """Let a deputy write a note about a project, or about an inspection on that day."""
        tracking = self.tracking(note.key)
        deputy_id = self.members(note.key)[note.who]
        deputy = next(d for d in self.congress.deputies if d.id == deputy_id)
        about = f"t{tracking.id}"
        if note.visit:
            row = overview.of_tracking(tracking.id, secret=True)
            about = next(f"i{i.id}" for i in row.inspections if i.day == note.on)
        by = Actor(name=deputy.name, deputy_id=deputy_id, body_id=deputy.body_id, home_body_id=deputy.body_id)
        inspection_notes.write(
            about,
            text=note.text,
            place=note.place,
            finding=note.finding,
            photos=self.photos(note.key, note.on, note.photo),
            by=by,
            now=now,
        )

    def photos(self, key: str, on: date, caption: str) -> Sequence[uploads.Prepared]:
        """Prepare the photo of a day; none where there is no caption."""
        if not caption:
            return []
        on_file = CAPTIONS["day"][0].format(year=YEAR, month=on.month, day=on.day, caption=caption)
        return [self.congress.photo(key, on.isoformat(), on_file)]

    def written(self, note: NoteStory) -> InspectionNote:
        """Return the row of a note, which is found by its text."""
        query = inspection_notes.search({"year": YEAR}).where(InspectionNote.text == note.text)
        row: InspectionNote = everything(query)[0]
        return row

    def show(self, note: NoteStory, now: datetime) -> None:
        """Publish a note, with its photo."""
        inspection_notes.publish(
            self.written(note), published=True, photos=bool(note.photo), by=self.congress.office, now=now
        )

    def settle(self, note: NoteStory, words: str, now: datetime) -> None:
        """Settle a note with words of the office."""
        inspection_notes.settle(self.written(note), words, by=self.congress.office, now=now)

    def order(self, note: NoteStory, order: OrderStory, now: datetime) -> None:
        """Order a rectification because of a note."""
        tracking = self.tracking(note.key)
        self.orders[order] = rectifications.issue(
            tracking,
            rectifications.Order(
                order.problem,
                order.demand,
                tracking.department_id,
                order.person,
                order.due,
                order.published,
            ),
            note=self.written(note),
            by=self.congress.office,
            now=now,
        )

    def _rectification(self, order: OrderStory) -> Rectification:
        rectification = rectifications.get(self.orders[order].id)
        assert rectification is not None
        return rectification

    def answer(self, key: str, order: OrderStory, answer: AnswerStory, now: datetime) -> None:
        """Let the unit answer an order, with a photo where the story has one."""
        rectifications.answer(
            self._rectification(order),
            measures=answer.measures,
            result=answer.result,
            photos=self.photos(key, answer.on, answer.photo),
            by=self.congress.unit_of(key),
            now=now,
        )

    def recheck(self, order: OrderStory, answer: AnswerStory, now: datetime) -> None:
        """Recheck what the unit has answered."""
        rectifications.recheck(
            self._rectification(order),
            passed=answer.passed,
            rechecked_on=local(now).date(),
            rechecked_by=RECHECKED_BY,
            opinion=answer.opinion,
            due_on=answer.again,
            by=self.congress.office,
            now=now,
        )


def write(congress: Congress, add: Add) -> None:
    """Enter the supervision of a congress into the diary."""
    acts, county = SupervisionStory(congress), congress.parent is None
    visits, notes = (VISITS, NOTES) if county else _of_town(congress)
    for order, key in enumerate(congress.plans):
        add(moment(FORMED["county" if county else "township"], 9, order * 5), partial(acts.form, key))
    for order, visit in enumerate(visits):
        add(moment(visit.entered, 15, order * 4 if county else 0), partial(acts.plan, visit))
        add(moment(visit.on, 17), partial(acts.hold, visit))
    for order, note in enumerate(notes):
        add(moment(note.on, 11, order), partial(acts.write, note))
        if note.shown:
            add(moment(note.shown, 9, order), partial(acts.show, note))
        if note.settled:
            on, words = note.settled
            add(moment(on, 16), partial(acts.settle, note, words))
        if note.order:
            add(moment(note.order.on, 10, order), partial(acts.order, note, note.order))
            for answer in note.order.answers:
                add(moment(answer.on, 15, order), partial(acts.answer, note.key, note.order, answer))
                add(moment(answer.checked, 16, order), partial(acts.recheck, note.order, answer))


def _of_town(congress: Congress) -> tuple[Sequence[VisitStory], Sequence[NoteStory]]:
    """Return the inspections and notes of a township, all of its first project."""
    key = next(iter(congress.plans))
    place = congress.place.place
    return (
        [replace(each, key=key, theme=each.theme.format(place=place)) for each in TOWN_VISITS],
        [replace(each, key=key) for each in TOWN_NOTES],
    )
