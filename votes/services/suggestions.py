"""征集: what comes in, by whichever door; who made it stands apart and is shown only when somebody asks for it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from votes.clock import SHANGHAI, local
from votes.db import EVERY_BODY, WORDS, db, flush_or, scoped
from votes.models import (
    Attachment,
    Author,
    Body,
    Deputy,
    ImportDraft,
    Season,
    Station,
    Suggestion,
    Throttle,
    Village,
)
from votes.rules import suggestions as rules
from votes.rules.codes import new_code, readings
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.matters import MatterState
from votes.rules.people import DeputyState
from votes.rules.permissions import PUBLIC, Actor
from votes.rules.projects import YEARS, coming_year
from votes.rules.suggestions import BY_STAFF, SUGGESTION, AuthorText, Channel, SuggestionState
from votes.services import audit, seasons, uploads

KIND = "suggestions"  # of its import drafts
SATISFACTIONS = ("satisfied", "basically", "dissatisfied")

# --- reading -----------------------------------------------------------------------------------------------

SORTS = {"new": "最新收到", "number": "按编号", "category": "按类别", "village": "按村（社区）"}
_ORDERS: dict[str, tuple[Any, ...]] = {
    "new": (Suggestion.received_at.desc(), Suggestion.id.desc()),
    "number": (Suggestion.year.desc(), Suggestion.number),
    "category": (Suggestion.category, Suggestion.year.desc(), Suggestion.number),
    "village": (
        Suggestion.village_id.is_(None),
        Suggestion.village_id,
        Suggestion.year.desc(),
        Suggestion.number,
    ),
}


@dataclass(frozen=True)
class Filter:
    """What a list shows: everything unless narrowed. ``words``: text, all of which must occur; a number or a 查询码."""

    year: int | None = None
    state: SuggestionState | None = None
    channel: Channel | None = None
    category: str = ""
    township: str = ""
    village_id: int | None = None
    station_id: int | None = None
    deputy_id: int | None = None
    words: str = ""
    sort: str = "new"

    def conditions(self) -> list[ColumnElement[bool]]:
        exact = {
            Suggestion.year: self.year,
            Suggestion.state: self.state,
            Suggestion.channel: self.channel,
            Suggestion.category: self.category or None,
            Suggestion.village_id: self.village_id,
            Suggestion.station_id: self.station_id,
            Suggestion.deputy_id: self.deputy_id,
        }
        found: list[ColumnElement[bool]] = [
            column == value for column, value in exact.items() if value is not None
        ]
        if self.township:
            found.append(
                Suggestion.village_id.in_(select(Village.id).where(Village.township == self.township))
            )
        for word in self.words.split()[:WORDS]:
            texts = [
                column.contains(word, autoescape=True)
                for column in (Suggestion.title, Suggestion.content, Suggestion.place)
            ]
            if word.isdecimal() and len(word) < 7:
                texts.append(Suggestion.number == int(word))
            if codes := readings(word):
                texts.append(Suggestion.code.in_(codes))
            found.append(or_(*texts))
        return found


def search(wanted: Filter | None = None) -> Select[Any]:
    """The suggestions that fit, sorted, with what a list shows of them; never their authors."""
    wanted = wanted or Filter()
    return (
        select(Suggestion)
        .where(*wanted.conditions())
        .options(
            joinedload(Suggestion.village),
            joinedload(Suggestion.station),
            joinedload(Suggestion.deputy),
            joinedload(Suggestion.matter),
        )
        .order_by(*_ORDERS.get(wanted.sort, _ORDERS["new"]))
    )


def page(query: Select[Any], number: int, size: int = 50) -> list[Suggestion]:
    """One page of ``query``, numbered from 1."""
    return list(db.session.scalars(query.limit(size).offset((max(number, 1) - 1) * size)))


def every(query: Select[Any]) -> list[Suggestion]:
    return list(db.session.scalars(query))


def total(wanted: Filter) -> int:
    return db.session.scalar(select(func.count(Suggestion.id)).where(*wanted.conditions())) or 0


def get(suggestion_id: int) -> Suggestion | None:
    found: Suggestion | None = db.session.scalar(
        search().where(Suggestion.id == suggestion_id).options(selectinload(Suggestion.photos))
    )
    return found


def get_photo(attachment_id: int) -> Attachment | None:
    """A photo of a suggestion; never a public one."""
    return uploads.get_of(Suggestion, attachment_id)


def deputy_by_key(key: str) -> Deputy | None:
    """The deputy in office whose own page has that key."""
    return db.session.scalar(select(Deputy).where(Deputy.page_key == key, Deputy.state == DeputyState.ACTIVE))


def years() -> list[int]:
    """The years for which something was suggested or a season is set up, the latest first."""
    made = db.session.scalars(select(Suggestion.year).distinct())
    return sorted({*made, *db.session.scalars(select(Season.year))}, reverse=True)


def townships() -> list[str]:
    """The townships of the villages, in the order of the list."""
    return [township for township, _ in seasons.grouped(seasons.villages(active_only=False)) if township]


def collecting_deputies() -> list[Deputy]:
    """The deputies through whom something has come."""
    through = select(Suggestion.deputy_id).where(Suggestion.deputy_id.is_not(None))
    return list(
        db.session.scalars(select(Deputy).where(Deputy.id.in_(through)).order_by(Deputy.pinyin, Deputy.id))
    )


@dataclass(frozen=True)
class Counts:
    """How many suggestions a year has, and by what: only what occurs, the largest first where there is no order."""

    total: int
    states: dict[SuggestionState, int]
    channels: dict[Channel, int]
    categories: list[tuple[str, int]]
    stations: list[tuple[str, int]]
    townships: list[tuple[str, int]]
    satisfactions: dict[str, int]  # of those authors who have said something about the answer


def counts(year: int | None) -> Counts:
    """The figures of one year (None: of all years)."""

    def by(column: Any, *joined: Any) -> list[tuple[Any, int]]:
        number = func.count(Suggestion.id)
        query = select(column, number).select_from(Suggestion)
        for table, on in joined:
            query = query.join(table, on)
        if year is not None:
            query = query.where(Suggestion.year == year)
        return [(value, count) for value, count in db.session.execute(query.group_by(column))]

    def largest(rows: list[tuple[Any, int]]) -> list[tuple[str, int]]:
        return sorted(((str(name), n) for name, n in rows), key=lambda row: (-row[1], row[0]))

    states = dict(by(Suggestion.state))
    channels = dict(by(Suggestion.channel))
    return Counts(
        total=sum(states.values()),
        states={state: states.get(state, 0) for state in SuggestionState},
        channels={channel: channels[channel] for channel in Channel if channel in channels},
        categories=largest([(name or "未分类", n) for name, n in by(Suggestion.category)]),
        stations=largest(by(Station.name, (Station, Station.id == Suggestion.station_id))),
        townships=largest(by(Village.township, (Village, Village.id == Suggestion.village_id))),
        satisfactions=_in_order(by(Suggestion.satisfaction)),
    )


def _in_order(rows: list[tuple[Any, int]]) -> dict[str, int]:
    said = dict(rows)
    return {value: said[value] for value in SATISFACTIONS if value in said}


# --- coming in -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sender:
    """From where a citizen's suggestion comes, as digests that are good for one day."""

    phone: str
    address: str = ""  # empty where it says nothing, as that of a proxy on this machine


