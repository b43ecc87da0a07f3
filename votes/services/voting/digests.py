"""What of a round's rows goes under a digest: each row whole, in one order, as JSON.

Written into the chain when the round closes, and made again from the tables whenever somebody verifies. The sealed
archive holds the same lists, so that others can do so without this software. Nothing here says how or when anybody
voted.
"""

import secrets
from typing import Any

from sqlalchemy import select

from votes.db import db
from votes.models import (
    Candidate,
    PaperBox,
    PaperDecision,
    PaperEntry,
    PaperStack,
    RollEntry,
    Round,
    Turnout,
    table_of,
)
from votes.rules.voting import chain as hashing
from votes.rules.voting.record import salted

Line = dict[str, Any]

_roll, _turnout, _candidate = table_of(RollEntry), table_of(Turnout), table_of(Candidate)


def of(round_: Round, value: Any) -> str:
    """The round's digest of a JSON value."""
    return hashing.digest(round_.hash_name, hashing.canonical_json(value))


#: Digests of what would be found by trying: the marks under published codes, the count, the sums of boxes, what is read
#: of the papers.
SALTED = ("ballots", "result", "boxes", "paper")


def new_salts() -> dict[str, str]:
    """128 random bits for each of `SALTED`."""
    return {name: secrets.token_hex(16) for name in SALTED}


def sealed(round_: Round, name: str, value: Any) -> str:
    """The round's digest of figures (``name``: one of `SALTED`). It may be shown while the figures may not."""
    return of(round_, salted(value, (round_.salts or {}).get(name)))


def heading(round_: Round) -> Line:
    """Which vote it is."""
    return {
        "body": round_.body_id,
        "session": round_.session_id,
        "id": round_.id,
        "round": round_.public_id,
        "title": round_.title,
        "ordinal": round_.ordinal,
        "parent": round_.parent.public_id if round_.parent else None,
        "parent_id": round_.parent_id,
        "further": round_.further,
        "rehearsal": round_.rehearsal,
        "colour": round_.colour,
        "closes_at": round_.closes_at.isoformat(timespec="seconds") if round_.closes_at else None,
    }


def roll_lines(round_: Round) -> list[Line]:
    """表决权名册, every line whole, by number."""
    rows = db.session.execute(select(_roll).where(_roll.c.round_id == round_.id)).all()
    lines = [
        {
            "deputy": row.deputy_id,
            "number": row.number,
            "name": row.name,
            "delegation": row.delegation,
            "hall": row.hall,
            "present": bool(row.present),
            "late_by": row.late_by,
        }
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line["number"], line["deputy"]))


def turnout_lines(round_: Round) -> list[Line]:
    """Who has voted, and whether by phone or on paper, by deputy: the order of voting is not in it."""
    rows = db.session.execute(
        select(_turnout.c.deputy_id, _turnout.c.channel).where(_turnout.c.round_id == round_.id)
    ).all()
    lines = [{"deputy": row.deputy_id, "channel": row.channel} for row in rows]
    return sorted(lines, key=lambda line: line["deputy"])


def candidate_lines(round_: Round) -> list[Line]:
    """The list as printed on the ballot, by number."""
    rows = db.session.execute(
        select(_candidate).where(_candidate.c.round_id == round_.id).order_by(_candidate.c.number)
    ).all()
    return [
        {
            "body": row.body_id,
            "no": row.number,
            "project": row.project_id,
            "name": row.name,
            "summary": row.summary,
            "amount": row.amount,
        }
        for row in rows
    ]


def paper_lines(round_: Round) -> Line:
    """Stacks, boxes, both readings and the decisions. Empty lists for a round without paper."""
    stack, box = table_of(PaperStack), table_of(PaperBox)
    entry, decision = table_of(PaperEntry), table_of(PaperDecision)
    stacks = db.session.execute(select(stack).where(stack.c.round_id == round_.id)).mappings()
    boxes = [
        dict(row) for row in db.session.execute(select(box).where(box.c.round_id == round_.id)).mappings()
    ]
    number = {row["id"]: row["number"] for row in boxes}
    entries = db.session.execute(
        select(entry).where(entry.c.box_id.in_(number)).order_by(entry.c.box_id)
    ).mappings()
    decisions = db.session.execute(
        select(decision).where(decision.c.box_id.in_(number)).order_by(decision.c.box_id)
    ).mappings()

    def lines(rows: Any, *order: str) -> list[Line]:
        plain = []
        for row in rows:
            line = {
                key: value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
                for key, value in row.items()
                if key not in ("id", "round_id", "box_id")
            }
            if "box_id" in row:
                line["box"] = number[row["box_id"]]
            plain.append(line)
        return sorted(plain, key=lambda line: [line[key] for key in order])

    return {
        "stacks": lines(stacks, "serial"),
        "boxes": lines(boxes, "number"),
        "entries": lines(entries, "box", "position", "reading"),
        "decisions": lines(decisions, "box", "position"),
    }


def roll_of(round_: Round) -> list[str]:
    """The numbers of those entitled to vote, as the record's digest of the roll has them."""
    rows = db.session.scalars(select(_roll.c.number).where(_roll.c.round_id == round_.id, _roll.c.present))
    return sorted(rows)


def at_close(round_: Round) -> Line:
    """What the closing event holds of the rows that no longer change."""
    return {
        "heading": of(round_, heading(round_)),
        "roll_lines": of(round_, roll_lines(round_)),
        "turnout": of(round_, turnout_lines(round_)),
        "candidates": of(round_, candidate_lines(round_)),
    }
