"""Which villages the demo's projects are for, so that the public list can stand by place."""

from datetime import datetime
from functools import partial

from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.services.people import villages as people_villages
from votes.services.projects import villages


def write(congress: Congress, add: Add) -> None:
    """Let the government name the villages of its candidates once they have been handed in."""
    add(moment(congress.days.submitted, 16), partial(_choose_villages, congress))


def _choose_villages(congress: Congress, now: datetime) -> None:
    known = people_villages.all_villages()
    for order, candidate in enumerate(congress.candidates):
        chosen = [village.id for village in known if village.name in candidate.villages]
        if congress.parent is not None:  # a township's project is for two of its villages in turn
            chosen = [known[(order + step) % len(known)].id for step in range(2)] if known else []
        if chosen:
            project = congress.projects[candidate.key]
            villages.choose(project, chosen, by=congress.government, now=now)
