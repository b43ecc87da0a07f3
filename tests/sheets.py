"""Real roster workbooks for tests, as a person would fill them in."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook

from votes.rules.people.roster import COLUMNS

HEAD = tuple(COLUMNS.values())


def deputy(number: str, name: str = "王示例", **columns: Any) -> list[Any]:
    """One row in the order of the sheet; ``columns`` by field."""
    row = {"number": number, "name": name, "gender": "女", "ethnicity": "汉族", "born": "1975-08"}
    row |= {"delegation": "第一代表团", "constituency": "第一选区", "post": "教师", "phone": "13800138000"}
    row |= {"state": "在任", **columns}
    return [row[name] for name in COLUMNS]


def book(rows: Iterable[Sequence[Any]], head: Sequence[Any] = HEAD) -> bytes:
    """Return an .xlsx with the head in the first line, written by another library than the one that reads it."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(list(head))
    for row in rows:
        sheet.append(list(row))
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def rows_of(data: bytes) -> list[list[Any]]:
    """All lines of the first sheet of an .xlsx."""
    sheet = load_workbook(BytesIO(data)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]
