"""Casting a ballot: cross the deputy off the roll, drop an unmarked ballot into the box, keep nothing between.

The voting path speaks plain SQL (no ORM): five statements, one durable commit.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.dialects import postgresql, sqlite

from votes.db import EVERY_BODY, db
from votes.models import Ballot, Candidate, CongressSession, RollEntry, Round, Turnout, table_of
from votes.rules.codes import is_code
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, check_casting
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import check_marks, normalise_marks
from votes.rules.voting.rehearsal import is_over
from votes.services.people import bodies

_session, _round, _roll, _turnout, _ballot, _candidate = (
    table_of(CongressSession),
    table_of(Round),
    table_of(RollEntry),
    table_of(Turnout),
    table_of(Ballot),
    table_of(Candidate),
)


@dataclass(frozen=True)
class Line:
    """A candidate as printed on the ballot."""

    number: int
    name: str
    summary: str
    amount: str


@dataclass(frozen=True)
class BallotPaper:
    """What a round's ballot shows; the same for everybody and unchanged once the round is open."""

    round_id: int
    session_id: int
    public_id: str
    title: str
    rehearsal: bool
    rule: Rule
    lines: tuple[Line, ...]
    colour: str = "white"
    ordinal: int = 1

    @property
    def numbers(self) -> list[int]:
        return [line.number for line in self.lines]


#: Papers of opened rounds by public id: rule and list are frozen then, so a process reads them once.
_papers: dict[str, BallotPaper] = {}


@dataclass(frozen=True)
class Standing:
    """Where one deputy stands in one round."""

    state: RoundState
    entitled: bool
    on_roll: bool
    voted: bool
    closes_at: datetime | None
    paper: bool = False  # holds a paper ballot: neither voted by phone nor may they


def _here() -> ColumnElement[bool]:
    """The body in scope, said by hand: the session's net does not hold plain SQL."""
    scope = db.session.scope
    return true() if scope is EVERY_BODY else _round.c.body_id == scope


def paper(round_id: int) -> BallotPaper | None:
    """The ballot of a round of the body in scope."""
    row = db.session.execute(select(_round).where(_round.c.id == round_id, _here())).first()
    if row is None:
        return None
    found = _papers.get(row.public_id)
    if found is not None:
        return found
    lines = db.session.execute(
        select(_candidate.c.number, _candidate.c.name, _candidate.c.summary, _candidate.c.amount)
        .where(_candidate.c.round_id == round_id)
        .order_by(_candidate.c.number)
    ).all()
    made = BallotPaper(
        round_id,
        row.session_id,
        row.public_id,
        row.title,
        row.rehearsal,
        Rule.from_dict(row.rule),
        tuple(Line(*line) for line in lines),
        row.colour,
        row.ordinal,
    )
    if row.state not in (RoundState.DRAFT, RoundState.CANCELLED):
        if len(_papers) > 200:
            _papers.clear()
        _papers[row.public_id] = made
    return made


def standing(round_id: int, deputy_id: int) -> Standing | None:
    """Whether the deputy may vote in the round and has; None for a round outside the body in scope."""
    row = db.session.execute(
        select(
            _round.c.state,
            _round.c.closes_at,
            _roll.c.present,
            _turnout.c.channel,
        )
        .select_from(
            _round.outerjoin(
                _roll, (_roll.c.round_id == _round.c.id) & (_roll.c.deputy_id == deputy_id)
            ).outerjoin(_turnout, (_turnout.c.round_id == _round.c.id) & (_turnout.c.deputy_id == deputy_id))
        )
        .where(_round.c.id == round_id, _here())
    ).first()
    if row is None:
        return None
    return Standing(
        state=RoundState(row.state),
        entitled=bool(row.present),
        on_roll=row.present is not None,
        voted=row.channel == "phone",
        closes_at=row.closes_at,
        paper=row.channel == "paper",
    )


