"""Closing the box: no more ballots, the keys that tell a resend destroyed, order and link removed, then the count."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Table, delete, insert, select, text
from sqlalchemy.exc import DBAPIError

from votes.db import Database, db, workers
from votes.db.transaction_log import StandbyBehindError
from votes.models import Ballot, BallotRewrite, Round, Turnout, table_of
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import ROUND, RoundState, check_close
from votes.rules.people.actor import Actor
from votes.services import audit
from votes.services.meeting import events, rounds
from votes.services.voting import counting, digests, paper_ballots, register

log = logging.getLogger(__name__)

_ballot, _turnout = table_of(Ballot), table_of(Turnout)
#: The columns of the turnout that the close empties.
MARKS = ("resend_mark", "browser_mark")
#: The tables whose files have had order and marks.
SWEPT = ("ballots", "turnout")


def close(round_: Round, *, by: Actor, now: datetime) -> None:
    """Close the box: no more ballots, the keys that tell a resend are destroyed, the rows are shuffled.

    After the commit the tables are vacuumed and the ballots counted (`finish_close`). Then whoever holds the whole
    database finds neither an order of casting nor a link between roll and box.
    """
    round_ = rounds.lock(round_)
    check_close(state=round_.state)
    round_.state = step(ROUND, round_.state, "close")
    round_.resend_key = None
    round_.closed_at = now
    round_.present = round_.issued = len(register.entitled(round_.id))
    round_.returned = register.count(_ballot, round_.id)
    db.session.flush()
    shuffle(round_.id)
    if not round_.rehearsal:
        workers.retire_all()
    fixed = digests.freeze(round_)
    facts = {
        **audit.facts(round_, "roster", "present", "issued", "returned"),
        "roll": round_.roll_digest,
        "ballots": round_.ballots_digest,
        "resend_key": "destroyed",
        "rewritten": "random order",
    }
    events.append(round_, "close", by=by, at=now, **facts, **fixed)
    audit.record("round.close", by=by, at=now, about=round_, after=audit.facts(round_, "issued", "returned"))
    paper_ballots.record_register(round_, by=by, now=now)
    _finish_after_commit(round_, by, now)


def shuffle(round_id: int) -> None:
    """Write the box and the crossed-off roll anew, each in an order that has nothing to do with casting.

    On PostgreSQL this is one statement a table in random order, which gives every row the same transaction. SQLite
    stores these tables by key: deleting and inserting in key order removes the order of arrival inside its pages.
    """
    db.session.add(BallotRewrite(round_id=round_id))
    db.session.flush()
    rewrite = _rewrite_shuffled if db.session.get_bind().dialect.name == "postgresql" else _rewrite_by_key
    rewrite(round_id, _ballot)
    rewrite(round_id, _turnout)
    db.session.execute(delete(BallotRewrite).where(BallotRewrite.round_id == round_id))


def _rewrite_shuffled(round_id: int, table: Table) -> None:
    names = [column.name for column in table.columns]
    values = ["null" if name in MARKS else name for name in names]
    statement = (
        f"WITH old AS (DELETE FROM {table.name} WHERE round_id = :id RETURNING *) "
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(values)} FROM old ORDER BY random()"
    )
    db.session.execute(text(statement), {"id": round_id})


def _rewrite_by_key(round_id: int, table: Table) -> None:
    of_round = table.c.round_id == round_id
    rows = [dict(row) for row in db.session.execute(select(table).where(of_round)).mappings()]
    db.session.execute(delete(table).where(of_round))
    rows.sort(key=lambda row: str(row.get("code") or row["deputy_id"]))
    without_marks = {name: None for name in MARKS if name in table.c}
    if rows:
        db.session.execute(insert(table), [row | without_marks for row in rows])


def _finish_after_commit(round_: Round, by: Actor, now: datetime) -> None:
    round_id, body_id = round_.id, round_.body_id
    db.session.on_commit(lambda database: finish_close(database, round_id, body_id, by, now))


def finish_close(database: Database, round_id: int, body_id: int, by: Actor, now: datetime) -> None:
    """Sweep the freed pages after the closing commit, then count; where paper is used, `resume_count` comes first.

    Both wait until the server has replaced every process that took ballots, so that closes of one minute sweep once. A
    failure here is logged and not raised: the close itself is committed and the round stays closed. Its page offers
    计票, which says in words what stands in the way.
    """

    def sweep_and_count(replaced: bool) -> None:
        with _logged(round_id):
            database.sweep(*SWEPT, since=files)
            if replaced:
                _count(database, round_id, body_id, by, now)
            else:
                log.error(
                    "round %s is closed but not counted: a process older than the close lives", round_id
                )

    with _logged(round_id):
        files = database.files_of(*SWEPT)
        workers.when_replaced(database, sweep_and_count)


def _count(database: Database, round_id: int, body_id: int, by: Actor, now: datetime) -> None:
    with database.work(scope=body_id):
        round_ = db.session.get(Round, round_id)
        if round_ is None:
            return
        round_ = rounds.lock(round_)  # somebody else may be counting it at this moment
        if round_.state == RoundState.CLOSED and paper_ballots.ready(round_):
            counting.count(round_, by=by, now=now)


@contextmanager
def _logged(round_id: int) -> Iterator[None]:
    try:
        yield
    except (RuleBroken, DBAPIError, StandbyBehindError, sqlite3.Error) as error:
        # A refusal is logged by its code: the words of what does not add up may have figures.
        reason = error.code if isinstance(error, RuleBroken) else error
        log.error("round %s is closed but not counted: %s", round_id, reason)


def waits_for_successors(round_: Round) -> bool:
    """Return whether the round is closed and its count waits for the server to replace its processes."""
    return round_.state == RoundState.CLOSED and workers.any_retiring()


def resume_count(round_: Round, *, missing: int = 0, by: Actor, now: datetime) -> None:
    """Sweep and count a closed round that is not counted: its papers are settled now, or the server had stopped.

    The papers join the box in this unit of work. ``missing`` is how many papers handed out are confirmed to be in no
    box. Raises RuleBroken while papers are unsettled, and where another number is missing (a box may be forgotten).
    """
    if waits_for_successors(round_):
        raise RuleBroken(
            "关闭票箱后，服务程序正在逐个更换进程，清除内存中的投票痕迹，还没有换完。票箱已经关闭，还没有计票；"
            "请一分钟后再点“计票”。",
            code="workers",
        )
    round_ = rounds.lock(round_)
    counting.prepare(round_, missing=missing, by=by, now=now)
    _finish_after_commit(round_, by, now)
