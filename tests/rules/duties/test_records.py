"""The headings of a deputy's record."""

from votes.rules.duties.duties import DutyKind
from votes.rules.duties.records import HEADING_OF, HEADINGS


def test_heading_of_each_kind_of_entry_is_one_of_the_record():
    assert set(HEADING_OF) == set(DutyKind)
    assert set(HEADING_OF.values()) <= set(HEADINGS)
