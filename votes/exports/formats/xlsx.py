"""Excel workbooks: write lists and templates, read what people send back.

People type, paste and merge cells: the reader accepts any blanks and layout, and refuses content that is unclear.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, Literal

import openpyxl
import xlsxwriter
from openpyxl.utils import range_boundaries
from xlsxwriter.utility import xl_col_to_name

Kind = Literal["text", "int", "money", "date", "percent"]
Value = str | int | float | date | None

# --- Writing ----------------------------------------------------------------------------------------------

#: Kind → format of numbers, alignment.
_LOOKS: dict[Kind, tuple[str, str]] = {
    "text": ("@", "left"),
    "int": ("0", "center"),
    "money": ("#,##0.00", "right"),
    "date": ('yyyy"年"m"月"d"日"', "center"),
    "percent": ("0.00%", "right"),
}
_LIST_LENGTH = 255  # Excel refuses a longer list of choices in a rule
_CELL_LENGTH = 32767
_LISTS = "选项"  # hidden worksheet of the choices that are too long for a rule
_TEMPLATE_ROWS = 2000  # how far down the choices and formats of an empty template reach


@dataclass(frozen=True)
class SheetColumn:
    """One column. `width` in characters; `choices` becomes a drop-down, `note` a hint shown at its cells.

    money is in 万元; percent is given in per cent (63.46, not 0.6346). A workbook on its way in is refused without
    the columns that are `required`.
    """

    name: str
    width: float = 12
    kind: Kind = "text"
    choices: Sequence[str] | None = None
    note: str | None = None
    required: bool = False


@dataclass(frozen=True)
class Worksheet:
    """A further list in the same workbook."""

    title: str
    columns: Sequence[SheetColumn]
    rows: Sequence[Sequence[Any]] = ()
    sheet_title: str | None = None


def write(
    title: str,
    columns: Sequence[SheetColumn],
    rows: Iterable[Sequence[Any]],
    *,
    sheet_title: str | None = None,
    notes: Sequence[str] | None = None,
    more: Sequence[Worksheet] = (),
) -> bytes:
    """Write an .xlsx of one list: title, bold frozen head with filter, set up to print on A4 across.

    `more` are further lists, each on a sheet of its own; `notes` become the last sheet 「填写说明」. Without rows it is
    a template to be filled in. Text that a user typed never becomes a formula or a link. A value that does not fit
    the kind of its column is written as text.
    """
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    face = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    looks = {
        "title": {"bold": True, "font_size": 16, "align": "center_across"},
        "head": {"bold": True, "align": "center", "border": 1, "bg_color": "#F2F2F2", "text_wrap": True},
    }
    for kind, (number_format, align) in _LOOKS.items():
        looks[f"blank {kind}"] = {"num_format": number_format, "align": align}
        looks[kind] = {**looks[f"blank {kind}"], "border": 1, "text_wrap": kind == "text"}
    styles = {name: book.add_format({**face, **look}) for name, look in looks.items()}
    for one in (Worksheet(title, columns, list(rows), sheet_title), *more):
        _add_list(book, one, styles)
    if notes:
        _add_notes(book, notes, face)
    book.close()
    return out.getvalue()


def _add_list(book: Any, one: Worksheet, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(_sheet_name(one.sheet_title or one.title))
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, one.title, styles["title"])
    for place in range(1, len(one.columns)):
        # The title runs across the columns without a merge: merged cells break sorting and reading back.
        sheet.write_blank(0, place, None, styles["title"])
    sheet.set_row(1, 22)
    for place, column in enumerate(one.columns):
        sheet.set_column(place, place, column.width, styles[f"blank {column.kind}"])
        sheet.write_string(1, place, column.name, styles["head"])
    for number, row in enumerate(one.rows, start=2):
        for place, (column, value) in enumerate(zip(one.columns, row, strict=True)):
            _write_cell(sheet, number, place, value, column.kind, styles)

    last = max(len(one.rows) + 1, 2)
    sheet.freeze_panes(2, 0)
    sheet.autofilter(1, 0, last, len(one.columns) - 1)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    _add_choices(book, sheet, one.columns, max(last, _TEMPLATE_ROWS + 1))


def _write_cell(sheet: Any, row: int, place: int, value: Any, kind: Kind, styles: dict[str, Any]) -> None:
    style = styles[kind]
    if value is None or value == "":
        sheet.write_blank(row, place, None, style)
    elif kind == "date" and isinstance(value, date):
        sheet.write_datetime(row, place, value, style)
    elif kind in ("int", "money", "percent") and _is_number(value):
        sheet.write_number(row, place, value / 100 if kind == "percent" else value, style)
    else:
        sheet.write_string(row, place, cell_text(value)[:_CELL_LENGTH], styles["text"])


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool | str) and hasattr(value, "__float__")


def _sheet_name(title: str) -> str:
    """Return a valid name of a worksheet: at most 31 characters, no brackets, colons, slashes, marks or outer quotes."""
    return re.sub(r"[\[\]:*?/\\\x00-\x1f]", "", title).strip("' ")[:31] or "Sheet1"


def _add_choices(book: Any, sheet: Any, columns: Sequence[SheetColumn], last: int) -> None:
    lists = book.get_worksheet_by_name(_LISTS)
    for place, column in enumerate(columns):
        rule: dict[str, Any] = {"ignore_blank": True}
        if column.note:
            rule |= {"input_title": column.name[:32], "input_message": column.note[:255]}
        if not column.choices:
            if column.note:
                sheet.data_validation(2, place, last, place, rule | {"validate": "any"})
            continue
        source: Any = list(column.choices)
        if len(",".join(source)) > _LIST_LENGTH or any("," in choice for choice in source):
            if lists is None:
                lists = book.add_worksheet(_LISTS)
                lists.hide()
            free = max(place, 0 if lists.dim_colmax is None else lists.dim_colmax + 1)
            for line, choice in enumerate(source):
                lists.write_string(line, free, choice)
            letter = xl_col_to_name(free)
            source = f"={_LISTS}!${letter}$1:${letter}${len(column.choices)}"
        rule |= {
            "validate": "list",
            "source": source,
            "error_title": "请从列表中选择",
            "error_message": f"“{column.name}”只能填写列表中的内容。",
        }
        sheet.data_validation(2, place, last, place, rule)


def _add_notes(book: Any, notes: Sequence[str], face: dict[str, Any]) -> None:
    sheet = book.add_worksheet("填写说明")
    sheet.set_column(0, 0, 90)
    style = book.add_format({**face, "text_wrap": True, "valign": "top"})
    for line, note in enumerate(notes):
        sheet.write_string(line, 0, note, style)


# --- Reading ----------------------------------------------------------------------------------------------

_HEAD_WITHIN = 10
_BLANK_RUN = 1000  # so many empty rows end a sheet: Excel keeps formatted rows down to 1,048,576
_MAX_UNZIPPED = 64 * 1024 * 1024
_MAX_STRINGS = 16 * 1024 * 1024  # the reader holds this part in memory as a whole
_MAX_COLUMNS = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and any encrypted Office file


class SheetError(ValueError):
    """The file as a whole cannot be read. The message is Chinese, for the user who uploaded it."""


@dataclass(frozen=True)
class Row:
    """One row. `number` is its number in Excel, as the user sees it.

    `values` has every required column, and each optional one that the file has. `unread` maps the columns whose cells
    were refused to the reason; their value is None.
    """

    number: int
    values: dict[str, Value]
    unread: dict[str, str] = field(default_factory=dict)


def tidy(text: str) -> str:
    """Return text without needless blanks: at both ends, doubled, ideographic, non-breaking, invisible."""
    text = re.sub(r"[\u200b-\u200f\u2060\ufeff]", "", text)
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in re.split(r"\r\n|\r|\n|_x000D_", text))
    return "\n".join(lines).strip()


def close_up(text: str) -> str:
    """Return a name without the blanks between its Chinese characters ("张　三"); those between Latin words stay."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", tidy(text))


