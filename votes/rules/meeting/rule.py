"""票决办法: the parameters of a round. They freeze when the round opens; the record holds them with their digest.

The plenary passes them before the vote (陕西 2025 规定: 应选数量、差额数、表决方式、确定与公布方式 must be stated).
Each number that practice leaves open is a field here, never a constant in code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from votes.rules.errors import RuleBroken
from votes.rules.meeting.quorum import quorum_needed, quorum_words
from votes.rules.people.organs import COUNTY, Organ

CHOICES: dict[str, tuple[str, ...]] = {
    "method": ("choose", "threeway", "confirm", "rating"),
    "majority": ("roster", "present", "valid", "none"),
    "overvote": ("void_ballot", "allow"),
    "tie": ("rerun", "presidium"),
    "shortfall": ("vacant", "further"),
    "disclosure": ("codes", "ballots", "none"),
    "publish": ("names", "names+votes"),
    "checkin": ("desk_or_hall_code", "desk", "open"),
    "half": ("satisfied", "both", "neither"),
    "paper": ("none", "keyed", "totals"),
}
LEGEND = {"for": "○", "against": "×", "abstain": "空白"}
#: Parameters that came later, with their defaults. `to_dict` leaves a default out: older rounds keep their digest.
ADDED: dict[str, Any] = {"quorum_more": False, "paper": "none"}

_NOUNS = {
    "method": "票决方法",
    "seats": "应选名额",
    "quorum": "法定人数",
    "majority": "通过标准",
    "overvote": "超选票的处理",
    "tie": "票数相等的处理",
    "shortfall": "不足名额的处理",
    "secret": "无记名",
    "disclosure": "票决记录公开方式",
    "publish": "公告内容",
    "checkin": "签到方式",
    "small_body": "小规模会议界线",
    "marks": "填写符号",
    "half": "恰好半数的处理",
    "quorum_more": "法定人数是否须超过",
    "paper": "纸质票",
}


def _refuse(name: str, why: str) -> RuleBroken:
    return RuleBroken(f"票决办法的“{_NOUNS.get(name, name)}”{why}", field=name, code="bad_rule", status=422)


def _no_choice(name: str) -> RuleBroken:
    return _refuse(name, f"应为 {'、'.join(CHOICES[name])} 之一。")


def _whole(value: object) -> bool:
    return type(value) is int  # bool is a subclass of int, and no number here


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The parameters of one round.

    method      choose: mark up to `seats` of the candidates · threeway: for, against or abstain on each, with the
                same limit on "for" · confirm: threeway with as many candidates as seats · rating: 满意度测评
    seats       应选名额 (0 for rating)
    quorum      least share of the roster present, as (n, d); 地方组织法 art. 14: two thirds
    majority    "for" must be more than half of: roster (地方组织法 art. 25) | present | valid | none
                (relative majority)
    overvote    void_ballot (选举法 art. 44) | allow (threeway only)
    tie         rerun among the tied (选举法 art. 45) | presidium
    shortfall   vacant (从缺) | further (另行票决)
    secret      True is the only value
    disclosure  what the published record shows of the ballots: codes | ballots | none
    publish     what the announcement shows: names | names+votes
    checkin     desk_or_hall_code | desk | open
    small_body  with fewer ballots than this, no ballot's marks are ever published
    marks       legend printed on the ballot: sign for "for", "against", "abstain"
    half        rating: the grade that exactly half of the roster reaches: satisfied (满意 only) | both
                (满意 and 基本满意) | neither
    quorum_more present must be more than `quorum` of the roster: a standing committee needs more than half
                (地方组织法 art. 51)
    paper       paper ballots beside phones: none | keyed (two people key each paper) | totals (counted by hand;
                the totals of each box are entered)

    Raises RuleBroken with the field for a value that the field does not allow. `check` asks whether the values fit
    each other and the candidates.
    """

    method: str = "choose"
    seats: int
    quorum: tuple[int, int] = (2, 3)
    majority: str = "roster"
    overvote: str = "void_ballot"
    tie: str = "rerun"
    shortfall: str = "vacant"
    secret: bool = True
    disclosure: str = "codes"
    publish: str = "names"
    checkin: str = "desk_or_hall_code"
    small_body: int = 20
    marks: Mapping[str, str] = field(default_factory=lambda: dict(LEGEND), hash=False)
    half: str = "satisfied"
    quorum_more: bool = False
    paper: str = "none"

    def __post_init__(self) -> None:
        """Check each value by itself; raise RuleBroken at the first that is not allowed."""
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise _no_choice(name)
        for name in ("seats", "small_body"):
            if not _whole(getattr(self, name)) or getattr(self, name) < 0:
                raise _refuse(name, "应为不小于 0 的整数。")
        _check_quorum(self.quorum)
        if not isinstance(self.quorum_more, bool):
            raise _refuse("quorum_more", "应为是或者否。")
        if self.secret is not True:
            why = "须为“是”：本系统只办理无记名投票，票与代表之间不留任何联系，无法改为记名。"
            raise _refuse("secret", why)
        _check_marks(self.marks)
        # A copy, so that the caller cannot change a frozen rule.
        object.__setattr__(self, "marks", dict(self.marks))

    @classmethod
    def from_dict(cls, data: object) -> "Rule":
        """Read a rule object out of a record; missing keys take the defaults (`seats` only for rating).

        Raises RuleBroken for anything but an object, for an unknown key, and for a wrong value.
        """
        if not isinstance(data, Mapping):
            raise RuleBroken("票决办法（rule）应为一个对象。", field="rule", code="bad_rule", status=422)
        if unknown := [key for key in data if key not in _NOUNS]:
            words = f"票决办法中有不认识的项目：{'、'.join(map(str, unknown))}。为免误解其含义，未予处理。"
            raise RuleBroken(words, field="rule", code="unknown_key", status=422)
        values: dict[str, Any] = dict(data)
        if isinstance(values.get("quorum"), list):
            values["quorum"] = tuple(values["quorum"])
        for name in CHOICES:
            if name in values and not isinstance(values[name], str):
                raise _no_choice(name)
        if "seats" not in values:
            if values.get("method") != "rating":
                raise _refuse("seats", "没有写明。")
            values["seats"] = 0
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as the record has it and as its digest is made, in JSON types only."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        values |= {"quorum": list(self.quorum), "marks": dict(self.marks)}
        return {name: value for name, value in values.items() if name not in ADDED or value != ADDED[name]}


