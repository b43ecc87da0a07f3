"""A rehearsal (演练): a round marked so when it is made, in which everything may be tried and nothing remains."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import ABSTAIN, AGAINST, FOR, RATINGS, most_for

#: One ballot in so many is left blank, as in every hall.
BLANK_IN = 12


def is_over(
    rehearsal: bool, state: RoundState, opened_at: datetime | None, *, started_at: datetime | None
) -> bool:
    """Return True for a rehearsal that is over: ended by itself, or opened before the session really began.

    It is then on no screen and in no deputy's list.
    """
    if not rehearsal:
        return False
    ended = state in (RoundState.ANNOUNCED, RoundState.VOID, RoundState.CANCELLED)
    return ended or (opened_at is not None and started_at is not None and opened_at < started_at)


def check_random(*, rehearsal: bool, state: RoundState, number: int) -> None:
    """Refuse to let ``number`` deputies vote at random: always in a real round, and while the box is not open."""
    if not rehearsal:
        raise RuleBroken("这是正式票决，不能随机投票。只有演练才能让代表随机投票。", code="not_a_rehearsal")
    if state != RoundState.OPENED:
        raise RuleBroken("演练的票箱没有开启，不能投票。请先开启投票。", code="not_open")
    _check_number(number)


def check_sign_in(*, session: SessionState, rehearsal_on: bool, number: int) -> None:
    """Refuse to check in ``number`` deputies for a rehearsal once the session has begun: then check-in is real."""
    if session != SessionState.PLANNED:
        raise RuleBroken("会议已经开始，签到是正式签到，不能由系统代签。", code="session_running")
    if not rehearsal_on:
        raise RuleBroken("现在没有演练，不能签到。请先设立演练轮次。", code="no_rehearsal")
    _check_number(number)


def _check_number(number: int) -> None:
    if not 1 <= number <= 5000:
        raise RuleBroken("人数应为 1 至 5000 的整数。", field="number", status=422)


def random_marks(rule: Rule, numbers: Sequence[int], random: Random) -> dict[int, str]:
    """Return marks as a deputy might make them: always a valid ballot by ``rule``, now and then a blank one.

    ``numbers`` are the printed numbers of the ballot.
    """
    if random.randrange(BLANK_IN) == 0:
        return {}
    if rule.method == "rating":
        weights = (6, 3, 1)
        return {no: random.choices(RATINGS, weights)[0] for no in numbers if random.randrange(BLANK_IN)}
    cap = most_for(rule)
    most = len(numbers) if cap is None else min(cap, len(numbers))
    liked = set(random.sample(list(numbers), random.randint((most + 1) // 2, most)))
    marks = dict.fromkeys(sorted(liked), FOR)
    if rule.method != "choose":
        for no in numbers:
            if no not in liked:
                marks[no] = random.choice((AGAINST, ABSTAIN))
    return marks
