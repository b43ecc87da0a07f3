"""A full year in three bodies, a value for every URL argument, and everybody who may request its pages.

Made once for a database and shared: pages that are only read leave it as it is (a test says so), and what is
posted to it is taken back (`DryDatabase`).
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask, g, has_request_context
from sqlalchemy import event, func, select
from werkzeug.routing import Rule as Address

from tests import factories, worlds
from tests.counting import statements, template_statements
from tests.pages import Browser, Page
from tests.signing import ready, sign as sign_count
from tests.worlds.day import TODAY as TODAY
from tests.years import at, figures, picture
from votes import clock
from votes.db import Database, WorkSession, db
from votes.models import AuditEntry, Card, Delegation, Department, Deputy, metadata
from votes.rules.codes import new_code
from votes.rules.meeting.consents import ConsentAct
from votes.rules.meeting.rule import Rule
from votes.rules.people.actor import Actor
from votes.rules.people.roles import KeyerRole, Role, TellerRole
from votes.rules.permissions import Permission as P
from votes.rules.projects.projects import Minutes, ProjectState
from votes.rules.voting.result import BoxTotal
from votes.services import audit, imports, uploads
from votes.services.delivery import announcements, plans, reports, trackings
from votes.services.meeting import (
    cards,
    checkin,
    consents,
    halls,
    keyers,
    motions,
    openings,
    rounds,
    sessions,
    tellers,
)
from votes.services.people import roster, roster_sheets
from votes.services.projects import projects, reviews, sheets
from votes.services.voting import (
    ballot_boxes,
    ballots,
    box_contents,
    box_totals,
    bulletin,
    closing,
    keying,
    paper_ballots,
    results,
    screens,
)
from votes.web.facts import serves_files

BY = audit.SYSTEM
BODIES = ("county", "other", "township")


@contextmanager
def standing_at(moment: datetime = TODAY) -> Iterator[None]:
    """Set the application's clock to ``moment``; it runs on from there."""
    token = clock.ahead.set(moment - datetime.now(UTC))
    try:
        yield
    finally:
        clock.ahead.reset(token)


class DryDatabase(Database):
    """A database in which what a request has changed is taken back where it would have been committed.

    Refusals are still recorded: they are a unit of work of their own.
    """

    dry = False

    def __init__(self, url: str) -> None:
        super().__init__(url)
        if self.is_sqlite:  # nothing here has to outlive a power cut

            @event.listens_for(self.engine, "connect")
            def careless(dbapi: Any, record: Any) -> None:
                dbapi.execute("PRAGMA synchronous=OFF")

    def commit(self, session: WorkSession) -> None:
        refusals = all(isinstance(row, AuditEntry) and row.outcome == "refused" for row in session.new)
        if self.dry and not (session.new and refusals and not self._of_request(session)):
            session.info.pop("on_commit", None)
            session.flush()  # what the database objects to is still said
            session.rollback()
        else:
            super().commit(session)

    @staticmethod
    def _of_request(session: WorkSession) -> bool:
        return has_request_context() and session is g.get("work")


def contents(database: Database, *, but: Sequence[str] = ("audit_entries", "audit_links")) -> dict[str, str]:
    """Each table's rows as one digest, whatever the order in which they lie (``but``: tables left out)."""
    found = {}
    with database.engine.connect() as connection:
        cursor = connection.connection.cursor()  # as they lie: nobody needs the columns' Python types
        for table in metadata.tables:
            if table not in but:
                cursor.execute(f"SELECT * FROM {table}")
                found[table] = hashlib.sha256("\n".join(sorted(map(repr, cursor))).encode()).hexdigest()
    return found


