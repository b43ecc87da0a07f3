import csv
from datetime import date, datetime

import pytest
from hypothesis import given, strategies as st

from votes.exports.formats.table import csv_bytes


def back(data: bytes) -> list[list[str]]:
    return list(csv.reader(data.decode("utf-8-sig").splitlines(keepends=True)))


def test_bom_and_line_ends():
    assert (
        csv_bytes(["姓名", "票数"], [["示例甲", 3]]) == b"\xef\xbb\xbf" + "姓名,票数\r\n示例甲,3\r\n".encode()
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-x", "'-x"),
        ("@cmd", "'@cmd"),
        ("\tx", "'\tx"),
        (-3, "-3"),
        (-2.5, "-2.5"),
        (None, ""),
        (True, "是"),
        (False, "否"),
        (date(2027, 1, 5), "2027-01-05"),
        (datetime(2027, 1, 5, 8, 3), "2027-01-05 08:03:00"),
        ('示例"甲",乙', '示例"甲",乙'),
        ("上\n下", "上\n下"),
    ],
)
def test_cells(value, written):
    assert back(csv_bytes(["列"], [[value, "末"]]))[1] == [written, "末"]


def test_heads_are_neutralised_too():
    assert back(csv_bytes(["=列"], []))[0] == ["'=列"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1))
def test_no_text_ever_starts_a_formula(text):
    written = back(csv_bytes(["列"], [[text, ""]]))[1][0]
    assert written[0] not in "=+-@"
    assert written.removeprefix("'") == text.removeprefix("'")
