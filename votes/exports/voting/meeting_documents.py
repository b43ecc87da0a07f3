"""The papers of the day: 票决办法（草案）, 票样, 主持词, 签到册, 结果报告单, the attendance annex, slips for a hand recount.

Plain data in, a `Paper` out, as in `papers`. What is not yet known is a ruled blank to be filled in by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from votes.exports.formats.layout import Align, Block, Break, Closing, Paper, Signatures, Table, Text
from votes.exports.voting.blanks import SAMPLE, Blank, columns, instructions
from votes.exports.voting.documents import (
    GRADES,
    OUTCOMES,
    SheetData,
    Signature,
    algorithm,
    chinese_date,
    close_up as _close_up,
    full_session,
    overall_rate,
    results_table,
)
from votes.rules.meeting.key_points import sections
from votes.rules.meeting.rule import LEGEND, Rule, quorum_of
from votes.rules.people.organs import COUNTY, Organ
from votes.rules.voting.further import nth

BLANK = "________"


@dataclass(frozen=True)
class Candidate:
    """A project as it stands on the ballot."""

    no: int
    name: str
    summary: str = ""
    amount: str = ""


@dataclass(frozen=True)
class Teller:
    """监票人 or 总监票人 (`chief`)."""

    name: str
    delegation: str = ""
    chief: bool = False


@dataclass(frozen=True)
class ShowOfHands:
    """A decision by show of hands: 赞成, 反对, 弃权, and whether it passed."""

    votes_for: int
    against: int
    abstain: int
    passed: bool


@dataclass(frozen=True, kw_only=True)
class DayData:
    """What is known of the day so far; None where it is not known yet.

    held_on   the day of the vote, as planned or as it was
    roster    应到; `present` 实到; `leave` 请假
    issued    发出, and `returned` 收回, once the box is closed
    passed    how the meeting voted on "method" (票决办法) and on "tellers", by show of hands
    sheet     the counted result, once the tellers have signed
    digests   (label, hex) of what is frozen
    opened    the round is opened: rule and roll will not change any more
    """

    body: str
    session: str
    title: str
    held_on: date
    rule: Rule
    candidates: Sequence[Candidate]
    organ: Organ = COUNTY
    place: str = ""
    ordinal: int = 1
    rehearsal: bool = False
    roster: int | None = None
    present: int | None = None
    leave: int | None = None
    issued: int | None = None
    returned: int | None = None
    tellers: Sequence[Teller] = ()
    passed: Mapping[str, ShowOfHands] | None = None
    sheet: SheetData | None = None
    digests: Sequence[tuple[str, str]] = ()
    algorithm: str = "sha256"
    software: str = ""
    opened: bool = False

    @property
    def full_session(self) -> str:
        return full_session(self.body, self.session)

    @property
    def vote(self) -> str:
        """The vote as its papers call it: 2027年民生实事项目票决（第二轮）."""
        return f"{self.title}{f'（{nth(self.ordinal)}）' if self.ordinal > 1 else ''}"

    @property
    def needed(self) -> int | None:
        return None if self.roster is None else quorum_of(self.rule, self.roster)

    @property
    def parts(self) -> dict[str, list[str]]:
        found = sections(self.rule, len(self.candidates), self.roster, self.organ)
        return {key: [_close_up(sentence) for sentence in part] for key, part in found.items()}

    @property
    def chief(self) -> Teller | None:
        return next((teller for teller in self.tellers if teller.chief), None)

    @property
    def others(self) -> list[Teller]:
        return [teller for teller in self.tellers if not teller.chief]


# --- words ------------------------------------------------------------------------------------------------

_FIGURES = "零一二三四五六七八九"


def chinese_number(number: int) -> str:
    """1 … 99 in Chinese: 一, 十, 十七, 二十一."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _FIGURES[ones]
    return f"{_FIGURES[tens] if tens > 1 else ''}十{_FIGURES[ones] if ones else ''}"


def known(value: object) -> str:
    """The value, or a ruled blank for what is not known yet."""
    return BLANK if value in (None, "") else str(value)


def _names(tellers: Sequence[Teller]) -> str:
    return "、".join(teller.name for teller in tellers) or BLANK


def _foot(data: DayData, *labels: str) -> list[tuple[str, str]]:
    name = algorithm(data.algorithm)
    lines = [(f"{label}（{name}）", value) for label, value in data.digests if label in labels and value]
    if lines and data.software:
        lines.append(("软件版本", data.software))
    return lines


