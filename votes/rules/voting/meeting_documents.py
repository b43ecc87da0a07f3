"""Which papers of the day (文书) exist, and from which state of a round on each may be made.

Nothing with a number of votes exists before the tellers have signed; who voted is listed only once the box is closed.
"""

from collections.abc import Iterable
from typing import NamedTuple

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState

ALWAYS = frozenset(RoundState) - {RoundState.CANCELLED}
CLOSED = frozenset(RoundState) - {RoundState.CANCELLED, RoundState.DRAFT, RoundState.OPENED}
SIGNED = frozenset({RoundState.CERTIFIED, RoundState.ANNOUNCED})


class DayPaper(NamedTuple):
    """One paper: its key in addresses, its name, what for, the states in which it exists."""

    key: str
    name: str
    use: str
    states: frozenset[RoundState]


DAY_PAPERS = (
    DayPaper("method", "票决办法（草案）", "会前印发，提请全体会议通过", ALWAYS),
    DayPaper("points", "票决办法要点", "一页纸，投票前宣读", ALWAYS),
    DayPaper("sample", "票样", "会前印发，不能用于投票", ALWAYS),
    DayPaper("script", "主持词", "主持人用；已知的数字自动填入，未知的留空", ALWAYS),
    DayPaper("signing_in", "签到册", "按代表团分页，手写签名", ALWAYS),
    DayPaper("attendance", "出席和投票情况表", "应到、出席、是否投票；不含投票方式和时间", CLOSED),
    DayPaper("sheet", "计票报告单", "全部数字，监票人签名，不公开", SIGNED),
    DayPaper("report", "结果报告单", "总监票人向会议宣读", SIGNED),
    DayPaper("announcement", "公告", "盖章后公布", SIGNED),
    DayPaper("slips", "选票清单", "次序打乱，不含回执码，供人工复核", SIGNED),
)
BY_KEY = {paper.key: paper for paper in DAY_PAPERS}
BEFORE = tuple(paper.key for paper in DAY_PAPERS if paper.states != SIGNED)
AFTER = tuple(paper.key for paper in DAY_PAPERS if paper.states == SIGNED)


def missing(key: str, state: RoundState, *, returned: int | None = None, small_body: int = 0) -> str:
    """Why the paper cannot be made now; empty when it can.

    `returned` (收回) below `small_body`: no list of marks leaves the sealed archive (voting rules, secrecy).
    """
    paper = BY_KEY[key]
    if state == RoundState.CANCELLED:
        return "本轮已取消。"
    if state not in paper.states:
        if state == RoundState.VOID:
            return "本轮已作废，没有结果。"
        return "关闭票箱后才能生成。" if paper.states == CLOSED else "总监票人和监票人签字确认后才能生成。"
    if key == "slips" and (returned or 0) < small_body:
        return f"收回的票（手机票、人工计票的纸质票分别计算）不足 {small_body} 张，为保守投票秘密，只收入封存档案。"
    return ""


def check(key: str, state: RoundState, *, returned: int | None = None, small_body: int = 0) -> None:
    """Raise RuleBroken unless the paper may be made now."""
    if words := missing(key, state, returned=returned, small_body=small_body):
        raise RuleBroken(f"{BY_KEY[key].name}：{words}", code="not_yet")


def says_source(sources: Iterable[str], small_body: int) -> bool:
    """May a list of ballots say which came by phone and which on paper? Only where neither way is a small one."""
    ways = list(sources)
    papers = sum(way == "paper" for way in ways)
    return papers > 0 and min(papers, len(ways) - papers) >= max(small_body, 1)
