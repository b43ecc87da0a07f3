"""计票报告单: every figure of a round, what follows from them, and the places to sign. For the presidium, not public."""

from collections.abc import Sequence

from votes.exports.formats.layout import Block, Closing, Paper, PaperTable, Signatures, Text
from votes.exports.voting.sheet import (
    RefusalLine,
    ReportLines,
    SheetData,
    SignatureLine,
    centred,
    compared,
    mark_figures,
    numbers,
    overall_rate,
    project_table,
    results_table,
    vote_paper,
)
from votes.rules.dates import chinese_date
from votes.rules.voting.ballots import KINDS
from votes.rules.voting.result import NO_QUORUM, RETURNED_EXCEEDS_ISSUED

ROLES = ("总监票人", "监票人", "计票人")

#: Widths of 序号, 项目名称, the marks of each way, and the other columns of `results_table`; together 100.
_APART_WIDTHS = {
    "choose": [5, 36, 6, 6, 6, 6, 5, 5, 8, 8, 9],
    "threeway": [5, 25, *[5] * 9, 8, 8, 9],
    "rating": [5, 28, *[5] * 9, 5, 8, 9],
}


def counting_sheet(data: SheetData) -> Paper:
    """Return 计票报告单."""
    session = data.full_session
    blocks: list[Block] = [
        Text(
            f"{session}于{chinese_date(data.held_on)}以无记名投票方式"
            f"进行{data.title}{data.round_mark}。现将计票情况报告如下："
        ),
        _turnout_table(data),
        Text(_validity(data)),
        _results_by_source(data, "二、各项目测评" if data.is_rating else "二、各项目得票"),
    ]
    if data.shares and data.shares[1].result is None:
        few = f"其中一种票不足{data.rule.small_body}张，为保守投票秘密，不分列各项目得票。"
        blocks.append(Text(few, indent=False))
    if conclusion := _conclusion(data):
        blocks += [Text("三、结果", indent=False, strong=True), *conclusion]
    blocks += [Text(_reports(data.reports))] if data.reports else []
    blocks += [Text(_refusal(each)) for each in data.refusals]
    blocks.append(Signatures(_signature_lines(data.signatures)))
    blocks.append(Closing("", chinese_date(data.held_on)))
    return vote_paper(
        data,
        f"{data.title}计票报告单",
        blocks,
        subtitle=session + data.round_mark,
        foot=data.foot,
        form=True,
        close=data.shares is not None,  # two more lines of figures, or many columns: still one page
    )


def _turnout_table(data: SheetData) -> PaperTable:
    turnout, result = data.turnout, data.result
    heads = ["应到", "实到", "发出", "收回", "有效", "无效", "未投"]
    total = [turnout.roster, turnout.present, turnout.issued, turnout.returned, result.valid, result.invalid]
    figures = [*map(str, [*total, turnout.uncast])]
    if not data.shares:
        return PaperTable(heads, [figures], [15, 15, 14, 14, 14, 14, 14], centred(7), "一、人数和票数")
    rows = [["合计", *figures]]
    for source, share in zip(KINDS, data.shares, strict=True):
        valid = [str(share.result.valid), str(share.result.invalid)] if share.result else ["—", "—"]
        left = max(share.issued - share.returned, 0)
        rows.append([f"{source.word}票", "", "", str(share.issued), str(share.returned), *valid, str(left)])
    return PaperTable(["", *heads], rows, [16, *[12] * 7], centred(8), "一、人数和票数")


def _validity(data: SheetData) -> str:
    """Return the sentence by which the chair declares the vote valid or not (选举法 art. 44)."""
    void, turnout = data.result.void, data.turnout
    if void == NO_QUORUM:
        return "实到人数不足法定人数，本次投票无效。"
    if void == RETURNED_EXCEEDS_ISSUED or turnout.returned > turnout.issued:
        return "收回的票多于发出的票，本次投票无效，应重新投票。"
    if void:
        return f"{void.rstrip('。')}，本次投票无效。"
    return f"{compared(turnout.returned, turnout.issued)}，本次投票有效。"