@dataclass
class Year:
    """The world and its ids: `ids["county"]["round_id:opened"]`, else `ids["county"]["round_id"]`."""

    app: Flask
    database: DryDatabase
    world: factories.World
    ids: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str | None] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    visits: list["Visit"] = field(default_factory=list)

    def browser(self, who: str) -> Browser:
        """Return a browser in which one of `PEOPLE` has just signed in."""
        browser, name = Browser(self.app), self.app.config["SESSION_COOKIE_NAME"]
        key = self.keys[who]
        if key is None:
            return browser
        if who in self.cookies:
            browser.client.set_cookie(name, self.cookies[who])
            return browser
        browser.sign_in(key)
        if who in VIEWING:
            with browser.client.session_transaction() as session:
                session["viewing"] = self.world.bodies[VIEWING[who]]
        self.cookies[who] = browser.client.get_cookie(name).value  # type: ignore[union-attr]
        return browser

    def at_home(self, who: str) -> str:
        """Return the body to which ``who`` belongs."""
        return VIEWING.get(who, "county")

    def arguments(self, rule: Address, body: str) -> dict[str, Any]:
        """Return a value for each argument of a URL; raise KeyError for an argument without one."""
        assert rule.endpoint is not None
        which = {**ALL_WHICH.get(rule.endpoint.partition(".")[0], {}), **ALL_WHICH.get(rule.endpoint, {})}
        return {
            name: self.ids[body][f"{name}:{which[name]}" if name in which else name]
            for name in rule.arguments
        }

    def url(self, rule: Address, body: str, *, code: str = "") -> str:
        """Return the URL of a page about ``body``; ``code``: under the public code of another body."""
        values = self.arguments(rule, body)
        if code and "body" in values:
            values["body"] = code
        assert rule.endpoint is not None
        return self.app.url_map.bind("localhost").build(rule.endpoint, values)

    def refusals(self, since: int = 0) -> list[tuple[str, str]]:
        """Return (endpoint, role) of each refusal after the line ``since`` of the log, in order."""
        query = select(AuditEntry.action, AuditEntry.role).where(
            AuditEntry.outcome == "refused", AuditEntry.message.contains("没有办理此事的权限")
        )
        with self.database.work(write=False) as session:
            rows = session.execute(query.where(AuditEntry.id > since).order_by(AuditEntry.id))
            return [(row.action, row.role) for row in rows]

    @contextmanager
    def writing(self, really: bool = True) -> Iterator[None]:
        """Keep what is posted within the block."""
        self.database.dry = not really
        try:
            yield
        finally:
            self.database.dry = True

    def last_line(self) -> int:
        """Return the newest line of the audit log."""
        with self.database.work(write=False) as session:
            return session.scalar(select(func.max(AuditEntry.id))) or 0


# --- people --------------------------------------------------------------------------------------------

#: Everybody who may request a page. They are of the county, unless VIEWING says which body they look into.
PEOPLE = {
    "public": "nobody has signed in",
    "root": "the system administrator",
    "root_in": "the system administrator, looking at the county",
    "office": "人大办",
    "government": "政府办",
    "department": "the unit whose projects these are",
    "department2": "another unit",
    "leader": "领导",
    "visitor": "the county's leader, looking at the township below",
    "deputy": "a deputy with an account",
    "chief": "a deputy with an account who is 总监票人",
    "voter": "a deputy with a card",
    "teller": "a 监票人 with a card",
    "former": "the card of an earlier session, of somebody who was 监票人 then",
}
VIEWING = {"root_in": "county", "visitor": "township"}

#: Which one of several is meant, where the usual one will not do: by blueprint, then by page.
WHICH: dict[str, dict[str, str]] = {
    "ballots": {"round_id": "opened"},
    "roster": {"draft_id": "roster"},
    "documents": {"round_id": "certified"},
    "documents.before": {"name": "before", "round_id": "certified"},
    "documents.after": {"name": "after", "round_id": "certified"},
    "proof": {"round_id": "certified"},
    "paper": {"round_id": "paper"},
    "paper.totals": {"box_id": "totals"},
    "paper.confirm": {"box_id": "totals"},
    "projects.submit": {"project_id": "draft"},
    "projects.review": {"project_id": "reviewing"},
    "projects.withdraw": {"project_id": "reviewing"},
    "projects.restore": {"project_id": "withdrawn"},
    "projects.unlist": {"project_id": "listed"},
    "desk.hand": {"act": "paper", "round_id": "opened"},
    "public.project": {"project_id": "selected"},
    "public.photo": {"attachment_id": "photo"},
    "public.photos": {"project_id": "selected"},
    "rounds.edit": {"round_id": "draft"},
    "rounds.open_": {"round_id": "draft"},
    "rounds.cancel": {"round_id": "draft"},
    "rounds.close": {"round_id": "opened"},
    "rounds.not_voted": {"round_id": "opened"},
    "rounds.turnout": {"round_id": "opened"},
    "rounds.count": {"round_id": "counted"},
    "rounds.void": {"round_id": "counted"},
    "screens": {"key": "screen"},
    "tellers.refuse": {"round_id": "counted"},
    "tellers.turnout": {"round_id": "opened"},
    "tellers.zero_check": {"round_id": "draft"},
    "tellers.sign": {"round_id": "counted"},
    "tellers.share": {"round_id": "certified"},
}

