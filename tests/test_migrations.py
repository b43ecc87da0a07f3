"""The schema that the migrations make, what a kill in the middle leaves, and each revision over a database with rows.

A new revision needs an entry in `DATA_CASES`.
"""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError

from tests import plumbing
from votes import migrations, serve
from votes.db import Database, WorkSession, counters
from votes.models import metadata
from votes.services import audit

#: Trigger and table, as both databases list them.
TRIGGERS = {
    ("account_changes_no_delete", "account_changes"),
    ("account_changes_no_update", "account_changes"),
    ("audit_entries_no_delete", "audit_entries"),
    ("audit_entries_no_update", "audit_entries"),
    ("audit_links_no_delete", "audit_links"),
    ("audit_links_no_update", "audit_links"),
    ("ballots_no_delete", "ballots"),
    ("ballots_no_update", "ballots"),
    ("events_no_delete", "events"),
    ("events_no_update", "events"),
    ("paper_decisions_delete_while_closed", "paper_decisions"),
    ("paper_decisions_insert_while_closed", "paper_decisions"),
    ("paper_decisions_update_while_closed", "paper_decisions"),
    ("paper_entries_delete_while_closed", "paper_entries"),
    ("paper_entries_insert_while_closed", "paper_entries"),
    ("paper_entries_update_while_closed", "paper_entries"),
    ("refusals_no_delete", "refusals"),
    ("refusals_no_update", "refusals"),
    ("session_events_no_delete", "session_events"),
    ("session_events_no_update", "session_events"),
    ("signatures_no_delete", "signatures"),
    ("signatures_no_update", "signatures"),
    ("signed_lists_no_delete", "signed_lists"),
    ("signed_lists_no_update", "signed_lists"),
    ("teller_secrets_no_update", "teller_secrets"),
    ("vote_reports_no_delete", "vote_reports"),
    ("vote_reports_no_update", "vote_reports"),
}
ADD_BODY = (
    "INSERT INTO bodies (code, name, place, kind, settings, is_demo, created_at)"
    " VALUES (:code, :code, '示例县', 'county', '{}', false, '2027-01-01 00:00:00')"
)


# --- each revision over a database with rows -----------------------------------------------------------


@dataclass(frozen=True)
class DataCase:
    """The rows that a revision meets, and what it does to them."""

    load: Callable[
        [WorkSession], None
    ]  #: writes rows as the revision before has them, with SQL, not with the models
    check: Callable[[WorkSession], None]  #: asserts what the revision has made of them
    resized: frozenset[str] = frozenset()  #: the tables whose number of rows the revision changes on purpose


def _load_cards(session: WorkSession) -> None:
    """Two valid cards of a running session of a real body and of a demo, a void card, a card of a past session."""
    statements = [
        ADD_BODY.replace(":code", "'real'").replace("'示例县'", "'真实县'"),
        ADD_BODY.replace(":code", "'demo'").replace("false", "true"),
        *(
            f"INSERT INTO delegations (name, position, body_id) VALUES ('第一代表团', 1, {body});"
            "INSERT INTO deputies (number, name, delegation_id, state, pinyin, initials, body_id)"
            f" VALUES ('001', '示例代表', {body}, 'active', '', '', {body})"
            for body in (1, 2)
        ),
        *(
            "INSERT INTO sessions (id, title, year, starts_on, ends_on, place, state, hall_secret, hall_key, screen_key,"
            f" created_at, body_id) VALUES ({number}, '第{number}次会议', 2027, '2027-01-15', '2027-01-16', '', '{state}',"
            f" '', 'hall{number}', 'screen{number}', '2027-01-01 00:00:00', {body})"
            for number, state, body in ((1, "running", 1), (2, "ended", 1), (3, "running", 2))
        ),
        *(
            "INSERT INTO cards (session_id, deputy_id, salt, token_hash, pin_hash, issued_at, voided_at, void_reason,"
            f" body_id) VALUES ({meeting}, {body}, '', 'hash{number}', 'old', '2027-01-10 00:00:00', {voided}, {body})"
            for number, (meeting, body, voided) in enumerate(
                [(1, 1, "'2027-01-11 00:00:00', '遗失'"), (1, 1, "NULL, NULL"), (2, 1, "NULL, NULL"), (3, 2, "NULL, NULL")]
            )
        ),
    ]  # fmt: skip
    for statement in ";".join(statements).split(";"):
        session.execute(text(statement))


