"""举手表决结果: the decisions of a session by show of hands, as one list to print."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from votes.exports.formats.layout import Align, Closing, Paper, PaperTable, Text
from votes.exports.formats.official import full_session
from votes.rules.dates import chinese_date
from votes.rules.meeting.motions import ShowOfHands

_HEADS = ["序号", "表决事项", "日期", "应到", "实到", "赞成", "反对", "弃权", "未表决", "结果"]
_WIDTHS = [6, 24, 18, 7, 7, 7, 7, 6, 9, 9]
_ALIGNS: list[Align] = ["center" if head != "表决事项" else "left" for head in _HEADS]


class MotionRow(NamedTuple):
    """One decision."""

    title: str
    decided_on: date
    hands: ShowOfHands
    passed: bool


def motions_paper(
    *, body: str, session: str, members: str, rows: Sequence[MotionRow], printed_on: date
) -> Paper:
    """Return the list; more than half of ``members`` (全体代表) must be in favour."""
    rule = (
        f"{full_session(body, session)}以举手方式表决下列事项。赞成超过{members}半数的为通过，"
        "恰好半数的不通过；到会而没有举手的为未表决，不计入弃权。"
    )
    lines = [
        [
            *(str(place), row.title, chinese_date(row.decided_on)),
            *(str(heads) for heads in (*row.hands, row.hands.not_voting)),
            "通过" if row.passed else "未通过",
        ]
        for place, row in enumerate(rows, start=1)
    ]
    table = PaperTable(_HEADS, lines, _WIDTHS, _ALIGNS) if lines else Text("没有登记举手表决的事项。")
    return Paper(
        title="举手表决结果",
        subtitle=full_session(body, session),
        blocks=[Text(rule), table, Closing("", chinese_date(printed_on))],
        organ=body,
        form=True,
    )
