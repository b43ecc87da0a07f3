"""Deputies' records in the demo year: meetings and who was there, what deputies did, and the pages of some of them."""

import random
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.projects import YEAR
from votes.models import Deputy
from votes.rules.duties.duties import DutyAttendanceState, DutyKind, DutyMeetingKind
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.services.duties import entries, meetings, public_pages

MEMBERS, SPECIALISTS = 27, 11
#: Deputies with a page of their own.
PAGES = 10


class Sitting(NamedTuple):
    kind: DutyMeetingKind
    month: int
    day: int
    title: str


COUNTY = (
    Sitting(DutyMeetingKind.COMMITTEE, 2, 26, "第十八届人大常委会第四十一次会议"),
    Sitting(DutyMeetingKind.SPECIAL, 3, 18, "财政经济委员会第九次全体会议"),
    Sitting(DutyMeetingKind.COMMITTEE, 3, 30, "第十八届人大常委会第四十二次会议"),
    Sitting(DutyMeetingKind.COMMITTEE, 4, 29, "第十八届人大常委会第四十三次会议"),
    Sitting(DutyMeetingKind.SPECIAL, 5, 20, "社会建设委员会第七次全体会议"),
    Sitting(DutyMeetingKind.SPECIAL, 6, 17, "财政经济委员会第十次全体会议"),
    Sitting(DutyMeetingKind.COMMITTEE, 6, 29, "第十八届人大常委会第四十四次会议"),
    Sitting(DutyMeetingKind.COMMITTEE, 8, 27, "第十八届人大常委会第四十五次会议"),
    Sitting(DutyMeetingKind.SPECIAL, 9, 16, "社会建设委员会第八次全体会议"),
    Sitting(DutyMeetingKind.COMMITTEE, 10, 28, "第十八届人大常委会第四十六次会议"),
    Sitting(DutyMeetingKind.COMMITTEE, 12, 24, "第十八届人大常委会第四十七次会议"),
)
TOWNSHIP = (
    Sitting(DutyMeetingKind.COMMITTEE, 4, 15, "主席团第五次会议"),
    Sitting(DutyMeetingKind.COMMITTEE, 6, 24, "主席团第六次会议"),
    Sitting(DutyMeetingKind.COMMITTEE, 9, 22, "主席团第七次会议"),
)


class Done(NamedTuple):
    """What some deputies did together; ``people`` is how many of them."""

    kind: DutyKind
    month: int
    day: int
    people: int
    title: str
    text: str = ""


# fmt: off
ACTIVITIES = (
    Done(DutyKind.SPEECH, 1, 19, 6, "审议政府工作报告时发言", "围绕农村公路管护和养老服务提出意见。"),
    Done(DutyKind.TRAINING, 3, 10, 8, "新修订代表法专题培训", "县委党校，两天。"),
    Done(DutyKind.VISIT, 3, 24, 3, "代表联络站接待群众日", "接待群众 11 人次，收集意见 7 条。"),
    Done(DutyKind.RESEARCH, 4, 8, 5, "民生实事项目开工情况专题调研"),
    Done(DutyKind.GROUP, 4, 20, 6, "示例河镇代表小组第一次活动"),
    Done(DutyKind.VISIT, 4, 27, 3, "走访困难群众和养老服务点"),
    Done(DutyKind.TRAINING, 5, 12, 6, "预算审查监督培训"),
    Done(DutyKind.RESEARCH, 5, 25, 4, "农村生活污水治理情况调研", "实地看 4 个村，走访农户 26 户。"),
    Done(DutyKind.VISIT, 6, 9, 4, "代表联络站接待群众日", "接待群众 9 人次，收集意见 5 条。"),
    Done(DutyKind.REPORT, 6, 15, 3, "向选区选民述职", "到会选民 62 人，满意度测评满意率 96.8%。"),
    Done(DutyKind.GROUP, 6, 22, 6, "代表小组视察学校改扩建项目"),
    Done(DutyKind.AWARD, 7, 1, 2, "评为上半年优秀代表联络员"),
    Done(DutyKind.TRAINING, 8, 18, 5, "民生实事项目监督业务培训"),
    Done(DutyKind.VISIT, 9, 15, 4, "征集民生实事项目建议入户走访"),
    Done(DutyKind.RESEARCH, 10, 14, 5, "民生实事项目完成情况专题调研"),
    Done(DutyKind.GROUP, 10, 26, 6, "代表小组第三次活动"),
    Done(DutyKind.REPORT, 11, 18, 4, "向选区选民述职", "到会选民 58 人。"),
    Done(DutyKind.AWARD, 12, 24, 3, "评为年度优秀人大代表"),
)
TOWNSHIP_ACTIVITIES = (
    Done(DutyKind.VISIT, 3, 25, 3, "活动室接待选民", "接待选民 6 人次。"),
    Done(DutyKind.GROUP, 5, 18, 4, "代表小组视察民生实事项目现场"),
    Done(DutyKind.REPORT, 6, 10, 2, "向选民述职"),
    Done(DutyKind.GROUP, 10, 20, 4, "代表小组秋季活动"),
)
# fmt: on