ALL_WHICH = WHICH | {name: which for chapter in worlds.CHAPTERS for name, which in chapter.WHICH.items()}


# --- the world -----------------------------------------------------------------------------------------


def make_year(app: Flask, database: DryDatabase, size: int = 1) -> Year:
    """Make the year, with ``size`` times as many rows of every kind in the county."""
    world = factories.make_world(app, database)
    year = Year(app, database, world)
    for body in BODIES:
        year.ids[body] = _fill(world, body, size if body == "county" else 1, str(app.config["SECRET_KEY"]))
    county = year.ids["county"]
    year.keys = {
        "public": None,
        "root": world.user_key("sysadmin"),
        "root_in": world.user_key("sysadmin"),
        "visitor": world.user_key("leader"),
        "chief": f"u:{county['chief_user']}:0",
        "voter": f"c:{county['voter_card']}",
        "teller": f"c:{county['teller_card']}",
        "former": f"c:{county['former_card']}",
    }
    for role in ("office", "government", "department", "department2", "leader", "deputy"):
        year.keys[role] = world.user_key(role)
    return year


def _fill(world: factories.World, body: str, size: int, key: str) -> dict[str, Any]:
    ids: dict[str, Any] = {
        "body": {"county": "shili", "other": "linxian", "township": "shilizhen"}[body],
        "body_id": world.bodies[body],
        "department_id": world.departments[body],
        "user_id": world.user("department", body),
        "kind": "docx",
        "form": "docx",
        "act": "present",
        "act:paper": "out",
        "action": "end",
        "name:before": "script",
        "name:after": "report",
    }
    with world.work(body):
        ids |= _people(world, body, size)
    ids |= _earlier_session(world, body, size, key, ids["deputies"])
    ids |= _candidates(world, body, size)
    ids |= _session(world, body, size, key, ids["deputies"])
    ids |= _tracking(world, body, size, ids["tracked"])
    with world.work(body):
        ids |= _drafts()
    for chapter in worlds.CHAPTERS:
        ids |= chapter.fill(world, body, size, ids)
    return ids


def _people(world: factories.World, body: str, size: int) -> dict[str, Any]:
    db.session.add_all(Department(name=f"示例{i}局") for i in range(size))
    extra = [Delegation(name=f"第{i + 2}代表团", position=i + 2) for i in range(size)]
    db.session.add_all(extra)
    db.session.flush()
    made = factories.make_deputies(12 * size, world.delegations[body])
    chief = factories.make_user(
        f"chief.{body}", Role.DEPUTY, body_id=world.bodies[body], deputy_id=made[0].id
    )
    for i in range(size):
        factories.make_user(f"office{i}.{body}", Role.OFFICE, body_id=world.bodies[body])
    return {
        "delegation_id": extra[0].id,
        "deputies": [d.id for d in made],
        "deputy_id": made[-1].id,
        "chief_user": chief.id,
    }


def _meeting(
    title: str, first: date, key: str, deputies: list[int], when: datetime
) -> tuple[Any, list[cards.NewCard]]:
    """Make a session that has begun, with tellers named, cards issued (returned too) and all deputies checked in."""
    meeting = sessions.create_session(
        title=title, year=first.year, starts_on=first, ends_on=first + timedelta(days=2), place="示例会堂",
        by=BY, now=when,
    )  # fmt: skip
    sessions.move(meeting, "start", by=BY, now=when)
    tellers.name_teller(meeting, deputies[0], TellerRole.CHIEF, by=BY, now=when)
    tellers.name_teller(meeting, deputies[1], TellerRole.TELLER, by=BY, now=when)
    ready(meeting, when)
    new = cards.issue_missing(meeting, key=key, by=BY, now=when)
    own = db.session.scalar(select(Deputy.id).where(Deputy.number == "900"))
    for deputy_id in [*deputies, own]:
        checkin.check_in(meeting, deputy_id, by=BY, now=when)
    return meeting, new


