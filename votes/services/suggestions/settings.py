"""办理设置: the terms, the working days and the likeness threshold that a place sets for its matters."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from votes.db import body_in_scope
from votes.models import Body
from votes.rules.dates import chinese_date
from votes.rules.errors import invalid
from votes.rules.people.actor import Actor
from votes.rules.suggestions.terms import LIMITS, MatterSettings, Term, term, term_words
from votes.services.people import bodies


def here() -> MatterSettings:
    """Return the settings of the body in scope."""
    body = bodies.get_body(body_in_scope())
    return MatterSettings.of(body.settings if body else {})


def standing_on(day: date) -> Callable[[date], tuple[Term, str]]:
    """Return a function of the due day that tells how an open transfer stands on ``day``, by the settings in scope."""
    settings = here()
    return lambda due_on: (term(due_on, day, settings), term_words(due_on, day))


def change(
    body: Body, numbers: Mapping[str, int], days: Mapping[str, Sequence[date]], *, by: Actor, now: datetime
) -> None:
    """Change the settings of a body; ``days``: its holidays and workdays.

    Raises:
        RuleBroken: at the field of a number out of its limits, or of a day that is both a holiday and a working day.
    """
    for name, (low, high) in LIMITS.items():
        if not low <= numbers[name] <= high:
            raise invalid(name, f"应在 {low} 至 {high} 之间。")
    if numbers["months_complex"] < numbers["months"]:
        raise invalid("months_complex", "复杂事项的期限不能短于一般事项。")
    both = sorted(set(days["holidays"]) & set(days["workdays"]))
    if both:
        raise invalid("workdays", f"{chinese_date(both[0])}既是节假日又是调休上班日，请核对。")
    values = {name: [day.isoformat() for day in dates] for name, dates in days.items()}
    bodies.change_settings(body, {"matters": dict(numbers), **values}, by=by, now=now)
