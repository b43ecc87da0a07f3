"""The browser to which a card belongs, the mark of the browser on the turnout, reports of votes not cast.

Cards that are in use belong to no browser yet.

Revision ID: 0003_binding
Revises: 0008_workers
"""

from alembic import op

revision = "0003_binding"
down_revision = "0008_workers"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE cards ADD COLUMN bound_to VARCHAR(40)",
    "ALTER TABLE cards ADD COLUMN takeovers INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_cards_takeovers"
    " CHECK (takeovers = 0 or (takeovers > 0 and bound_to is not null))",
    "ALTER TABLE turnout ADD COLUMN browser_mark VARCHAR(64) CONSTRAINT ck_turnout_marks_end_together"
    " CHECK (browser_mark is null or resend_mark is not null)",
    """
CREATE TABLE vote_reports (
    round_id INTEGER NOT NULL CONSTRAINT fk_vote_reports_round_id REFERENCES rounds (id),
    deputy_id INTEGER NOT NULL CONSTRAINT fk_vote_reports_deputy_id REFERENCES deputies (id),
    number VARCHAR(30) NOT NULL,
    name VARCHAR(60) NOT NULL,
    withdrawn_before_id INTEGER CONSTRAINT fk_vote_reports_withdrawn_before_id REFERENCES deputies (id),
    withdrawn_before VARCHAR(60) DEFAULT '' NOT NULL,
    body_id INTEGER NOT NULL CONSTRAINT fk_vote_reports_body_id REFERENCES bodies (id),
    CONSTRAINT pk_vote_reports PRIMARY KEY (round_id, deputy_id),
    CONSTRAINT ck_vote_reports_withdrawn_whole CHECK ((withdrawn_before_id is null) = (withdrawn_before = '')),
    CONSTRAINT ck_vote_reports_withdrawn_before_another CHECK (withdrawn_before_id <> deputy_id)
)""",
    "CREATE INDEX ix_vote_reports_body_id ON vote_reports (body_id)",
    """
CREATE TABLE report_findings (
    round_id INTEGER NOT NULL CONSTRAINT fk_report_findings_round_id REFERENCES rounds (id),
    deputy_id INTEGER NOT NULL CONSTRAINT fk_report_findings_deputy_id REFERENCES deputies (id),
    name VARCHAR(60) NOT NULL,
    finding VARCHAR(200) NOT NULL,
    number INTEGER NOT NULL,
    body_id INTEGER NOT NULL CONSTRAINT fk_report_findings_body_id REFERENCES bodies (id),
    CONSTRAINT pk_report_findings PRIMARY KEY (round_id),
    CONSTRAINT ck_report_findings_finding CHECK (length(finding) > 0),
    CONSTRAINT ck_report_findings_number CHECK (number >= 1)
)""",
    "CREATE INDEX ix_report_findings_body_id ON report_findings (body_id)",
)
CHANGED = (
    "OLD.withdrawn_before_id IS NOT NULL OR OLD.round_id <> NEW.round_id OR OLD.deputy_id <> NEW.deputy_id"
    " OR OLD.number <> NEW.number OR OLD.name <> NEW.name"
)
#: Trigger, what it refuses on a report, under which condition ("": always), the database's message.
TRIGGERS = (
    ("vote_reports_no_update", "UPDATE", CHANGED, "a report is only ever withdrawn, once"),
    ("vote_reports_no_delete", "DELETE", "", "reports are never removed"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for trigger in TRIGGERS:
        for statement in _refuse(op.get_bind().dialect.name, *trigger):
            op.execute(statement)


def _refuse(dialect: str, name: str, verb: str, refused: str, message: str) -> list[str]:
    """List the statements of one trigger that refuses ``verb`` on a report when ``refused`` holds."""
    if dialect == "sqlite":
        when = f"WHEN {refused} " if refused else ""
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON vote_reports {when}BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ]
    error = f"RAISE EXCEPTION '{message}';"
    body = f"IF {refused} THEN {error} END IF; RETURN NEW;" if refused else error
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        f"CREATE TRIGGER {name} BEFORE {verb} ON vote_reports FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
