"""What the reader of the regional overview chose."""

import pytest

from votes.forms.publication.regional_overview import OverviewChoice


@pytest.mark.parametrize(
    ("query", "choice"),
    [
        ("", OverviewChoice(None, "place", None)),
        ("year=2027&sort=red&place=3", OverviewChoice(2027, "red", 3)),
        ("year=x&sort=nonsense&place=-1", OverviewChoice(None, "place", None)),
    ],
)
def test_choice_reads_the_query_and_drops_nonsense(one_app, query, choice):
    with one_app.test_request_context(f"/?{query}"):
        assert OverviewChoice.read() == choice
