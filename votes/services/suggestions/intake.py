"""征集: receiving suggestions by all channels: checks, number, 查询码, photos, author, limits of a day."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, func, select

from votes.clock import SHANGHAI, local
from votes.db import EVERY_BODY, body_in_scope, db, flush_or, scoped
from votes.models import Author, Body, Deputy, Matter, Season, Suggestion, Throttle
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import PUBLIC, Actor
from votes.rules.people.roles import DeputyState
from votes.rules.projects.fields import YEARS
from votes.rules.projects.projects import coming_year
from votes.rules.suggestions import suggestions as rules
from votes.services import audit, uploads
from votes.services.people import villages
from votes.services.suggestions import seasons


@dataclass(frozen=True)
class Sender:
    """Where a citizen's suggestion comes from, as digests that are valid for one day."""

    phone: str
    address: str = ""  # empty where the address identifies nobody, such as that of a proxy on this machine


@contextmanager
def without_address() -> Iterator[None]:
    """Keep the IP address out of what the audit log records within the block: citizens act in it."""
    token = audit.address.set(None)
    try:
        yield
    finally:
        audit.address.reset(token)


def receive(
    *,
    channel: rules.Channel,
    content: str,
    by: Actor,
    now: datetime,
    title: str = "",
    category: str = "",
    village_id: int | None = None,
    place: str = "",
    station_id: int | None = None,
    deputy_id: int | None = None,
    author: rules.AuthorText | None = None,
    photos: Sequence[uploads.Prepared] = (),
    year: int | None = None,
    received_on: date | None = None,
    code: str | None = None,
    sender: Sender | None = None,
) -> Suggestion:
    """Receive one suggestion.

    Args:
        channel: says which of ``station_id``, ``deputy_id``, ``year`` and ``received_on`` are needed or allowed.
        content: the text; ``title``, ``category``, ``village_id`` and ``place`` are optional.
        by: a member of staff; the log records the public for all other channels.
        now: the moment of receipt.
        title: without one, the first sentence of the content.
        category: one of the categories of projects.
        village_id: of a village in use.
        place: the place within the village.
        station_id: for the channel station.
        deputy_id: for the channel deputy, and for a suggestion that staff received from a deputy.
        author: stored apart; None for nobody.
        photos: at most `MOST_PHOTOS`, prepared by `prepare_photos`.
        year: for staff; the public suggests for the open season.
        received_on: for staff, an earlier day.
        code: what belongs to the text sent (`rules.codes.code_of`). Where it exists, the suggestion that was received
            first is returned and nothing is done.
        sender: counted against the limits of the day.

    Raises:
        RuleBroken: for a faulty text, a closed season, and (429) more suggestions than the limits of the day.
    """
    author = author or rules.AuthorText()
    texts = {
        "title": " ".join(title.split()),
        "content": content.replace("\r\n", "\n").strip(),
        "category": category,
        "place": " ".join(place.split()),
    }
    ids = {"village_id": village_id, "station_id": station_id, "deputy_id": deputy_id}
    for field, words in rules.faults(texts | asdict(author)).items():
        raise invalid(field, words)
    season = _season_for(channel, local(now).date(), year)
    year = year or (season.year if season else coming_year(local(now).date()))
    _check_channel(channel, station_id, deputy_id)
    check_place(village_id, deputy_id)
    lock_body()
    if code and (first := db.session.scalar(select(Suggestion).where(Suggestion.code == code))):
        return first
    if sender is not None:
        _count(sender, now)
    suggestion = Suggestion(
        **texts | {"title": texts["title"] or rules.title_of(texts["content"])},
        season_id=season.id if season else None,
        year=year,
        number=next_number(Suggestion, year),
        code=code or _new_code(),
        channel=channel,
        **ids,
        received_at=_moment(received_on, now),
        entered_by=by.name if channel in rules.BY_STAFF else "",
    )
    db.session.add(suggestion)
    taken = RuleBroken("刚才有别的建议同时提交，请再提交一次，您填写的内容都还在。", code="number")
    flush_or(taken, constraint="uq_suggestions_number")
    if author:
        db.session.add(Author(suggestion_id=suggestion.id, **asdict(author)))
    after = audit.facts(suggestion, "year", "number", "channel", "category")
    by, logged = (by, nullcontext()) if channel in rules.BY_STAFF else (PUBLIC, without_address())
    with logged:
        audit.record("suggestion.receive", by=by, at=now, about=suggestion, after=after)
        if photos:
            uploads.add(_renamed(photos), owner=suggestion, by=by, now=now)
    db.session.flush()
    return suggestion


def prepare_photos(files: Sequence[uploads.Upload], *, voting: bool = False) -> list[uploads.Prepared]:
    """Redraw photos as `uploads.prepare` does, which removes the place and time of the picture; needs no database.

    Raises:
        RuleBroken: for too many, and for a file that is no picture or cannot be stored.
    """
    if len(files) > rules.MOST_PHOTOS:
        raise invalid("files", f"照片最多 {rules.MOST_PHOTOS} 张，您选了 {len(files)} 张。")
    prepared = uploads.prepare(files, voting=voting)
    for file in prepared:
        if file.small is None:
            raise invalid("files", f"“{file.filename}”不是照片。只能上传 JPG、PNG、WebP 照片。")
    return prepared


