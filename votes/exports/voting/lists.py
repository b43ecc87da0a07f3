"""Lists of a round: 签到册, 出席和投票情况表, 选票清单."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from votes.exports.formats.layout import Block, Break, Closing, Paper, PaperTable, Signatures, Text
from votes.exports.voting.day import BLANK, DayData, foot, frozen_foot
from votes.exports.voting.sheet import centred, vote_paper
from votes.rules.dates import chinese_date
from votes.rules.meeting.rule import LEGEND, Rule
from votes.rules.voting.ballots import Source


def signing_in(data: DayData, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> Paper:
    """Return 签到册; `groups` are (delegation, [(代表证号, name)]), each begins on a new page."""
    aligns = centred(4)
    blocks: list[Block] = []
    for delegation, people in groups:
        if blocks:
            blocks.append(Break())
        rows = [[str(place), name, number, ""] for place, (number, name) in enumerate(people, start=1)]
        blocks.append(
            PaperTable(
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
    foot = frozen_foot(data, "票决办法", "名册")
    return vote_paper(data, f"{data.body}{data.organ.member}签到册", blocks, form=True, foot=foot)


@dataclass(frozen=True)
class AttendanceLine:
    """Hold one line of the roll: entitled, present, voted. Never how, and never when."""

    number: str
    name: str
    delegation: str
    present: bool
    voted: bool
    late: bool = False


def attendance(data: DayData, lines: Sequence[AttendanceLine]) -> Paper:
    """Return 出席和投票情况表: who was entitled, who was present, who voted."""
    rows = []
    for place, line in enumerate(lines, start=1):
        here = "补签" if line.late else "出席" if line.present else "未出席"
        voted = "已投票" if line.voted else "未投票" if line.present else "—"
        rows.append([str(place), line.delegation, line.name, line.number, here, voted])
    present, votes = sum(line.present for line in lines), sum(line.voted for line in lines)
    blocks: list[Block] = [
        Text(
            f"应到{len(lines)}人，实到{present}人，投票{votes}人，未投票{present - votes}人，"
            f"未出席{len(lines) - present}人。"
        ),
        PaperTable(
            ["序号", data.organ.group, "姓名", data.organ.number, "出席", "投票"],
            rows,
            [9, 27, 20, 18, 13, 13],
            ["center", "left", "center", "center", "center", "center"],
        ),
        Text("本表只载明是否投票，不载明投票的方式、时间和内容。", indent=False),
        Signatures([("登记人", "", ""), ("核对人", "", ""), ("总监票人", "", "")]),
        Closing("", chinese_date(data.held_on)),
    ]
    return vote_paper(data, f"{data.vote}出席和投票情况表", blocks, form=True, foot=foot(data, "名册"))


@dataclass(frozen=True)
class BallotSlip:
    """Hold one ballot without code: marks by printed number; `source` is None where it is not told."""

    marks: Mapping[int, str]
    spoilt: bool = False
    source: Source | None = None


def slips(data: DayData, ballots: Sequence[BallotSlip], *, by_hand: Sequence[tuple[int, int]] = ()) -> Paper:
    """Return 选票清单（供人工复核）: one line a ballot, to be called out and ticked by hand, in the order given.

    `by_hand` are (票箱编号, ballots in it) of the boxes counted by hand, whose ballots are on no list.
    """
    total = f"手机票共{len(ballots)}张" if by_hand else f"共{len(ballots)}张"
    blocks: list[Block] = [
        Text(
            f"{total}，每行一张选票，次序由系统随机打乱，不含回执码，与投票先后、投票人均无联系。"
            f"每格为项目序号和所作标记：{_legend(data.rule)}。供监票人、计票人逐张唱票、人工复核。"
        ),
        *([Text(_counted_by_hand(len(ballots), by_hand))] if by_hand else []),
        _slips_table(data, ballots),
        Signatures([("唱票人", "", ""), ("计票人", "", ""), ("监票人", "", "")]),
        Closing("", chinese_date(data.held_on)),
    ]
    title = f"{data.vote}选票清单"
    return vote_paper(data, title, blocks, number="（供人工复核）", form=True, foot=foot(data, "票箱"))


def _slips_table(data: DayData, ballots: Sequence[BallotSlip]) -> PaperTable:
    numbers = [each.number for each in data.candidates]
    signs = {**data.rule.marks, "abstain": "", "satisfied": "满", "basically": "基", "dissatisfied": "不"}
    sourced = any(each.source for each in ballots)
    rows = []
    for ballot in ballots:
        cells = [f"{no}{signs[ballot.marks[no]]}" if no in ballot.marks else f"{no}　" for no in numbers]
        source = [ballot.source.word if ballot.source else ""] if sourced else []
        rows.append([*cells, *source, "废票" if ballot.spoilt else "" if ballot.marks else "空白"])
    source_width = [9] if sourced else []
    widths = [(100 - 9 - sum(source_width)) // len(numbers)] * len(numbers) + source_width
    heads = [*["项"] * len(numbers), *(["来源"] if sourced else []), "备注"]
    return PaperTable(heads, rows, [*widths, 100 - sum(widths)], centred(len(heads)))


def _legend(rule: Rule) -> str:
    if rule.method == "rating":
        return "“满”为满意，“基”为基本满意，“不”为不满意，只有序号的为没有选择或者选择两项以上"
    against = f"，“{rule.marks['against']}”为反对" if rule.method != "choose" else ""
    abstain = rule.marks["abstain"]
    sign = f"（票上画“{abstain}”）" if abstain != LEGEND["abstain"] else ""
    return f"“{rule.marks['for']}”为赞成{against}，只有序号的为弃权{sign}"


def _counted_by_hand(listed: int, boxes: Sequence[tuple[int, int]]) -> str:
    papers = sum(in_box for _, in_box in boxes)
    each = "，".join(f"第{number}号票箱{in_box}张" for number, in_box in boxes)
    return (
        f"另有纸质票{papers}张，由监票人、计票人分箱清点，只录入合计数，不在本清单内：{each}。"
        f"全部选票合计{listed + papers}张；复核时，纸质票请开箱另行清点。"
    )
