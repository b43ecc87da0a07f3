"""The tellers of the tests agree to what the desk asks."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tests.factories import NOW
from tests.services.voting.test_vote import teller_actor
from tests.signing import actor_of
from votes.models import CongressSession
from votes.rules.meeting.consents import ConsentAct
from votes.services import audit
from votes.services.meeting import consents, pairings


def agree(world: Any, hall: dict[str, Any], consent_id: int, number: int = 1, now: datetime = NOW) -> None:
    """Let the teller who is the deputy at ``number`` agree."""
    with world.work():
        consents.agree(consents.get(consent_id), by=teller_actor(hall["deputies"][number]), now=now)


def agreed(
    session: CongressSession | None,
    act: ConsentAct,
    deputy_ids: Collection[int],
    *,
    code: str = "",
    when: datetime = NOW,
) -> None:
    """Ask for a consent to this act about these deputies, and let a teller give it; ``code``: of the phone to pair."""
    assert session is not None
    if act == ConsentAct.PAIR:
        (deputy_id,) = deputy_ids
        asked = pairings.ask(session, deputy_id, code, by=audit.SYSTEM, now=when)
        assert asked is not None
    else:
        asked = consents.ask(session, act, deputy_ids, reason="遗失", by=audit.SYSTEM, now=when)
    teller = next(each for each in session.tellers if each.deputy_id not in deputy_ids)
    consents.agree(asked, by=actor_of(teller), now=when)
