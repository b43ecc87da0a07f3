"""票决办法要点: the rule of a round in Chinese sentences, for the page, the ballot and 票决办法（草案）."""

from votes.rules.meeting.quorum import quorum_words
from votes.rules.meeting.rule import LEGEND, Rule, quorum_of, surplus_words
from votes.rules.people.organs import COUNTY, Organ


def key_points(rule: Rule, candidates: int, roster: int | None = None, organ: Organ = COUNTY) -> list[str]:
    """Return 票决办法要点: the rule in Chinese sentences to print, with the figures worked out (see `sections`)."""
    return [point for part in sections(rule, candidates, roster, organ).values() for point in part]


def sections(
    rule: Rule, candidates: int, roster: int | None = None, organ: Organ = COUNTY
) -> dict[str, list[str]]:
    """Return the sentences of the rule by their subject.

    The subjects are how_many, marking, quorum, validity, deciding, signing, checkin, disclosure, publish.
    `candidates` is how many projects stand. `roster` (应到) is None while the roll is not known: the sentences then
    have no head counts. `organ` has the words for those who vote and preside.
    """
    who = organ.member
    shown = "测评等次" if rule.method == "rating" else "项目名称"
    checkin = {
        "desk_or_hall_code": f"{who}凭会场屏幕上的签到码签到，或者在签到处签到；签到后方可领票、投票。",
        "desk": f"{who}在签到处签到；签到后方可领票、投票。",
        "open": f"{who}自行签到，不在会场的也可以签到；签到后方可投票。",
    }
    counted = {"none": "收回的票", "keyed": "手机票、纸质票", "totals": "手机票、纸质票或者一个票箱"}[
        rule.paper
    ]
    disclosure = {
        "codes": f"票决记录公开全部回执码，供{who}核对自己的票已经收回；不公开每张票的内容。",
        "ballots": f"票决记录公开全部回执码和每张票的内容，不含任何{who}姓名；"
        f"{counted}不足 {rule.small_body} 张的，只公开回执码。",
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
    way = "，采用无记名等额投票方式"
    if rule.method != "confirm":
        surplus, share = candidates - rule.seats, surplus_words(rule, candidates)
        way = f"，差额 {surplus} 项（差额比例 {share}），采用无记名差额投票方式"
    counted = f"候选项目 {candidates} 项，应选 {rule.seats} 项{way}"
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
    limit = f"赞成的项目等于或者少于 {rule.seats} 项的为有效票，多于 {rule.seats} 项的整票无效。"
    if rule.overvote == "allow":
        limit = "赞成的项目可以多于应选名额，票仍然有效。"
    return [each, limit, blank]


def _on_paper(rule: Rule, organ: Organ) -> list[str]:
    if rule.paper == "none":
        return []
    choice = f"{organ.member}用手机投票，也可以领取纸质票投票，每人只能用一种；领取纸质票后，手机投票停用。"
    if rule.paper == "totals":
        return [choice + "纸质票在监票人监督下人工计票，各票箱的合计由一人录入、另一人核对。"]
    return [choice + "纸质票在监票人监督下由两人分别录入，录入不一致的，由总监票人核定。"]


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
        tie = {"rerun": "就票数相等的项目再次投票，以赞成票多的确定", "presidium": f"由{organ.presider}决定"}
        points.append(f"应选名额边缘的项目赞成票相等、不能确定的，{tie[rule.tie]}。")
    shortfall = {"vacant": "从缺", "further": "在其余候选项目中另行票决"}
    points.append(f"获得通过的项目少于 {rule.seats} 项时，不足的名额{shortfall[rule.shortfall]}。")
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
