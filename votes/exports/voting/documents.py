"""The words of the official papers: counting sheet (计票报告单), announcement (公告), key points of the rule.

Plain data in, a `Paper` out; `to_docx`, `to_pdf` and `to_html` write it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from votes.exports.formats.layout import (
    Align,
    Block,
    Closing,
    Items,
    Paper,
    Signatures,
    Table,
    Text,
    to_docx,
    to_html,
    to_pdf,
)
from votes.rules.people.organs import COUNTY, Organ
from votes.rules.supervision.ratings import overall
from votes.rules.voting.further import nth

__all__ = [
    "Channel",
    "CountRow",
    "Paper",
    "RatingRow",
    "Refused",
    "SheetData",
    "Signature",
    "Tally",
    "algorithm",
    "announcement",
    "chinese_date",
    "counting_sheet",
    "overall_rate",
    "percent",
    "results_table",
    "rule_paper",
    "to_docx",
    "to_html",
    "to_pdf",
]

# --- What goes in -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """One project's votes within one channel."""

    for_: int
    against: int
    abstain: int


@dataclass(frozen=True)
class CountRow:
    """One project's line. `no` is its number on the ballot, `outcome` the word of the record or of the reader."""

    no: int
    name: str
    for_: int
    against: int
    abstain: int
    outcome: str
    phone: Tally | None = None
    paper: Tally | None = None


@dataclass(frozen=True)
class RatingRow:
    """One project's line in a 满意度测评; `grade` satisfied | basically | dissatisfied, None in a void round."""

    no: int
    name: str
    satisfied: int
    basically: int
    dissatisfied: int
    void: int
    grade: str | None
    phone: tuple[int, int, int] | None = None  # 满意, 基本满意, 不满意
    paper: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Channel:
    """What came by phone, or on paper: ballots 发出 · 收回, and 有效 · 无效 unless one of the two ways is small."""

    issued: int
    returned: int
    valid: int | None = None
    invalid: int | None = None


@dataclass(frozen=True)
class Signature:
    """A signature given in the system, or (without `name`) the place for one by hand."""

    role: str
    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Refused:
    """A teller who declined to sign, and why; `signed` says that they signed afterwards all the same."""

    role: str
    name: str
    reason: str
    at: datetime
    signed: bool = False


@dataclass(frozen=True, kw_only=True)
class SheetData:
    """Everything that the papers of one counted round say.

    body        示例县人民代表大会
    session     第十八届人民代表大会第五次会议
    title       2027年民生实事项目票决
    held_on     the day of the vote
    seats       应选名额
    method      choose | threeway | confirm | rating
    counts      one row a project, in list order (or `ratings`, for a rating)
    next_step   what the rule says follows: none | tie_rerun | tie_presidium | vacant | shortfall_further | void_again
    seats_left  places not yet filled
    void        why the round does not stand: returned_exceeds_issued | no_quorum | another reason in Chinese
    publish     what the announcement shows: names | names+votes
    small_body  with fewer ballots than this by phone or on paper, the two are not counted apart
    digests     (label, hex) pairs, printed as they come: rule, roll, ballots
    number      of the announcement; `announced_on` its date (default: the day of the vote)
    list_name   how the announcement calls the list; default made from body and title
    organ       which kind of organ decided: what its members, its presidium and its announcement are called
    decided     numbers of the tied projects that the presidium took; `decision` says where, how and when
    together    earlier rounds of the question that the same announcement publishes
    already     projects of the question announced before, `announced` the numbers of those announcements
    """

    body: str
    session: str
    title: str
    held_on: date
    seats: int
    roster: int
    present: int
    issued: int
    returned: int
    valid: int
    invalid: int
    method: str = "choose"
    ordinal: int = 1
    rehearsal: bool = False
    phone: Channel | None = None
    paper: Channel | None = None
    small_body: int = 0
    counts: Sequence[CountRow] = ()
    ratings: Sequence[RatingRow] = ()
    points: Sequence[str] = ()
    next_step: str = "none"
    seats_left: int = 0
    void: str | None = None
    publish: str = "names"
    digests: Sequence[tuple[str, str]] = ()
    algorithm: str = "sha256"
    software: str = ""
    signatures: Sequence[Signature] = ()
    refused: Sequence[Refused] = ()
    number: int | None = None
    announced_on: date | None = None
    list_name: str = ""
    organ: Organ = COUNTY
    decided: Sequence[int] = ()
    decision: str = ""
    together: Sequence["SheetData"] = ()
    already: Sequence[CountRow] = ()
    announced: Sequence[int] = ()

    @property
    def uncast(self) -> int:
        """未投: handed out and not returned. A fact about turnout, never 弃权."""
        return max(self.issued - self.returned, 0)

    @property
    def selected(self) -> list[CountRow]:
        """In list order: the order of votes is nobody's business but the counting sheet's."""
        return [row for row in self.counts if row.outcome == "selected"]

    @property
    def chosen(self) -> list[CountRow]:
        """Selected by the vote, or taken by the presidium where the rule leaves a tie to it; in list order."""
        return [row for row in self.counts if row.outcome == "selected" or row.no in self.decided]

    @property
    def undecided(self) -> list[CountRow]:
        return [row for row in self.counts if row.outcome == "undecided"]


