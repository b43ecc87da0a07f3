"""票决办法: the parameters of a round, frozen when it opens, stored in the record and hashed.

The plenary passes them before the vote (陕西 2025 规定: 应选数量、差额数、表决方式、确定与公布方式 must be stated).
Every number that practice leaves open is a field here and never a constant in code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from votes.rules.errors import RuleBroken
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


def _whole(value: object) -> bool:
    return type(value) is int  # True and False are no numbers here


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The rule object of one round.

    method      choose: mark up to `seats` of the candidates · threeway: for/against/abstain on each, with the
                same cap on "for" · confirm: threeway with as many candidates as seats · rating: 满意度测评
    seats       应选名额 (0 for rating)
    quorum      least share of the roster present, as (n, d); 地方组织法 art. 14: two thirds
    majority    base of which "for" must be more than half: roster (地方组织法 art. 25) | present | valid |
                none (relative majority)
    overvote    void_ballot (选举法 art. 44) | allow (threeway only)
    tie         rerun among the tied (选举法 art. 45) | presidium
    shortfall   vacant (从缺) | further (另行票决)
    secret      only True exists
    disclosure  what of the ballots the published record shows: codes | ballots | none
    publish     what the announcement shows: names | names+votes
    checkin     desk_or_hall_code | desk | open
    small_body  under so many ballots no ballot's marks are ever published
    marks       legend printed on the ballot: sign for "for", "against", "abstain"
    half        rating: what exactly half of the roster is enough for: satisfied (满意 only) | both
                (满意 and 基本满意) | neither
    quorum_more present must be more than `quorum` of the roster, not just reach it: a standing committee needs
                more than half (地方组织法 art. 51)
    paper       paper ballots beside phones: none | keyed (each paper read twice) | totals (counted by hand, only
                the totals of each box are entered)

    Raises RuleBroken naming the field for a value that is no such thing; whether the values fit each other and
    the candidates is asked by `check`.
    """

    seats: int
    method: str = "choose"
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
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise _refuse(name, f"应为 {'、'.join(allowed)} 之一。")
        for name in ("seats", "small_body"):
            if not _whole(getattr(self, name)) or getattr(self, name) < 0:
                raise _refuse(name, "应为不小于 0 的整数。")
        quorum = self.quorum
        if not (
            isinstance(quorum, tuple)
            and len(quorum) == 2
            and all(_whole(part) for part in quorum)
            and 0 < quorum[0] <= quorum[1]
        ):
            raise _refuse("quorum", "应为分子、分母两个正整数，且不大于 1，例如 [2, 3]。")
        if not isinstance(self.quorum_more, bool):
            raise _refuse("quorum_more", "应为是或者否。")
        if self.secret is not True:
            raise _refuse(
                "secret", "须为“是”：本系统只办理无记名投票，票与代表之间不留任何联系，无法改为记名。"
            )
        signs = self.marks
        if not (
            isinstance(signs, Mapping)
            and set(signs) == set(LEGEND)
            and all(isinstance(sign, str) and sign.strip() for sign in signs.values())
            and len(set(signs.values())) == len(LEGEND)
        ):
            raise _refuse("marks", "应为赞成、反对、弃权各写明一个互不相同的符号。")
        object.__setattr__(self, "marks", dict(signs))  # our own copy: frozen means frozen

    @classmethod
    def from_dict(cls, data: object) -> "Rule":
        """Read a rule object as found in a record; missing keys take the defaults (`seats` only for rating).

        Raises RuleBroken for anything else than an object, for an unknown key, and for a wrong value.
        """
        if not isinstance(data, Mapping):
            raise RuleBroken("票决办法（rule）应为一个对象。", field="rule", code="bad_rule", status=422)
        unknown = [key for key in data if key not in _NOUNS]
        if unknown:
            raise RuleBroken(
                f"票决办法中有不认识的项目：{'、'.join(map(str, unknown))}。为免误解其含义，未予处理。",
                field="rule",
                code="unknown_key",
                status=422,
            )
        values: dict[str, Any] = dict(data)
        if isinstance(values.get("quorum"), list):
            values["quorum"] = tuple(values["quorum"])
        for name in CHOICES:
            if name in values and not isinstance(values[name], str):
                raise _refuse(name, f"应为 {'、'.join(CHOICES[name])} 之一。")
        if "seats" not in values:
            if values.get("method") != "rating":
                raise _refuse("seats", "没有写明。")
            values["seats"] = 0
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The rule as it stands in the record and under its digest, JSON types only.

        `quorum_more` and `paper` stand in it only where they differ from the default, so that a round opened
        before they existed keeps its digest.
        """
        later: dict[str, Any] = {}
        if self.quorum_more:
            later["quorum_more"] = True
        if self.paper != "none":
            later["paper"] = self.paper
        return {
            "method": self.method,
            "seats": self.seats,
            "quorum": list(self.quorum),
            "majority": self.majority,
            "overvote": self.overvote,
            "tie": self.tie,
            "shortfall": self.shortfall,
            "secret": self.secret,
            "disclosure": self.disclosure,
            "publish": self.publish,
            "checkin": self.checkin,
            "small_body": self.small_body,
            "marks": dict(self.marks),
            "half": self.half,
            **later,
        }


def check(rule: Rule, candidates: int, organ: Organ = COUNTY) -> list[str]:
    """Do the rule's parameters fit each other, `candidates` (M, how many projects stand) and the organ that decides?

    Returns warnings in Chinese for what is lawful only if the congress wants it so; raises RuleBroken for what
    is not allowed. Differential: M > N always, 10 % to 50 % by custom (domain practice, §2.3).
    """
    if candidates < 1:
        raise RuleBroken("还没有候选项目，请先确定候选项目。", field="candidates", code="no_candidates")
    if rule.overvote == "allow" and rule.method != "threeway":
        raise _refuse("overvote", "只有“逐项表决”才能允许赞成多于应选名额，其他方法下多选的票无效。")
    if rule.disclosure == "ballots" and rule.publish == "names":
        raise RuleBroken(
            "公开全部票的内容，就等于公开得票数，与“公告只公布项目名称”相矛盾。请改为公布得票数，或者只公开回执码。",
            field="disclosure",
            code="contradiction",
            status=422,
        )
    if rule.method != "rating":
        _check_seats(rule, candidates)

    warnings = []
    surplus = candidates - rule.seats
    if rule.method in ("choose", "threeway"):
        if surplus * 10 < rule.seats:
            warnings.append(f"差额比例为 {_percent(surplus, rule.seats)}，低于 10%，请确认是否合适。")
        elif surplus * 2 > rule.seats:
            warnings.append(f"差额比例为 {_percent(surplus, rule.seats)}，高于 50%，请确认是否合适。")
    if organ.short_of_statute(rule.quorum, rule.quorum_more):
        least = "没有达到" if organ.quorum_more else "低于"
        warnings.append(
            f"法定人数{least}{quorum_words(organ.quorum, organ.quorum_more, organ)}（{organ.statute}），请确认。"
        )
    if rule.method != "rating" and rule.majority != "roster":
        law = f"（{organ.majority}）" if organ.majority else ""
        warnings.append(f"通过标准不是{organ.members}的过半数{law}，请确认票决办法草案确实如此规定。")
    return warnings


def _check_seats(rule: Rule, candidates: int) -> None:
    if rule.seats < 1:
        raise _refuse("seats", "至少为 1 项。")
    if rule.method == "confirm":
        if candidates != rule.seats:
            raise RuleBroken(
                f"等额票决要求候选项目与应选名额相等，现在候选 {candidates} 项、应选 {rule.seats} 项。",
                field="seats",
                code="not_equal",
            )
    elif candidates <= rule.seats:
        raise RuleBroken(
            f"差额票决要求候选项目多于应选名额，现在候选 {candidates} 项、应选 {rule.seats} 项。"
            "请增加候选项目、减少应选名额，或者改为等额票决。",
            field="seats",
            code="no_surplus",
        )


def key_points(rule: Rule, candidates: int, roster: int | None = None, organ: Organ = COUNTY) -> list[str]:
    """票决办法要点: the rule in printable Chinese sentences, with the figures worked out (see `sections`)."""
    return [point for part in sections(rule, candidates, roster, organ).values() for point in part]


def sections(
    rule: Rule, candidates: int, roster: int | None = None, organ: Organ = COUNTY
) -> dict[str, list[str]]:
    """The same sentences by what they are about: how_many, marking, quorum, validity, deciding, signing, checkin,
    disclosure, publish.

    `candidates` is M; `roster` (应到) may be None while the roll is not known, then the sentences stand without
    the head counts. `organ` has the words for those who vote and preside.
    """
    who = organ.member
    shown = "测评等次" if rule.method == "rating" else "项目名称"
    checkin = {
        "desk_or_hall_code": f"{who}凭会场屏幕上的签到码签到，或者在签到处签到；签到后方可领票、投票。",
        "desk": f"{who}在签到处签到；签到后方可领票、投票。",
        "open": f"{who}自行签到，不在会场的也可以签到；签到后方可投票。",
    }
    disclosure = {
        "codes": f"票决记录公开全部回执码，供{who}核对自己的票已经收回；不公开每张票的内容。",
        "ballots": f"票决记录公开全部回执码和每张票的内容，不含任何{who}姓名；"
        + (
            f"收回的票不足 {rule.small_body} 张的，只公开回执码。"
            if rule.paper == "none"
            else f"手机票、纸质票{'或者一个票箱' if rule.paper == 'totals' else ''}不足 {rule.small_body} 张的，只公开回执码。"
        ),
        "none": "票决记录不公开回执码和票的内容。",
    }
    publish = {
        "names": f"公告公布{shown}，按票上的顺序排列，不公布得票数。",
        "names+votes": f"公告公布{shown}和得票数，按票上的顺序排列。",
    }
    rating = rule.method == "rating"
    return {
        "how_many": [_how_many(rule, candidates)],
        "marking": [*_how_to_mark(rule, organ), *_on_paper(rule, organ)],
        "quorum": [_quorum_point(rule, roster, organ)],
        "validity": ["收回的票等于或者少于发出的票，投票有效；多于发出的票，投票无效，重新投票。"],
        "deciding": _grading(rule, roster, organ) if rating else _deciding(rule, candidates, roster, organ),
        "signing": ["计票结束后，由总监票人和至少一名监票人分别签名确认；签名确认前，任何人都看不到得票数。"],
        "checkin": [checkin[rule.checkin]],
        "disclosure": [disclosure[rule.disclosure]],
        "publish": [publish[rule.publish]],
    }


def _how_many(rule: Rule, candidates: int) -> str:
    if rule.method == "rating":
        return f"对 {candidates} 个项目进行满意度测评，采用无记名投票方式；不得委托他人投票。"
    if rule.method == "confirm":
        counted = f"候选项目 {candidates} 项，应选 {rule.seats} 项，采用无记名等额投票方式"
    else:
        surplus = candidates - rule.seats
        counted = (
            f"候选项目 {candidates} 项，应选 {rule.seats} 项，差额 {surplus} 项"
            f"（差额比例 {_percent(surplus, rule.seats)}），采用无记名差额投票方式"
        )
    return f"{counted}；不另提其他项目，不得委托他人投票，列席人员不参加投票。"


def _how_to_mark(rule: Rule, organ: Organ) -> list[str]:
    blank = "未作任何选择的票为有效票，视为对全部项目弃权；无法辨认的票为无效票。"
    if rule.method == "rating":
        return [
            "对每个项目在“满意”“基本满意”“不满意”中选择一项；"
            "某个项目没有选择或者选择两项以上的，该项目的测评无效，其他项目的测评仍然有效。"
        ]
    if rule.method == "choose":
        return [
            f"每位{organ.member}选择不超过 {rule.seats} 项，在所选项目上画“{rule.marks['for']}”；未选的项目视为弃权。",
            f"所选项目等于或者少于 {rule.seats} 项的为有效票，多于 {rule.seats} 项的整票无效。",
            blank,
        ]
    abstain = "不作标记" if rule.marks["abstain"] == LEGEND["abstain"] else f"画“{rule.marks['abstain']}”"
    each = (
        f"对每个项目表示赞成、反对或者弃权：赞成的画“{rule.marks['for']}”，"
        f"反对的画“{rule.marks['against']}”，弃权的{abstain}；没有标记的项目视为弃权。"
    )
    if rule.method == "confirm":
        return [each, blank]
    if rule.overvote == "allow":
        return [each, "赞成的项目可以多于应选名额，票仍然有效。", blank]
    return [
        each,
        f"赞成的项目等于或者少于 {rule.seats} 项的为有效票，多于 {rule.seats} 项的整票无效。",
        blank,
    ]


def _on_paper(rule: Rule, organ: Organ) -> list[str]:
    if rule.paper == "none":
        return []
    given = f"{organ.member}用手机投票，也可以领取纸质票投票，每人只能用一种；领取纸质票后，手机投票停用。"
    if rule.paper == "totals":
        return [given + "纸质票在监票人监督下人工计票，各票箱的合计由一人录入、另一人核对。"]
    return [given + "纸质票在监票人监督下由两人分别录入，录入不一致的，由总监票人核定。"]


def quorum_words(quorum: tuple[int, int], more: bool, organ: Organ = COUNTY) -> str:
    """全体代表的三分之二 · 常务委员会全体组成人员的过半数: how much of whom, for a sentence about the quorum."""
    n, d = quorum
    share = "过半数" if more and n * 2 == d else _fraction(n, d)
    return f"{organ.members}的{share}"


def quorum_needed(roster: int, quorum: tuple[int, int], more: bool = False) -> int:
    """The least number present: ceil(roster × n / d), or with `more` floor(roster × n / d) + 1.

    地方组织法 art. 14: two thirds of all deputies; art. 51: more than half of a standing committee.
    """
    n, d = quorum
    return roster * n // d + 1 if more else -(-roster * n // d)


def quorum_of(rule: Rule, roster: int) -> int:
    """How many of `roster` must be present for the rule."""
    return quorum_needed(roster, rule.quorum, rule.quorum_more)


def _quorum_point(rule: Rule, roster: int | None, organ: Organ) -> str:
    share = quorum_words(rule.quorum, rule.quorum_more, organ)
    if not rule.quorum_more:
        share += "以上出席"
    elif rule.quorum[0] * 2 == rule.quorum[1]:
        share += "出席"
    else:
        share = f"超过{share}出席"
    share += "，方可开始投票"
    if roster is None:
        return f"{share}。"
    return f"{share}：应到 {roster} 人，须实到 {quorum_of(rule, roster)} 人以上（含本数）。"


def _deciding(rule: Rule, candidates: int, roster: int | None, organ: Organ) -> list[str]:
    bases = {"roster": organ.members, "present": f"实到{organ.member}", "valid": "有效票"}
    base = bases.get(rule.majority)
    if base is None:
        points = ["按赞成票从多到少确定，不要求过半数，但至少须有 1 张赞成票。"]
    else:
        needed = f"赞成票超过{base}半数的项目获得通过"
        if rule.majority == "roster" and roster is not None:
            needed += f"：应到 {roster} 人，须得赞成票 {roster // 2 + 1} 张以上（含本数）"
        points = [f"{needed}；恰好半数的，不通过。"]
    if candidates > rule.seats:
        points.append(f"获得通过的项目多于 {rule.seats} 项时，以赞成票多的确定为民生实事项目。")
        points.append(
            "应选名额边缘的项目赞成票相等、不能确定的，"
            + {
                "rerun": "就票数相等的项目再次投票，以赞成票多的确定。",
                "presidium": f"由{organ.presider}决定。",
            }[rule.tie]
        )
    points.append(
        f"获得通过的项目少于 {rule.seats} 项时，"
        + {
            "vacant": "不足的名额从缺。",
            "further": "不足的名额在其余候选项目中另行票决。",
        }[rule.shortfall]
    )
    return points


def _grading(rule: Rule, roster: int | None, organ: Organ) -> list[str]:
    at_least, more = f"达到{organ.members}半数（含半数）", f"超过{organ.members}半数（不含半数）"
    first = more if rule.half == "neither" else at_least
    second = at_least if rule.half == "both" else more
    points = [
        f"“满意”票{first}的，等次为满意；未达到、但“满意”与“基本满意”票合计{second}的，等次为基本满意；"
        "其余的，等次为不满意。"
    ]
    if roster is not None:
        points.append(f"计算等次以应到 {roster} 人为基数，未出席的{organ.member}计入基数。")
    return points


def _percent(part: int, whole: int) -> str:
    """`part` of `whole` in percent, two decimals, half up, in whole numbers throughout."""
    hundredths = (part * 20000 + whole) // (whole * 2)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


_FIGURES = "零一二三四五六七八九十"


def _fraction(n: int, d: int) -> str:
    if d < len(_FIGURES):
        return f"{_FIGURES[d]}分之{_FIGURES[n]}"
    return f" {n}/{d} "
