"""One congress of the demo: the acts of its year, as its offices, units, tellers and deputies would do them.

What happens when is entered in a diary; chapters of their own add to it (see `year`).
"""

import random
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from sqlalchemy import select

from votes.clock import local
from votes.db import db, scoped
from votes.demo import marks, pictures
from votes.demo.days import Act, Add, moment
from votes.demo.people import Place, seats
from votes.demo.progress import Course, Told
from votes.demo.projects import YEAR, Candidate
from votes.exports.formats.xlsx import Row
from votes.models import Body, CongressSession, Deputy, Project, Round, Suggestion, Tracking
from votes.rules.codes import new_code
from votes.rules.delivery.parts import Money, whole_percent
from votes.rules.people.roles import BodyKind, Role, TellerRole
from votes.rules.people.roster import COLUMNS
from votes.rules.permissions import Actor
from votes.rules.projects.projects import Gate, ProjectState
from votes.services import audit, imports, uploads
from votes.services.delivery import announcements, plans, reports
from votes.services.meeting import cards, checkin, rounds, sessions, tellers
from votes.services.people import accounts, bodies, identity, roster_sheets
from votes.services.projects import projects, reviews
from votes.services.voting import ballots, results, tally

#: Of every account in LOGINS; printed for everybody to see.
PASSWORD = "Minsheng-2027"


class Login(NamedTuple):
    """An account that is shown to whoever loads the demo."""

    role: str
    word: str
    username: str


LOGINS = (
    Login("sysadmin", "系统管理员", "admin"),
    Login("office", "县人大办", "office"),
    Login("government", "县政府办", "government"),
    Login("department", "县交通运输局", "transport"),
    Login("department", "县民政局", "civil"),
    Login("leader", "县人大领导", "leader"),
    Login("deputy", "代表", "deputy"),
    Login("chief_teller", "总监票人", "chief"),
    Login("teller", "监票人", "teller"),
    Login("teller", "监票人", "teller2"),
    Login("township_office", "示例河镇人大", "office-he"),
    Login("township_office", "示例山乡人大", "office-shan"),
    Login("township_office", "示例湖镇人大", "office-hu"),
)


class Calendar(NamedTuple):
    """The days of one congress's year."""

    entered: date
    amended: date
    submitted: date
    gates: tuple[date, ...]
    again: date  # those that were late or sent back are handed in
    late: tuple[date, ...]  # and pass the gates
    called: date  # the session is entered
    title: str
    starts: date
    ends: date
    vote: datetime  # the box opens
    planned: date


class Diary:
    """What happens when. Acts are entered in any order and done in the order of time."""

    def __init__(self) -> None:
        self._acts: list[tuple[datetime, int, Act]] = []

    def add(self, when: datetime, act: Act) -> None:
        self._acts.append((when, len(self._acts), act))

    def run(self, until: datetime) -> None:
        for when, _, act in sorted(self._acts, key=lambda entry: entry[:2]):
            if when > until:
                return
            act(when.astimezone(UTC))


