"""Identity: the actor of an account, and the body it looks at."""

from votes.rules.people.roles import Role
from votes.services.people import identity


def by_user(world, role, *, serial=0, viewing=None):
    with world.database.work(write=False):
        return identity.by_user(world.user(role), serial, viewing)


def test_by_user_returns_the_roles_of_the_account(world):
    actor = by_user(world, "office")
    assert (actor.body_id, actor.home_body_id, actor.roles) == (world.county, world.county, {Role.OFFICE})


def test_by_user_of_an_older_serial_returns_none(world):
    assert by_user(world, "office", serial=1) is None


def test_leader_looks_into_the_bodies_below_only(world):
    below = by_user(world, "leader", viewing=world.township)
    assert (below.body_id, below.home_body_id) == (world.township, world.county)
    assert by_user(world, "leader", viewing=world.other).body_id == world.county
    assert by_user(world, "office", viewing=world.township).body_id == world.county


def test_body_ids_below_has_the_body_first(world):
    with world.work(None):
        assert identity.body_ids_below(world.county) == [world.county, world.township]
