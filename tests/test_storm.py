"""A voting day under bad luck: a network that loses and doubles, a server that is killed in mid-burst."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from tests import plumbing, storm
from tests.services.test_vote import close, make_hall, open_, sign
from votes.db import db
from votes.models import Ballot, Card, Turnout
from votes.rules.rounds import RoundState
from votes.services import proof, sessions, tally

pytestmark = pytest.mark.slow
PROJECTS, SEATS = 12, 10


@pytest.fixture
def hall(world, request):
    """An open round in which as many deputies as the test's parameter says are signed in."""
    made = make_hall(world, deputies=request.param, projects=PROJECTS, seats=SEATS)
    open_(world, made)
    return made


def cards_of(world) -> list[int]:
    with world.work():
        return [card.id for card in db.session.query(Card).order_by(Card.id)]


def settings(world) -> dict[str, str]:
    return {
        "DATABASE_URL": world.database.url.render_as_string(hide_password=False),
        "SECRET_KEY": str(world.app.config["SECRET_KEY"]),
        "WORKERS": "2",
    }


def check_the_box(world, hall, phones) -> None:
    """What every phone was told is in the box, once; the count says so, and the chain is whole."""
    assert [phone for phone in phones if not phone.acknowledged] == []
    with world.work():
        box = {ballot.code: ballot.marks for ballot in db.session.query(Ballot)}
        assert db.session.query(Turnout).count() == len(phones)
    assert box == {phone.code: {str(no): word for no, word in phone.marks.items()} for phone in phones}
    close(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    sent = Counter(no for phone in phones for no in phone.marks)
    with world.work():
        round = sessions.get_round(hall["round"])
        assert round.state == RoundState.CERTIFIED
        assert round.returned == len(phones)
        counted = {row.no: row.for_ for row in tally.result_of(round).counts}
        assert counted == {no: sent[no] for no in range(1, PROJECTS + 1)}
        assert proof.verify(round).wrong == []


@pytest.mark.parametrize("hall", [400], indirect=True)
def test_four_hundred_phones_through_a_bad_network_are_four_hundred_ballots(world, hall, tmp_path):
    instance = tmp_path / "server"
    phones = storm.phones(
        world.app, instance, hall["round"], cards_of(world), projects=PROJECTS, seats=SEATS, seed=400
    )
    with (
        plumbing.serve_granian(instance, settings(world)) as server,
        storm.bad_network(server.url, seed=7) as network,
    ):
        storm.all_cast(network, phones, within=3)
        assert "Traceback" not in server.said
    assert sum(phone.lost for phone in phones) > 40, "the network was not bad enough"
    check_the_box(world, hall, phones)


@pytest.mark.parametrize("hall", [160], indirect=True)
def test_a_server_killed_fifty_times_loses_no_acknowledged_ballot(world, hall, tmp_path):
    instance = tmp_path / "server"
    phones = storm.phones(
        world.app, instance, hall["round"], cards_of(world), projects=PROJECTS, seats=SEATS, seed=50
    )
    environment = {**os.environ, **settings(world), "INSTANCE_PATH": str(instance)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.killable"],
        cwd=plumbing.ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        port = int(server.stdout.readline())
        kills = _kill_often(server, 50)
        try:
            _vote_until(kills, f"http://127.0.0.1:{port}", phones)
        finally:
            kills.join()
            server.terminate()
    assert sum(phone.lost for phone in phones) > 10, "the server was never killed in the middle of an answer"
    check_the_box(world, hall, phones)


def _kill_often(server: subprocess.Popen, times: int) -> threading.Thread:
    """Kill the serving child that many times, each at a random moment of its short life."""

    def killer() -> None:
        for _ in range(times):
            child = int(server.stdout.readline())
            time.sleep(random.uniform(0.02, 0.15))
            os.kill(child, signal.SIGKILL)

    thread = threading.Thread(target=killer)
    thread.start()
    return thread


def _vote_until(kills: threading.Thread, base: str, phones: list[storm.Phone]) -> None:
    """All phones cast, some at a time; then they send the same again as long as the server is being killed."""
    share = [phones[i::8] for i in range(8)]

    def some(own: list[storm.Phone]) -> None:
        for phone in own:
            phone.cast(base)
            time.sleep(random.uniform(0, 0.3))
        while kills.is_alive():
            random.choice(own).cast(base)

    threads = [threading.Thread(target=some, args=(own,)) for own in share]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
