"""One congress of the demo: the acts of its year, as its offices, units and deputies would do them.

What happens when is entered in a diary; chapters of their own add to it (see `year`).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO

from PIL import Image
from sqlalchemy import select

from votes.clock import local
from votes.config import ROOT
from votes.db import db, scoped
from votes.demo import story
from votes.demo.days import Act, Add, moment
from votes.demo.keys import PhoneKey
from votes.demo.people import LOGINS, PASSWORD, PlaceStory, UnitStory, seats
from votes.demo.progress import COURSES, MonthStory
from votes.demo.projects import CANDIDATES, YEAR, CandidateStory
from votes.demo.sitting import SessionStory, Sitting
from votes.exports.formats.xlsx import Row
from votes.models import Body, Deputy, Project, Suggestion, Tracking
from votes.rules.delivery.parts import Money, whole_percent
from votes.rules.people.accounts import AccountValues
from votes.rules.people.actor import Actor
from votes.rules.people.roles import BodyKind, Role
from votes.rules.people.roster import COLUMNS
from votes.rules.projects.projects import Gate, Minutes, ProjectState
from votes.services import audit, imports, uploads
from votes.services.delivery import plans, reports
from votes.services.people import accounts, bodies, departments, identity, passwords, roster_sheets
from votes.services.projects import projects, reviews

#: The photographs: one folder for each congress.
PHOTOS = ROOT / "static" / "demo"
SMALL_PHOTO = (480, 320)

OFFICES = story.read(dict[str, str], "congress", "offices")
TEXTS = story.read(dict[str, str], "congress", "texts")
#: The captions of the photographs: in the name of the file, and on the page.
CAPTIONS = story.read(dict[str, tuple[str, str]], "congress", "photos")
MIDYEAR = story.read(date, "congress", "midyear", "reached")


@dataclass(frozen=True)
class CalendarStory:
    """The days of one congress's year."""

    entered: date
    amended: date
    submitted: date
    gates: tuple[date, ...]
    again: date  # those that were late or sent back are handed in
    late: tuple[date, ...]  # and pass the gates
    planned: date
    session: SessionStory


class Diary:
    """The acts of the year: entered in any order, done in the order of time."""

    def __init__(self) -> None:
        self._acts: list[tuple[datetime, int, Act]] = []

    def add(self, when: datetime, act: Act) -> None:
        """Enter an act that happens at ``when`` (aware)."""
        self._acts.append((when, len(self._acts), act))

    def run(self, until: datetime) -> None:
        """Do the acts up to ``until``, each with its moment in UTC."""
        for when, _, act in sorted(self._acts, key=lambda entry: entry[:2]):
            if when > until:
                return
            act(when.astimezone(UTC))


