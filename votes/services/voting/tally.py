"""What the count of a round works on and what it gave: ballots, turnout, result, phone and paper apart."""

from typing import Any

from sqlalchemy import select

from votes.db import db
from votes.models import Ballot, Round, table_of
from votes.rules.meeting.rounds import shows_counts
from votes.rules.voting import tally as rules
from votes.rules.voting.ballots import Source
from votes.rules.voting.result import BoxTotal, CastBallot, Result, SourceShare, TurnoutFigures
from votes.services.meeting import rounds
from votes.services.voting import box_contents, paper_ballots

_ballot = table_of(Ballot)


def box(round_: Round) -> list[CastBallot]:
    """Return all ballots of the round by code."""
    columns = [_ballot.c[name] for name in ("code", "source", "marks", "spoilt")]
    query = select(*columns).where(_ballot.c.round_id == round_.id).order_by(_ballot.c.code)
    return [as_cast(row) for row in db.session.execute(query)]


def as_cast(row: Any) -> CastBallot:
    """Return a row of the box as the rules count it."""
    marks = {int(number): word for number, word in row.marks.items()}
    return CastBallot(row.code, Source(row.source), marks, row.spoilt)


def turnout_of(round_: Round) -> TurnoutFigures:
    """Return 应到, 实到, 发出, 收回 as frozen at the close."""
    figures = {name: getattr(round_, name) or 0 for name in ("roster", "present", "issued", "returned")}
    return TurnoutFigures(**figures, paper_issued=paper_ballots.out(round_))


def count_again(round_: Round) -> Result:
    """Return the result that the stored ballots give by the rule. Raises RuleBroken as `count` of the rules does."""
    numbers, totals = box_contents.numbers(round_), box_contents.totals_of(round_)
    return rules.count(rounds.rule_of(round_), turnout_of(round_), numbers, box(round_), totals)


def result_of(round_: Round) -> Result | None:
    """Return the counted result once the tellers have signed; None before, whoever asks."""
    if not shows_counts(round_.state) or round_.result is None:
        return None
    return Result.from_dict(round_.result)


def shares(round_: Round) -> tuple[SourceShare, SourceShare] | None:
    """Return (phone, paper) of a round with paper once the tellers have signed; None before, and without paper.

    They are for the certificate and the office only: who voted on paper is known in the hall, so these figures are
    never published (docs/decisions/0009). Where either way gave fewer ballots than `small_body`, neither is counted
    apart.
    """
    if paper_ballots.mode(round_) == "none" or result_of(round_) is None:
        return None
    whole, ballots, boxes = turnout_of(round_), box(round_), box_contents.totals_of(round_)
    rule, numbers = rounds.rule_of(round_), box_contents.numbers(round_)

    by_phone = [ballot for ballot in ballots if ballot.source == Source.PHONE]
    on_paper = [ballot for ballot in ballots if ballot.source == Source.PAPER]
    papers_in = len(on_paper) + sum(each.returned for each in boxes)
    apart = rules.may_stand_apart(len(by_phone), papers_in, rule.small_body)

    def share(issued: int, returned: int, ballots: list[CastBallot], boxes: list[BoxTotal]) -> SourceShare:
        turnout = TurnoutFigures(whole.roster, whole.present, max(issued, returned), returned)
        return SourceShare(
            issued, returned, rules.count(rule, turnout, numbers, ballots, boxes) if apart else None
        )

    papers = whole.paper_issued or 0
    return (
        share(whole.issued - papers, len(by_phone), by_phone, []),
        share(papers, papers_in, on_paper, boxes),
    )