def _check_quorum(quorum: object) -> None:
    if not (
        isinstance(quorum, tuple)
        and len(quorum) == 2
        and all(_whole(part) for part in quorum)
        and 0 < quorum[0] <= quorum[1]
    ):
        raise _refuse("quorum", "应为分子、分母两个正整数，且不大于 1，例如 [2, 3]。")


def _check_marks(marks: object) -> None:
    if not (
        isinstance(marks, Mapping)
        and set(marks) == set(LEGEND)
        and all(isinstance(sign, str) and sign.strip() for sign in marks.values())
        and len(set(marks.values())) == len(LEGEND)
    ):
        raise _refuse("marks", "应为赞成、反对、弃权各写明一个互不相同的符号。")


def quorum_of(rule: Rule, roster: int) -> int:
    """Return how many of `roster` must be present by the rule."""
    return quorum_needed(roster, rule.quorum, rule.quorum_more)


def surplus_words(rule: Rule, candidates: int) -> str:
    """Return 差额比例, the candidates beyond the seats in percent of the seats: two decimals, rounded half up."""
    hundredths = ((candidates - rule.seats) * 20000 + rule.seats) // (rule.seats * 2)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def check(rule: Rule, candidates: int, organ: Organ = COUNTY) -> list[str]:
    """Refuse parameters that do not fit each other, the `candidates` (how many projects stand) or the organ.

    Returns warnings in Chinese for what is lawful only where the congress wants it so. Raises RuleBroken for what is
    not allowed. 差额: always more candidates than seats, by custom 10 % to 50 % more.
    """
    if candidates < 1:
        raise RuleBroken("还没有候选项目，请先确定候选项目。", field="candidates", code="no_candidates")
    if rule.overvote == "allow" and rule.method != "threeway":
        raise _refuse("overvote", "只有“逐项表决”才能允许赞成多于应选名额，其他方法下多选的票无效。")
    if rule.disclosure == "ballots" and rule.publish == "names":
        words = "公开全部票的内容，就等于公开得票数，与“公告只公布项目名称”相矛盾。请改为公布得票数，或者只公开回执码。"
        raise RuleBroken(words, field="disclosure", code="contradiction", status=422)
    if rule.method != "rating":
        _check_seats(rule, candidates)
    return [*_surplus_warnings(rule, candidates), *_statute_warnings(rule, organ)]


def _check_seats(rule: Rule, candidates: int) -> None:
    if rule.seats < 1:
        raise _refuse("seats", "至少为 1 项。")
    figures = f"现在候选 {candidates} 项、应选 {rule.seats} 项。"
    if rule.method == "confirm" and candidates != rule.seats:
        words = f"等额票决要求候选项目与应选名额相等，{figures}"
        raise RuleBroken(words, field="seats", code="not_equal")
    if rule.method != "confirm" and candidates <= rule.seats:
        remedy = "请增加候选项目、减少应选名额，或者改为等额票决。"
        words = f"差额票决要求候选项目多于应选名额，{figures}{remedy}"
        raise RuleBroken(words, field="seats", code="no_surplus")


def _surplus_warnings(rule: Rule, candidates: int) -> list[str]:
    if rule.method not in ("choose", "threeway"):
        return []
    surplus = candidates - rule.seats
    limit = "低于 10%" if surplus * 10 < rule.seats else "高于 50%" if surplus * 2 > rule.seats else ""
    return [f"差额比例为 {surplus_words(rule, candidates)}，{limit}，请确认是否合适。"] if limit else []


def _statute_warnings(rule: Rule, organ: Organ) -> list[str]:
    warnings = []
    if organ.short_of_statute(rule.quorum, rule.quorum_more):
        least = "没有达到" if organ.quorum_more else "低于"
        lawful = quorum_words(organ.quorum, organ.quorum_more, organ)
        warnings.append(f"法定人数{least}{lawful}（{organ.statute}），请确认。")
    if rule.method != "rating" and rule.majority != "roster":
        law = f"（{organ.majority}）" if organ.majority else ""
        warnings.append(f"通过标准不是{organ.members}的过半数{law}，请确认票决办法草案确实如此规定。")
    return warnings
