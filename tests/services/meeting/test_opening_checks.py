"""The opening checks: what the machine leaves open is refused, or accepted by name and on the chain."""

from types import SimpleNamespace

import pytest

from tests.factories import NOW
from tests.services.voting.test_vote import BY, make_hall
from votes.rules.errors import RuleBroken
from votes.rules.meeting.opening_checks import ACCEPTABLE, FORBIDDEN, WORDS
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import events, opening_checks, openings, rounds

PREPARED = {"hall": make_hall}
GOOD = {
    "archive_mode": "off",
    "wal_recycle": "off",
    "log_statement": "none",
    "slow": "-1",
    "slow_sample": "-1",
    "sample": 0.0,
    "on_error": "0",
    "slots": 0,
    "standbys": 0,
    "may_clear": True,
}


@pytest.mark.parametrize(
    ("changed", "point"),
    [
        ({}, None),
        ({"archive_mode": "on"}, "archive"),
        ({"archive_mode": "always"}, "archive"),
        ({"wal_recycle": "on"}, "wal_recycle"),
        ({"log_statement": "mod"}, "log_parameters"),
        ({"slow": "200ms"}, "log_parameters"),
        ({"slow_sample": "0"}, "log_parameters"),
        ({"sample": 0.1}, "log_parameters"),
        ({"on_error": "-1"}, "log_parameters"),
        ({"slots": 1}, "slot"),
        ({"standbys": 1}, "standby"),
        ({"may_clear": False}, "wal_rights"),
    ],
)
def test_each_setting_of_postgresql_is_one_open_point(changed, point):
    facts = SimpleNamespace(**GOOD | changed)
    assert opening_checks.of_database(facts, named=0) == ([point] if point else [])


def test_points_are_read_from_the_database_that_runs(world, tmp_path, database):
    tmp_path.chmod(0o755)
    with world.work():
        points = opening_checks.found(tmp_path)
    assert set(points) <= WORDS.keys()
    assert "files" in points
    assert ("wal_recycle" in points) != database.is_sqlite, "the server of the tests has the default"
    tmp_path.chmod(0o700)
    with world.work():
        assert "files" not in opening_checks.found(tmp_path)


def test_standby_that_is_named_may_be_accepted():
    facts = SimpleNamespace(**GOOD | {"standbys": 1})
    assert opening_checks.of_database(facts, named=1) == ["named_standby"]
    assert {"named_standby"} <= ACCEPTABLE.keys()


@pytest.mark.parametrize(
    ("swaps", "limit", "may"),
    [
        ("Filename\n", None, False),
        ("F\n/dev/sda2\n", None, True),
        ("F\n/dev/sda2\n", "0", False),
        ("F\n/dev/sda2\n", "max", True),
    ],
)
def test_swap_is_open_unless_the_group_forbids_it(tmp_path, swaps, limit, may):
    proc, groups = tmp_path / "proc", tmp_path / "groups"
    (proc / "self").mkdir(parents=True)
    (groups / "system.slice" / "votes").mkdir(parents=True)
    (proc / "swaps").write_text(swaps)
    (proc / "self" / "cgroup").write_text("0::/system.slice/votes\n")
    if limit:
        (groups / "system.slice" / "memory.swap.max").write_text(limit + "\n")
    assert opening_checks._may_swap(proc, groups) is may


def open_(hall, points, accepted):
    openings.open_round(
        rounds.get_round(hall["round"]), by=BY, now=NOW, open_points=points, accepted=accepted
    )


@pytest.mark.parametrize("point", FORBIDDEN)
def test_forbidden_point_is_refused_although_accepted(world, hall, point):
    with pytest.raises(RuleBroken, match="票决没有开启"), world.work():
        open_(hall, [point], accepted=True)


@pytest.mark.parametrize("point", ACCEPTABLE)
def test_acceptable_point_opens_by_name_and_stands_on_the_chain(world, hall, point):
    with pytest.raises(RuleBroken, match="知悉"), world.work():
        open_(hall, [point], accepted=False)
    with world.work():
        open_(hall, [point], accepted=True)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        (opened,) = [event for event in events.events(round_) if event.kind == "open"]
        assert opened.payload["open_points"] == {"points": [point], "accepted_by": BY.name}


@pytest.mark.sqlite
def test_demo_is_told_and_not_hindered(world, hall, as_, monkeypatch):
    monkeypatch.setattr(opening_checks, "found", lambda instance: ["swap"])
    office, url = as_("office"), f"/office/rounds/{hall['round']}"
    page = office.get(url)
    assert "服务器开着交换分区" in page.words
    assert page.value("accepted") is None
    assert office.post(f"{url}/open").status == 303
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.OPENED


@pytest.mark.sqlite
def test_office_opens_a_formal_round_by_a_tick_only(world, hall, as_, no_demo, monkeypatch):
    monkeypatch.setattr(opening_checks, "found", lambda instance: ["swap"])
    monkeypatch.setattr(
        openings, "check_opening", lambda by, **facts: None
    )  # two-step sign-in has tests of its own
    office, url = as_("office"), f"/office/rounds/{hall['round']}"
    assert office.get(url).tree.xpath("//input[@name='accepted' and @required and not(@checked)]")
    for form, state in (({}, RoundState.DRAFT), ({"accepted": "1"}, RoundState.OPENED)):
        office.post(f"{url}/open", form)
        with world.work():
            assert rounds.get_round(hall["round"]).state == state
