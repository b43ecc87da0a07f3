"""Changes and roles of the audit log are written in the words of the pages."""

from datetime import UTC, datetime

import pytest

from votes.models import AuditEntry
from votes.rules.projects import fields
from votes.web.words.audit_words import changes, changes_text, role_words


def entry(kind: str | None, before, after) -> AuditEntry:
    return AuditEntry(
        at=datetime(2027, 1, 1, tzinfo=UTC), who="示例", about_kind=kind, before=before, after=after
    )


@pytest.mark.parametrize(
    ("kind", "before", "after", "text"),
    [
        ("deputies", {"state": "active"}, {"state": "ended"}, "状态：在任 → 终止"),
        ("projects", {"state": "draft"}, {"state": "reviewing"}, "状态：草稿 → 审议中"),
        ("rounds", {"state": "draft"}, {"state": "opened"}, "状态：准备中 → 投票中"),
        ("deputies", {"state": "gone"}, {"state": "active"}, "状态：gone → 在任"),
        ("deputies", {"number": "1"}, {"number": "2"}, "代表证号：1 → 2"),
        ("users", {"name": "甲"}, {"name": "乙"}, "姓名：甲 → 乙"),
        ("departments", {"name": "甲"}, {"name": "乙"}, "名称：甲 → 乙"),
        ("users", {"roles": ["office"]}, {"roles": ["leader", "office"]}, "角色：人大办 → 领导、人大办"),
        ("users", {"active": True}, {"active": False}, "使用中：是 → 否"),
        ("users", {"phone": None}, {"phone": "138"}, "手机号：138"),
        ("users", {"phone": None, "name": "甲"}, {"phone": "138", "name": "乙"}, "手机号：（空） → 138；姓名：甲 → 乙"),
        ("projects", {"due_on": "2027-01-05"}, {"due_on": "2027-12-20"}, "完成时限：2027年1月5日 → 2027年12月20日"),
        ("bodies", {"rule": {"quorum": [2, 3]}}, {"rule": {"quorum": [3, 4], "method": "choose"}}, "票决办法：法定人数 2/3 → 法定人数 3/4，票决方法 选 N 项（多中选定）"),
        ("bodies", {"gates": [{"key": "a", "name": "常务会议", "role": "x"}]}, {"gates": []}, "审议环节：常务会议 → （空）"),
        (None, None, {"crater": "深"}, "crater：深"),
        (None, None, None, ""),
    ],
)  # fmt: skip
def test_words_of_changes(kind, before, after, text):
    assert changes_text(entry(kind, before, after)) == text


def test_changes_of_a_project_use_the_heading_of_its_field(monkeypatch):
    invented = fields.Field("crater", "坑口投资", fields.Section.MONEY, fields.PageCard.MONEY, "money")
    monkeypatch.setattr(fields, "FIELDS", (*fields.FIELDS, invented))
    assert changes_text(entry("projects", None, {"crater": "3.00"})) == "坑口投资（万元）：3.00"


def test_changes_keep_the_order_of_the_entry():
    assert [field for field, _, _ in changes(entry("users", {"a": 1, "b": 2}, {"b": 3, "a": 4}))] == [
        "b",
        "a",
    ]


def test_words_of_roles():
    assert [role_words(r) for r in ("leader,office", "card", "", "x")] == [
        "领导、人大办",
        "凭票决凭证",
        "",
        "x",
    ]
