"""What is written about a candidate project: one declaration of each field, and what may be wrong with it.

`FIELDS` drives the form, the page, the versions and their comparison, both workbooks, the public page and the open data. A further field
is one more line here, a column in `models/projects.py` and a migration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from votes.rules.dates import chinese_date

CATEGORIES = (
    "教育",
    "医疗卫生",
    "养老托育",
    "就业创业",
    "社会保障",
    "住房保障",
    "交通出行",
    "饮水水利",
    "环境整治",
    "文化体育",
    "公共安全",
    "便民服务",
    "乡村振兴",
    "城市建设",
    "其他",
)
#: 硬项目 are built, 软项目 are measures that need no site.
KINDS = {"works": "工程类（硬项目）", "policy": "政策服务类（软项目）"}
YEARS = range(2000, 2101)
#: What is written about a project: column of each of the FIELDS, "funding" and "subprojects" → value (see `faults`).
Values = Mapping[str, Any]
MAX_AMOUNT = Decimal("9999999.99")  # 万元: more is a figure in 元 typed by mistake
MAX_PEOPLE = 99_999_999


class Section(StrEnum):
    """The fieldsets of the form, in their order."""

    BASICS = "基本信息"
    WORK = "建设内容"
    MONEY = "投资和资金来源"
    DUTIES = "责任分工"
    CASE = "论证材料"


class PageCard(StrEnum):
    """The cards of a project's page. What stands in the HEAD is worded in the line under its title."""

    HEAD = ""
    AIMS = "内容和目标"
    CASE = "论证材料"
    MONEY = "投资"
    PLACE = "地点、受益和时限"
    DUTIES = "责任分工"


class Published(NamedTuple):
    """How a field is published: its name and meaning in the open data.

    ``worded``: the public page has a sentence of its own for it. The others are listed there under their names.
    """

    name: str
    meaning: str = ""
    worded: bool = False


@dataclass(frozen=True)
class Field:
    """One field of a project.

    limit      how many characters a text may have
    needed     before the project can be submitted
    must       the refusal where even a draft lacks it; the form marks such a field with *
    works_only only 工程类 need it
    alone      has a row of the form to itself; long texts and choices always have
    rank       order within its section of the form and its card, where that is not the order of `FIELDS`
    asks       label in the form, where that is not the heading of the column
    hint, rows what the form says beside it, and the height of a long text
    blank      what the page says where it is empty; None: the line is left out
    width, note  of its column in the workbook; 0: by its kind
    """

    name: str
    label: str
    section: Section
    card: PageCard
    kind: Literal["text", "long", "money", "count", "date", "yes", "category", "kind", "unit", "year"] = (
        "text"
    )
    limit: int = 200
    needed: bool = False
    must: str = ""
    works_only: bool = False
    alone: bool = False
    rank: int = 0
    asks: str = ""
    hint: str = ""
    rows: int = 3
    blank: str | None = "未填写"
    width: int = 0
    note: str | None = None
    public: Published | None = None

    @property
    def column(self) -> str:
        """Return the name of its column in the database and of its box in the form."""
        return "department_id" if self.kind == "unit" else self.name

    @property
    def in_row(self) -> bool:
        """Tell whether the form puts it beside its neighbours."""
        return not self.alone and self.kind not in ("long", "kind", "yes")

    @property
    def empty(self) -> Any:
        """Return its value in an empty form."""
        return {"text": "", "long": "", "category": "", "kind": "works", "yes": False}.get(self.kind)

    @property
    def heading(self) -> str:
        """Return the heading of its column in the workbook."""
        return f"{self.label}（万元）" if self.kind == "money" else self.label


BASICS, WORK, MONEY, DUTIES, CASE = Section

