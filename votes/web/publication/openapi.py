"""The open data in the words of OpenAPI 3.1, written by hand and held against the routes and their answers by tests.

Descriptions come from the lists of fields in `open_data`, so that schema, page and data cannot part.
"""

from collections.abc import Iterable
from typing import Any

from votes.version import __version__
from votes.web.publication import open_data

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
DAY: Schema = {"type": "string", "format": "date"}
MONTH: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}$"}
ADDRESS: Schema = {"type": "string", "format": "uri"}


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _object(properties: dict[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    left_out = set(optional)
    return {
        "type": "object",
        "properties": properties,
        "required": [key for key in properties if key not in left_out],
        "additionalProperties": False,
    }


def _list(properties: dict[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    return {"type": "array", "items": _object(properties, optional=optional)}


_GRADE: Schema = {"type": "string", "enum": ["满意", "基本满意", "不满意"]}
_FIGURES = ("satisfied", "basically", "dissatisfied", "void")

_PERCENT: Schema = {"type": "integer", "minimum": 0, "maximum": 100}
_SOURCE: dict[str, Schema] = {"source": TEXT, "planned": NUMBER, "in_place": NUMBER, "paid": NUMBER}

PROJECT: dict[str, Schema] = {
    "id": WHOLE,
    "year": WHOLE,
    "number": _or_null(WHOLE),
    "name": TEXT,
    "category": TEXT,
    "kind": TEXT,
    "content": TEXT,
    "target": TEXT,
    "location": TEXT,
    "benefit_scope": TEXT,
    "beneficiaries": _or_null(COUNT),
    "total_investment": _or_null(NUMBER),
    "year_investment": _or_null(NUMBER),
    "unit": TEXT,
    "leader": TEXT,
    "starts_on": DAY,
    "due_on": DAY,
    "beyond": {"type": ["string", "null"], "enum": ["顺延", "跨年度", None]},
    "state": TEXT,
    "finished_on": _or_null(DAY),
    "light": TEXT,
    "reason": TEXT,
    "as_of": DAY,
    "planned_percent": NUMBER,
    "actual_percent": NUMBER,
    "last_month": _or_null(MONTH),
    "money_planned": NUMBER,
    "money_in_place": NUMBER,
    "money_paid": NUMBER,
    "parts": _list(
        {
            "name": TEXT,
            "unit": TEXT,
            "target": TEXT,
            "weight": {"type": "integer", "minimum": 1, "maximum": 100},
            "percent": _or_null(_PERCENT),
            "note": TEXT,
        }
    ),
    "sources": _list(_SOURCE),
    "adjustments": _list(
        {
            "kind": TEXT,
            "reason": TEXT,
            "changes": _list({"name": TEXT, "before": TEXT, "after": TEXT}),
            "organ": TEXT,
            "document_number": TEXT,
            "decided_on": DAY,
            "announced_on": DAY,
        }
    ),
    "villages": {"type": "array", "items": TEXT},
    "rating": {"type": ["string", "null"], "enum": ["满意", "基本满意", "不满意", None]},
    "ratings": _list(
        {"session": TEXT, "year": WHOLE, "grade": _GRADE, **dict.fromkeys(_FIGURES, COUNT)}, optional=_FIGURES
    ),
    "milestones": _list(
        {"name": TEXT, "planned_on": DAY, "planned_percent": NUMBER, "actual_on": _or_null(DAY)}
    ),
    "reports": _list(
        {
            "month": MONTH,
            "percent": NUMBER,
            "percent_reason": TEXT,
            "money_planned": NUMBER,
            "money_in_place": NUMBER,
            "money_paid": NUMBER,
            "parts": _list({"name": TEXT, "percent": _PERCENT, "note": TEXT}),
            "sources": _list(_SOURCE),
            "narrative": TEXT,
            "next_step": TEXT,
        }
    ),
}
RESULT: dict[str, Schema] = {
    "session": TEXT,
    "year": WHOLE,
    "title": TEXT,
    "announcement": _or_null(WHOLE),
    "announced_on": _or_null(DAY),
    "selected": _list({"number": WHOLE, "name": TEXT, "for": COUNT}, optional=["for"]),
    "round": {"type": "integer", "minimum": 1},
    "ratings": _list({"number": WHOLE, "name": TEXT, "grade": _GRADE}),
    "turnout": {
        "oneOf": [
            _object(dict.fromkeys(("roster", "present", "issued", "returned", "valid", "invalid"), COUNT)),
            {"type": "null"},
        ]
    },
    "page": ADDRESS,
    "record": ADDRESS,
}
FUNNEL = {key: COUNT if key != "year" else WHOLE for key, _ in open_data.FUNNEL_FIELDS}
SUGGESTIONS: dict[str, Schema] = {
    "by": {"type": "string", "enum": ["category", "township", "channel"]},
    "name": TEXT,
    "count": COUNT,
}
SUPERVISION = {key: COUNT if key != "year" else WHOLE for key, _ in open_data.SUPERVISION_FIELDS}
CITIZENS: dict[str, Schema] = {
    "id": WHOLE,
    "name": TEXT,
    **dict.fromkeys(("satisfied", "basically", "dissatisfied", "total"), COUNT),
}
DEPUTY: dict[str, Schema] = {
    "name": TEXT,
    "delegation": TEXT,
    "page": ADDRESS,
    "year": WHOLE,
    **dict.fromkeys(("post", "constituency", "gender", "ethnicity", "born"), _or_null(TEXT)),
    "rates": _or_null(_list({"name": TEXT, "part": COUNT, "whole": COUNT, "percent": NUMBER})),
    "suggestions": _or_null(COUNT),
    "inspections": _or_null(COUNT),
    "entries": _or_null(_list({"name": TEXT, "count": COUNT})),
}

#: Key in the answer → (file, what it is, name of the schema, its properties, what each means).
SETS: dict[str, tuple[str, str, str, dict[str, Schema], dict[str, str]]] = {
    "projects": (
        "projects.json",
        "项目与进展",
        "Project",
        PROJECT,
        {field.key: field.meaning or field.name for field in open_data.FIELDS},
    ),
    "results": ("results.json", "票决和测评结果", "Result", RESULT, dict(open_data.RESULT_FIELDS)),
    **{
        key: (file, title, name, schema, dict(fields))
        for (key, file, title, fields), (name, schema) in zip(
            open_data.COUNTS,
            (
                ("Funnel", FUNNEL),
                ("SuggestionCount", SUGGESTIONS),
                ("Supervision", SUPERVISION),
                ("CitizenRating", CITIZENS),
                ("Deputy", DEPUTY),
            ),
            strict=True,
        )
    },
}

_YEAR: Schema = {
    "name": "year",
    "in": "query",
    "required": False,
    "description": "年度；省略或没有数据时为最近一年",
    "schema": {"type": "integer", "minimum": 2000, "maximum": 2200},
}


def _get(summary: str, content: Schema, *, parameters: Iterable[Schema] = (_YEAR,)) -> Schema:
    found: Schema = {
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content}},
    }
    if given := list(parameters):
        found["parameters"] = given
    return {"get": found}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _answer(key: str, name: str) -> Schema:
    """The envelope of every data set: whose it is, whether it is a demo, which year, and the rows."""
    return _object(
        {
            "body": {**TEXT, "description": "人大名称"},
            "place": {**TEXT, "description": "地方"},
            "demo": {"type": "boolean", "description": "是否演示数据"},
            "year": {"type": ["integer", "null"], "description": "年度；还没有数据时为 null"},
            key: {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
        }
    )


def document(*, server: str, place: str) -> Schema:
    """The description of one place's open data; ``server``: the address under which its public pages stand."""
    paths: dict[str, Schema] = {
        f"/data/{file}": _get(title, _json(_answer(key, name)))
        for key, (file, title, name, _, _) in SETS.items()
    }
    paths["/data/projects.csv"] = _get("项目与进展（表格）", {"text/csv": {"schema": TEXT}})
    paths["/data/openapi.json"] = _get("本说明", _json({"type": "object"}), parameters=())
    paths["/rounds/{public_id}/record.json"] = _get(
        "可供复核的票决记录；各字段见软件所附 docs/record.md",
        _json({"type": "object"}),
        parameters=(
            {"name": "public_id", "in": "path", "required": True, "schema": TEXT, "description": "轮次的公开编号"},
        ),
    )  # fmt: skip
    schemas = {
        name: _object({key: {**schema, "description": meanings[key]} for key, schema in properties.items()})
        for _, _, name, properties, meanings in SETS.values()
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{place}民生实事项目开放数据",
            "version": __version__,
            "description": "数据与公开页面相同，可以自由下载、分析和转载，请注明来源。日期写作 2027-01-15，金额单位为万元，进度为百分数。",
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": schemas},
    }
