"""履职档案: what a deputy has done in office (代表法 2025 art. 58), never how they voted.

The rates are those of 青海's practice (2025): attendance at the congress and the standing committee, taking part in
special committees, speaking. Who was called to a meeting was in office then: that is the denominator, leave included.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from votes.rules.errors import RuleBroken
from votes.rules.people import BodyKind


class DutyMeetingKind(StrEnum):
    COMMITTEE = "committee"  # 常委会会议
    SPECIAL = "special"  # 专门委员会、工作委员会会议
    OTHER = "other"


class DutyAttendanceState(StrEnum):
    PRESENT = "present"
    LEAVE = "leave"
    ABSENT = "absent"


class DutyKind(StrEnum):
    TRAINING = "training"
    VISIT = "visit"  # 走访接待群众
    RESEARCH = "research"  # 视察调研
    SPEECH = "speech"
    GROUP = "group"  # 代表小组活动
    REPORT = "report"  # 述职
    AWARD = "award"
    OTHER = "other"


class DutyState(StrEnum):
    ENTERED = "entered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


DUTY: dict[DutyState, dict[str, DutyState]] = {
    DutyState.ENTERED: {"confirm": DutyState.CONFIRMED, "refuse": DutyState.REFUSED},
    DutyState.CONFIRMED: {"refuse": DutyState.REFUSED},
    DutyState.REFUSED: {"confirm": DutyState.CONFIRMED},
}

# --- the rates -------------------------------------------------------------------------------------------

#: The fourth kind of gathering, besides `DutyMeetingKind`: a session of the congress, known by its signing-in.
CONGRESS = "congress"


@dataclass(frozen=True)
class Share:
    """``part`` times out of ``whole``."""

    part: int = 0
    whole: int = 0

    @property
    def percent(self) -> Decimal | None:
        """In per cent to one decimal, half up, counted without floating point; None of nothing."""
        if self.whole <= 0:
            return None
        exact = Decimal(self.part * 100) / Decimal(self.whole)
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)

    def __add__(self, other: "Share") -> "Share":
        return Share(self.part + other.part, self.whole + other.whole)


@dataclass(frozen=True)
class Attended:
    """At one kind of gathering: how often called (应到), there, on leave, and how often they spoke."""

    called: int = 0
    present: int = 0
    leave: int = 0
    spoke: int = 0

    def __add__(self, other: "Attended") -> "Attended":
        return Attended(
            self.called + other.called,
            self.present + other.present,
            self.leave + other.leave,
            self.spoke + other.spoke,
        )

    @property
    def absent(self) -> int:
        return self.called - self.present - self.leave

    @property
    def share(self) -> Share:
        """Attendance. Whoever is on leave is not there: leave stays in the denominator."""
        return Share(self.present, self.called)


def attended(state: DutyAttendanceState, times: int = 1, spoke: int = 0) -> Attended:
    """What ``times`` calls with the same answer add."""
    return Attended(
        called=times,
        present=times if state == DutyAttendanceState.PRESENT else 0,
        leave=times if state == DutyAttendanceState.LEAVE else 0,
        spoke=spoke,
    )


@dataclass(frozen=True)
class Rates:
    """大会出席率, 常委会出席率, 专委会参与率, 发言率."""

    congress: Share = Share()
    committee: Share = Share()
    special: Share = Share()
    speaking: Share = Share()

    def named(self, kind: BodyKind) -> list[tuple[str, Share]]:
        """(what it is called where the body is of that kind, the rate)."""
        shares = (self.congress, self.committee, self.special, self.speaking)
        return list(zip(rate_words(kind), shares, strict=True))


def rate_words(kind: BodyKind) -> tuple[str, str, str, str]:
    """大会, 常委会, 专委会, 发言. A township has no standing committee: there the presidium meets."""
    committee = "主席团会议出席率" if kind == BodyKind.TOWNSHIP else "常委会出席率"
    return ("大会出席率", committee, "专委会参与率", "发言率")


def meeting_word(kind: DutyMeetingKind, body: BodyKind) -> str:
    """What a kind of meeting is called in a body of that kind."""
    if kind == DutyMeetingKind.COMMITTEE:
        return "主席团会议" if body == BodyKind.TOWNSHIP else "常委会会议"
    return "专门委员会会议" if kind == DutyMeetingKind.SPECIAL else "其他会议"


@dataclass
class Figures:
    """What one deputy did in one year, in numbers. Nothing in it says how they voted.

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
        self.gatherings[gathering] = self.gatherings.get(gathering, Attended()) + more

    def at(self, gathering: str) -> Attended:
        return self.gatherings.get(gathering, Attended())

    def count(self, *kinds: DutyKind) -> int:
        return sum(self.entries.get(kind, 0) for kind in kinds)

    @property
    def meetings(self) -> Attended:
        """All meetings but the congress: those at which it is noted who spoke."""
        return sum((self.at(kind) for kind in DutyMeetingKind), Attended())

    @property
    def activities(self) -> int:
        """Everything besides sitting in meetings."""
        return sum(self.entries.values()) + self.inspections + self.notes

    @property
    def any(self) -> bool:
        return bool(self.gatherings or self.activities or self.suggestions or self.votes.whole)

    @property
    def rates(self) -> Rates:
        """The four rates of one deputy; 发言率: of the meetings attended, those at which they spoke."""
        meetings = self.meetings
        return Rates(
            self.at(CONGRESS).share,
            self.at(DutyMeetingKind.COMMITTEE).share,
            self.at(DutyMeetingKind.SPECIAL).share,
            Share(meetings.spoke, meetings.present),
        )


