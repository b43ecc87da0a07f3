"""The roster as a workbook: check each row, and compare the file with the roster.

A deputy is a dict of field → text here (`Values`), as the table has it; `state` is a `DeputyState` value. The form
of one deputy uses the same checks, so that a row and a form are refused in the same words.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from votes.rules.people.roles import DeputyState

Values = dict[str, str | None]

#: field → column, in the order of the workbook
COLUMNS = {
    "number": "代表证号",
    "name": "姓名",
    "gender": "性别",
    "ethnicity": "民族",
    "born": "出生年月",
    "delegation": "代表团",
    "constituency": "选区",
    "post": "职务",
    "phone": "手机号",
    "state": "状态",
}
REQUIRED = ("number", "name", "delegation")
#: The username (the body's code of at most 30 characters, a hyphen, the number) has at most 60 characters.
LONGEST = {
    "number": 24,
    "name": 30,
    "ethnicity": 20,
    "delegation": 30,
    "constituency": 100,
    "post": 100,
}
GENDERS = ("男", "女")
STATES = {"在任": DeputyState.ACTIVE, "暂停": DeputyState.SUSPENDED, "终止": DeputyState.ENDED}
STATE_WORDS = {state.value: word for word, state in STATES.items()}
#: The number of the example row in the template.
EXAMPLE = "示例行"
#: 选举法 art. 4: citizens of eighteen years may be elected.
YOUNGEST = 18
#: A file that has at least this share of the deputies in office is taken for the whole roster.
COVERED = (4, 5)


@dataclass(frozen=True)
class FileRow:
    """One row of the file: `row` is its number in Excel, `texts` maps a field to its text as typed.

    `numeric` names the fields whose cells are numbers: Excel drops their leading and trailing zeros. `unread` maps the
    fields whose cells could not be read to the reason.
    """

    row: int
    texts: Mapping[str, str]
    numeric: frozenset[str] = frozenset()
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """A row with its tidied values and every reason to refuse it."""

    row: int
    values: Values
    problems: list[str]


# --- one deputy ----------------------------------------------------------------------------------------


def clean(
    texts: Mapping[str, str | None], *, today: date, numeric: Iterable[str] = ()
) -> tuple[Values, dict[str, str]]:
    """Return the tidied values of one deputy, and field → what is wrong with it.

    Missing fields count as blank. A blank `state` stays None: a new deputy is then in office, a known one keeps its
    state.
    """
    values: Values = {}
    problems: dict[str, str] = {}
    for name in COLUMNS:
        text = _tidy(texts.get(name) or "")
        try:
            values[name] = _read(name, text, today=today, numeric=name in numeric) if text else None
        except ValueError as error:
            values[name], problems[name] = text, str(error)
            continue
        longest = LONGEST.get(name)
        if longest and len(values[name] or "") > longest:
            problems[name] = f"{COLUMNS[name]}超过 {longest} 个字，请缩短。"
    for name in REQUIRED:
        if values[name] is None:
            problems[name] = f"没有填写{COLUMNS[name]}。"
    return values, problems


def _tidy(text: str) -> str:
    """Return text without control characters and needless blanks, in NFC, so that what looks equal is equal."""
    text = unicodedata.normalize("NFC", text)
    readable = (c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join("".join(readable).split())


def _close_up(text: str) -> str:
    """Return text without the blanks between Chinese characters ("张　三"); those between Latin words stay."""
    return re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", text)


def _read(name: str, text: str, *, today: date, numeric: bool) -> str:
    if name == "born":
        return _born(text, today, numeric)
    return _READERS.get(name, _close_up)(text)


def normal_number(text: str) -> str:
    """Return a 代表证号 as the table keeps it: half-width, upper case, no blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def _gender(text: str) -> str:
    text = text.removesuffix("性")
    if text not in GENDERS:
        raise ValueError(f"性别“{text}”不认识，请填写“男”或“女”。")
    return text


def _ethnicity(text: str) -> str:
    text = _close_up(text)
    return f"{text}族" if f"{text}族" in ETHNICITIES else text