@contextmanager
def _without_address() -> Iterator[None]:
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
    _check_place(village_id, deputy_id)
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
        with _without_address():
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


def _check_place(village_id: int | None, deputy_id: int | None) -> None:
    if village_id is not None:
        village = seasons.get_village(village_id)
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
    scope = db.session.scope
    assert isinstance(scope, int), "a suggestion is made to one body"
    db.session.execute(select(Body.id).where(Body.id == scope).with_for_update(key_share=True))


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


# --- what the office does with one -----------------------------------------------------------------------------


def refuse(suggestion: Suggestion, reason: str, *, by: Actor, now: datetime) -> None:
    """Not taken up: advertising, abuse, nothing to act on. Its author reads the reason by 查询码."""
    reason = " ".join(reason.split())
    if not reason:
        raise RuleBroken("请写明不予受理的理由，提出人凭查询码可以看到。", field="reason", status=422)
    if len(reason) > 200:
        raise RuleBroken("理由最多 200 个字。", field="reason", status=422)
    _lock(suggestion)
    suggestion.state = step(SUGGESTION, suggestion.state, "refuse")
    suggestion.refusal = reason
    audit.record("suggestion.refuse", by=by, at=now, about=suggestion, after={"state": suggestion.state})
    db.session.flush()


def restore(suggestion: Suggestion, *, by: Actor, now: datetime) -> None:
    """Take a refused suggestion up again."""
    _lock(suggestion)
    suggestion.state = step(SUGGESTION, suggestion.state, "restore")
    suggestion.refusal, suggestion.satisfaction = "", None
    audit.record("suggestion.restore", by=by, at=now, about=suggestion, after={"state": suggestion.state})
    db.session.flush()


def _lock(suggestion: Suggestion) -> None:
    """Hold a suggestion, with its state as it is now: somebody may be merging it."""
    db.session.refresh(suggestion, ["state", "matter_id"], with_for_update=True)


def classify(
    suggestion: Suggestion, *, category: str, village_id: int | None, by: Actor, now: datetime
) -> None:
    """Sort it under a category and a village where its author did not; the text stays as it came."""
    for field, words in rules.faults({"content": suggestion.content, "category": category}).items():
        raise RuleBroken(words, field=field, status=422)
    if village_id != suggestion.village_id:
        _check_place(village_id, None)
    before, after = audit.changes(
        {"category": suggestion.category, "village_id": suggestion.village_id},
        {"category": category, "village_id": village_id},
    )
    if after:
        suggestion.category, suggestion.village_id = category, village_id
        db.session.flush()
        db.session.expire(suggestion, ["village"])
        audit.record("suggestion.classify", by=by, at=now, about=suggestion, before=before, after=after)


