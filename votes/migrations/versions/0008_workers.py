"""The register of the processes of running servers.

Revision ID: 0008_workers
Revises: 0007_sign_ins
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_workers"
down_revision = "0007_sign_ins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "workers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server", sa.String(60), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("retiring", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
        sa.UniqueConstraint("server", "pid", name=op.f("uq_workers_server")),
        sqlite_autoincrement=True,
    )
