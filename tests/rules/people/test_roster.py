"""Reading and comparing the roster: each kind of bad cell has its own words; what is good comes out tidy."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from votes.rules.people.roles import DeputyState
from votes.rules.people.roster import COLUMNS, FileRow, check, clean, compare, in_order

TODAY = date(2027, 1, 15)
GOOD = {"number": "001", "name": "王示例", "delegation": "第一代表团"}


def read(today: date = TODAY, numeric=(), **texts):
    return clean({**GOOD, **texts}, today=today, numeric=numeric)


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("number", " ００１ ", "001"),
        ("number", "a 12", "A12"),
        ("name", "张　三", "张三"),
        ("name", "买买提·艾力", "买买提·艾力"),
        ("name", "Anna  Maria", "Anna Maria"),
        ("gender", "女性", "女"),
        ("ethnicity", "土家", "土家族"),
        ("ethnicity", "汉族", "汉族"),
        ("ethnicity", "穿青人", "穿青人"),
        ("born", "1968-05", "1968-05"),
        ("born", "1968-5", "1968-05"),
        ("born", "1968.11", "1968-11"),
        ("born", "1968/05/12", "1968-05"),
        ("born", "1968年5月", "1968-05"),
        ("born", "1968年5月12日", "1968-05"),
        ("born", "196805", "1968-05"),
        ("born", "19680512", "1968-05"),
        ("born", "１９６８．５", "1968-05"),
        ("born", "1968-05-01 00:00", "1968-05"),
        ("born", "2009-01", "2009-01"),  # eighteen this very month
        ("phone", "13800138000", "13800138000"),
        ("phone", "138-0013-8000", "13800138000"),
        ("phone", "+86 138 0013 8000", "13800138000"),
        ("phone", "0971-8123456", "0971-8123456"),
        ("phone", "(010)61234567-802", "01061234567-802"),
        ("phone", "8123456", "8123456"),
        ("state", "暂停", "suspended"),
        ("state", "", None),
        ("post", "  ", None),
    ],
)
def test_clean_tidies_each_field(field, typed, kept):
    values, problems = read(**{field: typed})
    assert (values[field], problems) == (kept, {})


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("number", "", "没有填写代表证号。"),
        ("name", "　", "没有填写姓名。"),
        ("delegation", "", "没有填写代表团。"),
        ("number", "1" * 25, "代表证号超过 24 个字，请缩短。"),
        ("name", "王" * 31, "姓名超过 30 个字，请缩短。"),
        ("post", "长" * 101, "职务超过 100 个字，请缩短。"),
        ("gender", "M", "性别“M”不认识，请填写“男”或“女”。"),
        ("born", "1968-13", "出生年月“1968-13”不是真实存在的日期，请写成 1968-05 这样的年、月。"),
        ("born", "1969-02-29", "出生年月“1969-02-29”不是真实存在的日期，请写成 1968-05 这样的年、月。"),
        ("born", "六八年", "出生年月“六八年”看不懂，请写成 1968-05 这样的年、月。"),
        ("born", "2027-02", "出生年月“2027-02”晚于今天，请核对。"),
        ("born", "2009-02", "出生年月“2009-02”不满 18 周岁，请核对。"),
        ("born", "1868-05", "出生年月“1868-05”距今超过 120 年，请核对。"),
        (
            "phone",
            "1380013800",
            "手机号“1380013800”不对：应为 11 位手机号，或者带区号的固定电话（如 0971-1234567）。",
        ),
        (
            "phone",
            "12345678901",
            "手机号“12345678901”不对：应为 11 位手机号，或者带区号的固定电话（如 0971-1234567）。",
        ),
        ("state", "退休", "状态“退休”不认识，请填写“在任”、“暂停”、“终止”。"),
    ],
)
def test_clean_refuses_and_says_why(field, typed, message):
    assert read(**{field: typed})[1] == {field: message}


def test_clean_refuses_a_month_that_excel_cut_off():
    assert read(born="1968.1", numeric={"born"})[1] == {
        "born": "出生年月“1968.1”分不清是 1 月还是 10 月（Excel 会去掉末尾的 0），请写成 1968-05 这样的年、月。"
    }
    assert read(born="1968.1")[0]["born"] == "1968-01"
    assert read(born="1968.12", numeric={"born"})[0]["born"] == "1968-12"


def line(row: int, **texts: str) -> FileRow:
    return FileRow(row, {**GOOD, **texts})


def problems(lines, known=()):
    return {c.row: c.problems for c in check(lines, known_numbers=known, today=TODAY)}


def test_check_leaves_out_the_example_row():
    assert problems([line(3, number="示例行", born="?"), line(4)]) == {4: []}


def test_check_of_a_doubled_number_names_the_other_rows():
    assert problems([line(3), line(4, number="002"), line(5, number="００１"), line(6)]) == {
        3: ["代表证号“001”重复，第 5、6 行也是这个号。"],
        4: [],
        5: ["代表证号“001”重复，第 3、6 行也是这个号。"],
        6: ["代表证号“001”重复，第 3、5 行也是这个号。"],
    }


def test_check_notices_lost_zeros_of_known_numbers_only():
    lines = [
        FileRow(3, {**GOOD, "number": "1"}, frozenset({"number"})),
        FileRow(4, {**GOOD, "number": "2"}),
        FileRow(5, {**GOOD, "number": "3"}, frozenset({"number"})),
    ]
    assert problems(lines, known=["001", "002"]) == {
        3: ["代表证号“1”像是丢了开头的 0（名册中有“001”），请把这一列设为文本格式后重新填写。"],
        4: [],
        5: [],
    }


def test_check_refuses_an_unread_cell():
    unread = FileRow(7, {**GOOD, "phone": ""}, unread={"phone": "单元格是公式。"})
    assert problems([unread]) == {7: ["手机号：单元格是公式。"]}


# --- comparing -------------------------------------------------------------------------------------------


def values(number: str, state: str | None = "active", **more):
    return {**dict.fromkeys(COLUMNS), **GOOD, "number": number, "state": state, **more}


def test_compare_matches_by_number():
    standing = {
        "001": values("001", post="村民"),
        "002": values("002"),
        "003": values("003", "suspended"),
        "004": values("004", "ended"),
        "005": values("005", "suspended"),
    }
    plan = compare(
        standing,
        [
            values("001", None, post="村主任", name="李示例"),
            values("002", None),
            values("005", None),
            values("006", None),
        ],
    )
    assert [v["number"] for v in plan.additions] == ["006"]
    assert plan.additions[0]["state"] == DeputyState.ACTIVE
    assert [(c.number, c.fields) for c in plan.changes] == [
        ("001", {"name": ("王示例", "李示例"), "post": ("村民", "村主任")})
    ]
    assert [v["number"] for v in plan.departures] == ["003"]  # 004 has left before
    assert (plan.unchanged, plan.covered, plan.standing) == (2, 3, 4)


@pytest.mark.parametrize(("kept", "covers"), [(0, False), (7, False), (8, True), (10, True)])
def test_plan_covers_most_from_four_fifths(kept, covers):
    standing = {f"{i:03d}": values(f"{i:03d}") for i in range(10)}
    assert compare(standing, list(standing.values())[:kept]).covers_most is covers


def test_plan_covers_most_of_an_empty_roster():
    assert compare({}, [values("001")]).covers_most is True


rosters = st.dictionaries(
    st.sampled_from([f"{i:03d}" for i in range(6)]),
    st.tuples(st.sampled_from(["active", "suspended", "ended"]), st.sampled_from(["甲", "乙"])),
).map(lambda d: {n: values(n, state, name=name) for n, (state, name) in d.items()})


@given(rosters, rosters)
def test_compare_accounts_for_everybody_once(standing, sheet):
    plan = compare(standing, sheet.values())
    assert len(plan.additions) + len(plan.changes) + plan.unchanged == len(sheet)
    missing = [n for n, v in standing.items() if n not in sheet and v["state"] != "ended"]
    assert [v["number"] for v in plan.departures] == missing


@given(rosters, rosters)
def test_compare_after_applying_changes_nothing(standing, sheet):
    plan = compare(standing, sheet.values())
    after = {
        **standing,
        **{str(v["number"]): v for v in plan.additions},
        **{
            c.number: {**standing[c.number], **{k: new for k, (_, new) in c.fields.items()}}
            for c in plan.changes
        },
    }
    again = compare(after, sheet.values())
    assert (again.additions, again.changes, again.unchanged) == ([], [], len(sheet))


@pytest.mark.parametrize(
    ("met", "ordered"),
    [
        (["第二代表团", "第十一代表团", "第一代表团", "第十代表团", "第二代表团"], ["第一代表团", "第二代表团", "第十代表团", "第十一代表团"]),
        (["第3团", "第12团", "第1团"], ["第1团", "第3团", "第12团"]),
        (["第二十一组", "第二十组", "第三组"], ["第三组", "第二十组", "第二十一组"]),
        (["示例镇代表团", "第一代表团", "示例乡代表团"], ["示例镇代表团", "第一代表团", "示例乡代表团"]),
        ([], []),
    ],
)  # fmt: skip
def test_in_order_sorts_new_delegations_by_ordinals(met, ordered):
    assert in_order(met) == ordered
