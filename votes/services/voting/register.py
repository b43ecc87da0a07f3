"""The register of a round: who is entitled (the roll) beside who has voted or holds a paper (turnout).

It is plain SQL without the ORM, because casting a ballot may take five statements and one commit. Nothing here knows
a ballot.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select, true
from sqlalchemy.dialects import postgresql, sqlite

from votes.db import EVERY_BODY, db
from votes.models import RollEntry, Round, Turnout, table_of
from votes.rules.voting.ballots import Source

rounds, roll, turnout = table_of(Round), table_of(RollEntry), table_of(Turnout)

#: The roll of a round with the turnout of each line (columns None for those who have not voted).
ROLL_WITH_TURNOUT = roll.outerjoin(
    turnout, (turnout.c.round_id == roll.c.round_id) & (turnout.c.deputy_id == roll.c.deputy_id)
)


def in_scope() -> ColumnElement[bool]:
    """Return the condition that the round belongs to the body in scope: the ORM's filter does not reach plain SQL."""
    scope = db.session.scope
    return true() if scope is EVERY_BODY else rounds.c.body_id == scope


def line_of(round_id: int, deputy_id: int) -> Select[Any]:
    """Return the query of one deputy's line of a round in scope: the round, their roll line, their turnout.

    No row means no such round. `present` is None for somebody who is not on the roll, `channel` for somebody who has
    neither voted nor taken a paper.
    """
    joined = rounds.outerjoin(
        roll, (roll.c.round_id == rounds.c.id) & (roll.c.deputy_id == deputy_id)
    ).outerjoin(turnout, (turnout.c.round_id == rounds.c.id) & (turnout.c.deputy_id == deputy_id))
    columns = (
        *(rounds.c.state, rounds.c.closes_at, rounds.c.resend_key),
        *(roll.c.present, roll.c.name, roll.c.number),
        *(turnout.c.channel, turnout.c.resend_mark, turnout.c.browser_mark),
    )
    return select(*columns).select_from(joined).where(rounds.c.id == round_id, in_scope())


def locked_line_of(round_id: int, deputy_id: int) -> Select[Any]:
    """Return `line_of` with a lock: nobody closes the round between the look at its state and the commit.

    On SQLite there is one writer anyway.
    """
    return line_of(round_id, deputy_id).with_for_update(read=True, of=rounds)


def without_vote(round_id: int, *columns: ColumnElement[Any]) -> Select[Any]:
    """Return the query of those present who have neither voted nor taken a paper."""
    return (
        select(*columns)
        .select_from(ROLL_WITH_TURNOUT)
        .where(roll.c.round_id == round_id, roll.c.present, turnout.c.deputy_id.is_(None))
    )


def entitled(round_id: int) -> list[str]:
    """Return the numbers of those entitled to vote, sorted."""
    return sorted(
        db.session.scalars(select(roll.c.number).where(roll.c.round_id == round_id, roll.c.present))
    )


def count(table: Table, round_id: int, *conditions: ColumnElement[bool]) -> int:
    """Return how many rows of the table the round has, of those that meet the conditions."""
    query = select(func.count()).select_from(table).where(table.c.round_id == round_id, *conditions)
    return db.session.scalar(query) or 0


def insert_once(table: Table, **values: Any) -> bool:
    """Insert a row unless its key is taken; return True when it was inserted."""
    insert = sqlite.insert if db.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(table.c.round_id)
    return db.session.execute(statement).first() is not None


def cross_off(round_id: int, deputy_id: int, source: Source, **marks: str | None) -> bool:
    """Note that the deputy votes in this way; False when their line is crossed off already.

    ``marks``: of a phone, the columns that the close empties.
    """
    return insert_once(turnout, round_id=round_id, deputy_id=deputy_id, channel=source, **marks)
