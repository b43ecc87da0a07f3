"""The documents of adjustments and acceptances: 调整申请表, 调整公告, 验收表.

Each is a function from plain data to a `Paper`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from votes.exports.formats.layout import Align, Block, Closing, Paper, PaperTable, Signatures, Text
from votes.exports.formats.official import close_up
from votes.rules.dates import chinese_date

KINDS = {
    "major": "重大调整",
    "suspend": "暂缓实施",
    "terminate": "终止实施",
    "resume": "恢复实施",
    "minor": "一般调整",
}
CAUSES = {"force_majeure": "不可抗力", "policy": "政策变化", "other": "其他"}
MARKS = {"met": "达到", "partly": "基本达到", "unmet": "未达到"}
CONCLUSIONS = {"passed": "通过", "conditional": "整改后通过", "failed": "不通过"}
ACCEPTANCES = {"works": "竣工验收", "deputies": "人大验收"}

_PAIR: list[Align] = ["center", "left"]


@dataclass(frozen=True, kw_only=True)
class _FormData:
    """The facts that both forms have; ``kind``: of the adjustment or acceptance."""

    body: str
    project: str
    year: int
    unit: str
    kind: str
    opinion: str = ""


@dataclass(frozen=True, kw_only=True)
class AdjustmentData(_FormData):
    """The content of the application; ``sides`` are (label, before, after)."""

    leader: str
    cause: str
    reason: str
    sides: Sequence[tuple[str, str, str]]
    applied_by: str
    applied_on: date
    organ: str
    decision: str = ""
    document_number: str = ""
    decided_on: date | None = None


def _pairs(caption: str, *rows: tuple[str, str]) -> PaperTable:
    return PaperTable(["项目", "内容"], rows, [26, 74], _PAIR, caption)


def _day(day: date | None) -> str:
    return chinese_date(day) if day else ""


def adjustment_form(data: AdjustmentData) -> Paper:
    """Return 民生实事项目调整申请表.

    It has the application, the values before and after, and the decision (blank until there is one).
    """
    heads, aligns = ["内容", "调整前", "调整后"], [*_PAIR, "left"]
    sides = PaperTable(heads, [list(side) for side in data.sides], [20, 40, 40], aligns, "二、前后对照")
    blocks: list[Block] = [
        _pairs(
            "一、申请事项",
            ("项目名称", data.project),
            ("实施年度", f"{data.year}年"),
            ("责任单位", data.unit or "未定"),
            *([("分管领导", data.leader)] if data.leader else []),
            ("申请类型", KINDS[data.kind]),
            ("原因类别", CAUSES[data.cause]),
            ("原因和依据", data.reason),
        ),
        *([sides] if data.sides else []),
        _pairs(
            f"{'三' if data.sides else '二'}、决定情况",
            ("决定机关", data.organ),
            ("决定", data.decision),
            ("文号", data.document_number),
            ("决定日期", _day(data.decided_on)),
            ("意见", data.opinion),
        ),
        Signatures([(who, "", "") for who in (_DECIDED if data.decision else _APPLYING)]),
        Closing(data.applied_by, chinese_date(data.applied_on)),
    ]
    return Paper("民生实事项目调整申请表", blocks, subtitle=data.body, organ=data.body, form=True)


#: Who signs the application, before and after it is decided.
_APPLYING, _DECIDED = ("责任单位（盖章）", "政府（盖章）"), ("登记人",)


def notice_words(data: AdjustmentData, due_on: date) -> str:
    """Return the proposed words of the announcement, one paragraph a line."""
    day = _day(data.decided_on) or "　　年　　月　　日"
    number = f"（{data.document_number}）" if data.document_number else ""
    changes, resumed = data.kind in ("major", "minor"), data.kind == "resume"
    limit = f"，完成时限为{chinese_date(due_on)}" if resumed else ""
    act = "作如下调整：" if changes else f"{KINDS[data.kind]}{limit}。"
    lines = [f"{day}，{data.organ}决定{number}，对{data.year}年民生实事项目“{data.project}”{act}"]
    if changes:
        last = len(data.sides) - 1
        lines += [
            f"{label}由“{before.rstrip('。')}”调整为“{after.rstrip('。')}”{'。' if place == last else '；'}"
            for place, (label, before, after) in enumerate(data.sides)
        ]
    lines += [f"{'恢复' if resumed else '调整'}原因：{data.reason}", "现予公告。"]
    return "\n".join(lines)


def adjustment_notice(data: AdjustmentData, announcer: str, words: str, announced_on: date) -> Paper:
    """Return the announcement as it is published, under the red head."""
    blocks: list[Block] = [Text(close_up(line.strip())) for line in words.splitlines() if line.strip()]
    blocks.append(Closing(announcer, chinese_date(announced_on)))
    subtitle = f"关于民生实事项目“{data.project}”{KINDS[data.kind]}的公告"
    return Paper(f"{announcer}公告", blocks, subtitle=subtitle, organ=announcer, red=True)


@dataclass(frozen=True, kw_only=True)
class AcceptanceData(_FormData):
    """The content of an acceptance.

    ``items`` are (dimension, mark, note), with empty marks on a blank form.
    """

    target: str
    content: str
    due_on: date
    items: Sequence[tuple[str, str, str]]
    held_on: date | None = None
    held_by: str = ""
    conclusion: str = ""


def acceptance_form(data: AcceptanceData) -> Paper:
    """Return the 验收表 of a project, dimension by dimension, with lines to sign on."""
    conclusion = CONCLUSIONS.get(data.conclusion, "□通过　□整改后通过　□不通过")
    heads = ["验收内容", "是否达到", "情况说明"]
    marks = [[dimension, MARKS.get(mark, ""), note] for dimension, mark, note in data.items]
    blocks: list[Block] = [
        _pairs(
            "",
            ("项目名称", data.project),
            ("责任单位", data.unit or "未定"),
            ("年度目标", data.target),
            ("建设内容", data.content),
            ("完成时限", chinese_date(data.due_on)),
            ("验收日期", _day(data.held_on)),
            ("组织验收", data.held_by),
        ),
        PaperTable(heads, marks, [26, 16, 58], ["center", *_PAIR], "验收情况", tall=not data.conclusion),
        _pairs("", ("结论", conclusion), ("意见", data.opinion)),
        Signatures([("验收负责人", "", ""), ("验收人员", "", ""), ("责任单位", "", "")]),
    ]
    title = f"{data.year}年民生实事项目{ACCEPTANCES[data.kind]}表"
    return Paper(title, blocks, subtitle=data.body, organ=data.body, form=True)
