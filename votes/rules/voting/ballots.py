"""One ballot (票): how it comes in, what may be marked, when it is valid, when two readings of a paper agree.

Marks map a candidate's printed number to a word. A missing number is 弃权 (in a rating, the item is void).
There is no write-in: the law provides it for persons only (代表法 arts. 17, 23).
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule

Marks = dict[int, str]


class Source(StrEnum):
    """How a deputy votes: `turnout.channel`. What lies in the box is one of the `KINDS` alone (`ballots.source`)."""

    PHONE = "phone"
    PAPER = "paper"

    @property
    def word(self) -> str:
        """Return the word of this way in, as documents print it."""
        return {Source.PHONE: "手机", Source.PAPER: "纸质"}[self]


#: The ways in which a deputy is handed a paper: it comes back in a ballot box.
ON_PAPER = tuple(source for source in Source if source is not Source.PHONE)

#: What a ballot in the box may be. However its voter received a paper, it counts as paper: who holds one is known by
#: name, so a smaller group would tell how its few members voted (docs/decisions/0009).
KINDS = (Source.PHONE, Source.PAPER)


@dataclass(frozen=True)
class BallotLine:
    """Hold what a ballot says of a project: printed number, name, content in brief, amount."""

    number: int
    name: str
    summary: str = ""
    amount: str = ""


FOR, AGAINST, ABSTAIN = "for", "against", "abstain"
RATINGS = ("satisfied", "basically", "dissatisfied")

#: The words of the marks as they are printed; "void" is what a rating calls an item without a usable mark.
MARK_WORDS = {
    FOR: "赞成",
    AGAINST: "反对",
    ABSTAIN: "弃权",
    "satisfied": "满意",
    "basically": "基本满意",
    "dissatisfied": "不满意",
    "void": "无效",
}
GRADES = {word: MARK_WORDS[word] for word in RATINGS}

#: The marks a phone may send, by method.
ALLOWED: dict[str, tuple[str, ...]] = {
    "choose": (FOR, ABSTAIN),
    "threeway": (FOR, AGAINST, ABSTAIN),
    "confirm": (FOR, AGAINST, ABSTAIN),
    "rating": RATINGS,
}


#: What fills a mark up to the width of its method in a form, so that the length of a request tells nothing.
_FILL = "-"
_WIDTHS = {**{method: max(map(len, words)) for method, words in ALLOWED.items()}, "choose": len(FOR)}


def to_field(rule: Rule, mark: str = "") -> str:
    """Return a mark as forms send it: of one width whatever was marked, also where nothing was."""
    return mark.ljust(_WIDTHS[rule.method], _FILL)


def from_field(value: str) -> str:
    """Return the mark that a form has sent; empty for an item without one."""
    return value.rstrip(_FILL)


#: What any browser reads but the one that has cast the vote.
NOT_CAST_HERE = "这张凭证已经投过票。如果不是您本人投的，请立即告诉监票人。"


def mark_of(key: bytes, text: str) -> str:
    """Return the mark of a ballot's code, or of a browser, under the key of an open round."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def is_marked(mark: str | None, key: bytes | None, text: str) -> bool:
    """Tell whether ``mark`` is that of ``text``; never once the close has destroyed key and marks."""
    return mark is not None and key is not None and hmac.compare_digest(mark, mark_of(key, text))


def most_for(rule: Rule) -> int | None:
    """Return how many "for" marks a valid ballot may have (选举法 art. 44); None for any number, and in a rating."""
    return None if rule.method == "rating" or rule.overvote == "allow" else rule.seats


def check_marks(rule: Rule, numbers: Collection[int], marks: Mapping[int, str]) -> None:
    """Refuse marks that a phone may not submit; a blank ballot is allowed.

    `numbers` are the printed numbers on the ballot. Raises RuleBroken (field "marks") for a number that is not
    on the ballot, for an unknown mark, and for more "for" marks than seats. Marks that pass make a valid ballot.
    """
    _check_known(rule, numbers, marks)
    excess = _excess(rule, marks)
    if excess:
        verb, undo = ("选", "取消") if rule.method == "choose" else ("赞成", "改选")
        words = f"您已{verb} {rule.seats + excess} 项，最多可{verb} {rule.seats} 项。"
        raise _refused(f"{words}请{undo} {excess} 项后再提交，您的选择仍在。", "too_many")


def normalise_marks(rule: Rule, numbers: Collection[int], marks: Mapping[int, str]) -> Marks:
    """Return the marks in their only stored form: ascending numbers, 弃权 left out.

    An abstention and a missing number mean the same, so only one of the two may reach the box and the digest.
    More "for" marks than seats stay: a paper is stored as it was marked. Raises RuleBroken for a number that is
    not on the ballot and for an unknown mark.
    """
    _check_known(rule, numbers, marks)
    return {no: marks[no] for no in sorted(marks) if marks[no] != ABSTAIN}


def is_valid(rule: Rule, marks: Mapping[int, str], spoilt: bool = False) -> bool:
    """Return True when the ballot as a whole is valid (有效票).

    A spoilt ballot is invalid, and so is one with more "for" marks than seats (选举法 art. 44) unless the rule
    allows that. Fewer marks, or none, are valid. A rating has no cap: its items are void one by one.
    """
    return not spoilt and not _excess(rule, marks)


def agree(
    entry_a: Mapping[int, str], entry_b: Mapping[int, str], *, spoilt_a: bool = False, spoilt_b: bool = False
) -> list[int]:
    """Return the printed numbers on which two readings of one paper differ, ascending; [] when they agree.

    0 stands for the ballot as a whole: only one of the two called it spoilt. 弃权 and no mark are the same.
    """
    if spoilt_a or spoilt_b:
        return [] if spoilt_a == spoilt_b else [0]
    return sorted(
        no for no in entry_a.keys() | entry_b.keys() if entry_a.get(no, ABSTAIN) != entry_b.get(no, ABSTAIN)
    )


def _check_known(rule: Rule, numbers: Collection[int], marks: Mapping[int, str]) -> None:
    unknown = [str(no) for no in marks if no not in numbers]
    if unknown:
        words = f"票上没有第 {'、'.join(unknown)} 项，没有提交任何内容。请刷新页面后重新选择。"
        raise _refused(words, "unknown_number")
    for no, mark in marks.items():
        if mark not in ALLOWED[rule.method]:
            words = f"第 {no} 项的选择无法识别，没有提交任何内容。请刷新页面后重新选择。"
            raise _refused(words, "unknown_mark")


def _refused(words: str, code: str) -> RuleBroken:
    return RuleBroken(words, field="marks", code=code, status=422)


def _excess(rule: Rule, marks: Mapping[int, str]) -> int:
    """Return how many "for" marks are too many; 0 where the rule allows any number."""
    cap = most_for(rule)
    return 0 if cap is None else max(0, list(marks.values()).count(FOR) - cap)