def _check_cards(session: WorkSession) -> None:
    """Only the valid card of the real body's running session is void now; no card has a PIN, none is opened."""
    rows = session.execute(
        text("SELECT token_hash, void_reason, pin_hash, opened, batch_id FROM cards")
    ).all()
    reasons = {row.token_hash: row.void_reason for row in rows}
    assert reasons == {
        "hash0": "遗失",
        "hash1": "系统升级：凭证改为随机制发，须重新发放",
        "hash2": None,
        "hash3": None,
    }
    assert {(row.pin_hash, bool(row.opened), row.batch_id) for row in rows} == {("", False, None)}
    assert set(session.scalars(text("SELECT hash_name FROM sessions"))) == {"sha256"}


def load_signature(session: WorkSession) -> None:
    """Write a teller and a signature as the version before secrets has them."""
    when = "'2027-01-15 08:00:00'"
    for statement in (
        ADD_BODY.replace(":code", "'shili'"),
        "INSERT INTO delegations (id, body_id, name, position) VALUES (1, 1, '第一代表团', 1)",
        "INSERT INTO deputies (id, body_id, number, name, delegation_id, state, pinyin, initials)"
        " VALUES (1, 1, '001', '示例代表001', 1, 'active', '', '')",
        "INSERT INTO sessions (id, body_id, title, year, starts_on, ends_on, place, state, hall_secret, hall_key,"
        " screen_key, created_at) VALUES (1, 1, '第一次会议', 2027, '2027-01-15', '2027-01-16', '', 'running', 'x',"
        f" 'h', 's', {when})",
        "INSERT INTO rounds (id, body_id, public_id, session_id, ordinal, title, rehearsal, state, rule, hash_name,"
        f" created_at) VALUES (1, 1, 'r', 1, 1, '示例票决', false, 'counted', '{{}}', 'sha256', {when})",
        "INSERT INTO tellers (id, body_id, session_id, deputy_id, role) VALUES (1, 1, 1, 1, 'chief')",
        "INSERT INTO signatures (id, body_id, round_id, deputy_id, role, name, result_digest, signed_at)"
        f" VALUES (1, 1, 1, 1, 'chief', '示例代表001', 'd', {when})",
    ):
        session.execute(text(statement))


def check_signature(session: WorkSession) -> None:
    row = session.execute(text("SELECT kind, code, public_key, signature, reports FROM signatures")).one()
    assert tuple(row) == ("login", "", "", "", None)
    assert session.execute(text("SELECT decision FROM tellers")).scalar_one() is None


def _load_accounts(session: WorkSession) -> None:
    """Add one account with an initial password and one whose owner has chosen it."""
    for name, must_change in (("fresh", True), ("old", False)):
        session.execute(
            text(
                "INSERT INTO users (username, name, password_hash, must_change, active, login_serial, created_at)"
                " VALUES (:name, :name, 'x', :must_change, :active, 0, '2027-01-01 00:00:00')"
            ),
            {"name": name, "must_change": must_change, "active": True},
        )


def _check_accounts(session: WorkSession) -> None:
    """Assert that an initial password that is out goes on for a week; a chosen one has no end."""
    rows = session.execute(text("SELECT username, initial_until IS NOT NULL FROM users ORDER BY username"))
    assert [(name, bool(ends)) for name, ends in rows] == [("fresh", True), ("old", False)]


def _is_empty(session: WorkSession, table: str) -> None:
    assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


