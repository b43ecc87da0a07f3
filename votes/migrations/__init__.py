"""Alembic without an ini file: `upgrade(database)` brings a database to the newest shape."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from votes.db import Database

HERE = Path(__file__).parent


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(HERE).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply the migrations that are missing.

    On SQLite they run without foreign keys (a table rebuilt in batch mode would otherwise delete its children)
    and are checked afterwards. Two processes that start together are kept apart by the database's own lock.
    """
    engine = create_engine(database.url)
    try:
        with engine.connect() as connection:
            if database.is_sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.commit()
            else:
                connection.execute(text("select pg_advisory_lock(820020)"))
            command.upgrade(config(connection), revision)
            connection.commit()
            if database.is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"foreign keys broken by a migration: {broken[:5]}")
    finally:
        engine.dispose()


def at_head(database: Database) -> bool:
    """Whether the database has the newest shape."""
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory.from_config(config()).get_current_head()
