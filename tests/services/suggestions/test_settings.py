"""办理设置: what a place may set."""

from datetime import date

import pytest

from tests.services.suggestions.samples import BY, NOW
from votes.rules.errors import RuleBroken
from votes.rules.suggestions.terms import MatterSettings, Term
from votes.services.people import bodies
from votes.services.suggestions import settings

NUMBERS = {"months": 3, "months_complex": 6, "return_days": 5, "soon_days": 10, "likeness": 50}
DAY = date(2026, 10, 1)


def change(world, numbers=NUMBERS, holidays=(DAY,), workdays=()) -> None:
    body = bodies.get_body(world.county)
    settings.change(body, numbers, {"holidays": holidays, "workdays": workdays}, by=BY, now=NOW)


def test_change_with_valid_values_is_read_back(world):
    with world.work():
        assert settings.here() == MatterSettings()
        change(world)
        assert (settings.here().return_days, settings.here().calendar.works(DAY)) == (5, False)
        assert settings.standing_on(DAY)(date(2026, 10, 11)) == (Term.SOON, "剩 10 天")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"numbers": NUMBERS | {"months": 0}}, "months"),
        ({"numbers": NUMBERS | {"months_complex": 2}}, "months_complex"),
        ({"workdays": [DAY]}, "workdays"),
    ],
)
def test_change_with_invalid_value_is_refused_at_its_field(world, values, field):
    with world.work(), pytest.raises(RuleBroken) as broken:
        change(world, **values)
    assert broken.value.field == field
