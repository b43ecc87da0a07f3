"""The hall's screens: which there are, what the office has put on each, and what each shows now.

Whatever is chosen, no screen shows who voted, and none shows a figure of votes before the signatures.
"""

import hashlib
import json
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from votes.db import EVERY_BODY, db, flush_or, scoped
from votes.models import CongressSession, Round, Screen
from votes.rules.codes import hall_code
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, SessionState, shows_counts
from votes.rules.people.actor import Actor
from votes.rules.voting.ballots import RATINGS
from votes.rules.voting.further import next_step
from votes.rules.voting.result import NOT_SELECTED, SELECTED, UNDECIDED, Ranked, ranking
from votes.rules.voting.screens import VIEWS, ScreenPicture, shown
from votes.services import audit
from votes.services.meeting import checkin, rounds, sessions, signing_secrets
from votes.services.voting import anchors, ballots, paper_ballots, tally

MOST = 12  # screens of one session

# --- reading -------------------------------------------------------------------------------------------


def by_key(key: str) -> Screen | None:
    """Return the screen of any body with this key, with its session."""
    related = joinedload(Screen.session).joinedload(CongressSession.body)
    with scoped(EVERY_BODY):
        return db.session.scalar(select(Screen).where(Screen.key == key).options(related))


def of(session: CongressSession) -> list[Screen]:
    """Return the session's screens in the order of their making."""
    return list(db.session.scalars(select(Screen).where(Screen.session_id == session.id).order_by(Screen.id)))


def standing(screen: Screen | None, present: list[Round]) -> tuple[ScreenPicture, list[Round]]:
    """Return what ``screen`` shows now and of which rounds, given the session's rounds.

    Without a screen: what one shows that follows the session by itself.
    """
    view = screen.view if screen else "auto"
    chosen = [r for r in present if screen is not None and r.id == screen.round_id]
    rounds = chosen or _followed(present, view)
    return shown(view, rounds[0].state if rounds else None), rounds


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
    picture, followed = standing(screen, rounds.present_rounds(session))
    about = [] if picture in (ScreenPicture.BLANK, ScreenPicture.WAITING) else followed
    heads = sessions.headcount(session)
    data: dict[str, Any] = {
        "body": session.body.name,
        "session": session.title,
        "demo": session.body.is_demo,
        "view": picture.value,
        "title": "",
        **audit.facts(heads, "roster", "present", "leave"),
        "quorum": rounds.quorum(session, heads.roster),
        # a blank screen, or one for signing in, is a rehearsal's while that is on
        "rehearsal": any(r.rehearsal and (about or r.state == RoundState.OPENED) for r in followed),
    }
    if not about and session.state == SessionState.PLANNED and not data["rehearsal"]:
        data["rehearsal"] = sessions.rehearsal_on(session)  # who signs in now does so for it
    if picture in (ScreenPicture.WAITING, ScreenPicture.READY, ScreenPicture.VOTING):
        data["hall_url"] = f"{public_url}/h/{session.hall_key}"
        if checkin.mode(session) == "desk_or_hall_code":
            data["hall_code"] = hall_code(session.hall_secret, now)
    if about:
        data |= {**_of_round(about[0], picture), "rehearsal": data["rehearsal"]}
        together = about if picture == ScreenPicture.VOTING else []  # the ballots that are open together
        data["ballots"] = [{"id": r.public_id, **_of_round(r, picture)} for r in together]
        if len(about) > 1:
            data["title"] = session.title
    data["stamp"] = _stamp(data)
    return data


def _of_round(round_: Round, picture: ScreenPicture) -> dict[str, Any]:
    data = audit.facts(round_, "title", "ordinal", "rehearsal", "colour")
    data |= audit.facts(rounds.rule_of(round_), "method", "seats") | {"candidates": len(round_.candidates)}
    if picture == ScreenPicture.READY:
        return data
    data["papers"] = paper_ballots.out(round_)
    if picture == ScreenPicture.VOTING:
        issued, returned = ballots.counts(round_.id)
        data |= {"codes": _codes(round_), "anchor": anchors.known(round_, "open")}
        return data | {"issued": issued, "returned": returned, "crossed": returned + (data["papers"] or 0)}
    data |= audit.facts(round_, "roster", "present", "issued", "returned", "ballots_digest")
    data["codes"] = _codes(round_)
    data |= {"awaited": paper_ballots.awaited(round_), "signed": shows_counts(round_.state)}
    if picture == ScreenPicture.RESULT:
        data |= {"result": _result(round_), "anchor": anchors.known(round_, "certify")}
    return data


def _codes(round_: Round) -> list[list[str]]:
    """Return the short codes by which the hall knows the tellers' signatures, each with its role: no names."""
    words = {"chief": "总监票人", "teller": "监票人"}
    return [[words[each["role"]], each["code"]] for each in signing_secrets.codes(round_.session)]


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
    rows: list[dict[str, Any]] = [
        {"no": r.no, "name": names[r.no], "outcome": _outcome(r, decided)} for r in ranking(result)
    ]
    if not data["figures"]:  # in the order of the ballot: a rank is a figure too
        return data | {"rows": sorted(rows, key=lambda row: row["no"])}
    against = {c.no: c.against for c in result.counts} if rule.method in ("threeway", "confirm") else {}
    for row, r in zip(rows, ranking(result), strict=True):
        row |= {"rank": r.rank, "votes": r.votes, "cut_below": r.cut_below and not decided}
        if r.no in against:
            row["against"] = against[r.no]
        if rating := ratings.get(r.no):
            row |= audit.facts(rating, *RATINGS, "void")
    base = tally.turnout_of(round_).roster
    return data | {"valid": result.valid, "invalid": result.invalid, "base": base, "rows": rows}


def _outcome(row: Ranked, decided: Collection[int]) -> str | None:
    if decided and row.outcome == UNDECIDED:
        return SELECTED if row.no in decided else NOT_SELECTED
    return row.outcome


#: What changes while the picture stays the same: the page replaces these figures by itself.
_FIGURES = {"roster", "present", "leave", "quorum", "hall_code", "issued", "returned", "papers", "crossed"}


def _stamp(data: dict[str, Any]) -> str:
    lasting = _without_figures(data)
    lasting["ballots"] = [_without_figures(ballot) for ballot in data.get("ballots", [])]
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()[:12]


def _without_figures(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in _FIGURES}


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
    before = audit.facts(screen, "view", "round_id")
    screen.view, screen.round_id = view, round_id
    before, after = audit.changes(before, {"view": view, "round_id": round_id})
    if after:
        title = db.session.scalar(select(Round.title).where(Round.id == round_id)) or ""
        audit.record("screen.put", by=by, at=now, about=screen, after={"view": view, "round": title})
    db.session.flush()
    return screen


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
