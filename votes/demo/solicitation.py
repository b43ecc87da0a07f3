"""征集 in the demo year, as `story/solicitation.toml` tells it.

`Congress.suggested` keeps the suggestions by the candidate that came of them ("": none), in the order in which they came.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from votes.demo import story
from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.projects import YEAR
from votes.models import Suggestion
from votes.rules.permissions import PUBLIC
from votes.rules.suggestions.suggestions import AuthorKind, AuthorText, Channel
from votes.services.people import stations as people_stations, villages as people_villages
from votes.services.suggestions import authors, intake, seasons, suggestions

#: The channels whose suggestions are entered by the government's staff.
BY_STAFF = (Channel.VISIT, Channel.HOTLINE, Channel.LETTER, Channel.OTHER)


class SuggestionStory(NamedTuple):
    """One suggestion: for which candidate, how and when it came, about which village, and in which words."""

    key: str
    channel: Channel
    on: date
    village: str
    text: str
    category: str = ""
    place: str = ""
    author: str = ""
    unit: str = ""
    station: int = 0
    deputy: int = 0
    photo: bool = False
    refused: str = ""


@dataclass(frozen=True)
class SeasonStory:
    """The villages (with their township), stations (with their place) and suggestions of one congress."""

    villages: tuple[tuple[str, str], ...]
    stations: tuple[tuple[str, str], ...]
    suggestions: tuple[SuggestionStory, ...]
    next: tuple[SuggestionStory, ...] = ()  # for the year after


DATES = story.read(dict[str, date], "solicitation", "dates")
NOTICE = story.read(str, "solicitation", "notice")


def write(congress: Congress, add: Add) -> None:
    """Enter stations and villages, the season with all that came in, and the next year's."""
    told = story.read(SeasonStory, "solicitation", congress.place.code)
    add(moment(DATES["prepared"], 9), partial(_prepare, congress, told))
    add(moment(DATES["entered"], 15), partial(_open, congress, YEAR, DATES["opens"], DATES["closes"]))
    for order, each in enumerate(told.suggestions):
        add(moment(each.on, 9 + order % 9, order * 7 % 60), partial(_suggest, congress, each))
        if each.refused:
            add(moment(each.on, 17, 30), partial(_refuse, congress, each))
    add(moment(DATES["judged"], 20), partial(_judge, congress))
    if told.next:
        season = partial(_open, congress, YEAR + 1, DATES["next_opens"], DATES["next_closes"])
        add(moment(DATES["next_entered"], 10), season)
    for order, each in enumerate(told.next):
        add(moment(each.on, 10, order * 11), partial(_suggest, congress, each))


def _prepare(congress: Congress, told: SeasonStory, now: datetime) -> None:
    people_villages.add_villages(told.villages, by=congress.government, now=now)
    for name, place in told.stations:
        people_stations.save_station(None, name=name, place=place, by=congress.office, now=now)


def _open(congress: Congress, year: int, first: date, last: date, now: datetime) -> None:
    seasons.save_season(
        None,
        year=year,
        title=f"{congress.place.place}{year}年民生实事项目建议征集",
        opens_on=first,
        closes_on=last,
        notice=NOTICE.format(year=year),
        by=congress.government,
        now=now,
    )


def _suggest(congress: Congress, told: SuggestionStory, now: datetime) -> None:
    villages = {village.name: village.id for village in people_villages.all_villages()}
    number = sum(map(len, congress.suggested.values())) + 1
    made = intake.receive(
        channel=told.channel,
        content=told.text,
        category=told.category,
        village_id=villages.get(told.village),
        place=told.place,
        station=people_stations.all_stations()[told.station] if told.channel == Channel.STATION else None,
        deputy_id=congress.deputies[told.deputy].id if told.channel == Channel.DEPUTY else None,
        author=AuthorText(
            told.author,
            f"0000820{number:04d}" if told.author else "",
            told.unit,
            AuthorKind.UNIT if told.unit else AuthorKind.CITIZEN,
        ),
        photos=[congress.photo(told.key, "before", "现状")] if told.photo else [],
        by=congress.government if told.channel in BY_STAFF else PUBLIC,
        now=now,
    )
    congress.suggested.setdefault(told.key, []).append(made)


def _refuse(congress: Congress, told: SuggestionStory, now: datetime) -> None:
    suggestion = next(each for each in congress.suggested[told.key] if each.content == told.text)
    suggestions.refuse(suggestion, told.refused, by=congress.government, now=now)


def _judge(congress: Congress, now: datetime) -> None:
    """Enter what authors say of the answers they found by 查询码; most say nothing."""
    rows: list[Suggestion] = [each for group in congress.suggested.values() for each in group]
    for place, row in enumerate(sorted(rows, key=lambda each: each.number)):
        suggestion = suggestions.get(row.id)
        if place % 2 or suggestion is None or suggestion.matter is None:
            continue
        if authors.answered(suggestion):
            value = "dissatisfied" if place % 32 == 30 else "basically" if place % 8 == 6 else "satisfied"
            authors.satisfy(suggestion, value, now=now)
