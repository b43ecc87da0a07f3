"""The second half of the demo year: reports from July to December, how each project ended, and the deputies' rating.

Of the county's ten, eight are completed. Two go on to June 2028: 养老服务中心 (red at midyear, then put right) as it was voted for
two years, and 污水治理 by decision: behind since spring, moved in September, short of the new goal too, it is rated 不满意 by the
congress in January 2028.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from votes.clock import local
from votes.demo import marks, story
from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.progress import MonthStory
from votes.demo.projects import YEAR
from votes.rules.codes import new_code
from votes.rules.delivery.periods import next_month
from votes.rules.people.roles import TellerRole
from votes.services.delivery import announcements
from votes.services.meeting import cards, checkin, rounds, sessions, tellers
from votes.services.people import bodies
from votes.services.voting import ballots, results, tally


@dataclass(frozen=True)
class RestStory:
    """What was still to come of a project at midyear: its reports, the days on which its remaining milestones were
    reached, and when it was completed (None: it goes on)."""

    reports: tuple[MonthStory, ...]
    completed_on: date | None = None
    reached: dict[str, date] = field(default_factory=dict)


#: What was still to come, by the code of the congress and the key of the project.
ALL = story.read(dict[str, dict[str, RestStory]], "autumn", "projects")
#: Months whose reports of the second half year bring a photograph; the last report always does.
PICTURED = (8, 10)


def write(congress: Congress, add: Add) -> None:
    """Enter the second half of the year into the diary."""
    for order, (key, rest) in enumerate(ALL[congress.place.code].items()):
        for told in rest.reports:
            month = date(YEAR, told.month, 1)
            if told.month == 6:  # the two that were overdue at midyear
                day = date(YEAR, 7, 12)
            else:
                day = next_month(month) + timedelta(days=(order + told.month) % 4)
                if rest.completed_on:
                    day = min(day, rest.completed_on - timedelta(days=1))
            last = told is rest.reports[-1]
            add(moment(day, 10, order * 4), partial(_report, congress, key, told, last))
        last_day = rest.completed_on or date(YEAR, 12, 31)
        add(moment(last_day, 9, order * 4), partial(_reach, congress, key, rest))
        if rest.completed_on:
            add(moment(last_day, 15, order * 4), partial(_complete, congress, key))
    if congress.parent is None:
        Sitting(congress).write(add)


def _report(congress: Congress, key: str, told: MonthStory, last: bool, now: datetime) -> None:
    congress.report(key, told, now, pictured=last or told.month in PICTURED)


def _reach(congress: Congress, key: str, rest: RestStory, now: datetime) -> None:
    """Note the milestones reached in the second half of the year."""
    congress.reach(key, now, lambda name: rest.reached.get(name, rest.completed_on))


def _complete(congress: Congress, key: str, now: datetime) -> None:
    congress.accept(key, now)


# --- the rating ----------------------------------------------------------------------------------------

STARTS, ENDS = (story.read(date, "autumn", "session", name) for name in ("starts", "ends"))
RATED_AT = story.read(datetime, "autumn", "session", "rated_at")
TITLE = story.read(str, "autumn", "session", "title")

#: Of the ballots: 满意, 基本满意, 不满意. What is left of them is void for that project.
SHARES = story.read(dict[str, tuple[float, float, float]], "autumn", "shares")


class Sitting:
    """The session of January 2028, in which the deputies rate the ten projects of the year before."""

    def __init__(self, congress: Congress) -> None:
        self.congress = congress

    def write(self, add: Add) -> None:
        add(moment(date(2027, 12, 20), 11), self.call)
        add(moment(STARTS - timedelta(days=2), 10), self.issue_cards)
        add(moment(STARTS, 9), self.begin)
        for before, act in ((90, self.prepare), (30, self.sign_in), (5, self.zero_check), (0, self.open)):
            add(RATED_AT - timedelta(minutes=before), act)
        for after, act in ((14, self.cast), (22, self.close), (30, self.certify), (70, self.announce)):
            add(RATED_AT + timedelta(minutes=after), act)
        add(moment(ENDS, 16), self.end)

    def call(self, now: datetime) -> None:
        place = f"{self.congress.place.place}会议中心"
        self.session = sessions.create_session(
            title=TITLE, year=YEAR + 1, starts_on=STARTS, ends_on=ENDS, place=place, by=self.congress.office, now=now
        )  # fmt: skip

    def issue_cards(self, now: datetime) -> None:
        cards.issue_missing(self.session, key=self.congress.key, by=self.congress.office, now=now)

    def begin(self, now: datetime) -> None:
        sessions.move(self.session, "start", by=self.congress.office, now=now)

    def prepare(self, now: datetime) -> None:
        by = self.congress.office
        for place, deputy in enumerate(self.congress.teller_seats()):
            role = TellerRole.TELLER if place else TellerRole.CHIEF
            tellers.name_teller(self.session, deputy.id, role, by=by, now=now)
        rule = bodies.default_rule(self.congress.body, 1)
        self.round = rounds.create_round(
            self.session,
            title=f"{YEAR}年民生实事项目满意度测评",
            rule=replace(rule, method="rating", seats=0, overvote="void_ballot"),
            project_ids=[self.congress.projects[key].id for key in SHARES],
            by=by,
            now=now,
        )

    def sign_in(self, now: datetime) -> None:
        missing = self._missing()
        here = [deputy.id for deputy in self.congress.deputies if deputy.id not in missing]
        checkin.check_in_all(self.session, here, by=self.congress.office, now=now)
        for deputy_id in missing[::2]:
            checkin.record_leave(self.session, deputy_id, "因病请假", by=self.congress.office, now=now)

    def _missing(self) -> list[int]:
        return self.congress.missing(f"{YEAR + 1} absent")

    def zero_check(self, now: datetime) -> None:
        rounds.zero_check(self.round, by=self.congress.tellers[0], now=now)

    def open(self, now: datetime) -> None:
        rounds.open_round(self.round, by=self.congress.office, now=now)

    def cast(self, now: datetime) -> None:
        missing = set(self._missing())
        voters = [deputy.id for deputy in self.congress.deputies if deputy.id not in missing]
        box = marks.graded(list(SHARES.values()), len(voters), self.congress.place.code)
        for deputy_id, marked in zip(voters, box, strict=True):
            ballots.cast(self.round.id, deputy_id, code=new_code(), marks=marked, now=now)

    def close(self, now: datetime) -> None:
        tally.close(self.round, by=self.congress.office, now=now)
        tally.count(self.round, by=self.congress.office, now=now)  # what else happens after the commit

    def certify(self, now: datetime) -> None:
        for minutes, teller in enumerate(self.congress.tellers[:3]):
            tally.sign(self.round, by=teller, now=now + timedelta(minutes=2 * minutes))

    def announce(self, now: datetime) -> None:
        announcements.announce(
            self.round,
            number=results.next_number(self.session),
            announced_on=local(now).date(),
            by=self.congress.office,
            now=now,
        )

    def end(self, now: datetime) -> None:
        sessions.move(self.session, "end", by=self.congress.office, now=now)
