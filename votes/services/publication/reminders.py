"""Reminders of tasks with a due day: where a place has them sent, and which ones have gone out.

Each reminder goes out once for each channel and step (see `rules.publication.reminders.step`). It is noted before
it is sent (`senders`), and the note is taken back where sending fails.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from votes.db import Database, db, flush_or
from votes.exports.publication import notices
from votes.exports.voting.timestamps import Stamp
from votes.models import AnchorStamp, Body, ReminderSent
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.rules.publication.reminders import key, when
from votes.rules.publication.tasks import DUE_NOUNS, Task
from votes.services import audit
from votes.services.publication import tasks
from votes.services.publication.senders import CHANNELS, Channels, Failure, Parcel, deliver

# --- where they go -------------------------------------------------------------------------------------


def channels(body: Body) -> Channels:
    """Return what the place has set."""
    settings = body.settings.get("reminders") or {}
    return Channels(**{**settings, "mails": tuple(settings.get("mails", ()))})


_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


def configure(body: Body, new: Channels, *, by: Actor, now: datetime) -> None:
    """Set where the place's reminders go.

    The log names the robot's host only: whoever knows the URL can write to the group. Raises RuleBroken for a URL
    or an e-mail address that is not one.
    """
    _check(new)
    old = channels(body)
    if old == new:
        return
    body.settings = {**body.settings, "reminders": {**new._asdict(), "mails": list(new.mails)}}
    before, after = ({"robot": each.host, "mails": len(each.mails), "kind": each.kind} for each in (old, new))
    audit.record("reminder.configure", by=by, at=now, about=body, before=before, after=after, body_id=body.id)
    db.session.flush()


def _check(new: Channels) -> None:
    if new.robot and not (new.host and urlsplit(new.robot).scheme in ("http", "https")):
        raise invalid("robot", "请粘贴机器人的完整地址（Webhook），以 https:// 开头。")
    if new.kind not in notices.ROBOTS:
        raise invalid("kind", "请选择企业微信或钉钉。")
    for address in new.mails:
        if not _MAIL.fullmatch(address):
            raise invalid("mails", f"“{address}”不是电子邮箱地址。")


# --- which ones go out ---------------------------------------------------------------------------------


def last_sent() -> dict[str, datetime]:
    """Return when each channel last sent anything for the body in scope."""
    latest = select(ReminderSent.channel, ReminderSent.sent_at).order_by(ReminderSent.id.desc()).limit(200)
    return dict(reversed(db.session.execute(latest).all()))


def waiting(body: Body, day: date, *, public_url: str) -> list[Parcel]:
    """Return what has not been sent yet, one parcel for each channel that is set up. Notes nothing."""
    to = channels(body)
    if not to.open:
        return []
    keys = {key(task, day): task for task in tasks.due(day)}
    query = select(ReminderSent.channel, ReminderSent.key).where(ReminderSent.key.in_(list(keys)))
    sent = {tuple(row) for row in db.session.execute(query)}
    parcels = []
    for channel in to.open:
        new = {name: task for name, task in keys.items() if name and (channel, name) not in sent}
        if new:
            subject, words = _words(body, list(new.values()), day, public_url)
            parcels.append(Parcel(body.id, body.place, channel, to, tuple(new), subject, words))
    return parcels


def _words(body: Body, due: Sequence[Task], day: date, public_url: str) -> tuple[str, str]:
    units = tasks.unit_names(due)
    late = sum(task.days_over(day) > 0 for task in due)
    subject = f"{body.place}民生实事到期提醒：逾期 {late} 件，临近到期 {len(due) - late} 件"
    lines = [_line(task, units.get(task.department_id or 0, ""), day) for task in due]
    return subject, notices.text(f"【{subject}】", lines, f"详情：{public_url}/office/reminders/")


def _line(task: Task, unit: str, day: date) -> str:
    assert task.due_on is not None
    # A matter's title is made of citizens' words: it is read after signing in, not in a chat group.
    title = "" if task.kind == "transfer" else f"{task.words}，"
    head = f"{DUE_NOUNS[task.kind]}{f'（{unit}）' if unit else ''}"
    return f"{head}：{title}{task.due_on.month}月{task.due_on.day}日前，{when(task, day)}"


SENT = "已发送"


class Outcome(NamedTuple):
    """What became of a parcel, in words; ``failed``: it did not arrive and is tried again."""

    words: str
    failed: bool = False


def send(database: Database, parcel: Parcel, server: Mapping[str, str], *, now: datetime) -> Outcome:
    """Note a parcel, send it with no transaction open, and take the note back where it does not arrive."""
    try:
        with database.work(scope=parcel.body_id):
            note(parcel, now=now)
    except RuleBroken as broken:
        return Outcome(broken.message)
    try:
        stamp = deliver(parcel, server)
    except Failure as failure:
        with database.work(scope=parcel.body_id):
            take_back(parcel, failure, now=now)
        return Outcome(str(failure), failed=True)
    if stamp is not None:
        with database.work(scope=parcel.body_id):
            keep(parcel, stamp)
    return Outcome(SENT)


def keep(parcel: Parcel, stamp: Stamp) -> None:
    """Keep the stamp that the parcel of an anchor has brought back."""
    event_id = int(parcel.keys[0].partition(":")[2])
    stored = AnchorStamp(event_id=event_id, token=stamp.token, stamped_at=stamp.at, body_id=parcel.body_id)
    db.session.add(stored)
    db.session.flush()


def note(parcel: Parcel, *, now: datetime) -> None:
    """Note that a parcel goes out, before it does.

    Raises RuleBroken where another process is sending the same one.
    """
    for name in parcel.keys:
        db.session.add(ReminderSent(body_id=parcel.body_id, key=name, channel=parcel.channel, sent_at=now))
    _record("send", parcel, now)
    flush_or(RuleBroken("另一次发送正在进行，没有重复发送。"), constraint="uq_reminders_sent_once")


def take_back(parcel: Parcel, failure: Failure, *, now: datetime) -> None:
    """Take the note back: the parcel did not arrive and is tried again. The log says why."""
    noted = ReminderSent.channel == parcel.channel, ReminderSent.key.in_(parcel.keys)
    notes = delete(ReminderSent).where(*noted)
    db.session.execute(notes.execution_options(synchronize_session=False))
    _record("fail", parcel, now, message=str(failure)[:300])


def _record(verb: str, parcel: Parcel, now: datetime, message: str | None = None) -> None:
    after = {"channel": CHANNELS[parcel.channel], "count": len(parcel.keys)}
    audit.record(
        f"{parcel.noun}.{verb}", by=audit.SYSTEM, at=now, after=after, message=message, body_id=parcel.body_id
    )
