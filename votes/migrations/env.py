"""What Alembic runs: on the connection it is handed, in the transaction that is open there."""

from typing import Any, Literal

from alembic import context

from votes.db import UtcDateTime
from votes.migrations import is_of_a_model
from votes.models import metadata


def plain_type(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Write our column type as SQLAlchemy's own: a migration imports nothing that may change later."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=plain_type,
    include_name=is_of_a_model,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