def _born(text: str, today: date, numeric: bool) -> str:
    """Return "1968-05" for 1968-05, 1968.5, 1968/05/12, 1968年5月, 196805 and 19680512."""
    hint = "请写成 1968-05 这样的年、月。"
    plain = unicodedata.normalize("NFKC", text)
    if numeric and re.fullmatch(r"\d{4}\.1", plain):
        raise ValueError(f"出生年月“{text}”分不清是 1 月还是 10 月（Excel 会去掉末尾的 0），{hint}")
    match = re.fullmatch(
        r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*(?:月|(?:[-./月]\s*(\d{1,2})\s*日?))?(?: 00:00(?::00)?)?", plain
    ) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})?", plain)
    if not match:
        raise ValueError(f"出生年月“{text}”看不懂，{hint}")
    year, month, day = (int(figures or 1) for figures in match.groups())
    try:
        born = date(year, month, day)
    except ValueError:
        raise ValueError(f"出生年月“{text}”不是真实存在的日期，{hint}") from None
    if born > today:
        raise ValueError(f"出生年月“{text}”晚于今天，请核对。")
    months = (today.year - year) * 12 + today.month - month
    if months < YOUNGEST * 12:
        raise ValueError(f"出生年月“{text}”不满 {YOUNGEST} 周岁，请核对。")
    if year < today.year - 120:
        raise ValueError(f"出生年月“{text}”距今超过 120 年，请核对。")
    return f"{year:04d}-{month:02d}"


def read_phone(text: str) -> str:
    """Return a mobile number as its 11 figures, a landline as typed; ValueError with Chinese words for other text."""
    plain = re.sub(r"[\s()（）]", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"^(\+|00)86-?", "", plain)
    digits = plain.replace("-", "")
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        return digits
    # 区号-号码(-分机), or a local number of 7 or 8 figures
    if re.fullmatch(r"0\d{2,3}-?[2-9]\d{6,7}(-\d{1,5})?", plain) or re.fullmatch(r"[2-9]\d{6,7}", plain):
        return plain
    raise ValueError(f"手机号“{text}”不对：应为 11 位手机号，或者带区号的固定电话（如 0971-1234567）。")


def _state(text: str) -> str:
    if text not in STATES:
        raise ValueError(f"状态“{text}”不认识，请填写{'、'.join(f'“{word}”' for word in STATES)}。")
    return STATES[text].value


_READERS: dict[str, Callable[[str], str]] = {
    "number": normal_number,
    "gender": _gender,
    "ethnicity": _ethnicity,
    "phone": read_phone,
    "state": _state,
}


# --- a whole file ---------------------------------------------------------------------------------------


def check(lines: Iterable[FileRow], *, known_numbers: Iterable[str], today: date) -> list[Checked]:
    """Check every row: its tidied values and all its problems. The template's example is left out.

    Beyond `clean` it refuses cells that could not be read, a number that occurs twice, and a number that has lost its
    leading zeros in Excel ("1" where the roster has "001").
    """
    zeros = {known.lstrip("0"): known for known in known_numbers if known.startswith("0")}
    known = set(known_numbers)
    checked: list[Checked] = []
    rows: dict[str, list[Checked]] = {}
    for line in lines:
        if _tidy(line.texts.get("number") or "") == EXAMPLE:
            continue
        values, problems = clean(line.texts, today=today, numeric=line.numeric)
        problems |= {name: f"{COLUMNS[name]}：{why}" for name, why in line.unread.items()}
        number = values["number"]
        if "number" in line.numeric and number and number not in known and number in zeros:
            problems["number"] = (
                f"代表证号“{number}”像是丢了开头的 0（名册中有“{zeros[number]}”），"
                "请把这一列设为文本格式后重新填写。"
            )
        checked.append(Checked(line.row, values, [problems[name] for name in COLUMNS if name in problems]))
        if number:
            rows.setdefault(number, []).append(checked[-1])
    for number, same in rows.items():
        for one in same if len(same) > 1 else ():
            others = "、".join(str(other.row) for other in same if other is not one)
            one.problems.append(f"代表证号“{number}”重复，第 {others} 行也是这个号。")
    return checked


