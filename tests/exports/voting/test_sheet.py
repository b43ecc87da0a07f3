"""What the documents of a counted round share."""

from tests.exports.voting.sheets import Row, changed
from tests.exports.voting.test_documents import DATA
from votes.exports.voting.sheet import results_table


def test_uncast_is_told_apart_from_abstaining():
    assert changed(DATA, issued=171, returned=165).turnout.uncast == 6


def test_threeway_has_the_votes_against():
    data = changed(DATA, method="threeway", rows=[Row(1, "农村饮水", 150, 12, 8, "selected")])
    assert results_table(data).heads[2:5] == ["赞成", "反对", "弃权"]
    assert results_table(data).rows == [["1", "农村饮水", "150", "12", "8", "83.33%", "88.24%", "入选"]]
