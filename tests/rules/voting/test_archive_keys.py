"""Who holds a share of the archive's key, and what a teller signs to be handed it."""

from votes.rules.voting.archive_keys import MOST_HOLDERS, Holder, holders, request


def named(*secrets):
    return [Holder(number, f"监票人{number}", secret) for number, secret in enumerate(secrets, start=1)]


def test_each_teller_whose_secret_counts_holds_a_share():
    tellers = named(11, None, 13)
    assert holders(tellers, [1, 3], rehearsal=False) == [tellers[0], tellers[2]]


def test_in_a_rehearsal_tellers_without_a_secret_hold_one_too():
    tellers = named(None, None, 13)
    assert holders(tellers, [1], rehearsal=True) == tellers


def test_who_signed_comes_first_where_there_are_too_many():
    tellers = named(*range(100, 120))
    chosen = holders(tellers, [1, 20], rehearsal=False)
    assert len(chosen) == MOST_HOLDERS
    assert [holder.deputy_id for holder in chosen] == [1, 20, *range(2, 16)]


def test_request_names_round_key_and_teller():
    asked = {request("r", "k", 1), request("r", "k", 2), request("r", "j", 1), request("s", "k", 1)}
    assert len(asked) == 4
