"""Whether the database answers."""

import pytest
from sqlalchemy.exc import OperationalError

from votes.db import Database
from votes.services import health


def test_ping_of_a_database_that_answers(work):
    health.ping()


@pytest.mark.sqlite
def test_ping_without_database_raises_its_error(tmp_path):
    with pytest.raises(OperationalError), Database(f"sqlite:///{tmp_path}").work(write=False):
        health.ping()
