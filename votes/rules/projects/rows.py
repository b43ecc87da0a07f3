"""Candidate projects in a workbook: read the cells that people typed as values, or say why they cannot be read."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from votes.rules.people.places import Places
from votes.rules.projects.fields import FIELDS, KINDS, Field, Values, faults, part_fault

#: heading of each column → the field it fills. The heads of the template and of the exported list.
COLUMNS: dict[str, Field] = {field.heading: field for field in FIELDS}
FUNDING = "资金来源"
VILLAGES = "涉及村（社区）"
REQUIRED = ("项目名称", "类别", "建设内容和规模", "年度目标", "总投资（万元）", "完成时限", "牵头单位")

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－　", "0123456789.,- ")


def plain_number(text: str) -> str:
    """Return a typed number without thousands marks, blanks, full-width signs and its unit."""
    text = text.translate(_FULL_WIDTH).strip()
    return re.sub(r"[,\s]|万元$|人$", "", text)


def read_amount(value: Any) -> Decimal | None:
    """Return an amount in 万元; None for a blank. Raises ValueError with words for what is no number."""
    if value is None or value == "":
        return None
    try:
        amount = Decimal(repr(value) if isinstance(value, float) else plain_number(str(value)))
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite():
        raise ValueError(f"“{value}”不是金额，请填写数字，单位万元，例如 860.00。")
    # A computed amount may end in …9999, so it is rounded to 0.01.
    return amount.quantize(Decimal("0.01")) if isinstance(value, float) else amount


def read_count(value: Any) -> int | None:
    """Return a whole number of people; None for a blank. Raises ValueError with words."""
    if value is None or value == "":
        return None
    text = plain_number(str(value))
    if not re.fullmatch(r"-?\d{1,12}", text):
        raise ValueError(f"“{value}”不是整数，请填写人数，例如 8200。")
    return int(text)


def read_day(value: Any) -> date | None:
    """Return the day of a date cell, or of 2027-12-20, 2027.12.20, 2027/12/20 or 2027年12月20日; None for a blank.

    A month means its last day. Raises ValueError with words for a day that is not in the calendar.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).translate(_FULL_WIDTH).strip().removesuffix("前").removesuffix("底")
    match = re.fullmatch(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*(?:[-./月]\s*(?:(\d{1,2})\s*日?)?)?", text)
    if match is None:
        raise ValueError(f"“{value}”不是日期，请写成 2027年12月20日 或 2027-12-20。")
    year, month = int(match[1]), int(match[2])
    try:
        return date(year, month, int(match[3]) if match[3] else monthrange(year, month)[1])
    except ValueError:
        raise ValueError(f"“{value}”不是日历上的日期，请核对。") from None


#: What people type → what it means; a blank is 否 or 工程类.
_YES = dict.fromkeys(("是", "√", "1"), True) | dict.fromkeys(("", "否", "×", "0"), False)
_WORKS, _POLICY = ("", "工程类", "硬项目", KINDS["works"]), ("政策服务类", "软项目", KINDS["policy"])
_KINDS = dict.fromkeys(_WORKS, "works") | dict.fromkeys(_POLICY, "policy")


def _read_choice(value: Any, meanings: Mapping[str, Any], refusal: str) -> Any:
    """Return what a typed word means; raise ValueError, its words ending in ``refusal``, for any other word."""
    text = str(value or "").strip()
    if text not in meanings:
        raise ValueError(f"“{value}”{refusal}")
    return meanings[text]


def read_funding(value: Any) -> list[dict[str, Any]]:
    """Read 县财政 500；上级专项 360 as one row a source, amounts in 万元. Raises ValueError with words."""
    rows = []
    for part in re.split(r"[；;\n]+", str(value or "")):
        text = part.strip(" 　，,。")
        if not text:
            continue
        match = re.fullmatch(r"(.*?)[\s　:：]*([0-9０-９][0-9０-９,，.．]*)\s*(?:万元)?", text)
        source, amount = (match[1], match[2]) if match else (text, None)
        if not source:
            raise ValueError(f"“{part.strip()}”没有写明来源，请写成“县财政 500；上级专项 360”。")
        rows.append({"source": source, "amount": read_amount(amount)})
    return rows


def read_project(
    cells: Mapping[str, Any], unread: Mapping[str, str], *, year: int, departments: Mapping[str, int]
) -> tuple[dict[str, Any], list[str]]:
    """Read one row of the project sheet as (values, problems). With problems the values are not to be used.

    A blank cell changes nothing: the values hold the filled cells, and always year and name.

    Args:
        cells: heading → content.
        unread: heading → why the content of the cell was refused.
        year: the year of a row that names none.
        departments: name → id of the units in use.
    """
    values: dict[str, Any] = {}
    problems = [f"{heading}：{why}" for heading, why in unread.items()]
    readers = dict(_READERS)
    readers["unit"] = partial(_read_unit, departments=departments)
    readers["year"] = partial(_read_year, year=year)
    for heading, field in COLUMNS.items():
        cell = cells.get(heading)
        if heading in unread or (cell in (None, "") and field.name not in ("year", "name")):
            continue
        with noting(problems, heading):
            values[field.column] = readers[field.kind](cell)
    if cells.get(FUNDING) and FUNDING not in unread:
        with noting(problems, FUNDING):
            values["funding"] = read_funding(cells[FUNDING])
    return values, problems + fault_words(values)


@contextmanager
def noting(problems: list[str], heading: str) -> Iterator[None]:
    """Add why the cell under ``heading`` cannot be read to ``problems``."""
    try:
        yield
    except ValueError as error:
        problems.append(f"{heading}：{error}")


def _read_unit(cell: Any, departments: Mapping[str, int]) -> int:
    name = "".join(str(cell or "").split())
    if name not in departments:
        raise ValueError(f"没有名为“{name}”的责任单位，请核对，或先在“责任单位”中添加。")
    return departments[name]


def _read_year(cell: Any, year: int) -> int:
    text = plain_number(str(cell or year)).removesuffix("年")
    if not text.isdecimal():
        raise ValueError(f"“{cell}”不是年份，请填写四位年份，例如 2027。")
    return int(text)


def read_villages(
    cells: Mapping[str, Any], unread: Mapping[str, str], places: Places
) -> tuple[list[int] | None, list[str]]:
    """Return (ids of the villages that a row names, problems); None instead of ids where the cell is blank."""
    cell, village_ids = cells.get(VILLAGES), None
    problems: list[str] = []
    if VILLAGES not in unread and cell not in (None, ""):  # `read_project` reports a cell that was not read
        with noting(problems, VILLAGES):
            village_ids = places.find_all(str(cell))
    return village_ids, problems


def fault_words(values: Values) -> list[str]:
    """Return `fields.faults` in words, each with the heading of its column."""
    headings = {field.column: field.heading for field in FIELDS}
    headings |= {"funding": FUNDING, "subprojects": "子项目"}
    return [f"{headings[name]}：{words}" for name, words in faults(values).items()]


def read_part(cells: Mapping[str, Any], unread: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Read one row of the 子项目 sheet as (row of a project's "subprojects", problems)."""
    problems = [f"{heading}：{why}" for heading, why in unread.items()]
    row: dict[str, Any] = {
        "name": _text(cells.get("子项目名称")),
        "target": _text(cells.get("年度目标"), lines=True),
        "unit": _text(cells.get("实施单位")),
        "investment": None,
    }
    with noting(problems, "投资（万元）"):
        row["investment"] = read_amount(cells.get("投资（万元）"))
    if fault := part_fault(row):
        problems.append(fault)
    return row, problems


def _text(cell: Any, *, lines: bool = False) -> str:
    text = "" if cell is None else str(cell)
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    return text.strip() if lines else " ".join(text.split())


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "long": partial(_text, lines=True),
    "category": lambda cell: str(cell or "").strip(),
    "money": read_amount,
    "count": read_count,
    "date": read_day,
    "yes": partial(_read_choice, meanings=_YES, refusal="应填“是”或“否”。"),
    "kind": partial(_read_choice, meanings=_KINDS, refusal="不是项目类型，应填“工程类”或“政策服务类”。"),
}


def doubled(keys: Sequence[tuple[int, tuple[int, str]]]) -> dict[int, int]:
    """Return the rows that repeat an earlier one: row → first row with the same key. Keys are (row, (year, name))."""
    first: dict[tuple[int, str], int] = {}
    rows = {number: first.setdefault(key, number) for number, key in keys}
    return {number: first_number for number, first_number in rows.items() if first_number != number}
