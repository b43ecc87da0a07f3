"""举手表决结果: what a session has decided by show of hands, as one list to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from votes.exports.formats.layout import Align, Block, Closing, Paper, Table, Text
from votes.exports.formats.official import full_session
from votes.rules.dates import chinese_date

__all__ = ["MotionRow", "motions_paper"]


@dataclass(frozen=True)
class MotionRow:
    """One decision; `unmoved` are those present who raised no hand."""

    title: str
    decided_on: date
    roster: int
    present: int
    votes_for: int
    votes_against: int
    abstentions: int
    unmoved: int
    passed: bool


def motions_paper(
    *, body: str, session: str, members: str, rows: Sequence[MotionRow], printed_on: date
) -> Paper:
    """The list; `members` are those of whom more than half must be in favour (全体代表)."""
    said = (
        f"{full_session(body, session)}以举手方式表决下列事项。赞成超过{members}半数的为通过，"
        "恰好半数的不通过；到会而没有举手的为未表决，不计入弃权。"
    )
    lines = [
        [
            *(str(place), row.title, chinese_date(row.decided_on), str(row.roster), str(row.present)),
            *(str(row.votes_for), str(row.votes_against), str(row.abstentions), str(row.unmoved)),
            "通过" if row.passed else "未通过",
        ]
        for place, row in enumerate(rows, start=1)
    ]
    heads = ["序号", "表决事项", "日期", "应到", "实到", "赞成", "反对", "弃权", "未表决", "结果"]
    aligns: list[Align] = ["center", "left", *["center" for _ in heads[2:]]]  # type: ignore[list-item]
    blocks: list[Block] = [Text(said)]
    if lines:
        blocks.append(Table(heads, lines, [6, 24, 18, 7, 7, 7, 7, 6, 9, 9], aligns))
    else:
        blocks.append(Text("没有登记举手表决的事项。"))
    blocks.append(Closing("", chinese_date(printed_on)))
    return Paper(
        title="举手表决结果", subtitle=full_session(body, session), blocks=blocks, organ=body, form=True
    )
