"""The hall's screens: which there are, what the office has put on each, and what each shows now.

Whatever is chosen, no screen shows who voted, and none shows a figure of votes before the signatures.
"""

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from votes.db import EVERY_BODY, db, flush_or, scoped
from votes.models import CongressSession, Round, Screen
from votes.rules.codes import hall_code
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.actor import Actor
from votes.rules.voting.ballots import RATINGS
from votes.rules.voting.further import next_step
from votes.rules.voting.result import NOT_SELECTED, SELECTED, UNDECIDED, Ranked, ranking
from votes.rules.voting.screens import VIEWS, ScreenPicture, shown
from votes.services import audit
from votes.services.meeting import checkin, rounds, sessions
from votes.services.voting import ballots, paper_ballots, tally

MOST = 12  # screens of one session

# --- reading -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HungScreen:
    """Hold a screen with its session, as its URL finds it."""

    session: CongressSession
    screen: Screen

    @property
    def body_id(self) -> int:
        """Return the body whose screen it is."""
        return self.session.body_id


def by_key(key: str) -> HungScreen | None:
    """Return the screen of any body with this key."""
    query = (
        select(Screen, CongressSession)
        .join(CongressSession, CongressSession.id == Screen.session_id)
        .where(Screen.key == key)
        .options(joinedload(CongressSession.body))
    )
    with scoped(EVERY_BODY):
        row = db.session.execute(query).first()
    return None if row is None else HungScreen(session=row[1], screen=row[0])


def of(session: CongressSession) -> list[Screen]:
    """Return the session's screens in the order of their making."""
    return list(db.session.scalars(select(Screen).where(Screen.session_id == session.id).order_by(Screen.id)))


@dataclass(frozen=True)
class ScreenStanding:
    """Hold what is on a screen now, in short."""

    shown: ScreenPicture
    rounds: list[Round]


def standing(screen: Screen | None, present: list[Round]) -> ScreenStanding:
    """Return what ``screen`` shows (None: one that follows the session by itself), given the session's rounds."""
    view = screen.view if screen else "auto"
    chosen = [r for r in present if screen is not None and r.id == screen.round_id]
    rounds = chosen or _followed(present, view)
    return ScreenStanding(shown(view, rounds[0].state if rounds else None), rounds)


def _followed(present: list[Round], view: str) -> list[Round]:
    """Return the rounds that a screen follows by itself: all open ones, else the newest that has opened, or none.

    For "result" the newest closed round comes before the open ones.
    """
    opened = [r for r in reversed(present) if r.state == RoundState.OPENED]
    done = [r for r in present if r.state not in (RoundState.DRAFT, RoundState.OPENED)][:1]
    return (done or opened) if view == "result" else (opened or done)


def state(
    session: CongressSession, screen: Screen | None = None, *, public_url: str, now: datetime
) -> dict[str, Any]:
    """Return everything on a screen as plain data, with a ``stamp`` that changes when more than figures do."""
    now_on = standing(screen, rounds.present_rounds(session))
    picture = now_on.shown
    about = [] if picture in (ScreenPicture.BLANK, ScreenPicture.WAITING) else now_on.rounds
    roster, present, leave, _ = sessions.headcount(session)
    roster, present, leave, _ = sessions.headcount(session)
    data: dict[str, Any] = {
        "body": session.body.name,
        "session": session.title,
        "demo": session.body.is_demo,
        "view": picture.value,
        "title": "",
        "roster": roster,
        "present": present,
        "leave": leave,
        "quorum": rounds.quorum(session, roster),
        # a blank screen, or one for signing in, is a rehearsal's while that is on
        "rehearsal": any(r.rehearsal and (about or r.state == RoundState.OPENED) for r in now_on.rounds),
    }
    if not about and session.state == SessionState.PLANNED and not data["rehearsal"]:
        data["rehearsal"] = sessions.rehearsal_on(session)  # who signs in now does so for it
    if picture in (ScreenPicture.WAITING, ScreenPicture.READY, ScreenPicture.VOTING):
        data["hall_url"] = f"{public_url}/h/{session.hall_key}"
        if checkin.mode(session) == "desk_or_hall_code":
            data["hall_code"] = hall_code(session.hall_secret, now)
    if about:
        data |= {**_of_round(about[0], picture), "rehearsal": data["rehearsal"]}
        data["ballots"] = [_ballot(r) for r in about] if picture == ScreenPicture.VOTING else []
        if len(about) > 1:
            data["title"] = session.title
    data["stamp"] = _stamp(data)
    return data


