"""主持词: what the chair of the meeting reads."""

from votes.exports.formats.layout import Block, Paper, Text
from votes.exports.formats.official import close_up
from votes.exports.voting.day import BLANK, DayData, MotionOnPaper, chinese_number, frozen_foot, known
from votes.exports.voting.sheet import SheetData, compared, grade_word, vote_paper
from votes.rules.dates import chinese_date


def script(data: DayData) -> Paper:
    """Return 主持词: what the chair reads, step by step, with the day's figures where they are known.

    A further round needs no vote on 票决办法 and tellers: the meeting passed them before the first.
    """
    noun, organ = data.noun, data.organ
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
                f"本轮{noun}按照会议通过的{noun}办法进行，仍由{data.chief}任总监票人，{data.others}任监票人。"
            )
        )
    for place, (heading, words) in enumerate(steps, start=1):
        blocks.append(Text(f"{chinese_number(place)}、{heading}", indent=False, strong=True))
        blocks.extend(Text(close_up(line)) for line in words(data))
    blocks.append(Text(f"本次{noun}到此结束。"))
    return vote_paper(
        data,
        f"{data.vote}主持词",
        blocks,
        number=f"（{chinese_date(data.held_on)}）",
        foot=frozen_foot(data, "票决办法"),
    )


def _count_heads(data: DayData) -> list[str]:
    organ = data.organ
    here = f"应到{organ.member}{known(data.roster)}人，实到{known(data.present)}人"
    if data.leave:
        here += f"，请假{data.leave}人"
    if data.present is None or data.needed is None or data.present < data.needed:
        return [
            f"（主持人请工作人员清点人数。法定人数为{known(data.needed)}人，达到后方可继续。）",
            f"根据清点，本次会议{here}，达到法定人数，可以进行{data.noun}。",
        ]
    return [f"本次会议{here}，达到法定人数（{data.needed}人），可以进行{data.noun}。"]


def _hands(decision: MotionOnPaper | None, matter: str) -> list[str]:
    question = "同意的请举手。（稍候）请放下。不同意的请举手。（稍候）请放下。弃权的请举手。（稍候）请放下。"
    if decision is None:
        return [question, f"赞成{BLANK}人，反对{BLANK}人，弃权{BLANK}人。{matter}{BLANK}（通过或者未通过）。"]
    outcome = "通过" if decision.passed else "未获通过"
    votes = f"赞成{decision.votes_for}人，反对{decision.against}人，弃权{decision.abstain}人。"
    return [question, f"{votes}{matter}{outcome}。"]


def _pass_method(data: DayData) -> list[str]:
    return [
        f"请工作人员宣读《{data.method_title}（草案）》。（宣读）",
        f"各位{data.organ.member}对草案有什么意见？（稍候）现在以举手方式进行表决。",
        *_hands((data.passed or {}).get("method"), f"{data.noun}办法"),
    ]


def _pass_tellers(data: DayData) -> list[str]:
    return [
        f"提名{data.chief}为总监票人，{data.others}为监票人。现在以举手方式进行表决。",
        *_hands((data.passed or {}).get("tellers"), "监票人名单"),
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
    figures = f"本次投票，发出选票{known(issued)}张，收回{known(returned)}张。"
    if issued is None or returned is None:
        judged = f"收回的票{BLANK}（等于、少于或者多于）发出的票，本次投票{BLANK}（有效或者无效）。"
    else:
        valid = "有效" if returned <= issued else "无效，应重新投票"
        judged = f"{compared(returned, issued)}，本次投票{valid}。"
    return [*lines, figures + judged]


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
        return [*lines, f"根据计票结果，现在宣布：确定{BLANK}{BLANK}，共{BLANK}个项目为民生实事项目。"]
    if sheet.is_rating:
        rows = [f"第{r.no}项“{sheet.names[r.no]}”为{grade_word(r)}" for r in sheet.result.ratings]
        return [*lines, f"现在宣布测评结果：{'；'.join(rows)}。"]
    if not sheet.chosen:
        return [*lines, "根据计票结果，现在宣布：没有项目获得通过。"]
    names = "、".join(f"第{row.no}项“{sheet.names[row.no]}”" for row in sheet.chosen)
    left = sheet.result.seats_left - len(sheet.decided)
    return [
        *lines,
        f"根据计票结果，现在宣布：确定{names}，共{len(sheet.chosen)}个项目为民生实事项目。",
        *([_by_presider(sheet)] if sheet.decided else []),
        *([f"其余{left}个名额，按照票决办法办理。"] if left else []),
    ]


def _by_presider(sheet: SheetData) -> str:
    """Return which of the chosen the vote left to the presidium."""
    numbers = "、".join(map(str, sheet.decided))
    return f"其中第{numbers}项票数与其他项目相等，按照票决办法由{sheet.organ.presider}决定列入。"