class Congress:
    """One congress of the demo: who acts in it, and what they have made so far."""

    body: Body
    office: Actor
    government: Actor
    session: CongressSession
    round: Round

    def __init__(
        self,
        place: Place,
        candidates: tuple[Candidate, ...],
        plans: dict[str, Course],
        days: Calendar,
        *,
        seats: int,
        deputies: int,
        key: str,
        absent: int,
        parent: "Congress | None" = None,
    ) -> None:
        self.place, self.candidates, self.plans, self.days = place, candidates, plans, days
        self.seats, self.count, self.key, self.absent, self.parent = seats, deputies, key, absent, parent
        self.units: dict[str, Actor] = {}
        self.projects: dict[str, Project] = {}
        self.deputies: list[Deputy] = []
        self.tellers: list[Actor] = []
        self.suggested: dict[str, list[Suggestion]] = {}
        self.gates: tuple[Gate, ...] = ()

    # --- the diary ---------------------------------------------------------------------------------

    def write(self, diary: Diary, chapters: Iterable["Chapter"] = ()) -> None:
        """Enter the congress's year into the diary, then what each of ``chapters`` adds to it."""
        days = self.days

        def add(when: datetime, act: Act) -> None:
            diary.add(when, partial(self._within, act))

        diary.add(moment(date(2026, 9, 1), 9), self.set_up)
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
        add(moment(days.called, 11), self.call)
        add(moment(days.starts - timedelta(days=2), 10), self.issue_cards)
        add(moment(days.starts, 9), self.begin)
        add(moment(days.vote.date() - timedelta(days=1), 17), self.confirm_list)
        for before, act in (
            (90, self.name_tellers), (60, self.prepare_round), (30, self.sign_in), (5, self.zero_check), (0, self.open)
        ):  # fmt: skip
            add(days.vote - timedelta(minutes=before), act)
        for after, act in ((12, self.cast), (20, self.close), (28, self.certify), (75, self.announce)):
            add(days.vote + timedelta(minutes=after), act)
        add(moment(days.ends, 16), self.end)
        for order, key in enumerate(self.plans):
            add(moment(days.planned, 9, order * 5), partial(self.plan, key))
            self._write_reports(add, key, order)
        for chapter in chapters:
            chapter(self, add)

    def _write_reports(self, add: Add, key: str, order: int) -> None:
        course = self.plans[key]
        for told in course.reports:
            day = date(YEAR, told.month + 1, 1 + (order + told.month) % 5)
            if course.accepted_on:
                day = min(day, course.accepted_on - timedelta(days=1))
            add(moment(day, 10, order * 4), partial(self.report, key, told))
        if course.accepted_on:
            add(moment(course.accepted_on, 9), partial(self.reach, key))
            add(moment(course.accepted_on, 15), partial(self.accept, key))
        else:
            add(moment(date(YEAR, 7, 2), 14, order * 4), partial(self.reach, key))

    def _within(self, act: Act, now: datetime) -> None:
        with scoped(self.body.id):
            act(now)

    # --- place and people --------------------------------------------------------------------------

    def set_up(self, now: datetime) -> None:
        place, parent = self.place, self.parent
        self.body = bodies.create_body(
            code=place.code,
            name=f"{place.place}人民代表大会",
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
            self.office = self._somebody(f"office{suffix}", f"{place.place}人大办（示例）", Role.OFFICE, now)
            office = "党政办" if parent else "政府办"
            self.government = self._somebody(
                f"government{suffix}", f"{place.place}{office}（示例）", Role.GOVERNMENT, now
            )
            for name, head, username in place.units:
                self._add_unit(name, head, username, now)
            self._import_roster(now)
            if parent is None:
                self._somebody("leader", f"{place.place}人大常委会领导（示例）", Role.LEADER, now)
                for username, deputy in zip(
                    ("chief", "teller", "teller2"), self.teller_seats(), strict=False
                ):
                    self._somebody(username, deputy.name, Role.DEPUTY, now, deputy_id=deputy.id)
                mine = self.deputies[1]
                self._somebody("deputy", mine.name, Role.DEPUTY, now, deputy_id=mine.id)

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
        """Whoever acts in this role: with an account if it is on the list of logins, else without one."""
        if all(login.username != username for login in LOGINS):
            return Actor(
                name=name,
                body_id=self.body.id,
                home_body_id=self.body.id,
                roles=frozenset({role}),
                department_id=department_id,
                deputy_id=deputy_id,
            )
        user, _ = accounts.create_user(
            username=username,
            name=name,
            roles=[role],
            body_id=self.body.id,
            by=audit.SYSTEM,
            now=now,
            password=PASSWORD,
            must_change=False,
            department_id=department_id,
            deputy_id=deputy_id,
        )
        actor = identity.by_user(user.id, user.login_serial)
        assert actor is not None
        return actor

    def _add_unit(self, name: str, head: str, username: str, now: datetime) -> None:
        unit = bodies.save_department(
            None,
            name=name,
            head=head,
            contact=f"0000-82{len(self.units) + 10:02d}00",
            active=True,
            by=self.government,
            now=now,
        )
        self.units[name] = self._somebody(
            username, f"{name}经办人（示例）", Role.DEPARTMENT, now, department_id=unit.id
        )

    def _import_roster(self, now: datetime) -> None:
        rows = [
            Row(number, {COLUMNS[name]: text for name, text in seat._asdict().items()} | {"状态": "在任"})
            for number, seat in enumerate(seats(self.place, self.count), start=4)
        ]
        book = imports.Book(f"{self.place.place}代表名册.xlsx", rows)
        draft = imports.preview(roster_sheets.SHEET, book, by=self.office, now=now)
        imports.apply(roster_sheets.SHEET, draft, end_departed=False, by=self.office, now=now)
        self.deputies = list(db.session.scalars(select(Deputy).order_by(Deputy.id)))

    def teller_seats(self) -> list[Deputy]:
        """One out of each of the first delegations: 总监票人 first."""
        firsts: dict[int, Deputy] = {}
        for deputy in self.deputies:
            firsts.setdefault(deputy.delegation_id, deputy)
        return list(firsts.values())[-4:][::-1]

    # --- candidates --------------------------------------------------------------------------------

    def enter(self, candidate: Candidate, now: datetime) -> None:
        unit = self.units[candidate.unit]
        assert unit.department_id is not None
        values = candidate.values(unit.department_id)
        if candidate in self.candidates[:3]:  # the first wording, amended a week later
            values["target"] = values["target"].split("；")[0].rstrip("。") + "。"
        project = projects.create(values, by=unit, now=now)
        self.projects[candidate.key] = project
        if self.parent is not None:
            return
        photo = self._photograph(candidate, month=9, percent=100, caption="效果图")
        projects.attach(project, [photo], by=unit, now=now, caption="建成效果图（示例）")

    def amend(self, candidate: Candidate, now: datetime) -> None:
        projects.edit(
            self.projects[candidate.key],
            {"target": candidate.target},
            by=self.government,
            now=now,
            note="按征求意见情况补充量化目标",
        )

    def submit(self, now: datetime) -> None:
        for candidate in self.candidates:
            if candidate.review != "draft":
                reviews.submit(self.projects[candidate.key], by=self.units[candidate.unit], now=now)

    def pass_gate(self, place: int, now: datetime) -> None:
        """The meetings of December, which some candidates do not pass yet."""
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
                    decided_on=local(now).date(),
                    opinion=candidate.opinion,
                    by=self._recorder(place),
                    now=now,
                )

    def submit_late(self, now: datetime) -> None:
        for candidate in self.candidates:
            project = self.projects[candidate.key]
            if candidate.review == "returned":
                more = f"{candidate.safeguards}已按审议意见补充具体安排，列明地点、时限、责任人和补助标准。"
                projects.edit(
                    project, {"safeguards": more}, by=self.government, now=now, note="按审议意见修改"
                )
            if candidate.review in ("draft", "returned"):
                reviews.submit(project, by=self.units[candidate.unit], now=now)

    def pass_late(self, place: int, now: datetime) -> None:
        """The meetings of the new year: whoever still stands at this gate passes it."""
        for candidate in self.candidates:
            project = self.projects[candidate.key]
            if project.state == ProjectState.REVIEWING and project.gates_passed == place:
                self._pass(candidate, place, now)

    def _pass(self, candidate: Candidate, place: int, now: datetime) -> None:
        gate = self.gates[place]
        reviews.pass_gate(
            self.projects[candidate.key],
            gate=gate.key,
            decided_on=local(now).date(),
            document_number=f"{self.place.place}{gate.name}纪要〔{now.year}〕{10 + place * 7 + now.month}号",
            opinion="同意列为候选项目。" if place + 1 < len(self.gates) else "同意提请人民代表大会票决。",
            by=self._recorder(place),
            now=now,
        )

    def _recorder(self, place: int) -> Actor:
        return self.government if self.gates[place].role == "government" else self.office

    # --- the session and its vote ------------------------------------------------------------------

    def call(self, now: datetime) -> None:
        self.session = sessions.create_session(
            title=self.days.title,
            year=YEAR,
            starts_on=self.days.starts,
            ends_on=self.days.ends,
            place=f"{self.place.place}会议中心" if self.parent is None else f"{self.place.place}文化中心",
            by=self.office,
            now=now,
        )

    def issue_cards(self, now: datetime) -> None:
        cards.issue_missing(self.session, key=self.key, by=self.office, now=now)

    def begin(self, now: datetime) -> None:
        sessions.move(self.session, "start", by=self.office, now=now)

    def end(self, now: datetime) -> None:
        sessions.move(self.session, "end", by=self.office, now=now)

    def confirm_list(self, now: datetime) -> None:
        reviews.confirm_list(
            YEAR,
            {self.projects[c.key].id: number for number, c in enumerate(self.candidates, start=1)},
            decided_on=local(now).date(),
            document_number=f"{self.place.place}{self.days.title}主席团第二次会议",
            opinion="同意提请全体会议票决。",
            by=self.office,
            now=now,
        )

    def name_tellers(self, now: datetime) -> None:
        for place, deputy in enumerate(self.teller_seats()):
            role = TellerRole.TELLER if place else TellerRole.CHIEF
            tellers.name_teller(self.session, deputy.id, role, by=self.office, now=now)
            self.tellers.append(self._somebody("", deputy.name, Role.DEPUTY, now, deputy_id=deputy.id))

    def prepare_round(self, now: datetime) -> None:
        listed = projects.listed(YEAR)
        self.round = rounds.create_round(
            self.session,
            title=f"{YEAR}年民生实事项目票决",
            rule=bodies.default_rule(self.body, self.seats),
            project_ids=[project.id for project in listed],
            by=self.office,
            now=now,
        )

    def sign_in(self, now: datetime) -> None:
        missing = self._missing()
        here = [deputy.id for deputy in self.deputies if deputy.id not in missing]
        checkin.check_in_all(self.session, here, by=self.office, now=now)
        for place, deputy_id in enumerate(missing[: len(missing) * 2 // 3]):
            reason = ("因病住院", "外出执行公务", "家中有急事")[place % 3]
            checkin.record_leave(self.session, deputy_id, reason, by=self.office, now=now)

    def _missing(self) -> list[int]:
        return self.missing("absent")

    def missing(self, when: str) -> list[int]:
        """Ids of those who are not there: never a teller, nor the deputy whose account is shown."""
        needed = {deputy.id for deputy in [*self.teller_seats(), self.deputies[1]]}
        others = [deputy.id for deputy in self.deputies if deputy.id not in needed]
        return random.Random(f"{self.place.code} {when}").sample(others, self.absent)

    def zero_check(self, now: datetime) -> None:
        rounds.zero_check(self.round, by=self.tellers[0], now=now)

    def open(self, now: datetime) -> None:
        rounds.open_round(self.round, by=self.office, now=now)

    def cast(self, now: datetime) -> None:
        """Everybody who is there votes, but for one who does not."""
        missing = set(self._missing())
        voters = [deputy.id for deputy in self.deputies if deputy.id not in missing][:-1]
        box = marks.boxful([c.share for c in self.candidates], self.seats, len(voters), self.place.code)
        for deputy_id, marked in zip(voters, box, strict=True):
            ballots.cast(self.round.id, deputy_id, code=new_code(), marks=marked, now=now)

    def close(self, now: datetime) -> None:
        tally.close(self.round, by=self.office, now=now)
        tally.count(self.round, by=self.office, now=now)  # what else happens after the commit

    def certify(self, now: datetime) -> None:
        for minutes, teller in enumerate(self.tellers[:3]):
            tally.sign(self.round, by=teller, now=now + timedelta(minutes=2 * minutes))

    def announce(self, now: datetime) -> None:
        number = results.next_number(self.session)
        announcements.announce(
            self.round, number=number, announced_on=local(now).date(), by=self.office, now=now
        )

    # --- carrying out ------------------------------------------------------------------------------

    def _unit_of(self, key: str) -> Actor:
        return next(self.units[c.unit] for c in self.candidates if c.key == key)

    def tracking_of(self, key: str) -> Tracking:
        """The carrying-out of a project: loaded once, as the demo asks for it hundreds of times."""
        tracking = self.projects[key].tracking
        assert tracking is not None
        return tracking

    def plan(self, key: str, now: datetime) -> None:
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
                plans.Step(None, step.name, step.planned_on, step.percent) for step in self.plans[key].steps
            ],
            by=self._unit_of(key),
            now=now,
        )

    def reach(self, key: str, now: datetime, later: Callable[[str], date | None] = lambda name: None) -> None:
        """Note the milestones reached by now; ``later``: the day of one that was not reached by midyear, by its name."""
        tracking = self.tracking_of(key)
        by_midyear = {step.name: step.actual_on for step in self.plans[key].steps}
        plans.plan(
            tracking,
            starts_on=tracking.starts_on,
            steps=[
                plans.Step(
                    m.id,
                    m.name,
                    m.planned_on,
                    m.planned_percent,
                    by_midyear.get(m.name) or later(m.name),
                    m.note,
                )
                for m in tracking.milestones
            ],
            by=self._unit_of(key),
            now=now,
        )

    def replan(
        self, key: str, kept: Collection[str], anew: Sequence[tuple[str, date, int]], now: datetime
    ) -> None:
        """Lay the milestones differently: those named in ``kept`` stay, ``anew`` (name, day, per cent) come after them."""
        tracking = self.tracking_of(key)
        plans.plan(
            tracking,
            starts_on=tracking.starts_on,
            steps=[
                plans.Step(m.id, m.name, m.planned_on, m.planned_percent, m.actual_on, m.note)
                for m in tracking.milestones
                if m.name in kept
            ]
            + [plans.Step(None, name, on, percent) for name, on, percent in anew],
            by=self._unit_of(key),
            now=now,
        )

    def report(self, key: str, told: Told, now: datetime, *, pictured: bool | None = None) -> None:
        """Hand in a month's report; ``pictured``: with a photograph (None: as the first half of the year has them)."""
        project = self.projects[key]
        tracking = self.tracking_of(key)
        assert project.year_investment is not None
        share = project.year_investment / 100
        photos = []
        if told.month >= (3 if self.parent is None else 6) if pictured is None else pictured:
            candidate = next(c for c in self.candidates if c.key == key)
            photos = [
                self._photograph(
                    candidate, month=told.month, percent=told.percent, caption=f"{YEAR}年{told.month}月"
                )
            ]
        in_place, paid = round(share * told.in_place, 2), round(share * told.paid, 2)
        reports.hand_in(
            tracking,
            date(YEAR, told.month, 1),
            reports.Figures(
                percent=told.percent,
                money_planned=project.year_investment,
                money_in_place=in_place,
                money_paid=paid,
                narrative=told.narrative,
                problems=told.problems,
                next_step=told.next_step,
            ),
            by=self._unit_of(key),
            now=now,
            photos=photos,
            caption=f"{told.month}月现场（示例）" if photos else "",
            parts=_parts(project, told.percent),
            money=_by_source(project, (project.year_investment, in_place, paid)),
        )

    def accept(self, key: str, now: datetime) -> None:
        tracking = self.tracking_of(key)
        plans.finish(tracking, "complete", by=self.government, now=now, on=local(now).date())

    def _photograph(
        self, candidate: Candidate, *, month: int, percent: int, caption: str
    ) -> uploads.Prepared:
        """A picture as the uploads keep it: it need not be drawn anew, being drawn here."""
        seed = f"{self.place.code} {candidate.key}"
        picture = pictures.draw(candidate.scene, month=month, percent=percent, seed=seed, caption=caption)
        name = f"{candidate.name}（{caption}）.jpg"
        return uploads.Prepared(
            name, "image/jpeg", picture.data, picture.small, pictures.WIDTH, pictures.HEIGHT
        )


def _weights(project: Project) -> dict[int, int]:
    """What the parts weigh: as their investment, in per cent."""
    whole = sum((part.investment or 0 for part in project.subprojects), Decimal(0))
    return {part.id: max(round((part.investment or 0) * 100 / whole), 1) for part in project.subprojects}


def _parts(project: Project, percent: int) -> list[reports.Part]:
    """How far each part is when the whole is at ``percent``: some ahead, some behind."""
    weights = [part.weight for part in project.subprojects]
    if not weights:
        return []
    apart = min(percent, 100 - percent) / 3
    told = [round(percent + apart * (1, -1, 0.4, -0.4)[place % 4]) for place in range(len(weights))]
    place = 0
    while (whole := whole_percent(list(zip(weights, told, strict=True)))) != percent:
        told[place] = min(max(told[place] + (1 if whole < percent else -1), 0), 100)
        place = (place + 1) % len(told)
    return [reports.Part(part.id, each) for part, each in zip(project.subprojects, told, strict=True)]


def _by_source(project: Project, totals: tuple[Decimal, Decimal, Decimal]) -> list[Money]:
    """The totals shared out over the sources as these give; the last takes what rounding leaves."""
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
