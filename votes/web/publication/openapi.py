"""The open data in the words of OpenAPI 3.1, made from the declarations in `open_data`.

Tests compare it with the routes and their answers.
"""

from collections.abc import Sequence

from votes.version import __version__
from votes.web.publication import open_data
from votes.web.publication.schemas import TEXT, Schema, an_object

_YEAR: Schema = {
    "name": "year",
    "in": "query",
    "required": False,
    "description": "年度；省略或没有数据时为最近一年",
    "schema": {"type": "integer", "minimum": 2000, "maximum": 2200},
}


def _get(summary: str, content: Schema, *, parameters: Sequence[Schema] = (_YEAR,)) -> Schema:
    responses = {"200": {"description": summary, "content": content}}
    given = {"parameters": list(parameters)} if parameters else {}
    return {"get": {"summary": summary, "responses": responses, **given}}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _answer(key: str, name: str) -> Schema:
    """Return the envelope of every data set: whose it is, whether it is a demo, which year, and the rows."""
    return an_object(
        {
            "body": {**TEXT, "description": "人大名称"},
            "place": {**TEXT, "description": "地方"},
            "demo": {"type": "boolean", "description": "是否演示数据"},
            "year": {"type": ["integer", "null"], "description": "年度；还没有数据时为 null"},
            key: {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
        }
    )


def document(*, server: str, place: str) -> Schema:
    """Return the description of one place's open data; ``server``: the URL of its public pages."""
    paths: dict[str, Schema] = {
        f"/data/{each.file}": _get(each.title, _json(_answer(each.key, each.schema)))
        for each in open_data.SETS
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
        each.schema: an_object(
            {field.key: {**field.schema, "description": field.description} for field in each.fields}
        )
        for each in open_data.SETS
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