def _results_by_source(data: SheetData, caption: str) -> PaperTable:
    """Return `results_table` with phone, paper and total side by side, where they may stand apart: one page."""
    whole = results_table(data, caption)
    parts = [share.result for share in data.shares or () if share.result]
    if not parts:
        return whole
    method = data.rule.method
    kind = "threeway" if method == "confirm" else method
    marks = whole.heads[2 : 2 + len(mark_figures(parts[0].rows[0], kind))]
    heads = [f"{source.word}{mark}" for source in KINDS for mark in marks]
    rows = []
    for place, line in enumerate(whole.rows):
        figures = [str(n) for part in parts for n in mark_figures(part.rows[place], kind)]
        rows.append([*line[:2], *figures, *line[2:]])
    totals = [f"合计{head}" if head in marks else head for head in whole.heads[2:]]
    return project_table([*heads, *totals], rows, _APART_WIDTHS[kind], caption, dense=True)


def _conclusion(data: SheetData) -> list[Block]:
    sentences = []
    if data.is_rating:
        if data.stands:
            sentences += ["各项目的测评等次见上表。", overall_rate(data)]
    elif data.stands:
        outcome = "没有项目获得通过。"
        if selected := data.selected:
            outcome = f"确定第{numbers(selected)}项，共{len(selected)}个项目为{data.list_title}。"
        sentences.append(f"应选{data.rule.seats}项。{outcome}")
    if following := _following(data):
        sentences.append(following)
    if data.decided:
        decided = "、".join(map(str, data.decided))
        sentences.append(f"{data.organ.presider}决定第{decided}项列入：{data.decision}。")
    return [Text(sentence) for sentence in sentences]


def _following(data: SheetData) -> str:
    """Return what the rule says about the places that are not filled."""
    seats, tied = data.result.seats_left, data.undecided
    equal = f"第{numbers(tied)}项共{len(tied)}个项目票数相等，尚有{seats}个名额不能确定，"
    short = f"获得通过的项目比应选名额少{seats}项，按照票决办法，不足的名额"
    return {
        "none": "",
        "tie_rerun": f"{equal}按照票决办法，就票数相等的项目再次投票。",
        "tie_presidium": f"{equal}按照票决办法，由{data.organ.presider}决定。",
        "vacant": f"{short}从缺。",
        "shortfall_further": f"{short}另行票决。",
        "void_again": "按照票决办法，重新投票。",
    }[data.next_step]


def _signature_lines(signatures: Sequence[SignatureLine]) -> list[tuple[str, str, str]]:
    """Return the lines to sign: at least one for each of `ROLES`, then those of other roles."""
    roles = [*ROLES, *dict.fromkeys(each.role for each in signatures if each.role not in ROLES)]
    lines = []
    for role in roles:
        for each in [each for each in signatures if each.role == role] or [SignatureLine(role)]:
            at = each.at
            remark = f"{chinese_date(at)}{at.hour}时{at.minute:02d}分在系统签名" if at else ""
            lines.append((role, each.name, remark))
    return lines


def _reports(reports: ReportLines) -> str:
    """Return how many deputies reported a vote as not cast by them, and what was found before the signatures."""
    back = f"，其中{reports.withdrawn}名已当面撤回" if reports.withdrawn else ""
    before = reports.number - reports.later
    words = f"有{reports.number}名代表报告“不是我投的”{back}。"
    if before:
        words += f"总监票人核查结果：{reports.decision.rstrip('。')}。"
    if reports.later:
        found = f"总监票人核查结果：{reports.finding_later.rstrip('。')}。" if reports.finding_later else ""
        words += f"其中{reports.later}名在开始签字以后报告。{found}"
    return words


def _refusal(each: RefusalLine) -> str:
    afterwards = "其后已签字。" if each.signed else "至今没有签字。"
    when = f"{chinese_date(each.at)}{each.at:%H:%M}"
    return f"{each.role}{each.name}于{when}不予签字，理由：{each.reason.rstrip('。')}。{afterwards}"
