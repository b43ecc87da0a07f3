"""Accounts for a whole roster: prepared, opened, and what is left out."""

from tests.factories import NOW, make_deputy
from votes.services.people import accounts, roster_accounts


def test_open_all_leaves_out_who_has_an_account_meanwhile(place, world):
    office = world.actor("office")
    group = world.delegations["county"]
    one, two = (make_deputy(number, "示例", group) for number in ("101", "102"))
    assert roster_accounts.deputies_without_account() == [one, two]
    prepared = roster_accounts.prepare([one, two], code="shili")
    assert [each.username for each in prepared] == ["shili-101", "shili-102"]
    assert roster_accounts.open_all(prepared[:1], by=office, now=NOW) == prepared[:1]
    assert roster_accounts.open_all(prepared, by=office, now=NOW) == prepared[1:]
    assert roster_accounts.deputies_without_account() == []
    assert accounts.find_by_username("shili-102").deputy_id == two.id
