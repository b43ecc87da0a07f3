"""Delegations: their order and names, and when one can be removed."""

import pytest

from tests.factories import NOW
from tests.services.people.tools import BY, actions, save
from votes.rules.errors import RuleBroken
from votes.services.people import delegations


def test_arrange_lets_delegations_change_names_with_each_other(place):
    save(delegation="第二代表团")
    one, two = delegations.all_delegations()
    delegations.arrange({one.id: ("第二代表团", 2), two.id: ("第一代表团", 1)}, by=BY, now=NOW)
    assert [(d.id, d.name) for d in delegations.all_delegations()] == [
        (two.id, "第一代表团"),
        (one.id, "第二代表团"),
    ]


@pytest.mark.parametrize("name", ["", "  ", "第二代表团", "长" * 31])
def test_arrange_refuses_an_empty_doubled_or_long_name(place, name):
    save(delegation="第二代表团")
    one = delegations.all_delegations()[0]
    with pytest.raises(RuleBroken):
        delegations.arrange({one.id: (name, 1)}, by=BY, now=NOW)


def test_remove_refuses_a_delegation_with_deputies(place):
    one = save(delegation="第二代表团")
    second = delegations.all_delegations()[1]
    with pytest.raises(RuleBroken):
        delegations.remove(second, by=BY, now=NOW)
    save(one, delegation="第一代表团")
    delegations.remove(second, by=BY, now=NOW)
    assert [d.name for d in delegations.all_delegations()] == ["第一代表团"]


def test_ids_of_unknown_names_adds_them_by_their_ordinals(place):
    ids = delegations.ids_of(["第十代表团", "第二代表团", "第一代表团"], by=BY, now=NOW)
    assert [(each.name, each.id) for each in delegations.all_delegations()] == [
        (name, ids[name]) for name in ("第一代表团", "第二代表团", "第十代表团")
    ]
    assert actions()[-2:] == [("delegation.create", "第二代表团"), ("delegation.create", "第十代表团")]


def test_sizes_leave_out_ended_mandates(place, world):
    save()
    assert delegations.sizes() == {world.delegations["county"]: 2}
