"""The story of the demo year: one TOML file for each chapter, read into the types of its player.

A record is written as a table of its fields, or as a row of its fields in their order; a table at the end of a row
names further fields. Fields with a default may be left out.
"""

import tomllib
from dataclasses import is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from votes.clock import SHANGHAI

FOLDER = Path(__file__).parent

T = TypeVar("T")


@cache
def chapter(name: str) -> dict[str, Any]:
    """Read the file of a chapter as plain values."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def read(kind: type[T], name: str, *path: str) -> T:
    """Read what stands at ``path`` in the file of a chapter as a ``kind``.

    Raises KeyError for a missing path, TypeError or ValueError for a value that does not fit.
    """
    value: Any = chapter(name)
    for key in path:
        value = value[key]
    record: T = build(kind, value)
    return record


def build(kind: Any, value: Any) -> Any:
    """Make a ``kind`` (record, enum, tuple, dict or plain type) of plain values.

    Raises TypeError or ValueError for a value that does not fit.
    """
    inner = get_args(kind)
    match get_origin(kind):
        case origin if origin is UnionType:
            return build(inner[0], value)
        case origin if origin is dict:
            return {key: build(inner[1], each) for key, each in value.items()}
        case origin if origin is tuple and inner[-1] is Ellipsis:
            return tuple(build(inner[0], each) for each in value)
        case origin if origin is tuple:
            return tuple(build(one, each) for one, each in zip(inner, value, strict=True))
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return _record(kind, value)
    if issubclass(kind, Enum):
        return kind(value)
    if kind is datetime and isinstance(value, datetime):
        return value.replace(tzinfo=SHANGHAI)
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is not a {kind.__name__}")
    return value


def _record(kind: Any, value: Any) -> Any:
    fields = get_type_hints(kind)
    if isinstance(value, list):
        row, named = (value[:-1], value[-1]) if isinstance(value[-1], dict) else (value, {})
        if len(row) > len(fields):
            raise ValueError(f"{value!r} has more fields than {kind.__name__}")
        value = dict(zip(fields, row, strict=False)) | named
    return kind(**{name: build(fields[name], each) for name, each in value.items()})
