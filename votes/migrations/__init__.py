"""Alembic without an ini file: `upgrade` brings a database to the newest schema, whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from votes.db import Database, counters

HERE = Path(__file__).parent
VERSIONS = HERE / "versions"  # tests put a folder of their own here


class UnknownRevisionError(RuntimeError):
    """The database was made by a program whose revisions are not known here. Nothing has been changed.

    The message is Chinese: it is shown to the person who starts the server.
    """

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"数据库的结构版本“{revision}”不是本程序建立的：它由更新的版本使用过，或由正式发布前的试用版建立。"
            "数据没有改动。请换用原来的版本；只有试用数据的，另设一个空的 INSTANCE_PATH 或 DATABASE_URL 后重新启动。"
        )


def config(connection: Connection | None = None) -> Config:
    """Answer Alembic's settings; ``connection`` is the one that env.py runs the migrations on."""
    settings = Config()
    settings.set_main_option("script_location", _escaped(HERE))
    settings.set_main_option("path_separator", "newline")  # of the folders below: there is one
    settings.set_main_option("version_locations", _escaped(VERSIONS))
    settings.set_main_option("file_template", "%%(rev)s")
    settings.attributes["connection"] = connection
    return settings


def is_of_a_model(name: str | None, kind: str, parents: Any) -> bool:
    """Tell Alembic which tables the models describe: not the counters, which only PostgreSQL has among them."""
    return kind != "table" or name != counters.TABLE.name


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply the migrations that are missing, up to ``revision``, all in one transaction.

    A process that is killed meanwhile leaves the database as it was, and the next start begins again. Two processes
    that start together wait for each other: on SQLite for the writers' lock, on PostgreSQL for an advisory lock.

    Raises `UnknownRevisionError` when the database is at a revision that is not among ours, and RuntimeError when a
    migration leaves a foreign key that points nowhere; the database stays as it was.
    """
    with (
        database.engine.execution_options(write=True).connect() as connection,
        _foreign_keys_off(connection, database),
        connection.begin(),
    ):
        if not database.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(820020)"))
        settings = config(connection)
        _check_known(connection, settings)
        command.upgrade(settings, revision)
        if database.is_sqlite:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"foreign keys broken by a migration: {broken[:5]}")


def _check_known(connection: Connection, settings: Config) -> None:
    """Raise `UnknownRevisionError` when the database stands at a revision that is not among ours."""
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    for current in MigrationContext.configure(connection).get_current_heads():
        if current not in known:
            raise UnknownRevisionError(current)


@contextmanager
def _foreign_keys_off(connection: Connection, database: Database) -> Iterator[None]:
    """Switch SQLite's foreign keys off: dropping a table that is rebuilt would delete its children.

    SQLite heeds the switch outside a transaction only, so it is turned on the driver's connection, where SQLAlchemy
    begins none. On PostgreSQL nothing is switched.
    """
    if not database.is_sqlite:
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _escaped(path: Path) -> str:
    """Answer ``path`` as Alembic's settings want it: they read a percent sign as a placeholder."""
    return str(path).replace("%", "%%")
