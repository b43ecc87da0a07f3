"""Passwords and passphrases are hashed before the write lock is taken: a vote does not wait for 50 ms of arithmetic."""

import fcntl
import os
from typing import Any

import pytest

from tests.factories import NOW
from tests.services.voting.test_vote import BY, make_hall
from tests.views.voting.test_voting import phone
from votes.db import db
from votes.models import TellerSecret, User
from votes.services.meeting import sessions, tellers
from votes.services.people import passwords

pytestmark = pytest.mark.sqlite

PHRASE = "今年的雪下得比往年早"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch, world: Any) -> list[str]:
    """Return what was hashed; fail when the write lock is held meanwhile."""
    seen: list[str] = []

    def beside_the_lock(name: str, act: Any) -> Any:
        def checked(*arguments: Any) -> Any:
            handle = os.open(f"{world.database.url.database}.lock", os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises where somebody holds it
            finally:
                os.close(handle)
            seen.append(name)
            return act(*arguments)

        return checked

    for name in ("hash_password", "matches"):
        monkeypatch.setattr(passwords, name, beside_the_lock(name, getattr(passwords, name)))
    return seen


def test_account_is_opened_and_reset_without_the_lock(as_: Any, world: Any, hashed: list[str]) -> None:
    office = as_("office")
    form = {"username": "clerk", "name": "经办人", "roles": ["office"]}
    assert office.post("/office/users/new", form).status == 200
    with world.work():
        user_id = db.session.query(User).filter(User.username == "clerk").one().id
    assert office.post(f"/office/users/{user_id}/reset").status == 200
    assert hashed == ["hash_password"] * 2


def test_passphrase_is_set_and_proved_without_the_lock(app: Any, world: Any, hashed: list[str]) -> None:
    hall = make_hall(world, secrets=False)
    with world.work():
        session = sessions.get(hall["session"])
        assert session is not None
        tellers.approve(session, on=NOW.date(), how="举手", by=BY, now=NOW, today=NOW.date())
    base = f"/teller/sessions/{hall['session']}"
    phones = [phone(app, world, hall, number) for number in (0, 1)]
    for each in phones:
        assert each.post(f"{base}/secret", {"passphrase": PHRASE, "again": PHRASE}).status == 303
    with world.work():
        secrets = {row.deputy_id: (row.teller_id, row.code) for row in db.session.query(TellerSecret)}
    teller_id, code = secrets[hall["deputies"][1]]
    given = {"code": code, "passphrase": PHRASE}
    assert phones[0].post(f"{base}/tellers/{teller_id}/confirm", given).status == 303
    assert hashed == ["hash_password", "hash_password", "matches"]