@dataclass(frozen=True)
class DeputyChange:
    """A deputy whom file and roster have: field → (old, new) of what differs."""

    number: str
    fields: dict[str, tuple[str | None, str | None]]


@dataclass(frozen=True)
class Plan:
    """What applying a file would do."""

    additions: list[Values]
    changes: list[DeputyChange]
    departures: list[Values]  # in office or suspended, and not in the file
    unchanged: int
    covered: int  # deputies in office or suspended whom the file has
    standing: int  # deputies in office or suspended

    @property
    def covers_most(self) -> bool:
        """Tell whether the file looks like the whole roster, so that those missing have left."""
        n, d = COVERED
        return self.covered * d >= self.standing * n


def compare(
    standing: Mapping[str, Values], rows: Iterable[Values], *, refused_numbers: Iterable[str] = ()
) -> Plan:
    """Compare the valid, unique ``rows`` of a file with the roster ``standing`` (number → values).

    The deputies of refused rows do not count as missing from the file.
    """
    by_number = {row["number"] or "": row for row in rows}
    additions = [
        {**row, "state": row["state"] or DeputyState.ACTIVE.value}
        for number, row in by_number.items()
        if number not in standing
    ]
    known = [(number, standing[number], row) for number, row in by_number.items() if number in standing]
    compared = [DeputyChange(number, _differences(old, row)) for number, old, row in known]
    changes = [change for change in compared if change.fields]
    unchanged = len(compared) - len(changes)
    present = [values for values in standing.values() if values["state"] != DeputyState.ENDED]
    in_file = {*by_number, *refused_numbers}
    departures = [values for values in present if values["number"] not in in_file]
    covered = len(present) - len(departures)
    return Plan(additions, changes, departures, unchanged, covered=covered, standing=len(present))


def _differences(old: Values, row: Values) -> dict[str, tuple[str | None, str | None]]:
    """Return field → (old, new) of what differs; a blank state stays as it was."""
    new = {**row, "state": row["state"] or old["state"]}
    return {name: (old[name], new[name]) for name in COLUMNS if old[name] != new[name]}


_FIGURES = {figure: value for value, figure in enumerate("零一二三四五六七八九十")}


def in_order(delegations: Iterable[str]) -> list[str]:
    """Return new delegations by their ordinals (第一, 第二 … 第十二) where all have one, else in the given order."""
    names = list(dict.fromkeys(delegations))
    ordinals = {name: _ordinal(name) for name in names}
    if None in ordinals.values():
        return names
    return sorted(names, key=lambda name: ordinals[name] or 0)


def _ordinal(name: str) -> int | None:
    match = re.match(r"第?(\d{1,3}|[一二三四五六七八九十]{1,3})(?![一二三四五六七八九十\d])", name)
    if not match:
        return None
    if match[1].isdecimal():
        return int(match[1])
    tens, ten, ones = match[1].partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return None
    return (_FIGURES.get(tens, 1) * 10 if ten else 0) + _FIGURES.get(ones if ten else tens, 0)


#: The names of the nationalities of China (GB/T 3304).
ETHNICITIES = (
    "汉族", "蒙古族", "回族", "藏族", "维吾尔族", "苗族", "彝族", "壮族", "布依族", "朝鲜族", "满族",
    "侗族", "瑶族", "白族", "土家族", "哈尼族", "哈萨克族", "傣族", "黎族", "傈僳族", "佤族", "畲族",
    "高山族", "拉祜族", "水族", "东乡族", "纳西族", "景颇族", "柯尔克孜族", "土族", "达斡尔族", "仫佬族",
    "羌族", "布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯族", "阿昌族", "普米族", "塔吉克族", "怒族",
    "乌孜别克族", "俄罗斯族", "鄂温克族", "德昂族", "保安族", "裕固族", "京族", "塔塔尔族", "独龙族",
    "鄂伦春族", "赫哲族", "门巴族", "珞巴族", "基诺族",
)  # fmt: skip
