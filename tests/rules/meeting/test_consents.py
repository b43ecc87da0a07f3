"""A teller's consent: what is no reason for asking it, or for refusing it."""

import pytest

from votes.rules.errors import RuleBroken
from votes.rules.meeting.consents import MOST_REASON, check_reason


@pytest.mark.parametrize("reason", ["", " \n", "\x00", "因" * (MOST_REASON + 1)])
def test_reason_that_is_empty_or_long_is_refused(reason):
    with pytest.raises(RuleBroken) as refused:
        check_reason(reason)
    assert (refused.value.field, refused.value.status) == ("reason", 422)


def test_reason_is_tidied():
    assert check_reason(" 凭证\n遗失 ") == "凭证 遗失"
