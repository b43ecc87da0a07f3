"""Which villages the demo's projects are for, so that the public list can stand by place."""

from datetime import datetime
from functools import partial

from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.services.people import villages as people_villages
from votes.services.projects import villages

#: Of the county's candidates; the two that are not here (home, jobs) are for everybody.
VILLAGES = {
    "road": ("东山村", "上坪村", "高岭村", "松坡村", "湖滨村", "渡口村"),
    "housing": ("城东社区", "城南社区"),
    "kindergarten": ("城东社区", "河口村", "湖滨村"),
    "clinic": ("河口村", "高岭村", "渡口村"),
    "care": ("城南社区",),
    "water": ("高岭村", "松坡村", "沟口村", "苇塘村"),
    "sewage": ("河口村", "东山村", "湖滨村", "苇塘村"),
    "parking": ("城东社区", "滨河社区"),
    "riverside": ("滨河社区",),
    "market": ("城南社区", "河口村", "湖滨村"),
}


def write(congress: Congress, add: Add) -> None:
    """Once the candidates have been handed in, the government names their villages."""
    add(moment(congress.days.submitted, 16), partial(_place, congress))


def _place(congress: Congress, now: datetime) -> None:
    known = people_villages.all_villages()
    for order, (key, project) in enumerate(congress.projects.items()):
        names = VILLAGES.get(key, ())
        chosen = [village.id for village in known if village.name in names]
        if congress.parent is not None:  # a township's project is for two of its villages in turn
            chosen = [known[(order + step) % len(known)].id for step in range(2)] if known else []
        if chosen:
            villages.choose(project, chosen, by=congress.government, now=now)
