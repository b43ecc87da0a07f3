"""Writing workbooks and reading what people send back."""

import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

from votes.exports.formats.docx import Official
from votes.exports.formats.xlsx import (
    SheetColumn,
    SheetError,
    Worksheet,
    cell_text,
    close_up,
    read,
    tidy,
    write,
)

COLUMNS = [
    SheetColumn("代表证号", 10),
    SheetColumn("姓名", 12, note="与身份证一致"),
    SheetColumn("性别", 6, choices=["男", "女"]),
    SheetColumn("出生年月", 14, "date"),
    SheetColumn("投资", 12, "money"),
    SheetColumn("人数", 8, "int"),
    SheetColumn("完成率", 10, "percent"),
]
NAMES = [column.name for column in COLUMNS]
ROW = ["0001", "示例甲", "男", date(1980, 5, 1), 1234.5, 12, 63.46]


def sheet_of(data: bytes):
    return openpyxl.load_workbook(BytesIO(data)).worksheets[0]


def book(*lines: list, merge: tuple[str, ...] = (), title: str = "Sheet1") -> bytes:
    """Return a workbook as a person would make it, by another library than ours."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = title
    for line in lines:
        sheet.append(line)
    for area in merge:
        sheet.merge_cells(area)
    return saved(made)


def saved(made) -> bytes:
    out = BytesIO()
    made.save(out)
    return out.getvalue()


# --- Writing ----------------------------------------------------------------------------------------------


def test_layout_for_reading_and_printing():
    sheet = sheet_of(write("代表名册", COLUMNS, [ROW, ROW]))
    assert sheet.title == "代表名册"
    assert sheet["A1"].value == "代表名册"
    assert [cell.value for cell in sheet[2]] == NAMES
    assert all(cell.font.bold for cell in sheet[2])
    assert sheet.freeze_panes == "A3"
    assert sheet.auto_filter.ref == "A2:G4"
    assert sheet.print_title_rows == "$1:$2"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)  # 1 goes without saying
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert list(sheet.merged_cells.ranges) == []


def test_kinds_keep_their_values_and_formats():
    cells = sheet_of(write("x", COLUMNS, [ROW]))[3]
    assert [cell.value for cell in cells] == [
        "0001",
        "示例甲",
        "男",
        datetime(1980, 5, 1),
        1234.5,
        12,
        0.6346,
    ]
    assert [cell.number_format for cell in cells] == [
        *("@", "@", "@"),
        'yyyy"年"m"月"d"日"',
        *("#,##0.00", "0", "0.00%"),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("int", "三", "三"),
        ("int", True, "是"),
        ("date", "明年", "明年"),
        ("money", None, None),
        ("money", "", None),
        ("money", Decimal("12.34"), 12.34),
        ("percent", Decimal("50"), 0.5),
        ("text", 13800138000.0, "13800138000"),
        ("text", date(2027, 1, 5), "2027-01-05"),
    ],
)
def test_what_does_not_fit_its_kind_is_text(kind, value, found):
    assert sheet_of(write("x", [SheetColumn("列", 9, kind)], [[value]]))["A3"].value == found


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "@x", "+1", "http://example.cn", "{=A1}"])
def test_typed_text_never_becomes_a_formula_or_a_link(text):
    cell = sheet_of(write(text, [SheetColumn(text)], [[text]]))["A3"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_choices_are_a_list_and_notes_a_hint():
    rules = sheet_of(write("x", COLUMNS, [])).data_validations.dataValidation
    found = {str(rule.sqref): (rule.type, rule.formula1, rule.promptTitle, rule.prompt) for rule in rules}
    assert found == {
        "B3:B2002": (None, None, "姓名", "与身份证一致"),
        "C3:C2002": ("list", '"男,女"', None, None),
    }


@pytest.mark.parametrize("choices", [[f"示例镇第{n}选区" for n in range(80)], ["甲,乙", "丙"]])
def test_choices_too_long_for_a_rule_or_with_commas_go_to_a_hidden_sheet(choices):
    made = openpyxl.load_workbook(
        BytesIO(write("x", [SheetColumn("名"), SheetColumn("选区", choices=choices)], []))
    )
    assert made["选项"].sheet_state == "hidden"
    assert [cell.value for cell in made["选项"]["B"]] == choices
    (rule,) = made.worksheets[0].data_validations.dataValidation
    assert rule.formula1 == f"选项!$B$1:$B${len(choices)}"


def test_further_lists_have_sheets_and_choices_of_their_own():
    long = [[f"{kind}第{n}选区" for n in range(80)] for kind in ("甲", "乙")]
    data = write(
        "项目",
        [SheetColumn("编号", choices=long[0])],
        [["1"]],
        more=[Worksheet("子项目", [SheetColumn("名", choices=long[1])])],
    )
    made = openpyxl.load_workbook(BytesIO(data))
    assert [sheet.title for sheet in made if sheet.sheet_state == "visible"] == ["项目", "子项目"]
    assert [cell.value for cell in made["子项目"][2]] == ["名"]
    rules = [made[name].data_validations.dataValidation[0].formula1 for name in ("项目", "子项目")]
    assert rules == ["选项!$A$1:$A$80", "选项!$B$1:$B$80"]
    assert [[cell.value for cell in column] for column in made["选项"].iter_cols()] == long


@pytest.mark.parametrize(
    ("title", "name"),
    [("名[册]:*?/\\", "名册"), ("示" * 40, "示" * 31), ("'名册'", "名册"), ("///", "Sheet1")],
)
def test_sheet_names_that_excel_refuses(title, name):
    assert sheet_of(write("x", [SheetColumn("列")], [], sheet_title=title)).title == name


def test_notes_become_a_second_sheet():
    made = openpyxl.load_workbook(
        BytesIO(write("x", [SheetColumn("列")], [], notes=["一、请勿改动表头。", "=二"]))
    )
    assert made.sheetnames == ["x", "填写说明"]
    assert [cell.value for cell in made["填写说明"]["A"]] == ["一、请勿改动表头。", "=二"]


def test_a_row_of_another_length_is_a_mistake_of_ours():
    with pytest.raises(ValueError):
        write("x", COLUMNS, [["0001"]])


# --- Reading ----------------------------------------------------------------------------------------------


def test_our_own_list_reads_back():
    rows = read(write("代表名册", COLUMNS, [ROW], notes=["说明"]), columns=NAMES)
    assert [(row.number, row.values, row.unread) for row in rows] == [
        (3, dict(zip(NAMES, [*ROW[:-1], 0.6346], strict=True)), {})
    ]


printable = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(printable, min_size=1, max_size=8))
def test_any_text_reads_back_tidied(texts):
    rows = read(
        write("x", [SheetColumn("号", 5, "int"), SheetColumn("文")], list(enumerate(texts))),
        columns=["号", "文"],
    )
    assert [row.values["文"] for row in rows] == [tidy(text) or None for text in texts]


@pytest.mark.parametrize(
    "lines",
    [
        [["号", "姓名"], [1, "甲"]],
        [["示例县代表名册"], [], ["填表单位", "示例镇"], ["号", "姓名"], [1, "甲"]],
        [["姓　名", "序号", " 号"], ["甲", 9, 1]],
        [["*号", "姓\n名＊"], [1, "甲"]],
        [[], [], [], [], [], [], [], [], [], ["号", "姓名"], [1, "甲"]],
        [["号", "姓名"], [None, "　 "], [], [1, "甲"], [None, None], ["", " "]],
        [["号", "姓名"], ["号", "姓名"], [1, "甲"], ["号", "姓名"]],
    ],
)
def test_the_head_is_found_and_empty_lines_are_passed_over(lines):
    rows = read(book(*lines), columns=["号", "姓名"])
    assert [row.values for row in rows] == [{"号": 1, "姓名": "甲"}]
    number = next(place for place, line in enumerate(lines, start=1) if "甲" in line)
    assert rows[0].number == number


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("　张　三 ", "张 三"),
        ("示\u200b例\ufeff", "示例"),
        ("上 \r\n 下", "上\n下"),
        (13800138000, 13800138000),
        (13800138000.0, 13800138000),
        (1.38e10, 13800000000),
        (0.5, 0.5),
        (True, "是"),
        (False, "否"),
        (datetime(1980, 5, 1), date(1980, 5, 1)),
        (datetime(1980, 5, 1, 8, 30), datetime(1980, 5, 1, 8, 30)),
        (time(8, 30), "08:30:00"),
        ("=", "="),
        ("　", None),
    ],
)
def test_values(typed, found):
    (row,) = read(book(["号", "值"], [1, typed]), columns=["号", "值"])
    assert row.values["值"] == found
    assert type(row.values["值"]) is type(found)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("=A2+1", "单元格是公式，请改为数值或文字（复制后选择性粘贴为数值）。"),
        ("#N/A", "单元格是错误值 #N/A。"),
    ],
)
def test_formulas_and_errors_are_not_read_but_reported(typed, why):
    made = openpyxl.Workbook()
    made.active.append(["号", "值"])
    made.active.append([1, typed])
    (row,) = read(saved(made), columns=["号", "值"])
    assert (row.values, row.unread) == ({"号": 1, "值": None}, {"值": why})


def test_a_line_with_nothing_but_a_formula_is_still_a_line():
    (row,) = read(book(["号", "值"], [None, "=1"]), columns=["号", "值"])
    assert row.unread.keys() == {"值"}


def test_optional_columns_come_only_if_there():
    data = book(["号", "备注"], [1, "略"])
    (row,) = read(data, columns=["号"], optional=["备注", "电话"])
    assert row.values == {"号": 1, "备注": "略"}


def test_a_cell_merged_downwards_counts_for_each_line():
    data = book(
        ["代表团", "姓名"],
        ["一团", "甲"],
        [None, "乙"],
        [None, None],
        [None, "丙"],
        [None, "丁"],
        merge=("A2:A5",),
    )
    rows = read(data, columns=["代表团", "姓名"])
    assert [(row.number, row.values["代表团"], row.values["姓名"]) for row in rows] == [
        (2, "一团", "甲"),
        (3, "一团", "乙"),
        (5, "一团", "丙"),
        (6, None, "丁"),
    ]


def test_a_head_of_two_lines_and_a_title_across():
    data = book(
        ["示例县名册", None, None],
        ["号", "姓名", "联系方式"],
        [None, None, "手机"],
        [1, "甲", 138],
        merge=("A1:C1", "A2:A3", "B2:B3"),
    )
    assert [row.values for row in read(data, columns=["号", "姓名"])] == [{"号": 1, "姓名": "甲"}]


def test_the_sheet_with_the_head_is_read_and_hidden_ones_are_not():
    made = openpyxl.Workbook()
    made.active.append(["说明"])
    hidden = made.create_sheet("旧名册")
    hidden.append(["号", "姓名"])
    hidden.append([1, "旧"])
    hidden.sheet_state = "hidden"
    sheet = made.create_sheet("名册")
    sheet.append(["号", "姓名"])
    sheet.append([1, "新"])
    assert [row.values["姓名"] for row in read(saved(made), columns=["号", "姓名"])] == ["新"]


def test_formatted_empty_lines_down_the_sheet_do_no_harm():
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["号"])
    sheet.append([1])
    for line in range(3, 3000):
        sheet.cell(line, 1).number_format = "@"
    sheet.cell(1_048_576, 1).number_format = "@"
    assert len(read(saved(made), columns=["号"], max_rows=1)) == 1


def test_a_wrong_size_in_the_file_is_not_believed():
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(book(["号", "姓名"], [1, "甲"]))) as source,
        zipfile.ZipFile(out, "w") as target,
    ):
        for part in source.infolist():
            data = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                assert b'<dimension ref="A1:B2"' in data
                data = data.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1"')
            target.writestr(part.filename, data)
    (row,) = read(out.getvalue(), columns=["号", "姓名"])
    assert row.values == {"号": 1, "姓名": "甲"}


def bomb() -> bytes:
    out = BytesIO(book(["号"], [1]))
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/x.bin", "w") as part,
    ):
        for _ in range(65):
            part.write(b"\0" * (1 << 20))
    return out.getvalue()


def strings_bomb() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b" " * (17 << 20))
    return out.getvalue()


def entity_bomb() -> bytes:
    """Ten letters that would grow to a gigabyte."""
    out = BytesIO()
    steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    with (
        zipfile.ZipFile(BytesIO(book(["号"], ["甲"]))) as source,
        zipfile.ZipFile(out, "w") as target,
    ):
        for part in source.infolist():
            data = source.read(part)
            if part.filename == "xl/workbook.xml":
                data = f'<!DOCTYPE x [<!ENTITY e0 "x">{steps}]>'.encode() + data.replace(b"Sheet1", b"&e9;")
            target.writestr(part.filename, data)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
WORD = Official(title="x").save()
NOT_EXCEL = "这不是 Excel 文件（.xlsx），只改扩展名不行。请另存为 .xlsx 后重新上传。"
DAMAGED = "文件已损坏，无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx，再重新上传。"
TOO_BIG = "文件展开后过大。请只保留需要导入的工作表，删去图片和空白格式后重新上传。"
LOCKED = "文件设有打开密码，无法读取。请取消密码后重新上传。"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件是空的，请重新选择文件。"),
        (OLE, "这是旧版 .xls 文件。请用 Excel 或 WPS 打开，另存为 .xlsx 后重新上传。"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), LOCKED),
        ("号,姓名\n1,甲".encode(), NOT_EXCEL),
        (WORD, NOT_EXCEL),
        (b"PK\x03\x04 cut off", "文件不完整或已损坏。请重新保存后再上传。"),
        (book(["号"], [1])[:-40], "文件不完整或已损坏。请重新保存后再上传。"),
        (bomb(), TOO_BIG),
        (strings_bomb(), TOO_BIG),
        (entity_bomb(), DAMAGED),
        (book(), "文件中没有内容。请下载模板，填写后重新上传。"),
        (book(["号", "姓名"]), "表头下面没有内容。请在表头下面逐行填写后重新上传。"),
        (book(["号", "姓名"], ["　", None]), "表头下面没有内容。请在表头下面逐行填写后重新上传。"),
        (book(["号", "电话"], [1, 2]), "缺少这些列：姓名。请对照模板补上后重新上传，未做任何改动。"),
        (
            book(["甲", "乙"], [1, 2]),
            "前 10 行内没有找到表头。表头应有这些列：号、姓名。请对照模板修改。",
        ),
        (
            book(*[["说明"]] * 10, ["号", "姓名"], [1, "甲"]),
            "前 10 行内没有找到表头。表头应有这些列：号、姓名。请对照模板修改。",
        ),
        (book(["号", "姓名", "姓 名"], [1, 2, 3]), "这些列出现了不止一次：姓名。请只保留一列后重新上传。"),
        (
            book(["号", "姓名"], *[[n, "甲"] for n in range(6)]),
            "超过 5 行，一次最多导入 5 行。请分成几个文件上传。",
        ),
    ],
)
def test_files_that_cannot_be_read_say_why(data, words):
    with pytest.raises(SheetError) as refused:
        read(data, columns=["号", "姓名"], max_rows=5)
    assert str(refused.value) == words


def test_exactly_as_many_lines_as_allowed():
    assert len(read(book(["号"], *[[n] for n in range(5)]), columns=["号"], max_rows=5)) == 5


WHOLE = book(["号", "姓名"], [1, "甲"])


def test_a_part_in_a_version_that_does_not_exist_is_damage():
    """Python's zipfile raises NotImplementedError for it."""
    whole = bytearray(WHOLE)
    whole[whole.index(b"PK\x01\x02") + 6] = 84
    with pytest.raises(SheetError, match="文件不完整或已损坏"):
        read(bytes(whole), columns=["号", "姓名"])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=6))
def test_a_damaged_file_is_refused_and_never_breaks_us(flips):
    whole = bytearray(WHOLE)
    for place, bits in flips:
        whole[place % len(whole)] ^= bits
    try:
        rows = read(bytes(whole), columns=["号", "姓名"])
    except SheetError:
        return
    assert all(row.values.keys() == {"号", "姓名"} for row in rows)


# --- Text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (13800138000, "13800138000"),
        (1.3800138e10, "13800138000"),
        (0.1, "0.1"),
        (1e22, "10000000000000000000000"),
        (date(2027, 1, 5), "2027-01-05"),
        (datetime(2027, 1, 5), "2027-01-05"),
        (datetime(2027, 1, 5, 8, 3), "2027-01-05 08:03"),
        (True, "是"),
        ("　示例 ", "示例"),
    ],
)
def test_cell_text(value, text):
    assert cell_text(value) == text


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张　三", "张三"),
        (" 王 小 明 ", "王小明"),
        ("阿不都·买买提", "阿不都·买买提"),
        ("John Smith", "John Smith"),
        ("𬍛 𫖯", "𬍛𫖯"),
    ],
)
def test_names_are_closed_up(typed, name):
    assert close_up(typed) == name