def _card(meeting: Any, deputy_id: int) -> Card:
    return cards.of_deputy(meeting, deputy_id)[0]


def _round(
    world: factories.World, body: str, meeting_id: int, title: str, project_ids: list[int], when: datetime,
    *, until: str, voters: Sequence[int] = (), rehearsal: bool = False,
) -> int:  # fmt: skip
    """Make a round as far as ``until``: draft, opened, counted, certified or announced."""
    steps = ("draft", "opened", "counted", "certified", "announced")
    far = steps.index(until)
    with world.work(body):
        meeting = sessions.get(meeting_id)
        assert meeting is not None
        rule = Rule(seats=len(project_ids) - 1, small_body=0, disclosure="ballots", publish="names+votes")
        round_ = rounds.create_round(
            meeting, title=title, rule=rule, project_ids=project_ids, rehearsal=rehearsal, by=BY, now=when
        )
        tellers = [Actor(name=t.deputy.name, deputy_id=t.deputy_id) for t in meeting.tellers]
        round_id = round_.id
        if far >= 1:
            openings.zero_check(round_, by=tellers[0], now=when)
            openings.open_round(round_, by=BY, now=when)
    with world.work(body):
        if far >= 1:
            for deputy_id in voters:
                marks = dict.fromkeys(range(1, len(project_ids)), "for")
                ballots.cast(round_id, deputy_id, code=new_code(), marks=marks, now=when)
    with world.work(body):
        if far >= 2:
            closing.close(rounds.get_round(round_id), by=BY, now=when)  # type: ignore[arg-type]
    with world.work(body):
        for teller in tellers if far >= 3 else []:
            sign_count(rounds.get_round(round_id), by=teller, now=when)  # type: ignore[arg-type]
    with world.work(body):
        if far >= 4:
            found = rounds.get_round(round_id)
            assert found is not None
            number = results.next_number(found.session)
            announcements.announce(found, number=number, announced_on=when.date(), by=BY, now=when)
    return round_id


def _earlier_session(
    world: factories.World, body: str, size: int, key: str, deputies: list[int]
) -> dict[str, Any]:
    """Last year's session with its announced rounds; what was selected there is carried out since."""
    when = at(2026, 1, 15)
    tracked = []
    with world.work(body):
        meeting_id = _meeting("第四次会议", date(2026, 1, 15), key, deputies, when)[0].id
    for i in range(size):
        with world.work(body):
            listed = [
                factories.make_project(
                    f"上年示例项目{i}-{k}", year=2026, state=ProjectState.LISTED, number=4 * i + k,
                    gates_passed=3, department_id=world.departments[body], due_on=date(2027, 12, 20),
                ).id
                for k in range(1, 5)
            ]  # fmt: skip
        round_id = _round(
            world, body, meeting_id, f"上年票决{i}", listed, when, until="announced", voters=deputies[2:]
        )
        tracked += listed[:3]
    with world.work(body):
        meeting = sessions.get(meeting_id)
        round_ = rounds.get_round(round_id)
        assert meeting is not None
        assert round_ is not None
        former = _card(meeting, deputies[1]).id
        sessions.move(meeting, "end", by=BY, now=when + timedelta(days=2))
        return {
            "session_id:ended": meeting_id,
            "round_id:announced": round_id,
            "public_id": round_.public_id,
            "tracked": tracked,
            "former_card": former,
        }


