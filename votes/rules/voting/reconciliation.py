"""Checks of a counting sheet's arithmetic: they look only at figures, counted here or by hand."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import ABSTAIN, AGAINST, FOR, MARK_WORDS, RATINGS, most_for
from votes.rules.voting.result import BoxTotal, Result, TurnoutFigures


def box_complaints(rule: Rule, candidates: Sequence[int], box: BoxTotal) -> list[str]:
    """Return what does not add up in a box counted by hand, in Chinese; [] when everything does.

    赞成 + 反对 + 弃权 = 有效 must hold on each project (in a rating: the three grades and 无效), and 赞成 in all is at
    most `seats` for each valid paper. The last figure of a row (弃权, 无效) may be left out.
    """
    marks = {"rating": (*RATINGS, "void"), "choose": (FOR, ABSTAIN)}.get(rule.method, (FOR, AGAINST, ABSTAIN))
    names = {mark: MARK_WORDS[mark] for mark in marks}
    rest = marks[-1]
    complaints = []
    if box.valid < 0 or box.invalid < 0:
        return ["有效票、无效票不能是负数。"]
    for no, row in box.counts.items():
        if no not in candidates:
            complaints.append(f"票上没有第 {no} 项。")
            continue
        if unknown := [mark for mark in row if mark not in names]:
            complaints.append(f"第 {no} 项不计“{unknown[0]}”一栏。")
        if any(number < 0 for number in row.values()):
            complaints.append(f"第 {no} 项有负数。")
        total = sum(number for mark, number in row.items() if mark in names)
        figures = "、".join(f"{names[mark]} {row[mark]}" for mark in names if mark in row)
        if rest in row and total != box.valid:
            complaints.append(f"第 {no} 项{figures}，合计 {total}，与有效票 {box.valid} 张不符。")
        elif total > box.valid:
            complaints.append(f"第 {no} 项{figures}，多于有效票 {box.valid} 张。")
    approvals = sum(row.get(FOR, 0) for row in box.counts.values())
    return complaints + _excess_approvals(rule, approvals, box.valid)


def _excess_approvals(rule: Rule, approvals: int, valid: int) -> list[str]:
    """Return a complaint when there are more 赞成 in all than the seats allow on so many valid ballots."""
    cap = most_for(rule)
    if cap is None or approvals <= cap * valid:
        return []
    return [f"赞成票共 {approvals} 票，超过有效票 {valid} 张乘以应选 {cap} 项的 {cap * valid} 票。"]


class PublishedRating(NamedTuple):
    """Hold one published row of ratings, to be reconciled with the number of ballots."""

    name: str
    satisfied: int
    basically: int
    dissatisfied: int
    void: int = 0


def reconcile_rating(rows: Iterable[PublishedRating], ballots: int) -> list[str]:
    """Return the rows that do not add up to the number of valid ballots, as complaints in Chinese."""
    complaints = []
    for row in rows:
        if min(row[1:]) < 0:
            complaints.append(f"“{row.name}”有负数，请核对。")
        total = sum(row[1:])
        if total != ballots:
            complaints.append(
                f"“{row.name}”满意 {row.satisfied}、基本满意 {row.basically}、不满意 {row.dissatisfied}、"
                f"无效 {row.void}，合计 {total}，与有效票 {ballots} 不符，相差 {abs(ballots - total)}。"
            )
    return complaints


def reconcile(turnout: TurnoutFigures, result: Result, rule: Rule) -> list[str]:
    """Return what does not add up on a counting sheet, in Chinese; [] when everything does."""
    sums = f"有效 {result.valid} 张与无效 {result.invalid} 张之和"
    checks = [
        (turnout.present <= turnout.roster, f"实到 {turnout.present} 人多于应到 {turnout.roster} 人。"),
        (turnout.issued <= turnout.present, f"发出 {turnout.issued} 张多于实到 {turnout.present} 人。"),
        (turnout.returned <= turnout.issued, f"收回 {turnout.returned} 张多于发出 {turnout.issued} 张。"),
        (turnout.returned == result.valid + result.invalid, f"收回 {turnout.returned} 张，不等于{sums}。"),
    ]
    for row in result.counts:
        figures = f"第 {row.no} 项赞成 {row.for_}、反对 {row.against}、弃权 {row.abstain}"
        words = f"{figures}，合计 {sum(row.figures)}，与有效票 {result.valid} 张不符。"
        checks.append((min(row.figures) >= 0 and sum(row.figures) == result.valid, words))
    complaints = [words for holds, words in checks if not holds]
    ratings = [PublishedRating(f"第 {row.no} 项", *row.figures, row.void) for row in result.ratings]
    complaints.extend(reconcile_rating(ratings, result.valid))
    complaints.extend(_excess_approvals(rule, sum(row.for_ for row in result.counts), result.valid))
    if rule.method != "rating" and len(result.selected) > rule.seats:
        complaints.append(f"确定 {len(result.selected)} 项，多于应选 {rule.seats} 项。")
    return complaints
