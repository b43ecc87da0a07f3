"""What the count gave: phone and paper apart, where neither is small."""

import pytest

from tests.services.voting.test_ballot_boxes import confirm, enter_totals, make_closed
from tests.services.voting.test_paper_ballots import CLERK, OTHER, key, resume, round_of, sign_both
from tests.services.voting.test_vote import make_hall
from votes.exports.formats.layout import to_html
from votes.exports.voting.counting_sheet import counting_sheet
from votes.services.voting import archive, documents, tally


@pytest.mark.parametrize(("small", "apart"), [(5, True), (6, False)])
@pytest.mark.parametrize("kind", ["keyed", "totals"])
def test_few_papers_are_not_counted_apart(world, kind, small, apart):
    hall = make_closed(world, make_hall(world, paper=kind, small_body=small))
    if kind == "totals":
        enter_totals(world, hall["box"])
        confirm(world, hall["box"], OTHER)
    else:
        key(world, hall["box"], CLERK, *["1 2"] * 5)
        key(world, hall["box"], OTHER, *["1 2"] * 5)
    resume(world, hall)
    sign_both(world, hall)
    with world.work():
        phone, on_paper = tally.shares(round_of(hall))
        assert [(s.issued, s.returned) for s in (phone, on_paper)] == [(7, 7), (5, 5)]
        assert [s.result is not None for s in (phone, on_paper)] == [apart, apart]
        data = documents.sheet_data(round_of(hall))
        assert [share.result is not None for share in data.shares] == [apart, apart]
        sheet = to_html(counting_sheet(data))
        assert ("其中一种票不足6张" in sheet) == (not apart)
        readme = archive._readme(round_of(hall), "")
        assert ("没有任何一处能说明某张选票是谁投的" in readme) == apart
        assert ("可以推知少数代表的意见" in readme) == (not apart)
