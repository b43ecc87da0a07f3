"""Counters beside the database: they count at once, whatever happens to the votes' transaction and its lock."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from votes.db import Database, counters

NOW = datetime(2027, 1, 15, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_add_counts_and_clear_forgets(database: Database):
    assert [database.counters.add("a", NOW), database.counters.add("a", NOW + HOUR)] == [1, 2]
    assert database.counters.read("a") == counters.Count(2, NOW + HOUR)
    assert database.counters.read("b") == counters.Count()
    database.counters.clear("a", "b")
    assert database.counters.read("a").number == 0


def test_add_after_a_pause_begins_anew(database: Database):
    database.counters.add("a", NOW)
    assert database.counters.add("a", NOW + HOUR, forgotten=HOUR) == 1


def test_starting_with_takes_the_prefix_literally(database: Database):
    for key in ("day_1:x", "day_1:y", "dayX1:z"):
        database.counters.add(key, NOW)
    assert database.counters.starting_with("day_1:") == {"x": 1, "y": 1}


def test_purge_deletes_the_old_and_the_oldest_beyond_the_most(database: Database, monkeypatch):
    monkeypatch.setattr(counters, "MOST", 2)
    for number in range(4):
        database.counters.add(f"k{number}", NOW + number * HOUR)
    database.counters.add("old", NOW - counters.KEPT)
    database.counters.purge(NOW + HOUR)
    assert database.counters.starting_with("") == {"k2": 1, "k3": 1}


def test_counters_do_not_wait_for_the_lock_of_the_votes(database: Database):
    """A storm of failures while somebody else writes: none waits, and the writer's rollback loses none."""
    with database.work() as session:
        session.connection()  # on SQLite this holds the write lock
        began = time.monotonic()
        for _ in range(200):
            database.counters.add("user:x", NOW)
        took = time.monotonic() - began
        session.rollback()
    assert database.counters.read("user:x").number == 200
    assert took < 10


def test_add_at_the_same_instant_loses_nothing(database: Database):
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: database.counters.add("user:x", NOW), range(120)))
    assert database.counters.read("user:x").number == 120


def test_counters_are_in_a_file_of_their_own(database: Database):
    if not database.is_sqlite:
        return
    database.counters.add("user:x", NOW)
    with database.engine.connect() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert "counters" not in tables


def test_counters_are_in_a_table_without_a_log(database: Database):
    if database.is_sqlite:
        return
    with database.engine.connect() as connection:
        kind = connection.exec_driver_sql(
            "SELECT relpersistence FROM pg_class WHERE oid = 'public.counters'::regclass"
        )
        assert kind.scalar_one() == "u"
