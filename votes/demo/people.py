"""The deputies, accounts and units of the demo year, as `story/people.toml` tells them.

Names are put together by dice that always fall the same.
"""

import random
from collections.abc import Iterator
from typing import NamedTuple

from votes.demo import story


class Login(NamedTuple):
    """An account that is shown to whoever loads the demo."""

    role: str
    word: str
    username: str


class UnitStory(NamedTuple):
    """A unit, the post of its head, its user name if it has an account."""

    name: str
    head: str
    username: str = ""


class PlaceStory(NamedTuple):
    """One congress of the demo."""

    code: str
    place: str
    deputies: int
    delegations: tuple[str, ...]
    units: tuple[UnitStory, ...]


class DeputyStory(NamedTuple):
    """What is known of one deputy."""

    number: str
    name: str
    gender: str
    ethnicity: str
    born: str
    delegation: str
    constituency: str
    post: str
    phone: str


class NameStory(NamedTuple):
    """What names are put together of; ``whole`` are name, gender and ethnicity of those that are not."""

    surnames: str
    men: str
    women: str
    ethnicities: tuple[str, ...]
    whole: tuple[tuple[str, str, str], ...]


#: Of every account in LOGINS; printed for everybody to see.
PASSWORD = story.read(str, "people", "password")
LOGINS = story.read(tuple[Login, ...], "people", "logins")
COUNTY, *TOWNSHIPS = story.read(tuple[PlaceStory, ...], "people", "places")
NAMES = story.read(NameStory, "people", "names")
POSTS = story.read(dict[str, tuple[str, ...]], "people", "posts")


def seats(place: PlaceStory, count: int) -> Iterator[DeputyStory]:
    """Yield ``count`` deputies of a place, numbered from 001 (0001 where they are a thousand or more).

    No two have the same name. The telephone numbers begin with an area code that does not exist.
    """
    dice = random.Random(f"{place.code} deputies")
    taken: set[str] = set()
    delegations = place.delegations[: max(4, count // 5)]
    digits = max(3, len(str(count)))
    whole = dict(zip(range(7, count, 23), NAMES.whole, strict=False))
    for index in range(count):
        delegation = delegations[index * len(delegations) // count]
        if index in whole:
            name, gender, ethnicity = whole[index]
        else:
            gender = "女" if dice.random() < 0.36 else "男"
            ethnicity = dice.choice(NAMES.ethnicities) if dice.random() < 0.13 else "汉族"
            name = _name(dice, gender, taken)
        taken.add(name)
        post = dice.choice(POSTS["county" if "机关" in delegation else "township"])
        yield DeputyStory(
            number=f"{index + 1:0{digits}d}",
            name=name,
            gender=gender,
            ethnicity=ethnicity,
            born=f"{dice.randint(1962, 2000)}-{dice.randint(1, 12):02d}",
            delegation=delegation,
            constituency=f"{place.place}第{index * 40 // count + 1}选区",
            post=post,
            phone=f"0000-{8200001 + index}",
        )


def _name(dice: random.Random, gender: str, taken: set[str]) -> str:
    surnames, given = NAMES.surnames.split(), (NAMES.women if gender == "女" else NAMES.men).split()
    while True:
        # The surnames stand in the order of how common they are: the first are drawn more often.
        name = surnames[int(len(surnames) * dice.random() ** 1.7)] + dice.choice(given)
        if name not in taken:
            return name
