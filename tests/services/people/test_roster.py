"""The roster: deputies found, entered, changed."""

import pytest
from sqlalchemy import select

from tests.factories import NOW, make_deputy
from tests.services.people.tools import BY, actions, numbers, save
from votes.db import db
from votes.models import AuditEntry, Delegation
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import DeputyState
from votes.services.people import delegations, roster

# --- finding ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("曾", ["101"]),
        ("zgf", ["101"]),
        ("ZG", ["101"]),
        ("zengguo", ["101"]),
        ("zeng guo", ["101"]),
        ("０１０１", []),
        ("１０１", ["101"]),
        ("10", ["101", "102"]),
        ("1399999", ["102"]),
        ("校长", ["102"]),
        ("%", []),
        ("_", []),
        ("不在", []),
    ],
)
def test_search_finds_by_name_pinyin_number_phone_and_post(place, world, q, found):
    group = world.delegations["county"]
    make_deputy("101", "曾国藩", group, pinyin="zeng guo fan", initials="ZGF")
    make_deputy("102", "李示例", group, pinyin="li shi li", initials="LSL", phone="13999999999", post="校长")
    assert numbers(q=q) == found


def test_search_sorts_numbers_as_people_count(place, world):
    for number in ("10", "9", "B1"):
        make_deputy(number, "示例", world.delegations["county"])
    assert numbers(sort="number") == ["9", "10", "B1", "900"]


def test_search_filters_by_delegation_and_state(place, world):
    other = Delegation(name="第二代表团", position=2)
    db.session.add(other)
    db.session.flush()
    make_deputy("201", "示例", other.id, state=DeputyState.SUSPENDED)
    make_deputy("202", "示例", other.id)
    assert numbers(delegation_id=other.id) == ["201", "202"]
    assert numbers(delegation_id=other.id, state=DeputyState.SUSPENDED) == ["201"]
    assert roster.counts() == {DeputyState.ACTIVE: 2, DeputyState.SUSPENDED: 1, DeputyState.ENDED: 0}


def test_get_of_another_bodys_deputy_returns_none(world):
    with world.work("other"):
        theirs = roster.everyone()[0].id
    with world.work("county"):
        assert roster.get(theirs) is None
        assert roster.standing().keys() == {"900"}


# --- one deputy ------------------------------------------------------------------------------------------


def test_save_adds_a_deputy_and_its_unknown_delegation(place):
    one = save(delegation="第二代表团", born="1975.8", phone="138 0013 8000")
    assert (one.pinyin, one.initials, one.state) == ("zeng shi li", "ZSL", DeputyState.ACTIVE)
    assert (one.born, one.phone) == ("1975-08", "13800138000")
    assert [(d.name, d.position) for d in delegations.all_delegations()] == [
        ("第一代表团", 1),
        ("第二代表团", 2),
    ]
    assert actions()[-2:] == [("delegation.create", "第二代表团"), ("deputy.create", "曾示例")]


def test_save_keeps_a_corrected_spelling_until_the_name_changes(place):
    one = save()
    save(one, pinyin="ceng shi li", initials="csl")
    assert (one.pinyin, one.initials) == ("ceng shi li", "CSL")
    save(one, post="教师")
    assert (one.pinyin, one.initials) == ("ceng shi li", "CSL")
    save(one, name="单示例", pinyin="ceng shi li", initials="CSL")
    assert (one.pinyin, one.initials) == ("shan shi li", "SSL")


def test_save_records_only_what_changed(place):
    one = save(post="教师")
    save(one, post="校长")
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.before, entry.after) == ("deputy.edit", {"post": "教师"}, {"post": "校长"})
    before = len(actions())
    save(one, post="校长")
    assert len(actions()) == before


def test_save_refuses_a_taken_number(work, world):
    work.scope = world.county
    with pytest.raises(RuleBroken) as broken:
        save(number="900")
    assert (broken.value.field, broken.value.message) == (
        "number",
        "代表证号“900”已经是另一位代表的，请核对。",
    )


def test_save_refuses_what_a_workbook_would(place):
    with pytest.raises(RuleBroken) as broken:
        save(born="1975-13")
    assert broken.value.field == "born"


def test_save_accepts_the_same_number_in_two_bodies(world):
    for body in ("county", "other"):
        with world.work(body):
            save(number="555")


def test_set_state_records_the_reason(place):
    one = save()
    roster.set_state(one, DeputyState.ENDED, reason=" 调离本行政区域 ", by=BY, now=NOW)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.before, entry.after, entry.message) == (
        "deputy.state",
        {"state": "active"},
        {"state": "ended"},
        "调离本行政区域",
    )
