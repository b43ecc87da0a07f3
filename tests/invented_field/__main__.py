"""Run the application with the invented field, and print what each place shows of it."""

import csv
import json
import sys
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

import openpyxl
from sqlalchemy import String, text
from sqlalchemy.orm import mapped_column

from tests import factories
from tests.pages import Browser
from tests.years import make_tracked
from votes import create_app, migrations
from votes.models import Project


def make(folder: str) -> Any:
    """Return the small world of the tests over a database with the column."""
    Project.invented = mapped_column(String(200), default="")  # type: ignore[attr-defined]
    settings = {"INSTANCE_PATH": folder, "SECRET_KEY": "示例", "TESTING": True, "WTF_CSRF_ENABLED": False}
    app = create_app(settings)
    database = app.extensions["votes.database"]
    migrations.upgrade(database)
    with database.engine.execution_options(write=True).begin() as connection:
        connection.execute(text("alter table projects add column invented varchar(200) not null default ''"))
    return factories.make_world(app, database)


def places(world: Any) -> Iterator[tuple[str, Any]]:
    """Yield (place, what it shows)."""
    office, public = Browser(world.app), Browser(world.app)
    office.sign_in(world.user_key("government"))
    typed = {"name": "示例路", "year": "2027", "category": "教育", "kind": "works", "invented": "甲"}
    yield "form", _words(office.get("/office/projects/new"))
    url = office.post("/office/projects/new", typed).location
    assert office.post(f"{url}/edit", {**typed, "invented": "乙"}).status == 303
    yield "filled form", office.get(f"{url}/edit").value("invented")
    yield "page", _words(office.get(url))
    yield "comparison", _words(office.get(f"{url}/versions?old=1&new=2"))
    auditor = Browser(world.app)
    auditor.sign_in(world.user_key("office"))
    yield "audit", _words(auditor.get("/office/audit/"))

    template = office.get("/office/projects/import/template.xlsx").data
    yield "template", [cell.value for row in _sheet(template).iter_rows(max_row=3) for cell in row]
    yield "hints", [rule.prompt for rule in _sheet(template).data_validations.dataValidation]
    book = openpyxl.load_workbook(BytesIO(office.get("/office/projects/export.xlsx?year=2027").data))
    rows = [list(row) for row in book.worksheets[0].iter_rows()]
    head = next(row for row in rows if any(cell.value == "示例新项" for cell in row))
    column = next(cell.column for cell in head if cell.value == "示例新项")
    cell = book.worksheets[0].cell(head[0].row + 1, column)
    yield "export", cell.value
    cell.value = "丙"
    out = BytesIO()
    book.save(out)
    sent = {"year": "2027", "file": (BytesIO(out.getvalue()), "示例.xlsx")}
    preview = office.post("/office/projects/import", sent).location
    yield "import", _words(office.get(preview))

    with world.work():
        (tracked,) = make_tracked(1, invented="丁")
        home, shown = "/p/shili", f"/p/shili/projects/{tracked.project_id}"
    yield "public page", _words(public.get(shown))
    yield "open data", public.get(f"{home}/data/projects.json").json["projects"][0].get("invented")
    table = public.get(f"{home}/data/projects.csv").data.decode("utf-8-sig")
    yield "table", next(csv.DictReader(StringIO(table))).get("公开新项")
    described = public.get(f"{home}/data/openapi.json").json
    yield "schema", described["components"]["schemas"]["Project"]["properties"].get("invented")
    yield "explanation", _words(public.get(f"{home}/data/"))


def _words(page: Any) -> str:
    return "".join(page.words.split())


def _sheet(data: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(data)).worksheets[0]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(dict(places(make(sys.argv[1])))))
