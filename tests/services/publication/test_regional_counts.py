"""CountsByYear of places: they add up, and their means and shares have a base or none."""

from collections import Counter
from decimal import Decimal

from votes.rules.delivery.trackings import TrackingState
from votes.services.publication.regional_counts import YearCount


def test_counts_added_sum_numbers_and_merge_states():
    one = YearCount(suggestions=2, states=Counter({TrackingState.DONE: 1}), planned=Decimal(10))
    other = YearCount(suggestions=3, states=Counter({TrackingState.DONE: 1, TrackingState.RUNNING: 4}))
    both = one + other
    assert (both.suggestions, both.planned, both.tracked, both.done) == (5, 10, 6, 2)
    assert one + YearCount() == one


def test_count_of_nothing_has_no_mean_and_no_rating():
    assert (YearCount().mean_percent, YearCount().rating, YearCount().rated_by_citizens) == (None, None, 0)


def test_count_favourable_citizens_are_satisfied_or_basically():
    count = YearCount(citizens=Counter(satisfied=3, basically=2, dissatisfied=4))
    assert (count.citizens_favourable, count.rated_by_citizens) == (5, 9)
