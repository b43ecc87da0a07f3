"""The digests of a round: what goes into each, in which order, and how it is hashed.

They are written at the close, the count and the certification, and made again from the tables whenever somebody
verifies. The sealed archive holds the same lists, so that others can do so without this software. Nothing here tells
how or when anybody voted.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Table, select

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
from votes.rules.voting import record as records
from votes.rules.voting.digests import ballot_dicts, box_dicts, digest, json_digest
from votes.services import audit
from votes.services.meeting import rounds
from votes.services.voting import box_contents, register, tally
from votes.services.voting.paper_ballots import joined_event

JsonDict = dict[str, Any]


# --- what goes in --------------------------------------------------------------------------------------


def heading(round_: Round) -> JsonDict:
    """Return which vote it is."""
    return {
        "body": round_.body_id,
        "session": round_.session_id,
        "id": round_.id,
        "round": round_.public_id,
        **audit.facts(round_, "title", "ordinal"),
        "parent": round_.parent.public_id if round_.parent else None,
        **audit.facts(round_, "parent_id", "further", "rehearsal", "colour"),
        "closes_at": round_.closes_at.isoformat(timespec="seconds") if round_.closes_at else None,
    }


def roll_lines(round_: Round) -> list[JsonDict]:
    """Return 表决权名册, every line whole, by number."""
    names = ("number", "name", "delegation", "hall", "present", "late_by")
    rows = _rows_of(table_of(RollEntry), round_)
    lines = [{"deputy": row.deputy_id, **audit.facts(row, *names)} for row in rows]
    return sorted(lines, key=lambda line: (line["number"], line["deputy"]))


def turnout_lines(round_: Round) -> list[JsonDict]:
    """Return who has voted, and by phone or on paper, by deputy: the order of voting is not in it."""
    rows = _rows_of(table_of(Turnout), round_)
    lines = [{"deputy": row.deputy_id, "channel": row.channel} for row in rows]
    return sorted(lines, key=lambda line: line["deputy"])


def candidate_lines(round_: Round) -> list[JsonDict]:
    """Return the list as printed on the ballot, by number."""
    keys = {"body_id": "body", "number": "no", "project_id": "project"}
    names = (*keys, "name", "summary", "amount")
    rows = _rows_of(table_of(Candidate), round_)
    lines = [{keys.get(name, name): getattr(row, name) for name in names} for row in rows]
    return sorted(lines, key=lambda line: line["no"])


def ballot_lines(round_: Round) -> list[JsonDict]:
    """Return all ballots of the round, by code."""
    return ballot_dicts(tally.box(round_))


def box_lines(round_: Round) -> list[JsonDict]:
    """Return the sums of the boxes counted by hand, by number."""
    numbers = box_contents.numbers(round_)
    return box_dicts(box_contents.totals_of(round_), rounds.rule_of(round_), numbers)


def paper_lines(round_: Round) -> JsonDict:
    """Return stacks, boxes, both readings and the decisions; empty lists for a round without paper."""
    boxes = _rows_of(table_of(PaperBox), round_)
    number = {row.id: row.number for row in boxes}

    def inside(table: Table) -> list[Any]:
        return list(db.session.execute(select(table).where(table.c.box_id.in_(number))))

    def lines(rows: Iterable[Any], *order: str) -> list[JsonDict]:
        plain = [_plain_line(row._mapping, number) for row in rows]
        return sorted(plain, key=lambda line: [line[key] for key in order])

    return {
        "stacks": lines(_rows_of(table_of(PaperStack), round_), "serial"),
        "boxes": lines(boxes, "number"),
        "entries": lines(inside(table_of(PaperEntry)), "box", "position", "reading"),
        "decisions": lines(inside(table_of(PaperDecision)), "box", "position"),
    }


def _rows_of(table: Table, round_: Round) -> list[Any]:
    return list(db.session.execute(select(table).where(table.c.round_id == round_.id)))


def _plain_line(row: Mapping[str, Any], number: Mapping[int, int]) -> JsonDict:
    """Return a row as JSON values, with the printed number of its box in place of ids."""
    line = {
        key: value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
        for key, value in row.items()
        if key not in ("id", "round_id", "box_id")
    }
    return line | ({"box": number[row["box_id"]]} if "box_id" in row else {})


# --- how it is hashed ----------------------------------------------------------------------------------

#: What each digest is of. `record` is of the published file's bytes and stands apart (`of_record`).
CONTENT: dict[str, Callable[[Round], Any]] = {
    "rule": lambda round_: round_.rule,
    "roll": lambda round_: register.entitled(round_.id),
    "heading": heading,
    "roll_lines": roll_lines,
    "turnout": turnout_lines,
    "candidates": candidate_lines,
    "ballots": ballot_lines,
    "boxes": box_lines,
    "paper": paper_lines,
    "result": lambda round_: round_.result,
}
#: Digests of what could be found by trying: the marks under published codes, the count, the sums of boxes, what is read
#: of the papers.
SALTED = ("ballots", "result", "boxes", "paper")
#: Digests of rows that no longer change after the close.
FIXED_AT_CLOSE = ("heading", "roll_lines", "turnout", "candidates")


def of(round_: Round, name: str) -> str:
    """Make the digest ``name`` (of `CONTENT`) from what is stored now."""
    value = CONTENT[name](round_)
    return sealed(round_, name, value) if name in SALTED else json_digest(round_.hash_name, value)


def sealed(round_: Round, name: str, value: Any) -> str:
    """Return the salted digest of figures (``name`` of `SALTED`); it may be shown while the figures may not."""
    return json_digest(round_.hash_name, value, (round_.salts or {}).get(name))


def of_record(round_: Round) -> str:
    """Return the digest of the published record's file."""
    assert round_.record is not None
    return digest(round_.hash_name, records.to_bytes(round_.record))


def of_boxes(round_: Round) -> str:
    """Return the digest of the boxes counted by hand as made now; empty where there are none."""
    return of(round_, "boxes") if box_contents.totals_of(round_) else ""


def stored_of_boxes(round_: Round) -> str:
    """Return the digest of the boxes counted by hand as the chain has it; empty where there are none."""
    event = joined_event(round_)
    return str(event.payload.get("boxes") or "") if event else ""


# --- at the close --------------------------------------------------------------------------------------


def freeze(round_: Round) -> JsonDict:
    """Draw the salts, store the digests of roll and ballots, and return the digests of all rows that are fixed now."""
    round_.salts = {name: secrets.token_hex(16) for name in SALTED}  # 128 random bits each
    round_.roll_digest = of(round_, "roll")
    if rounds.rule_of(round_).paper == "none":
        drop_salt_if_shown(round_)
    round_.ballots_digest = of(round_, "ballots")
    return {name: of(round_, name) for name in FIXED_AT_CLOSE}


def drop_salt_if_shown(round_: Round) -> None:
    """Take the salt from the ballots' digest where the record shows the marks.

    The record's format has the digest of the bare list there, and nothing is left to guess. The digest made while
    papers were being read keeps its salt, under the name "phones".
    """
    rule, salts = rounds.rule_of(round_), dict(round_.salts or {})
    if "ballots" in salts and records.shows_marks(rule, tally.box(round_), box_contents.totals_of(round_)):
        salt = salts.pop("ballots")
        round_.salts = salts | ({} if rule.paper == "none" else {"phones": salt})