def _candidates(world: factories.World, body: str, size: int) -> dict[str, Any]:
    """Make this year's candidates in every state; the draft has history, files, money and parts."""
    unit = world.departments[body]
    with world.work(body):
        made = {
            state: [
                factories.make_project(f"{state.value}示例项目{i}", state=state, department_id=unit)
                for i in range(size)
            ]
            for state in (ProjectState.WITHDRAWN, ProjectState.NOT_SELECTED)
        }
        listed = factories.make_listed(4 * size, department_id=unit)
        given = {
            "year": 2027, "name": "示例草稿", "category": "教育", "content": "改造示例小学操场。",
            "target": "八月底前完成。", "location": "示例镇", "benefit_scope": "示例小学", "beneficiaries": 900,
            "due_on": date(2027, 8, 31), "department_id": unit, "total_investment": Decimal(120), "year_investment": Decimal(120),
            "funding": [{"source": f"县财政{i}", "amount": Decimal(120 if i == 0 else 0)} for i in range(size)],
            "subprojects": [
                {"name": f"子项目{i}", "target": "完成", "unit": "", "investment": None} for i in range(size)
            ],
        }  # fmt: skip
        government = world.actor("government", body)
        drafts = [
            projects.create({**given, "name": f"示例草稿{i}"}, by=government, now=at(2027, 2, 1))
            for i in range(size)
        ]
        for step in range(size + 1):
            projects.edit(
                drafts[0], {"target": f"八月底前完成，第{step}稿。"}, by=government, now=at(2027, 2, 2 + step)
            )
        prepared = uploads.prepare([picture("blue"), *(picture("red") for _ in range(size))])
        attachment = projects.attach(drafts[0], prepared, by=government, now=at(2027, 2, 20))[0]
        for i in range(size):
            for state in (ProjectState.REVIEWING, ProjectState.APPROVED):
                project = projects.create(
                    {**given, "name": f"{state.value}示例{i}"}, by=government, now=at(2027, 2, 1)
                )
                reviews.submit(project, by=government, now=at(2027, 2, 3))
                made.setdefault(state, []).append(project)
                if state == ProjectState.APPROVED:
                    office = world.actor("office", body)
                    for gate in reviews.gates(project):
                        by = office if gate.role == "office" else government
                        minutes = Minutes(date(2027, 2, 10))
                        reviews.pass_gate(project, minutes, gate=gate.key, by=by, now=at(2027, 2, 10))
        return {
            "project_id": drafts[0].id,
            "project_id:draft": drafts[0].id,
            "project_id:listed": listed[0].id,
            "attachment_id": attachment.id,
            "listed": [p.id for p in listed],
            **{f"project_id:{state.value}": rows[0].id for state, rows in made.items()},
        }


def _session(world: factories.World, body: str, size: int, key: str, deputies: list[int]) -> dict[str, Any]:
    """Make the running session, with a round in every state."""
    when = TODAY - timedelta(hours=1)
    with world.work(body):
        meeting, new = _meeting("第五次会议", date(2027, 6, 7), key, deputies, when)
        rooms = [halls.add(meeting, f"第{i + 1}会场", by=BY, now=when) for i in range(size + 1)]
        every = [seat.delegation.id for seat in halls.placements(meeting)]
        halls.place(meeting, {id_: rooms[i % 2].id for i, id_ in enumerate(every)}, by=BY, now=when)
        shown = [
            motions.record(
                meeting, title=f"示例事项{i}（草案）", roster=13, present=13, votes_for=10, votes_against=1,
                abstentions=1, decided_on=date(2027, 6, 8), by=BY, now=when,
            )
            for i in range(size)
        ]  # fmt: skip
        keyer = keyers.name(meeting, world.user("office", body), KeyerRole.CLERK, by=BY, now=when)
        hung = [screens.hang(meeting, f"第{i + 2}屏", by=BY, now=when) for i in range(size)]
        for i in range(size):
            sessions.create_session(
                title=f"筹备中的会议{i}", year=2028, starts_on=date(2028, 1, 15), ends_on=date(2028, 1, 16),
                place="", by=BY, now=when,
            )  # fmt: skip
        ids: dict[str, Any] = {
            "session_id": meeting.id,
            "teller_id": meeting.tellers[1].id,
            "keyer_id": keyer.id,
            "key": meeting.hall_key,
            "key:screen": meeting.screen_key,
            "screen_id": hung[0].id,
            "hall_id": rooms[0].id,
            "motion_id": shown[0].id,
            "teller_card": _card(meeting, deputies[1]).id,
            "voter_card": _card(meeting, deputies[2]).id,
            "card_id": _card(meeting, deputies[3]).id,
            "token": next(each.token for each in new if each.card.deputy_id == deputies[3]),
            "batch_id": new[0].card.batch_id,
        }
        listed = [p.id for p in rounds.listed_projects(2027)]

    def others(place: int) -> list[int]:
        """As many candidates again: a project is under one vote at a time."""
        with world.work(body):
            unit, first = world.departments[body], 100 * place
            made = factories.make_listed(len(listed), department_id=unit, first=first)
            return [project.id for project in made]

    for place, until in enumerate(("counted", "certified", "opened", "draft"), start=1):
        # the voter has not voted yet where the box is open, the tellers have
        voters = deputies[:2] + deputies[3:-1] if until == "opened" else deputies
        ids[f"round_id:{until}"] = _round(
            world, body, meeting.id, f"票决（{until}）", others(place), when, until=until, voters=voters
        )
    with world.work(body):
        asked = consents.ask(
            meeting, ConsentAct.REISSUE, [deputies[4]], reason="遗失", by=BY, now=TODAY - timedelta(minutes=1)
        )
        ids["consent_id"] = asked.id
    for i in range(size):
        _round(world, body, meeting.id, f"演练{i}", listed, when, until="draft", rehearsal=True)
    for place, mode in enumerate(("keyed", "totals"), start=5):
        ids |= _paper_round(world, body, size, meeting.id, others(place), deputies, when, mode)
    return {**ids, "round_id": ids["round_id:certified"]}


