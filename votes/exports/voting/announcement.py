"""公告 of the presidium, or of the committee itself: the projects in list order.

Figures stand in it only where the rule publishes them (names+votes). Projects that lost are not named.
"""

from collections.abc import Sequence

from votes.exports.formats.layout import Block, Closing, Items, Paper, PaperTable, Text
from votes.exports.voting.sheet import SheetData, grade_word, overall_rate, project_table
from votes.rules.dates import chinese_date
from votes.rules.voting.further import nth
from votes.rules.voting.result import VoteCount


def announcement(data: SheetData) -> Paper:
    """Return 公告. Raises ValueError for a round that does not stand: there is nothing to announce."""
    if not data.stands:
        raise ValueError("本次投票无效，没有可公告的结果。")
    session, rounds = data.full_session, [*data.together, data]
    how = f"{session}于{_days(rounds)}以无记名投票方式{_further(data)}"
    blocks = _rated(data, how) if data.is_rating else _voted(data, rounds, how)
    blocks += [Text(_turnout(each, rounds)) for each in rounds if data.shows_votes]
    if left := _left_open(data):
        blocks.append(Text(left))
    signer = f"{session}{data.organ.signs}" if data.organ.signs else data.body
    day = chinese_date(data.announced_on or data.held_on)
    return Paper(
        title=f"{data.body}{data.organ.announces}",
        number=f"（第{data.number}号）" if data.number is not None else "",
        blocks=[*blocks, Text("现予公告。"), Closing(signer, day)],
        organ=signer,
        red=True,
        rehearsal=data.rehearsal,
    )


def _rated(data: SheetData, how: str) -> list[Block]:
    blocks: list[Block] = [
        Text(f"{how}，对{data.list_title}进行了满意度测评，测评等次如下："),
        _public_ratings(data),
    ]
    return [*blocks, Text(overall_rate(data))] if data.shows_votes else blocks


def _voted(data: SheetData, rounds: Sequence[SheetData], how: str) -> list[Block]:
    chosen = sorted((row for each in rounds for row in each.chosen), key=lambda row: row.no)
    if not chosen:
        return [Text(f"{how}，对{data.title.removesuffix('票决')}进行票决，没有项目获得通过。")]
    names = {no: name for each in rounds for no, name in each.names.items()}
    blocks: list[Block] = [
        Text(f"{how}，票决确定下列{len(chosen)}个项目为{data.list_title}（按选票所列顺序排列）："),
        _public_list(chosen, names, rounds) if data.shows_votes else Items([names[row.no] for row in chosen]),
    ]
    if taken := [names[row.no] for each in rounds for row in each.chosen if row.no in each.decided]:
        blocks.append(Text(f"其中“{'”“'.join(taken)}”按照票决办法由{data.organ.presider}决定列入。"))
    return blocks + (_joined(data, {row.no: names[row.no] for row in chosen}) if data.already else [])


def _turnout(data: SheetData, rounds: Sequence[SheetData]) -> str:
    which = f"{nth(data.ordinal)}投票" if len(rounds) > 1 else ""
    turnout, result = data.turnout, data.result
    return (
        f"{which}应到{rounds[-1].organ.member}{turnout.roster}人，实到{turnout.present}人；发出选票{turnout.issued}张，"
        f"收回{turnout.returned}张，其中有效票{result.valid}张、无效票{result.invalid}张。"
    )


def _days(rounds: Sequence[SheetData]) -> str:
    first, last = rounds[0].held_on, rounds[-1].held_on
    return chinese_date(last) if first == last else f"{chinese_date(first)}至{chinese_date(last)}"


def _further(data: SheetData) -> str:
    if data.together:
        return f"经{data.ordinal}轮投票"
    return f"进行{nth(data.ordinal)}投票" if data.ordinal > 1 else ""


def _joined(data: SheetData, chosen: dict[int, str]) -> list[Block]:
    """Return the whole list of a question that was announced in parts."""
    whole = {**data.already, **chosen}
    before = "、".join(f"第{number}号" for number in data.announced)
    return [
        Text(
            f"连同{before}公告公布的{len(data.already)}个项目，{data.list_title}共{len(whole)}个"
            "（按选票所列顺序排列）："
        ),
        Items([whole[no] for no in sorted(whole)]),
    ]


def _left_open(data: SheetData) -> str:
    """Return that places are open and how they will be filled; the public does not learn which projects are tied."""
    if data.decided:
        return ""
    seats, left = (data.together[0] if data.together else data).rule.seats, data.result.seats_left
    return {
        "tie_rerun": f"其余{left}个名额，按照票决办法再次投票确定，结果另行公告。",
        "tie_presidium": f"其余{left}个名额，按照票决办法由{data.organ.presider}决定，结果另行公告。",
        "shortfall_further": f"其余{left}个名额，按照票决办法另行票决，结果另行公告。",
        "vacant": f"应选{seats}项，其余{left}个名额从缺。",
    }.get(data.next_step, "")


def _public_list(
    chosen: Sequence[VoteCount], names: dict[int, str], rounds: Sequence[SheetData]
) -> PaperTable:
    turn = {row.no: [nth(each.ordinal)] if len(rounds) > 1 else [] for each in rounds for row in each.chosen}
    rows = [
        [str(place), names[row.no], *turn[row.no], str(row.for_)] for place, row in enumerate(chosen, start=1)
    ]
    if len(rounds) > 1:
        return project_table(["轮次", "赞成票数"], rows, [12, 50, 16, 22])
    return project_table(["赞成票数"], rows, [12, 66, 22])


def _public_ratings(data: SheetData) -> PaperTable:
    heads, widths = ["等次"], [10, 66, 24]
    if data.shows_votes:
        heads, widths = ["满意", "基本满意", "不满意", "等次"], [10, 39, 11, 14, 12, 14]
    rows = []
    for place, row in enumerate(data.result.ratings, start=1):
        figures = [*map(str, row.figures)] if data.shows_votes else []
        rows.append([str(place), data.names[row.no], *figures, grade_word(row)])
    return project_table(heads, rows, widths)
