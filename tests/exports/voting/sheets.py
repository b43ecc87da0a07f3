"""Counted rounds for the tests of documents: rows as one reads them, made into what the rules give."""

from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from votes.exports.voting.sheet import SheetData
from votes.rules.meeting.rule import Rule
from votes.rules.voting.result import RatingCount, Result, SourceShare, TurnoutFigures, VoteCount


class Row(NamedTuple):
    """One project of a vote; `phone` and `paper` are its 赞成, 反对, 弃权 in either way."""

    no: int
    name: str
    for_: int
    against: int
    abstain: int
    outcome: str
    phone: tuple[int, int, int] | None = None
    paper: tuple[int, int, int] | None = None


class Rated(NamedTuple):
    """One project of a rating; `phone` and `paper` are its 满意, 基本满意, 不满意 in either way."""

    no: int
    name: str
    satisfied: int
    basically: int
    dissatisfied: int
    void: int
    grade: str | None
    phone: tuple[int, int, int] | None = None
    paper: tuple[int, int, int] | None = None


TURNOUT = ("roster", "present", "issued", "returned")
RESULT = ("valid", "invalid", "seats_left", "void")
RULE = ("seats", "method", "publish", "small_body")


def counted(row: Row | Rated) -> VoteCount | RatingCount:
    if isinstance(row, Rated):
        return RatingCount(row.no, *row[2:7])
    return VoteCount(row.no, row.for_, row.against, row.abstain, row.outcome)


def share(
    rows: list[Row | Rated], way: str, issued: int, returned: int, valid: int | None = None, invalid: int = 0
) -> SourceShare:
    """Return what came by ``way`` (phone | paper); without ``valid`` it is not counted apart."""
    if valid is None:
        return SourceShare(issued, returned)
    parts = [(row, getattr(row, way)) for row in rows]
    counts = tuple(VoteCount(row.no, *given, row.outcome) for row, given in parts if isinstance(row, Row))
    ratings = tuple(
        RatingCount(row.no, *given, 0, row.grade) for row, given in parts if isinstance(row, Rated)
    )
    return SourceShare(issued, returned, Result(valid, invalid, (), (), 0, counts, ratings))


def changed(data: SheetData, **changes: Any) -> SheetData:
    """Return the sheet with other figures.

    ``changes`` are ``rows``, ``phone`` and ``paper`` (arguments of `share`), and fields of sheet, turnout, result and
    rule by their names.
    """

    def some(names: tuple[str, ...]) -> dict[str, Any]:
        return {name: changes.pop(name) for name in names if name in changes}

    turnout, result, rule = (some(names) for names in (TURNOUT, RESULT, RULE))
    rows = changes.pop("rows", None)
    phone, paper = changes.pop("phone", None), changes.pop("paper", None)
    if rows is not None:
        changes["names"] = {row.no: row.name for row in rows}
        result["counts"] = tuple(counted(row) for row in rows if isinstance(row, Row))
        result["ratings"] = tuple(counted(row) for row in rows if isinstance(row, Rated))
    if phone and paper:
        changes["shares"] = (share(rows or [], "phone", *phone), share(rows or [], "paper", *paper))
    return replace(
        data,
        turnout=replace(data.turnout, **turnout),
        result=replace(data.result, **result),
        rule=replace(data.rule, **rule),
        **changes,
    )


#: A round of 180 deputies, 171 present, 170 valid ballots, two seats.
SHEET = SheetData(
    body="示例县人民代表大会",
    session="第十八届人民代表大会第五次会议",
    title="2027年民生实事项目票决",
    held_on=date(2027, 1, 5),
    rule=Rule(seats=2),
    turnout=TurnoutFigures(roster=180, present=171, issued=171, returned=170),
    result=Result(valid=170, invalid=0, selected=(), undecided=(), seats_left=0),
    names={},
)
