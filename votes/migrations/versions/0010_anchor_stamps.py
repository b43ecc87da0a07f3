"""Timestamps of the digests of a vote that were made known.

Revision ID: 0010_anchor_stamps
Revises: 0009_audit_chain
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_anchor_stamps"
down_revision = "0009_audit_chain"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "anchor_stamps",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_anchor_stamps")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_anchor_stamps_event_id")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_anchor_stamps_body_id")),
    )
    op.create_index(op.f("ix_anchor_stamps_body_id"), "anchor_stamps", ["body_id"])