# --- Words ------------------------------------------------------------------------------------------------

OUTCOMES = {"selected": "入选", "not_selected": "未入选", "undecided": "待定", "no_majority": "未过半数"}
GRADES = {"satisfied": "满意", "basically": "基本满意", "dissatisfied": "不满意"}
ROLES = ("总监票人", "监票人", "计票人")


def percent(part: int, whole: int) -> str:
    """`part` of `whole` in per cent: two decimals, half up, without floating point. "—" of nothing."""
    if whole <= 0:
        return "—"
    hundredths = (part * 20000 + whole) // (whole * 2)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def chinese_date(day: date) -> str:
    """2027年1月15日: no leading zeros, as official papers have it (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def close_up(text: str) -> str:
    """Screens set a blank between Chinese and figures, official papers do not."""
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=\d)|(?<=\d) (?=[\u4e00-\u9fff])", "", text)


def _place(body: str) -> str:
    """示例县 of 示例县人民代表大会: sessions and lists are named after the place."""
    for ending in ("常务委员会", "人民代表大会", "议事代表会", "议事代表会议"):
        body = body.removesuffix(ending) or body
    return body


def full_session(body: str, session: str) -> str:
    """示例县第十八届人民代表大会第五次会议, the form in which sessions are named."""
    place = _place(body)
    return session if session.startswith(place) else place + session


def _list_name(data: SheetData) -> str:
    if data.list_name:
        return data.list_name
    name = data.title.removesuffix("票决").removesuffix("人大代表")
    place = _place(data.body)
    return name if name.startswith(place) else place + name


def _round(data: SheetData) -> str:
    return f"（{nth(data.ordinal)}）" if data.ordinal > 1 else ""


def _numbers(rows: Sequence[CountRow]) -> str:
    return "、".join(str(row.no) for row in rows)


def _validity(data: SheetData) -> str:
    """The sentence by which the chair declares the vote valid or not (选举法 art. 44)."""
    if data.void == "no_quorum":
        return "实到人数不足法定人数，本次投票无效。"
    if data.void == "returned_exceeds_issued" or data.returned > data.issued:
        return "收回的票多于发出的票，本次投票无效，应重新投票。"
    if data.void:
        return f"{data.void.rstrip('。')}，本次投票无效。"
    compared = "等于" if data.returned == data.issued else "少于"
    return f"收回的票{compared}发出的票，本次投票有效。"


def _stands(data: SheetData) -> bool:
    return data.void is None and data.returned <= data.issued


def _next(data: SheetData) -> str:
    """What the rule says about the places that are not filled."""
    seats, tied = data.seats_left, data.undecided
    numbers, many = _numbers(tied), len(tied)
    return {
        "none": "",
        "tie_rerun": f"第{numbers}项共{many}个项目票数相等，尚有{seats}个名额不能确定，"
        "按照票决办法，就票数相等的项目再次投票。",
        "tie_presidium": f"第{numbers}项共{many}个项目票数相等，尚有{seats}个名额不能确定，"
        f"按照票决办法，由{data.organ.presider}决定。",
        "vacant": f"获得通过的项目比应选名额少{seats}项，按照票决办法，不足的名额从缺。",
        "shortfall_further": f"获得通过的项目比应选名额少{seats}项，按照票决办法，不足的名额另行票决。",
        "void_again": "按照票决办法，重新投票。",
    }[data.next_step]


def _centred(columns: int) -> list[Align]:
    return ["center"] * columns


def _turnout_table(data: SheetData) -> Table:
    heads = ["应到", "实到", "发出", "收回", "有效", "无效", "未投"]
    total = [data.roster, data.present, data.issued, data.returned, data.valid, data.invalid, data.uncast]
    rows = [["合计", *map(str, total)]]
    for label, channel in (("手机票", data.phone), ("纸质票", data.paper)):
        if channel:
            counted = ["—" if n is None else str(n) for n in (channel.valid, channel.invalid)]
            left = max(channel.issued - channel.returned, 0)
            rows.append([label, "", "", str(channel.issued), str(channel.returned), *counted, str(left)])
    if len(rows) == 1:
        return Table(heads, [rows[0][1:]], [15, 15, 14, 14, 14, 14, 14], _centred(7), "一、人数和票数")
    return Table(["", *heads], rows, [16, *[12] * 7], _centred(8), "一、人数和票数")


def overall_rate(data: SheetData) -> str:
    """总体满意率 of a rating, in both usages."""
    rate = overall(data.ratings, data.returned)
    return (
        f"总体满意率（以收回的票数与项目数之积为基数）：仅计满意的为{percent(rate.satisfied, rate.base)}，"
        f"满意和基本满意合计的为{percent(rate.favourable, rate.base)}。"
    )


def results_table(data: SheetData, caption: str = "") -> Table:
    """All figures of the round, one row a project, with the rates of 应到 and of 有效."""
    if data.method == "rating":
        rating_rows = [
            [
                *(str(row.no), row.name, str(row.satisfied), str(row.basically), str(row.dissatisfied)),
                *(str(row.void), percent(row.satisfied + row.basically, data.roster)),
                GRADES.get(row.grade or "", "—"),
            ]
            for row in data.ratings
        ]
        heads = ["序号", "项目名称", "满意", "基本满意", "不满意", "无效", "满意率", "等次"]
        return Table(
            heads, rating_rows, [7, 33, 8, 11, 9, 8, 12, 12], ["center", "left", *_centred(6)], caption
        )
    threeway = data.method != "choose"
    rows = []
    for row in data.counts:
        against = [str(row.against)] if threeway else []
        rates = [percent(row.for_, data.roster), percent(row.for_, data.valid)]
        outcome = OUTCOMES.get(row.outcome, row.outcome) if _stands(data) else "—"
        rows.append([str(row.no), row.name, str(row.for_), *against, str(row.abstain), *rates, outcome])
    heads = [
        "序号",
        "项目名称",
        "赞成",
        *(["反对"] if threeway else []),
        "弃权",
        "占应到",
        "占有效票",
        "结果",
    ]
    widths = [7, 31, 8, 8, 8, 12, 13, 13] if threeway else [7, 38, 9, 9, 12, 12, 13]
    return Table(heads, rows, widths, ["center", "left", *_centred(len(heads) - 2)], caption)


#: 序号, 项目名称, the marks by phone, the marks on paper, and what `results_table` has; together 100.
_APART_WIDTHS = {
    "choose": [5, 36, 6, 6, 6, 6, 5, 5, 8, 8, 9],
    "threeway": [5, 25, *[5] * 9, 8, 8, 9],
    "rating": [5, 28, *[5] * 9, 5, 8, 9],
}


def _results_by_channel(data: SheetData, caption: str) -> Table:
    """`results_table`, phone | paper | total where the round had both and they may stand apart: one table, one page."""
    whole = results_table(data, caption)
    rows: Sequence[CountRow | RatingRow] = data.ratings if data.method == "rating" else data.counts
    if not any(row.phone and row.paper for row in rows):
        return whole
    if data.method == "rating":
        kind, marks = "rating", ["满意", "基本满意", "不满意"]
    elif data.method == "choose":
        kind, marks = "choose", ["赞成", "弃权"]
    else:
        kind, marks = "threeway", ["赞成", "反对", "弃权"]
    heads = [f"{channel}{mark}" for channel in ("手机", "纸质") for mark in marks]
    lines = [
        [*line[:2], *_marks(row.phone, kind), *_marks(row.paper, kind), *line[2:]]
        for row, line in zip(rows, whole.rows, strict=True)
    ]
    return Table(
        [*whole.heads[:2], *heads, *(f"合计{head}" if head in marks else head for head in whole.heads[2:])],
        lines,
        _APART_WIDTHS[kind],
        ["center", "left", *_centred(len(heads) + len(whole.heads) - 2)],
        caption,
        dense=True,
    )


def _marks(given: Tally | tuple[int, int, int] | None, kind: str) -> list[str]:
    """What one channel gave a project, in the order of the heads."""
    if given is None:
        return ["—"] * (2 if kind == "choose" else 3)
    if isinstance(given, tuple):
        return [str(number) for number in given]
    against = [] if kind == "choose" else [given.against]
    return [str(number) for number in (given.for_, *against, given.abstain)]


def _conclusion(data: SheetData) -> list[Block]:
    blocks: list[Block] = []
    if data.method == "rating":
        if _stands(data):
            blocks += [Text("各项目的测评等次见上表。"), Text(overall_rate(data))]
    elif _stands(data):
        chosen = data.selected
        if chosen:
            listed = f"确定第{_numbers(chosen)}项，共{len(chosen)}个项目为{_list_name(data)}。"
            blocks.append(Text(f"应选{data.seats}项。{listed}"))
        else:
            blocks.append(Text(f"应选{data.seats}项。没有项目获得通过。"))
    if following := _next(data):
        blocks.append(Text(following))
    if data.decided:
        numbers = "、".join(map(str, data.decided))
        blocks.append(Text(f"{data.organ.presider}决定第{numbers}项列入：{data.decision}。"))
    return blocks


def _signature_lines(signatures: Sequence[Signature]) -> list[tuple[str, str, str]]:
    """Every role has at least one line; other roles than the three follow after them."""
    roles = [*ROLES, *dict.fromkeys(each.role for each in signatures if each.role not in ROLES)]
    lines = []
    for role in roles:
        given = [each for each in signatures if each.role == role] or [Signature(role)]
        for each in given:
            at = each.at
            remark = f"{chinese_date(at)}{at.hour}时{at.minute:02d}分在系统签名" if at else ""
            lines.append((role, each.name, remark))
    return lines


def algorithm(name: str) -> str:
    """The algorithm of digests as papers write it: SHA-256, SM3."""
    return {"sha256": "SHA-256", "sm3": "SM3"}.get(name, name)


def _foot(data: SheetData) -> list[tuple[str, str]]:
    if not data.digests:
        return []
    name = algorithm(data.algorithm)
    lines = [(f"{label}（{name}）", value) for label, value in data.digests]
    if data.software:
        lines.append(("软件版本", data.software))
    return lines


def _refused(each: Refused) -> str:
    afterwards = "其后已签字。" if each.signed else "至今没有签字。"
    when = f"{chinese_date(each.at.date())}{each.at:%H:%M}"
    return f"{each.role}{each.name}于{when}不予签字，理由：{each.reason.rstrip('。')}。{afterwards}"


def counting_sheet(data: SheetData) -> Paper:
    """计票报告单: every figure, what follows from them, and the places to sign. For the presidium, not public."""
    said = (
        f"{full_session(data.body, data.session)}于{chinese_date(data.held_on)}以无记名投票方式"
        f"进行{data.title}{_round(data)}。现将计票情况报告如下："
    )
    blocks: list[Block] = [Text(said), _turnout_table(data), Text(_validity(data))]
    blocks.append(
        _results_by_channel(data, "二、各项目得票" if data.method != "rating" else "二、各项目测评")
    )
    if data.paper and data.paper.valid is None:
        blocks.append(
            Text(f"其中一种票不足{data.small_body}张，为保守投票秘密，不分列各项目得票。", indent=False)
        )
    if conclusion := _conclusion(data):
        blocks += [Text("三、结果", indent=False, strong=True), *conclusion]
    blocks += [Text(_refused(each)) for each in data.refused]
    blocks.append(Signatures(_signature_lines(data.signatures)))
    blocks.append(Closing("", chinese_date(data.held_on)))
    return Paper(
        title=f"{data.title}计票报告单",
        subtitle=full_session(data.body, data.session) + _round(data),
        blocks=blocks,
        foot=_foot(data),
        organ=data.body,
        form=True,
        close=data.paper is not None,  # two more lines of figures, or many columns: still one page
        rehearsal=data.rehearsal,
    )


def announcement(data: SheetData) -> Paper:
    """公告 of the presidium, or of the committee itself: the projects in list order; figures only where `publish` is
    names+votes. Losers are not named.

    Raises ValueError for a round that does not stand: there is nothing to announce.
    """
    if not _stands(data):
        raise ValueError("本次投票无效，没有可公告的结果。")
    session, rounds = full_session(data.body, data.session), [*data.together, data]
    how = f"{session}于{_days(rounds)}以无记名投票方式{_further(data)}"
    open_figures = data.publish == "names+votes"
    blocks: list[Block] = []
    if data.method == "rating":
        blocks.append(Text(f"{how}，对{_list_name(data)}进行了满意度测评，测评等次如下："))
        blocks.append(_public_ratings(data, open_figures))
        if open_figures:
            blocks.append(Text(overall_rate(data)))
    elif chosen := sorted((row for each in rounds for row in each.chosen), key=lambda row: row.no):
        blocks.append(
            Text(f"{how}，票决确定下列{len(chosen)}个项目为{_list_name(data)}（按选票所列顺序排列）：")
        )
        blocks.append(_public_list(chosen, rounds, open_figures))
        if taken := [row.name for each in rounds for row in each.chosen if row.no in each.decided]:
            blocks.append(Text(f"其中“{'”“'.join(taken)}”按照票决办法由{data.organ.presider}决定列入。"))
        if data.already:
            blocks += _joined(data, chosen)
    else:
        blocks.append(Text(f"{how}，对{data.title.removesuffix('票决')}进行票决，没有项目获得通过。"))
    for each in rounds if open_figures else ():
        which = f"{nth(each.ordinal)}投票" if len(rounds) > 1 else ""
        blocks.append(
            Text(
                f"{which}应到{data.organ.member}{each.roster}人，实到{each.present}人；发出选票{each.issued}张，"
                f"收回{each.returned}张，其中有效票{each.valid}张、无效票{each.invalid}张。"
            )
        )
    if left := _left_open(data):
        blocks.append(Text(left))
    blocks.append(Text("现予公告。"))
    signer = f"{session}{data.organ.signs}" if data.organ.signs else data.body
    blocks.append(Closing(signer, chinese_date(data.announced_on or data.held_on)))
    return Paper(
        title=f"{data.body}{data.organ.announces}",
        number=f"（第{data.number}号）" if data.number is not None else "",
        blocks=blocks,
        organ=signer,
        red=True,
        rehearsal=data.rehearsal,
    )


def _days(rounds: Sequence[SheetData]) -> str:
    first, last = rounds[0].held_on, rounds[-1].held_on
    return chinese_date(last) if first == last else f"{chinese_date(first)}至{chinese_date(last)}"


def _further(data: SheetData) -> str:
    if data.together:
        return f"经{data.ordinal}轮投票"
    return f"进行{nth(data.ordinal)}投票" if data.ordinal > 1 else ""


def _joined(data: SheetData, chosen: Sequence[CountRow]) -> list[Block]:
    """The whole list of a question that was announced in parts."""
    whole = sorted([*data.already, *chosen], key=lambda row: row.no)
    before = "、".join(f"第{number}号" for number in data.announced)
    return [
        Text(
            f"连同{before}公告公布的{len(data.already)}个项目，{_list_name(data)}共{len(whole)}个"
            "（按选票所列顺序排列）："
        ),
        Items([row.name for row in whole]),
    ]


def _left_open(data: SheetData) -> str:
    """The public learns that places are open and how they will be filled, not which projects are tied."""
    if data.decided:
        return ""
    seats = (data.together[0] if data.together else data).seats
    return {
        "tie_rerun": f"其余{data.seats_left}个名额，按照票决办法再次投票确定，结果另行公告。",
        "tie_presidium": f"其余{data.seats_left}个名额，按照票决办法由{data.organ.presider}决定，结果另行公告。",
        "shortfall_further": f"其余{data.seats_left}个名额，按照票决办法另行票决，结果另行公告。",
        "vacant": f"应选{seats}项，其余{data.seats_left}个名额从缺。",
    }.get(data.next_step, "")


def _public_list(chosen: Sequence[CountRow], rounds: Sequence[SheetData], open_figures: bool) -> Block:
    if not open_figures:
        return Items([row.name for row in chosen])
    if len(rounds) > 1:
        turn = {row.no: nth(each.ordinal) for each in rounds for row in each.chosen}
        rows = [[str(i), row.name, turn[row.no], str(row.for_)] for i, row in enumerate(chosen, start=1)]
        heads = ["序号", "项目名称", "轮次", "赞成票数"]
        return Table(heads, rows, [12, 50, 16, 22], ["center", "left", "center", "center"])
    rows = [[str(place), row.name, str(row.for_)] for place, row in enumerate(chosen, start=1)]
    return Table(["序号", "项目名称", "赞成票数"], rows, [12, 66, 22], ["center", "left", "center"])


def _public_ratings(data: SheetData, open_figures: bool) -> Table:
    heads, widths = ["序号", "项目名称"], [10, 66]
    if open_figures:
        heads, widths = [*heads, "满意", "基本满意", "不满意"], [10, 39, 11, 14, 12]
    rows = []
    for place, row in enumerate(data.ratings, start=1):
        figures = [str(row.satisfied), str(row.basically), str(row.dissatisfied)] if open_figures else []
        rows.append([str(place), row.name, *figures, GRADES.get(row.grade or "", "—")])
    aligns: list[Align] = ["center", "left", *_centred(len(heads) - 1)]
    return Table([*heads, "等次"], rows, [*widths, 100 - sum(widths)], aligns)


def rule_paper(
    *, body: str, session: str, title: str, points: Sequence[str], rehearsal: bool = False
) -> Paper:
    """票决办法要点, to be handed out and read before the vote. `points` come from the counting rules."""
    return Paper(
        title=f"{title}办法要点",
        subtitle=full_session(body, session),
        blocks=[Items([close_up(point) for point in points])],
        organ=body,
        form=True,
        rehearsal=rehearsal,
    )