def check_sender(sender: Sender, now: datetime) -> None:
    """Raise RuleBroken (429) where the limits of the day are reached; called before photos are redrawn."""
    for key, limit, whose in _limits(sender, now):
        row = db.session.get(Throttle, key)
        if row is not None and row.failures >= limit:
            advice = "达到每日上限，这一件没有收下。请明天再提交，或者向联络站、人大代表当面提出。"
            raise RuleBroken(f"{whose} {limit} 件建议，{advice}", code="too_many", status=429)


def _renamed(photos: Sequence[uploads.Prepared]) -> list[uploads.Prepared]:
    """Call photos 照片1, 照片2, …: file names may identify people."""
    return [
        replace(photo, filename=f"照片{number}.{uploads.EXTENSIONS[photo.media_type]}")
        for number, photo in enumerate(photos, start=1)
    ]


def _check_channel(channel: rules.Channel, station_id: int | None, deputy_id: int | None) -> None:
    if channel == rules.Channel.STATION and station_id is None:
        raise invalid("station_id", "请选择收到建议的联络站。")
    if channel == rules.Channel.DEPUTY and deputy_id is None:
        raise invalid("deputy_id", "请选择收到建议的代表。")


def _season_for(channel: rules.Channel, day: date, year: int | None) -> Season | None:
    if channel in rules.BY_STAFF:
        if year is None:
            return seasons.current(day)
        rules.check_year(year)
        return seasons.of_year(year)
    season = seasons.current(day)
    if season is None:
        raise RuleBroken("现在不在征集期内，建议没有提交。", code="closed")
    return season


def check_place(village_id: int | None, deputy_id: int | None) -> None:
    """Raise RuleBroken for a village that is not in use, and for a deputy who is not in office."""
    if village_id is not None:
        village = villages.get_village(village_id)
        if village is None or not village.active:
            raise invalid("village_id", "所选的村（社区）不在名单中，请重新选择。")
    if deputy_id is not None:
        in_office = select(Deputy.id).where(Deputy.id == deputy_id, Deputy.state == DeputyState.ACTIVE)
        if db.session.scalar(in_office) is None:
            raise invalid("deputy_id", "所选的代表不在本级在任代表之列。")


def lock_body() -> None:
    """Lock the body in scope until the end of the transaction.

    The lock keeps numbers without gaps, and lets a repeated form see the suggestion that it made first. SQLite's write lock
    does so anyway. PostgreSQL locks the body's row, in the mode that does not block new rows that refer to it.
    """
    db.session.execute(select(Body.id).where(Body.id == body_in_scope()).with_for_update(key_share=True))


def next_number(model: type[Suggestion] | type[Matter], year: int) -> int:
    """Return the next number of a year; the caller has locked the body, so that nobody else takes the same number."""
    return (db.session.scalar(select(func.max(model.number)).where(model.year == year)) or 0) + 1


def _new_code() -> str:
    with scoped(EVERY_BODY):
        while db.session.scalar(select(Suggestion.id).where(Suggestion.code == (code := new_code()))):
            pass
    return code


def _moment(received_on: date | None, now: datetime) -> datetime:
    """Return the moment of receipt: ``now``, or noon of the earlier day that staff entered."""
    if received_on is None or received_on == local(now).date():
        return now
    if received_on > local(now).date():
        raise invalid("received_on", "收到日期不能晚于今天。")
    if received_on.year < YEARS[0]:
        raise invalid("received_on", "收到日期太早，请核对。")
    return datetime.combine(received_on, time(12), SHANGHAI)


#: Counters are deleted after this time.
_LIFETIME = timedelta(days=2)


def _limits(sender: Sender, now: datetime) -> Iterator[tuple[str, int, str]]:
    """Yield the key of each counter of ``sender``, its limit for the day, and the beginning of the refusal."""
    prefix = f"suggest:{db.session.scope}:{local(now):%Y%m%d}"
    if sender.phone:
        yield f"{prefix}:p:{sender.phone}", rules.A_DAY_FROM_PHONE, "这部手机今天已经提交"
    if sender.address:
        yield f"{prefix}:a:{sender.address}", rules.A_DAY_FROM_ADDRESS, "您所在的网络今天已经提交"


def _count(sender: Sender, now: datetime) -> None:
    """Count one more suggestion of ``sender`` today. Raise RuleBroken (429) beyond the limits."""
    check_sender(sender, now)
    old = (Throttle.key.startswith("suggest:"), Throttle.last_at < now - _LIFETIME)
    db.session.execute(delete(Throttle).where(*old))
    for key, _, _ in _limits(sender, now):
        row = db.session.get(Throttle, key) or Throttle(key=key, failures=0)
        row.failures, row.last_at = row.failures + 1, now
        db.session.add(row)
