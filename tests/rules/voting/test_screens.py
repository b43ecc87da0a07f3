"""What stands on a screen."""

import pytest

from votes.rules.meeting.rounds import RoundState, shows_counts
from votes.rules.voting.screens import VIEWS, ScreenPicture, shown

STATES = [None, *RoundState]


@pytest.mark.parametrize(
    ("view", "words"),
    [
        # none, draft, opened, closed, counted, certified, announced, void, cancelled
        ("auto", "waiting ready voting closed counted result result void waiting"),
        ("voting", "waiting ready voting closed counted closed closed void waiting"),
        ("result", "waiting ready voting closed counted result result void waiting"),
        ("sign_in", " ".join(["waiting"] * 9)),
        ("blank", " ".join(["blank"] * 9)),
    ],
)
def test_what_each_view_shows_of_a_round_in_each_state(view, words):
    assert [shown(view, state).value for state in STATES] == words.split()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("state", STATES)
def test_no_result_before_the_signatures_whatever_is_chosen(view, state):
    if state is None or not shows_counts(state):
        assert shown(view, state) is not ScreenPicture.RESULT