def _frozen(data: DayData, *labels: str) -> list[tuple[str, str]]:
    """The foot of what is printed before and after the opening: no digest while the rule may still change."""
    return _foot(data, *labels) if data.opened else []


def _paper(data: DayData, title: str, blocks: Sequence[Block], **options: object) -> Paper:
    return Paper(
        title=title,
        subtitle=str(options.pop("subtitle", data.full_session)),
        blocks=blocks,
        organ=data.body,
        rehearsal=data.rehearsal,
        **options,  # type: ignore[arg-type]
    )


def _noun(data: DayData) -> str:
    return "满意度测评" if data.rule.method == "rating" else "票决"


# --- 票决办法（草案）----------------------------------------------------------------------------------------


def method(data: DayData) -> Paper:
    """票决办法（草案）, in articles, for the meeting to pass before the vote."""
    noun = _noun(data)
    articles = ["".join(sentences) for sentences in _articles(data, noun)]
    blocks: list[Block] = [
        Text(f"第{chinese_number(place)}条　{article}") for place, article in enumerate(articles, start=1)
    ]
    title = data.title if data.title.endswith(noun) else f"{data.title}{noun}"
    return _paper(
        data,
        f"{title}办法",
        blocks,
        number=f"（草案，提请{data.organ.meeting}全体会议通过）",
        foot=_foot(data, "票决办法"),
    )


def _articles(data: DayData, noun: str) -> list[list[str]]:
    rule, organ, parts = data.rule, data.organ, data.parts
    law = "《中华人民共和国地方各级人民代表大会和地方各级人民政府组织法》"
    basis = f"根据{law}的有关规定，" if organ.statute or organ.majority else "根据有关规定，"
    project = "候选项目" if noun == "票决" else "参加测评的项目"
    listed = "、".join(f"第{c.no}项“{c.name}”" for c in data.candidates)
    shown_by = organ.announces.removesuffix("公告")
    return [
        [f"为做好本次{noun}工作，保证{noun}依法、公正、有序进行，{basis}结合本次会议实际，制定本办法。"],
        [f"本次{noun}由{organ.meeting}全体会议进行，由{organ.presider}主持。"],
        parts["how_many"],
        [f"{project}经{organ.presider}确定，共{len(data.candidates)}项：{listed}。"],
        parts["quorum"],
        parts["checkin"],
        [_channels(rule, organ)],
        parts["marking"],
        [
            f"设总监票人一名、监票人若干名，由{organ.member}担任，名单提请{organ.meeting}全体会议通过。"
            "项目责任单位的负责人不担任监票人。"
            "计票工作人员在监票人监督下工作。"
        ],
        ["投票开始前，监票人当场检查票箱，确认票箱为空。总监票人、监票人先行投票，其他人员随后投票。"],
        [
            "投票结束，关闭票箱，由监票人核对发出和收回的票数。",
            *parts["validity"],
        ],
        parts["deciding"],
        parts["signing"],
        [
            "票与投票人之间不留任何联系。关闭票箱后，任何人都不得查询、也无法从系统中查出某位"
            f"{organ.member}的投票内容。",
            *parts["disclosure"],
        ],
        [
            f"{noun}结果由总监票人向会议报告，由会议主持人当场宣布，"
            + (f"由{shown_by}公告。" if shown_by else "并予公告。"),
            *parts["publish"],
        ],
        [f"{noun}中发生本办法没有规定的情况，由{organ.presider}研究处理。"],
        [f"本办法自{organ.meeting}全体会议通过之日起施行。"],
    ]


def _channels(rule: Rule, organ: Organ) -> str:
    if rule.paper == "none":
        return f"投票使用手机进行。{organ.member}凭本人的票决凭证进入选票页面，每人只能投一次票，提交后不能更改。"
    return (
        f"投票可以使用手机，也可以使用纸质票，由{organ.member}自行选择其中一种；每人只能投一次票，"
        "领取纸质票后不能再用手机投票，投入票箱或者提交后不能更改。手机票和纸质票分别清点，合并计算。"
    )


# --- 票样 ---------------------------------------------------------------------------------------------------