# --- who made it ---------------------------------------------------------------------------------------------------


def masked(suggestion: Suggestion) -> AuthorText | None:
    """The author with all but the first sign of the name and most of the number covered; None where nobody is named."""
    author = db.session.get(Author, suggestion.id)
    if author is None:
        return None
    return AuthorText(
        rules.masked_name(author.name), rules.masked_phone(author.phone), author.unit, author.kind
    )


def reveal(suggestion: Suggestion, *, by: Actor, now: datetime) -> AuthorText | None:
    """Name and telephone in full. Every look is a line in the log."""
    author = db.session.get(Author, suggestion.id)
    if author is None:
        return None
    audit.record("suggestion.reveal", by=by, at=now, about=suggestion)
    return AuthorText(author.name, author.phone, author.unit, author.kind)


def names_of(rows: Iterable[Suggestion]) -> list[str]:
    """The names that the authors of ``rows`` gave of themselves: to be left out of what others read."""
    ids = [row.id for row in rows]
    return list(
        db.session.scalars(select(Author.name).where(Author.suggestion_id.in_(ids), Author.name != ""))
    )


def named_authors(season: Season) -> int:
    """How many suggestions of a season have an author on record."""
    return (
        db.session.scalar(
            select(func.count(Author.suggestion_id))
            .join(Suggestion, Suggestion.id == Author.suggestion_id)
            .where(Suggestion.season_id == season.id)
        )
        or 0
    )


def erase_authors(season: Season, *, by: Actor, now: datetime) -> int:
    """Forget who made the suggestions of a season that is over (个保法 art. 47: once the purpose is fulfilled).

    The suggestions stay, and can still be followed by 查询码. Uploads that were read for import and hold names go
    too. Returns how many authors were forgotten; raises RuleBroken while the season is open.
    """
    if local(now).date() <= season.closes_on:
        raise RuleBroken("征集还没有结束，不能清除建议人信息。")
    of_season = select(Suggestion.id).where(Suggestion.season_id == season.id)
    count = named_authors(season)
    db.session.execute(
        delete(Author).where(Author.suggestion_id.in_(of_season)),
        execution_options={"synchronize_session": False},
    )
    forget_uploads()
    db.session.expire_all()
    audit.record("suggestion.erase_authors", by=by, at=now, about=season, after={"count": count})
    db.session.flush()
    return count


def forget_uploads(created_by_id: int | None = None) -> None:
    """Drop the uploads that wait to be imported (of one member of staff): they hold names and telephones."""
    query = delete(ImportDraft).where(ImportDraft.kind == KIND, ImportDraft.applied_at.is_(None))
    if created_by_id is not None:
        query = query.where(ImportDraft.created_by_id == created_by_id)
    db.session.execute(query, execution_options={"synchronize_session": False})


# --- for its author ------------------------------------------------------------------------------------------------


def find(typed: str) -> Suggestion | None:
    """The suggestion with a typed 查询码, whichever body it was made to, with what became of it.

    Raises RuleBroken for what can be no code. Nobody records who asks.
    """
    found = readings(typed)
    if not found:
        raise RuleBroken(
            "查询码是 10 位字母和数字，请对照您记下的再输入一次；空格和大小写不影响。",
            field="code",
            status=422,
        )
    query = (
        select(Suggestion)
        .where(Suggestion.code.in_(found))
        .options(
            joinedload(Suggestion.village),
            joinedload(Suggestion.season),
            joinedload(Suggestion.matter),
        )
    )
    with scoped(EVERY_BODY):
        suggestion: Suggestion | None = db.session.scalar(query)
    return suggestion


def body_of(suggestion: Suggestion) -> Body:
    """The body to which it was made."""
    found = db.session.get(Body, suggestion.body_id)
    assert found is not None
    return found


def answered(suggestion: Suggestion) -> bool:
    """Whether its author has an answer to judge."""
    if suggestion.state == SuggestionState.REFUSED:
        return True
    matter = suggestion.matter
    return matter is not None and matter.state == MatterState.DECIDED and bool(matter.answer)


def satisfy(suggestion: Suggestion, value: str, *, now: datetime) -> None:
    """Its author says whether the answer satisfies; may be said anew. Raises RuleBroken where there is no answer yet."""
    if value not in SATISFACTIONS:
        raise RuleBroken("请选择满意、基本满意或不满意。", field="satisfaction", status=422)
    if not answered(suggestion):
        raise RuleBroken("这件建议还没有答复，请等答复后再评价。")
    suggestion.satisfaction = value
    with _without_address():
        audit.record(
            "suggestion.satisfaction", by=PUBLIC, at=now, about=suggestion, after={"satisfaction": value}
        )
    db.session.flush()
