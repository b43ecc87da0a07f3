"""Boxes of ballots made to measure, and the published figures."""

import csv
from itertools import cycle, islice
from pathlib import Path

from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import ABSTAIN, is_valid
from votes.rules.voting.result import BoxTotal, CastBallot, TurnoutFigures

DATA = Path(__file__).parents[2] / "data"


def figures(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def full_house(roster: int) -> TurnoutFigures:
    """Everybody came and everybody voted."""
    return TurnoutFigures(roster, roster, roster, roster)


def box(approvals: dict[int, int], size: int) -> list[CastBallot]:
    """`size` ballots on which each candidate has so many "for".

    The marks are dealt round the table, so no ballot carries more of them than the average rounded up.
    """
    marks: list[dict[int, str]] = [{} for _ in range(size)]
    table = cycle(marks)
    for no, number in approvals.items():
        for ballot in islice(table, number):
            ballot[no] = "for"
    return papers(marks)


def columns(votes: dict[int, dict[str, int]], size: int) -> list[CastBallot]:
    """`size` ballots on which each candidate has so many of each mark; the rest is left unmarked."""
    marks: list[dict[int, str]] = [{} for _ in range(size)]
    for no, given in votes.items():
        words = [word for word, number in given.items() for _ in range(number)]
        for ballot, word in zip(marks, words, strict=False):
            ballot[no] = word
    return papers(marks)


def papers(marks: list[dict[int, str]]) -> list[CastBallot]:
    return [CastBallot(f"CODE{place:06d}", "phone", given) for place, given in enumerate(marks)]


def by_hand(rule: Rule, no: int, ballots: list[CastBallot]) -> BoxTotal:
    """Return what a person writes down who counts these ballots by hand."""
    valid = [ballot for ballot in ballots if is_valid(rule, ballot.marks, ballot.spoilt)]
    counts: dict[int, dict[str, int]] = {}
    for ballot in valid:
        for number, mark in ballot.marks.items():
            if mark != ABSTAIN and (rule.method != "choose" or mark == "for"):
                row = counts.setdefault(number, {})
                row[mark] = row.get(mark, 0) + 1
    return BoxTotal(no, len(valid), len(ballots) - len(valid), counts)
