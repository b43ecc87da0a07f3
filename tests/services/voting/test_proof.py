"""Whatever is changed in the tables after the close is found, table by table and column by column."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Boolean, Column, Date, DateTime, Integer, LargeBinary, select, text

from tests import factories, plumbing
from tests.conftest import fresh_database
from tests.factories import NOW
from tests.services.voting.test_paper_ballots import CLERK, OTHER, add_box, decide, hand_out, key, resume
from tests.services.voting.test_vote import BY, cast, make_hall, open_, teller_actor
from tests.signing import fetch_share, sign as sign_count
from votes.db import Database, UtcDateTime
from votes.models import Round, metadata
from votes.services.delivery import announcements
from votes.services.meeting import rounds
from votes.services.voting import closing, further, paper_ballots, proof, signing

#: Columns of which the chain says nothing, and why.
NOT_PROVED = {
    "events.id": "its place in the chain is its position",
    "candidates.id": "a candidate is its number",
    "signatures.id": "a signature is its signer's",
    "announcements.id": "there is one for a round",
    "rounds.created_at": "when it was prepared says nothing about the vote",
    "refusals.id": "a refusal is its teller's",
    "presidium_decisions.id": "there is one for a round",
    "paper_stacks.id": "a stack is its serial",
    "archive_shares.id": "a share is its holder's",
}
TABLES = (
    "ballots", "turnout", "roll_entries", "candidates", "events", "signatures", "refusals", "presidium_decisions",
    "announcements", "paper_stacks", "paper_boxes", "paper_entries", "paper_decisions", "archive_shares", "rounds",
)  # fmt: skip


def columns() -> list[str]:
    return [f"{name}.{column.name}" for name in TABLES for column in metadata.tables[name].columns]


@dataclass
class Held:
    """An announced round in a database of its own, whose guards can be put aside."""

    app: Flask
    database: Database
    round_id: int

    def verify(self) -> proof.Proof:
        before = self.app.extensions["votes.database"]
        self.app.extensions["votes.database"] = self.database
        try:
            with self.app.app_context(), self.database.work(write=False):
                return proof.verify_id(self.round_id)
        finally:
            self.app.extensions["votes.database"] = before

    def tamper(self, *statements: tuple[str, dict[str, Any]]) -> None:
        with plumbing.unguarded(self.database) as connection:
            for statement, values in statements:
                assert connection.execute(text(statement), values).rowcount == 1


@pytest.fixture(scope="module")
def held(one_app, templates, backend, tmp_path_factory):
    with fresh_database(templates, backend, tmp_path_factory.mktemp("proof")) as url:
        database = Database(url)
        before = one_app.extensions["votes.database"]
        one_app.extensions["votes.database"] = database
        world = factories.make_world(one_app, database)
        hall = make_hall(
            world,
            disclosure="ballots",
            publish="names+votes",
            majority="none",
            tie="presidium",
            paper="keyed",
        )
        announce(world, hall)
        one_app.extensions["votes.database"] = before
        if not database.is_sqlite:  # checks cannot be put aside there, only taken away
            drop_checks(database)
        yield Held(one_app, database, hall["round"])
        database.dispose()


def drop_checks(database: Database) -> None:
    query = (
        "SELECT conrelid::regclass::text, conname FROM pg_constraint "
        "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
    )
    with database.engine.begin() as connection:
        for table, name in connection.execute(text(query)).all():
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))


def announce(world, hall) -> None:
    """Run the whole life of a round: phones and papers, one of them in doubt, a refusal, a tie that the presidium decides."""

    def the_round() -> Round:
        found = rounds.get_round(hall["round"])
        assert found is not None
        return found

    with world.work():
        stack = paper_ballots.print_stack(the_round(), 10, by=BY, now=NOW)
        stack_id = stack.id
    open_(world, hall)
    for place in range(9):
        cast(world, hall, place, {1: "for", 2: "for", 3 if place < 5 else 4: "for"})
    for place in (9, 10, 11):
        hand_out(world, hall, place)
    with world.work():
        closing.close(the_round(), by=BY, now=NOW + timedelta(seconds=90))
    with world.work():
        paper_ballots.count_back(paper_ballots.get_stack(stack_id), 7, by=BY, now=NOW)
    box = add_box(world, hall, 3)
    key(world, box, CLERK, "1 2 4", "1 2", "0")
    key(world, box, OTHER, "1 2 4", "/1", "0")
    decide(world, hall, box, 2, "second")
    resume(world, hall)
    with world.work():
        signing.refuse(the_round(), "有一张票须再看", by=teller_actor(hall["deputies"][1]), now=NOW)
    for place in (0, 1):
        with world.work():
            sign_count(
                the_round(), by=teller_actor(hall["deputies"][place]), now=NOW + timedelta(minutes=5 + place)
            )
    with world.work():
        fetch_share(the_round(), by=teller_actor(hall["deputies"][1]), now=NOW + timedelta(minutes=7))
    with world.work():
        further.decide(
            the_round(), [4], decided_on=date(2027, 1, 15), note="主席团第三次会议", by=BY, now=NOW
        )
    with world.work():
        announcements.announce(
            the_round(), number=1, announced_on=date(2027, 1, 15), by=BY, now=NOW + timedelta(minutes=9)
        )


def another(column: Column[Any], value: Any) -> Any:
    """Return the stored value with the least change that its type knows."""
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, UtcDateTime | DateTime):
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value or datetime(2027, 1, 1)
        moved = moment + timedelta(seconds=1)
        return moved.isoformat(sep=" ") if isinstance(value, str) else moved
    if isinstance(column.type, Date):
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return (day + timedelta(days=1)).isoformat() if isinstance(value, str) else day + timedelta(days=1)
    if isinstance(column.type, Integer):
        return (value or 0) + 90
    if isinstance(column.type, LargeBinary):
        return b"x" * 32
    if str(column.type) == "JSON":
        held = json.loads(value) if isinstance(value, str) else value or {}
        if isinstance(held, list):
            return json.dumps([*held, 1])
        return json.dumps(held | {next(iter(held), "1"): "x"})
    return f"{value or ''}x"[-(column.type.length or 300) :] if value else "x"  # type: ignore[attr-defined]


def key_of(name: str, row: Any) -> tuple[str, dict[str, Any]]:
    keys = [column.name for column in metadata.tables[name].primary_key.columns]
    return " AND ".join(f"{key} = :k_{key}" for key in keys), {f"k_{key}": row[key] for key in keys}


@pytest.mark.parametrize("column", columns())
def test_a_changed_value_is_found(held, column):
    name, _, field = column.partition(".")
    table = metadata.tables[name]
    with held.database.engine.connect() as connection:
        order = ", ".join(c.name for c in table.primary_key.columns)
        row = connection.execute(text(f"SELECT * FROM {name} ORDER BY {order} DESC LIMIT 1")).mappings().one()
    before, after = row[field], another(table.columns[field], row[field])
    stored = json.dumps(before) if isinstance(before, dict | list) else before
    where, key = key_of(name, row)
    changed = {**row, field: after}
    back, back_key = key_of(name, changed)
    held.tamper((f"UPDATE {name} SET {field} = :value WHERE {where}", {"value": after, **key}))
    try:
        found = held.verify()
        assert found.whole == (column in NOT_PROVED), [f for f in found.findings if f.state != "ok"]
    finally:
        held.tamper((f"UPDATE {name} SET {field} = :value WHERE {back}", {"value": stored, **back_key}))
    assert [f.message for f in held.verify().findings if f.state != "ok"] == []


@pytest.mark.parametrize("name", [name for name in TABLES if name != "rounds"])
def test_a_row_taken_away_is_found(held, name):
    table = metadata.tables[name]
    with held.database.engine.connect() as connection:
        row = connection.execute(select(table).limit(1)).mappings().one()
    where, key = key_of(name, row)
    held.tamper((f"DELETE FROM {name} WHERE {where}", key))
    try:
        assert not held.verify().whole
    finally:
        with plumbing.unguarded(held.database) as connection:
            connection.execute(table.insert(), [dict(row)])
    assert held.verify().whole


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ballots", {"code": "ZZZZZZZZZZ"}),
        ("turnout", {"deputy_id": 9999}),
        ("roll_entries", {"deputy_id": 9999, "number": "999"}),
        ("candidates", {"id": 9999, "number": 99, "project_id": 9999}),
        ("signatures", {"id": 9999, "deputy_id": 9999}),
        ("events", {"id": 9999, "position": 99}),
    ],
)
def test_a_row_put_in_is_found(held, name, change):
    table = metadata.tables[name]
    with held.database.engine.connect() as connection:
        row = connection.execute(select(table).limit(1)).mappings().one()
    added = {**row, **change}
    with plumbing.unguarded(held.database) as connection:
        connection.execute(table.insert(), [added])
    try:
        assert not held.verify().whole
    finally:
        where, key = key_of(name, added)
        held.tamper((f"DELETE FROM {name} WHERE {where}", key))
    assert held.verify().whole


def test_what_is_wrong_is_said_in_words(held):
    held.tamper(("UPDATE rounds SET title = title || '改'", {}))
    try:
        assert [(f.what, f.word) for f in held.verify().wrong] == [("轮次名称和次序", "不一致")]
    finally:
        held.tamper(("UPDATE rounds SET title = replace(title, '改', '')", {}))


def test_an_untouched_year_is_whole(year):
    with year.app.app_context(), year.database.work(write=False):
        found = [proof.verify_id(round_id) for round_id in proof.find("all")]
    assert len(found) > 5
    assert [(p.title, f.what, f.message) for p in found for f in p.findings if f.state != "ok"] == []