def _paper_round(
    world: factories.World, body: str, size: int, meeting_id: int, project_ids: list[int], deputies: list[int],
    when: datetime, mode: str,
) -> dict[str, Any]:  # fmt: skip
    """Make a closed round whose papers are being read: one box not begun, others read twice and differently."""
    office, teller = world.actor("office", body), Actor(name="监票人", deputy_id=deputies[1])
    with world.work(body):
        meeting = sessions.get(meeting_id)
        assert meeting is not None
        rule = Rule(seats=len(project_ids) - 1, paper=mode, small_body=0)
        round_ = rounds.create_round(
            meeting, title=f"票决（纸质票，{mode}）", rule=rule, project_ids=project_ids, by=BY, now=when
        )
        stack = paper_ballots.print_stack(round_, 20, by=office, now=when)
        openings.zero_check(round_, by=teller, now=when)
        # the box of another round is open beside it where the world needs it; this one opens and closes
        openings.open_round(round_, by=BY, now=when)
        for deputy_id in deputies[2 : 4 + size]:
            paper_ballots.hand_out(round_, deputy_id, by=office, now=when)
        ids = {"round_id:paper": round_.id, "stack_id": stack.id}
    with world.work(body):
        closing.close(rounds.get_round(ids["round_id:paper"]), by=BY, now=when)  # type: ignore[arg-type]
    with world.work(body):
        found = rounds.get_round(ids["round_id:paper"])
        assert found is not None
        ids["box_id"] = ballot_boxes.add_box(found, place="示例会堂前区", papers=2, by=office, now=when).id
        if mode == "totals":
            box = box_contents.get_box(ids["box_id"])
            assert box is not None
            box_totals.enter_totals(box, BoxTotal(box.number, 2, 0, {1: {"for": 2}}), by=office, now=when)
            return {"box_id:totals": box.id}
        for i in range(size):
            box = box_contents.get_box(
                ballot_boxes.add_box(found, place=f"示例{i}", papers=1, by=office, now=when).id
            )
            assert box is not None
            keying.enter(box, "1 2", 1, by=office, now=when)
            keying.enter(box, "1 3", 1, by=teller, now=when)
    return {**ids, "position": 1, "way": "out", "size": "a5"}


def _tracking(world: factories.World, body: str, size: int, project_ids: list[int]) -> dict[str, Any]:
    """Plans and monthly reports with photos of what was selected last year."""
    photos = uploads.prepare_photos([picture("green", (480, 360))])
    with world.work(body):
        for project_id in project_ids:
            tracking = trackings.of_project(project_id)
            assert tracking is not None
            steps = [
                plans.PlannedStep(None, f"节点{i}", date(2026, 3 + i, 1), 10 * (i + 1))
                for i in range(size + 1)
            ]
            plans.plan(
                tracking, starts_on=tracking.starts_on, steps=steps, by=Actor(name="政府办"), now=at(2026, 1, 20)
            )  # fmt: skip
            for i in range(2 * size):
                made = reports.hand_in(
                    tracking, date(2026, 2 + i, 1), figures(5 + 5 * i, problems="征地协调较慢。"),
                    photos=photos, caption="示例现场", by=BY, now=at(2026, 3 + i, 3),
                )  # fmt: skip
                db.session.expire(tracking, ["reports"])
        first = trackings.of_project(project_ids[0])
        assert first is not None
        latest = first.reports[-1]
        unit = {first.department_id, made.tracking.department_id}
        assert unit == {world.departments[body]}, "all of it is one unit's"
        return {
            "tracking_id": first.id,
            "milestone_id": first.milestones[0].id,
            "report_id": latest.id,
            "project_id:selected": project_ids[0],
            "attachment_id:photo": latest.photos[0].id,
        }


