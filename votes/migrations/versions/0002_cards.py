"""Cards that nothing can show again: random tokens and PINs, the act of issuing, the chain of a session.

The column from which the server's key made tokens and PINs goes, and with it the PINs of the cards that are there:
their QR codes still open (only hashes are compared). A copy of the database from before, with the key, could make
those cards; so cards of sessions that have not ended are void, except those of a demo, which are nobody's vote.

Revision ID: 0002_cards
Revises: 0001_whole_schema
"""

from alembic import op

revision = "0002_cards"
down_revision = "0001_whole_schema"
branch_labels = None
depends_on = None

WORDS = {
    "sqlite": {
        "serial": "INTEGER",
        "autoincrement": "AUTOINCREMENT",
        "moment": "DATETIME",
        "bytes": "BLOB",
        "now": "CURRENT_TIMESTAMP",
    },
    "postgresql": {
        "serial": "SERIAL",
        "autoincrement": "",
        "moment": "TIMESTAMP",
        "bytes": "BYTEA",
        "now": "timezone('utc', now())",
    },
}

#: Statements end in a semicolon at the end of a line.
SCHEMA = """
CREATE TABLE card_batches (
    id {serial} NOT NULL CONSTRAINT pk_card_batches PRIMARY KEY {autoincrement},
    session_id INTEGER NOT NULL,
    issued_at {moment} NOT NULL,
    user_id INTEGER,
    who VARCHAR(60) NOT NULL,
    cards INTEGER NOT NULL,
    sealed {bytes},
    key_hash VARCHAR(64),
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_card_batches_sealed_for_one_login
        CHECK ((sealed is null) = (key_hash is null) and (sealed is null or user_id is not null)),
    CONSTRAINT fk_card_batches_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_card_batches_user_id FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT fk_card_batches_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_card_batches_session_id ON card_batches (session_id);
CREATE INDEX ix_card_batches_body_id ON card_batches (body_id);

CREATE TABLE session_events (
    id {serial} NOT NULL CONSTRAINT pk_session_events PRIMARY KEY {autoincrement},
    session_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    at {moment} NOT NULL,
    kind VARCHAR(30) NOT NULL,
    payload JSON NOT NULL,
    previous VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_session_events_position UNIQUE (session_id, position),
    CONSTRAINT fk_session_events_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_session_events_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_session_events_body_id ON session_events (body_id);

ALTER TABLE sessions ADD COLUMN hash_name VARCHAR(10) DEFAULT 'sha256' NOT NULL;

ALTER TABLE cards DROP COLUMN salt;
ALTER TABLE cards DROP COLUMN pin_hash;
ALTER TABLE cards ADD COLUMN pin_hash VARCHAR(120) DEFAULT '' NOT NULL;
ALTER TABLE cards ADD COLUMN opened BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE cards ADD COLUMN batch_id INTEGER CONSTRAINT fk_cards_batch_id REFERENCES card_batches (id);
CREATE INDEX ix_cards_batch_id ON cards (batch_id);

UPDATE cards SET voided_at = {now}, void_reason = '系统升级：凭证改为随机制发，须重新发放'
WHERE voided_at IS NULL
AND session_id IN (SELECT id FROM sessions WHERE state <> 'ended')
AND body_id NOT IN (SELECT id FROM bodies WHERE is_demo);
"""


def upgrade() -> None:
    """Run every statement in the transaction of the migration."""
    dialect = op.get_bind().dialect.name
    text = SCHEMA.format(**WORDS[dialect]).replace("\n        CHECK", " CHECK")
    made = [statement.strip() for statement in text.split(";\n") if statement.strip()]
    for verb in ("update", "delete"):
        made += trigger(dialect, f"session_events_no_{verb}", verb.upper())
    for statement in made:
        op.execute(statement)


def trigger(dialect: str, name: str, verb: str) -> list[str]:
    """List the statements of a trigger that refuses ``verb`` on a row of the chain of a session."""
    words = f"events are never {'changed' if verb == 'UPDATE' else 'removed'}"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON session_events BEGIN SELECT RAISE(ABORT, '{words}'); END"
        ]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{words}'; END $$",
        f"CREATE TRIGGER {name} BEFORE {verb} ON session_events FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
