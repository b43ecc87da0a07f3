"""Whoever asks: an account, a deputy with a voting card, or the public."""

from dataclasses import dataclass, field

from votes.rules.people.roles import Role


@dataclass(frozen=True)
class Actor:
    """An account, a deputy who signed in with a voting card, or the public (no ids at all).

    ``body_id`` is the body whose rows are in view (a leader may look into the bodies below), ``home_body_id``
    the body the account belongs to. ``card_id`` is set when the deputy signed in with a voting card.
    """

    name: str = ""
    user_id: int | None = None
    body_id: int | None = None
    home_body_id: int | None = None
    roles: frozenset[Role] = frozenset()
    department_id: int | None = None
    deputy_id: int | None = None
    card_id: int | None = None
    session_id: int | None = None  # the card's session
    teller_in: frozenset[int] = field(default_factory=frozenset)  # sessions in which this deputy is a teller
    chief_in: frozenset[int] = field(default_factory=frozenset)
    must_change: bool = False
    second_factor: bool = False  # the account has two-step sign-in
    must_enrol: bool = False  # the account does nothing before it has

    @property
    def signed_in(self) -> bool:
        """Return whether an account or a card is signed in."""
        return self.user_id is not None or self.card_id is not None


PUBLIC = Actor()
