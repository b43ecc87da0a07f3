"""Tenancy: which body is in scope, and the session hooks that restrict every statement to its rows."""

from typing import Any

from sqlalchemy import ForeignKey, event
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)


class OfBody:
    """Mix-in of rows that belong to one body; the session adds the body in scope to every select of them."""

    @declared_attr
    @classmethod
    def body_id(cls) -> Mapped[int]:
        """Return the column with the body's id."""
        return mapped_column(ForeignKey("bodies.id"), index=True)


class Everybody:
    """The scope of work for no single body: commands, signing in, the system administrator."""

    def __repr__(self) -> str:
        return "EVERY_BODY"


EVERY_BODY = Everybody()
Scope = int | Everybody | None


class ScopeMissing(RuntimeError):
    """Rows of a body were read or written while another body, or none, was in scope."""


def _keep_to_the_body(state: ORMExecuteState) -> None:
    """Add the body in scope to a select, update or delete of rows that belong to bodies."""
    if state.is_column_load or state.is_relationship_load or not state.is_orm_statement:
        return
    if state.is_insert or not (state.is_select or state.is_update or state.is_delete):
        return
    scope = state.session.info.get("scope")
    if scope is EVERY_BODY:
        return
    if scope is None:
        if any(issubclass(mapper.class_, OfBody) for mapper in state.all_mappers):
            raise ScopeMissing("no body is in scope")
        return
    body_id = scope
    state.statement = state.statement.options(
        with_loader_criteria(OfBody, lambda cls: cls.body_id == body_id, include_aliases=True)
    )


def _stay_in_the_body(session: Session, context: Any, instances: Any) -> None:
    """Give new rows the body in scope; raise ScopeMissing for a row of another body."""
    scope = session.info.get("scope")
    for row in session.new:
        if isinstance(row, OfBody):
            if row.body_id is None and isinstance(scope, int):
                row.body_id = scope
            if isinstance(scope, int) and row.body_id != scope:
                raise ScopeMissing(f"a row of body {row.body_id} while {scope} is in scope")


def guard(session: type[Session]) -> None:
    """Register the hooks for every session of this class."""
    event.listen(session, "do_orm_execute", _keep_to_the_body)
    event.listen(session, "before_flush", _stay_in_the_body)
