"""The demo year, acted out through the services by the congresses of the place.

The whole story stands in a diary; a stage is how far the diary is read.
"""

from datetime import date, timedelta
from enum import StrEnum

from votes.demo import (
    autumn,
    duties,
    matters,
    outcomes,
    overview,
    progress as courses,
    projects as texts,
    solicitation,
    supervision,
)
from votes.demo.congress import PASSWORD, Calendar, Congress, Diary
from votes.demo.days import moment
from votes.demo.people import COUNTY, TOWNSHIPS
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


#: When each stage is: the diary is read up to here.
UNTIL = {
    Stage.DRAFT: moment(date(2026, 12, 25), 10),
    Stage.VOTING: moment(date(2027, 1, 20), 15, 1),
    Stage.CERTIFIED: moment(date(2027, 1, 20), 16, 40),
    Stage.MIDYEAR: moment(date(2027, 7, 8), 9),
    Stage.YEAREND: moment(date(2028, 1, 16), 9),
}


_COUNTY_DAYS = Calendar(
    entered=date(2026, 11, 16),
    amended=date(2026, 11, 23),
    submitted=date(2026, 11, 27),
    gates=(date(2026, 12, 8), date(2026, 12, 15), date(2026, 12, 24)),
    again=date(2026, 12, 26),
    late=(date(2026, 12, 28), date(2026, 12, 30), date(2027, 1, 6)),
    called=date(2026, 12, 18),
    title="第十八届人民代表大会第五次会议",
    starts=date(2027, 1, 18),
    ends=date(2027, 1, 21),
    vote=moment(date(2027, 1, 20), 15),
    planned=date(2027, 2, 4),
)


def _town_days(title: str, starts: date) -> Calendar:
    return Calendar(
        entered=date(2026, 12, 1),
        amended=date(2026, 12, 7),
        submitted=date(2026, 12, 10),
        gates=(date(2026, 12, 16), date(2026, 12, 23)),
        again=date(2027, 1, 25),
        late=(date(2027, 1, 28), date(2027, 2, 5)),
        called=date(2026, 12, 21),
        title=title,
        starts=starts,
        ends=starts + timedelta(days=1),
        vote=moment(starts + timedelta(days=1), 10),
        planned=date(2027, 3, 8),
    )


_TOWN_DAYS = (
    _town_days("第二十届人民代表大会第三次会议", date(2027, 2, 23)),
    _town_days("第十九届人民代表大会第四次会议", date(2027, 2, 24)),
    _town_days("第二十届人民代表大会第三次会议", date(2027, 2, 25)),
)


def act_out(stage: Stage, *, deputies: int, key: str) -> Congress:
    """Fill the database of the unit of work at hand with the year up to ``stage``; answers the county.

    ``deputies`` is how many the county has, ``key`` the server's SECRET_KEY (voting cards are made with it).
    """
    certified = stage in (Stage.CERTIFIED, Stage.MIDYEAR, Stage.YEAREND)
    accounts.create_user(
        username="admin",
        name="系统管理员（示例）",
        roles=[Role.SYSADMIN],
        body_id=None,
        by=audit.SYSTEM,
        now=moment(date(2026, 9, 1), 8),
        password=PASSWORD,
        must_change=False,
    )
    county = Congress(
        COUNTY,
        texts.CANDIDATES[COUNTY.code],
        courses.COURSES[COUNTY.code],
        _COUNTY_DAYS,
        seats=10,
        deputies=deputies,
        key=key,
        absent=deputies // 20 if certified else 0,
    )
    towns = [
        Congress(
            place,
            texts.CANDIDATES[place.code],
            courses.COURSES[place.code],
            days,
            seats=len(courses.COURSES[place.code]),
            deputies=place.deputies,
            key=key,
            absent=place.deputies // 20,
            parent=county,
        )
        for place, days in zip(TOWNSHIPS, _TOWN_DAYS, strict=True)
    ]
    diary = Diary()
    for congress in (county, *towns):
        congress.write(diary, CHAPTERS)
    diary.run(UNTIL[stage])
    return county
