"""What the documents of the day (文书) say of a round before and after the vote, and what they share.

Plain data in, a `Paper` out. What is not known yet is a ruled blank to be filled in by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from votes.exports.formats.official import close_up, digest_lines
from votes.exports.voting.sheet import SheetData, VoteData
from votes.rules.meeting.key_points import sections
from votes.rules.meeting.rule import quorum_of
from votes.rules.voting.ballots import BallotLine

BLANK = "________"
_FIGURES = "零一二三四五六七八九"


@dataclass(frozen=True)
class MotionOnPaper:
    """Hold a decision by show of hands: 赞成, 反对, 弃权, and whether it passed."""

    votes_for: int
    against: int
    abstain: int
    passed: bool


@dataclass(frozen=True, kw_only=True)
class DayData(VoteData):
    """Hold what is known of the day so far; None where it is not known yet.

    roster    应到; `present` 实到; `leave` 请假
    issued    发出, and `returned` 收回, once the box is closed
    chief_teller, other_tellers   the names of 总监票人 and of 监票人
    passed    how the meeting voted on "method" (票决办法) and on "tellers", by show of hands
    sheet     the counted result, once the tellers have signed
    opened    True once the round is open: rule and roll do not change any more
    """

    candidates: Sequence[BallotLine]
    roster: int | None = None
    present: int | None = None
    leave: int | None = None
    issued: int | None = None
    returned: int | None = None
    chief_teller: str = ""
    other_tellers: Sequence[str] = ()
    passed: Mapping[str, MotionOnPaper] | None = None
    sheet: SheetData | None = None
    opened: bool = False

    @property
    def vote(self) -> str:
        """Return the vote's name in documents: 2027年民生实事项目票决（第二轮）."""
        return self.title + self.round_mark

    @property
    def needed(self) -> int | None:
        """Return the quorum in persons."""
        return None if self.roster is None else quorum_of(self.rule, self.roster)

    @property
    def parts(self) -> dict[str, list[str]]:
        """Return the sentences of the rule by subject."""
        parts = sections(self.rule, len(self.candidates), self.roster, self.organ)
        return {key: [close_up(sentence) for sentence in part] for key, part in parts.items()}

    @property
    def noun(self) -> str:
        """Return 票决 or 满意度测评."""
        return "满意度测评" if self.is_rating else "票决"

    @property
    def method_title(self) -> str:
        """Return the title of 票决办法."""
        return f"{self.title if self.title.endswith(self.noun) else self.title + self.noun}办法"

    @property
    def chief(self) -> str:
        """Return the name of 总监票人, or a ruled blank."""
        return known(self.chief_teller)

    @property
    def others(self) -> str:
        """Return the names of the other tellers, or a ruled blank."""
        return known("、".join(self.other_tellers))


def chinese_number(number: int) -> str:
    """Return 1 … 99 in Chinese: 一, 十, 十七, 二十一."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _FIGURES[ones]
    return f"{_FIGURES[tens] if tens > 1 else ''}十{_FIGURES[ones] if ones else ''}"


def known(value: object) -> str:
    """Return the value, or a ruled blank for what is not known yet."""
    return BLANK if value in (None, "") else str(value)


def foot(data: DayData, *labels: str) -> list[tuple[str, str]]:
    """Return the small print with the digests of these labels, as far as they are known."""
    frozen = [(label, value) for label, value in data.digests if label in labels and value]
    return digest_lines(frozen, data.algorithm, data.software)


def frozen_foot(data: DayData, *labels: str) -> list[tuple[str, str]]:
    """Return `foot` once the round is open: before, the rule may still change."""
    return foot(data, *labels) if data.opened else []
