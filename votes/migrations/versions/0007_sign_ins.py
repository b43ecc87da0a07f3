"""Sign-ins of accounts as rows, a serial for those of a card; on PostgreSQL the table of counters.

Existing cookies name no row, so that everybody signs in once more. SQLite has the counters in a file of their own
(`votes/db/counters.py`).

Revision ID: 0007_sign_ins
Revises: 0006_second_factor
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_sign_ins"
down_revision = "0006_second_factor"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of sign-ins, and the serial of a card's sign-ins."""
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sign_ins_user_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sign_ins_user_id", "sign_ins", ["user_id"])
    op.add_column(
        "cards", sa.Column("login_serial", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE UNLOGGED TABLE counters (key VARCHAR(100) NOT NULL CONSTRAINT pk_counters PRIMARY KEY,"
            " number INTEGER NOT NULL, last_at TIMESTAMP NOT NULL)"
        )
