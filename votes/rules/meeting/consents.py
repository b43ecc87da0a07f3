"""同意: while a round is open, what the service desk may do only when a named teller agrees on the own phone."""

from datetime import timedelta
from enum import StrEnum

from votes.rules.codes import one_line
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import declare

#: How long the desk may wait for a consent and use it.
LIFE = timedelta(minutes=10)
MOST_REASON = 200  # characters


class ConsentAct(StrEnum):
    """What a consent is asked for."""

    ISSUE = "issue"  # a card for somebody who has none
    REISSUE = "reissue"
    PAIR = "pair"  # 配对
    SIGN_IN = "sign_in"  # several deputies at once
    KEY = "key"  # reading papers with an account or a card of the last 24 hours

    @property
    def needed(self) -> int:
        """Return how many tellers have to agree."""
        return 2 if self == ConsentAct.KEY else 1

    @property
    def words(self) -> str:
        """Return the act in words, as a refusal names it."""
        return _WORDS[self]


_WORDS = {
    ConsentAct.ISSUE: "发放凭证",
    ConsentAct.REISSUE: "补发凭证",
    ConsentAct.PAIR: "手机配对",
    ConsentAct.SIGN_IN: "成批签到",
    ConsentAct.KEY: "录入纸质票",
}


class ConsentState(StrEnum):
    """The states of a consent. That it has expired, or its round has closed, follows from the clock and the round."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    USED = "used"
    ENDED = "ended"  # another request took its place


CONSENT: dict[ConsentState, dict[str, ConsentState]] = {
    ConsentState.ASKED: {
        "agree": ConsentState.GIVEN,
        "refuse": ConsentState.REFUSED,
        "end": ConsentState.ENDED,
    },
    ConsentState.GIVEN: {"use": ConsentState.USED, "end": ConsentState.ENDED},
    ConsentState.REFUSED: {},
    ConsentState.USED: {},
    ConsentState.ENDED: {},
}
declare(CONSENT)


def check_reason(reason: str) -> str:
    """Return the reason without needless blanks. Raises RuleBroken for none, and for one that is too long."""
    reason = one_line(reason)
    if not reason or len(reason) > MOST_REASON:
        raise RuleBroken(f"请写明原因（不超过 {MOST_REASON} 字）。", field="reason", status=422)
    return reason
