"""What follows from a count: a further round (再次投票、另行票决) and its rule, or the presidium's decision."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.voting.result import SELECTED, Result

#: What follows from a count → why the further round is held (`Round.further`); other steps need no further round.
REASONS = {"tie_rerun": "tie", "shortfall_further": "shortfall", "void_again": "void"}

_FIGURES = "零一二三四五六七八九十"


def nth(ordinal: int) -> str:
    """Return 第一轮, 第二轮 … as documents and pages write it."""
    return f"第{_FIGURES[ordinal]}轮" if ordinal < len(_FIGURES) else f"第{ordinal}轮"


@dataclass(frozen=True)
class NextStep:
    """Hold what the rule says must happen after a count.

    kind        none | tie_rerun | tie_presidium | vacant | shortfall_further | void_again
    candidates  printed numbers that stand in the further vote (or among which the presidium decides)
    seats       seats still to be filled, or left vacant
    """

    kind: str
    candidates: tuple[int, ...] = ()
    seats: int = 0


def next_step(rule: Rule, result: Result) -> NextStep:
    """Return what follows from the count by the rule (选举法 art. 45; 地方组织法 art. 29)."""
    if result.void:
        return NextStep("void_again", result.undecided, rule.seats)
    if rule.method == "rating" or result.seats_left == 0:
        return NextStep("none")
    if result.undecided:
        kind = "tie_rerun" if rule.tie == "rerun" else "tie_presidium"
        return NextStep(kind, result.undecided, result.seats_left)
    if rule.shortfall == "vacant":
        return NextStep("vacant", seats=result.seats_left)
    rest = tuple(sorted(row.no for row in result.counts if row.outcome != SELECTED))
    return NextStep("shortfall_further", rest, result.seats_left)


def further_rule(rule: Rule, step: NextStep) -> Rule:
    """Return the rule of the round that `step` demands, made from the rule of the round before.

    A void round is held again as it was (选举法 art. 44). Tied projects are voted on again among themselves and
    most votes win (选举法 art. 45, 地方组织法 art. 29): each has its majority already and needs no second one.
    A shortfall is filled among the others by the same rule, majority included; where as many projects stand as
    seats are left, each is confirmed or not. Raises RuleBroken for a step that needs no round.
    """
    if step.kind == "void_again":
        return rule
    if step.kind == "tie_rerun":
        return replace(rule, method="choose", seats=step.seats, majority="none", overvote="void_ballot")
    if step.kind == "shortfall_further":
        method = "confirm" if len(step.candidates) == step.seats else rule.method
        overvote = rule.overvote if method == "threeway" else "void_ballot"
        return replace(rule, method=method, seats=step.seats, overvote=overvote)
    raise RuleBroken("按照票决办法，本轮之后不需要再次投票。没有作任何改动。", code="no_further_round")


def check_presidium(step: NextStep | None, chosen: Collection[int]) -> Sequence[int]:
    """Return which of the tied projects the presidium takes, ascending: exactly as many as seats are left.

    Raises RuleBroken where the rule leaves nothing to the presidium, for a project that is not tied, and for
    more or fewer than there are seats.
    """
    if step is None or step.kind != "tie_presidium":
        raise RuleBroken("本轮没有须另行决定的并列项目。没有作任何改动。", code="no_tie")
    if strange := sorted(set(chosen) - set(step.candidates)):
        numbers = "、".join(map(str, strange))
        raise RuleBroken(f"第 {numbers} 项不在票数相等的项目之中，请重选。", field="chosen", status=422)
    if len(set(chosen)) != step.seats:
        raise RuleBroken(
            f"应确定 {step.seats} 项，现在选了 {len(set(chosen))} 项，请重选。", field="chosen", status=422
        )
    return sorted(set(chosen))
