"""Reminders: what is owed, shown on the front page, and sent to a robot or by e-mail by the command `remind`.

Nothing is sent in a web request. Each reminder goes out once for each channel and step (see `rules.reminders.step`): it is
noted before it is sent, and the note is taken back where sending fails.
"""

import re
import smtplib
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from votes.db import db, flush_or
from votes.exports.publication import notices
from votes.models import Body, Department, ReminderSent
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.publication.reminders import Due, key, when
from votes.services import audit
from votes.services.delivery import trackings
from votes.services.suggestions import transfers
from votes.services.supervision import overview, second_reports

#: Seconds that a robot or a mail server may take.
TIMEOUT = 10
ROBOT, MAIL = "robot", "mail"
CHANNELS = {ROBOT: "机器人", MAIL: "电子邮件"}
KINDS = {
    "report": "进度报送",
    "transfer": "建议交办件",
    "rectification": "督办件",
    "inspection": "视察安排",
    "rereport": "再次报告",
}


# --- reading -------------------------------------------------------------------------------------------


def due(day: date, own: int | None = None) -> list[Due]:
    """All that is owed on ``day`` or about to be, the most pressing first; ``own``: by one unit."""
    found = [
        *trackings.due(day, own=own),
        *transfers.due(day, own),
        *overview.due(day, own),
        *second_reports.due(day, own),
    ]
    near = [each for each in found if key(each, day) is not None]
    return sorted(near, key=lambda each: (each.due_on, each.kind, each.about_id))


def narrow(
    dues: Sequence[Due], *, day: date, kind: str = "", unit: int | None = None, overdue: bool = False
) -> list[Due]:
    """Those of ``dues`` that the reader asked for."""
    return [
        each
        for each in dues
        if (not kind or each.kind == kind)
        and (unit is None or each.department_id == unit)
        and (not overdue or each.days_over(day) > 0)
    ]


def unit_names(dues: Sequence[Due]) -> dict[int, str]:
    """The names of the units that owe them, by id."""
    ids = {each.department_id for each in dues if each.department_id}
    rows = db.session.execute(select(Department.id, Department.name).where(Department.id.in_(ids))).all()
    return {row.id: row.name for row in rows}