def rates_of_all(everyone: Iterable[Figures]) -> Rates:
    """The four rates of the body: attendance counted by heads and times; 发言率: of those called to a meeting in the
    year, those who spoke at least once (at a meeting, or by a confirmed speech)."""
    congress = committee = special = Share()
    called = spoke = 0
    for each in everyone:
        own = each.rates
        congress, committee, special = (
            congress + own.congress,
            committee + own.committee,
            special + own.special,
        )
        if each.meetings.called:
            called += 1
            spoke += each.meetings.spoke > 0 or each.count(DutyKind.SPEECH) > 0
    return Rates(congress, committee, special, Share(spoke, called))


def year_shown(years: Sequence[int], today: date) -> int:
    """Which of ``years`` (newest first) a page begins with: the present one, in January the one just ended."""
    if today.month == 1 and len(years) > 1 and years[0] == today.year:
        return years[1]
    return years[0]


# --- what may be entered -----------------------------------------------------------------------------------

Marks = Mapping[int, tuple[DutyAttendanceState, bool]]  # deputy → (state, spoke)


def check_marks(marks: Marks, names: Mapping[int, str], *, held_on: date, today: date) -> None:
    """Whether attendance may be noted so: not before the day of the meeting, and who was away did not speak."""
    if marks and held_on > today:
        raise RuleBroken("会议还没有开，不能登记出席情况。", field="held_on", status=422)
    away = [names.get(id, str(id)) for id, (state, spoke) in marks.items() if spoke and state != "present"]
    if away:
        who = "、".join(away[:5]) + (f"等 {len(away)} 人" if len(away) > 5 else "")
        raise RuleBroken(
            f"{who}没有出席，不能记发言。请改正后再保存，您的选择仍在。", field="marks", status=422
        )


EARLIEST = date(2000, 1, 1)


def check_entry(*, title: str, held_on: date, today: date) -> None:
    """Whether something done can be entered: it has a title and a day that has come."""
    if not title.strip():
        raise RuleBroken("请填写主要内容。", field="title", status=422)
    if not EARLIEST <= held_on <= today:
        raise RuleBroken("日期不能晚于今天，也不能早于2000年。", field="held_on", status=422)


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
    """What the deputies' pages of a place show besides name and delegation, in the order of `PUBLIC_FIELDS`."""
    own = settings.get("deputy_page")
    chosen = own.get("fields", PUBLIC_DEFAULT) if isinstance(own, dict) else PUBLIC_DEFAULT
    return [key for key in PUBLIC_FIELDS if key in chosen]
