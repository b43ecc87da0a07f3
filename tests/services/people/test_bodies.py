"""Bodies: the tree, and who looks at which of them."""

import pytest

from tests.factories import NOW
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import BodyKind
from votes.services.people import bodies


@pytest.fixture
def sysadmin(world):
    with world.work(None) as session:
        yield world.actor("sysadmin")
        session.rollback()


def create(sysadmin, **values):
    given = {"code": "new", "name": "新县人民代表大会", "place": "新县", "kind": BodyKind.COUNTY, **values}
    return bodies.create_body(**given, by=sysadmin, now=NOW)


def test_all_bodies_lists_each_followed_by_those_below(sysadmin, world):
    ids = [body.id for body in bodies.all_bodies()]
    assert ids.index(world.township) == ids.index(world.county) + 1


@pytest.mark.parametrize(("role", "names"), [("office", ["county"]), ("leader", ["county", "township"])])
def test_viewable_depends_on_the_role(sysadmin, world, role, names):
    assert [body.id for body in bodies.viewable(world.actor(role))] == [world.bodies[name] for name in names]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "X!"}, "code"),
        ({"kind": BodyKind.TOWNSHIP}, "parent_id"),
    ],
)
def test_create_body_refuses_at_the_field(sysadmin, values, field):
    with pytest.raises(RuleBroken) as broken:
        create(sysadmin, **values)
    assert broken.value.field == field


def test_speak_outside_a_single_body_changes_nothing(sysadmin):
    assert bodies.speak("代表证号") == "代表证号"