def _load_card(session: WorkSession) -> None:
    """Add a card, as cards were before they had a serial."""
    session.execute(text(ADD_BODY), {"code": "county"})
    for statement in (
        "INSERT INTO delegations (name, position, body_id) VALUES ('第一代表团', 1, 1)",
        "INSERT INTO deputies (number, name, delegation_id, state, pinyin, initials, body_id)"
        " VALUES ('001', '示例', 1, 'active', '', '', 1)",
        "INSERT INTO sessions (title, year, starts_on, ends_on, place, state, hall_key, screen_key, hall_secret,"
        " created_at, body_id) VALUES ('会议', 2027, '2027-01-15', '2027-01-16', '', 'running', 'h', 's', :bytes,"
        " '2027-01-01 00:00:00', 1)",
        "INSERT INTO cards (session_id, deputy_id, token_hash, pin_hash, issued_at, opened, body_id)"
        " VALUES (1, 1, 't', 'p', '2027-01-15 00:00:00', false, 1)",
    ):
        session.execute(text(statement), {"bytes": b"x"} if ":bytes" in statement else {})


def _check_card(session: WorkSession) -> None:
    assert session.execute(text("SELECT token_hash, login_serial FROM cards")).all() == [("t", 0)]
    assert session.execute(text("SELECT id FROM sign_ins")).all() == []


AUDIT_LINES = [
    (None, "系统管理员", "sysadmin", "body.create", "null", "null"),
    (
        1,
        "王示例",
        "leader,office",
        "user.edit",
        '{"name": "甲", "n": null}',
        '{"name": "乙", "2": [1.5, true]}',
    ),
    (2, "李示例", "office", "user.sign_in", "null", "null"),
    (1, "示例代表", "deputy", "user.sign_in", "null", "null"),
    (1, "王𠀀示例", "office", "user.active", "null", '{"active": false}'),
]


def _load_audit_lines(session: WorkSession) -> None:
    for code in ("one", "two"):
        session.execute(text(ADD_BODY), {"code": code})
    names = ("body", "who", "role", "action", "before", "after")
    for number, values in enumerate(AUDIT_LINES):
        line = dict(zip(names, values, strict=True))
        for name in ("before", "after"):
            line[name] = None if line[name] == "null" else line[name]
        session.execute(
            text(
                'INSERT INTO audit_entries (body_id, at, who, role, action, "before", "after", outcome, message)'
                f" VALUES (:body, '2027-01-01 08:00:0{number}.000120', :who, :role, :action, :before, :after, 'done', 'x')"
            ),
            line,
        )


def _check_audit_lines(session: WorkSession) -> None:
    """Each body's lines are a whole chain, but for the sign-in of the deputy."""
    proofs = {proof.body: (proof.lines, proof.flaw) for proof in audit.verify()}
    assert sorted(proofs.values()) == [(1, ""), (1, ""), (2, "")]
    assert set(session.scalars(text("SELECT hash_name FROM audit_links"))) == {"sha256"}


def _load_turnout(session: WorkSession) -> None:
    """Add a card, and a vote in a round that is open."""
    _load_card(session)
    for statement in (
        "INSERT INTO rounds (body_id, public_id, session_id, ordinal, title, rehearsal, state, rule, hash_name,"
        " created_at) VALUES (1, 'r', 1, 1, '示例票决', false, 'opened', '{}', 'sha256', '2027-01-15 00:00:00')",
        "INSERT INTO turnout (round_id, deputy_id, channel, resend_mark) VALUES (1, 1, 'phone', 'mark')",
    ):
        session.execute(text(statement))


def _check_turnout(session: WorkSession) -> None:
    assert session.execute(text("SELECT bound_to, takeovers FROM cards")).all() == [(None, 0)]
    assert session.execute(text("SELECT resend_mark, browser_mark FROM turnout")).all() == [("mark", None)]
    _is_empty(session, "vote_reports")


#: By revision, for every revision after the first.
DATA_CASES: dict[str, DataCase] = {
    "0002_cards": DataCase(_load_cards, _check_cards),
    "0004_consents": DataCase(
        load=lambda session: session.execute(text(ADD_BODY), {"code": "shili"}),
        check=lambda session: [_is_empty(session, table) for table in ("consents", "keyers")],
    ),
    "0005_signatures": DataCase(load_signature, check_signature),
    "0006_second_factor": DataCase(_load_accounts, _check_accounts),
    "0007_sign_ins": DataCase(_load_card, _check_card),
    "0008_workers": DataCase(
        load=lambda session: session.execute(text(ADD_BODY), {"code": "shili"}),
        check=lambda session: _is_empty(session, "workers"),
    ),
    "0009_audit_chain": DataCase(_load_audit_lines, _check_audit_lines, resized=frozenset({"audit_links"})),
    "0010_anchor_stamps": DataCase(
        load=lambda session: session.execute(text(ADD_BODY), {"code": "shili"}),
        check=lambda session: _is_empty(session, "anchor_stamps"),
    ),
    "0003_binding": DataCase(_load_turnout, _check_turnout),
}