class Channels(NamedTuple):
    """Where a place's reminders go: a robot's address, which kind of robot, its secret (钉钉 加签); e-mail addresses."""

    robot: str = ""
    kind: str = "wecom"
    secret: str = ""
    mails: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Of the robot; the address itself is as good as a password."""
        return urlsplit(self.robot).hostname or ""

    @property
    def open(self) -> list[str]:
        """The channels that are set up."""
        return [ROBOT] * bool(self.robot) + [MAIL] * bool(self.mails)


def channels(body: Body) -> Channels:
    """What the place has set."""
    own = body.settings.get("reminders") or {}
    return Channels(
        own.get("robot", ""), own.get("kind", "wecom"), own.get("secret", ""), tuple(own.get("mails", ()))
    )


def last_sent() -> dict[str, datetime]:
    """When each channel last sent anything for the body in scope."""
    rows = db.session.execute(
        select(ReminderSent.channel, ReminderSent.sent_at).order_by(ReminderSent.id.desc()).limit(200)
    ).all()
    found: dict[str, datetime] = {}
    for row in rows:
        found.setdefault(row.channel, row.sent_at)
    return found


# --- setting up ----------------------------------------------------------------------------------------

_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


def configure(body: Body, wanted: Channels, *, by: Actor, now: datetime) -> None:
    """Set where the place's reminders go. The log has the robot's host only: who knows its address can write to the group.

    Raises RuleBroken for an address that is none.
    """
    if wanted.robot:
        parts = urlsplit(wanted.robot)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RuleBroken(
                "请粘贴机器人的完整地址（Webhook），以 https:// 开头。", field="robot", status=422
            )
    if wanted.kind not in notices.ROBOTS:
        raise RuleBroken("请选择企业微信或钉钉。", field="kind", status=422)
    for address in wanted.mails:
        if not _MAIL.fullmatch(address):
            raise RuleBroken(f"“{address}”不是电子邮箱地址。", field="mails", status=422)
    before = channels(body)
    if before == wanted:
        return
    body.settings = {**body.settings, "reminders": {**wanted._asdict(), "mails": list(wanted.mails)}}
    old, new = (
        {"robot": each.host, "mails": len(each.mails), "kind": each.kind} for each in (before, wanted)
    )
    audit.record("reminder.configure", by=by, at=now, about=body, before=old, after=new, body_id=body.id)
    db.session.flush()


# --- sending -------------------------------------------------------------------------------------------


class Failure(Exception):
    """A reminder could not be delivered; the words say why, without the address."""


@dataclass(frozen=True)
class Parcel:
    """What one channel of one place gets now: the keys that were noted for it, and the words."""

    body_id: int
    place: str
    channel: str
    to: Channels
    keys: tuple[str, ...]
    subject: str
    words: str


def waiting(body: Body, day: date, *, public_url: str) -> list[Parcel]:
    """What has not been sent yet, one parcel for each channel that is set up. Notes nothing."""
    to = channels(body)
    if not to.open:
        return []
    dues = due(day)
    known = {(row.channel, row.key) for row in db.session.execute(select(ReminderSent.channel, ReminderSent.key).where(ReminderSent.key.in_([key(d, day) for d in dues])))}  # fmt: skip
    parcels = []
    for channel in to.open:
        new = [each for each in dues if (channel, key(each, day)) not in known]
        if new:
            keys = tuple(found for each in new if (found := key(each, day)))
            subject, words = _words(body, new, day, public_url)
            parcels.append(Parcel(body.id, body.place, channel, to, keys, subject, words))
    return parcels


def _words(body: Body, dues: Sequence[Due], day: date, public_url: str) -> tuple[str, str]:
    names = unit_names(dues)
    late = sum(each.days_over(day) > 0 for each in dues)
    subject = f"{body.place}民生实事到期提醒：逾期 {late} 件，临近到期 {len(dues) - late} 件"
    lines = []
    for each in dues:
        unit = names.get(each.department_id or 0, "")
        # A matter's title is out of citizens' words: it is read after signing in, not in a chat group.
        title = "" if each.kind == "transfer" else f"{each.title}，"
        on = f"{each.due_on.month}月{each.due_on.day}日"
        lines.append(f"{KINDS[each.kind]}{f'（{unit}）' if unit else ''}：{title}{on}前，{when(each, day)}")
    return subject, notices.text(f"【{subject}】", lines, f"详情：{public_url}/office/reminders/")


def note(parcel: Parcel, *, now: datetime) -> None:
    """Note that a parcel is going out, before it does. Raises RuleBroken where somebody else is just sending the same."""
    for found in parcel.keys:
        db.session.add(ReminderSent(body_id=parcel.body_id, key=found, channel=parcel.channel, sent_at=now))
    after = {"channel": CHANNELS[parcel.channel], "count": len(parcel.keys)}
    audit.record("reminder.send", by=audit.SYSTEM, at=now, after=after, body_id=parcel.body_id)
    flush_or(RuleBroken("另一次发送正在进行，没有重复发送。"), constraint="uq_reminders_sent_once")


def take_back(parcel: Parcel, failure: Failure, *, now: datetime) -> None:
    """It did not arrive: it will be tried again, and the log says why."""
    db.session.execute(
        delete(ReminderSent)
        .where(ReminderSent.channel == parcel.channel, ReminderSent.key.in_(parcel.keys))
        .execution_options(synchronize_session=False)
    )
    audit.record(
        "reminder.fail",
        by=audit.SYSTEM,
        at=now,
        after={"channel": CHANNELS[parcel.channel], "count": len(parcel.keys)},
        message=str(failure)[:300],
        body_id=parcel.body_id,
    )


def deliver(parcel: Parcel, server: Mapping[str, str]) -> None:
    """Send a parcel; ``server`` has the SMTP_* settings. Never called with a transaction open. Raises Failure."""
    try:
        _SENDERS[parcel.channel](parcel, server)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Failure(f"{CHANNELS[parcel.channel]}没有送达：{_why(error)}") from error


def _why(error: Exception) -> str:
    """What went wrong, without any address in it."""
    if isinstance(error, urllib.error.HTTPError):
        return f"对方应答 {error.code}"
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return f"{TIMEOUT} 秒内没有应答"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "邮件服务器不接受用户名或口令"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "邮件服务器不接受收件人"
    return f"连接失败（{type(error).__name__}）"


class _Straight(urllib.request.HTTPRedirectHandler):
    """A robot's address does not lead elsewhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _to_robot(parcel: Parcel, _: Mapping[str, str]) -> None:
    address = parcel.to.robot
    if parcel.to.kind == "dingtalk":
        address = notices.signed(address, parcel.to.secret, int(time.time() * 1000))
    request = urllib.request.Request(
        address, data=notices.robot_body(parcel.words), headers={"Content-Type": "application/json"}
    )
    with urllib.request.build_opener(_Straight).open(request, timeout=TIMEOUT) as answer:
        refusal = notices.robot_refusal(answer.read(10_000))
    if refusal:
        raise Failure(f"机器人没有接收：{refusal}")


def _to_mail(parcel: Parcel, server: Mapping[str, str]) -> None:
    if not server.get("SMTP_HOST"):
        raise Failure("没有设置邮件服务器（SMTP_HOST），电子邮件没有发出")
    security = server.get("SMTP_SECURITY") or "ssl"
    port = int(server.get("SMTP_PORT") or {"ssl": 465, "starttls": 587}.get(security, 25))
    kind = smtplib.SMTP_SSL if security == "ssl" else smtplib.SMTP
    sender = server.get("SMTP_FROM") or server.get("SMTP_USER") or ""
    message = notices.letter(subject=parcel.subject, words=parcel.words, sender=sender)
    with kind(server["SMTP_HOST"], port, timeout=TIMEOUT) as connection:
        if security == "starttls":
            connection.starttls()
        if server.get("SMTP_USER"):
            connection.login(server["SMTP_USER"], server.get("SMTP_PASSWORD", ""))
        connection.send_message(message, to_addrs=list(parcel.to.mails))


_SENDERS: dict[str, Callable[[Parcel, Mapping[str, str]], None]] = {ROBOT: _to_robot, MAIL: _to_mail}
