"""征集: what citizens, deputies and stations suggest, before anybody has worked on it.

Practice (永嘉 2018: 322 suggestions; 石哈河镇's form): one matter a suggestion; name and telephone are optional.
"""

from enum import StrEnum


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


class AuthorKind(StrEnum):
    """Who suggests (建议人身份)."""

    CITIZEN = "citizen"
    DEPUTY = "deputy"
    UNIT = "unit"
