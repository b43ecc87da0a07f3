"""Blank paper ballots (票样、纸质票): A4 or A5, one design, as many sheets as a stack has.

A ballot carries the serial of its stack and never a number of its own: nothing on it tells one paper from another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from votes.exports.formats import layout, pdf
from votes.exports.voting.sheet import VoteData
from votes.rules.voting.ballots import BallotLine

SAMPLE = "票样"
#: A ballot of up to so many lines has this density, so that a usual list stays on one page.
_CLOSER = {
    "a4": ((12, ""), (18, "close"), (999, "closest")),
    "a5": ((9, ""), (12, "close"), (999, "closest")),
}


@dataclass(frozen=True, kw_only=True)
class BlankBallot(VoteData):
    """Hold what a blank ballot says; the rule tells the boxes of a project, the signs, and who gets paper.

    colour     the word printed where several ballots are cast together: 粉红色; empty for white
    date       of the session, as printed at the foot
    stack      票叠编号; None on a sample (票样)
    check      eight signs that stand for rule and list
    foot       the digest of the frozen rule with its name, on a sample; empty before the opening
    """

    lines: Sequence[BallotLine]
    date: str
    colour: str = ""
    stack: int | None = None
    check: str = ""
    foot: str = ""

    @property
    def advice(self) -> str:
        """Return the sentence under the instructions."""
        if self.rule.paper == "none":  # a sample then only shows what the page lists
            return "本次投票使用手机进行，手机选票页面所列项目与本票样一致。"
        return "请用黑色笔填写，不写姓名，不作其他记号。"


def columns(method: str) -> list[str]:
    """Return the heads of the boxes to mark, in order."""
    if method == "choose":
        return ["选择"]
    return ["满意", "基本满意", "不满意"] if method == "rating" else ["赞成", "反对", "弃权"]


def instructions(blank: BlankBallot) -> list[str]:
    """Return how to mark, with the signs of this rule."""
    rule, signs, many = blank.rule, blank.rule.marks, len(blank.lines)
    if rule.method == "rating":
        return [
            f"本票共 {many} 项。对每项在“满意”“基本满意”“不满意”中选择一栏画“{signs['for']}”。",
            "某项没有选择或者选择两栏以上的，该项无效，其他各项仍然有效。",
        ]
    counted = f"应选 {rule.seats} 项，候选 {many} 项"
    if rule.method != "confirm":
        counted += f"，差额 {many - rule.seats} 项"
    if rule.method == "choose":
        return [
            f"{counted}。在所选项目的“选择”栏画“{signs['for']}”，不选的留空，视为弃权。",
            f"所选等于或者少于 {rule.seats} 项的有效，多于 {rule.seats} 项的整票无效。",
        ]
    empty = signs["abstain"] == "空白"
    sentences = [
        f"{counted}。赞成的在“赞成”栏画“{signs['for']}”，反对的在“反对”栏画“{signs['against']}”，"
        + ("弃权的留空。" if empty else f"弃权的在“弃权”栏画“{signs['abstain']}”。")
        + "没有标记的视为弃权。"
    ]
    if rule.method == "threeway" and rule.overvote == "void_ballot":
        sentences.append(f"赞成等于或者少于 {rule.seats} 项的有效，多于 {rule.seats} 项的整票无效。")
    return sentences


def sheets(blank: BlankBallot, number: int, size: str = "a4") -> bytes:
    """Return the ballot as a PDF of ``number`` equal copies on ``size`` (a4 | a5) paper. Raises PdfUnavailable."""
    # Three boxes on a line leave less room for the names, which then take two lines.
    weight = len(blank.lines) * (10 if blank.rule.method == "choose" else 13) // 10
    density = next(name for most, name in _CLOSER[size] if weight <= most)
    html = layout.template("blank.html").render(
        blank=blank,
        size=size,
        page=size.upper(),
        density=density,
        columns=columns(blank.rule.method),
        instructions=instructions(blank),
        watermark=layout.REHEARSAL if blank.rehearsal else "" if blank.stack else SAMPLE,
        faces_css=pdf.faces_css(),
    )
    return pdf.copies(html, number)
