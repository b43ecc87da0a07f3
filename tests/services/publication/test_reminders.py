"""Reminders: where they go, sent once, taken back where they did not arrive."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.years import BY, at
from votes.db import db
from votes.models import AuditEntry, ReminderSent
from votes.rules.errors import RuleBroken
from votes.services.people import bodies
from votes.services.publication import reminders, senders
from votes.services.publication.senders import Channels

DAY = date(2027, 7, 8)
NOW = at(2027, 7, 8)


def configure(world, **channels):
    with world.work():
        reminders.configure(bodies.get_body(world.county), Channels(**channels), by=BY, now=NOW)


def parcels(world, day=DAY):
    with world.work():
        return reminders.waiting(bodies.get_body(world.county), day, public_url="http://hall.example")


def send(world, server=None, day=DAY):
    """Send each parcel as the command does; return the failures."""
    failures = []
    for parcel in parcels(world, day):
        with world.work():
            reminders.note(parcel, now=NOW)
        try:
            senders.deliver(parcel, server or {})
        except senders.Failure as failure:
            failures.append(str(failure))
            with world.work():
                reminders.take_back(parcel, failure, now=NOW)
    return failures


def test_waiting_without_channels_is_empty(world, owed):
    assert parcels(world) == []


def test_reminder_to_robot_goes_out_once_for_each_step(world, owed, robot):
    configure(world, robot=robot.url)
    assert send(world) == []
    ((path, told),) = robot.got
    assert path == "/send?key=k-e-y"
    assert told["text"]["content"].splitlines() == [
        "【示例县民生实事到期提醒：逾期 1 件，临近到期 0 件】",
        "1．进度报送（交通运输局）：实事项目01：5月至6月月报，6月5日前，已逾期 33 天",
        "详情：http://hall.example/office/reminders/",
    ]
    assert parcels(world) == []  # the same step
    assert len(parcels(world, date(2027, 7, 10))) == 1  # 35 days: the next


def test_reminder_to_dingtalk_carries_time_and_signature(world, owed, robot):
    configure(world, robot=robot.url, kind="dingtalk", secret="s")
    send(world)
    assert robot.got[0][0].startswith("/send?key=k-e-y&timestamp=")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": 500}, "机器人没有送达：对方应答 500"),
        ({"status": 302}, "机器人没有送达：对方应答 302"),  # it does not lead elsewhere
        ({"answer": b'{"errcode":93000,"errmsg":"no"}'}, "机器人没有接收：93000 no"),
        ({"wait": 0.6}, "机器人没有送达：0.3 秒内没有应答"),
    ],
)
def test_reminder_that_failed_is_logged_and_sent_again(world, owed, robot, monkeypatch, change, words):
    monkeypatch.setattr("votes.services.publication.senders.TIMEOUT", 0.3)
    for name, value in change.items():
        setattr(robot, name, value)
    configure(world, robot=robot.url)
    assert send(world) == [words]
    with world.work():
        assert db.session.scalars(select(ReminderSent)).all() == []
        entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "reminder.fail"))
        assert entry.message == words
    assert len(parcels(world)) == 1
    assert {path for path, _ in robot.got} == {"/send?key=k-e-y"}


def test_letter_reaches_every_recipient_and_names_none(world, owed, mail):
    configure(world, mails=("a@shili.example", "b@shili.example"))
    assert send(world, mail.settings) == []
    ((to, letter),) = mail.got
    assert to == ["a@shili.example", "b@shili.example"]
    assert b"a@shili.example" not in letter
    assert parcels(world) == []


def test_letter_refused_or_without_server_says_why(world, owed, mail):
    configure(world, mails=("a@shili.example",))
    mail.refuse = True
    assert send(world, mail.settings) == ["电子邮件没有送达：邮件服务器不接受收件人"]
    assert send(world) == ["没有设置邮件服务器（SMTP_HOST），电子邮件没有发出"]
    gone = {**mail.settings, "SMTP_PORT": "1"}
    assert send(world, gone) == ["电子邮件没有送达：连接失败（ConnectionRefusedError）"]


def test_note_twice_at_once_refuses_the_second(world, owed, robot):
    configure(world, robot=robot.url)
    (one,), (two,) = parcels(world), parcels(world)
    with world.work():
        reminders.note(one, now=NOW)
    with pytest.raises(RuleBroken, match="没有重复发送"), world.work():
        reminders.note(two, now=NOW)


@pytest.mark.parametrize(
    ("channels", "field"),
    [
        ({"robot": "robot.example/send"}, "robot"),
        ({"robot": "file:///etc/passwd"}, "robot"),
        ({"robot": "https://"}, "robot"),
        ({"mails": ("nobody",)}, "mails"),
        ({"mails": ("a@b.example, c@d.example",)}, "mails"),
        ({"kind": "pigeon"}, "kind"),
    ],
)
def test_configure_with_wrong_address_is_refused_at_its_field(world, channels, field):
    with pytest.raises(RuleBroken) as refusal:
        configure(world, **channels)
    assert refusal.value.field == field


def test_configure_logs_the_host_and_never_the_url(world):
    configure(world, robot="https://robot.example/send?key=k-e-y", kind="dingtalk", secret="s-e-c-r-e-t")
    with world.work():
        entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "reminder.configure"))
        assert entry.after == {"robot": "robot.example", "kind": "dingtalk", "mails": 0}
        every = [f"{e.before}{e.after}{e.message}" for e in db.session.scalars(select(AuditEntry))]
    assert "k-e-y" not in "".join(every)
    assert "s-e-c-r-e-t" not in "".join(every)
