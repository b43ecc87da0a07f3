"""The voting day: paper beside phones, further rounds, halls, screens, pairing, motions, refusals.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from votes.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KINDS = ("county", "township"), ("county", "township", "committee", "street")
ATTENDANCE = ("present", "leave"), ("present", "leave", "left")

# A pile is read while the round is closed; once it is counted its readings stay as they are.
GUARDED = ("paper_entries", "paper_decisions")
READABLE = (
    "EXISTS (SELECT 1 FROM paper_boxes b JOIN rounds r ON r.id = b.round_id "
    "WHERE b.id = {row}.box_id AND r.state IN ('opened', 'closed'))"
)


def upgrade() -> None:
    _widen(1)
    op.create_table(
        "halls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_halls_body_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_halls_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_halls")),
        sa.UniqueConstraint("session_id", "name", name="uq_halls_name"),
    )
    op.create_index(op.f("ix_halls_body_id"), "halls", ["body_id"], unique=False)
    op.create_index(op.f("ix_halls_session_id"), "halls", ["session_id"], unique=False)
    op.create_table(
        "motions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("roster", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("abstentions", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "votes_for >= 0 and votes_against >= 0 and abstentions >= 0 and votes_for + votes_against + abstentions <= present and present <= roster",
            name=op.f("ck_motions_figures"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_motions_body_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_motions_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_motions")),
        sa.UniqueConstraint("session_id", "title", name="uq_motions_title"),
    )
    op.create_index(op.f("ix_motions_body_id"), "motions", ["body_id"], unique=False)
    op.create_index(op.f("ix_motions_session_id"), "motions", ["session_id"], unique=False)
    op.create_table(
        "hall_delegations",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_hall_delegations_body_id")),
        sa.ForeignKeyConstraint(
            ["delegation_id"], ["delegations.id"], name=op.f("fk_hall_delegations_delegation_id")
        ),
        sa.ForeignKeyConstraint(["hall_id"], ["halls.id"], name=op.f("fk_hall_delegations_hall_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_hall_delegations_session_id")),
        sa.PrimaryKeyConstraint("session_id", "delegation_id", name=op.f("pk_hall_delegations")),
    )
    op.create_index(op.f("ix_hall_delegations_body_id"), "hall_delegations", ["body_id"], unique=False)
    op.create_index(op.f("ix_hall_delegations_hall_id"), "hall_delegations", ["hall_id"], unique=False)
    op.create_table(
        "pairings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(deputy_id is null) = (confirmed_at is null)", name=op.f("ck_pairings_confirmed_for_somebody")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_pairings_body_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["deputies.id"], name=op.f("fk_pairings_deputy_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_pairings_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairings")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_pairings_secret_hash")),
        sa.UniqueConstraint("session_id", "code", name="uq_pairings_code"),
    )
    op.create_index(op.f("ix_pairings_body_id"), "pairings", ["body_id"], unique=False)
    op.create_index(op.f("ix_pairings_session_id"), "pairings", ["session_id"], unique=False)
    op.create_table(
        "paper_boxes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=True),
        sa.Column("first_keyer", sa.String(length=20), nullable=True),
        sa.Column("second_keyer", sa.String(length=20), nullable=True),
        sa.Column("first_keyer_name", sa.String(length=60), nullable=True),
        sa.Column("second_keyer_name", sa.String(length=60), nullable=True),
        sa.Column("totals", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("totals_by", sa.String(length=60), nullable=True),
        sa.Column("reopened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_keyer <> second_keyer", name=op.f("ck_paper_boxes_two_people")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_paper_boxes_number")),
        sa.CheckConstraint("papers is null or papers >= 0", name=op.f("ck_paper_boxes_papers")),
        sa.CheckConstraint(
            "second_keyer is null or first_keyer is not null", name=op.f("ck_paper_boxes_second_after_first")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_paper_boxes_body_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_paper_boxes_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_boxes")),
        sa.UniqueConstraint("round_id", "number", name="uq_paper_boxes_number"),
    )
    op.create_index(op.f("ix_paper_boxes_body_id"), "paper_boxes", ["body_id"], unique=False)
    op.create_table(
        "paper_stacks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("left_over", sa.Integer(), nullable=True),
        sa.Column("printed_at", UtcDateTime(), nullable=False),
        sa.Column("printed_by", sa.String(length=60), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "left_over is null or left_over between 0 and sheets", name=op.f("ck_paper_stacks_left_over")
        ),
        sa.CheckConstraint("serial >= 1", name=op.f("ck_paper_stacks_serial")),
        sa.CheckConstraint("sheets >= 1", name=op.f("ck_paper_stacks_sheets")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_paper_stacks_body_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_paper_stacks_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_stacks")),
        sa.UniqueConstraint("round_id", "serial", name="uq_paper_stacks_serial"),
    )
    op.create_index(op.f("ix_paper_stacks_body_id"), "paper_stacks", ["body_id"], unique=False)
    op.create_table(
        "presidium_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_presidium_decisions_body_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_presidium_decisions_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presidium_decisions")),
        sa.UniqueConstraint("round_id", name="uq_presidium_decisions_round"),
    )
    op.create_index(op.f("ix_presidium_decisions_body_id"), "presidium_decisions", ["body_id"], unique=False)
    op.create_table(
        "refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "chief", "teller", name="tellerrole", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("result_digest", sa.String(length=64), nullable=False),
        sa.Column("refused_at", UtcDateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_refusals_reason")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_refusals_body_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["deputies.id"], name=op.f("fk_refusals_deputy_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_refusals_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
        sa.UniqueConstraint("round_id", "deputy_id", name="uq_refusals_deputy"),
    )
    op.create_index(op.f("ix_refusals_body_id"), "refusals", ["body_id"], unique=False)
    op.create_index(op.f("ix_refusals_round_id"), "refusals", ["round_id"], unique=False)
    op.create_table(
        "screens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("view", sa.String(length=20), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "view in ('auto', 'blank', 'sign_in', 'voting', 'result')", name=op.f("ck_screens_view")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_screens_body_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_screens_round_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_screens_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screens")),
        sa.UniqueConstraint("key", name=op.f("uq_screens_key")),
        sa.UniqueConstraint("session_id", "name", name="uq_screens_name"),
    )
    op.create_index(op.f("ix_screens_body_id"), "screens", ["body_id"], unique=False)
    op.create_index(op.f("ix_screens_session_id"), "screens", ["session_id"], unique=False)
    op.create_table(
        "paper_decisions",
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("spoilt", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_paper_decisions_position")),
        sa.CheckConstraint("spoilt = (length(reason) > 0)", name=op.f("ck_paper_decisions_spoilt_says_why")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_paper_decisions_body_id")),
        sa.ForeignKeyConstraint(["box_id"], ["paper_boxes.id"], name=op.f("fk_paper_decisions_box_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["deputies.id"], name=op.f("fk_paper_decisions_deputy_id")),
        sa.PrimaryKeyConstraint("box_id", "position", name=op.f("pk_paper_decisions")),
    )
    op.create_index(op.f("ix_paper_decisions_body_id"), "paper_decisions", ["body_id"], unique=False)
    op.create_table(
        "paper_entries",
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reading", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("spoilt", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_paper_entries_position")),
        sa.CheckConstraint("reading in (1, 2)", name=op.f("ck_paper_entries_reading")),
        sa.CheckConstraint("spoilt = (length(reason) > 0)", name=op.f("ck_paper_entries_spoilt_says_why")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_paper_entries_body_id")),
        sa.ForeignKeyConstraint(["box_id"], ["paper_boxes.id"], name=op.f("fk_paper_entries_box_id")),
        sa.PrimaryKeyConstraint("box_id", "position", "reading", name=op.f("pk_paper_entries")),
    )
    op.create_index(op.f("ix_paper_entries_body_id"), "paper_entries", ["body_id"], unique=False)
    for column in (
        "further VARCHAR(20) CONSTRAINT ck_rounds_further_has_parent CHECK "
        "(further is null or (parent_id is not null and further in ('tie', 'shortfall', 'void')))",
        "colour VARCHAR(10) NOT NULL DEFAULT 'white'",
    ):
        op.execute(f"ALTER TABLE rounds ADD COLUMN {column}")
    op.add_column("sessions", sa.Column("tellers_approved_on", sa.Date(), nullable=True))
    op.add_column("sessions", sa.Column("tellers_approved_how", sa.String(length=100), nullable=True))
    op.add_column("sessions", sa.Column("started_at", UtcDateTime(), nullable=True))
    op.add_column("roll_entries", sa.Column("hall", sa.String(length=60), nullable=True))
    op.execute(
        "ALTER TABLE tellers ADD COLUMN nominated_by_id INTEGER "
        "CONSTRAINT fk_tellers_nominated_by_id REFERENCES delegations (id)"
    )
    # every session has its first screen, under the address that it has always had
    op.execute(
        "INSERT INTO screens (session_id, name, key, view, created_at, body_id) "
        "SELECT id, '主屏', screen_key, 'auto', created_at, body_id FROM sessions"
    )
    _guard()


def downgrade() -> None:
    raise NotImplementedError("a voting day is not taken back: restore the backup from before the upgrade")


def _widen(which: int) -> None:
    """Let ``kind`` and ``state`` take the values of ``which`` (0 before, 1 after this revision)."""
    for table, column, values, name in (
        ("bodies", "kind", KINDS[which], "bodykind"),
        ("attendance", "state", ATTENDANCE[which], "attendancestate"),
    ):
        allowed = f"{column} IN ({', '.join(repr(value) for value in values)})"
        if op.get_bind().dialect.name == "sqlite":
            with op.batch_alter_table(table, copy_from=_as_it_was(table, allowed, name), recreate="always"):
                pass
        else:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}")
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({allowed})")


def _as_it_was(table: str, allowed: str, name: str) -> sa.Table:
    """SQLite rebuilds a table to change a CHECK: the whole table, said once more."""
    meta = sa.MetaData()
    if table == "bodies":
        return sa.Table(
            "bodies",
            meta,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("code", sa.String(length=30), nullable=False),
            sa.Column("name", sa.String(length=100), nullable=False),
            sa.Column("place", sa.String(length=60), nullable=False),
            sa.Column("kind", sa.String(length=30), nullable=False),
            sa.Column("parent_id", sa.Integer(), nullable=True),
            sa.Column("settings", sa.JSON(none_as_null=True), nullable=False),
            sa.Column("is_demo", sa.Boolean(), nullable=False),
            sa.Column("created_at", UtcDateTime(), nullable=False),
            sa.CheckConstraint(allowed, name=f"ck_bodies_{name}"),
            sa.CheckConstraint("length(code) >= 2", name="ck_bodies_code_length"),
            sa.CheckConstraint("parent_id is null or parent_id <> id", name="ck_bodies_not_its_own_parent"),
            sa.ForeignKeyConstraint(["parent_id"], ["bodies.id"], name="fk_bodies_parent_id"),
            sa.PrimaryKeyConstraint("id", name="pk_bodies"),
            sa.UniqueConstraint("code", name="uq_bodies_code"),
            sa.UniqueConstraint("name", name="uq_bodies_name"),
        )
    return sa.Table(
        "attendance",
        meta,
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(allowed, name=f"ck_attendance_{name}"),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name="fk_attendance_body_id"),
        sa.ForeignKeyConstraint(["deputy_id"], ["deputies.id"], name="fk_attendance_deputy_id"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_attendance_session_id"),
        sa.PrimaryKeyConstraint("session_id", "deputy_id", name="pk_attendance"),
        sa.Index("ix_attendance_body_id", "body_id"),
    )


def _guards() -> list[tuple[str, str, str, str, str]]:
    """(table, trigger, verb, condition under which it is refused, message)."""
    found = []
    for table in GUARDED:
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            refused = f"NOT {READABLE.format(row=row)}"
            message = "a counted pile stays as it was read"
            found.append((table, f"{table}_{verb.lower()}_while_closed", verb, refused, message))
    for verb in ("UPDATE", "DELETE"):
        found.append(("refusals", f"refusals_no_{verb.lower()}", verb, "", "refusals are never changed"))
    return found


def _guard() -> None:
    for table, name, verb, refused, message in _guards():
        if op.get_bind().dialect.name == "sqlite":
            when = f"WHEN {refused} " if refused else ""
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {when}"
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        else:
            row = "OLD" if verb == "DELETE" else "NEW"
            raised = f"RAISE EXCEPTION '{message}';"
            inside = f"IF {refused} THEN {raised} END IF; RETURN {row};" if refused else raised
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {inside} END $$"
            )
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            )
