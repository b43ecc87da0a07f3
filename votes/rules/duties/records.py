"""The record of a deputy's year (履职档案): its headings, and what stands under them."""

from dataclasses import dataclass
from datetime import date

from votes.rules.duties.duties import DutyKind

#: The headings of a record as 镇坪 keeps it, after 基本情况.
HEADINGS: dict[str, str] = {
    "meetings": "会议出席",
    "research": "视察调研",
    "training": "培训",
    "group": "小组活动",
    "suggestions": "建议",
    "report": "述职、接受监督",
    "award": "表彰",
}
#: The heading under which a kind of entry stands.
HEADING_OF = {
    DutyKind.TRAINING: "training",
    DutyKind.VISIT: "research",
    DutyKind.RESEARCH: "research",
    DutyKind.SPEECH: "meetings",
    DutyKind.GROUP: "group",
    DutyKind.REPORT: "report",
    DutyKind.AWARD: "award",
    DutyKind.OTHER: "group",
}


@dataclass(frozen=True)
class RecordEvent:
    """One line of the record.

    ``heading`` is a key of `HEADINGS`, ``word`` the kind of event, ``note`` its outcome (出席), ``text`` what the
    deputy wrote about it.
    """

    on: date
    heading: str
    word: str
    title: str
    note: str = ""
    text: str = ""
