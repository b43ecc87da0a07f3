"""Consents of tellers while a round is open, and the staff named for a session to read papers.

Revision ID: 0004_consents
Revises: 0010_anchor_stamps
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_consents"
down_revision = "0010_anchor_stamps"
branch_labels = None
depends_on = None

ACTS = ("issue", "reissue", "pair", "sign_in", "key")
STATES = ("asked", "given", "refused", "used", "ended")
LIVE = sa.text("state in ('asked', 'given')")
#: Table → column → the table that it names a row of.
KEYS = {
    "consents": {
        "body_id": "bodies",
        "session_id": "sessions",
        "round_id": "rounds",
        "deputy_id": "deputies",
        "first_by_id": "deputies",
        "second_by_id": "deputies",
    },
    "keyers": {"body_id": "bodies", "session_id": "sessions", "user_id": "users"},
}


def _keys(table: str) -> list[sa.ForeignKeyConstraint]:
    """Return the foreign keys of a table."""
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in KEYS[table].items()
    ]


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(30), nullable=False),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("people", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("code", sa.String(6), nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("asked_by", sa.String(60), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("first_by_id", sa.Integer(), nullable=True),
        sa.Column("first_by", sa.String(60), nullable=False),
        sa.Column("second_by_id", sa.Integer(), nullable=True),
        sa.Column("second_by", sa.String(60), nullable=False),
        sa.Column("refused_by", sa.String(60), nullable=False),
        sa.Column("answer", sa.String(200), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.CheckConstraint(f"act IN {ACTS}", name=op.f("ck_consents_consentact")),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_consents_consentstate")),
        sa.CheckConstraint(
            "act not in ('issue', 'reissue', 'pair') or deputy_id is not null",
            name=op.f("ck_consents_names_a_deputy"),
        ),
        sa.CheckConstraint(
            "first_by_id <> deputy_id and second_by_id <> deputy_id", name=op.f("ck_consents_by_another")
        ),
        sa.CheckConstraint("first_by_id <> second_by_id", name=op.f("ck_consents_two_tellers")),
        sa.CheckConstraint(
            "second_by_id is null or (act = 'key' and first_by_id is not null)",
            name=op.f("ck_consents_second_after_first"),
        ),
        sa.CheckConstraint(
            "state not in ('given', 'used') "
            "or (first_by_id is not null and (act <> 'key' or second_by_id is not null))",
            name=op.f("ck_consents_given_by_enough"),
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (length(refused_by) > 0)", name=op.f("ck_consents_refused_by_somebody")
        ),
        *_keys("consents"),
        sqlite_autoincrement=True,
    )
    for column in ("body_id", "round_id", "session_id"):
        op.create_index(op.f(f"ix_consents_{column}"), "consents", [column])
    open_ = ["round_id", "act", "subject"]
    op.create_index(
        "uq_consents_open", "consents", open_, unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.create_table(
        "keyers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(30), nullable=False),
        sa.Column("named_by", sa.String(60), nullable=False),
        sa.Column("named_at", sa.DateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyers")),
        sa.UniqueConstraint("session_id", "user_id", name=op.f("uq_keyers_user")),
        sa.CheckConstraint("role IN ('counter', 'clerk')", name=op.f("ck_keyers_keyerrole")),
        *_keys("keyers"),
        sqlite_autoincrement=True,
    )
    for column in ("body_id", "user_id"):
        op.create_index(op.f(f"ix_keyers_{column}"), "keyers", [column])
