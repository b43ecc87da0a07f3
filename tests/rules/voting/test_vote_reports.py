"""Reports of votes that were not cast by the deputy: what is refused, and what a teller signs."""

import pytest

from votes.rules.errors import RuleBroken
from votes.rules.voting.ballots import Source
from votes.rules.voting.vote_reports import check_finding, check_report, check_settled, withdrawal


@pytest.mark.parametrize(("channel", "code"), [(None, "not_voted"), (Source.PAPER, "paper")])
def test_report_of_no_vote_by_phone_is_refused(channel, code):
    with pytest.raises(RuleBroken) as refused:
        check_report(channel)
    assert refused.value.code == code
    check_report(Source.PHONE)


@pytest.mark.parametrize(
    ("finding", "reports"), [("", 1), ("  \n", 2), ("\x00", 1), ("查" * 201, 1), ("已核实", 0)]
)
def test_finding_that_is_empty_long_or_about_nothing_is_refused(finding, reports):
    with pytest.raises(RuleBroken):
        check_finding(finding, reports)


def test_finding_is_tidied():
    assert check_finding(" 本人\n已核实 ", 1) == "本人 已核实"


@pytest.mark.parametrize(
    ("reports", "covered", "words"),
    [(1, 0, "还没有写明核查结果"), (3, 2, "又有代表报告"), (0, 0, ""), (2, 2, "")],
)
def test_signature_waits_for_a_finding_about_every_report(reports, covered, words):
    if words:
        with pytest.raises(RuleBroken, match=words):
            check_settled(reports, covered)
    else:
        check_settled(reports, covered)


def test_withdrawal_names_round_and_deputy():
    assert withdrawal("r1", "005") != withdrawal("r1", "006") != withdrawal("r2", "006")
