"""结果报告单: what 总监票人 reads to the meeting."""

from dataclasses import replace

from votes.exports.formats.layout import Block, Closing, Paper, Signatures, Text
from votes.exports.voting.day import DayData, foot
from votes.exports.voting.sheet import (
    OUTCOMES,
    SheetData,
    SignatureLine,
    compared,
    grade_word,
    numbers,
    overall_rate,
    project_table,
    results_table,
    vote_paper,
)
from votes.rules.dates import chinese_date


def result_report(data: DayData, sheet: SheetData) -> Paper:
    """Return 结果报告单. Votes stand in it only where the rule publishes them."""
    member, turnout, result = data.organ.member, sheet.turnout, sheet.result
    how = "满意度测评" if sheet.is_rating else "投票"
    blocks: list[Block] = [
        Text(f"{data.organ.presider}并各位{member}：", indent=False),
        Text(
            f"{data.full_session}应到{member}{turnout.roster}人，实到{turnout.present}人。本次{how}发出选票{turnout.issued}张，"
            f"收回{turnout.returned}张，其中有效票{result.valid}张，无效票{result.invalid}张。"
        ),
    ]
    if sheet.stands:
        judged = f"{compared(turnout.returned, turnout.issued)}，本次{how}有效。现将结果报告如下："
        blocks += [Text(judged), *(_rated(sheet) if sheet.is_rating else _voted(sheet))]
    else:
        blocks.append(Text("本次投票无效，应重新投票。"))
    chief = [s for s in sheet.signatures if s.role == "总监票人"] or [SignatureLine("总监票人")]
    blocks += [
        Text("特此报告。"),
        Signatures([(s.role, s.name, "") for s in chief]),
        Closing("", chinese_date(sheet.held_on)),
    ]
    title, digests = f"{data.vote}结果报告单", foot(data, "票决办法", "名册", "票箱")
    return vote_paper(data, title, blocks, form=True, foot=digests)


def _rated(sheet: SheetData) -> list[Block]:
    if sheet.shows_votes:
        return [results_table(sheet), Text(overall_rate(sheet))]
    rows = [[str(r.no), sheet.names[r.no], grade_word(r)] for r in sheet.result.ratings]
    return [project_table(["等次"], rows, [12, 66, 22])]


def _voted(sheet: SheetData) -> list[Block]:
    if sheet.decided:  # the count left them open, the decision did not
        sheet = _with_decision(sheet)
    if sheet.shows_votes:
        table = results_table(sheet)
    else:
        words = {c.no: OUTCOMES.get(c.outcome, c.outcome) for c in sheet.result.counts}
        rows = [[str(no), sheet.names[no], word] for no, word in words.items()]
        table = project_table(["结果"], rows, [12, 66, 22])
    outcome = "没有项目获得通过。"
    if selected := sheet.selected:
        outcome = f"第{numbers(selected)}项，共{len(selected)}个项目获得通过并入选。"
    blocks: list[Block] = [table, Text(f"应选{sheet.rule.seats}项。{outcome}")]
    return [*blocks, Text(left)] if (left := _left(sheet)) else blocks


def _with_decision(sheet: SheetData) -> SheetData:
    words = {row.no: "决定列入" if row.no in sheet.decided else "未入选" for row in sheet.undecided}
    counts = tuple(replace(row, outcome=words.get(row.no, row.outcome)) for row in sheet.result.counts)
    return replace(sheet, result=replace(sheet.result, counts=counts))


def _left(sheet: SheetData) -> str:
    """Return what became of the places that the vote did not fill; empty where it filled all."""
    if sheet.decided:
        decided = "、".join(map(str, sheet.decided))
        return (
            f"票数相等的项目，按照票决办法由{sheet.organ.presider}决定第{decided}项列入：{sheet.decision}。"
            f"合计确定{len(sheet.chosen)}个项目。"
        )
    left = sheet.result.seats_left
    if sheet.undecided:
        return f"第{numbers(sheet.undecided)}项票数相等，尚有{left}个名额待定，按照票决办法办理。"
    return f"尚缺{left}个名额，按照票决办法办理。" if left else ""
