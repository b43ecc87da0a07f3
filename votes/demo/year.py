"""The demo year, acted out through the services by the congresses of the place.

The whole story stands in a diary; a stage is how far the diary is read.
"""

from datetime import datetime
from enum import StrEnum

from votes.demo import autumn, duties, matters, outcomes, overview, solicitation, story, supervision
from votes.demo.congress import OFFICES, Congress, Diary
from votes.demo.people import COUNTY, PASSWORD, TOWNSHIPS
from votes.rules.people.accounts import AccountValues
from votes.rules.people.roles import Role
from votes.services import audit
from votes.services.people import accounts

#: Parts of the story, in the order of the year.
CHAPTERS = (
    solicitation.write,
    matters.write,
    overview.write,
    supervision.write,
    autumn.write,
    outcomes.write,
    duties.write,
)


class Stage(StrEnum):
    """How far the year has come."""

    DRAFT = "draft"  # candidates entered, some reviewed, some not yet submitted
    VOTING = "voting"  # everybody has signed in, the box is open
    CERTIFIED = "certified"  # counted, signed, announced
    MIDYEAR = "midyear"  # half a year of reports
    YEAREND = "yearend"  # all projects ended, rated by the next congress


_STAGES = story.read(dict[str, tuple[datetime, str]], "congress", "stages")
#: When each stage is: the diary is read up to here.
UNTIL = {stage: _STAGES[stage][0] for stage in Stage}
#: What each stage is like.
WORDS = {stage: _STAGES[stage][1] for stage in Stage}


def act_out(stage: Stage, *, deputies: int, key: str) -> Congress:
    """Fill the database of the session at hand with the year up to ``stage``; return the county.

    ``deputies`` is how many the county has, ``key`` the server's SECRET_KEY (PINs are hashed under it).
    """
    accounts.create_user(
        "admin",
        AccountValues(name=OFFICES["admin"], roles=[Role.SYSADMIN], body_id=None),
        by=audit.SYSTEM,
        now=story.read(datetime, "congress", "begin", "admin"),
        password=PASSWORD,
        must_change=False,
    )
    by_visitors = stage in (Stage.DRAFT, Stage.VOTING)
    absent = 0 if by_visitors else deputies // 20
    county = Congress(COUNTY, deputies=deputies, absent=absent, key=key, by_visitors=by_visitors)
    towns = [
        Congress(place, deputies=place.deputies, absent=place.deputies // 20, key=key, parent=county)
        for place in TOWNSHIPS
    ]
    diary = Diary()
    for congress in (county, *towns):
        congress.write(diary, CHAPTERS)
    diary.run(UNTIL[stage])
    return county
