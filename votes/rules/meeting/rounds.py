"""The lifecycles of a session (会议) and of a round of voting (票决), and the conditions of each step."""

from collections.abc import Iterable
from enum import StrEnum

from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import declare, step
from votes.rules.meeting.quorum import quorum_met
from votes.rules.meeting.rule import Rule, check, quorum_of
from votes.rules.people.organs import COUNTY, Organ
from votes.rules.people.roles import TellerRole


class SessionState(StrEnum):
    """The states of a session."""

    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"


SESSION: dict[SessionState, dict[str, SessionState]] = {
    SessionState.PLANNED: {"start": SessionState.RUNNING},
    SessionState.RUNNING: {"end": SessionState.ENDED},
    SessionState.ENDED: {},
}
declare(SESSION)


class RoundState(StrEnum):
    """The states of a round."""

    DRAFT = "draft"
    OPENED = "opened"
    CLOSED = "closed"
    COUNTED = "counted"
    CERTIFIED = "certified"
    ANNOUNCED = "announced"
    VOID = "void"
    CANCELLED = "cancelled"


#: A round that has opened is never edited or deleted: it ends announced or void, and voting again is a new round.
ROUND: dict[RoundState, dict[str, RoundState]] = {
    RoundState.DRAFT: {"open": RoundState.OPENED, "cancel": RoundState.CANCELLED},
    RoundState.OPENED: {"close": RoundState.CLOSED},
    RoundState.CLOSED: {"count": RoundState.COUNTED, "void": RoundState.VOID},
    RoundState.COUNTED: {"certify": RoundState.CERTIFIED, "void": RoundState.VOID},
    RoundState.CERTIFIED: {"announce": RoundState.ANNOUNCED},
    RoundState.ANNOUNCED: {},
    RoundState.VOID: {},
    RoundState.CANCELLED: {"restore": RoundState.DRAFT},  # a further round that is wanted after all
}
declare(ROUND)

#: Colours of the ballots of one session (东安: three ballots, three colours); the first is the usual one.
COLOUR_WORDS = {"white": "白色", "pink": "粉红色", "yellow": "浅黄色", "green": "浅绿色", "blue": "浅蓝色"}
COLOURS = tuple(COLOUR_WORDS)


def shows_counts(state: RoundState) -> bool:
    """Tell whether numbers of votes may be shown: only once the chief and another teller have signed."""
    return state in (RoundState.CERTIFIED, RoundState.ANNOUNCED)


def check_open(
    *,
    state: RoundState,
    rule: Rule,
    candidates: int,
    roster: int,
    present: int,
    zero_checked: bool,
    tellers: Iterable[tuple[int | str, str]],
    organ: Organ = COUNTY,
    past_end: bool = False,
) -> list[str]:
    """Refuse to open a round that lacks something; return the warnings of its rule.

    `candidates` is how many projects stand; `roster` (应到) and `present` (实到) are heads; `tellers` are (person,
    role) pairs as the congress named them; `zero_checked`: a teller has seen the empty box; `past_end`: the preset
    end is over, so the box would take no ballot, and nobody can change the end of an open box.
    Source: 地方组织法 arts. 14, 51 (quorum).
    """
    if state == RoundState.OPENED:
        raise RuleBroken("本轮票决已经开启，无需再次开启。", code="wrong_state")
    step(ROUND, state, "open")
    warnings = check(rule, candidates, organ)
    named = list(tellers)
    chiefs = [person for person, role in named if role == TellerRole.CHIEF]
    needed = quorum_of(rule, roster)
    obstacles = (
        (past_end, "closes_at", "past_end",
         "设定的自动截止时间已过，开启后不能投票。请先点“修改”更正截止时间，或者不填。"),
        (not chiefs, "tellers", "no_chief", "还没有确定总监票人，不能开启票决。请先登记总监票人。"),
        (len(chiefs) > 1, "tellers", "two_chiefs", "总监票人只能有一名，请核对监票人名单。"),
        (not _second_person(named), "tellers", "no_teller",
         "除总监票人外，至少还要有一名监票人，不能开启票决。请先登记监票人。"),
        (not zero_checked, "zero_checked", "no_zero_check",
         "监票人还没有确认票箱为空，不能开启票决。请监票人先检查票箱（零票确认）。"),
        (roster < 1, "roster", "empty_roster", "应到人数为 0，不能开启票决。请先导入代表名册。"),
        (present > roster, "present", "present_exceeds_roster",
         f"实到 {present} 人多于应到 {roster} 人，不能开启票决。请核对签到和名册。"),
        (not quorum_met(present, roster, rule.quorum, rule.quorum_more), "present", "no_quorum",
         f"实到 {present} 人，不足法定人数：应到 {roster} 人，须实到 {needed} 人以上，还差 {needed - present} 人。"
         "票决没有开启，请待代表签到后再开启。"),
    )  # fmt: skip
    for stands, field, code, words in obstacles:
        if stands:
            raise RuleBroken(words, field=field, code=code)
    return warnings


def check_casting(*, state: RoundState) -> None:
    """Refuse a ballot while the round is not open, in words for the deputy who holds the phone."""
    if state == RoundState.DRAFT:
        raise RuleBroken("投票尚未开始，请等候主持人宣布。您的选择没有提交。", code="not_open")
    if state == RoundState.CANCELLED:
        raise RuleBroken("本轮投票已经取消。您的选择没有提交，请听从会场安排。", code="cancelled")
    if state != RoundState.OPENED:
        words = "投票已经结束，不再收票。您的选择没有提交；如有疑问，请联系会务人员。"
        raise RuleBroken(words, code="closed")


def check_close(*, state: RoundState) -> None:
    """Refuse to close a round that is not open."""
    if state in (RoundState.DRAFT, RoundState.CANCELLED):
        raise RuleBroken("本轮票决没有开启，无法关闭。没有作任何改动。", code="wrong_state")
    if state != RoundState.OPENED:
        raise RuleBroken("本轮票决已经关闭，无需再次关闭。没有作任何改动。", code="wrong_state")


def check_count(*, state: RoundState, unsettled: int = 0) -> None:
    """Refuse to count an open round, or with `unsettled` paper ballots (not yet keyed twice alike)."""
    if state == RoundState.OPENED:
        raise RuleBroken("票决还没有关闭，不能计票。请先关闭票决。", code="wrong_state")
    step(ROUND, state, "count")
    if unsettled:
        raise RuleBroken(
            f"还有 {unsettled} 张纸质票没有经两人录入一致，不能计票。请先完成录入，或者由总监票人核定。",
            code="unsettled_paper",
        )


def certified(signatures: Iterable[tuple[int | str, str]]) -> bool:
    """Tell whether the chief teller and at least one other teller, a different person, have signed.

    `signatures` are (person, role) pairs.
    """
    pairs = list(signatures)
    return any(role == TellerRole.CHIEF for _, role in pairs) and _second_person(pairs)


def _second_person(tellers: list[tuple[int | str, str]]) -> bool:
    """Tell whether there is a 监票人 who is not the chief as well."""
    chiefs = {person for person, role in tellers if role == TellerRole.CHIEF}
    return any(role == TellerRole.TELLER and person not in chiefs for person, role in tellers)
