"""Deputies' own pages: opened, renewed, closed, and gone with the office."""

import pytest
from sqlalchemy import select

from tests.duties import NOW, make_deputies, refusal
from votes.db import db
from votes.models import AuditEntry, Deputy
from votes.rules.people.roles import DeputyState
from votes.services.duties import public_pages
from votes.services.people import roster
from votes.services.suggestions import suggestions


@pytest.fixture
def office(world):
    return world.actor("office")


def test_page_is_opened_renewed_and_closed(world, office):
    with world.work():
        one, two, three = make_deputies(world)
        db.session.get(Deputy, three).state = DeputyState.SUSPENDED
        db.session.flush()
        # whole or not at all: one of them is not in office, or is nobody's
        for ids in ([one, two, three], [one, 99999]):
            assert "只有本级在任代表" in refusal(
                lambda ids=ids: public_pages.open_for(ids, by=office, now=NOW)
            )
        assert public_pages.published() == []
        assert public_pages.open_for([one, two, one], by=office, now=NOW) == 2
        assert public_pages.open_for([one], by=office, now=NOW) == 0
        deputy = roster.get(one)
        key = deputy.page_key
        assert suggestions.deputy_by_key(key) is deputy
        public_pages.renew(deputy, by=office, now=NOW)
        assert (suggestions.deputy_by_key(key), suggestions.deputy_by_key("")) == (None, None)
        public_pages.close(roster.get(two), by=office, now=NOW)
        assert [d.id for d in public_pages.published()] == [one]
        assert "已经关闭" in refusal(lambda: public_pages.close(roster.get(two), by=office, now=NOW))
        deputy.state = DeputyState.ENDED
        db.session.flush()
        assert (public_pages.published(), suggestions.deputy_by_key(deputy.page_key)) == ([], None)
        acts = [e.action for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
        assert [a for a in acts if a.startswith("deputy_page")] == [
            "deputy_page.open", "deputy_page.open", "deputy_page.renew", "deputy_page.close",
        ]  # fmt: skip