def _drafts() -> dict[str, Any]:
    """Make an upload of each kind that waits to be applied."""
    workbook = roster_sheets.export(roster.everyone(), "代表名册")
    listed = imports.read(roster_sheets.SHEET, "名册.xlsx", workbook)
    by_roster = imports.preview(roster_sheets.SHEET, listed, by=BY, now=TODAY)
    drafts = {"year": 2027, "state": ProjectState.DRAFT}
    query = projects.search(drafts, by=Actor(roles=frozenset({Role.OFFICE})))
    data = sheets.export(sheets.loaded(query), "候选项目", word=str)
    book = imports.read(sheets.SHEET, "项目.xlsx", data)
    by_projects = imports.preview(sheets.SHEET, book, year=2027, by=BY, now=TODAY)
    return {"draft_id": by_projects.id, "draft_id:roster": by_roster.id}


# --- requests ------------------------------------------------------------------------------------------


def access(page: Page) -> str:
    """Return what a person gets: open | sign in | refused | missing. A page whose rule refuses counts as open."""
    if page.status in (301, 302, 303) and page.location.startswith("/sign-in?next="):
        return "sign in"
    title = ""
    if page.status in (401, 403, 404):
        title = page.json["error"] if page.response.is_json else page.title.partition(" · ")[0]
    if page.status == 401 and title in ("请先登录", "请重新扫描凭证"):
        return "sign in"
    if page.status == 403 and title == "没有权限":
        return "refused"
    if page.status == 404 and title == "没有找到":
        return "missing"
    assert page.status < 500, f"{page.status}: {page.words if page.response.mimetype == 'text/html' else ''}"
    return "open"


#: Those who between them may open every page, in the order in which they are asked.
OPENERS = ("office", "government", "department", "voter", "teller", "chief", "root", "public")


@dataclass(frozen=True)
class Visit:
    """A page as the first of OPENERS who may see it found it."""

    rule: Address
    who: str
    page: Page
    statements: int
    in_template: tuple[str, ...]  # the statements sent while its template rendered

    @property
    def is_html(self) -> bool:
        return self.page.status == 200 and self.page.response.mimetype == "text/html"


def pages(app: Flask, method: str) -> list[Address]:
    """All addresses that answer ``method``, by name."""
    rules = app.url_map.iter_rules()
    found = [rule for rule in rules if method in (rule.methods or ()) and not serves_files(rule.endpoint)]
    return sorted(found, key=lambda rule: rule.endpoint)


def visits(year: Year) -> list[Visit]:
    """Every page, each once; looked at the first time and kept with the world."""
    if not year.visits:
        year.visits = [_visit(year, rule) for rule in pages(year.app, "GET")]
    return year.visits


def _visit(year: Year, rule: Address) -> Visit:
    permission = year.app.view_functions[rule.endpoint].__permission__  # type: ignore[attr-defined]
    for who in ("public",) if permission in (P.PUBLIC_READ, P.SCREEN_READ, P.SIGN_IN) else OPENERS:
        ballots._papers.clear()  # a process reads a ballot's list once: what counts is the first time
        bulletin._minutes.clear()  # and its sums once a minute
        browser = year.browser(who)
        with statements(year.database) as seen, template_statements(year.app) as late:
            page = browser.get(year.url(rule, "county"))
        if access(page) == "open":
            return Visit(rule, who, page, len(seen), tuple(late))
    raise AssertionError(f"nobody may open {rule.endpoint}")


def filled(page: Page) -> dict[str, Any]:
    """Return what the browser would send of the page's own form (the one with the most fields), unchanged."""
    form = max(page.tree.xpath("//main//form"), key=lambda each: len(each.fields))
    given: dict[str, Any] = {}
    for name, value in form.form_values():
        given.setdefault(name, []).append(value)
    return given