def cell_text(value: Any) -> str:
    """Return a cell's value as the text that the user meant.

    13800138000.0 and 1.38e10 are written out, whole numbers lose their ".0", dates are 2027-01-15, None is "".
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime) and value.time() != time():
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return tidy(str(value))


def read(
    data: bytes,
    *,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    max_rows: int = 2000,
    may_be_absent: bool = False,
) -> list[Row]:
    """Read the rows under the head that has all of `columns`, from the first worksheet with such a head.

    The head is one of the first ten rows; its names may contain blanks ("姓 名") and have any order, and other columns
    are ignored. Empty rows are skipped. A cell merged downwards counts for each of its rows. Text is tidied, a whole
    number is int, a day is date (with a time of day: datetime), a truth value is 是 or 否; formulas and error values
    are not read (see `Row.unread`). With `may_be_absent`, a missing head, or nothing under it, gives [].

    Raises:
        SheetError: for a file that is no .xlsx (an .xls, encrypted, renamed, damaged, too large when unpacked), without
            a head, with a missing or doubled column, with nothing under the head, or with more than `max_rows` rows.
    """
    _check_file(data)
    lacking: list[str] | None = None
    try:
        # Formulas are read as formulas, to be refused: the value last computed may be missing or out of date.
        loaded = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
        with closing(loaded) as book:
            visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            for sheet in visible or book.worksheets:
                lines = _lines(sheet, _merged_down(data, sheet))
                head, missing = _find_head(lines, columns, optional)
                if head is not None:
                    rows = _rows(lines, head, max_rows)
                    if not rows and not may_be_absent:
                        raise SheetError("表头下面没有内容。请在表头下面逐行填写后重新上传。")
                    return rows
                if missing is not None and (lacking is None or len(missing) < len(lacking)):
                    lacking = missing
    except SheetError:
        raise
    except Exception as error:  # On a damaged part the library raises whatever its parsers raise.
        raise SheetError(
            "文件已损坏，无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx，再重新上传。"
        ) from error
    if may_be_absent:
        return []
    if lacking is None:
        raise SheetError("文件中没有内容。请下载模板，填写后重新上传。")
    if len(lacking) == len(columns):
        raise SheetError(
            f"前 {_HEAD_WITHIN} 行内没有找到表头。表头应有这些列：{'、'.join(columns)}。请对照模板修改。"
        )
    raise SheetError(f"缺少这些列：{'、'.join(lacking)}。请对照模板补上后重新上传，未做任何改动。")


def _check_file(data: bytes) -> None:
    """Refuse a file that is no workbook before anything of it is unpacked."""
    if not data:
        raise SheetError("文件是空的，请重新选择文件。")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SheetError("文件设有打开密码，无法读取。请取消密码后重新上传。")
        raise SheetError("这是旧版 .xls 文件。请用 Excel 或 WPS 打开，另存为 .xlsx 后重新上传。")
    if not data.startswith(b"PK"):
        raise SheetError("这不是 Excel 文件（.xlsx），只改扩展名不行。请另存为 .xlsx 后重新上传。")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    # NotImplementedError: an unknown version of zip
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise SheetError("文件不完整或已损坏。请重新保存后再上传。") from error
    # zipfile never unpacks more than these sizes state, so the check can rely on them.
    biggest = max((part.file_size for part in parts if "sharedStrings" in part.filename), default=0)
    if sum(part.file_size for part in parts) > _MAX_UNZIPPED or biggest > _MAX_STRINGS:
        raise SheetError("文件展开后过大。请只保留需要导入的工作表，删去图片和空白格式后重新上传。")
    if any(part.flag_bits & 1 for part in parts):
        raise SheetError("文件设有打开密码，无法读取。请取消密码后重新上传。")
    if not any(part.filename.startswith("xl/") for part in parts):
        raise SheetError("这不是 Excel 文件（.xlsx），只改扩展名不行。请另存为 .xlsx 后重新上传。")


def _merged_down(data: bytes, sheet: Any) -> dict[tuple[int, int], int]:
    """Return (row, column) of the first of merged cells that span several rows → the last row, counted from 1.

    The streaming reader skips them: they are at the end of the worksheet's part.
    """
    merged = {}
    with zipfile.ZipFile(BytesIO(data)) as archive, archive.open(sheet._worksheet_path) as part:
        rest = b""
        while block := part.read(1 << 20):
            rest += block
            for reference in re.findall(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+\d+:[A-Z]+\d+)"', rest):
                left, top, _, bottom = range_boundaries(reference.decode("ascii"))
                if bottom > top:
                    merged[top, left] = bottom
            rest = rest[-64:]
    return merged


@dataclass(frozen=True)
class _Line:
    number: int
    values: list[Value]
    unread: dict[int, str]


def _lines(sheet: Any, merged: dict[tuple[int, int], int]) -> Iterator[_Line]:
    """Yield the non-empty rows, with merged values carried down."""
    sheet.reset_dimensions()  # Some programs write a wrong size, which the reader would trust.
    held: dict[int, tuple[int, Value]] = {}
    blank = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS), start=1):
        values: list[Value] = []
        unread: dict[int, str] = {}
        for place, cell in enumerate(cells):
            value, refused = _value(cell)
            values.append(value)
            if refused:
                unread[place] = refused
        if all(value is None for value in values) and not unread:
            blank += 1
            if blank >= _BLANK_RUN:
                return
            continue
        blank = 0
        for place, (bottom, value) in list(held.items()):
            if number > bottom:
                del held[place]
            else:
                values.extend([None] * (place + 1 - len(values)))
                values[place] = value
        for place, value in enumerate(values):
            if last := merged.get((number, place + 1)):
                held[place] = (last, value)
        yield _Line(number, values, unread)


def _value(cell: Any) -> tuple[Value, str]:
    """Return the value of a cell, and why it was refused."""
    raw = cell.value
    if raw is None:
        return None, ""
    if cell.data_type == "f":
        return None, "单元格是公式，请改为数值或文字（复制后选择性粘贴为数值）。"
    if cell.data_type == "e":
        return None, f"单元格是错误值 {raw}。"
    if isinstance(raw, bool):
        return ("是" if raw else "否"), ""
    if isinstance(raw, datetime):
        return (raw.date() if raw.time() == time() else raw), ""
    if isinstance(raw, float):
        return (int(raw) if raw.is_integer() else raw), ""
    if isinstance(raw, int | date):
        return raw, ""
    return tidy(str(raw)) or None, ""  # text; a time of day, a length of time


def _head_name(value: Value) -> str:
    """Return a heading without blanks, line breaks and the mark of a required column."""
    return re.sub(r"\s+", "", cell_text(value)).strip("*＊")


def _find_head(
    lines: Iterator[_Line], columns: Sequence[str], optional: Sequence[str]
) -> tuple[dict[str, int] | None, list[str] | None]:
    """Return column → place of the head, or None with what the likeliest row lacks (None: the sheet is empty).

    Leaves `lines` at the first row under the head.
    """
    known = {_head_name(name): name for name in (*columns, *optional)}
    best: list[str] | None = None
    for line in lines:
        if line.number > _HEAD_WITHIN:
            break
        names = [_head_name(value) for value in line.values]
        present = [known[name] for name in names if name in known]
        missing = [name for name in columns if name not in present]
        if not missing:
            doubled = sorted({name for name in present if present.count(name) > 1}, key=present.index)
            if doubled:
                raise SheetError(f"这些列出现了不止一次：{'、'.join(doubled)}。请只保留一列后重新上传。")
            return {known[name]: place for place, name in enumerate(names) if name in known}, []
        if best is None or len(missing) < len(best):
            best = missing
    return None, best


def _rows(lines: Iterator[_Line], head: dict[str, int], max_rows: int) -> list[Row]:
    rows: list[Row] = []
    for line in lines:
        values = {
            name: line.values[place] if place < len(line.values) else None for name, place in head.items()
        }
        unread = {name: line.unread[place] for name, place in head.items() if place in line.unread}
        if all(value is None for value in values.values()) and not unread:
            continue
        if all(_head_name(value) == _head_name(name) for name, value in values.items()):
            continue  # the head again: merged over two rows, or repeated on each page
        if len(rows) == max_rows:
            raise SheetError(f"超过 {max_rows} 行，一次最多导入 {max_rows} 行。请分成几个文件上传。")
        rows.append(Row(line.number, values, unread))
    return rows
