"""Casting a ballot: cross the deputy off the roll and put a ballot without a name into the box.

Nothing that joins the two is stored. The voting path is plain SQL (no ORM): five statements, one durable commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from votes.db import db
from votes.models import Ballot, Candidate, CongressSession, Round, table_of
from votes.rules.codes import is_code
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, check_casting
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import (
    NOT_CAST_HERE,
    ON_PAPER,
    BallotLine,
    Source,
    check_marks,
    is_marked,
    mark_of,
    normalise_marks,
)
from votes.rules.voting.rehearsal import is_over
from votes.services.people import bodies
from votes.services.voting import register
from votes.services.voting.register import roll as _roll, rounds as _round, turnout as _turnout

_session, _ballot, _candidate = table_of(CongressSession), table_of(Ballot), table_of(Candidate)


@dataclass(frozen=True)
class BallotPaper:
    """Hold what a round's ballot shows: the same for everybody, and unchanged once the round is open."""

    round_id: int
    session_id: int
    public_id: str
    title: str
    rehearsal: bool
    rule: Rule
    lines: tuple[BallotLine, ...]
    colour: str = "white"
    ordinal: int = 1

    @property
    def numbers(self) -> list[int]:
        """Return the printed numbers in the order of the ballot."""
        return [line.number for line in self.lines]


#: Ballots of opened rounds by public id: rule and list are frozen then, so a process reads them once.
_papers: dict[str, BallotPaper] = {}


@dataclass(frozen=True)
class DeputyStanding:
    """Hold where one deputy stands in one round."""

    state: RoundState
    entitled: bool
    on_roll: bool
    voted: bool
    closes_at: datetime | None
    paper: bool = False  # holds a paper ballot: has not voted by phone and may not
    here: bool = False  # voted in the browser that asks; nobody can tell any more once the box is closed
    number: str = ""

    @property
    def may_vote(self) -> bool:
        """Return True when the deputy may be shown the ballot."""
        return self.state == RoundState.OPENED and self.entitled and not self.paper


def paper(round_id: int) -> BallotPaper | None:
    """Return the ballot of a round of the body in scope."""
    row = db.session.execute(select(_round).where(_round.c.id == round_id, register.in_scope())).first()
    if row is None:
        return None
    if row.public_id in _papers:
        return _papers[row.public_id]
    columns = [_candidate.c[name] for name in ("number", "name", "summary", "amount")]
    lines = select(*columns).where(_candidate.c.round_id == round_id).order_by(_candidate.c.number)
    ballot = BallotPaper(
        round_id=round_id,
        rule=Rule.from_dict(row.rule),
        lines=tuple(BallotLine(*line) for line in db.session.execute(lines)),
        **_named(row, "session_id", "public_id", "title", "rehearsal", "colour", "ordinal"),
    )
    if row.state not in (RoundState.DRAFT, RoundState.CANCELLED):
        if len(_papers) > 200:
            _papers.clear()
        _papers[row.public_id] = ballot
    return ballot


def standing(round_id: int, deputy_id: int, browser: str = "") -> DeputyStanding | None:
    """Return where the deputy stands in the round; None for a round outside the body in scope.

    ``browser`` is the one that asks.
    """
    row = db.session.execute(register.line_of(round_id, deputy_id)).first()
    if row is None:
        return None
    return DeputyStanding(
        state=RoundState(row.state),
        entitled=bool(row.present),
        on_roll=row.present is not None,
        voted=row.channel == Source.PHONE,
        closes_at=row.closes_at,
        paper=row.channel in ON_PAPER,
        here=is_marked(row.browser_mark, row.resend_key, browser),
        number=row.number or "",
    )


def counts(round_id: int) -> tuple[int, int]:
    """Return (发出, 收回) so far: who is entitled, ballots in the box. Turnout only, never votes.

    Until the papers have joined the box, 收回 is of phones alone; papers handed out are `paper_ballots.out`.
    """
    return register.count(_roll, round_id, _roll.c.present), register.count(_ballot, round_id)


@dataclass(frozen=True)
class MyRound:
    """Hold a round as it stands in a deputy's list."""

    id: int
    title: str
    state: RoundState
    rehearsal: bool
    voted: bool
    paper: bool = False  # holds a paper ballot
    here: bool = False  # voted in the browser that asks, while the box is open
    colour: str = "white"
    ordinal: int = 1

    @property
    def to_do(self) -> bool:
        """Return True when the round is open and this phone may still vote in it."""
        return self.state == RoundState.OPENED and not self.voted and not self.paper


