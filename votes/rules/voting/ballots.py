"""One ballot (票): what may be marked, whether it is valid, whether two keyed entries of a paper agree.

Marks map a candidate's printed number to a word; a number that is missing is 弃权 (for a rating: that item is
void). There is no write-in: the law gives it for persons only (代表法 arts. 17, 23).
"""

from collections.abc import Collection, Mapping

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule

Marks = dict[int, str]

FOR, AGAINST, ABSTAIN = "for", "against", "abstain"
RATINGS = ("satisfied", "basically", "dissatisfied")

#: What a phone may send, by method.
ALLOWED: dict[str, tuple[str, ...]] = {
    "choose": (FOR, ABSTAIN),
    "threeway": (FOR, AGAINST, ABSTAIN),
    "confirm": (FOR, AGAINST, ABSTAIN),
    "rating": RATINGS,
}


def check_marks(rule: Rule, numbers: Collection[int], marks: Mapping[int, str]) -> None:
    """Refuse marks that a phone may not submit; a blank ballot is in order.

    `numbers` are the printed numbers on the ballot. Raises RuleBroken (field "marks") with one message each
    for a number not on the ballot, a mark of another kind, and more "for" than seats. Whatever passes here is
    a valid ballot.
    """
    _check_known(rule, numbers, marks)
    excess = _excess(rule, marks)
    if excess:
        verb, undo = ("选", "取消") if rule.method == "choose" else ("赞成", "改选")
        raise RuleBroken(
            f"您已{verb} {rule.seats + excess} 项，最多可{verb} {rule.seats} 项。"
            f"请{undo} {excess} 项后再提交，您的选择仍在。",
            field="marks",
            code="too_many",
            status=422,
        )


def normalise_marks(rule: Rule, numbers: Collection[int], marks: Mapping[int, str]) -> Marks:
    """The one way to write these marks down: ascending numbers, 弃权 left out.

    An abstention and a missing number mean the same, so only one of the two may reach the box and the digest.
    More "for" than seats are kept: a paper is written down as it was marked. Raises RuleBroken for a number
    not on the ballot and for a mark of another kind.
    """
    _check_known(rule, numbers, marks)
    return {no: marks[no] for no in sorted(marks) if marks[no] != ABSTAIN}


def is_valid(rule: Rule, marks: Mapping[int, str], spoilt: bool = False) -> bool:
    """Is the ballot as a whole valid (有效票)?

    Invalid are a spoilt one, and one with more "for" marks than seats (选举法 art. 44) unless the rule allows
    that. Fewer marks, or none, are valid. A rating has no cap: its items are void one by one.
    """
    return not spoilt and not _excess(rule, marks)


def agree(
    entry_a: Mapping[int, str], entry_b: Mapping[int, str], *, spoilt_a: bool = False, spoilt_b: bool = False
) -> list[int]:
    """Where two people's entries of the same paper ballot differ: printed numbers, ascending; [] is agreement.

    0 stands for the ballot as a whole: one of the two called it spoilt. 弃权 and no mark are the same.
    """
    if spoilt_a or spoilt_b:
        return [] if spoilt_a == spoilt_b else [0]
    return sorted(
        no for no in entry_a.keys() | entry_b.keys() if entry_a.get(no, ABSTAIN) != entry_b.get(no, ABSTAIN)
    )


def _check_known(rule: Rule, numbers: Collection[int], marks: Mapping[int, str]) -> None:
    unknown = [str(no) for no in marks if no not in numbers]
    if unknown:
        raise RuleBroken(
            f"票上没有第 {'、'.join(unknown)} 项，没有提交任何内容。请刷新页面后重新选择。",
            field="marks",
            code="unknown_number",
            status=422,
        )
    for no, mark in marks.items():
        if mark not in ALLOWED[rule.method]:
            raise RuleBroken(
                f"第 {no} 项的选择无法识别，没有提交任何内容。请刷新页面后重新选择。",
                field="marks",
                code="unknown_mark",
                status=422,
            )


def _excess(rule: Rule, marks: Mapping[int, str]) -> int:
    """How many "for" marks are too many; 0 for a rating and where the rule allows any number."""
    if rule.method == "rating" or rule.overvote == "allow":
        return 0
    return max(0, list(marks.values()).count(FOR) - rule.seats)