def sample(data: DayData, blank: Blank) -> Paper:
    """The ballot as a sample in Word: the words and columns of `blank`, the paper ballot itself, with 票样 behind it."""
    marks = columns(blank.method)
    rows = [[str(line.number), line.name, line.amount or "—", *["　"] * len(marks)] for line in blank.lines]
    width = 13 if len(marks) == 1 else 10
    widths = [8, 77 - width * len(marks), 15, *[width] * len(marks)]
    aligns: list[Align] = ["center", "left", "center", *_centre(len(marks))]
    colour = f"{blank.colour}票" if blank.colour else ""
    blocks: list[Block] = [
        Text("填写说明", indent=False, strong=True),
        Text("".join([*(_close_up(line) for line in instructions(blank)), blank.advice])),
        Table(["序号", "项目名称", "总投资", *marks], rows, widths, aligns, tall=len(rows) <= 10),
        Closing(f"{data.body}（盖章）", blank.date),
    ]
    return _paper(
        data,
        f"{blank.title}票{f'（{blank.turn}）' if blank.ordinal > 1 else ''}",
        blocks,
        number=f"（票样{f'，{colour}' if colour else ''}）",
        form=True,
        watermark=SAMPLE,
        foot=_frozen(data, "票决办法"),
    )


def _centre(many: int) -> list[Align]:
    return ["center"] * many


# --- 主持词 -------------------------------------------------------------------------------------------------


def script(data: DayData) -> Paper:
    """主持词: what the chair reads, step by step, with the day's figures where they are known.

    A further round has its 票决办法 and its tellers: the meeting passed them before the first.
    """
    noun, organ = _noun(data), data.organ
    first = ((f"通过{noun}办法", _pass_method), ("通过监票人名单", _pass_tellers))
    steps = (
        ("清点人数", _count_heads),
        *(first if data.ordinal == 1 else ()),
        ("检查票箱", _check_box),
        ("发票", _hand_out),
        ("投票", _voting),
        ("计票", _counting),
        ("宣布结果", _result),
    )
    blocks: list[Block] = [
        Text(f"各位{organ.member}：", indent=False),
        Text(f"现在举行{data.full_session}全体会议，进行{data.vote}。"),
    ]
    if data.ordinal > 1:
        blocks.append(
            Text(
                f"本轮{noun}按照会议通过的{noun}办法进行，"
                f"仍由{known(data.chief.name if data.chief else None)}任总监票人，{_names(data.others)}任监票人。"
            )
        )
    for place, (heading, words) in enumerate(steps, start=1):
        blocks.append(Text(f"{chinese_number(place)}、{heading}", indent=False, strong=True))
        blocks.extend(Text(_close_up(line)) for line in words(data))
    blocks.append(Text(f"本次{noun}到此结束。"))
    return _paper(
        data,
        f"{data.vote}主持词",
        blocks,
        number=f"（{chinese_date(data.held_on)}）",
        foot=_frozen(data, "票决办法"),
    )


def _count_heads(data: DayData) -> list[str]:
    organ = data.organ
    here = f"应到{organ.member}{known(data.roster)}人，实到{known(data.present)}人"
    if data.leave:
        here += f"，请假{data.leave}人"
    if data.present is None or data.needed is None or data.present < data.needed:
        return [
            f"（主持人请工作人员清点人数。法定人数为{known(data.needed)}人，达到后方可继续。）",
            f"根据清点，本次会议{here}，达到法定人数，可以进行{_noun(data)}。",
        ]
    return [f"本次会议{here}，达到法定人数（{data.needed}人），可以进行{_noun(data)}。"]


def _hands(given: ShowOfHands | None, matter: str) -> list[str]:
    asked = "同意的请举手。（稍候）请放下。不同意的请举手。（稍候）请放下。弃权的请举手。（稍候）请放下。"
    if given is None:
        return [asked, f"赞成{BLANK}人，反对{BLANK}人，弃权{BLANK}人。{matter}{BLANK}（通过或者未通过）。"]
    outcome = "通过" if given.passed else "未获通过"
    return [
        asked,
        f"赞成{given.votes_for}人，反对{given.against}人，弃权{given.abstain}人。{matter}{outcome}。",
    ]


def _pass_method(data: DayData) -> list[str]:
    noun = _noun(data)
    name = f"《{data.title if data.title.endswith(noun) else data.title + noun}办法（草案）》"
    passed = (data.passed or {}).get("method")
    return [
        f"请工作人员宣读{name}。（宣读）",
        f"各位{data.organ.member}对草案有什么意见？（稍候）现在以举手方式进行表决。",
        *_hands(passed, f"{noun}办法"),
    ]


