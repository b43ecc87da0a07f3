import pytest
from hypothesis import given, strategies as st

from tests.rules.voting.boxes import figures
from votes.rules.meeting.quorum import quorum_met, quorum_needed

TWO_THIRDS = (2, 3)


@pytest.mark.parametrize(
    ("roster", "quorum", "needed"),
    [
        (3, TWO_THIRDS, 2),
        (4, TWO_THIRDS, 3),
        (180, TWO_THIRDS, 120),
        (181, TWO_THIRDS, 121),
        (195, TWO_THIRDS, 130),
        (327, TWO_THIRDS, 218),
        (521, TWO_THIRDS, 348),
        (1, TWO_THIRDS, 1),
        (34, (1, 2), 17),
        (7, (1, 1), 7),
    ],
)
def test_quorum_at_its_edge(roster, quorum, needed):
    assert quorum_needed(roster, quorum) == needed
    assert quorum_met(needed, roster, quorum)
    assert not quorum_met(needed - 1, roster, quorum)


@pytest.mark.parametrize("row", [row for row in figures("ballots_figures.csv") if "quorum" in row["note"]])
def test_quorum_agrees_with_published_figures(row):
    roster, present = int(row["roster"]), int(row["present"])
    stated = int(row["note"].split("quorum at least ")[1].split(";")[0])
    assert quorum_needed(roster, TWO_THIRDS) == stated
    assert quorum_met(present, roster, TWO_THIRDS)


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(1, 60), st.integers(0, 60))
def test_quorum_needed_is_the_least_number_that_meets_it(present, roster, n, more):
    quorum = (n, n + more)
    assert quorum_met(present, roster, quorum) == (present >= quorum_needed(roster, quorum))
