"""履职档案: what a deputy has done in office (代表法 2025 art. 58), never how they voted.

The rates are those of 青海's practice (2025): attendance at the congress and the standing committee, taking part in
special committees, speaking. Who was called to a meeting was in office then: that is the denominator, leave included.
The source prints figures of the whole body only; one definition serves a deputy and the body, which is their sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Self

from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import declare
from votes.rules.people import organs
from votes.rules.people.roles import BodyKind
from votes.rules.voting.digests import json_digest


class DutyMeetingKind(StrEnum):
    """A kind of meeting whose attendance is entered here."""

    COMMITTEE = "committee"  # 常委会会议
    SPECIAL = "special"  # 专门委员会、工作委员会会议
    OTHER = "other"


class DutyAttendanceState(StrEnum):
    """Whether somebody who was called to a meeting came."""

    PRESENT = "present"
    LEAVE = "leave"
    ABSENT = "absent"


class DutyKind(StrEnum):
    """A kind of entry: what a deputy does besides meetings."""

    TRAINING = "training"
    VISIT = "visit"  # 走访接待群众
    RESEARCH = "research"  # 视察调研
    SPEECH = "speech"
    GROUP = "group"  # 代表小组活动
    REPORT = "report"  # 述职
    AWARD = "award"
    OTHER = "other"


STATE_WORDS = {
    DutyAttendanceState.PRESENT: "出席",
    DutyAttendanceState.LEAVE: "请假",
    DutyAttendanceState.ABSENT: "缺席",
}
KIND_WORDS = {
    DutyKind.TRAINING: "培训",
    DutyKind.VISIT: "走访接待群众",
    DutyKind.RESEARCH: "视察调研",
    DutyKind.SPEECH: "发言",
    DutyKind.GROUP: "代表小组活动",
    DutyKind.REPORT: "述职",
    DutyKind.AWARD: "表彰",
    DutyKind.OTHER: "其他",
}


class DutyState(StrEnum):
    """The state of an entry: a deputy's own counts once staff have confirmed it."""

    ENTERED = "entered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


DUTY: dict[DutyState, dict[str, DutyState]] = {
    DutyState.ENTERED: {"confirm": DutyState.CONFIRMED, "refuse": DutyState.REFUSED},
    DutyState.CONFIRMED: {"refuse": DutyState.REFUSED},
    DutyState.REFUSED: {"confirm": DutyState.CONFIRMED},
}
declare(DUTY)

# --- the rates -------------------------------------------------------------------------------------------

#: The fourth kind of gathering, besides `DutyMeetingKind`: a session of the congress, known by its signing-in.
CONGRESS = "congress"


@dataclass(frozen=True)
class Sum:
    """Figures that add up field by field."""

    def __add__(self, other: Self) -> Self:
        """Add each field of the other."""
        return type(self)(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True)
class Share(Sum):
    """``part`` times out of ``whole``."""

    part: int = 0
    whole: int = 0

    @property
    def percent(self) -> Decimal | None:
        """Return per cent to one decimal, half up, without floating point; None where the whole is nothing."""
        if self.whole <= 0:
            return None
        exact = Decimal(self.part * 100) / Decimal(self.whole)
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Attended(Sum):
    """How often somebody was called (应到) to a kind of gathering, was present, was on leave, and spoke."""

    called: int = 0
    present: int = 0
    leave: int = 0
    spoke: int = 0

    @property
    def absent(self) -> int:
        """Return how often they stayed away without leave."""
        return self.called - self.present - self.leave

    @property
    def share(self) -> Share:
        """Return the attendance. Leave counts as not present: it stays in the denominator."""
        return Share(self.present, self.called)


def attended(state: DutyAttendanceState, times: int = 1, spoke: int = 0) -> Attended:
    """Return the figures of ``times`` calls with the same answer."""
    present, leave = state == DutyAttendanceState.PRESENT, state == DutyAttendanceState.LEAVE
    return Attended(times, times * present, times * leave, spoke)


@dataclass(frozen=True)
class Rates(Sum):
    """大会出席率, 常委会出席率, 专委会参与率, 发言率, of one deputy or of a whole body; `RATE_WORDS` has their keys."""

    congress: Share = Share()
    committee: Share = Share()
    special: Share = Share()
    speaking: Share = Share()

    def named(self, kind: BodyKind) -> list[tuple[str, Share]]:
        """Return the rates that a body of ``kind`` has, each with its word there."""
        return [(word, getattr(self, key)) for key, word in RATE_WORDS[kind].items()]


