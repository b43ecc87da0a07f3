"""Anchors that leave: once for each channel, never of a rehearsal, with a timestamp where a service is set up."""

import base64
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.factories import NOW
from tests.services.publication import tsa
from tests.services.test_audit_chain import run, tamper
from tests.services.voting.test_vote import BY, close, make_hall, open_, sign
from votes.anchor_sender import AGAIN, AnchorSender
from votes.db import db
from votes.models import AnchorStamp, AuditEntry, ReminderSent, Round
from votes.services.meeting import rounds
from votes.services.people import bodies
from votes.services.publication import anchor_parcels, reminders, senders
from votes.services.publication.senders import Channels
from votes.services.voting import anchors, proof

PREPARED = {"hall": make_hall}


@pytest.fixture(scope="module")
def stamping(tmp_path_factory) -> Iterator[Any]:
    with tsa.running(tmp_path_factory.mktemp("tsa")) as service:
        yield service


@pytest.fixture
def service(stamping) -> Any:
    stamping.answers, stamping.status, stamping.stale = [], 200, False
    return stamping


def configure(world, **channels) -> None:
    with world.work():
        reminders.configure(bodies.get_body(world.county), Channels(**channels), by=BY, now=NOW)


def waiting(world, *, stamps=False, now=NOW):
    with world.work():
        return anchor_parcels.waiting(bodies.get_body(world.county), stamps=stamps, now=now)


def send(world, server=None) -> list[str]:
    """Send what waits, as the server does; return what became of each."""
    settings = {"TSA_URL": "", **(server or {})}
    parcels = waiting(world, stamps=bool(settings["TSA_URL"]))
    return [reminders.send(world.database, parcel, settings, now=NOW).words for parcel in parcels]


def known(world, hall) -> dict[str, str]:
    with world.work():
        return {anchor.kind: anchor.digest for anchor in anchors.of(rounds.get_round(hall["round"]))}


def test_each_anchor_goes_out_once_to_the_robot(world, hall, robot):
    configure(world, robot=robot.url)
    open_(world, hall)
    assert send(world) == ["已发送"]
    assert send(world) == []
    close(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    assert send(world) == ["已发送", "已发送"]
    messages = [told["text"]["content"] for _, told in robot.got]
    assert [line.splitlines()[0] for line in messages] == [
        "【示例县票决存证：示例票决，开启时的名册】",
        "【示例县票决存证：示例票决，关闭时的票箱】",
        "【示例县票决存证：示例票决，结果确认时的过程记录】",
    ]
    assert [digest in words for digest, words in zip(known(world, hall).values(), messages, strict=True)] == [
        True
    ] * 3
    with world.work():
        assert anchor_parcels.channels_of(anchors.of(rounds.get_round(hall["round"]))) == {
            "open": ["robot"],
            "close": ["robot"],
            "certify": ["robot"],
        }
        log = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.startswith("anchor."))
        ).all()
        assert log == ["anchor.send"] * 3


def test_anchors_of_rehearsals_old_ones_and_those_without_channel_stay(world, hall, robot):
    open_(world, hall)
    assert waiting(world) == []
    configure(world, robot=robot.url)
    assert len(waiting(world)) == 1
    assert waiting(world, now=NOW + timedelta(8)) == []
    with world.work() as session:
        session.execute(update(Round).values(rehearsal=True))
    assert waiting(world) == []


def test_vote_goes_on_while_nobody_answers_and_the_anchor_is_sent_again(world, hall, robot, monkeypatch):
    """Opening, closing and signing know nothing of the robot: what is not delivered waits for the next try."""
    monkeypatch.setattr("votes.services.publication.senders.TIMEOUT", 0.3)
    robot.wait = 0.6
    configure(world, robot=robot.url)
    open_(world, hall)
    close(world, hall)
    assert robot.got == []
    assert send(world) == ["机器人没有送达：0.3 秒内没有应答"] * 2
    with world.work():
        assert db.session.scalars(select(ReminderSent)).all() == []
        assert rounds.get_round(hall["round"]).state == "counted"
    assert len(waiting(world)) == 2


