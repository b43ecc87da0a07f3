"""What all tables share: types, enums as text. The body's mark and the constraints' names are the net's (votes/db/)."""

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, cast

from sqlalchemy import JSON, Enum, Index, Numeric, String, Table, Text, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from votes.db import OfBody, UtcDateTime, metadata


class Base(DeclarativeBase):
    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        str: String(200),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
        Decimal: Numeric(14, 2),
    }

    def __init_subclass__(cls, **options: Any) -> None:
        """On SQLite the id of a deleted row is never given again, as PostgreSQL's sequences have it."""
        super().__init_subclass__(**options)
        table = table_of(cls)
        if "id" in table.primary_key.columns:
            table.dialect_options["sqlite"]["autoincrement"] = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'id', '')}>"


LongText = Text


def enum_column(kind: type[enum.Enum], **options: Any) -> Any:
    """A column holding the enum's value as text, with a CHECK that names the allowed values."""
    return mapped_column(
        Enum(
            kind,
            native_enum=False,
            create_constraint=True,
            values_callable=lambda e: [member.value for member in e],
            name=kind.__name__.lower(),
            length=30,
        ),
        **options,
    )


def unique_where(name: str, condition: str, *columns: str) -> Index:
    """Return an index that keeps ``columns`` unique among the rows that fulfil the condition."""
    where = text(condition)
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


def table_of(model: type[Base]) -> Table:
    """The model's table, for the statements that are written without the ORM."""
    return cast(Table, model.__table__)


__all__ = ["Base", "LongText", "OfBody", "date", "enum_column", "metadata", "table_of"]
