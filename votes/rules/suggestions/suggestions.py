"""征集: what citizens, deputies and stations suggest, before anybody has worked on it.

Practice (永嘉 2018: 322 suggestions; 石哈河镇's form): one matter a suggestion; name and telephone are optional.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import declare
from votes.rules.projects.fields import CATEGORIES, YEARS


class Channel(StrEnum):
    """How a suggestion came (来源渠道)."""

    WEB = "web"  # the public page
    STATION = "station"  # the QR poster of a 代表联络站
    DEPUTY = "deputy"  # a deputy's own page
    VISIT = "visit"  # 走访座谈, typed in by staff
    HOTLINE = "hotline"
    LETTER = "letter"
    OTHER = "other"  # 代表建议、信访、督查等资料


#: What staff may type in; the others are the public's doors.
BY_STAFF = (Channel.VISIT, Channel.HOTLINE, Channel.LETTER, Channel.OTHER)


class SuggestionState(StrEnum):
    RECEIVED = "received"
    FILED = "filed"  # part of a matter, alone or with others
    REFUSED = "refused"


#: state -> action -> next state. Out of a matter it goes back to where it was; nothing is ever deleted.
SUGGESTION: dict[SuggestionState, dict[str, SuggestionState]] = {
    SuggestionState.RECEIVED: {"file": SuggestionState.FILED, "refuse": SuggestionState.REFUSED},
    SuggestionState.FILED: {"unfile": SuggestionState.RECEIVED},
    SuggestionState.REFUSED: {"restore": SuggestionState.RECEIVED},
}
declare(SUGGESTION)


class AuthorKind(StrEnum):
    """Who suggests (建议人身份)."""

    CITIZEN = "citizen"
    DEPUTY = "deputy"
    UNIT = "unit"


# --- what is written ---------------------------------------------------------------------------------------

LONGEST_TITLE = 60
SHORTEST = 5
LONGEST = 2000
LONGEST_PLACE = 100
MOST_PHOTOS = 3

_SENTENCE = re.compile(r"[。！？!?；;\n]")
_CLAUSE = re.compile(r"[，,、：:]")
_PHONE = re.compile(r"1\d{10}|(0\d{2,3})?\d{7,8}")


def title_of(content: str, longest: int = 30) -> str:
    """A title for what came without one: its first sentence, cut at a clause where it is longer than ``longest``."""
    first = next((part.strip() for part in _SENTENCE.split(content) if part.strip()), content.strip())
    first = " ".join(first.split())
    if len(first) <= longest:
        return first
    cuts = [found.start() for found in _CLAUSE.finditer(first[: longest + 1]) if found.start() >= 6]
    return first[: cuts[-1]] if cuts else f"{first[: longest - 1]}…"


def tidy_phone(text: str) -> str:
    """A typed telephone number without blanks, dashes and +86; digits in full width become plain ones."""
    plain = re.sub(
        r"[\s\-—－()（）]", "", text.translate(str.maketrans("０１２３４５６７８９＋", "0123456789+"))
    )
    return re.sub(r"^(\+?86)(?=1\d{10}$)", "", plain)


def faults(values: Mapping[str, Any]) -> dict[str, str]:
    """Field → why it cannot be taken; for forms and spreadsheets alike.

    ``values``: title, content, category, place, name, phone, unit as tidied text; what is missing counts as empty.
    """
    found = {}
    content = str(values.get("content") or "")
    if not content:
        found["content"] = "请写下您的建议。"
    elif len(content) < SHORTEST:
        found["content"] = f"建议内容太短，请至少写 {SHORTEST} 个字，说清楚在哪里、办什么事。"
    elif len(content) > LONGEST:
        found["content"] = f"建议内容最多 {LONGEST} 个字，现有 {len(content)} 个字。"
    for name, longest, word in (
        ("title", LONGEST_TITLE, "标题"),
        ("place", LONGEST_PLACE, "地点"),
        ("name", 30, "姓名"),
        ("unit", 100, "单位"),
    ):
        if len(str(values.get(name) or "")) > longest:
            found[name] = f"{word}最多 {longest} 个字。"
    category = values.get("category") or ""
    if category and category not in CATEGORIES:
        found["category"] = f"没有“{str(category)[:20]}”这个类别，应为：{'、'.join(CATEGORIES)}。"
    phone = values.get("phone") or ""
    if phone and not _PHONE.fullmatch(phone):
        found["phone"] = "电话请填写 11 位手机号，或带区号的固定电话；不愿留的可以空着。"
    return found


# --- who made it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AuthorText:
    """Who suggests, as far as they say; every field may be empty."""

    name: str = ""
    phone: str = ""
    unit: str = ""
    kind: AuthorKind = AuthorKind.CITIZEN

    def __bool__(self) -> bool:
        return bool(self.name or self.phone or self.unit)


def masked_name(name: str) -> str:
    """张三丰 → 张**; nothing stays of a name of one sign."""
    return name[0] + "*" * (len(name) - 1) if len(name) > 1 else "*" * len(name)


def masked_phone(phone: str) -> str:
    """13800001234 → 138****1234; of a short number the last two digits stay."""
    if len(phone) >= 11:
        return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
    return "*" * max(len(phone) - 2, 0) + phone[-2:] if phone else ""


# --- seasons ---------------------------------------------------------------------------------------------------

#: 重庆 2024, 陕西 2025 and 景洪 2025 ask for thirty days at least.
USUAL_DAYS = 30


def check_season(year: int, opens_on: date, closes_on: date) -> None:
    """Raise RuleBroken where the days of a season make no sense."""
    if year not in YEARS:
        raise RuleBroken(f"实施年度应在 {YEARS[0]} 至 {YEARS[-1]} 之间。", field="year", status=422)
    if closes_on < opens_on:
        raise RuleBroken("截止日期不能早于开始日期。", field="closes_on", status=422)
    if opens_on.year not in (year - 1, year):
        raise RuleBroken(
            f"{year} 年项目的征集应在 {year - 1} 年或 {year} 年进行，请核对日期。",
            field="opens_on",
            status=422,
        )
    if (closes_on - opens_on).days > 400:
        raise RuleBroken("征集期最长为 400 天，请核对日期。", field="closes_on", status=422)


def days_open(opens_on: date, closes_on: date) -> int:
    """How many days a season lasts, the first and the last included."""
    return (closes_on - opens_on).days + 1


# --- against floods ----------------------------------------------------------------------------------------------

#: Seconds that a person needs to fill the form; programs are quicker.
LEAST_SECONDS = 4
#: Suggestions a day from one phone; from one address, behind which a whole village's network may stand.
A_DAY_FROM_PHONE = 10
A_DAY_FROM_ADDRESS = 200