class Congress:
    """One congress of the demo: who acts in it, and what they have made so far."""

    body: Body
    office: Actor
    government: Actor

    def __init__(
        self,
        place: PlaceStory,
        *,
        deputies: int,
        absent: int,
        key: str,
        parent: "Congress | None" = None,
        by_visitors: bool = False,
    ) -> None:
        self.place, self.count, self.absent, self.key, self.parent = place, deputies, absent, key, parent
        self.by_visitors = by_visitors
        self.candidates, self.plans = CANDIDATES[place.code], COURSES[place.code]
        self.days = story.read(CalendarStory, "congress", place.code)
        self.seats = len(self.plans)
        self.sitting = Sitting(self, self.days.session)
        self.units: dict[str, Actor] = {}
        self.projects: dict[str, Project] = {}
        self.deputies: list[Deputy] = []
        self.suggested: dict[str, list[Suggestion]] = {}
        self.gates: tuple[Gate, ...] = ()

    # --- the diary ---------------------------------------------------------------------------------

    def write(self, diary: Diary, chapters: Iterable["Chapter"] = ()) -> None:
        """Enter the congress's year into the diary, then what each of ``chapters`` adds to it."""
        days = self.days

        def add(when: datetime, act: Act) -> None:
            diary.add(when, partial(self._within, act))

        diary.add(story.read(datetime, "congress", "begin", "congresses"), self.set_up)
        for order, candidate in enumerate(self.candidates):
            add(
                moment(days.entered + timedelta(days=order // 4), 9 + order % 4 * 2),
                partial(self.enter, candidate),
            )
        for order, candidate in enumerate(self.candidates[:3]):
            add(moment(days.amended, 10, order * 10), partial(self.amend, candidate))
        add(moment(days.submitted, 15), self.submit)
        for place, day in enumerate(days.gates):
            add(moment(day, 17), partial(self.pass_gate, place))
        add(moment(days.again, 9), self.submit_late)
        for place, day in enumerate(days.late):
            add(moment(day, 17), partial(self.pass_late, place))
        self.sitting.write(add)
        add(moment(days.session.votes.date() - timedelta(days=1), 17), self.confirm_list)
        for order, key in enumerate(self.plans):
            add(moment(days.planned, 9, order * 5), partial(self.plan, key))
            self._write_reports(add, key, order)
        for chapter in chapters:
            chapter(self, add)

    def _write_reports(self, add: Add, key: str, order: int) -> None:
        course = self.plans[key]
        for month in course.reports:
            day = date(YEAR, month.month + 1, 1 + (order + month.month) % 5)
            if course.accepted_on:
                day = min(day, course.accepted_on - timedelta(days=1))
            add(moment(day, 10, order * 4), partial(self.report, key, month))
        if course.accepted_on:
            add(moment(course.accepted_on, 9), partial(self.reach, key))
            add(moment(course.accepted_on, 15), partial(self.accept, key))
        else:
            add(moment(MIDYEAR, 14, order * 4), partial(self.reach, key))

    def _within(self, act: Act, now: datetime) -> None:
        with scoped(self.body.id):
            act(now)

    # --- place and people --------------------------------------------------------------------------

    def set_up(self, now: datetime) -> None:
        """Create the body with its units, accounts, roster and settings."""
        place, parent = self.place, self.parent
        self.body = bodies.create_body(
            code=place.code,
            name=TEXTS["body"].format(place=place.place),
            place=place.place,
            kind=BodyKind.TOWNSHIP if parent else BodyKind.COUNTY,
            parent_id=parent.body.id if parent else None,
            by=audit.SYSTEM,
            now=now,
            is_demo=True,
        )
        with scoped(self.body.id):
            bodies.change_settings(
                self.body,
                {"rule": {"disclosure": "ballots", "publish": "names+votes"}},
                by=audit.SYSTEM,
                now=now,
            )
            self.gates = bodies.gates(self.body)
            suffix = f"-{place.code.removeprefix('shili')}" if parent else ""
            texts = {name: text.format(place=place.place) for name, text in OFFICES.items()}
            self.office = self._somebody(f"office{suffix}", texts["office"], Role.OFFICE, now)
            government = texts["town_government" if parent else "government"]
            self.government = self._somebody(f"government{suffix}", government, Role.GOVERNMENT, now)
            for unit in place.units:
                self._add_unit(unit, now)
            self._import_roster(now)
            if parent is None:
                self._somebody("leader", texts["leader"], Role.LEADER, now)
                shown = zip(("chief", "teller", "teller2"), self.teller_seats(), strict=False)
                for username, deputy in (*shown, ("deputy", self.deputies[1])):
                    self._somebody(username, deputy.name, Role.DEPUTY, now, deputy_id=deputy.id)

    def _somebody(
        self,
        username: str,
        name: str,
        role: Role,
        now: datetime,
        *,
        department_id: int | None = None,
        deputy_id: int | None = None,
    ) -> Actor:
        """Return whoever acts in this role: with an account if it is on the list of logins, else without one."""
        if all(login.username != username for login in LOGINS):
            return self.actor(name, role, department_id=department_id, deputy_id=deputy_id)
        values = AccountValues(
            name=name,
            roles=[role],
            body_id=self.body.id,
            department_id=department_id,
            deputy_id=deputy_id,
        )
        user, _ = accounts.create_user(
            username, values, by=audit.SYSTEM, now=now, password=PASSWORD, must_change=False
        )
        actor = identity.by_user(user.id, user.login_serial)
        assert actor is not None
        return actor

    def actor(
        self, name: str, role: Role, *, department_id: int | None = None, deputy_id: int | None = None
    ) -> Actor:
        """Return somebody without an account who acts in this role."""
        return Actor(
            name=name,
            body_id=self.body.id,
            home_body_id=self.body.id,
            roles=frozenset({role}),
            department_id=department_id,
            deputy_id=deputy_id,
        )

    def _add_unit(self, unit: UnitStory, now: datetime) -> None:
        row = departments.save(
            None,
            name=unit.name,
            head=unit.head,
            contact=f"0000-82{len(self.units) + 10:02d}00",
            active=True,
            by=self.government,
            now=now,
        )
        clerk = TEXTS["clerk"].format(unit=unit.name)
        self.units[unit.name] = self._somebody(
            unit.username, clerk, Role.DEPARTMENT, now, department_id=row.id
        )

    def _import_roster(self, now: datetime) -> None:
        rows = [
            Row(number, {COLUMNS[name]: text for name, text in seat._asdict().items()} | {"状态": "在任"})
            for number, seat in enumerate(seats(self.place, self.count), start=4)
        ]
        book = imports.Book(TEXTS["roster"].format(place=self.place.place), rows)
        draft = imports.preview(roster_sheets.SHEET, book, by=self.office, now=now)
        imports.apply(roster_sheets.SHEET, draft, end_departed=False, by=self.office, now=now)
        self.deputies = list(db.session.scalars(select(Deputy).order_by(Deputy.id)))

    def teller_secret(self) -> PhoneKey | str:
        """Return what a teller of this congress signs with: a phone's key, or the hash of the visitors' passphrase."""
        return passwords.hash_password(PASSWORD) if self.by_visitors else PhoneKey()

    def teller_seats(self) -> list[Deputy]:
        """Return one deputy out of each of the last four delegations: 总监票人 first."""
        firsts: dict[int, Deputy] = {}
        for deputy in self.deputies:
            firsts.setdefault(deputy.delegation_id, deputy)
        return list(firsts.values())[-4:][::-1]

    # --- candidates --------------------------------------------------------------------------------

    def enter(self, candidate: CandidateStory, now: datetime) -> None:
        """Enter a candidate; the county adds a picture of its design."""
        unit = self.units[candidate.unit]
        assert unit.department_id is not None
        values = candidate.values(unit.department_id)
        if candidate in self.candidates[:3]:  # the first wording, amended a week later
            values["target"] = values["target"].split("；")[0].rstrip("。") + "。"
        project = projects.create(values, by=unit, now=now)
        self.projects[candidate.key] = project
        if self.parent is not None:
            return
        on_file, on_page = CAPTIONS["design"]
        photo = self.photo(candidate.key, "design", on_file)
        projects.attach(project, [photo], by=unit, now=now, caption=on_page)

    def amend(self, candidate: CandidateStory, now: datetime) -> None:
        """Complete the target of a candidate whose first wording was short."""
        projects.edit(
            self.projects[candidate.key],
            {"target": candidate.target},
            by=self.government,
            now=now,
            note=TEXTS["amended"],
        )

    def submit(self, now: datetime) -> None:
        """Submit the candidates that are ready in time."""
        for candidate in self.candidates:
            if candidate.review != "draft":
                reviews.submit(self.projects[candidate.key], by=self.units[candidate.unit], now=now)

    def pass_gate(self, place: int, now: datetime) -> None:
        """Hold a meeting of December, which some candidates do not pass yet."""
        keys = [gate.key for gate in self.gates]
        for candidate in self.candidates:
            reached = len(keys) if candidate.review == "approved" else 0
            if candidate.review in keys:
                reached = keys.index(candidate.review) + 1
            if reached > place:
                self._pass(candidate, place, now)
            elif candidate.review == "returned" and place == 0:
                reviews.send_back(
                    self.projects[candidate.key],
                    Minutes(local(now).date(), opinion=candidate.opinion),
                    by=self._recorder(place),
                    now=now,
                )

    def submit_late(self, now: datetime) -> None:
        """Submit the candidates that were late, and those that were sent back, improved."""
        for candidate in self.candidates:
            project = self.projects[candidate.key]
            if candidate.review == "returned":
                more = TEXTS["improved"].format(safeguards=candidate.safeguards)
                note = TEXTS["improved_note"]
                projects.edit(project, {"safeguards": more}, by=self.government, now=now, note=note)
            if candidate.review in ("draft", "returned"):
                reviews.submit(project, by=self.units[candidate.unit], now=now)

    def pass_late(self, place: int, now: datetime) -> None:
        """Hold a meeting of the new year: whoever still stands at this gate passes it."""
        for candidate in self.candidates:
            project = self.projects[candidate.key]
            if project.state == ProjectState.REVIEWING and project.gates_passed == place:
                self._pass(candidate, place, now)

    def _pass(self, candidate: CandidateStory, place: int, now: datetime) -> None:
        gate = self.gates[place]
        reviews.pass_gate(
            self.projects[candidate.key],
            Minutes(
                local(now).date(),
                TEXTS["gate_document"].format(
                    place=self.place.place, gate=gate.name, year=now.year, number=10 + place * 7 + now.month
                ),
                TEXTS["gate_opinion" if place + 1 < len(self.gates) else "last_gate_opinion"],
            ),
            gate=gate.key,
            by=self._recorder(place),
            now=now,
        )

    def _recorder(self, place: int) -> Actor:
        return self.government if self.gates[place].role == "government" else self.office

    def confirm_list(self, now: datetime) -> None:
        """Put all candidates on the list for the vote, in the order of the story."""
        document = TEXTS["list_document"].format(place=self.place.place, session=self.days.session.title)
        reviews.confirm_list(
            YEAR,
            {self.projects[c.key].id: number for number, c in enumerate(self.candidates, start=1)},
            Minutes(local(now).date(), document, TEXTS["list_opinion"]),
            by=self.office,
            now=now,
        )

    # --- carrying out ------------------------------------------------------------------------------

    def candidate(self, key: str) -> CandidateStory:
        """Return the candidate of a key."""
        return next(candidate for candidate in self.candidates if candidate.key == key)

    def unit_of(self, key: str) -> Actor:
        """Return who acts for the unit of a candidate."""
        return self.units[self.candidate(key).unit]

    def tracking_of(self, key: str) -> Tracking:
        """Return the tracking of a project: loaded once, as the demo asks for it hundreds of times."""
        tracking = self.projects[key].tracking
        assert tracking is not None
        return tracking

    def plan(self, key: str, now: datetime) -> None:
        """Plan a project: the government its period and weights, its unit the milestones."""
        tracking = self.tracking_of(key)
        plans.plan(
            tracking,
            starts_on=tracking.starts_on,
            steps=[],
            period=self.plans[key].period,
            weights=_weights(self.projects[key]),
            by=self.government,
            now=now,
        )
        plans.plan(
            tracking,
            starts_on=tracking.starts_on,
            steps=[
                plans.PlannedStep(None, step.name, step.planned_on, step.percent)
                for step in self.plans[key].steps
            ],
            by=self.unit_of(key),
            now=now,
        )

    def reach(self, key: str, now: datetime, later: Callable[[str], date | None] = lambda name: None) -> None:
        """Note the milestones reached by now.

        ``later`` gives the day of one that was not reached by midyear, by its name.
        """
        tracking = self.tracking_of(key)
        by_midyear = {step.name: step.actual_on for step in self.plans[key].steps}
        plans.plan(
            tracking,
            starts_on=tracking.starts_on,
            steps=[
                plans.PlannedStep(
                    m.id,
                    m.name,
                    m.planned_on,
                    m.planned_percent,
                    by_midyear.get(m.name) or later(m.name),
                    m.note,
                )
                for m in tracking.milestones
            ],
            by=self.unit_of(key),
            now=now,
        )

    def replan(
        self, key: str, kept: Collection[str], anew: Sequence[tuple[str, date, int]], now: datetime
    ) -> None:
        """Lay the milestones differently.

        Those named in ``kept`` stay, ``anew`` (name, day, per cent) come after them.
        """
        tracking = self.tracking_of(key)
        plans.plan(
            tracking,
            starts_on=tracking.starts_on,
            steps=[
                plans.PlannedStep(m.id, m.name, m.planned_on, m.planned_percent, m.actual_on, m.note)
                for m in tracking.milestones
                if m.name in kept
            ]
            + [plans.PlannedStep(None, name, on, percent) for name, on, percent in anew],
            by=self.unit_of(key),
            now=now,
        )

    def report(self, key: str, month: MonthStory, now: datetime, *, pictured: bool | None = None) -> None:
        """Hand in a month's report, with a photograph if ``pictured``.

        None for ``pictured``: as the first half of the year has them.
        """
        project = self.projects[key]
        tracking = self.tracking_of(key)
        assert project.year_investment is not None
        share = project.year_investment / 100
        on_file, on_page = (text.format(year=YEAR, month=month.month) for text in CAPTIONS["month"])
        photos = []
        if month.month >= (3 if self.parent is None else 6) if pictured is None else pictured:
            photos = [self.photo(key, f"{YEAR}-{month.month:02d}", on_file)]
        in_place, paid = round(share * month.in_place, 2), round(share * month.paid, 2)
        reports.hand_in(
            tracking,
            date(YEAR, month.month, 1),
            reports.ReportFigures(
                percent=month.percent,
                money_planned=project.year_investment,
                money_in_place=in_place,
                money_paid=paid,
                narrative=month.narrative,
                problems=month.problems,
                next_step=month.next_step,
                parts=_parts(project, month.percent),
                money=_by_source(project, (project.year_investment, in_place, paid)),
            ),
            by=self.unit_of(key),
            now=now,
            photos=photos,
            caption=on_page if photos else "",
        )

    def accept(self, key: str, now: datetime) -> None:
        """Record that a project is completed."""
        tracking = self.tracking_of(key)
        plans.finish(tracking, "complete", by=self.government, now=now, on=local(now).date())

    def photo(self, key: str, name: str, caption: str) -> uploads.Prepared:
        """Prepare the photograph ``static/demo/<body>/<key>-<name>.webp`` of a candidate as an upload.

        The file is known to be clean, so that one fast encoding is enough.
        """
        with Image.open(PHOTOS / self.place.code / f"{key}-{name}.webp") as photo:
            whole = photo.convert("RGB")
        small = whole.resize(SMALL_PHOTO, Image.Resampling.BILINEAR)
        filename = f"{self.candidate(key).name}（{caption}）.jpg"
        return uploads.Prepared(filename, "image/jpeg", _jpeg(whole), _jpeg(small), *whole.size)


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def _weights(project: Project) -> dict[int, int]:
    """Weigh the parts as their investment, in per cent."""
    whole = sum((part.investment or 0 for part in project.subprojects), Decimal(0))
    return {part.id: max(round((part.investment or 0) * 100 / whole), 1) for part in project.subprojects}


def _parts(project: Project, percent: int) -> list[reports.PartProgress]:
    """Tell how far each part is when the whole is at ``percent``: some ahead, some behind."""
    weights = [part.weight for part in project.subprojects]
    if not weights:
        return []
    apart = min(percent, 100 - percent) / 3
    percents = [round(percent + apart * (1, -1, 0.4, -0.4)[place % 4]) for place in range(len(weights))]
    place = 0
    while (whole := whole_percent(list(zip(weights, percents, strict=True)))) != percent:
        percents[place] = min(max(percents[place] + (1 if whole < percent else -1), 0), 100)
        place = (place + 1) % len(percents)
    return [
        reports.PartProgress(part.id, each) for part, each in zip(project.subprojects, percents, strict=True)
    ]


def _by_source(project: Project, totals: tuple[Decimal, Decimal, Decimal]) -> list[Money]:
    """Share the totals out over the sources as these give; the last takes what rounding leaves."""
    whole = sum((row.amount or 0 for row in project.funding), Decimal(0))
    if not whole:
        return []
    left, rows = list(totals), []
    for row in project.funding:
        last = row is project.funding[-1]
        mine = [
            each if last else round(total * (row.amount or 0) / whole, 2)
            for each, total in zip(left, totals, strict=True)
        ]
        left = [each - own for each, own in zip(left, mine, strict=True)]
        rows.append(Money(row.source, *mine))
    return rows


#: A part of the story that has a module of its own: enters its acts for one congress.
Chapter = Callable[[Congress, Add], None]
