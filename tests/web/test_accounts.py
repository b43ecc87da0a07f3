"""Accounts for a whole roster: what the page carries from batch to batch."""

import pytest

from votes.web.accounts import opened, pack

ROW = ["001", "示例甲", "第一代表团", "shili-001", "Right-horse7"]


def test_opened_returns_what_pack_has_packed():
    assert opened(pack([ROW, ROW])) == [ROW, ROW]


@pytest.mark.parametrize("packed", [None, "", "x", "{}", "[1]", '[["001"]]', '[["001", 2, "", "", ""]]'])
def test_opened_ignores_any_other_text(packed):
    assert opened(packed) == []
