"""Authors: masked, revealed, deleted; a suggestion by its code."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import NOW
from tests.services.suggestions.samples import BY, give
from votes.db import db
from votes.exports.formats.xlsx import Row
from votes.models import AuditEntry, Author, ImportDraft
from votes.rules.codes import grouped
from votes.rules.errors import RuleBroken
from votes.rules.suggestions.suggestions import AuthorText, Channel
from votes.services import imports
from votes.services.people import bodies
from votes.services.suggestions import authors, seasons, sheets, suggestions


def test_reveal_returns_author_and_logs_the_access(place):
    with place.work():
        suggestion = give(author=AuthorText("示例某", "13800001234"))
        assert authors.masked(suggestion) == AuthorText("示**", "138****1234")
        assert authors.masked(give("没有留名的建议。")) is None
        assert authors.reveal(suggestion, by=BY, now=NOW) == AuthorText("示例某", "13800001234")
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "suggestion.reveal")).one()
        assert (entry.who, entry.about, entry.after) == ("经办人", "2027年第1号建议", None)


def test_erase_authors_after_season_keeps_suggestions(place):
    with place.work():
        season = seasons.of_year(2027)
        give(author=AuthorText("示例某", "13800001234"))
        other = give(
            "别的年度的建议。", channel=Channel.LETTER, by=BY, year=2028, author=AuthorText("另一位")
        )
        line = Row(3, {"建议内容": "请修村口的桥。", "来源渠道": "来信", "建议人": "示例某"})
        imports.preview(sheets.SHEET, imports.Book("a.xlsx", [line]), year=2027, by=BY, now=NOW)
        with pytest.raises(RuleBroken, match="还没有结束"):
            authors.erase_authors(season, by=BY, now=NOW)
        assert authors.named_authors(season) == 1
        later = NOW + timedelta(days=40)
        assert authors.erase_authors(season, by=BY, now=later) == 1
        assert [a.suggestion_id for a in db.session.scalars(select(Author))] == [other.id]
        assert db.session.scalars(select(ImportDraft)).all() == []
        assert suggestions.counts(2027).total == 1


def test_find_returns_suggestion_of_any_body(place):
    with place.work():
        suggestion = give()
        code, body_id = suggestion.code, suggestion.body_id
    with place.work("other"):
        suggestion = authors.find(f" {grouped(code).lower()} ")
        assert (suggestion.body_id, bodies.get_body(suggestion.body_id).place) == (body_id, "示例县")
        assert authors.find("ZZZZZZZZZZ") is None
        with pytest.raises(RuleBroken, match="10 位"):
            authors.find("12")
