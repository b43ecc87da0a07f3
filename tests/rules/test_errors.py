"""Refusals: what they carry for the page, the client and the log."""

from votes.rules.errors import RuleBroken, invalid


def test_invalid_names_field_code_and_status():
    broken = invalid("due_on", "完成时限不能早于开始日期。", code="early")
    assert isinstance(broken, RuleBroken)
    assert (broken.message, broken.field, broken.code, broken.status) == (
        "完成时限不能早于开始日期。",
        "due_on",
        "early",
        422,
    )
