"""A decision by show of hands (举手表决): which figures are possible, and when a motion passes.

票决办法, the list of 监票人 and a 决议 pass in this way. People count the hands in the hall and enter the numbers.
"""

from typing import NamedTuple

from votes.rules.errors import RuleBroken

#: The usual motions before and after a ballot; `{year}` is the year of the projects.
USUAL = (
    "票决办法（草案）",
    "总监票人、监票人名单（草案）",
    "关于{year}年民生实事项目的决议（草案）",
)
#: A motion about the rule of the ballot has one of these in its title.
ABOUT_RULE = ("票决办法", "表决办法")


class ShowOfHands(NamedTuple):
    """The heads that were counted: 应到 · 实到 · 赞成 · 反对 · 弃权."""

    roster: int
    present: int
    votes_for: int
    votes_against: int
    abstentions: int

    @property
    def not_voting(self) -> int:
        """Return 未表决: those present who raised no hand at all. They do not abstain (弃权)."""
        return self.present - self.votes_for - self.votes_against - self.abstentions


def passes(votes_for: int, roster: int) -> bool:
    """Tell whether more than half of all members, not of those present, are in favour; half is not enough.

    地方组织法 (2022) art. 25 for congresses, art. 51 for a standing committee.
    """
    return votes_for * 2 > roster


def check(figures: ShowOfHands) -> None:
    """Refuse impossible figures, at the first field that is wrong."""
    for name, value in zip(figures._fields, figures, strict=True):
        if value < 0:
            raise _refusal(name, "人数不能是负数。")
    if figures.roster < 1:
        raise _refusal("roster", "应到人数至少为 1 人。")
    present, total = figures.present, figures.present - figures.not_voting
    if present > figures.roster:
        words = f"实到 {present} 人多于应到 {figures.roster} 人，请核对。"
        raise _refusal("present", words, "present_exceeds_roster")
    if total > present:
        counted = f"赞成 {figures.votes_for}、反对 {figures.votes_against}、弃权 {figures.abstentions}"
        words = f"{counted}，合计 {total} 人，多于实到 {present} 人，请核对。"
        raise _refusal("votes_for", words, "votes_exceed_present")


def _refusal(field: str, words: str, code: str = "bad_figure") -> RuleBroken:
    return RuleBroken(words, field=field, code=code, status=422)


def about_rule(title: str) -> bool:
    """Tell whether the motion with this title passes 票决办法."""
    return any(word in title for word in ABOUT_RULE)
