"""The key of a round's sealed archive, and its shares until the tellers have fetched them.

Rounds certified before have no key: their archive can no longer be downloaded.
"""

from alembic import op

revision = "0013_archive_shares"
down_revision = "0004_consents"
branch_labels = depends_on = None

SCHEMA = """
ALTER TABLE rounds ADD COLUMN archive_key VARCHAR(64);
CREATE TABLE archive_shares (
    id {serial} NOT NULL CONSTRAINT pk_archive_shares PRIMARY KEY {autoincrement},
    round_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    name VARCHAR(60) NOT NULL,
    secret_id INTEGER,
    sealed {bytes},
    fetched_at {moment},
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_archive_shares_deputy UNIQUE (round_id, deputy_id),
    CONSTRAINT ck_archive_shares_handed_out_once CHECK ((sealed is null) = (fetched_at is not null)),
    CONSTRAINT fk_archive_shares_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_archive_shares_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_archive_shares_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_archive_shares_body_id ON archive_shares (body_id)
"""
WORDS = {
    "sqlite": {"serial": "INTEGER", "autoincrement": "AUTOINCREMENT", "bytes": "BLOB", "moment": "DATETIME"},
    "postgresql": {"serial": "SERIAL", "autoincrement": "", "bytes": "BYTEA", "moment": "TIMESTAMP"},
}
#: Trigger, what it refuses, under which condition ("": always), the database's message.
TRIGGERS = [
    (
        "archive_shares_no_update",
        "UPDATE",
        "OLD.fetched_at IS NOT NULL OR OLD.round_id <> NEW.round_id OR OLD.deputy_id <> NEW.deputy_id",
        "a share is handed out once",
    ),
    ("archive_shares_no_delete", "DELETE", "", "shares are never removed"),
]


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in SCHEMA.format(**WORDS[dialect]).split(";\n"):
        op.execute(statement.strip())
    for name, verb, refused, message in TRIGGERS:
        for statement in trigger(dialect, name, verb, refused, message):
            op.execute(statement)


def trigger(dialect: str, name: str, verb: str, refused: str, message: str) -> list[str]:
    """List the statements of one trigger that refuses ``verb`` on a share when ``refused`` holds."""
    if dialect == "sqlite":
        when = f"WHEN {refused} " if refused else ""
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON archive_shares {when}"
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ]
    row = "OLD" if verb == "DELETE" else "NEW"
    error = f"RAISE EXCEPTION '{message}';"
    body = f"IF {refused} THEN {error} END IF; RETURN {row};" if refused else error
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        f"CREATE TRIGGER {name} BEFORE {verb} ON archive_shares FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
