"""Sending a parcel to a robot or by e-mail."""

from dataclasses import replace

import pytest

from votes.services.publication import senders
from votes.services.publication.senders import Channels, Failure, Parcel

PARCEL = Parcel(1, "示例县", senders.ROBOT, Channels(), ("report:7:2027-07-05:0",), "示例县提醒", "一件到期")


def test_deliver_to_robot_posts_the_words(robot):
    senders.deliver(replace(PARCEL, to=Channels(robot=robot.url)), {})
    assert robot.got == [("/send?key=k-e-y", {"msgtype": "text", "text": {"content": "一件到期"}})]


def test_deliver_to_silent_robot_raises_failure_without_its_url(robot):
    robot.status = 500
    with pytest.raises(Failure) as failure:
        senders.deliver(replace(PARCEL, to=Channels(robot=robot.url)), {})
    assert str(failure.value) == "机器人没有送达：对方应答 500"


def test_deliver_by_mail_reaches_every_recipient(mail):
    to = Channels(mails=("a@shili.example", "b@shili.example"))
    senders.deliver(replace(PARCEL, channel=senders.MAIL, to=to), mail.settings)
    ((recipients, _),) = mail.got
    assert recipients == list(to.mails)


def test_deliver_by_mail_without_server_raises_failure():
    with pytest.raises(Failure, match="SMTP_HOST"):
        senders.deliver(replace(PARCEL, channel=senders.MAIL), {})


def test_channels_open_are_those_set_up():
    assert Channels().open == []
    assert Channels(robot="https://robot.example/x", mails=("a@b.example",)).open == ["robot", "mail"]
    assert Channels(robot="https://robot.example/x?key=secret").host == "robot.example"
