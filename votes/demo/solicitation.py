"""征集 in the demo year, as `story/solicitation.toml` tells it.

`Congress.suggested` keeps the suggestions by the candidate that came of them ("": none), in the order in which they came.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from votes.demo import story
from votes.demo.congress import CAPTIONS, Congress
from votes.demo.days import Add, moment
from votes.demo.projects import YEAR
from votes.models import Suggestion
from votes.rules.people.actor import PUBLIC
from votes.rules.suggestions.suggestions import AuthorKind, AuthorText, Channel, SeasonText
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
TITLE, NOTICE = (story.read(str, "solicitation", name) for name in ("title", "notice"))


def write(congress: Congress, add: Add) -> None:
    """Enter stations and villages, the season with all that came in, and the next year's."""
    plan = story.read(SeasonStory, "solicitation", congress.place.code)
    add(moment(DATES["prepared"], 9), partial(_prepare, congress, plan))
    add(moment(DATES["entered"], 15), partial(_open, congress, YEAR, DATES["opens"], DATES["closes"]))
    for order, suggestion in enumerate(plan.suggestions):
        add(moment(suggestion.on, 9 + order % 9, order * 7 % 60), partial(_suggest, congress, suggestion))
        if suggestion.refused:
            add(moment(suggestion.on, 17, 30), partial(_refuse, congress, suggestion))
    add(moment(DATES["judged"], 20), partial(_judge, congress))
    if plan.next:
        season = partial(_open, congress, YEAR + 1, DATES["next_opens"], DATES["next_closes"])
        add(moment(DATES["next_entered"], 10), season)
    for order, suggestion in enumerate(plan.next):
        add(moment(suggestion.on, 10, order * 11), partial(_suggest, congress, suggestion))


def _prepare(congress: Congress, plan: SeasonStory, now: datetime) -> None:
    people_villages.add_villages(plan.villages, by=congress.government, now=now)
    for name, place in plan.stations:
        people_stations.save_station(None, name=name, place=place, by=congress.office, now=now)


def _open(congress: Congress, year: int, first: date, last: date, now: datetime) -> None:
    text = SeasonText(
        year=year,
        title=TITLE.format(place=congress.place.place, year=year),
        opens_on=first,
        closes_on=last,
        notice=NOTICE.format(year=year),
    )
    seasons.save_season(None, text, by=congress.government, now=now)


def _suggest(congress: Congress, suggestion: SuggestionStory, now: datetime) -> None:
    villages = {village.name: village.id for village in people_villages.all_villages()}
    number = sum(map(len, congress.suggested.values())) + 1
    row = intake.receive(
        channel=suggestion.channel,
        content=suggestion.text,
        category=suggestion.category,
        village_id=villages.get(suggestion.village),
        place=suggestion.place,
        station_id=people_stations.all_stations()[suggestion.station].id
        if suggestion.channel == Channel.STATION
        else None,
        deputy_id=congress.deputies[suggestion.deputy].id if suggestion.channel == Channel.DEPUTY else None,
        author=AuthorText(
            suggestion.author,
            f"0000820{number:04d}" if suggestion.author else "",
            suggestion.unit,
            AuthorKind.UNIT if suggestion.unit else AuthorKind.CITIZEN,
        ),
        photos=[congress.photo(suggestion.key, "before", CAPTIONS["before"][0])] if suggestion.photo else [],
        by=congress.government if suggestion.channel in BY_STAFF else PUBLIC,
        now=now,
    )
    congress.suggested.setdefault(suggestion.key, []).append(row)


def _refuse(congress: Congress, suggestion: SuggestionStory, now: datetime) -> None:
    row = next(each for each in congress.suggested[suggestion.key] if each.content == suggestion.text)
    suggestions.refuse(row, suggestion.refused, by=congress.government, now=now)


def _judge(congress: Congress, now: datetime) -> None:
    """Enter the authors' opinions of the answers that they opened by 查询码; most give none."""
    rows: list[Suggestion] = [each for group in congress.suggested.values() for each in group]
    for place, row in enumerate(sorted(rows, key=lambda each: each.number)):
        suggestion = suggestions.get(row.id)
        if place % 2 or suggestion is None or suggestion.matter is None:
            continue
        if authors.answered(suggestion):
            value = "dissatisfied" if place % 32 == 30 else "basically" if place % 8 == 6 else "satisfied"
            authors.satisfy(suggestion, value, now=now)
