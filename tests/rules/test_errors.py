"""The exception with which a rule refuses."""

from votes.rules.errors import RuleBroken, invalid


def test_rule_broken_says_why_where_and_how():
    broken = RuleBroken("没有作任何改动。")
    assert (str(broken), broken.message) == ("没有作任何改动。", "没有作任何改动。")
    assert (broken.field, broken.code, broken.status) == (None, None, 409)
    broken = RuleBroken("请填写名称。", field="name", code="empty", status=422)
    assert (broken.field, broken.code, broken.status) == ("name", "empty", 422)


def test_invalid_names_field_code_and_status():
    broken = invalid("due_on", "完成时限不能早于开始日期。", code="early")
    assert isinstance(broken, RuleBroken)
    assert (broken.message, broken.field, broken.code, broken.status) == (
        "完成时限不能早于开始日期。",
        "due_on",
        "early",
        422,
    )
