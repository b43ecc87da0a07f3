"""征集: what comes in, by whichever door: judged, numbered, given its 查询码, within the bounds of the day."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, func, select

from votes.clock import SHANGHAI, local
from votes.db import EVERY_BODY, body_in_scope, db, flush_or, scoped
from votes.models import Author, Body, Deputy, Season, Station, Suggestion, Throttle
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import PUBLIC, Actor
from votes.rules.people.roles import DeputyState
from votes.rules.projects.fields import YEARS
from votes.rules.projects.projects import coming_year
from votes.rules.suggestions import suggestions as rules
from votes.rules.suggestions.suggestions import BY_STAFF, AuthorText, Channel
from votes.services import audit, uploads
from votes.services.people import villages
from votes.services.suggestions import seasons


@dataclass(frozen=True)
class Sender:
    """From where a citizen's suggestion comes, as digests that are good for one day."""

    phone: str
    address: str = ""  # empty where it says nothing, as that of a proxy on this machine


@contextmanager
def without_address() -> Iterator[None]:
    """What citizens do is recorded without the address from which they did it."""
    token = audit.address.set(None)
    try:
        yield
    finally:
        audit.address.reset(token)


def receive(
    *,
    channel: Channel,
    content: str,
    by: Actor,
    now: datetime,
    title: str = "",
    category: str = "",
    village_id: int | None = None,
    place: str = "",
    station: Station | None = None,
    deputy_id: int | None = None,
    author: AuthorText | None = None,
    photos: Sequence[uploads.Prepared] = (),
    year: int | None = None,
    received_on: date | None = None,
    code: str | None = None,
    sender: Sender | None = None,
) -> Suggestion:
    """Take in one suggestion, by whichever door it comes: number, 查询码, photos, author apart.

    ``code``: the one that belongs to what is sent (`rules.codes.code_of`); where it is known already, what came the
    first time is returned and nothing is done. ``year`` and ``received_on`` are for staff; the public's go to the
    open season. Raises RuleBroken for faulty text, a closed season, and (429) more than the bounds of the day.
    """
    text = {
        "title": " ".join(title.split()),
        "content": content.replace("\r\n", "\n").strip(),
        "category": category,
        "place": " ".join(place.split()),
    }
    author = author or AuthorText()
    who = {"name": author.name, "phone": author.phone, "unit": author.unit}
    for field, words in rules.faults({**text, **who}).items():
        raise RuleBroken(words, field=field, status=422)
    day = local(now).date()
    season = _season_for(channel, day, year)
    made_for = year or (season.year if season else coming_year(day))
    if channel == Channel.STATION and station is None:
        raise RuleBroken("请选择收到建议的联络站。", field="station_id", status=422)
    if channel == Channel.DEPUTY and deputy_id is None:
        raise RuleBroken("请选择收到建议的代表。", field="deputy_id", status=422)
    check_place(village_id, deputy_id)
    if len(photos) > rules.MOST_PHOTOS:
        raise RuleBroken(f"照片最多 {rules.MOST_PHOTOS} 张。", field="files", status=422)
    one_at_a_time()
    if code and (there := db.session.scalar(select(Suggestion).where(Suggestion.code == code))):
        return there
    if sender is not None:
        _count(sender, now)
    suggestion = Suggestion(
        season_id=season.id if season else None,
        year=made_for,
        number=_next_number(made_for),
        code=code or _fresh_code(),
        channel=channel,
        title=text["title"] or rules.title_of(text["content"]),
        content=text["content"],
        category=category,
        village_id=village_id,
        place=text["place"],
        station_id=station.id if station else None,
        deputy_id=deputy_id,
        received_at=_moment(received_on, now),
        entered_by=by.name if channel in BY_STAFF else "",
    )
    db.session.add(suggestion)
    flush_or(
        RuleBroken("刚才有别的建议同时提交，请再提交一次，您填写的内容都还在。", code="number"),
        constraint="uq_suggestions_number",
    )
    if author:
        db.session.add(
            Author(suggestion_id=suggestion.id, kind=author.kind, name=author.name, phone=author.phone,
                   unit=author.unit)
        )  # fmt: skip
    named = [replace(photo, filename=_plain_name(photo, i)) for i, photo in enumerate(photos, start=1)]
    if channel in BY_STAFF:
        _record_receipt(suggestion, named, by=by, now=now)
    else:
        with without_address():
            _record_receipt(suggestion, named, by=PUBLIC, now=now)
    db.session.flush()
    return suggestion


def prepare_photos(files: Sequence[uploads.Upload]) -> list[uploads.Prepared]:
    """Draw photos anew, as `uploads.prepare` does: where and when they were taken stays behind. Needs no database.

    Raises RuleBroken for too many, and for a file that is no picture or cannot be kept.
    """
    if len(files) > rules.MOST_PHOTOS:
        raise RuleBroken(
            f"照片最多 {rules.MOST_PHOTOS} 张，您选了 {len(files)} 张。", field="files", status=422
        )
    prepared = uploads.prepare(files) if files else []
    for file in prepared:
        if file.small is None:
            raise RuleBroken(
                f"“{file.filename}”不是照片。只能上传 JPG、PNG、WebP 照片。", field="files", status=422
            )
    return prepared


