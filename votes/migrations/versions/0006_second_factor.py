"""Two-step sign-in, initial passwords that expire, and what others did to an account.

Initial passwords that are out when this is applied are good for seven more days.

Revision ID: 0006_second_factor
Revises: 0005_signatures
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0006_second_factor"
down_revision = "0005_signatures"
branch_labels = None
depends_on = None

KINDS = ("opened", "password_reset", "factor_reset", "enabled", "roles")


def upgrade() -> None:
    op.add_column("users", sa.Column("initial_until", sa.DateTime(), nullable=True))
    users = sa.table(
        "users", sa.column("must_change", sa.Boolean()), sa.column("initial_until", sa.DateTime())
    )
    until = (datetime.now(UTC) + timedelta(days=7)).replace(tzinfo=None)
    op.execute(users.update().where(users.c.must_change).values(initial_until=until))
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(300), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_second_factors_user_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_recovery_codes_user_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "account_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_name", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account_changes"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_account_changes_user_id"),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_account_changes_accountchangekind")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_account_changes_user_id_at", "account_changes", ["user_id", "at"])
    for verb in ("UPDATE", "DELETE"):
        for statement in _refuse(op.get_bind().dialect.name, f"account_changes_no_{verb.lower()}", verb):
            op.execute(statement)


def _refuse(dialect: str, name: str, verb: str) -> list[str]:
    """List the statements of a trigger that refuses ``verb`` on a change of an account."""
    message = "a change of an account is never changed"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON account_changes BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{message}'; END $$",
        f"CREATE TRIGGER {name} BEFORE {verb} ON account_changes FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def downgrade() -> None:
    raise NotImplementedError("there is no way back but the backup")