def _pass_tellers(data: DayData) -> list[str]:
    chief = known(data.chief.name if data.chief else None)
    passed = (data.passed or {}).get("tellers")
    return [
        f"提名{chief}为总监票人，{_names(data.others)}为监票人。现在以举手方式进行表决。",
        *_hands(passed, "监票人名单"),
        "请总监票人、监票人就位。",
    ]


def _check_box(data: DayData) -> list[str]:
    paper = "，并当众检查纸质票的票箱" if data.rule.paper != "none" else ""
    return [
        f"请监票人检查票箱：在系统中确认票箱为零{paper}。（检查）",
        "请总监票人报告检查结果。（总监票人：票箱为空，可以投票。）",
    ]


def _hand_out(data: DayData) -> list[str]:
    how = (
        "请各位{0}用手机扫描自己的票决凭证，进入选票页面；使用纸质票的，请到服务台领取，每人一张。"
        if data.rule.paper != "none"
        else "请各位{0}用手机扫描自己的票决凭证，进入选票页面。"
    ).format(data.organ.member)
    return [how, *data.parts["how_many"], *data.parts["marking"]]


def _voting(data: DayData) -> list[str]:
    lines = [
        "现在开始投票。（工作人员开启投票）请总监票人、监票人先投票，其他人员随后投票。",
        "（投票进行中，大屏幕显示已投票数。）还有没有投票的吗？（稍候）没有了，投票结束，请工作人员关闭票箱。",
    ]
    issued, returned = data.issued, data.returned
    said = f"本次投票，发出选票{known(issued)}张，收回{known(returned)}张。"
    if issued is None or returned is None:
        return [
            *lines,
            f"{said}收回的票{BLANK}（等于、少于或者多于）发出的票，本次投票{BLANK}（有效或者无效）。",
        ]
    if returned > issued:
        return [*lines, f"{said}收回的票多于发出的票，本次投票无效，应重新投票。"]
    compared = "等于" if returned == issued else "少于"
    return [*lines, f"{said}收回的票{compared}发出的票，本次投票有效。"]


def _counting(data: DayData) -> list[str]:
    return [
        "现在计票，请监票人监督。计票结束后，由总监票人和监票人分别签名确认。",
        f"（计票期间，各位{data.organ.member}请不要离开会场。）",
    ]


def _result(data: DayData) -> list[str]:
    lines = ["请总监票人报告计票结果。（总监票人宣读结果报告单）"]
    sheet = data.sheet
    if sheet is None:
        if data.rule.method == "rating":
            return [*lines, f"现在宣布测评结果：{BLANK}。"]
        return [
            *lines,
            f"根据计票结果，现在宣布：确定{BLANK}{BLANK}，共{BLANK}个项目为民生实事项目。",
        ]
    if sheet.method == "rating":
        told = "；".join(f"第{r.no}项“{r.name}”为{GRADES.get(r.grade or '', '—')}" for r in sheet.ratings)
        return [*lines, f"现在宣布测评结果：{told}。"]
    if not sheet.chosen:
        return [*lines, "根据计票结果，现在宣布：没有项目获得通过。"]
    told = "、".join(f"第{row.no}项“{row.name}”" for row in sheet.chosen)
    left = sheet.seats_left - len(sheet.decided)
    return [
        *lines,
        f"根据计票结果，现在宣布：确定{told}，共{len(sheet.chosen)}个项目为民生实事项目。",
        *([_by_presider(sheet)] if sheet.decided else []),
        *([f"其余{left}个名额，按照票决办法办理。"] if left else []),
    ]


def _by_presider(sheet: SheetData) -> str:
    """Which of the chosen the vote left to the presidium."""
    numbers = "、".join(map(str, sheet.decided))
    return f"其中第{numbers}项票数与其他项目相等，按照票决办法由{sheet.organ.presider}决定列入。"


# --- 签到册 -------------------------------------------------------------------------------------------------


