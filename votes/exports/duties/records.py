"""Write 履职档案 of one deputy and year, under the eight headings that 镇坪 keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from votes.exports.formats.layout import Block, Closing, Paper, PaperTable, Text
from votes.rules.dates import chinese_date
from votes.rules.duties.duties import Rates, Share, how_counted
from votes.rules.duties.records import HEADINGS, RecordEvent
from votes.rules.people import organs
from votes.rules.people.roles import BodyKind

_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, kw_only=True)
class RecordData:
    """Everything the document says.

    ``kind`` is that of the body. ``basics`` stand under 基本情况, the first heading, ``events`` under the others.
    ``votes`` says how often the deputy took part in votes and ratings, out of how many: never how they voted.
    """

    body: str
    kind: BodyKind
    year: int
    name: str
    basics: Sequence[tuple[str, str]]
    rates: Rates
    votes: Share
    events: Sequence[RecordEvent]
    made_on: date


def rate(share: Share) -> str:
    """Return 94.7%（18/19）; a dash where there was nothing to attend."""
    return "—" if share.percent is None else f"{share.percent}%（{share.part}/{share.whole}）"


def record(data: RecordData) -> Paper:
    """Return the document of one deputy and year."""
    blocks: list[Block] = [Text("一、基本情况", indent=False, strong=True), _basics(data.basics)]
    for number, (heading, words) in enumerate(HEADINGS.items(), start=1):
        events = [event for event in data.events if event.heading == heading]
        blocks.append(Text(f"{_NUMERALS[number]}、{words}", indent=False, strong=True))
        if number == 1:
            blocks.append(_rates(data))
        if events:
            blocks.append(_attendance(events) if number == 1 else _events(events))
        elif number > 1:
            blocks.append(Text("本年度没有记录。"))
    blocks.append(Closing(data.body, chinese_date(data.made_on)))
    return Paper(
        title=f"{organs.of(data.kind).member}履职档案",
        subtitle=f"{data.name}　{data.year}年",
        blocks=blocks,
        organ=data.body,
        form=True,
        foot=[("说明", f"{how_counted(data.kind)}票决和测评只记是否参加，不记如何投票。")],
    )


def _basics(basics: Sequence[tuple[str, str]]) -> PaperTable:
    """Return the facts about the deputy, two to a row."""
    pairs = [*basics, ("", "")] if len(basics) % 2 else list(basics)
    rows = [[*pairs[i], *pairs[i + 1]] for i in range(0, len(pairs), 2)]
    return PaperTable(
        ("项目", "内容", "项目", "内容"), rows, (16, 34, 16, 34), ("center", "left", "center", "left")
    )


def _rates(data: RecordData) -> PaperTable:
    votes = f"{data.votes.part}/{data.votes.whole} 次" if data.votes.whole else "—"
    rates = [(name, rate(share)) for name, share in data.rates.named(data.kind)]
    heads, row = zip(*rates, ("参加票决和测评", votes), strict=True)
    width, rest = divmod(100, len(row))
    return PaperTable(heads, [row], [width + rest, *[width] * (len(row) - 1)], ["center"] * len(row))


def _attendance(events: Sequence[RecordEvent]) -> PaperTable:
    rows = [(chinese_date(each.on), each.word, each.title, each.note) for each in events]
    return PaperTable(
        ("日期", "类别", "内容", "情况"), rows, (20, 18, 47, 15), ("center", "center", "left", "center")
    )


def _events(events: Sequence[RecordEvent]) -> PaperTable:
    notes = [f"（{each.note}）" if each.note else "" for each in events]
    rows = [(chinese_date(e.on), e.word, e.title + note) for e, note in zip(events, notes, strict=True)]
    return PaperTable(("日期", "类别", "内容"), rows, (20, 18, 62), ("center", "center", "left"))