NewDatabase = Callable[[], AbstractContextManager[Database]]


def check_revisions_with_data(new_database: NewDatabase, cases: Mapping[str, DataCase]) -> None:
    """Apply every revision after the first to a database with the rows of its case.

    Fails for a revision without a case, for a case that loads nothing or whose check fails, when a table that the
    case does not name loses or gains rows, and when ids of deleted rows would be given again.
    """
    scripts = ScriptDirectory.from_config(migrations.config()).walk_revisions()
    steps = [(script.down_revision, script.revision) for script in scripts if script.down_revision]
    assert {revision for _, revision in steps} == set(cases), (
        "each revision after the first needs a data case"
    )
    for before, revision in reversed(steps):
        case = cases[revision]
        with new_database() as database:
            migrations.upgrade(database, str(before))
            with database.work() as session:
                case.load(session)
                if database.is_sqlite:  # as if the last 1,000 rows of each table had been deleted
                    session.execute(text("UPDATE sqlite_sequence SET seq = seq + 1000"))
            rows, ids = count_rows(database), last_ids(database)
            assert sum(rows.values()) > 0, f"the case of {revision} loads no rows"
            migrations.upgrade(database, revision)
            with database.work(write=False) as session:
                case.check(session)
            after = count_rows(database)
            for table in {*rows, *after} - case.resized:
                assert after.get(table, 0) == rows.get(table, 0), f"{revision}: rows of {table}"
            for table, last in last_ids(database).items():
                assert last >= ids.get(table, 0), f"{revision}: {table} would give ids again"


def count_rows(database: Database) -> dict[str, int]:
    """Count the rows of each of our tables."""
    with database.engine.connect() as connection:
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        return {
            table: connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one()
            for table in tables
        }


def last_ids(database: Database) -> dict[str, int]:
    """Answer the last id given in each table of an SQLite database, 0 when it is forgotten; nothing for PostgreSQL.

    SQLite forgets it when a table is rebuilt; a sequence of PostgreSQL goes on.
    """
    if not database.is_sqlite:
        return {}
    with database.engine.connect() as connection:
        given = {row.name: row.seq for row in connection.exec_driver_sql("SELECT * FROM sqlite_sequence")}
        return {table: given.get(table, 0) for table in inspect(connection).get_table_names()}


def test_every_revision_keeps_its_rows(new_database: NewDatabase) -> None:
    check_revisions_with_data(new_database, DATA_CASES)


# --- databases -----------------------------------------------------------------------------------------


@contextmanager
def sqlite_database(folder: Path) -> Iterator[Database]:
    """Open an SQLite database without tables, for the length of the block."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'votes.db'}")
    yield database
    database.dispose()


@contextmanager
def postgresql_database() -> Iterator[Database]:
    """Open a PostgreSQL database without tables, for the length of the block."""
    with plumbing.pg_database() as url:
        database = Database(url)
        yield database
        database.dispose()


@pytest.fixture
def new_database(backend: str, tmp_path: Path) -> NewDatabase:
    """Return a function that opens a database without tables for the length of a block."""
    return partial(sqlite_database, tmp_path / "database") if backend == "sqlite" else postgresql_database


@pytest.fixture
def empty(new_database: NewDatabase) -> Iterator[Database]:
    """Open a database without tables."""
    with new_database() as database:
        yield database


@pytest.fixture
def whole(empty: Database) -> Database:
    """Open a database with the newest schema."""
    migrations.upgrade(empty)
    return empty


def differences(connection: Connection) -> list[Any]:
    """List in what the schema at ``connection`` differs from the models: tables, columns, keys, indexes, defaults."""
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": migrations.is_of_a_model,
    }
    return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def triggers(connection: Connection) -> set[tuple[str, str]]:
    """Answer (trigger, table) of all triggers."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    return {(name, table) for name, table in connection.exec_driver_sql(query)}


