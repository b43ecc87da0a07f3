"""The files of the demo's story: how rows and tables become records, and what is refused."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import pytest

from votes.clock import SHANGHAI
from votes.demo import story
from votes.demo.matters import COUNTY, MatterStory


class Colour(StrEnum):
    RED = "red"


class Step(NamedTuple):
    name: str
    on: date
    colour: Colour = Colour.RED
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    title: str = ""
    steps: tuple[Step, ...]
    ends: date | None = None


MAY = date(2027, 5, 1)


@pytest.mark.parametrize(
    ("kind", "value", "record"),
    [
        (Step, ["路", MAY], Step("路", MAY)),
        (Step, ["路", MAY, {"late": True}], Step("路", MAY, late=True)),
        (Step, {"on": MAY, "name": "路"}, Step("路", MAY)),
        (Plan, {"steps": [["路", MAY]], "ends": MAY}, Plan(steps=(Step("路", MAY),), ends=MAY)),
        (dict[str, tuple[float, ...]], {"a": [0.5, 0.25]}, {"a": (0.5, 0.25)}),
        (tuple[str, date], ["路", MAY], ("路", MAY)),
        (datetime, datetime(2027, 5, 1, 9), datetime(2027, 5, 1, 9, tzinfo=SHANGHAI)),
    ],
)
def test_build_plain_values_makes_records(kind: Any, value: Any, record: Any) -> None:
    assert story.build(kind, value) == record


@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [
        (Step, ["路"], TypeError),
        (Step, ["路", "2027-05-01"], TypeError),
        (Step, ["路", MAY, "blue"], ValueError),
        (Step, ["路", MAY, "red", True, 1], ValueError),
        (Step, {"name": "路", "on": MAY, "lat": True}, KeyError),
        (tuple[str, date], ["路"], ValueError),
    ],
)
def test_build_value_that_does_not_fit_raises(kind: Any, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        story.build(kind, value)


def test_read_twice_answers_the_same_records() -> None:
    """Records are made of the cached values of a file: making them must not change these."""
    again = story.read(tuple[MatterStory, ...], "matters", "county")
    assert again == COUNTY
    assert {case.asked for case in again} == {True, False}  # named in a table at the end of a row