def counts(round_id: int) -> tuple[int, int]:
    """(发出, 收回) so far: who is entitled, ballots in the box. Turnout only, never votes.

    Until the papers have joined the box, 收回 is of phones alone; papers handed out are `paper.out`.
    """
    issued = db.session.scalar(
        select(func.count()).select_from(_roll).where(_roll.c.round_id == round_id, _roll.c.present)
    )
    returned = db.session.scalar(
        select(func.count()).select_from(_ballot).where(_ballot.c.round_id == round_id)
    )
    return issued or 0, returned or 0


@dataclass(frozen=True)
class MyRound:
    """A round as it stands in a deputy's list."""

    id: int
    title: str
    state: RoundState
    rehearsal: bool
    voted: bool
    paper: bool = False  # holds a paper ballot
    colour: str = "white"
    ordinal: int = 1

    @property
    def to_do(self) -> bool:
        """Open, and this phone may still vote in it."""
        return self.state == RoundState.OPENED and not self.voted and not self.paper


def for_deputy(session_id: int, deputy_id: int) -> list[MyRound]:
    """The session's rounds for one deputy: those to vote in as they were set up, then the other open ones, then the
    newest; no rehearsal that is past."""
    rows = db.session.execute(
        select(
            _round.c.id,
            _round.c.title,
            _round.c.state,
            _round.c.rehearsal,
            _round.c.opened_at,
            _round.c.colour,
            _round.c.ordinal,
            _session.c.started_at,
            _turnout.c.channel,
        )
        .select_from(
            _round.join(_session, _session.c.id == _round.c.session_id).outerjoin(
                _turnout, (_turnout.c.round_id == _round.c.id) & (_turnout.c.deputy_id == deputy_id)
            )
        )
        .where(
            _round.c.session_id == session_id,
            _here(),
            _round.c.state != RoundState.CANCELLED,
        )
        .order_by((_round.c.state == RoundState.OPENED).desc(), _round.c.id.desc())
    ).all()
    found = [
        MyRound(
            r.id,
            r.title,
            RoundState(r.state),
            r.rehearsal,
            voted=r.channel is not None,
            paper=r.channel == "paper",
            colour=r.colour,
            ordinal=r.ordinal,
        )
        for r in rows
        if not is_over(r.rehearsal, RoundState(r.state), r.opened_at, started_at=r.started_at)
    ]
    to_do = sorted((r for r in found if r.to_do), key=lambda r: r.id)
    return [*to_do, *(r for r in found if not r.to_do)]


def _resend_mark(key: bytes, code: str) -> str:
    return hmac.new(key, code.encode(), hashlib.sha256).hexdigest()