def assert_whole(database: Database) -> None:
    """Assert that the database has every table, column, key, index and trigger of the newest schema."""
    with database.engine.connect() as connection:
        assert differences(connection) == []
        assert triggers(connection) == TRIGGERS


def dump(database: Database) -> list[Any]:
    """Everything that stands in the database, to be compared; of PostgreSQL the tables' names and rows."""
    if database.is_sqlite:
        with sqlite3.connect(str(database.url.database)) as connection:
            return list(connection.iterdump())
    with database.engine.connect() as connection:
        return [
            (table, sorted(map(str, connection.exec_driver_sql(f'SELECT * FROM "{table}"'))))
            for table in sorted(inspect(connection).get_table_names())
        ]


# --- the schema ----------------------------------------------------------------------------------------


def test_migrations_and_models_agree(whole: Database) -> None:
    assert_whole(whole)


def test_checks_in_models_and_database_agree(whole: Database) -> None:
    """Alembic does not compare CHECKs. PostgreSQL writes conditions in its own way, so names are compared there."""

    def plain(condition: str) -> str:
        return " ".join(condition.split()) if whole.is_sqlite else ""

    def condition_of(check: CheckConstraint) -> str:
        literally = {"literal_binds": True, "render_postcompile": True}
        compiled = check.sqltext.compile(dialect=whole.engine.dialect, compile_kwargs=literally)
        return plain(str(compiled).replace(f"{check.table.name}.", ""))

    declared = {
        (table.name, str(check.name), condition_of(check))
        for table in metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    with whole.engine.connect() as connection:
        existing = {
            (table, str(check["name"]), plain(check["sqltext"]))
            for table in inspect(connection).get_table_names()
            for check in inspect(connection).get_check_constraints(table)
        }
    assert existing == declared


def test_ids_every_sqlite_table_autoincrements(tmp_path: Path) -> None:
    with_id = {name for name, table in metadata.tables.items() if "id" in table.columns}
    with sqlite_database(tmp_path / "database") as database:
        migrations.upgrade(database)
        with database.engine.connect() as connection:
            tables = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            created = {row.name: row.sql for row in tables}
    assert {name for name, sql in created.items() if "PRIMARY KEY AUTOINCREMENT" in sql} == with_id
    assert {name for name, sql in created.items() if sql.strip().endswith("WITHOUT ROWID")} == {
        "ballots",
        "turnout",
    }


def test_id_of_deleted_row_is_not_given_again(whole: Database) -> None:
    newest = text("SELECT max(id) FROM bodies")
    with whole.work() as session:
        session.execute(text(ADD_BODY), {"code": "first"})
        session.execute(text(ADD_BODY), {"code": "second"})
        before = session.scalar(newest)
        session.execute(text("DELETE FROM bodies WHERE code = 'second'"))
        session.execute(text(ADD_BODY), {"code": "third"})
        assert session.scalar(newest) == before + 1


# --- all or nothing ------------------------------------------------------------------------------------


def at_statement(database: Database, number: int, act: Callable[[], None]) -> None:
    """Call ``act`` before the statement of that number (from 1) is run on this engine."""
    count = 0

    @event.listens_for(database.engine, "before_cursor_execute")
    def counted(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == number:
            act()


def count_statements(new_database: NewDatabase) -> int:
    """Count the statements of the upgrade of a database without tables."""
    count = 0
    with new_database() as database:

        @event.listens_for(database.engine, "before_cursor_execute")
        def counted(*_: Any) -> None:
            nonlocal count
            count += 1

        migrations.upgrade(database)
    return count


def tables_seen(url: Any) -> list[str]:
    """List the tables that another connection sees: those that a kill at this moment would leave."""
    engine = create_engine(url)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
    engine.dispose()
    return names


def start_child(act: Callable[[], None]) -> int:
    """Run ``act`` in a process of its own; answers the process's id."""
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def end_of(child: int) -> int:
    """Wait for a process; answers its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_upgrade_shows_nothing_before_its_commit(empty: Database) -> None:
    seen = []
    engine = create_engine(empty.url)  # not the engine under test: its statements are not counted

    @event.listens_for(empty.engine, "before_cursor_execute")
    def look(*_: Any) -> None:
        with engine.connect() as connection:
            seen.append(inspect(connection).get_table_names())

    migrations.upgrade(empty)
    engine.dispose()
    assert len(seen) > len(metadata.tables), "one look for each statement"
    assert seen == [[]] * len(seen)
    beside = set() if empty.is_sqlite else {counters.TABLE.name}  # on SQLite a file of its own has them
    assert set(tables_seen(empty.url)) == {*metadata.tables, "alembic_version"} | beside


def test_upgrade_killed_starts_again_whole(new_database: NewDatabase) -> None:
    """A process is killed at the first, every twentieth and the last statement, and at the commit."""
    last = count_statements(new_database)
    with new_database() as database:

        def die() -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        def upgrade_and_die(number: int) -> None:
            own = Database(database.url.render_as_string(hide_password=False))
            at_statement(own, number, die)
            event.listen(own.engine, "commit", lambda _: die())
            migrations.upgrade(own)

        for number in (*range(1, last, 20), last, last + 1):
            assert end_of(start_child(partial(upgrade_and_die, number))) == -signal.SIGKILL
            assert tables_seen(database.url) == []
        migrations.upgrade(database)
        assert_whole(database)


def test_upgrade_by_three_processes_makes_one_schema(empty: Database) -> None:
    url = empty.url.render_as_string(hide_password=False)
    children = [start_child(lambda: migrations.upgrade(Database(url))) for _ in range(3)]
    assert [end_of(child) for child in children] == [0, 0, 0]
    assert_whole(empty)


# --- a database of another program ---------------------------------------------------------------------


def of_another_program(database: Database) -> None:
    """Let the database stand at a revision that is not ours, as those of the trial versions do."""
    migrations.upgrade(database)
    with database.work() as session:
        session.execute(text(ADD_BODY), {"code": "county"})
        session.execute(text("UPDATE alembic_version SET version_num = '0004'"))


def test_upgrade_unknown_revision_changes_nothing(empty: Database) -> None:
    of_another_program(empty)
    before = dump(empty)
    with pytest.raises(migrations.UnknownRevisionError, match=r"结构版本“0004”.*数据没有改动"):
        migrations.upgrade(empty)
    assert dump(empty) == before


@pytest.mark.sqlite
def test_serve_unknown_revision_refuses_in_words(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of_another_program(empty)
    before = dump(empty)
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path / "instance"))
    monkeypatch.setenv("DATABASE_URL", empty.url.render_as_string(hide_password=False))
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", str(plumbing.free_port()))
    assert serve.main() == 2
    assert capsys.readouterr().out.startswith("没有启动：数据库的结构版本“0004”不是本程序建立的：")
    assert dump(empty) == before


@pytest.mark.sqlite
@pytest.mark.parametrize("command", ["init-db", "demo"])
def test_command_unknown_revision_refuses_in_words(app: Any, command: str) -> None:
    of_another_program(app.extensions["votes.database"])
    result = app.test_cli_runner().invoke(args=[command])
    assert result.exit_code == 1
    assert "Error: 数据库的结构版本“0004”不是本程序建立的：" in result.output


# --- the harness itself, over invented revisions -------------------------------------------------------


@pytest.fixture
def invent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Return a function that adds a revision with a given body after the first one and returns its name.

    The other revisions are absent, so that these tests concern the harness alone.
    """
    first = migrations.HERE / "versions" / "0001_whole_schema.py"
    folder = tmp_path / "versions"
    folder.mkdir()
    shutil.copy(first, folder)
    monkeypatch.setattr(migrations, "VERSIONS", folder)

    def write(body: str) -> str:
        name = "0002_invented"
        (folder / f"{name}.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision = {name!r}\ndown_revision = {first.stem!r}\n\n\ndef upgrade():\n    {body}\n"
        )
        return name

    return write


def load_body(session: WorkSession) -> None:
    session.execute(text(ADD_BODY), {"code": "county"})


def load_delegation(session: WorkSession) -> None:
    """Insert a body and a row that refers to it: with foreign keys on, dropping its table would be refused."""
    load_body(session)
    session.execute(
        text("INSERT INTO delegations (name, position, body_id) SELECT '第一代表团', 1, id FROM bodies")
    )


def check_motto(session: WorkSession) -> None:
    assert [tuple(row) for row in session.execute(text("SELECT code, motto FROM bodies"))] == [
        ("county", "实事")
    ]


ADD_MOTTO = (
    "op.add_column('bodies', sa.Column('motto', sa.String(20), nullable=False, server_default='实事'))"
)
GOOD = DataCase(load_body, check_motto)


def test_harness_revision_with_its_case_passes(
    new_database: NewDatabase, invent: Callable[[str], str]
) -> None:
    name = invent(ADD_MOTTO)
    check_revisions_with_data(new_database, {name: GOOD})


@pytest.mark.parametrize(
    ("body", "case", "words"),
    [
        (ADD_MOTTO, None, "needs a data case"),
        (ADD_MOTTO, DataCase(lambda session: None, check_motto), "loads no rows"),
        (ADD_MOTTO.replace("实事", "好事"), GOOD, "county"),
        (
            f"{ADD_MOTTO}; op.execute(\"INSERT INTO throttles VALUES ('x', 1, '2027-01-01', NULL)\")",
            GOOD,
            "throttles",
        ),
        ("op.execute('DELETE FROM bodies')", DataCase(load_body, lambda session: None), "rows of bodies"),
    ],
    ids=["undeclared", "no rows", "wrong value", "row too many", "row lost"],
)
def test_harness_bad_revision_or_case_fails(
    new_database: NewDatabase, invent: Callable[[str], str], body: str, case: DataCase | None, words: str
) -> None:
    name = invent(body)
    with pytest.raises(AssertionError, match=words):
        check_revisions_with_data(new_database, {name: case} if case else {})


#: How a table with ids is rebuilt on SQLite: docs/handover.md.
REBUILD = """
    last = op.get_bind().exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'bodies'").scalar_one()
    options = dict(recreate="always")
    options.update(table_kwargs=dict(sqlite_autoincrement=True))
    with op.batch_alter_table("bodies", **options):
        pass
    op.execute(f"UPDATE sqlite_sequence SET seq = {last} WHERE name = 'bodies'")
"""


@pytest.mark.parametrize("forgotten", ["", "sqlite_autoincrement", "UPDATE sqlite_sequence"])
def test_harness_rebuilt_table_must_keep_its_ids(
    tmp_path: Path, invent: Callable[[str], str], forgotten: str
) -> None:
    lines = [line for line in REBUILD.splitlines() if not forgotten or forgotten not in line]
    sqlite = partial(sqlite_database, tmp_path / "database")
    cases = {invent("\n".join(lines)): DataCase(load_delegation, lambda session: None)}
    if not forgotten:
        check_revisions_with_data(sqlite, cases)
        return
    with pytest.raises(AssertionError, match="bodies would give ids again"):
        check_revisions_with_data(sqlite, cases)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (f"{ADD_MOTTO}; op.execute('SELECT nothing FROM nowhere')", DBAPIError),
        (f"{ADD_MOTTO}; op.execute('UPDATE bodies SET parent_id = 77')", (RuntimeError, DBAPIError)),
    ],
    ids=["statement fails", "foreign key broken"],
)
def test_upgrade_that_fails_leaves_rows_and_schema(
    empty: Database, invent: Callable[[str], str], body: str, error: Any
) -> None:
    migrations.upgrade(empty)
    with empty.work() as session:
        load_body(session)
    before = dump(empty)
    invent(body)
    with pytest.raises(error):
        migrations.upgrade(empty)
    assert dump(empty) == before


def test_upgrade_leaves_foreign_keys_on(whole: Database) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), whole.work() as session:
        session.execute(
            text("INSERT INTO delegations (name, position, body_id) VALUES ('第一代表团', 1, 77)")
        )
