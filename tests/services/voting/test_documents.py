"""The documents of a round as made from what is stored: none with a number of votes before the signatures."""

import pytest

from tests.services.voting.test_vote import cast, close, make_hall, open_, sign
from tests.sheets import rows_of
from votes.rules.errors import RuleBroken
from votes.services.meeting import rounds
from votes.services.voting import documents

PREPARED = {"hall": make_hall}


def test_documents_with_votes_wait_for_signatures(world, hall):
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for", 2: "for"})
    close(world, hall)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        for make in (documents.sheet_data, documents.results_workbook, documents.record_bytes):
            with pytest.raises(RuleBroken, match="签字"):
                make(round_)
    for number in (0, 1):
        sign(world, hall, number)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert documents.sheet_data(round_).result.valid == 12
        rows = rows_of(documents.results_workbook(round_))
        assert [1, "示例项目01", 12, 0, 0, "100.00%", "100.00%", "入选"] in rows
        assert documents.record_bytes(round_) == documents.record_bytes(round_)


def test_blank_ballot_carries_stack_and_no_number_of_its_own(world, hall):
    with world.work():
        round_ = rounds.get_round(hall["round"])
        sample, ballot = documents.blank_ballot(round_), documents.blank_ballot(round_, 2)
        assert (sample.stack, ballot.stack, ballot.foot) == (None, 2, "")
        assert [line.number for line in ballot.lines] == [1, 2, 3, 4, 5]