def for_deputy(session_id: int, deputy_id: int, browser: str = "") -> list[MyRound]:
    """Return the session's rounds for one deputy as ``browser`` may tell them, without rehearsals that are over.

    Rounds to vote in come first in the order of their making, then the other open ones, then the newest.
    """
    names = ("id", "title", "state", "rehearsal", "colour", "ordinal")
    columns, marked = (
        [_round.c[name] for name in (*names, "opened_at")],
        (_turnout.c.browser_mark, _round.c.resend_key),
    )
    own = (_turnout.c.round_id == _round.c.id) & (_turnout.c.deputy_id == deputy_id)
    joined = _round.join(_session, _session.c.id == _round.c.session_id).outerjoin(_turnout, own)
    rows = db.session.execute(
        select(*columns, _session.c.started_at, _turnout.c.channel, *marked)
        .select_from(joined)
        .where(_round.c.session_id == session_id, register.in_scope(), _round.c.state != RoundState.CANCELLED)
        .order_by((_round.c.state == RoundState.OPENED).desc(), _round.c.id.desc())
    )
    mine = [
        MyRound(
            **_named(r, *names),
            voted=r.channel is not None,
            paper=r.channel in ON_PAPER,
            here=is_marked(r.browser_mark, r.resend_key, browser),
        )
        for r in rows
        if not is_over(r.rehearsal, r.state, r.opened_at, started_at=r.started_at)
    ]
    to_do = sorted((r for r in mine if r.to_do), key=lambda r: r.id)
    return [*to_do, *(r for r in mine if not r.to_do)]


def _named(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def cast(
    round_id: int, deputy_id: int, *, code: str, marks: Mapping[int, str], now: datetime, browser: str = ""
) -> bool:
    """Put one ballot in the box and cross the deputy off the roll; True for a new one, False for a resend.

    ``code`` is the ballot's own, drawn by the phone: sending it again answers as the first time, another one is a
    second vote and refused. ``browser`` is the one that casts. No time is stored, no audit line written. Raises RuleBroken for a deputy not on the
    roll or not present, a round that is not open, marks that are not allowed, or a code in use.
    """
    if not is_code(code):
        raise RuleBroken(
            "选票的回执码无法识别，请刷新页面后重新提交，您的选择仍在。", code="bad_code", status=422
        )
    row = db.session.execute(register.locked_line_of(round_id, deputy_id)).first()
    if row is None:
        raise RuleBroken("没有找到这一轮票决。", status=404)
    if row.channel is not None:
        return _again(row, row, code, browser)
    _check_open_for(row, now)
    ballot = paper(round_id)
    assert ballot is not None
    check_marks(ballot.rule, ballot.numbers, marks)
    key = row.resend_key
    keyed = {"resend_mark": mark_of(key, code), "browser_mark": mark_of(key, browser) if browser else None}
    if not register.cross_off(round_id, deputy_id, Source.PHONE, **keyed):
        # PostgreSQL runs requests side by side: the same deputy's other request came in between, or the desk's.
        stored = db.session.execute(register.line_of(round_id, deputy_id)).first()
        return _again(row, stored, code, browser)
    _drop(round_id, code, normalise_marks(ballot.rule, ballot.numbers, marks))
    return True


def _check_open_for(row: Any, now: datetime) -> None:
    """Refuse a deputy's line that may not vote now: the round is not open, or they have not checked in."""
    check_casting(state=RoundState(row.state))
    if row.closes_at is not None and row.closes_at <= now:
        raise RuleBroken(
            "投票时间已到，不再收票。您的选择没有提交；如有疑问，请联系会务人员。", code="closed"
        )
    if not row.present:
        words = "您还没有签到，不能投票。请先签到（输入会场屏幕上的签到码，或到服务台），您的选择仍在。"
        raise RuleBroken(words, code="not_present", status=403)


def _drop(round_id: int, code: str, marks: Mapping[int, str]) -> None:
    """Put a ballot into the box. Raises RuleBroken for a code in use."""
    new = register.insert_once(
        _ballot,
        round_id=round_id,
        code=code,
        marks={str(number): word for number, word in marks.items()},
        source=Source.PHONE,
        spoilt=False,
        secret=True,
    )
    if not new:
        raise RuleBroken("回执码与他人重复，请刷新页面后重新提交，您的选择仍在。", code="code_taken")


def _again(row: Any, stored: Any, code: str, browser: str) -> bool:
    """Answer a deputy whose line is crossed off: False for the same ballot again, RuleBroken for anything else.

    ``row`` is the line as read first, with the round's state and key; ``stored`` has channel and marks of the vote.
    """
    is_open = row.state == RoundState.OPENED
    if stored is not None and stored.channel in ON_PAPER:
        raise RuleBroken(
            "您已领取纸质票，请用纸质票投票。如需改用手机，请先将未填写的纸质票交回服务台。"
            if is_open
            else "投票已经结束。您领取的是纸质票，手机上没有选票。",
            code="paper",
        )
    if stored is not None and is_marked(stored.resend_mark, row.resend_key, code):
        return False
    if not is_open:
        raise RuleBroken(f"投票已经结束，这一次没有计入。{NOT_CAST_HERE}", code="voted")
    if stored is None or not is_marked(stored.browser_mark, row.resend_key, browser):
        raise RuleBroken(f"{NOT_CAST_HERE}这一次没有计入。", code="voted_elsewhere")
    words = "您已投过票，每位代表只能投一次。先前的选票已在票箱内，这一次没有计入。"
    raise RuleBroken(bodies.speak(words), code="voted")


def not_voted(round_: Round) -> list[tuple[str, str, str]]:
    """Return (number, name, delegation) of those present who have not voted; [] unless the box is open."""
    if round_.state != RoundState.OPENED:
        return []
    query = register.without_vote(round_.id, _roll.c.number, _roll.c.name, _roll.c.delegation)
    return [tuple(row) for row in db.session.execute(query.order_by(_roll.c.delegation, _roll.c.number))]
