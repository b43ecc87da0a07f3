"""年中、年末报告: the draft of the government's report to the congress on the year's projects.

Placeholders in 【】 mark what people write in Word. Plain data in, a `Paper` out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from votes.exports.formats.layout import Block, Closing, Paper, PaperTable, Text
from votes.rules.dates import chinese_date
from votes.rules.delivery.lights import plain

MIDYEAR, YEAREND = "midyear", "yearend"
NOTHING = ("", "无", "无。", "暂无", "暂无。")


@dataclass(frozen=True)
class ProjectRow:
    """One project as it stood at the end of the period; money in 万元."""

    name: str
    unit: str
    target: str
    planned: Decimal
    standing: str  # the word of its light, or how it ended
    money: Decimal
    actual: int = 0
    in_place: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    narrative: str = ""
    problems: str = ""
    next_step: str = ""
    late: bool = False  # behind, however much, or not completed
    last_period: str = ""  # of which period the last report is, where it is not the latest
    beyond: str = ""  # 顺延, 跨年度: it goes on beyond its year …
    due_on: date | None = None  # … until then


@dataclass(frozen=True)
class AdjustmentRow:
    """An adjustment that was decided: ``sides`` are (what, before, after)."""

    project: str
    kind: str
    reason: str
    sides: Sequence[tuple[str, str, str]]
    organ: str
    document_number: str
    decided_on: date
    announced_on: date | None
    owed: bool = True  # its announcement is a duty


@dataclass(frozen=True)
class YearReport:
    """Hold the figures of a report.

    ``counts`` are (word, number of projects), in the order of the lights.
    """

    kind: str
    year: int
    place: str
    organ: str  # which congress it is for
    session: str  # where the projects were selected; "" where it is not known
    as_of: date
    rows: Sequence[ProjectRow]
    counts: Sequence[tuple[str, int]]
    beyond: Sequence[tuple[str, int]] = ()  # those that go on beyond their year, by why
    changes: Sequence[AdjustmentRow] = ()
    demo: bool = False

    def total(self, name: str) -> Decimal:
        """Return the sum of a field of the rows.

        The field is money, in_place or paid (万元), or planned or actual (per cent).
        """
        return sum((getattr(row, name) for row in self.rows), Decimal(0))

    def mean(self, name: str) -> str:
        """Return the mean of a percentage of the rows (planned | actual) in words, to one decimal."""
        return f"{plain(_one(self.total(name) / (len(self.rows) or 1)))}%"

    @property
    def title(self) -> str:
        """Return the title of the report."""
        half = "上半年" if self.kind == MIDYEAR else ""
        return f"关于{self.year}年民生实事项目{half}实施情况的报告"


def paper(report: YearReport) -> Paper:
    """Return the draft of the report."""
    blocks: list[Block] = [
        Text(f"{report.organ}：", indent=False),
        Text(_opening(report)),
        _head("一、总体情况"),
        Text(_whole(report)),
        Text(_funds(report)),
        Text("【请填写：组织领导、工作机制和主要做法】"),
        _head("二、各项目进展情况"),
        _table(report),
        *(Text(_each(place, row)) for place, row in enumerate(report.rows, start=1)),
        _head("三、项目调整情况"),
        *_changes(report),
        _head("四、存在的主要问题"),
        *_problems(report),
        Text("【请填写：共性问题和原因分析】"),
        _head("五、下一步工作安排和建议"),
        *(
            Text(f"{row.name}：{row.next_step}")
            for row in report.rows
            if row.late and row.next_step not in NOTHING
        ),
        Text("【请填写：下一步总体安排，以及提请人民代表大会及其常务委员会支持、监督的建议】"),
        Closing(f"{report.place}人民政府", "【　　年　　月　　日】"),
    ]
    return Paper(
        title=report.title,
        subtitle="（据系统数据生成的初稿，方括号处请人工填写）" + ("（示例）" if report.demo else ""),
        blocks=blocks,
        organ=f"{report.place}人民政府",
    )


def _head(words: str) -> Text:
    return Text(words, strong=True)


def _opening(report: YearReport) -> str:
    chosen = f"{report.session}票决选定" if report.session else "票决选定"
    return f"{chosen}{report.year}年民生实事项目 {len(report.rows)} 项。现将截至{chinese_date(report.as_of)}的实施情况报告如下。"


def _whole(report: YearReport) -> str:
    counts = "，".join(f"{word} {number} 项" for word, number in report.counts)
    beyond = "，".join(f"{word} {number} 项" for word, number in report.beyond)
    return (
        f"{len(report.rows)} 项民生实事项目中，{counts}。{f'其中{beyond}。' if beyond else ''}全部项目平均形象进度 {report.mean('actual')}，"
        f"按计划应达到 {report.mean('planned')}。"
    )


def _funds(report: YearReport) -> str:
    money, in_place, paid = (report.total(name) for name in ("money", "in_place", "paid"))
    return (
        f"年度计划投资 {money:,.2f} 万元，累计到位 {in_place:,.2f} 万元，到位率 {_share(in_place, money)}；"
        f"累计拨付 {paid:,.2f} 万元，拨付率 {_share(paid, money)}。"
    )


def _table(report: YearReport) -> PaperTable:
    rows = [
        (
            str(place),
            row.name,
            row.unit,
            f"{plain(row.planned)}%",
            f"{row.actual}%",
            f"{row.standing}（{row.beyond}）" if row.beyond else row.standing,
            f"{row.money:,.2f}",
            f"{row.paid:,.2f}",
        )
        for place, row in enumerate(report.rows, start=1)
    ]
    money, paid = (f"{report.total(name):,.2f}" for name in ("money", "paid"))
    total = ("", "合计（平均）", "", report.mean("planned"), report.mean("actual"), "", money, paid)
    return PaperTable(
        heads=("序号", "项目", "责任单位", "计划", "实际", "状态", "年度投资", "累计拨付"),
        rows=[*rows, total],
        widths=(6, 22, 16, 9, 9, 12, 13, 13),
        aligns=("center", "left", "left", "right", "right", "center", "right", "right"),
        caption="各项目进度和资金（资金单位：万元）",
    )


def _each(place: int, row: ProjectRow) -> str:
    narrative = row.narrative or "【请填写：本期没有报送进展】"
    until = f"（截至{row.last_period}，此后尚未报送）" if row.last_period else ""
    limit = f"{row.beyond}项目，完成时限为{chinese_date(row.due_on)}。" if row.due_on else ""
    return f"{place}．{row.name}（{row.unit or '责任单位未定'}）。年度目标：{_ended(row.target)}{limit}进展{until}：{_ended(narrative)}"


def _ended(words: str) -> str:
    return words if words.endswith(("。", "！", "】")) else f"{words}。"


def _changes(report: YearReport) -> list[Block]:
    """Return each adjustment with its decision, before and after side by side."""
    if not report.changes:
        return [Text("没有调整、暂缓、终止的项目。")]
    blocks: list[Block] = [Text(f"经有权机关决定，调整事项 {len(report.changes)} 件。")]
    for place, each in enumerate(report.changes, start=1):
        number = f"（{each.document_number}）" if each.document_number else ""
        if each.announced_on:
            announced = f"，{chinese_date(each.announced_on)}公告"
        else:
            announced = "，尚未公告" if each.owed else ""
        blocks.append(
            Text(
                f"{place}．{each.project}：{each.kind}。{each.organ}{chinese_date(each.decided_on)}决定{number}{announced}。"
                f"原因：{_ended(each.reason)}"
            )
        )
        if each.sides:
            heads = ("内容", "调整前", "调整后")
            blocks.append(PaperTable(heads, list(each.sides), (16, 42, 42), ("left", "left", "left")))
    return blocks


def _problems(report: YearReport) -> list[Text]:
    rows = [row for row in report.rows if row.problems not in NOTHING]
    if not rows:
        return [Text("各项目没有报送存在的问题。")]
    return [Text(f"{row.name}：{_ended(row.problems)}") for row in rows]


def _one(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{plain(_one(part * 100 / whole))}%" if whole else "—"