FIELDS = (
    Field("year", "实施年度", BASICS, PageCard.HEAD, "year", needed=True, must="请填写实施年度。",
          note="留空时按上传时选择的年度", public=Published("年度", "实施年度", worded=True)),
    Field("name", "项目名称", BASICS, PageCard.HEAD, limit=60, needed=True, must="请填写项目名称。", alone=True, rank=-1,
          hint="最多 60 个字，写清地点和事项，例如：示例镇至河口村农村公路改造",
          width=30, note="最多 60 个字，同一年度内不能重名", public=Published("项目名称", "票决时的项目名称", worded=True)),
    Field("category", "类别", BASICS, PageCard.HEAD, "category", needed=True, must="请选择类别。", width=12,
          public=Published("类别", "教育、医疗卫生、交通出行等", worded=True)),
    Field("kind", "项目类型", BASICS, PageCard.HEAD, "kind",
          hint="工程类有建设地点和工程量；政策服务类是补贴、服务等措施，可不填建设地点",
          public=Published("性质", "工程类或政策类", worded=True)),
    Field("content", "建设内容和规模", WORK, PageCard.AIMS, "long", 2000, needed=True, rows=4, width=44,
          hint="做什么、做多少，尽量用数字，例如：改造农村公路 12 公里，加装护栏 8 公里",
          public=Published("建设内容", "建设内容和规模", worded=True)),
    Field("target", "年度目标", WORK, PageCard.AIMS, "long", 2000, needed=True, width=36,
          hint="到年底做到什么程度，能够核对，例如：12 月底前完工通车",
          public=Published("年度目标", "当年要完成的目标", worded=True)),
    Field("location", "建设地点", WORK, PageCard.PLACE, works_only=True, hint="例如：示例镇河口村、上坪村",
          public=Published("建设地点", worded=True)),
    Field("total_investment", "总投资", MONEY, PageCard.MONEY, "money", needed=True, hint="万元，最多两位小数，例如：860.00",
          note="单位万元，最多两位小数", public=Published("总投资", "单位：万元", worded=True)),
    Field("year_investment", "当年计划投资", MONEY, PageCard.MONEY, "money", needed=True, hint="不跨年度的项目与总投资相同",
          note="单位万元，最多两位小数", public=Published("当年计划投资", "票决时的当年计划投资，单位：万元", worded=True)),
    Field("due_on", "完成时限", WORK, PageCard.PLACE, "date", needed=True, rank=1, width=16, note="例如 2027-12-20"),
    Field("benefit_scope", "受益范围", WORK, PageCard.PLACE, needed=True, hint="例如：沿线 6 个村",
          public=Published("受益范围", worded=True)),
    Field("beneficiaries", "受益人数", WORK, PageCard.PLACE, "count", asks="受益人数（人）", hint="例如：8200",
          public=Published("受益人数", "单位：人", worded=True)),
    Field("department", "牵头单位", DUTIES, PageCard.DUTIES, "unit", needed=True, width=18,
          note="须与“责任单位”中的名称一致"),
    Field("partners", "协同单位", DUTIES, PageCard.DUTIES, hint="多个单位用顿号隔开", blank=None),
    Field("leader", "分管领导", DUTIES, PageCard.DUTIES, limit=60, hint="例如：副县长 示例某"),
    Field("multi_year", "跨年度", WORK, PageCard.HEAD, "yes", rank=1, asks="跨年度项目",
          hint="在实施年度内不能完成的，勾选后写明本年度要达到的阶段性目标"),
    Field("stage_goal", "年度阶段性目标", WORK, PageCard.AIMS, "long", 2000, rank=1, rows=2, blank=None,
          hint="跨年度项目写明本年度要达到的阶段性目标"),
    Field("background", "立项背景", CASE, PageCard.CASE, "long", 5000, blank=None,
          hint="为什么要做，群众和代表提出过哪些意见"),
    Field("feasibility", "可行性分析", CASE, PageCard.CASE, "long", 5000, blank=None),
    Field("preparation", "前期手续", CASE, PageCard.CASE, "long", 5000, blank=None, rows=2,
          hint="土地、环评、能评、立项等手续办到哪一步"),
    Field("safeguards", "保障措施", CASE, PageCard.CASE, "long", 5000, blank=None, rows=2),
)  # fmt: skip
FIELD = {field.name: field for field in FIELDS}
#: In the order of the form and of the page.
IN_FORM = tuple(sorted(FIELDS, key=lambda field: (list(Section).index(field.section), field.rank)))


def amount_words(value: Decimal | None) -> str:
    """Return 1234.00万元, as printed on a ballot; nothing for no amount."""
    return "" if value is None else f"{value:.2f}万元"


def day_words(value: date | None) -> str:
    """Return 2027年12月20日; nothing for no day."""
    return "" if value is None else chinese_date(value)


# --- faults: what cannot be saved ------------------------------------------------------------------------


def _text_fault(field: Field, value: str) -> str | None:
    length = len(value)
    return f"最多 {field.limit} 个字，现在有 {length} 个。" if length > field.limit else None


def _amount_fault(value: Decimal | None) -> str | None:
    if value is None:
        return None
    if value < 0:
        return "金额不能是负数。"
    if value > MAX_AMOUNT:
        return "金额过大，请确认单位是万元。"
    if value != value.quantize(Decimal("0.01")):
        return "金额以万元为单位，最多保留两位小数。"
    return None


def _count_fault(field: Field, value: int | None) -> str | None:
    within = value is None or 0 <= value <= MAX_PEOPLE
    return None if within else "人数应为 0 至 99999999 之间的整数。"