def check_sender(sender: Sender, now: datetime) -> None:
    """Raise RuleBroken (429) where the bounds of the day are reached; asked before photos are drawn."""
    for key, most, whose in _bounds(sender, now):
        row = db.session.get(Throttle, key)
        if row is not None and row.failures >= most:
            raise RuleBroken(
                f"{whose} {most} 件建议，达到每日上限，这一件没有收下。请明天再提交，或者向联络站、人大代表当面提出。",
                code="too_many",
                status=429,
            )


def _record_receipt(
    suggestion: Suggestion, photos: Sequence[uploads.Prepared], *, by: Actor, now: datetime
) -> None:
    audit.record(
        "suggestion.receive",
        by=by,
        at=now,
        about=suggestion,
        after={
            "year": suggestion.year,
            "number": suggestion.number,
            "channel": suggestion.channel,
            "category": suggestion.category,
        },
    )
    if photos:
        uploads.add(photos, owner=suggestion, by=by, now=now)


def _plain_name(photo: uploads.Prepared, number: int) -> str:
    """Names of files tell about people; a photo is called after its place."""
    return f"照片{number}.{uploads.EXTENSIONS[photo.media_type]}"


def _season_for(channel: Channel, day: date, year: int | None) -> Season | None:
    if channel in BY_STAFF:
        if year is not None and year not in YEARS:
            raise RuleBroken(f"实施年度应在 {YEARS[0]} 至 {YEARS[-1]} 之间。", field="year", status=422)
        return seasons.of_year(year) if year else seasons.current(day)
    season = seasons.current(day)
    if season is None:
        raise RuleBroken("现在不在征集期内，建议没有提交。", code="closed")
    return season


def check_place(village_id: int | None, deputy_id: int | None) -> None:
    """Raise RuleBroken for a village that is not on the list, and for a deputy who is not in office."""
    if village_id is not None:
        village = villages.get_village(village_id)
        if village is None or not village.active:
            raise RuleBroken("所选的村（社区）不在名单中，请重新选择。", field="village_id", status=422)
    if deputy_id is not None:
        found = db.session.scalar(
            select(Deputy.id).where(Deputy.id == deputy_id, Deputy.state == DeputyState.ACTIVE)
        )
        if found is None:
            raise RuleBroken("所选的代表不在本级在任代表之列。", field="deputy_id", status=422)


def one_at_a_time() -> None:
    """Whoever comes next in this body waits here: numbers are counted without gaps, what is sent twice is seen.

    SQLite's write lock does so anyway; PostgreSQL locks the body's row, in the mode that hinders no new rows.
    """
    db.session.execute(select(Body.id).where(Body.id == body_in_scope()).with_for_update(key_share=True))


def _next_number(year: int) -> int:
    return (db.session.scalar(select(func.max(Suggestion.number)).where(Suggestion.year == year)) or 0) + 1


def _fresh_code() -> str:
    with scoped(EVERY_BODY):
        while db.session.scalar(select(Suggestion.id).where(Suggestion.code == (code := new_code()))):
            pass
    return code


def _moment(received_on: date | None, now: datetime) -> datetime:
    """The moment of receipt: ``now``, or noon of the earlier day that staff have typed."""
    if received_on is None or received_on == local(now).date():
        return now
    if received_on > local(now).date():
        raise RuleBroken("收到日期不能晚于今天。", field="received_on", status=422)
    if received_on.year < YEARS[0]:
        raise RuleBroken("收到日期太早，请核对。", field="received_on", status=422)
    return datetime.combine(received_on, time(12), SHANGHAI)


_KEPT = timedelta(days=2)


def _bounds(sender: Sender, now: datetime) -> Iterator[tuple[str, int, str]]:
    """(key, how many a day, whose) of each bound that holds for ``sender``."""
    prefix = f"suggest:{db.session.scope}:{local(now):%Y%m%d}"
    if sender.phone:
        yield f"{prefix}:p:{sender.phone}", rules.A_DAY_FROM_PHONE, "这部手机今天已经提交"
    if sender.address:
        yield f"{prefix}:a:{sender.address}", rules.A_DAY_FROM_ADDRESS, "您所在的网络今天已经提交"


def _count(sender: Sender, now: datetime) -> None:
    """One more from this phone and this address today; raises RuleBroken (429) beyond the bounds."""
    check_sender(sender, now)
    db.session.execute(
        delete(Throttle).where(Throttle.key.startswith("suggest:"), Throttle.last_at < now - _KEPT)
    )
    for key, _, _ in _bounds(sender, now):
        row = db.session.get(Throttle, key)
        if row is None:
            row = Throttle(key=key, failures=0, last_at=now)
            db.session.add(row)
        row.failures += 1
        row.last_at = now
