"""法定人数: the share of all members who must be present, computed in whole numbers and never rounded."""

from votes.rules.people.organs import COUNTY, Organ

_DIGITS = "零一二三四五六七八九十"


def quorum_needed(roster: int, quorum: tuple[int, int], more: bool = False) -> int:
    """Return the least number present: ceil(roster × n / d), or with `more` floor(roster × n / d) + 1.

    地方组织法 art. 14: two thirds of all deputies; art. 51: more than half of a standing committee.
    """
    n, d = quorum
    return roster * n // d + 1 if more else -(-roster * n // d)


def quorum_met(present: int, roster: int, quorum: tuple[int, int], more: bool = False) -> bool:
    """Tell whether at least n/d of the roster are present (`more`: more than n/d)."""
    return present >= quorum_needed(roster, quorum, more)


def quorum_words(quorum: tuple[int, int], more: bool, organ: Organ = COUNTY) -> str:
    """Return the quorum in words: 全体代表的三分之二, 常务委员会全体组成人员的过半数."""
    n, d = quorum
    if more and n * 2 == d:
        return f"{organ.members}的过半数"
    return f"{organ.members}的" + (f"{_DIGITS[d]}分之{_DIGITS[n]}" if d < len(_DIGITS) else f" {n}/{d} ")