def _category_fault(field: Field, value: str) -> str | None:
    if value in CATEGORIES:
        return None
    return f"应为以下之一：{'、'.join(CATEGORIES)}。" if value else field.must


#: kind → (field, value) → what is wrong; of a unit the database decides.
_FAULTS: dict[str, Callable[[Field, Any], str | None]] = {
    "text": _text_fault,
    "long": _text_fault,
    "money": lambda field, value: _amount_fault(value),
    "count": _count_fault,
    "category": _category_fault,
    "kind": lambda field, value: None if value in KINDS else "应为工程类或政策服务类。",
    "year": lambda field, value: None if value in YEARS else "应为四位年份，例如 2027。",
    "date": lambda field, value: None if value is None or value.year in YEARS else "日期不对，请核对年份。",
}


def faults(values: Values) -> dict[str, str]:
    """Return what cannot be saved at all: column → message. A draft may be incomplete, but never wrong.

    ``values`` holds the FIELDS by column (amounts as Decimal in 万元, days as date, texts as str), and "funding"
    and "subprojects" as lists of dicts; absent keys are not judged.
    """
    messages: dict[str, str] = {}
    given = [field for field in FIELDS if field.column in values]
    for field in given:
        judge = _FAULTS.get(field.kind)
        if judge and (fault := judge(field, values[field.column])):
            messages[field.column] = fault
    for field in given:
        if field.must and field.kind == "text" and not values[field.column].strip():
            messages[field.column] = field.must
    for name, fault_of in (("funding", funding_fault), ("subprojects", part_fault)):
        for place, row in enumerate(values.get(name, ()), start=1):
            if fault := fault_of(row):
                messages.setdefault(name, f"第 {place} 行：{fault}")
    return messages


def funding_fault(row: Mapping[str, Any]) -> str | None:
    """Return what is wrong with one source of money {"source", "amount"}."""
    if not row["source"].strip():
        return "没有填写资金来源。"
    if len(row["source"]) > 60:
        return "资金来源最多 60 个字。"
    return _amount_fault(row["amount"])


def part_fault(row: Mapping[str, Any]) -> str | None:
    """Return what is wrong with one sub-project {"name", "target", "unit", "investment"}."""
    if not row["name"].strip():
        return "没有填写子项目名称。"
    for key, noun, limit in (("name", "子项目名称", 100), ("target", "目标", 2000), ("unit", "实施单位", 60)):
        if len(row[key]) > limit:
            return f"{noun}最多 {limit} 个字。"
    return _amount_fault(row["investment"])


# --- gaps: what keeps a draft from being submitted -------------------------------------------------------


class Gap(NamedTuple):
    """What keeps a project from being submitted: the column, and what is wrong with it."""

    field: str
    words: str


def gaps(values: Values) -> list[Gap]:
    """Return what is missing or contradicts itself, in the order of `FIELDS`; empty: it can be submitted.

    A draft is saved with gaps; 陕西 2025 规定 art. 17 asks for unit, target, time limit and money of each project.
    """
    empty = [field for field in FIELDS if values[field.column] in (None, "")]
    missing = [Gap(field.column, f"未填写{field.label}") for field in empty if field.needed]
    if values["kind"] == "works":
        missing += [
            Gap(field.column, f"工程类项目未填写{field.label}") for field in empty if field.works_only
        ]
    return missing + _gaps_of_money(values) + _gaps_of_time(values)


def _gaps_of_money(values: Values) -> list[Gap]:
    total, this_year, funding = (values[name] for name in ("total_investment", "year_investment", "funding"))
    missing = []
    if not funding:
        missing.append(Gap("funding", "未填写资金来源"))
    if total is not None and this_year is not None and this_year > total:
        missing.append(Gap("year_investment", "当年计划投资大于总投资"))
    amounts = [row["amount"] for row in funding]
    if total is not None and funding and None not in amounts and sum(amounts) != total:
        both = f"资金来源合计 {amount_words(sum(amounts, Decimal(0)))}，与总投资 {amount_words(total)} 不一致"
        missing.append(Gap("funding", both))
    return missing


def _gaps_of_time(values: Values) -> list[Gap]:
    year, due, multi_year = (values[name] for name in ("year", "due_on", "multi_year"))
    missing = []
    if due is not None and due.year < year:
        missing.append(Gap("due_on", "完成时限早于实施年度"))
    if due is not None and due.year > year and not multi_year:
        missing.append(Gap("due_on", "完成时限晚于实施年度，但没有标明跨年度"))
    if multi_year and not values["stage_goal"]:
        missing.append(Gap("stage_goal", "跨年度项目未填写年度阶段性目标"))
    return missing
