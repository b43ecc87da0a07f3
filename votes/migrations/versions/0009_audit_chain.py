"""The hash chain of each body's audit log, with the lines that are there; sign-ins of deputies are on none.

The lines are hashed with SHA-256, whatever the installation's algorithm: the column `hash_name` says so of each.

Revision ID: 0009_audit_chain
Revises: 0003_binding
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009_audit_chain"
down_revision = "0003_binding"
branch_labels = None
depends_on = None

ENTRIES = sa.table(
    "audit_entries",
    sa.column("id", sa.Integer()),
    sa.column("body_id", sa.Integer()),
    sa.column("at", sa.DateTime()),
    sa.column("user_id", sa.Integer()),
    *(sa.column(name, sa.String()) for name in ("who", "role", "action", "about_kind")),
    sa.column("about_id", sa.Integer()),
    sa.column("about", sa.String()),
    sa.column("before", sa.JSON()),
    sa.column("after", sa.JSON()),
    *(sa.column(name, sa.String()) for name in ("outcome", "message", "address")),
)


def upgrade() -> None:
    """Create the table, put every line that is there on the chain of its body, then refuse changes."""
    links = op.create_table(
        "audit_links",
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hash_name", sa.String(10), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_links")),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entries.id"], name=op.f("fk_audit_links_entry_id")),
        sa.UniqueConstraint("chain", "position", name="uq_audit_links_position"),
    )
    op.create_index("ix_audit_links_hash", "audit_links", ["hash"])
    connection = op.get_bind()
    lines = connection.execute(sa.select(ENTRIES).order_by(ENTRIES.c.id)).mappings()
    places = chained(lines.all())
    while some := list(islice(places, 1000)):
        connection.execute(links.insert(), some)
    for verb in ("update", "delete"):
        for statement in trigger(connection.dialect.name, f"audit_links_no_{verb}", verb.upper()):
            op.execute(statement)


def chained(lines: Any) -> Iterator[dict[str, Any]]:
    """Yield the place of each line on its chain."""
    last: dict[int, tuple[int, str]] = {}
    for line in lines:
        if line["action"].startswith("user.sign_") and "deputy" in line["role"].split(","):
            continue
        chain = line["body_id"] or 0
        position, previous = last.get(chain, (0, ""))
        payload = dict(line) | {"at": line["at"].replace(tzinfo=UTC).isoformat()}
        text = json.dumps(
            {"payload": payload, "previous": previous},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )
        last[chain] = position + 1, hashlib.sha256(text.encode()).hexdigest()
        yield {
            "entry_id": line["id"],
            "chain": chain,
            "position": position + 1,
            "hash_name": "sha256",
            "previous": previous,
            "hash": last[chain][1],
        }


def trigger(dialect: str, name: str, verb: str) -> list[str]:
    """List the statements of a trigger that refuses ``verb`` on a place of the chain."""
    words = f"the audit chain is never {'changed' if verb == 'UPDATE' else 'cut'}"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON audit_links BEGIN SELECT RAISE(ABORT, '{words}'); END"
        ]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{words}'; END $$",
        f"CREATE TRIGGER {name} BEFORE {verb} ON audit_links FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