#: Which rates a kind of body has, and what they are called there. A township has a presidium, and neither it nor a
#: street has special committees (地方组织法 2022 art. 33 lets counties and those above have them). Where the standing
#: committee itself votes, its sessions here are meetings of the standing committee.
RATE_WORDS: dict[BodyKind, dict[str, str]] = {
    BodyKind.COUNTY: {
        "congress": "大会出席率",
        "committee": "常委会出席率",
        "special": "专委会参与率",
        "speaking": "发言率",
    },
    BodyKind.TOWNSHIP: {"congress": "大会出席率", "committee": "主席团会议出席率", "speaking": "发言率"},
    BodyKind.COMMITTEE: {"committee": "常委会出席率", "special": "专委会参与率", "speaking": "发言率"},
    BodyKind.STREET: {"congress": "议事代表会议出席率", "speaking": "发言率"},
}


def how_counted(kind: BodyKind) -> str:
    """Return the sentence that says how a body of ``kind`` counts its rates."""
    return (
        "出席率以应到次数为分母，请假计入分母；发言率是到会的会议中作了发言的比例，"
        f"按签到统计的{organs.of(kind).meeting}和单独登记的发言不计入。"
    )


_MEETING_WORDS = {
    DutyMeetingKind.COMMITTEE: "常委会会议",
    DutyMeetingKind.SPECIAL: "专门委员会会议",
    DutyMeetingKind.OTHER: "其他会议",
}


def meeting_kinds(body: BodyKind) -> list[DutyMeetingKind]:
    """Return the kinds of meeting that a body of that kind holds."""
    return [kind for kind in DutyMeetingKind if kind == DutyMeetingKind.OTHER or kind in RATE_WORDS[body]]


def meeting_word(kind: DutyMeetingKind, body: BodyKind) -> str:
    """Return the word for a kind of meeting in a body of that kind."""
    if kind == DutyMeetingKind.COMMITTEE and body == BodyKind.TOWNSHIP:
        return "主席团会议"
    return _MEETING_WORDS[kind]


def session_word(body: BodyKind) -> str:
    """Return the word for a session, at which projects are voted on, in a body of that kind."""
    if body == BodyKind.COMMITTEE:
        return _MEETING_WORDS[DutyMeetingKind.COMMITTEE]
    return "议事代表会议" if body == BodyKind.STREET else "人代会"


@dataclass
class DutyFigures:
    """What one deputy did in one year, in numbers. None of them tells how they voted.

    gatherings  CONGRESS or a value of `DutyMeetingKind` → attendance
    entries     confirmed entries by kind
    suggestions that came through the deputy
    inspections attended; ``notes`` written on them
    votes       of the closed rounds in which they were entitled: how many they took part in; ``ratings`` likewise
    """

    gatherings: dict[str, Attended] = field(default_factory=dict)
    entries: dict[DutyKind, int] = field(default_factory=dict)
    suggestions: int = 0
    inspections: int = 0
    notes: int = 0
    votes: Share = Share()
    ratings: Share = Share()

    def add(self, gathering: str, more: Attended) -> None:
        """Add attendance at a kind of gathering."""
        self.gatherings[gathering] = self.gatherings.get(gathering, Attended()) + more

    def at(self, gathering: str) -> Attended:
        """Return the attendance at a kind of gathering."""
        return self.gatherings.get(gathering, Attended())

    def count(self, kind: DutyKind) -> int:
        """Return the number of confirmed entries of ``kind``."""
        return self.entries.get(kind, 0)

    @property
    def meetings(self) -> Attended:
        """Return the attendance at all meetings but the congress, of which it is not noted who spoke."""
        return sum((self.at(kind) for kind in DutyMeetingKind), Attended())

    def rates(self, kind: BodyKind) -> Rates:
        """Return the rates of a deputy of a body of that kind; 发言率: in how many of the meetings attended they spoke.

        A speech that was entered by itself belongs to no meeting and does not count there.
        """
        congress, committee = self.at(CONGRESS).share, self.at(DutyMeetingKind.COMMITTEE).share
        if kind == BodyKind.COMMITTEE:
            congress, committee = Share(), congress + committee
        speaking = Share(self.meetings.spoke, self.meetings.present)
        return Rates(congress, committee, self.at(DutyMeetingKind.SPECIAL).share, speaking)


def rates_of_all(everyone: Iterable[Rates]) -> Rates:
    """Return the body's rates: the sums of its deputies' numerators over the sums of the denominators (人次)."""
    return sum(everyone, Rates())