def signing_in(data: DayData, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> Paper:
    """签到册: `groups` are (delegation, [(代表证号, name)]), each beginning on a page of its own."""
    aligns: list[Align] = ["center", "center", "center", "center"]
    blocks: list[Block] = []
    for delegation, people in groups:
        if blocks:
            blocks.append(Break())
        rows = [[str(place), name, number, ""] for place, (number, name) in enumerate(people, start=1)]
        blocks.append(
            Table(
                ["序号", "姓名", data.organ.number, "签名"],
                rows,
                [10, 25, 25, 40],
                aligns,
                caption=f"{delegation}（{len(people)}人）",
                tall=True,
            )
        )
        blocks.append(Text(f"应到{len(people)}人，实到{BLANK}人，请假{BLANK}人。", indent=False))
        blocks.append(Signatures([("登记人", "", ""), ("核对人", "", "")]))
    foot = _frozen(data, "票决办法", "名册")
    return _paper(data, f"{data.body}{data.organ.member}签到册", blocks, form=True, foot=foot)


# --- 结果报告单 -----------------------------------------------------------------------------------------------


def result_report(data: DayData, sheet: SheetData) -> Paper:
    """结果报告单: what 总监票人 reads out. Votes only where the rule publishes them."""
    member = data.organ.member
    how = "满意度测评" if sheet.method == "rating" else "投票"
    blocks: list[Block] = [
        Text(f"{data.organ.presider}并各位{member}：", indent=False),
        Text(
            f"{data.full_session}应到{member}{sheet.roster}人，实到{sheet.present}人。本次{how}发出选票{sheet.issued}张，"
            f"收回{sheet.returned}张，其中有效票{sheet.valid}张，无效票{sheet.invalid}张。"
        ),
    ]
    if sheet.void or sheet.returned > sheet.issued:
        blocks.append(Text("本次投票无效，应重新投票。"))
    else:
        compared = "等于" if sheet.returned == sheet.issued else "少于"
        blocks.append(Text(f"收回的票{compared}发出的票，本次{how}有效。现将结果报告如下："))
        blocks += _reported(sheet)
    blocks.append(Text("特此报告。"))
    given = [s for s in sheet.signatures if s.role == "总监票人"] or [Signature("总监票人")]
    blocks.append(Signatures([(s.role, s.name, "") for s in given]))
    blocks.append(Closing("", chinese_date(sheet.held_on)))
    return _paper(
        data,
        f"{data.vote}结果报告单",
        blocks,
        form=True,
        foot=_foot(data, "票决办法", "名册", "票箱"),
    )


def _reported(sheet: SheetData) -> list[Block]:
    centre: Align = "center"
    if sheet.decided:  # the count left them open, the decision did not
        words = {row.no: "决定列入" if row.no in sheet.decided else "未入选" for row in sheet.undecided}
        sheet = replace(
            sheet, counts=[replace(row, outcome=words.get(row.no, row.outcome)) for row in sheet.counts]
        )
    if sheet.publish == "names+votes":
        blocks: list[Block] = [results_table(sheet)]
    elif sheet.method == "rating":
        rows = [[str(r.no), r.name, GRADES.get(r.grade or "", "—")] for r in sheet.ratings]
        blocks = [Table(["序号", "项目名称", "等次"], rows, [12, 66, 22], [centre, "left", centre])]
    else:
        rows = [[str(c.no), c.name, OUTCOMES.get(c.outcome, c.outcome)] for c in sheet.counts]
        blocks = [Table(["序号", "项目名称", "结果"], rows, [12, 66, 22], [centre, "left", centre])]
    if sheet.method == "rating":
        return [*blocks, Text(overall_rate(sheet))] if sheet.publish == "names+votes" else blocks
    if sheet.selected:
        told = "、".join(str(row.no) for row in sheet.selected)
        blocks.append(Text(f"应选{sheet.seats}项。第{told}项，共{len(sheet.selected)}个项目获得通过并入选。"))
    else:
        blocks.append(Text(f"应选{sheet.seats}项。没有项目获得通过。"))
    if sheet.decided:
        numbers = "、".join(map(str, sheet.decided))
        blocks.append(
            Text(
                f"票数相等的项目，按照票决办法由{sheet.organ.presider}决定第{numbers}项列入：{sheet.decision}。"
                f"合计确定{len(sheet.chosen)}个项目。"
            )
        )
    elif sheet.undecided:
        tied = "、".join(str(row.no) for row in sheet.undecided)
        blocks.append(Text(f"第{tied}项票数相等，尚有{sheet.seats_left}个名额待定，按照票决办法办理。"))
    elif sheet.seats_left:
        blocks.append(Text(f"尚缺{sheet.seats_left}个名额，按照票决办法办理。"))
    return blocks


# --- attendance -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attended:
    """One line of the roll: entitled, present, voted. Never how, and never when."""

    number: str
    name: str
    delegation: str
    present: bool
    voted: bool
    late: bool = False


def attendance(data: DayData, lines: Sequence[Attended]) -> Paper:
    """出席和投票情况表: who was entitled, who was there, who voted."""
    rows = []
    for place, line in enumerate(lines, start=1):
        here = "补签" if line.late else "出席" if line.present else "未出席"
        voted = "已投票" if line.voted else "未投票" if line.present else "—"
        rows.append([str(place), line.delegation, line.name, line.number, here, voted])
    present, voted_ = sum(line.present for line in lines), sum(line.voted for line in lines)
    blocks: list[Block] = [
        Text(
            f"应到{len(lines)}人，实到{present}人，投票{voted_}人，未投票{present - voted_}人，"
            f"未出席{len(lines) - present}人。"
        ),
        Table(
            ["序号", data.organ.group, "姓名", data.organ.number, "出席", "投票"],
            rows,
            [9, 27, 20, 18, 13, 13],
            ["center", "left", "center", "center", "center", "center"],
        ),
        Text("本表只载明是否投票，不载明投票的方式、时间和内容。", indent=False),
        Signatures([("登记人", "", ""), ("核对人", "", ""), ("总监票人", "", "")]),
        Closing("", chinese_date(data.held_on)),
    ]
    return _paper(data, f"{data.vote}出席和投票情况表", blocks, form=True, foot=_foot(data, "名册"))


# --- slips ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """One ballot without code: marks by printed number, in the order given; `source` phone | paper, or not said."""

    marks: Mapping[int, str]
    spoilt: bool = False
    source: str = ""


def slips(data: DayData, ballots: Sequence[Slip], *, by_hand: Sequence[tuple[int, int]] = ()) -> Paper:
    """选票清单（供人工复核）: one line a ballot, to be called out and ticked by hand. The caller has mixed them.

    `by_hand` are (票箱编号, ballots in it) of the boxes counted by hand, whose ballots are on no list.
    """
    numbers = [each.no for each in data.candidates]
    signs = {
        "for": data.rule.marks["for"],
        "against": data.rule.marks["against"],
        "abstain": "",
        "satisfied": "满",
        "basically": "基",
        "dissatisfied": "不",
    }
    sourced = any(each.source for each in ballots)
    rows = []
    for ballot in ballots:
        cells = [f"{no}{signs[ballot.marks[no]]}" if no in ballot.marks else f"{no}　" for no in numbers]
        remark = "废票" if ballot.spoilt else "空白" if not ballot.marks else ""
        source = [{"phone": "手机", "paper": "纸质"}.get(ballot.source, "")] if sourced else []
        rows.append([*cells, *source, remark])
    tail = 9 + (9 if sourced else 0)
    width = (100 - tail) // len(numbers)
    widths = [*[width] * len(numbers), *([9] if sourced else []), 0]
    widths[-1] = 100 - sum(widths)
    heads = [*["项"] * len(numbers), *(["来源"] if sourced else []), "备注"]
    if data.rule.method == "rating":
        legend = "“满”为满意，“基”为基本满意，“不”为不满意，只有序号的为没有选择或者选择两项以上"
    else:
        abstain = data.rule.marks["abstain"]
        legend = f"“{data.rule.marks['for']}”为赞成" + (
            f"，“{data.rule.marks['against']}”为反对" if data.rule.method != "choose" else ""
        )
        legend += "，只有序号的为弃权" + (f"（票上画“{abstain}”）" if abstain != LEGEND["abstain"] else "")
    on_paper = sum(many for _, many in by_hand)
    many = f"手机票共{len(ballots)}张" if by_hand else f"共{len(ballots)}张"
    blocks: list[Block] = [
        Text(
            f"{many}，每行一张选票，次序由系统随机打乱，不含回执码，与投票先后、投票人均无联系。"
            f"每格为项目序号和所作标记：{legend}。供监票人、计票人逐张唱票、人工复核。"
        ),
        *(
            [
                Text(
                    f"另有纸质票{on_paper}张，由监票人、计票人分箱清点，只录入合计数，不在本清单内："
                    f"{'，'.join(f'第{box}号票箱{papers}张' for box, papers in by_hand)}。"
                    f"全部选票合计{len(ballots) + on_paper}张；复核时，纸质票请开箱另行清点。"
                )
            ]
            if by_hand
            else []
        ),
        Table(heads, rows, widths, ["center"] * len(heads)),
        Signatures([("唱票人", "", ""), ("计票人", "", ""), ("监票人", "", "")]),
        Closing("", chinese_date(data.held_on)),
    ]
    return _paper(
        data, f"{data.vote}选票清单", blocks, number="（供人工复核）", form=True, foot=_foot(data, "票箱")
    )
