"""Reminders: gathered, sent once, taken back where they did not arrive; against a robot and a mail server of our own."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from tests.years import BY, at, make_tracked, report
from votes.db import db
from votes.models import AuditEntry, ReminderSent
from votes.rules.errors import RuleBroken
from votes.services.people import bodies
from votes.services.publication import reminders
from votes.services.publication.reminders import Channels

DAY = date(2027, 7, 8)
NOW = at(2027, 7, 8)


class Robot(BaseHTTPRequestHandler):
    """Takes what is posted and answers as it is told."""

    def do_POST(self) -> None:
        server: Any = self.server
        server.got.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        time.sleep(server.wait)
        self.send_response(server.status)
        if server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(server.answer)

    def log_message(self, *_: Any) -> None:
        pass


class Mail(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs."""

    def handle(self) -> None:
        server: Any = self.server
        self.wfile.write(b"220 here\r\n")
        lines: list[bytes] = []
        data = False
        for line in self.rfile:
            if data:
                if line == b".\r\n":
                    data = False
                    server.got.append((server.to, b"".join(lines)))
                    self.wfile.write(b"250 kept\r\n")
                lines.append(line)
                continue
            word = line.split()[0].upper()
            if word == b"RCPT":
                server.to.append(line.decode().split("<")[1].split(">")[0])
                self.wfile.write(b"550 no\r\n" if server.refuse else b"250 ok\r\n")
            elif word == b"DATA":
                data = True
                self.wfile.write(b"354 go\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def robot() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Robot)
    server.got, server.status, server.answer, server.wait = [], 200, b'{"errcode":0}', 0
    with serving(server):
        yield server


@pytest.fixture
def mail() -> Iterator[Any]:
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)
    server.daemon_threads = True
    server.got, server.to, server.refuse = [], [], False
    with serving(server):
        yield server


def address(server: Any) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/send?key=k-e-y"


def smtp(server: Any) -> dict[str, str]:
    return {
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.server_address[1]), "SMTP_SECURITY": "none",
        "SMTP_FROM": "office@shili.example",
    }  # fmt: skip


@pytest.fixture
def owed(world):
    """One project whose report of May is overdue and that of June is near, in the county."""
    with world.work():
        tracking = make_tracked(1, department_id=world.departments["county"])[0]
        for month in range(1, 5):
            report(tracking.id, month, month * 8)
        return tracking.id


def configure(world, **channels):
    with world.work():
        reminders.configure(bodies.get_body(world.county), Channels(**channels), by=BY, now=NOW)


def parcels(world, day=DAY):
    with world.work():
        return reminders.waiting(bodies.get_body(world.county), day, public_url="http://hall.example")


def send(world, server=None, day=DAY):
    """What the command does with each parcel."""
    failures = []
    for parcel in parcels(world, day):
        with world.work():
            reminders.note(parcel, now=NOW)
        try:
            reminders.deliver(parcel, server or {})
        except reminders.Failure as failure:
            failures.append(str(failure))
            with world.work():
                reminders.take_back(parcel, failure, now=NOW)
    return failures


def test_what_is_owed_is_gathered_by_unit(world, owed):
    with world.work():
        (found,) = reminders.due(DAY)
        assert (found.kind, found.about_id, found.due_on) == ("report", owed, date(2027, 6, 5))
        assert reminders.due(DAY, world.departments["county"]) == [found]
        assert reminders.due(DAY, world.departments["county"] + 1) == []
        assert reminders.narrow([found], day=DAY, kind="transfer") == []
        assert reminders.narrow([found], day=DAY, overdue=True) == [found]


def test_nothing_is_sent_where_nothing_is_set_up(world, owed):
    assert parcels(world) == []


def test_a_robot_is_told_once_a_step(world, owed, robot):
    configure(world, robot=address(robot))
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


def test_a_signed_robot_gets_the_time_and_the_signature(world, owed, robot):
    configure(world, robot=address(robot), kind="dingtalk", secret="s")
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
def test_what_did_not_arrive_is_said_and_tried_again(world, owed, robot, monkeypatch, change, words):
    monkeypatch.setattr("votes.services.publication.reminders.TIMEOUT", 0.3)
    for name, value in change.items():
        setattr(robot, name, value)
    configure(world, robot=address(robot))
    assert send(world) == [words]
    with world.work():
        assert db.session.scalars(select(ReminderSent)).all() == []
        entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "reminder.fail"))
        assert entry.message == words
    assert len(parcels(world)) == 1
    assert {path for path, _ in robot.got} == {"/send?key=k-e-y"}


def test_a_letter_goes_to_everybody_and_shows_nobody(world, owed, mail):
    configure(world, mails=("a@shili.example", "b@shili.example"))
    assert send(world, smtp(mail)) == []
    ((to, letter),) = mail.got
    assert to == ["a@shili.example", "b@shili.example"]
    assert b"a@shili.example" not in letter
    assert parcels(world) == []


def test_a_letter_that_is_refused_or_has_no_server_is_said(world, owed, mail):
    configure(world, mails=("a@shili.example",))
    mail.refuse = True
    assert send(world, smtp(mail)) == ["电子邮件没有送达：邮件服务器不接受收件人"]
    assert send(world) == ["没有设置邮件服务器（SMTP_HOST），电子邮件没有发出"]
    gone = {**smtp(mail), "SMTP_PORT": "1"}
    assert send(world, gone) == ["电子邮件没有送达：连接失败（ConnectionRefusedError）"]


def test_two_that_send_at_once_send_once(world, owed, robot):
    configure(world, robot=address(robot))
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
def test_an_address_that_is_none_is_refused(world, channels, field):
    with pytest.raises(RuleBroken) as refusal:
        configure(world, **channels)
    assert refusal.value.field == field


def test_the_log_has_the_host_and_never_the_address(world):
    configure(world, robot="https://robot.example/send?key=k-e-y", kind="dingtalk", secret="s-e-c-r-e-t")
    with world.work():
        entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "reminder.configure"))
        assert entry.after == {"robot": "robot.example", "kind": "dingtalk", "mails": 0}
        every = [f"{e.before}{e.after}{e.message}" for e in db.session.scalars(select(AuditEntry))]
    assert "k-e-y" not in "".join(every)
    assert "s-e-c-r-e-t" not in "".join(every)
