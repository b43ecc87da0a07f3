"""Anchors that leave the house: to the robot and mailboxes of a place, and to a timestamping service.

They go the way of reminders: noted, then sent with no transaction open, and taken back where they did not arrive. The
act that made an anchor knows nothing of it, so it never waits for the network and never fails by it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from votes.clock import local
from votes.db import db
from votes.exports.publication import notices
from votes.models import Body, Event, ReminderSent, Round
from votes.rules.dates import chinese_date
from votes.services.publication import reminders
from votes.services.publication.senders import STAMP, Parcel
from votes.services.voting import anchors

#: Older anchors are not sent: a channel that is set up today does not get those of last year.
RECENT = timedelta(days=7)


def waiting(body: Body, *, stamps: bool, now: datetime) -> list[Parcel]:
    """Return the recent anchors of the body in scope that have not been sent yet, one parcel for each and channel.

    ``stamps``: a timestamping service is set up. Rehearsals are not sent, and a demo's votes are not stamped.
    """
    to = reminders.channels(body)
    channels = [*to.open, *([STAMP] if stamps and not body.is_demo else [])]
    if not channels:
        return []
    recent = select(Event, Round.title).join(Round, Round.id == Event.round_id).where(*_recent(now))
    rows = {_key(event): (event, title) for event, title in db.session.execute(recent.order_by(Event.id))}
    sent = select(ReminderSent.channel, ReminderSent.key).where(ReminderSent.key.in_(list(rows)))
    gone = {tuple(row) for row in db.session.execute(sent)} if rows else set()
    return [
        Parcel(
            body.id, body.place, channel, to, (key,), *_words(body, event, title), noun="anchor",
            digest=anchors.digest_of(event),
        )
        for channel in channels
        for key, (event, title) in rows.items()
        if (channel, key) not in gone
    ]  # fmt: skip


def _recent(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Event.kind.in_(anchors.KINDS), Event.at >= now - RECENT, Round.rehearsal.is_(False)


def body_ids(now: datetime) -> Sequence[int]:
    """Return the bodies in scope that have made an anchor of late: nothing waits in any other."""
    made = select(Event.body_id).join(Round, Round.id == Event.round_id).where(*_recent(now))
    return db.session.scalars(made.distinct().order_by(Event.body_id)).all()


def _key(event: Event) -> str:
    return f"anchor:{event.id}"


def _words(body: Body, event: Event, title: str) -> tuple[str, str]:
    at = local(event.at)
    subject = f"{body.place}票决存证：{title}，{anchors.KINDS[event.kind][0]}"
    when = f"{chinese_date(at.date())}{at:%H:%M}"
    return subject, notices.text(
        f"【{subject}】",
        [f"摘要 {anchors.digest_of(event)}", f"时间 {when}"],
        "请保存，不要删除：日后核验票决的过程记录时，以此对照。",
    )


def channels_of(made: Sequence[anchors.Anchor]) -> dict[str, list[str]]:
    """Return kind of anchor → the channels by which it has left."""
    kinds = {f"anchor:{anchor.event_id}": anchor.kind for anchor in made}
    sent = select(ReminderSent.key, ReminderSent.channel).where(ReminderSent.key.in_(list(kinds)))
    left: dict[str, list[str]] = {}
    for key, channel in db.session.execute(sent.order_by(ReminderSent.id)):
        left.setdefault(kinds[key], []).append(channel)
    return left