def _of_round(round_: Round, picture: ScreenPicture) -> dict[str, Any]:
    rule = rounds.rule_of(round_)
    data: dict[str, Any] = {
        "title": round_.title,
        "ordinal": round_.ordinal,
        "rehearsal": round_.rehearsal,
        "colour": round_.colour,
        "method": rule.method,
        "seats": rule.seats,
        "candidates": len(round_.candidates),
    }
    if picture == ScreenPicture.VOTING:
        issued, returned = ballots.counts(round_.id)
        papers = paper_ballots.out(round_)
        return data | {
            "issued": issued,
            "returned": returned,
            "papers": papers,
            "crossed": returned + (papers or 0),
        }
    if picture == ScreenPicture.READY:
        return data
    data |= {
        "roster": round_.roster,
        "present": round_.present,
        "issued": round_.issued,
        "returned": round_.returned,
        "papers": paper_ballots.out(round_),
        "awaited": paper_ballots.awaited(round_),
        "ballots_digest": round_.ballots_digest,
        "signed": round_.state in (RoundState.CERTIFIED, RoundState.ANNOUNCED),
    }
    if picture == ScreenPicture.RESULT:
        data["result"] = _result(round_)
    return data


def _ballot(round_: Round) -> dict[str, Any]:
    """Return one of the ballots that are open together."""
    return {"id": round_.public_id, **_of_round(round_, ScreenPicture.VOTING)}


def _result(round_: Round) -> dict[str, Any]:
    """Return the signed result as the hall may see it: names alone where 票决办法 publishes nothing else."""
    result = tally.result_of(round_)
    assert result is not None  # ScreenPicture.RESULT is of signed rounds only
    names = {c.number: c.name for c in round_.candidates}
    decided = round_.decision.chosen if round_.decision else []
    ratings = {r.no: r for r in result.ratings}
    rule = rounds.rule_of(round_)
    data: dict[str, Any] = {
        "figures": rule.publish == "names+votes",
        "next": next_step(rule, result).kind,
        "seats_left": result.seats_left,
    }
    if decided:  # the count left them open, the presidium has not
        data |= {"next": "none", "seats_left": 0, "decided": decided}
    if not data["figures"]:  # in the order of the ballot: a rank is a figure too
        listed = sorted(ranking(result), key=lambda row: row.no)
        return data | {
            "rows": [{"no": r.no, "name": names[r.no], "outcome": _outcome(r, decided)} for r in listed]
        }
    against = {c.no: c.against for c in result.counts} if rule.method in ("threeway", "confirm") else {}
    rows = []
    for r in ranking(result):
        row: dict[str, Any] = {
            "rank": r.rank,
            "no": r.no,
            "name": names[r.no],
            "votes": r.votes,
            "outcome": _outcome(r, decided),
            "cut_below": r.cut_below and not decided,
        }
        if r.no in against:
            row["against"] = against[r.no]
        if rating := ratings.get(r.no):
            row |= {name: getattr(rating, name) for name in (*RATINGS, "void")}
        rows.append(row)
    base = tally.turnout_of(round_).roster
    return data | {"valid": result.valid, "invalid": result.invalid, "base": base, "rows": rows}


def _outcome(row: Ranked, decided: Collection[int]) -> str | None:
    if decided and row.outcome == UNDECIDED:
        return SELECTED if row.no in decided else NOT_SELECTED
    return row.outcome


#: What changes while the picture stays the same: the page replaces these figures by itself.
_FIGURES = frozenset(
    {
        *("roster", "present", "leave", "quorum", "hall_code", "stamp"),
        *("issued", "returned", "papers", "crossed"),
    }
)


