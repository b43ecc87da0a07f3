"""A session of the demo's congresses and the vote it holds, from the call to the end."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from votes.clock import local
from votes.demo import marks, story
from votes.demo.days import Add, moment
from votes.demo.keys import PhoneKey
from votes.demo.projects import YEAR
from votes.exports.formats.layout import to_docx
from votes.models import CongressSession, Round
from votes.rules.codes import new_code
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role, TellerRole
from votes.services import uploads
from votes.services.delivery import announcements
from votes.services.meeting import cards, checkin, openings, rounds, sessions, signing_secrets, tellers
from votes.services.meeting.signing_secrets import SecretProof
from votes.services.people import bodies
from votes.services.projects import projects
from votes.services.voting import ballots, closing, counting, results, signing

if TYPE_CHECKING:
    from votes.demo.congress import Congress


class SessionStory(NamedTuple):
    """A session: the day on which it is entered, its own days, and when the box opens."""

    title: str
    year: int
    place: str
    called: date
    starts: date
    ends: date
    votes: datetime


class Sitting:
    """A session that selects projects out of the candidates."""

    session: CongressSession
    round: Round
    #: The acts of the vote, in minutes from the opening of the box.
    minutes = story.read(dict[str, int], "congress", "minutes")
    reasons = story.read(tuple[str, ...], "congress", "leave", "reasons")

    def __init__(self, congress: "Congress", days: SessionStory) -> None:
        self.congress, self.days = congress, days
        self.tellers: list[Actor] = []
        self.cards: list[cards.NewCard] = []
        #: Of each teller: the key of a phone, or the hash of a passphrase.
        self.secrets: list[PhoneKey | str] = []

    def write(self, add: Add) -> None:
        """Enter the session into the diary."""
        days = self.days
        add(moment(days.called, 11), self.call)
        add(moment(days.starts - timedelta(days=2), 10), self.issue_cards)
        add(moment(days.starts, 9), self.begin)
        for name, minutes in self.minutes.items():
            add(days.votes + timedelta(minutes=minutes), getattr(self, name))
        add(moment(days.ends, 16), self.end)

    # --- what differs from vote to vote ----------------------------------------------------------------

    def create_round(self, now: datetime) -> Round:
        """Create the round in which the deputies choose among the listed candidates."""
        return rounds.create_round(
            self.session,
            title=story.read(str, "congress", "texts", "round").format(year=YEAR),
            rule=bodies.default_rule(self.congress.body, self.congress.seats),
            project_ids=[project.id for project in projects.listed(YEAR)],
            by=self.congress.office,
            now=now,
        )

    def excused(self) -> Sequence[int]:
        """Return the ids of the missing deputies who have taken leave."""
        return self.missing[: len(self.missing) * 2 // 3]

    def votes(self) -> list[tuple[int, dict[int, str]]]:
        """Return who votes and how: all who are present, but for one who does not vote."""
        congress, voters = self.congress, self.present[:-1]
        shares = [candidate.share for candidate in congress.candidates]
        box = marks.boxful(shares, congress.seats, len(voters), congress.place.code)
        return list(zip(voters, box, strict=True))

    # --- who is present ----------------------------------------------------------------------------------

    @cached_property
    def missing(self) -> list[int]:
        """Return the ids of the missing deputies: never a teller, nor the one whose account is shown."""
        congress, year = self.congress, "" if self.days.year == YEAR else f" {self.days.year}"
        needed = {deputy.id for deputy in [*congress.teller_seats(), congress.deputies[1]]}
        others = [deputy.id for deputy in congress.deputies if deputy.id not in needed]
        return random.Random(f"{congress.place.code}{year} absent").sample(others, congress.absent)

    @property
    def present(self) -> list[int]:
        """Return the ids of the deputies who are present."""
        return [deputy.id for deputy in self.congress.deputies if deputy.id not in self.missing]

    # --- the acts --------------------------------------------------------------------------------------

    def call(self, now: datetime) -> None:
        """Create the session."""
        days = self.days
        self.session = sessions.create_session(
            title=days.title,
            year=days.year,
            starts_on=days.starts,
            ends_on=days.ends,
            place=days.place,
            by=self.congress.office,
            now=now,
        )

    def issue_cards(self, now: datetime) -> None:
        """Issue a card to every deputy; keep what stands on them, which the database does not have."""
        self.cards = cards.issue_missing(
            self.session, key=self.congress.key, by=self.congress.office, now=now
        )

    def begin(self, now: datetime) -> None:
        """Start the session."""
        sessions.move(self.session, "start", by=self.congress.office, now=now)

    def name_tellers(self, now: datetime) -> None:
        """Name the tellers; the first is their chief."""
        for place, deputy in enumerate(self.congress.teller_seats()):
            role = TellerRole.TELLER if place else TellerRole.CHIEF
            tellers.name_teller(self.session, deputy.id, role, by=self.congress.office, now=now)
            self.tellers.append(self.congress.actor(deputy.name, Role.DEPUTY, deputy_id=deputy.id))
        on, how = local(now).date(), story.read(str, "congress", "texts", "passed")
        tellers.approve(self.session, on=on, how=how, by=self.congress.office, now=now, today=on)
        self.set_secrets(now)

    def set_secrets(self, now: datetime) -> None:
        """Let each teller set a signing secret and the next one confirm it; keep the list.

        Where a visitor is to sign, the secrets are passphrases: the demo's password.
        """
        session, self.secrets = self.session, [self.congress.teller_secret() for _ in self.tellers]
        for secret, by in zip(self.secrets, self.tellers, strict=True):
            if isinstance(secret, PhoneKey):
                signing_secrets.set_key(session, secret.public, by=by, now=now)
            else:
                signing_secrets.set_passphrase(session, secret, by=by, now=now)
        for place, teller in enumerate(session.tellers):
            assert teller.secret is not None
            message = signing_secrets.confirmation(teller)
            other = (place + 1) % len(self.tellers)
            signing_secrets.confirm(
                session,
                teller.id,
                teller.secret.code,
                self.proof(other, message),
                by=self.tellers[other],
                now=now,
            )
        scan = uploads.Prepared(
            "监票人名单（演示）.docx", uploads.DOCX, to_docx(signing_secrets.paper(session))
        )
        signing_secrets.keep_list(session, scan, by=self.congress.office, now=now)

    def proof(self, place: int, message: bytes) -> SecretProof:
        """Return what the teller at ``place`` gives to sign ``message``."""
        secret = self.secrets[place]
        return secret.sign(message) if isinstance(secret, PhoneKey) else SecretProof(unlocked=secret)

    def prepare(self, now: datetime) -> None:
        """Create the round."""
        self.round = self.create_round(now)

    def sign_in(self, now: datetime) -> None:
        """Check in those who are present, and record the leave of the excused."""
        by = self.congress.office
        checkin.check_in_all(self.session, self.present, by=by, now=now)
        for place, deputy_id in enumerate(self.excused()):
            reason = self.reasons[place % len(self.reasons)]
            checkin.record_leave(self.session, deputy_id, reason, by=by, now=now)

    def zero_check(self, now: datetime) -> None:
        """Let the chief teller confirm that the box is empty."""
        openings.zero_check(self.round, by=self.tellers[0], now=now)

    def open(self, now: datetime) -> None:
        """Open the box."""
        openings.open_round(self.round, by=self.congress.office, now=now)

    def cast(self, now: datetime) -> None:
        """Cast the ballots."""
        for deputy_id, marked in self.votes():
            ballots.cast(self.round.id, deputy_id, code=new_code(), marks=marked, now=now)

    def close(self, now: datetime) -> None:
        """Close the box and count."""
        closing.close(self.round, by=self.congress.office, now=now)
        counting.count(self.round, by=self.congress.office, now=now)  # what else happens after the commit

    def certify(self, now: datetime) -> None:
        """Let three tellers sign the result, two minutes apart."""
        for minutes, teller in enumerate(self.tellers[:3]):
            proof = self.proof(minutes, signing.content(self.round))
            at = now + timedelta(minutes=2 * minutes)
            signing.sign(self.round, proof, key=self.congress.key, by=teller, now=at)

    def announce(self, now: datetime) -> None:
        """Publish the announcement."""
        announcements.announce(
            self.round,
            number=results.next_number(self.session),
            announced_on=local(now).date(),
            by=self.congress.office,
            now=now,
        )

    def end(self, now: datetime) -> None:
        """End the session."""
        sessions.move(self.session, "end", by=self.congress.office, now=now)
