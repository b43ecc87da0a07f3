"""The key of a round's sealed archive: who holds a share of it, and what a teller signs to be handed theirs."""

from collections.abc import Iterable
from typing import NamedTuple

from votes.rules.voting.digests import canonical_json

MOST_HOLDERS = 16  # SLIP-39 splits a key among so many at most


class Holder(NamedTuple):
    """A teller to whom a share is handed, and the id of the signing secret that it takes; None in a rehearsal."""

    deputy_id: int
    name: str
    secret_id: int | None


def holders(tellers: Iterable[Holder], signed: Iterable[int], *, rehearsal: bool) -> list[Holder]:
    """Return who is handed a share: each teller whose secret counts, those who have signed first, 16 at most.

    In a rehearsal tellers without a secret as well: there the sign-in alone signs.
    """
    first = set(signed)
    able = [teller for teller in tellers if rehearsal or teller.secret_id is not None]
    return sorted(able, key=lambda teller: teller.deputy_id not in first)[:MOST_HOLDERS]


def request(public_id: str, archive_key: str, deputy_id: int) -> bytes:
    """Return what a teller signs to be handed the own share of a round's key."""
    return canonical_json(
        {"archive_key": archive_key, "deputy": deputy_id, "hand_out_share_of_round": public_id}
    )