def _stamp(data: dict[str, Any]) -> str:
    lasting: dict[str, Any] = {key: value for key, value in data.items() if key not in _FIGURES}
    lasting["ballots"] = [
        {key: value for key, value in ballot.items() if key not in _FIGURES}
        for ballot in data.get("ballots", [])
    ]
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()[:12]


# --- acts ----------------------------------------------------------------------------------------------


def hang(session: CongressSession, name: str, *, by: Actor, now: datetime) -> Screen:
    """Add a screen to the session; it follows the session by itself until the office puts something else on it."""
    _check_session(session)
    if len(of(session)) >= MOST:
        raise RuleBroken(f"一次会议最多 {MOST} 块屏幕。请先移除不用的屏幕。", field="name", status=422)
    screen = Screen(
        session_id=session.id, name=_name(name), key=secrets.token_urlsafe(16), view="auto", created_at=now
    )
    db.session.add(screen)
    flush_or(_taken(screen.name), constraint="uq_screens_name")
    audit.record("screen.create", by=by, at=now, about=screen)
    return screen


def rename(session: CongressSession, screen_id: int, name: str, *, by: Actor, now: datetime) -> Screen:
    """Give a screen another name; its URL stays."""
    _check_session(session)
    screen = _of(session, screen_id)
    before, after = audit.changes({"name": screen.name}, {"name": _name(name)})
    if after:
        screen.name = after["name"]
        flush_or(_taken(screen.name), constraint="uq_screens_name")
        audit.record("screen.rename", by=by, at=now, about=screen, before=before, after=after)
    return screen


def take_down(session: CongressSession, screen_id: int, *, by: Actor, now: datetime) -> str:
    """Remove a screen and return its name; its URL becomes invalid. The session's first screen cannot be removed."""
    _check_session(session)
    screen = _of(session, screen_id)
    if screen.key == session.screen_key:
        raise RuleBroken(f"“{screen.name}”是本次会议的第一块屏幕，不能移除。")
    audit.record("screen.remove", by=by, at=now, about=screen)
    db.session.delete(screen)
    db.session.flush()
    return screen.name


def put(
    session: CongressSession, screen_id: int, view: str, round_id: int | None, *, by: Actor, now: datetime
) -> Screen:
    """Put a view on a screen: auto, blank or sign_in, or turnout ("voting") or "result" of a round.

    ``round_id`` None means the round that is on. A result waits for the signatures by itself.
    """
    _check_session(session)
    screen = _of(session, screen_id)
    if view not in VIEWS:
        raise RuleBroken("没有这种画面，请重选。", field="show", status=422)
    if view in ("auto", "blank", "sign_in"):
        round_id = None
    if round_id is not None and round_id not in {r.id for r in rounds.present_rounds(session)}:
        raise RuleBroken("这一轮票决不在本次会议中，或者已经取消，请刷新后重选。", field="show", status=422)
    before = {"view": screen.view, "round_id": screen.round_id}
    screen.view, screen.round_id = view, round_id
    before, after = audit.changes(before, {"view": view, "round_id": round_id})
    if after:
        audit.record(
            "screen.put", by=by, at=now, about=screen, after={"view": view, "round": _title(round_id)}
        )
    db.session.flush()
    return screen


def _title(round_id: int | None) -> str:
    return db.session.scalar(select(Round.title).where(Round.id == round_id)) or "" if round_id else ""


def _of(session: CongressSession, screen_id: int) -> Screen:
    screen = db.session.scalar(select(Screen).where(Screen.id == screen_id, Screen.session_id == session.id))
    if screen is None:
        raise RuleBroken("没有这块屏幕，可能刚刚被移除。请刷新后再办理。", status=404)
    return screen


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise RuleBroken("请给屏幕起个名称，例如：主席台屏。", field="name", status=422)
    if len(name) > 60:
        raise RuleBroken("名称不超过 60 字。", field="name", status=422)
    return name


def _taken(name: str) -> RuleBroken:
    return RuleBroken(f"已有名为“{name}”的屏幕，请换一个名称。", field="name")


def _check_session(session: CongressSession) -> None:
    if session.state == SessionState.ENDED:
        raise RuleBroken("会议已闭会，屏幕不能再更改。")
