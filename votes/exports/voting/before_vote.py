"""What is printed before the vote: 票决办法（草案）, its key points (票决办法要点), the ballot as a sample (票样)."""

from collections.abc import Sequence

from votes.exports.formats.layout import Align, Block, Closing, Items, Paper, PaperTable, Text
from votes.exports.formats.official import close_up
from votes.exports.voting.blanks import SAMPLE, BlankBallot, columns, instructions
from votes.exports.voting.day import DayData, chinese_number, foot, frozen_foot
from votes.exports.voting.sheet import VoteData, centred, vote_paper
from votes.rules.meeting.rule import Rule
from votes.rules.people.organs import Organ


def method(data: DayData) -> Paper:
    """Return 票决办法（草案）, in articles, for the meeting to pass before the vote."""
    articles = ["".join(sentences) for sentences in _articles(data, data.noun)]
    blocks: list[Block] = [
        Text(f"第{chinese_number(place)}条　{article}") for place, article in enumerate(articles, start=1)
    ]
    return vote_paper(
        data,
        data.method_title,
        blocks,
        number=f"（草案，提请{data.organ.meeting}全体会议通过）",
        foot=foot(data, "票决办法"),
    )


def _articles(data: DayData, noun: str) -> list[list[str]]:
    rule, organ, parts = data.rule, data.organ, data.parts
    law = "《中华人民共和国地方各级人民代表大会和地方各级人民政府组织法》"
    basis = f"根据{law}的有关规定，" if organ.statute or organ.majority else "根据有关规定，"
    project = "候选项目" if noun == "票决" else "参加测评的项目"
    listed = "、".join(f"第{c.number}项“{c.name}”" for c in data.candidates)
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


def sample(data: DayData, blank: BlankBallot) -> Paper:
    """Return the ballot as a sample in Word: words and columns of `blank`, marked 票样 on the page."""
    marks = columns(blank.rule.method)
    rows = [[str(line.number), line.name, line.amount or "—", *["　"] * len(marks)] for line in blank.lines]
    width = 13 if len(marks) == 1 else 10
    widths = [8, 77 - width * len(marks), 15, *[width] * len(marks)]
    aligns: list[Align] = ["center", "left", "center", *centred(len(marks))]
    colour = f"{blank.colour}票" if blank.colour else ""
    blocks: list[Block] = [
        Text("填写说明", indent=False, strong=True),
        Text("".join([*(close_up(line) for line in instructions(blank)), blank.advice])),
        PaperTable(["序号", "项目名称", "总投资", *marks], rows, widths, aligns, tall=len(rows) <= 10),
        Closing(f"{data.body}（盖章）", blank.date),
    ]
    return vote_paper(
        data,
        f"{blank.title}票{blank.round_mark}",
        blocks,
        number=f"（票样{f'，{colour}' if colour else ''}）",
        form=True,
        watermark=SAMPLE,
        foot=frozen_foot(data, "票决办法"),
    )


def rule_paper(data: VoteData, points: Sequence[str]) -> Paper:
    """Return 票决办法要点, to be handed out and read before the vote; `points` are `rule.key_points`."""
    return vote_paper(
        data, f"{data.title}办法要点", [Items([close_up(point) for point in points])], form=True
    )