def write(congress: Congress, add: Add) -> None:
    """Enter the year's meetings, activities and pages of one congress."""
    county = congress.parent is None
    add(moment(date(YEAR - 1, 9, 10), 9), partial(_open_pages, congress))
    for sitting in COUNTY if county else TOWNSHIP:
        day = date(YEAR, sitting.month, sitting.day)
        add(moment(day, 17), partial(_sit, congress, sitting))
    for place, done in enumerate(ACTIVITIES if county else TOWNSHIP_ACTIVITIES):
        add(moment(date(YEAR, done.month, done.day), 18), partial(_enter, congress, done, place))
    if county:
        _write_own(congress, add)


def _dice(congress: Congress, what: str) -> random.Random:
    return random.Random(f"{congress.place.code} {what}")


def _members(congress: Congress) -> list[Deputy]:
    """Those who sit in the meetings: first the deputy whose account is shown."""
    mine, count = congress.deputies[1], MEMBERS if congress.parent is None else 9
    others = [deputy for deputy in congress.deputies if deputy is not mine]
    return [mine, *_dice(congress, "members").sample(others, min(count, len(others)) - 1)]


def _open_pages(congress: Congress, now: datetime) -> None:
    shown = congress.deputies[: PAGES if congress.parent is None else 3]
    public_pages.open_for([deputy.id for deputy in shown], by=congress.office, now=now)


def _sit(congress: Congress, sitting: Sitting, now: datetime) -> None:
    """Of twenty called nineteen are there, and somewhat more than a third speak."""
    called: Sequence[Deputy] = _members(congress)
    if sitting.kind == DutyMeetingKind.SPECIAL:
        called = called[:SPECIALISTS]
    meeting = meetings.save(
        None,
        kind=sitting.kind,
        title=f"{congress.place.place}{sitting.title}",
        held_on=date(YEAR, sitting.month, sitting.day),
        by=congress.office,
        now=now,
    )
    dice = _dice(congress, sitting.title)
    marks = {}
    for deputy in called:
        there = dice.random()
        state = DutyAttendanceState.PRESENT
        if there > 0.95:
            state = DutyAttendanceState.LEAVE if there < 0.99 else DutyAttendanceState.ABSENT
        marks[deputy.id] = (state, state == DutyAttendanceState.PRESENT and dice.random() < 0.38)
    marks[called[0].id] = (DutyAttendanceState.PRESENT, sitting.month % 4 != 0)
    meetings.mark(meeting, marks, by=congress.office, now=now)


def _enter(congress: Congress, done: Done, place: int, now: datetime) -> None:
    mine = congress.deputies[1]
    others = [deputy for deputy in congress.deputies if deputy is not mine]
    people = _dice(congress, f"{done.title} {place}").sample(others, min(done.people, len(others)))
    if place % 2 == 0:  # the deputy whose account is shown is often among them
        people[0] = mine
    entries.enter(
        [deputy.id for deputy in people],
        kind=done.kind,
        held_on=date(YEAR, done.month, done.day),
        title=done.title,
        text=done.text,
        by=congress.office,
        now=now,
    )


# --- what deputies enter themselves --------------------------------------------------------------------------


def _deputy(congress: Congress, deputy: Deputy) -> Actor:
    return Actor(
        name=deputy.name,
        body_id=congress.body.id,
        home_body_id=congress.body.id,
        roles=frozenset({Role.DEPUTY}),
        deputy_id=deputy.id,
    )


#: (the deputy's place on the roster, kind, day, title, how it was settled by midyear: "" waits)
OWN = (
    (1, DutyKind.VISIT, date(YEAR, 4, 11), "走访选区脱贫户 12 户", "confirm"),
    (1, DutyKind.RESEARCH, date(YEAR, 5, 16), "察看示例河堤防加固工地", "confirm"),
    (1, DutyKind.OTHER, date(YEAR, 6, 20), "参加单位运动会", "refuse"),
    (1, DutyKind.VISIT, date(YEAR, 7, 4), "到示例河镇活动室接待选民", ""),
    (4, DutyKind.VISIT, date(YEAR, 7, 5), "走访独居老人 5 户", ""),
    (8, DutyKind.GROUP, date(YEAR, 7, 6), "参加代表小组讨论上半年项目进展", ""),
)


def _write_own(congress: Congress, add: Add) -> None:
    for place, kind, day, title, settled in OWN:

        def enter(
            now: datetime, place: int = place, kind: DutyKind = kind, day: date = day, title: str = title
        ) -> None:
            by = _deputy(congress, congress.deputies[place])
            entries.enter_own(kind=kind, held_on=day, title=title, by=by, now=now)

        add(moment(day, 20), enter)
        if settled:
            add(moment(date(YEAR, 6, 30), 9), partial(_settle, congress, title, settled))
    add(moment(date(YEAR, 7, 12), 9), partial(_confirm_rest, congress))


def _settle(congress: Congress, title: str, action: str, now: datetime) -> None:
    entry = next(e for e in entries.page(entries.waiting(), 1)[0] if e.title == title)
    reason = "不属于履行代表职务的活动，请填报与代表履职有关的内容。" if action == "refuse" else ""
    entries.settle(entry, action, reason=reason, by=congress.office, now=now)


def _confirm_rest(congress: Congress, now: datetime) -> None:
    waiting = entries.page(entries.waiting(), 1)[0]
    entries.confirm_all([entry.id for entry in waiting], by=congress.office, now=now)
