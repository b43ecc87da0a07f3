"""Signing secrets of tellers, lists signed by hand, and how each signature was given.

Signatures that are there were given with the sign-in alone (`login`).
"""

from alembic import op

revision = "0005_signatures"
down_revision = "0002_cards"
branch_labels = depends_on = None

SCHEMA = """
CREATE TABLE teller_secrets (
    id {serial} NOT NULL CONSTRAINT pk_teller_secrets PRIMARY KEY {autoincrement},
    teller_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    kind VARCHAR(30) NOT NULL,
    public_key VARCHAR(130) NOT NULL,
    passphrase_hash VARCHAR(200) NOT NULL,
    code VARCHAR(10) NOT NULL,
    set_at {moment} NOT NULL,
    confirmed_at {moment},
    confirmed_by_id INTEGER,
    confirmed_by VARCHAR(60) NOT NULL,
    confirmation VARCHAR(128) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_teller_secrets_teller UNIQUE (teller_id),
    CONSTRAINT ck_teller_secrets_secretkind CHECK (kind IN ('key', 'passphrase')),
    CONSTRAINT ck_teller_secrets_kind_fits CHECK ((kind = 'key' and length(public_key) = 130 and passphrase_hash = '') or (kind = 'passphrase' and public_key = '' and length(passphrase_hash) > 0)),
    CONSTRAINT ck_teller_secrets_code CHECK (length(code) = 10),
    CONSTRAINT ck_teller_secrets_confirmed_whole CHECK ((confirmed_at is null) = (confirmed_by_id is null)),
    CONSTRAINT ck_teller_secrets_confirmed_by_another CHECK (confirmed_by_id <> deputy_id),
    CONSTRAINT fk_teller_secrets_teller_id FOREIGN KEY (teller_id) REFERENCES tellers (id),
    CONSTRAINT fk_teller_secrets_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_teller_secrets_confirmed_by_id FOREIGN KEY (confirmed_by_id) REFERENCES deputies (id),
    CONSTRAINT fk_teller_secrets_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_teller_secrets_body_id ON teller_secrets (body_id);
CREATE UNIQUE INDEX uq_teller_secrets_public_key ON teller_secrets (public_key) WHERE kind = 'key';
CREATE TABLE signed_lists (
    id {serial} NOT NULL CONSTRAINT pk_signed_lists PRIMARY KEY {autoincrement},
    session_id INTEGER NOT NULL,
    digest VARCHAR(64) NOT NULL,
    filename VARCHAR(200) NOT NULL,
    media_type VARCHAR(100) NOT NULL,
    size INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    added_by VARCHAR(60) NOT NULL,
    added_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_signed_lists_size_not_negative CHECK (size >= 0),
    CONSTRAINT fk_signed_lists_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_signed_lists_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_signed_lists_body_id ON signed_lists (body_id);
CREATE INDEX ix_signed_lists_session_id ON signed_lists (session_id);
ALTER TABLE tellers ADD COLUMN decision VARCHAR(200);
ALTER TABLE signatures ADD COLUMN code VARCHAR(10) DEFAULT '' NOT NULL;
ALTER TABLE signatures ADD COLUMN public_key VARCHAR(130) DEFAULT '' NOT NULL;
ALTER TABLE signatures ADD COLUMN signature VARCHAR(128) DEFAULT '' NOT NULL;
ALTER TABLE signatures ADD COLUMN reports JSON;
ALTER TABLE signatures ADD COLUMN kind VARCHAR(30) DEFAULT 'login' NOT NULL CONSTRAINT ck_signatures_signaturekind CHECK (kind IN ('key', 'passphrase', 'login')) CONSTRAINT ck_signatures_kind_fits CHECK ((kind = 'key') = (length(signature) = 128 and length(public_key) = 130))
"""
WORDS = {
    "sqlite": {"serial": "INTEGER", "autoincrement": "AUTOINCREMENT", "moment": "DATETIME"},
    "postgresql": {"serial": "SERIAL", "autoincrement": "", "moment": "TIMESTAMP"},
}

SET_AGAIN = (
    "OLD.kind <> NEW.kind OR OLD.public_key <> NEW.public_key OR OLD.passphrase_hash <> NEW.passphrase_hash "
    "OR OLD.code <> NEW.code OR OLD.teller_id <> NEW.teller_id OR OLD.deputy_id <> NEW.deputy_id "
    "OR OLD.confirmed_at IS NOT NULL"
)
#: Trigger, table, what it refuses, under which condition ("": always), the database's message.
TRIGGERS = [
    (
        "teller_secrets_no_update",
        "teller_secrets",
        "UPDATE",
        SET_AGAIN,
        "a signing secret is set and confirmed once",
    ),
    ("signed_lists_no_update", "signed_lists", "UPDATE", "", "signed lists are never changed"),
    ("signed_lists_no_delete", "signed_lists", "DELETE", "", "signed lists are never removed"),
]


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in SCHEMA.format(**WORDS[dialect]).split(";\n"):
        op.execute(statement.strip())
    for name, table, verb, refused, message in TRIGGERS:
        for statement in trigger(dialect, name, table, verb, refused, message):
            op.execute(statement)


def trigger(dialect: str, name: str, table: str, verb: str, refused: str, message: str) -> list[str]:
    """List the statements of one trigger that refuses ``verb`` on a row of ``table`` when ``refused`` holds."""
    if dialect == "sqlite":
        when = f"WHEN {refused} " if refused else ""
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {when}BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ]
    row = "OLD" if verb == "DELETE" else "NEW"
    error = f"RAISE EXCEPTION '{message}';"
    body = f"IF {refused} THEN {error} END IF; RETURN {row};" if refused else error
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