def cast(round_id: int, deputy_id: int, *, code: str, marks: Mapping[int, str], now: datetime) -> bool:
    """Put one ballot in the box and cross the deputy off the roll; True for a new one, False for a resend.

    ``code`` is the ballot's own, drawn by the phone: sending it again answers as the first time, another one is a
    second vote and refused. No time is kept, no audit line written. Raises RuleBroken for a deputy not on the
    roll or not present, a round that is not open, marks that may not be, or a code in use.
    """
    if not is_code(code):
        raise RuleBroken(
            "选票的回执码无法识别，请刷新页面后重新提交，您的选择仍在。", code="bad_code", status=422
        )
    query = (
        select(
            _round.c.state,
            _round.c.resend_key,
            _round.c.closes_at,
            _roll.c.present,
            _turnout.c.channel,
            _turnout.c.resend_mark,
        )
        .select_from(
            _round.outerjoin(
                _roll, (_roll.c.round_id == _round.c.id) & (_roll.c.deputy_id == deputy_id)
            ).outerjoin(_turnout, (_turnout.c.round_id == _round.c.id) & (_turnout.c.deputy_id == deputy_id))
        )
        .where(_round.c.id == round_id, _here())
    )
    # Nobody closes the box between our look at its state and our commit (SQLite: one writer anyway).
    row = db.session.execute(query.with_for_update(read=True, of=_round)).first()
    if row is None:
        raise RuleBroken("没有找到这一轮票决。", status=404)
    if row.channel == "paper":
        raise _holds_paper(row.state)
    if row.channel is not None:
        return _again(row.resend_mark, row.resend_key, code, row.state)
    check_casting(state=RoundState(row.state))
    if row.closes_at is not None and row.closes_at <= now:
        raise RuleBroken(
            "投票时间已到，不再收票。您的选择没有提交；如有疑问，请联系会务人员。", code="closed"
        )
    if not row.present:
        raise RuleBroken(
            "您还没有签到，不能投票。请先签到（输入会场屏幕上的签到码，或到服务台），您的选择仍在。",
            code="not_present",
            status=403,
        )
    ballot_paper = paper(round_id)
    assert ballot_paper is not None
    check_marks(ballot_paper.rule, ballot_paper.numbers, marks)
    kept = normalise_marks(ballot_paper.rule, ballot_paper.numbers, marks)
    mark = _resend_mark(row.resend_key, code)
    insert = sqlite.insert if db.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    crossed = db.session.execute(
        insert(_turnout)
        .values(round_id=round_id, deputy_id=deputy_id, channel="phone", resend_mark=mark)
        .on_conflict_do_nothing()
        .returning(_turnout.c.deputy_id)
    ).first()
    if crossed is None:
        # The same deputy's other request came in between, or the desk's (PostgreSQL lets them run side by side).
        stored = db.session.execute(
            select(_turnout.c.channel, _turnout.c.resend_mark).where(
                _turnout.c.round_id == round_id, _turnout.c.deputy_id == deputy_id
            )
        ).first()
        if stored is not None and stored.channel == "paper":
            raise _holds_paper(row.state)
        return _again(stored and stored.resend_mark, row.resend_key, code, row.state)
    dropped = db.session.execute(
        insert(_ballot)
        .values(
            round_id=round_id,
            code=code,
            marks={str(number): word for number, word in kept.items()},
            source="phone",
            spoilt=False,
            secret=True,
        )
        .on_conflict_do_nothing()
        .returning(_ballot.c.code)
    ).first()
    if dropped is None:
        raise RuleBroken("回执码与他人重复，请刷新页面后重新提交，您的选择仍在。", code="code_taken")
    return True


def _again(stored: str | None, key: bytes | None, code: str, state: str) -> bool:
    """A second request of somebody who has voted: the same ballot again, or another one?"""
    if key is not None and stored is not None and hmac.compare_digest(stored, _resend_mark(key, code)):
        return False
    if state == RoundState.OPENED:
        raise RuleBroken(
            bodies.speak("您已投过票，每位代表只能投一次。先前的选票已在票箱内，这一次没有计入。"),
            code="voted",
        )
    raise RuleBroken("投票已经结束。您先前投出的选票已在票箱内。", code="voted")


def _holds_paper(state: str) -> RuleBroken:
    if state == RoundState.OPENED:
        return RuleBroken(
            "您已领取纸质票，请用纸质票投票。如需改用手机，请先将未填写的纸质票交回服务台。", code="paper"
        )
    return RuleBroken("投票已经结束。您领取的是纸质票，手机上没有选票。", code="paper")


def not_voted(round_: Any) -> list[tuple[str, str, str]]:
    """(number, name, delegation) of those present who have not voted: for the office, only while the box is open."""
    if round_.state != RoundState.OPENED:
        return []
    rows = db.session.execute(
        select(_roll.c.number, _roll.c.name, _roll.c.delegation)
        .select_from(
            _roll.outerjoin(
                _turnout,
                (_turnout.c.round_id == _roll.c.round_id) & (_turnout.c.deputy_id == _roll.c.deputy_id),
            )
        )
        .where(_roll.c.round_id == round_.id, _roll.c.present, _turnout.c.deputy_id.is_(None))
        .order_by(_roll.c.delegation, _roll.c.number)
    ).all()
    return [(row.number, row.name, row.delegation) for row in rows]
