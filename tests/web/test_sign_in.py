"""Signing in with a password: the check is done before the write lock, failures are counted per account."""

import pytest

from tests.factories import PASSWORD
from votes.rules.errors import RuleBroken
from votes.web.identity import me
from votes.web.sign_in import with_password

pytestmark = pytest.mark.sqlite


def sign_in(app, username: str, password: str):
    with app.test_request_context("/sign-in", method="POST"):
        app.preprocess_request()
        with_password(username, password)
        return me()


def test_with_password_signs_the_account_in(app, world):
    assert sign_in(app, "office.county", PASSWORD).user_id == world.user("office")


@pytest.mark.parametrize(("username", "password"), [("office.county", "wrong"), ("nobody", PASSWORD)])
def test_with_password_wrong_is_refused_and_counted(app, world, username, password):
    codes = []
    for _ in range(12):
        with pytest.raises(RuleBroken) as refused:
            sign_in(app, username, password)
        codes.append(refused.value.code)
    assert (codes[0], codes[-1] == codes[0]) == ("wrong_password", False)
