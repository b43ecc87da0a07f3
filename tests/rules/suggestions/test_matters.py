"""Matters: what may be merged, what an outcome must say."""

import pytest

from votes.rules.errors import RuleBroken
from votes.rules.suggestions import matters
from votes.rules.suggestions.matters import MatterState, Outcome


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (MatterState.OPEN, None),
        (MatterState.REPORTED, None),
        (MatterState.TRANSFERRED, "请先撤回交办"),
        (MatterState.DECIDED, "请先重新办理"),
    ],
)
def test_check_mergeable_refuses_matters_under_way_or_decided(state, refused):
    if refused is None:
        return matters.check_mergeable(state)
    with pytest.raises(RuleBroken, match=refused):
        matters.check_mergeable(state, "示例路灯")


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("reason", ["", "  ", "属上级事权。"])
def test_check_outcome_without_needed_reason_is_refused(outcome, reason):
    if reason.strip() or outcome not in (Outcome.DECLINED, Outcome.OUT_OF_SCOPE):
        return matters.check_outcome(outcome, reason=reason, answer="")
    with pytest.raises(RuleBroken, match="写明理由") as broken:
        matters.check_outcome(outcome, reason=reason, answer="")
    assert broken.value.field == "reason"
