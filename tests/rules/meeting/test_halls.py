"""Turnout by hall: what may be shown, and that nothing shown tells what is not."""

import pytest
from hypothesis import given, strategies as st

from votes.rules.meeting.halls import HallTurnout, subtotals


def halls(*sizes: int) -> list[HallTurnout]:
    """Return a hall of each size, in which everybody is present and half have voted."""
    return [HallTurnout(f"{at}号会场", size, size, size // 2) for at, size in enumerate(sizes, 1)]


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ((), []),
        ((5,), []),  # alone it is the total itself
        ((90, 91), []),
        ((20, 20), []),  # twenty are not fewer than twenty
        ((19, 20), [1, 2]),
        ((100, 19), [1, 2]),  # one small one: the only other goes with it
        ((100, 19, 60), [2, 3]),  # the next smallest goes with it
        ((100, 60, 19, 60), [2, 3]),  # of equals one is enough
        ((100, 12, 19), [2, 3]),
        ((100, 3, 2, 60), [2, 3, 4]),  # five together are few as well
        ((100, 3, 2), [1, 2, 3]),
        ((100, 12, 8), [2, 3]),  # twenty together are not
        ((10, 12, 19), [1, 2, 3]),
        ((100, 0, 60), []),  # an empty hall hides nothing
        ((100, 0, 19), [1, 3]),
        ((0, 19), []),
        ((0, 0), []),
    ],
)
def test_subtotals_hide_small_halls_and_never_one_alone(sizes, hidden):
    found = subtotals(halls(*sizes), 20)
    assert list(found.hidden) == [f"{at}号会场" for at in hidden]
    assert [row.hall for row in found.shown] == [
        f"{at}号会场" for at in range(1, len(sizes) + 1) if at not in hidden
    ]


def test_members_without_a_hall_are_a_group_of_their_own():
    """Else the total less the halls would be their figure."""
    rows = [*halls(60, 50), HallTurnout(None, 3, 3, 1)]
    found = subtotals(rows, 20)
    assert found.hidden == ("2号会场", None)
    assert found.together == HallTurnout(None, 53, 53, 26)
    assert found.total == HallTurnout(None, 113, 113, 56)


@st.composite
def days(draw):
    """Halls with their turnout, small ones frequent, and what counts as small."""
    rows = []
    for at in range(draw(st.integers(0, 6))):
        entitled = draw(st.integers(0, 30))
        present = draw(st.integers(0, entitled))
        rows.append(HallTurnout(f"{at}号会场", entitled, present, draw(st.integers(0, present))))
    return rows, draw(st.integers(0, 25))


@given(days())
def test_each_hall_is_shown_or_hidden_and_the_sums_agree(case):
    rows, small = case
    found = subtotals(rows, small)
    assert sorted([*(row.hall for row in found.shown), *found.hidden]) == sorted(row.hall for row in rows)
    assert set(found.shown) <= set(rows)
    for at in (1, 2, 3):
        shown = sum(row[at] for row in found.shown)
        assert shown + found.together[at] == found.total[at] == sum(row[at] for row in rows)


@given(days())
def test_small_hall_is_never_shown_nor_hidden_alone(case):
    rows, small = case
    found = subtotals(rows, small)
    seated = [row for row in rows if row.entitled]
    assert len(found.hidden) != 1
    if found.hidden and any(row.entitled for row in found.shown):
        assert found.together.entitled >= small
    if len(seated) > 1:
        assert all(row.entitled >= small or not row.entitled for row in found.shown)
    if all(row.entitled >= small for row in seated):
        assert found.hidden == ()


@st.composite
def crowded(draw):
    """Two or more small halls in which some have voted and some have not, and a few large ones."""
    small = draw(st.integers(7, 25))
    rows = []
    for at in range(draw(st.integers(2, 5))):
        present = draw(st.integers(2, small - 1))
        entitled = draw(st.integers(present, small - 1))
        rows.append(HallTurnout(f"{at}号会场", entitled, present, draw(st.integers(1, present - 1))))
    for at in range(draw(st.integers(0, 3))):
        entitled = draw(st.integers(small, small + 20))
        present = draw(st.integers(0, entitled))
        rows.append(HallTurnout(f"大{at}号会场", entitled, present, draw(st.integers(0, present))))
    return rows, small


@given(crowded(), st.data())
def test_shown_figures_do_not_tell_hidden_halls_apart(case, data):
    """Somebody of one hidden hall had voted instead of somebody of another: the page would be the same."""
    rows, small = case
    found = subtotals(rows, small)
    hidden = [row for row in rows if row.entitled < small]
    assert {row.hall for row in hidden} <= set(found.hidden)
    up, down = data.draw(st.permutations(hidden))[:2]
    changed = {up.hall: up._replace(voted=up.voted + 1), down.hall: down._replace(voted=down.voted - 1)}
    assert subtotals([changed.get(row.hall, row) for row in rows], small) == found
