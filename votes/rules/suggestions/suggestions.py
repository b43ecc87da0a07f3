"""Suggestions (建议) as citizens, deputies and stations make them: channels, lifecycle, limits, seasons.

Practice (永嘉 2018: 322 suggestions; 石哈河镇's form): a suggestion asks for one thing; name and telephone are optional.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from votes.rules.errors import invalid
from votes.rules.lifecycle import declare
from votes.rules.projects.fields import CATEGORIES, YEARS


class Channel(StrEnum):
    """The channel by which a suggestion came (来源渠道)."""

    WEB = "web"  # the public page
    STATION = "station"  # the QR poster of a 代表联络站
    DEPUTY = "deputy"  # a deputy's own page
    VISIT = "visit"  # 走访座谈, typed in by staff
    HOTLINE = "hotline"
    LETTER = "letter"
    OTHER = "other"  # 代表建议、信访、督查等资料


#: The channels whose suggestions staff enter. Those of the other channels come from public pages.
BY_STAFF = (Channel.VISIT, Channel.HOTLINE, Channel.LETTER, Channel.OTHER)


class SuggestionState(StrEnum):
    """Where a suggestion stands."""

    RECEIVED = "received"
    FILED = "filed"  # part of a matter, alone or with others
    REFUSED = "refused"


#: state → action → next state. No suggestion is ever deleted.
SUGGESTION: dict[SuggestionState, dict[str, SuggestionState]] = {
    SuggestionState.RECEIVED: {"file": SuggestionState.FILED, "refuse": SuggestionState.REFUSED},
    SuggestionState.FILED: {"unfile": SuggestionState.RECEIVED},
    SuggestionState.REFUSED: {"restore": SuggestionState.RECEIVED},
}
declare(SUGGESTION)


class AuthorKind(StrEnum):
    """The kind of author (建议人身份)."""

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
    """Return a title for a suggestion without one: its first sentence, at most ``longest`` characters of it.

    A longer sentence is cut at the end of a clause, if there is one after the first six characters.
    """
    first = next((part.strip() for part in _SENTENCE.split(content) if part.strip()), content.strip())
    first = " ".join(first.split())
    if len(first) <= longest:
        return first
    cuts = [match.start() for match in _CLAUSE.finditer(first[: longest + 1]) if match.start() >= 6]
    return first[: cuts[-1]] if cuts else f"{first[: longest - 1]}…"


def tidy_phone(text: str) -> str:
    """Remove blanks, hyphens, brackets and +86 from a typed telephone number; make full-width digits plain ones."""
    plain = re.sub(
        r"[\s\-—－()（）]", "", text.translate(str.maketrans("０１２３４５６７８９＋", "0123456789+"))
    )
    return re.sub(r"^(\+?86)(?=1\d{10}$)", "", plain)


def faults(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the faults of a suggestion: field → message. Forms and workbooks use the same messages.

    Args:
        values: title, content, category, place, name, phone, unit as tidied text; a missing field counts as empty.
    """
    messages = {}
    content = str(values.get("content") or "")
    if not content:
        messages["content"] = "请写下您的建议。"
    elif len(content) < SHORTEST:
        messages["content"] = f"建议内容太短，请至少写 {SHORTEST} 个字，说清楚在哪里、办什么事。"
    elif len(content) > LONGEST:
        messages["content"] = f"建议内容最多 {LONGEST} 个字，现有 {len(content)} 个字。"
    for name, longest, word in (
        ("title", LONGEST_TITLE, "标题"),
        ("place", LONGEST_PLACE, "地点"),
        ("name", 30, "姓名"),
        ("unit", 100, "单位"),
    ):
        if len(str(values.get(name) or "")) > longest:
            messages[name] = f"{word}最多 {longest} 个字。"
    category = values.get("category") or ""
    if category and category not in CATEGORIES:
        messages["category"] = f"没有“{str(category)[:20]}”这个类别，应为：{'、'.join(CATEGORIES)}。"
    phone = values.get("phone") or ""
    if phone and not _PHONE.fullmatch(phone):
        messages["phone"] = "电话请填写 11 位手机号，或带区号的固定电话；不愿留的可以空着。"
    return messages


# --- who made it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AuthorText:
    """What an author says of themselves; every field may be empty."""

    name: str = ""
    phone: str = ""
    unit: str = ""
    kind: AuthorKind = AuthorKind.CITIZEN

    def __bool__(self) -> bool:
        return bool(self.name or self.phone or self.unit)

    def masked(self) -> "AuthorText":
        """Return it with name and telephone masked."""
        return replace(self, name=masked_name(self.name), phone=masked_phone(self.phone))


def masked_name(name: str) -> str:
    """Mask all but the first character of a name: 张三丰 → 张**. A name of one character is masked whole."""
    return name[0] + "*" * (len(name) - 1) if len(name) > 1 else "*" * len(name)


def masked_phone(phone: str) -> str:
    """Mask a telephone number: 13800001234 → 138****1234; of a short number only the last two digits stay."""
    if len(phone) >= 11:
        return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
    return "*" * max(len(phone) - 2, 0) + phone[-2:] if phone else ""


# --- seasons ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SeasonText:
    """What an office fills in about a season (征集期) for the projects of ``year``; both days belong to it."""

    year: int
    title: str = ""
    opens_on: date
    closes_on: date
    notice: str = ""


def check_year(year: int) -> None:
    """Raise RuleBroken at ``year`` for a year in which no projects are carried out."""
    if year not in YEARS:
        raise invalid("year", f"实施年度应在 {YEARS[0]} 至 {YEARS[-1]} 之间。")


def check_season(year: int, opens_on: date, closes_on: date) -> None:
    """Raise RuleBroken at the field where the days of a season are not valid."""
    check_year(year)
    if closes_on < opens_on:
        raise invalid("closes_on", "截止日期不能早于开始日期。")
    if opens_on.year not in (year - 1, year):
        raise invalid("opens_on", f"{year} 年项目的征集应在 {year - 1} 年或 {year} 年进行，请核对日期。")
    if (closes_on - opens_on).days > 400:
        raise invalid("closes_on", "征集期最长为 400 天，请核对日期。")


# --- limits of a day ---------------------------------------------------------------------------------------------

#: Seconds that a person needs to fill in the form; programs are quicker.
LEAST_SECONDS = 4
#: Suggestions a day from one phone, and from one IP address, which a whole village may share.
A_DAY_FROM_PHONE = 10
A_DAY_FROM_ADDRESS = 200
