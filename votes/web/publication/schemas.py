"""The types of published fields, as JSON Schema."""

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
PERCENT: Schema = {"type": "integer", "minimum": 0, "maximum": 100}
WEIGHT: Schema = {"type": "integer", "minimum": 1, "maximum": 100}
NUMBER: Schema = {"type": "number"}
YES: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date"}
MONTH: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}$"}
URL: Schema = {"type": "string", "format": "uri"}
GRADES = ("满意", "基本满意", "不满意")
GRADE: Schema = {"type": "string", "enum": [*GRADES]}


def or_null(schema: Schema) -> Schema:
    """Return the type with null besides."""
    return {**schema, "type": [schema["type"], "null"]}


#: Kind of a project's field → its type.
OF_KIND: dict[str, Schema] = {
    **dict.fromkeys(("text", "long", "category", "kind"), TEXT),
    **{"year": WHOLE, "yes": YES},
    **{"money": or_null(NUMBER), "count": or_null(COUNT), "date": or_null(DAY)},
}


def one_of(*words: str) -> Schema:
    """Return the type of one of these words or null."""
    return {"type": ["string", "null"], "enum": [*words, None]}


def an_object(properties: dict[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    """Return the type of an object with these properties and no others."""
    left_out = set(optional)
    return {
        "type": "object",
        "properties": properties,
        "required": [key for key in properties if key not in left_out],
        "additionalProperties": False,
    }


def a_list(properties: dict[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    """Return the type of a list of such objects."""
    return {"type": "array", "items": an_object(properties, optional=optional)}
