"""Which documents of the day (文书) exist, and in which states of a round each may be made.

No document with a number of votes exists before the tellers have signed. Who voted is listed only once the box is
closed.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.voting.ballots import Source

ALWAYS = frozenset(RoundState) - {RoundState.CANCELLED}
CLOSED = frozenset(RoundState) - {RoundState.CANCELLED, RoundState.DRAFT, RoundState.OPENED}
SIGNED = frozenset({RoundState.CERTIFIED, RoundState.ANNOUNCED})


class DayDocument(NamedTuple):
    """Describe one document: its key in URLs, its name, its use, the states in which it exists."""

    key: str
    name: str
    use: str
    states: frozenset[RoundState]


DAY_DOCUMENTS = (
    DayDocument("method", "票决办法（草案）", "会前印发，提请全体会议通过", ALWAYS),
    DayDocument("points", "票决办法要点", "一页纸，投票前宣读", ALWAYS),
    DayDocument("sample", "票样", "会前印发，不能用于投票", ALWAYS),
    DayDocument("script", "主持词", "主持人用；已知的数字自动填入，未知的留空", ALWAYS),
    DayDocument("signing_in", "签到册", "按代表团分页，手写签名", ALWAYS),
    DayDocument("attendance", "出席和投票情况表", "应到、出席、是否投票；不含投票方式和时间", CLOSED),
    DayDocument("sheet", "计票报告单", "全部数字，监票人签名，不公开", SIGNED),
    DayDocument("report", "结果报告单", "总监票人向会议宣读", SIGNED),
    DayDocument("announcement", "公告", "盖章后公布", SIGNED),
    DayDocument("slips", "选票清单", "次序打乱，不含回执码，供人工复核", SIGNED),
)
BY_KEY = {document.key: document for document in DAY_DOCUMENTS}
AFTER = tuple(document.key for document in DAY_DOCUMENTS if document.states == SIGNED)


def missing(
    key: str,
    state: RoundState,
    *,
    returned: int | None = None,
    small_body: int = 0,
    disclosure: str = "codes",
) -> str:
    """Return why the document cannot be made now; empty when it can.

    The list of marks stays in the sealed archive unless the rule publishes ballots (`disclosure`), and with fewer than
    `small_body` ballots in `returned` (收回).
    """
    document = BY_KEY[key]
    if state == RoundState.CANCELLED:
        return "本轮已取消。"
    if state not in document.states:
        if state == RoundState.VOID:
            return "本轮已作废，没有结果。"
        return "关闭票箱后才能生成。" if document.states == CLOSED else "总监票人和监票人签字确认后才能生成。"
    if key == "slips" and disclosure != "ballots":
        return "票决办法规定不公布选票内容，选票清单只收入封存档案，须由两名监票人打开。"
    if key == "slips" and (returned or 0) < small_body:
        return f"收回的票（手机票、人工计票的纸质票分别计算）不足 {small_body} 张，为保守投票秘密，只收入封存档案。"
    return ""


def check(key: str, state: RoundState, **facts: Any) -> None:
    """Raise RuleBroken unless the document may be made now; ``facts`` as in `missing`."""
    if words := missing(key, state, **facts):
        raise RuleBroken(f"{BY_KEY[key].name}：{words}", code="not_yet")


def says_source(sources: Iterable[str], small_body: int) -> bool:
    """Return True when a list of ballots may say which came by phone and which on paper.

    Neither of the two may have fewer than `small_body` ballots.
    """
    ways = list(sources)
    papers = ways.count(Source.PAPER)
    return papers > 0 and min(papers, len(ways) - papers) >= max(small_body, 1)
