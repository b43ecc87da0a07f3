"""Workbooks of suggestions: judged, imported, deleted after a week."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.factories import NOW
from tests.services.suggestions.samples import BY, give
from votes.clock import local
from votes.db import db
from votes.exports.formats.xlsx import Row
from votes.models import ImportDraft, Suggestion
from votes.rules.errors import RuleBroken
from votes.rules.suggestions.suggestions import BY_STAFF, AuthorText, Channel
from votes.services import imports
from votes.services.suggestions import authors, sheets


def test_channels_are_those_of_staff():
    assert set(sheets.CHANNELS) == set(BY_STAFF)


def test_apply_workbook_with_refused_row_imports_nothing(place):
    with place.work():
        give("学校门口没有路灯。")
        lines = [
            ({"建议内容": "请修村口的桥。", "来源渠道": "走访", "乡镇（街道）": "山乡", "村（社区）": "示例村",
              "建议人": "张　三", "联系电话": "138 0000 1234", "收到日期": "2027-01-10"}, "new"),
            ({"建议内容": "请修村口的桥。", "来源渠道": "走访座谈", "乡镇（街道）": "山乡", "村（社区）": "示例村"}, "same"),
            ({"建议内容": "学校门口没有路灯。", "来源渠道": "来电"}, "same"),
            ({"建议内容": "请修村口的路。", "来源渠道": "梦见的"}, "来源渠道应为"),
            ({"建议内容": "请修村口的路。", "来源渠道": "来信", "村（社区）": "示例村"}, "几个乡镇都有"),
            ({"建议内容": "请修村口的路。", "来源渠道": "来信", "村（社区）": "没有的村"}, "名单中没有"),
            ({"建议内容": "请修村口的路。", "来源渠道": "来信", "收到日期": date(2027, 12, 1)}, "不能晚于今天"),
            ({"建议内容": "请修村口的路。", "来源渠道": "来信", "联系电话": "12"}, "11 位手机号"),
        ]  # fmt: skip
        rows = [Row(3 + i, line) for i, (line, _) in enumerate(lines)]
        draft = imports.preview(sheets.SHEET, imports.Book("a.xlsx", rows), year=2027, by=BY, now=NOW)
        for row, (_, expected) in zip(draft.rows, lines, strict=True):
            assert expected in (row["status"], "".join(row["problems"])) or expected in "".join(
                row["problems"]
            )
        assert imports.counts(sheets.SHEET, draft.rows) == {"new": 1, "same": 2, "refused": 5}
        with pytest.raises(RuleBroken, match="全部没有导入"):
            imports.apply(sheets.SHEET, draft, by=BY, now=NOW)
        draft = imports.preview(sheets.SHEET, imports.Book("a.xlsx", rows[:3]), year=2027, by=BY, now=NOW)
        assert imports.apply(sheets.SHEET, draft, by=BY, now=NOW) == {"added": 1}
        suggestion = db.session.scalars(select(Suggestion).where(Suggestion.number == 2)).one()
        assert (suggestion.village.full_name, suggestion.channel, local(suggestion.received_at).date()) == (
            "山乡示例村", Channel.VISIT, date(2027, 1, 10),
        )  # fmt: skip
        assert authors.reveal(suggestion, by=BY, now=NOW) == AuthorText("张三", "13800001234")
        assert "张三" not in str(draft.rows)
        assert "13800001234" not in str(draft.rows)
        with pytest.raises(RuleBroken, match="不会重复导入"):
            imports.apply(sheets.SHEET, draft, by=BY, now=NOW)


def test_preview_deletes_uploads_after_a_week(place):
    book = imports.Book("a.xlsx", [Row(3, {"建议内容": "请修村口的桥。", "来源渠道": "走访"})])
    one, other = place.actor("office"), place.actor("government")
    with place.work():
        for by, later, left in (
            (one, 0, [one]),
            (other, 7 * 86400, [one, other]),
            (other, 7 * 86400 + 1, [other]),
        ):
            imports.preview(sheets.SHEET, book, year=2027, by=by, now=NOW + timedelta(seconds=later))
            uploaders = db.session.scalars(select(ImportDraft.created_by_id).order_by(ImportDraft.created_at))
            assert list(uploaders) == [each.user_id for each in left]
