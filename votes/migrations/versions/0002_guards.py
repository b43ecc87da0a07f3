"""Triggers: ballots are never changed or removed; events, signatures and the audit log only grow.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# table, what must not happen, unless (a condition on the OLD row)
GUARDS = [
    ("ballots", "UPDATE", "ballots are never changed", None),
    (
        "ballots",
        "DELETE",
        "ballots are never removed",
        # the one rewrite at the close stands under this row, which lives only in that transaction
        "EXISTS (SELECT 1 FROM ballot_rewrites w WHERE w.round_id = OLD.round_id)",
    ),
    ("events", "UPDATE", "events are never changed", None),
    ("events", "DELETE", "events are never removed", None),
    ("signatures", "UPDATE", "signatures are never changed", None),
    ("signatures", "DELETE", "signatures are never removed", None),
    ("audit_entries", "UPDATE", "audit entries are never changed", None),
    ("audit_entries", "DELETE", "audit entries are never removed", None),
]


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, verb, message, unless in GUARDS:
        name = f"{table}_no_{verb.lower()}"
        if sqlite:
            when = f"WHEN NOT {unless} " if unless else ""
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {when}BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        else:
            guard = f"IF {unless} THEN RETURN OLD; END IF; " if unless else ""
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {guard}"
                f"RAISE EXCEPTION '{message}'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, verb, _, _ in reversed(GUARDS):
        name = f"{table}_no_{verb.lower()}"
        if sqlite:
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