def days_of(year: int) -> tuple[date, date]:
    """Return the first and the last day of ``year``."""
    return date(year, 1, 1), date(year, 12, 31)


def year_shown(years: Sequence[int], today: date) -> int:
    """Return which of ``years`` (newest first) a page begins with: this year, in January last year."""
    usual = today.year - 1 if today.month == 1 else today.year
    return next((year for year in (usual, today.year) if year in years), years[0])


# --- what may be entered -----------------------------------------------------------------------------------

EARLIEST = date(2000, 1, 1)

Mark = tuple[DutyAttendanceState, bool]  # (state, spoke)
Marks = Mapping[int, Mark]  # by deputy


def check_meeting(*, title: str, held_on: date, today: date, noted: bool = False) -> None:
    """Refuse a meeting without a title, or on a day before 2000 or after the end of next year.

    A meeting whose attendance is ``noted`` was held: its day is not after ``today``.
    """
    if not title.strip():
        raise invalid("title", "请填写会议名称。")
    if held_on < EARLIEST:
        raise invalid("held_on", "日期不能早于2000年。")
    if held_on.year > today.year + 1:
        raise invalid("held_on", "日期不能晚于明年年底。请核对。")
    if noted and held_on > today:
        raise invalid("held_on", "这次会议已经登记出席情况，日期不能晚于今天。没有改动。")


def check_marks(marks: Marks, names: Mapping[int, str], *, held_on: date, today: date) -> None:
    """Refuse attendance of nobody, before the day of the meeting, or of somebody who spoke without being present.

    ``names`` (by deputy id) name those who are refused.
    """
    if not marks:
        raise invalid("marks", "请至少选择一位应到人员。没有改动。")
    if held_on > today:
        raise invalid("held_on", "会议还没有开，不能登记出席情况。")
    away = [names.get(id_, str(id_)) for id_, (state, spoke) in marks.items() if spoke and state != "present"]
    if away:
        who = "、".join(away[:5]) + (f"等 {len(away)} 人" if len(away) > 5 else "")
        raise invalid("marks", f"{who}没有出席，不能记发言。请改正后再保存，您的选择仍在。")


def fingerprint(marks: Marks) -> str:
    """Return a digest of the marks; a form carries that of the marks which its page showed (see `check_seen`)."""
    rows = sorted((id_, state.value, spoke) for id_, (state, spoke) in marks.items())
    return json_digest("sha256", rows)


def check_seen(seen: str | None, now: Marks) -> None:
    """Refuse a change where ``seen``, the fingerprint before it, is not that of ``now``; None refuses nothing."""
    if seen is not None and seen != fingerprint(now):
        raise RuleBroken(
            "您打开页面后，有人改过这次会议的出席情况，没有保存。您的选择仍在下面；确认以您的为准，请再保存一次。",
            code="stale",
        )


@dataclass(frozen=True)
class Activity:
    """What a deputy did besides meetings, as somebody types it."""

    kind: DutyKind
    held_on: date
    title: str
    text: str = ""


def check_entry(*, title: str, held_on: date, today: date) -> None:
    """Refuse an entry without a title, or on a day before 2000 or after ``today``."""
    if not title.strip():
        raise invalid("title", "请填写主要内容。")
    if not EARLIEST <= held_on <= today:
        raise invalid("held_on", "日期不能晚于今天，也不能早于2000年。")


# --- what may be published -----------------------------------------------------------------------------------

#: 代表法 2025 art. 58 has basics and performance published; what of it, the place decides. Name and delegation
#: always stand there; the telephone never does, and how often somebody voted stays inside.
PUBLIC_FIELDS: dict[str, str] = {
    "post": "职务",
    "constituency": "选区",
    "gender": "性别",
    "ethnicity": "民族",
    "born": "出生年月",
    "rates": "出席率和发言率",
    "suggestions": "收集和转交群众建议件数",
    "inspections": "参加视察次数",
    "entries": "培训、走访、调研等次数",
}
PUBLIC_DEFAULT = ("post", "constituency", "rates")


def public_fields(settings: Mapping[str, object]) -> list[str]:
    """Return what a place's deputies' pages show besides name and delegation, in the order of `PUBLIC_FIELDS`."""
    own = settings.get("deputy_page")
    chosen = own.get("fields", PUBLIC_DEFAULT) if isinstance(own, dict) else PUBLIC_DEFAULT
    return [key for key in PUBLIC_FIELDS if key in chosen]
