"""What stands before the vote and what comes after it: solicitation, supervision, tracking in full, records.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from votes.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OWNERS = ("project_id", "report_id", "suggestion_id", "note_id", "answer_id", "acceptance_id")
#: SQLite rebuilds a table to change a CHECK, and reads every part of it back but the CHECKs.
CHECKS = {
    "attachments": {
        "ck_attachments_one_owner": "(project_id is null) <> (report_id is null)",
        "ck_attachments_size_not_negative": "size >= 0",
    },
    "trackings": {
        "ck_trackings_due_after_start": "due_on >= starts_on",
        "ck_trackings_trackingstate": "state IN ('running', 'done', 'basically_done', 'unfinished')",
    },
    "import_drafts": {"ck_import_drafts_kind": "kind in ('roster', 'projects')"},
}


def upgrade() -> None:
    op.create_table(
        "duty_meetings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "committee",
                "special",
                "other",
                name="dutymeetingkind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_duty_meetings_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_meetings")),
        sa.UniqueConstraint("body_id", "title", name="uq_duty_meetings_title"),
    )
    op.create_index(op.f("ix_duty_meetings_body_id"), "duty_meetings", ["body_id"], unique=False)
    op.create_table(
        "reminders_sent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_reminders_sent_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders_sent")),
        sa.UniqueConstraint("body_id", "key", "channel", name="uq_reminders_sent_once"),
    )
    op.create_index(op.f("ix_reminders_sent_body_id"), "reminders_sent", ["body_id"], unique=False)
    op.create_table(
        "seasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_seasons_closes_after_opening")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_seasons_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seasons")),
        sa.UniqueConstraint("body_id", "year", name="uq_seasons_year"),
    )
    op.create_index(op.f("ix_seasons_body_id"), "seasons", ["body_id"], unique=False)
    op.create_table(
        "stations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_stations_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
        sa.UniqueConstraint("body_id", "name", name="uq_stations_name"),
        sa.UniqueConstraint("key", name=op.f("uq_stations_key")),
    )
    op.create_index(op.f("ix_stations_body_id"), "stations", ["body_id"], unique=False)
    op.create_table(
        "villages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("township", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_villages_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_villages")),
        sa.UniqueConstraint("body_id", "township", "name", name="uq_villages_name"),
    )
    op.create_index(op.f("ix_villages_body_id"), "villages", ["body_id"], unique=False)
    op.create_table(
        "duty_attendance",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "present",
                "leave",
                "absent",
                name="dutyattendancestate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("spoke", sa.Boolean(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "not spoke or state = 'present'", name=op.f("ck_duty_attendance_spoke_when_present")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_duty_attendance_body_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["deputies.id"], name=op.f("fk_duty_attendance_deputy_id")),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["duty_meetings.id"],
            name=op.f("fk_duty_attendance_meeting_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("meeting_id", "deputy_id", name=op.f("pk_duty_attendance")),
    )
    op.create_index(op.f("ix_duty_attendance_body_id"), "duty_attendance", ["body_id"], unique=False)
    op.create_index(op.f("ix_duty_attendance_deputy_id"), "duty_attendance", ["deputy_id"], unique=False)
    op.create_table(
        "duty_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "training",
                "visit",
                "research",
                "speech",
                "group",
                "report",
                "award",
                "other",
                name="dutykind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "entered",
                "confirmed",
                "refused",
                name="dutystate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("refusal", sa.String(length=200), nullable=False),
        sa.Column("by_deputy", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.String(length=60), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'refused') = (length(refusal) > 0)", name=op.f("ck_duty_entries_refused_says_why")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_duty_entries_body_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["deputies.id"], name=op.f("fk_duty_entries_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_entries")),
    )
    op.create_index(op.f("ix_duty_entries_body_id"), "duty_entries", ["body_id"], unique=False)
    op.create_index(op.f("ix_duty_entries_deputy_id"), "duty_entries", ["deputy_id"], unique=False)
    op.create_table(
        "matters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "transferred",
                "reported",
                "decided",
                name="matterstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "candidate",
                "reserve",
                "deputy_proposal",
                "declined",
                "out_of_scope",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'decided') = (outcome is not null)", name=op.f("ck_matters_decided_with_outcome")
        ),
        sa.CheckConstraint(
            "outcome <> 'candidate' or project_id is not null", name=op.f("ck_matters_candidate_has_project")
        ),
        sa.CheckConstraint(
            "outcome <> 'declined' or length(reason) > 0", name=op.f("ck_matters_declined_says_why")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_matters_body_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_matters_project_id")),
        sa.ForeignKeyConstraint(["village_id"], ["villages.id"], name=op.f("fk_matters_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matters")),
        sa.UniqueConstraint("body_id", "year", "number", name="uq_matters_number"),
    )
    op.create_index(op.f("ix_matters_body_id"), "matters", ["body_id"], unique=False)
    op.create_index("ix_matters_body_year", "matters", ["body_id", "year", "state"], unique=False)
    op.create_index(op.f("ix_matters_project_id"), "matters", ["project_id"], unique=False)
    op.create_index(op.f("ix_matters_village_id"), "matters", ["village_id"], unique=False)
    op.create_table(
        "project_villages",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_project_villages_body_id")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_villages_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["village_id"], ["villages.id"], name=op.f("fk_project_villages_village_id")),
        sa.PrimaryKeyConstraint("project_id", "village_id", name=op.f("pk_project_villages")),
    )
    op.create_index(op.f("ix_project_villages_body_id"), "project_villages", ["body_id"], unique=False)
    op.create_index(op.f("ix_project_villages_village_id"), "project_villages", ["village_id"], unique=False)
    op.create_table(
        "acceptances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tracking_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "works",
                "deputies",
                name="acceptancekind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("held_by", sa.String(length=100), nullable=False),
        sa.Column(
            "conclusion",
            sa.Enum(
                "passed",
                "conditional",
                "failed",
                name="conclusion",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_acceptances_body_id")),
        sa.ForeignKeyConstraint(["tracking_id"], ["trackings.id"], name=op.f("fk_acceptances_tracking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptances")),
    )
    op.create_index(op.f("ix_acceptances_body_id"), "acceptances", ["body_id"], unique=False)
    op.create_index(op.f("ix_acceptances_tracking_id"), "acceptances", ["tracking_id"], unique=False)
    op.create_table(
        "adjustments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tracking_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "major",
                "suspend",
                "terminate",
                "resume",
                "minor",
                name="adjustmentkind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "cause",
            sa.Enum(
                "force_majeure",
                "policy",
                "other",
                name="adjustmentcause",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "approved",
                "refused",
                "withdrawn",
                name="adjustmentstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("applied_by", sa.String(length=60), nullable=False),
        sa.Column("organ", sa.String(length=60), nullable=False),
        sa.Column("document_number", sa.String(length=60), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "announced_on is null or state = 'approved'", name=op.f("ck_adjustments_announced_when_approved")
        ),
        sa.CheckConstraint(
            "state not in ('approved', 'refused') or decided_on is not null",
            name=op.f("ck_adjustments_decided_on_a_day"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_adjustments_body_id")),
        sa.ForeignKeyConstraint(["tracking_id"], ["trackings.id"], name=op.f("fk_adjustments_tracking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
    )
    op.create_index(op.f("ix_adjustments_body_id"), "adjustments", ["body_id"], unique=False)
    op.create_index(op.f("ix_adjustments_tracking_id"), "adjustments", ["tracking_id"], unique=False)
    op.create_index(
        "uq_adjustments_applied",
        "adjustments",
        ["tracking_id"],
        unique=True,
        sqlite_where=sa.text("state = 'applied'"),
        postgresql_where=sa.text("state = 'applied'"),
    )
    op.create_table(
        "citizen_ratings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tracking_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("phone", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("rated_on", sa.Date(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("note_to_unit", sa.Text(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "grade in ('satisfied', 'basically', 'dissatisfied')", name=op.f("ck_citizen_ratings_grade")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_citizen_ratings_body_id")),
        sa.ForeignKeyConstraint(
            ["tracking_id"], ["trackings.id"], name=op.f("fk_citizen_ratings_tracking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_ratings")),
        sa.UniqueConstraint("tracking_id", "week", "phone", name="uq_citizen_ratings_once"),
    )
    op.create_index(op.f("ix_citizen_ratings_body_id"), "citizen_ratings", ["body_id"], unique=False)
    op.create_index(op.f("ix_citizen_ratings_tracking_id"), "citizen_ratings", ["tracking_id"], unique=False)
    op.create_table(
        "inspections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tracking_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "visit",
                "research",
                "unannounced",
                "recheck",
                name="inspectionkind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("theme", sa.String(length=100), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "held",
                "cancelled",
                name="inspectionstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'held') = (held_on is not null)", name=op.f("ck_inspections_held_on_a_day")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_inspections_body_id")),
        sa.ForeignKeyConstraint(["tracking_id"], ["trackings.id"], name=op.f("fk_inspections_tracking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
    )
    op.create_index(op.f("ix_inspections_body_id"), "inspections", ["body_id"], unique=False)
    op.create_index(op.f("ix_inspections_tracking_id"), "inspections", ["tracking_id"], unique=False)
    op.create_table(
        "matter_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "candidate",
                "reserve",
                "deputy_proposal",
                "declined",
                "out_of_scope",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_matter_decisions_body_id")),
        sa.ForeignKeyConstraint(["matter_id"], ["matters.id"], name=op.f("fk_matter_decisions_matter_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_matter_decisions_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_decisions")),
    )
    op.create_index(op.f("ix_matter_decisions_body_id"), "matter_decisions", ["body_id"], unique=False)
    op.create_index(op.f("ix_matter_decisions_matter_id"), "matter_decisions", ["matter_id"], unique=False)
    op.create_table(
        "rereports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tracking_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("demanded_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "demanded",
                "submitted",
                "accepted",
                name="rereportstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.String(length=60), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'demanded' or submitted_on is not null", name=op.f("ck_rereports_submitted_on_a_day")
        ),
        sa.CheckConstraint("due_on >= demanded_on", name=op.f("ck_rereports_due_after_demand")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_rereports_body_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_rereports_round_id")),
        sa.ForeignKeyConstraint(["tracking_id"], ["trackings.id"], name=op.f("fk_rereports_tracking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rereports")),
        sa.UniqueConstraint("tracking_id", "round_id", name="uq_rereports_round"),
    )
    op.create_index(op.f("ix_rereports_body_id"), "rereports", ["body_id"], unique=False)
    op.create_index(op.f("ix_rereports_tracking_id"), "rereports", ["tracking_id"], unique=False)
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("season_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "web",
                "station",
                "deputy",
                "visit",
                "hotline",
                "letter",
                "other",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "filed",
                "refused",
                name="suggestionstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("refusal", sa.String(length=200), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("entered_by", sa.String(length=60), nullable=False),
        sa.Column("satisfaction", sa.String(length=20), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'filed') = (matter_id is not null)", name=op.f("ck_suggestions_filed_in_a_matter")
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (length(refusal) > 0)", name=op.f("ck_suggestions_refused_says_why")
        ),
        sa.CheckConstraint(
            "channel <> 'deputy' or deputy_id is not null", name=op.f("ck_suggestions_deputy")
        ),
        sa.CheckConstraint(
            "channel <> 'station' or station_id is not null", name=op.f("ck_suggestions_station")
        ),
        sa.CheckConstraint(
            "satisfaction is null or satisfaction in ('satisfied', 'basically', 'dissatisfied')",
            name=op.f("ck_suggestions_satisfaction"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_suggestions_body_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["deputies.id"], name=op.f("fk_suggestions_deputy_id")),
        sa.ForeignKeyConstraint(["matter_id"], ["matters.id"], name=op.f("fk_suggestions_matter_id")),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name=op.f("fk_suggestions_season_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_suggestions_station_id")),
        sa.ForeignKeyConstraint(["village_id"], ["villages.id"], name=op.f("fk_suggestions_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
        sa.UniqueConstraint("body_id", "year", "number", name="uq_suggestions_number"),
        sa.UniqueConstraint("code", name="uq_suggestions_code"),
    )
    op.create_index(op.f("ix_suggestions_body_id"), "suggestions", ["body_id"], unique=False)
    op.create_index("ix_suggestions_body_year", "suggestions", ["body_id", "year", "state"], unique=False)
    op.create_index(op.f("ix_suggestions_deputy_id"), "suggestions", ["deputy_id"], unique=False)
    op.create_index(op.f("ix_suggestions_matter_id"), "suggestions", ["matter_id"], unique=False)
    op.create_index(op.f("ix_suggestions_season_id"), "suggestions", ["season_id"], unique=False)
    op.create_index(op.f("ix_suggestions_station_id"), "suggestions", ["station_id"], unique=False)
    op.create_index(op.f("ix_suggestions_village_id"), "suggestions", ["village_id"], unique=False)
    op.create_table(
        "supervision_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tracking_id", sa.Integer(), nullable=False),
        sa.Column("lead", sa.String(length=60), nullable=False),
        sa.Column("lead_deputy_id", sa.Integer(), nullable=True),
        sa.Column("committee", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_supervision_groups_body_id")),
        sa.ForeignKeyConstraint(
            ["lead_deputy_id"], ["deputies.id"], name=op.f("fk_supervision_groups_lead_deputy_id")
        ),
        sa.ForeignKeyConstraint(
            ["tracking_id"], ["trackings.id"], name=op.f("fk_supervision_groups_tracking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_groups")),
        sa.UniqueConstraint("tracking_id", name=op.f("uq_supervision_groups_tracking_id")),
    )
    op.create_index(op.f("ix_supervision_groups_body_id"), "supervision_groups", ["body_id"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sent",
                "returned",
                "answered",
                "recalled",
                name="transferstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("complex", sa.Boolean(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("return_reason", sa.String(length=200), nullable=False),
        sa.Column(
            "proposal",
            sa.Enum(
                "candidate",
                "reserve",
                "deputy_proposal",
                "declined",
                "out_of_scope",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'returned') = (length(return_reason) > 0)", name=op.f("ck_transfers_returned_says_why")
        ),
        sa.CheckConstraint(
            "state <> 'answered' or answered_on is not null", name=op.f("ck_transfers_answered_on_a_day")
        ),
        sa.CheckConstraint("due_on >= sent_on", name=op.f("ck_transfers_due_after_sent")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_transfers_body_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_transfers_department_id")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matters.id"], name=op.f("fk_transfers_matter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    op.create_index(op.f("ix_transfers_body_id"), "transfers", ["body_id"], unique=False)
    op.create_index(op.f("ix_transfers_department_id"), "transfers", ["department_id"], unique=False)
    op.create_index(op.f("ix_transfers_matter_id"), "transfers", ["matter_id"], unique=False)
    op.create_index(
        "uq_transfers_open",
        "transfers",
        ["matter_id"],
        unique=True,
        sqlite_where=sa.text("state = 'sent'"),
        postgresql_where=sa.text("state = 'sent'"),
    )
    op.create_table(
        "acceptance_items",
        sa.Column("acceptance_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column(
            "mark",
            sa.Enum(
                "met", "partly", "unmet", name="mark", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["acceptance_id"],
            ["acceptances.id"],
            name=op.f("fk_acceptance_items_acceptance_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_acceptance_items_body_id")),
        sa.PrimaryKeyConstraint("acceptance_id", "position", name=op.f("pk_acceptance_items")),
    )
    op.create_index(op.f("ix_acceptance_items_body_id"), "acceptance_items", ["body_id"], unique=False)
    op.create_table(
        "authors",
        sa.Column("suggestion_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "citizen",
                "deputy",
                "unit",
                name="authorkind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_authors_body_id")),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], name=op.f("fk_authors_suggestion_id")),
        sa.PrimaryKeyConstraint("suggestion_id", name=op.f("pk_authors")),
    )
    op.create_index(op.f("ix_authors_body_id"), "authors", ["body_id"], unique=False)
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_group_members_body_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["deputies.id"], name=op.f("fk_group_members_deputy_id")),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["supervision_groups.id"],
            name=op.f("fk_group_members_group_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "deputy_id", name=op.f("pk_group_members")),
    )
    op.create_index(op.f("ix_group_members_body_id"), "group_members", ["body_id"], unique=False)
    op.create_index(op.f("ix_group_members_deputy_id"), "group_members", ["deputy_id"], unique=False)
    op.create_table(
        "inspection_members",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_inspection_members_body_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["deputies.id"], name=op.f("fk_inspection_members_deputy_id")),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_inspection_members_inspection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("inspection_id", "deputy_id", name=op.f("pk_inspection_members")),
    )
    op.create_index(op.f("ix_inspection_members_body_id"), "inspection_members", ["body_id"], unique=False)
    op.create_index(
        op.f("ix_inspection_members_deputy_id"), "inspection_members", ["deputy_id"], unique=False
    )
    op.create_table(
        "inspection_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tracking_id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=True),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("finding", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.String(length=200), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("photos_published", sa.Boolean(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_inspection_notes_body_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["deputies.id"], name=op.f("fk_inspection_notes_deputy_id")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_inspection_notes_inspection_id")
        ),
        sa.ForeignKeyConstraint(
            ["tracking_id"], ["trackings.id"], name=op.f("fk_inspection_notes_tracking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_notes")),
    )
    op.create_index(op.f("ix_inspection_notes_body_id"), "inspection_notes", ["body_id"], unique=False)
    op.create_index(op.f("ix_inspection_notes_deputy_id"), "inspection_notes", ["deputy_id"], unique=False)
    op.create_index(
        op.f("ix_inspection_notes_inspection_id"), "inspection_notes", ["inspection_id"], unique=False
    )
    op.create_index(
        op.f("ix_inspection_notes_tracking_id"), "inspection_notes", ["tracking_id"], unique=False
    )
    op.create_table(
        "part_reports",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("subproject_id", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("percent between 0 and 100", name=op.f("ck_part_reports_percent")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_part_reports_report_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["subprojects.id"], name=op.f("fk_part_reports_subproject_id")
        ),
        sa.PrimaryKeyConstraint("report_id", "subproject_id", name=op.f("pk_part_reports")),
    )
    op.create_index(op.f("ix_part_reports_subproject_id"), "part_reports", ["subproject_id"], unique=False)
    op.create_table(
        "report_money",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("planned", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("in_place", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("paid", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint(
            "planned >= 0 and in_place >= 0 and paid >= 0", name=op.f("ck_report_money_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_money_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", "position", name=op.f("pk_report_money")),
    )
    op.create_table(
        "rectifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tracking_id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "issued",
                "answered",
                "closed",
                "cancelled",
                name="rectificationstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_on is not null)", name=op.f("ck_rectifications_closed_on_a_day")
        ),
        sa.CheckConstraint("due_on >= issued_on", name=op.f("ck_rectifications_due_after_issue")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_rectifications_body_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_rectifications_department_id")
        ),
        sa.ForeignKeyConstraint(["note_id"], ["inspection_notes.id"], name=op.f("fk_rectifications_note_id")),
        sa.ForeignKeyConstraint(
            ["tracking_id"], ["trackings.id"], name=op.f("fk_rectifications_tracking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectifications")),
        sa.UniqueConstraint("body_id", "year", "number", name="uq_rectifications_number"),
    )
    op.create_index(op.f("ix_rectifications_body_id"), "rectifications", ["body_id"], unique=False)
    op.create_index(
        op.f("ix_rectifications_department_id"), "rectifications", ["department_id"], unique=False
    )
    op.create_index(op.f("ix_rectifications_tracking_id"), "rectifications", ["tracking_id"], unique=False)
    op.create_index(
        "uq_rectifications_note_id",
        "rectifications",
        ["note_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_table(
        "rectification_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rectification_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("answered_by", sa.String(length=60), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("rechecked_on", sa.Date(), nullable=True),
        sa.Column("rechecked_by", sa.String(length=100), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(passed is null) = (rechecked_on is null)",
            name=op.f("ck_rectification_answers_rechecked_on_a_day"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_rectification_answers_body_id")),
        sa.ForeignKeyConstraint(
            ["rectification_id"],
            ["rectifications.id"],
            name=op.f("fk_rectification_answers_rectification_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_answers")),
        sa.UniqueConstraint("rectification_id", "ordinal", name="uq_rectification_answers_ordinal"),
    )
    op.create_index(
        op.f("ix_rectification_answers_body_id"), "rectification_answers", ["body_id"], unique=False
    )
    op.create_index(
        op.f("ix_rectification_answers_rectification_id"),
        "rectification_answers",
        ["rectification_id"],
        unique=False,
    )
    _widen()
    op.execute(
        "ALTER TABLE subprojects ADD COLUMN weight INTEGER NOT NULL DEFAULT 1 "
        "CONSTRAINT ck_subprojects_weight CHECK (weight between 1 and 100)"
    )
    op.execute("ALTER TABLE reports ADD COLUMN percent_reason VARCHAR(300) NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE rounds ADD COLUMN salts JSON")
    op.execute("ALTER TABLE deputies ADD COLUMN page_key VARCHAR(40)")
    op.create_index("uq_deputies_page_key", "deputies", ["page_key"], unique=True)


def _widen() -> None:
    """More kinds of owners of files, more states of tracking, more kinds of imports."""
    with op.batch_alter_table("attachments", copy_from=_as_it_was("attachments")) as batch:
        for owner, table in zip(
            OWNERS[2:],
            ("suggestions", "inspection_notes", "rectification_answers", "acceptances"),
            strict=True,
        ):
            batch.add_column(sa.Column(owner, sa.Integer(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_attachments_{owner}"), table, [owner], ["id"])
            batch.create_index(op.f(f"ix_attachments_{owner}"), [owner])
        batch.drop_constraint(op.f("ck_attachments_one_owner"), type_="check")
        counted = " + ".join(f"case when {owner} is null then 0 else 1 end" for owner in OWNERS)
        batch.create_check_constraint(op.f("ck_attachments_one_owner"), f"{counted} = 1")
    with op.batch_alter_table("trackings", copy_from=_as_it_was("trackings")) as batch:
        batch.add_column(sa.Column("period", sa.String(length=10), nullable=False, server_default="month"))
        batch.create_check_constraint(op.f("ck_trackings_period"), "period in ('month', 'quarter')")
        batch.drop_constraint(op.f("ck_trackings_trackingstate"), type_="check")
        batch.create_check_constraint(
            op.f("ck_trackings_trackingstate"),
            "state IN ('running', 'done', 'basically_done', 'unfinished', 'suspended', 'terminated')",
        )
    with op.batch_alter_table("import_drafts", copy_from=_as_it_was("import_drafts")) as batch:
        batch.drop_constraint(op.f("ck_import_drafts_kind"), type_="check")
        batch.create_check_constraint(
            op.f("ck_import_drafts_kind"), "kind in ('roster', 'projects', 'suggestions', 'villages')"
        )


def _as_it_was(name: str) -> sa.Table:
    found = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    for check, condition in CHECKS[name].items():
        found.append_constraint(sa.CheckConstraint(condition, name=op.f(check)))
    return found


def downgrade() -> None:
    raise NotImplementedError("a year's work is not taken back: restore the backup from before the upgrade")
