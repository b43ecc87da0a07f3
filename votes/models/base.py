"""What all models share: the types of columns, and enums stored as text."""

import enum
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, cast

from sqlalchemy import JSON, Enum, Index, Numeric, String, Table, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from votes.db import UtcDateTime, metadata


class Base(DeclarativeBase):
    """The base of all models; gives Python types their column types."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        str: String(200),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
        Decimal: Numeric(14, 2),
    }

    def __init_subclass__(cls, **options: Any) -> None:
        """Make SQLite never reuse the id of a deleted row, as the sequences of PostgreSQL never do."""
        super().__init_subclass__(**options)
        table = table_of(cls)
        if "id" in table.primary_key.columns:
            table.dialect_options["sqlite"]["autoincrement"] = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'id', '')}>"


def enum_column(kind: type[enum.Enum], **options: Any) -> Any:
    """Return a column that stores the enum's value as text, with a CHECK on the allowed values."""
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
    """Return the model's table, for statements that are written without the ORM."""
    return cast(Table, model.__table__)