def test_letter_has_the_digest(world, hall, mail):
    configure(world, mails=("a@shili.example",))
    open_(world, hall)
    assert send(world, mail.settings) == ["已发送"]
    assert len(mail.got) == 1


# --- timestamps -----------------------------------------------------------------------------------------


def stamps(world, hall) -> dict[str, AnchorStamp]:
    with world.work():
        return anchors.stamps(rounds.get_round(hall["round"]))


@pytest.mark.usefixtures("no_demo")
def test_stamp_is_kept_and_a_third_party_verifies_it(app, world, as_, hall, service):
    open_(world, hall)
    assert send(world, {"TSA_URL": service.url}) == ["已发送"]
    token = stamps(world, hall)["open"].token
    digest = known(world, hall)["open"]
    assert "OK" in service.verify(token, digest)
    with pytest.raises(subprocess.CalledProcessError):
        service.verify(token, "0" * 64)
    close(world, hall)
    with world.work():
        found = proof.verify_id(hall["round"])
        assert ("时间戳", "ok") in [(finding.what, finding.state) for finding in found.findings]
    page = as_("office").get(f"/office/rounds/{hall['round']}/proof")
    assert (digest in page.words, "时间戳" in page.words) == (True, True)
    (link,) = page.tree.xpath("//a[@download='开启时的名册.tsr']/@href")
    assert base64.b64decode(link.partition(",")[2]) == token


@pytest.mark.usefixtures("no_demo")
def test_stamp_of_another_digest_is_found(world, hall, service):
    open_(world, hall)
    close(world, hall)
    assert send(world, {"TSA_URL": service.url}) == ["已发送"] * 2
    other = "(SELECT token FROM anchor_stamps WHERE event_id = (SELECT max(event_id) FROM anchor_stamps))"
    tamper(world, f"UPDATE anchor_stamps SET token = {other}")
    with world.work():
        assert [finding.what for finding in proof.verify_id(hall["round"]).wrong] == ["时间戳"]
    assert run(world.app, str(hall["round"]))[0] == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": 500}, "时间戳服务没有送达：对方应答 500"),
        ({"answers": [b"nonsense"], "stale": True}, "时间戳服务没有给出时间戳：应答被拒绝或者不是本次请求的"),
    ],
)
@pytest.mark.usefixtures("no_demo")
def test_stamp_that_failed_is_asked_for_again(world, hall, service, change, words):
    for name, value in change.items():
        setattr(service, name, value)
    open_(world, hall)
    assert send(world, {"TSA_URL": service.url}) == [words]
    assert (stamps(world, hall), len(waiting(world, stamps=True))) == ({}, 1)


@pytest.mark.usefixtures("no_demo")
def test_stamp_of_another_request_is_refused(world, hall, service):
    open_(world, hall)
    send(world, {"TSA_URL": service.url})
    close(world, hall)
    service.stale = True
    assert send(world, {"TSA_URL": service.url}) == ["时间戳服务没有给出时间戳：应答被拒绝或者不是本次请求的"]


def test_votes_of_a_demo_are_not_stamped(world, hall):
    world.be_demo(True)
    open_(world, hall)
    assert waiting(world, stamps=True) == []


# --- the thread of the server ---------------------------------------------------------------------------


def test_sender_sends_what_waits_and_leaves_a_failed_channel_alone_for_a_while(
    world, hall, robot, monkeypatch
):
    monkeypatch.setattr(anchor_parcels, "RECENT", timedelta(days=36500))  # the test's day is not today
    configure(world, robot=robot.url)
    sender = AnchorSender(world.database, {"TSA_URL": ""})
    open_(world, hall)
    robot.status = 500
    sender.look()
    sender.look()
    assert len(robot.got) == 1
    robot.status = 200
    sender._failed = {channel: when - AGAIN for channel, when in sender._failed.items()}
    sender.look()
    sender.look()
    assert len(robot.got) == 2
    with world.work():
        assert anchor_parcels.channels_of(anchors.of(rounds.get_round(hall["round"]))) == {
            "open": [senders.ROBOT]
        }
