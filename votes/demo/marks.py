"""How the deputies of the demo year vote: by script, so that the intended projects are selected."""

import random
from collections.abc import Sequence

from votes.rules.voting.ballots import RATINGS


def boxful(shares: Sequence[float], seats: int, ballots: int, seed: str) -> list[dict[int, str]]:
    """Return the marks of ``ballots`` ballots.

    Candidate i + 1 is marked on about ``shares[i]`` of them, never more than ``seats`` on one. One ballot in eighty is
    blank and one in fifteen names only a few. Always the same for the same arguments.
    """
    dice = random.Random(seed)
    left_out: list[set[int]] = [set() for _ in range(ballots)]
    many = len(shares)
    for number in dice.sample(range(ballots), ballots // 80):
        left_out[number] = set(range(many))
    for number in dice.sample(range(ballots), ballots // 15):
        left_out[number] |= set(dice.sample(range(many), many // 2))
    for candidate in sorted(range(many), key=lambda i: shares[i]):
        missing = ballots - round(shares[candidate] * ballots) - sum(candidate in out for out in left_out)
        # whoever has left out fewest so far leaves this one out too
        order = sorted(
            (b for b in range(ballots) if candidate not in left_out[b]),
            key=lambda b: (len(left_out[b]), dice.random()),
        )
        for number in order[: max(missing, 0)]:
            left_out[number].add(candidate)
    favourites = sorted(range(many), key=lambda i: -shares[i])
    marked = ([i for i in favourites if i not in out][:seats] for out in left_out)
    return [{i + 1: "for" for i in sorted(kept)} for kept in marked]


def graded(shares: Sequence[tuple[float, float, float]], ballots: int, seed: str) -> list[dict[int, str]]:
    """Return the marks of ``ballots`` ballots of a rating.

    Project i + 1 is 满意, 基本满意, 不满意 on about these parts of them, and without a grade (void) on the rest.
    Always the same for the same arguments.
    """
    dice = random.Random(f"{seed} rating")
    box: list[dict[int, str]] = [{} for _ in range(ballots)]
    for number, parts in enumerate(shares, start=1):
        order = dice.sample(range(ballots), ballots)
        for grade, part in zip(RATINGS, parts, strict=True):
            count = min(round(part * ballots), len(order))
            for place in order[:count]:
                box[place][number] = grade
            order = order[count:]
    return box
