"""The exception with which a rule refuses."""

from votes.rules.errors import RuleBroken


def test_rule_broken_says_why_where_and_how():
    broken = RuleBroken("没有作任何改动。")
    assert (str(broken), broken.message) == ("没有作任何改动。", "没有作任何改动。")
    assert (broken.field, broken.code, broken.status) == (None, None, 409)
    broken = RuleBroken("请填写名称。", field="name", code="empty", status=422)
    assert (broken.field, broken.code, broken.status) == ("name", "empty", 422)
