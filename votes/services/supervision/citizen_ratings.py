"""民生码: citizens rate a project by the QR code at its site. Never counted together with the deputies' rating.

Citizens give no name. A phone is the digest of a random number in its cookie; an IP address is a digest that is kept for two
days, to count. A rating has no line in the audit log, which would keep the IP address.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from votes.clock import local
from votes.db import Search, body_in_scope, by_id, count, db, flush_or, words_in
from votes.models import CitizenRating, Project, Throttle, Tracking
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.rules.suggestions.personal import has_numbers
from votes.rules.supervision import citizen_ratings as rules
from votes.rules.supervision.citizen_ratings import Crowd, RatingCounts
from votes.services import audit
from votes.services.supervision import groups

# --- reading -------------------------------------------------------------------------------------------


def of(tracking_ids: Collection[int]) -> dict[int, RatingCounts]:
    """Count the ratings of each of these projects in all weeks; a project without ratings is left out."""
    by_grade = _numbers(CitizenRating.grade, tracking_ids)
    return {tracking_id: RatingCounts.of(grades) for tracking_id, grades in by_grade.items()}


def _numbers(column: Any, tracking_ids: Collection[int]) -> dict[int, dict[Any, int]]:
    """Return project → value of ``column`` → how many ratings have it."""
    columns = CitizenRating.tracking_id, column
    query = select(*columns, func.count()).where(CitizenRating.tracking_id.in_(tracking_ids))
    numbers: dict[int, dict[Any, int]] = {}
    for tracking_id, value, number in db.session.execute(query.group_by(*columns)):
        numbers.setdefault(tracking_id, {})[value] = number
    return numbers


def crowds(tracking_ids: Collection[int]) -> dict[int, list[Crowd]]:
    """Return the conspicuous days of these projects, for the office to look into (two statements)."""
    by_day = _numbers(CitizenRating.rated_on, tracking_ids)
    prefix = _crowd(body_in_scope())
    networks: dict[int, dict[date, int]] = {}
    counted = select(Throttle.key, Throttle.failures).where(Throttle.key.startswith(prefix))
    for key, number in db.session.execute(counted):
        project, on = key.removeprefix(prefix).split(":")
        networks.setdefault(int(project), {})[date.fromisoformat(on)] = number
    days = {key: rules.crowds(numbers, networks.get(key, {})) for key, numbers in by_day.items()}
    return {key: each for key, each in days.items() if each}


def published(tracking_id: int, most: int = 20) -> list[CitizenRating]:
    """Return the comments on a project that staff have published, the latest first."""
    query = select(CitizenRating).where(CitizenRating.tracking_id == tracking_id, CitizenRating.published)
    return list(db.session.scalars(query.order_by(*_LATEST).limit(most)))


def notes_to_unit(tracking_id: int) -> list[CitizenRating]:
    """Return the comments on a project of which staff have notified the unit, the latest notice first."""
    query = select(CitizenRating).where(CitizenRating.tracking_id == tracking_id, _NOTED)
    return list(db.session.scalars(query.order_by(CitizenRating.noted_on.desc(), CitizenRating.id.desc())))


get = by_id(groups.of_projects(CitizenRating))


_REPLIED, _NOTED = CitizenRating.reply != "", CitizenRating.noted_on.isnot(None)
_WAITING = ~(_REPLIED | CitizenRating.published | _NOTED)
#: What staff have done with a comment → the word for it, and the condition.
STANDINGS: dict[str, tuple[str, Any]] = {
    "waiting": ("待处理", _WAITING),
    "replied": ("已答复", _REPLIED),
    "published": ("已公开", CitizenRating.published),
    "noted": ("已转责任单位", _NOTED),
}
_LATEST = (CitizenRating.rated_on.desc(), CitizenRating.id.desc())
SEARCH = Search(
    filters={
        "year": Project.year,
        "tracking_id": CitizenRating.tracking_id,
        "grade": CitizenRating.grade,
        "standing": lambda standing, day: STANDINGS[standing][1],
        "q": words_in(CitizenRating.comment),
    },
    sorts={
        "latest": ("最近的在前", _LATEST),
        "worst": (
            "不满意的在前",
            (CitizenRating.grade == "satisfied", CitizenRating.grade == "basically", *_LATEST),
        ),
        "project": ("按项目", (Project.year.desc(), Project.number, *_LATEST)),
    },
)


def comments(chosen: Mapping[str, Any]) -> Select[Any]:
    """Return the ratings with a comment that fit ``chosen``, sorted."""
    return SEARCH.of(groups.of_projects(CitizenRating).where(CitizenRating.comment != ""), chosen)


def waiting() -> int:
    """Count the comments that staff have not handled."""
    return count(CitizenRating.id, CitizenRating.comment != "", _WAITING)


def is_open(tracking: Tracking, day: date) -> bool:
    """Tell whether the project may be rated on ``day``."""
    return rules.is_open(tracking.state, tracking.project.year, day)


def has_rated(tracking: Tracking, phone: str, day: date) -> bool:
    """Tell whether this phone has rated the project in the week of ``day``."""
    query = select(CitizenRating.id).where(
        CitizenRating.tracking_id == tracking.id,
        CitizenRating.week == rules.week_of(day),
        CitizenRating.phone == phone,
    )
    return db.session.scalar(query) is not None


# --- acts ----------------------------------------------------------------------------------------------


def rate(
    tracking: Tracking,
    *,
    grade: str,
    comment: str = "",
    phone: str,
    address: str = "",
    now: datetime,
) -> CitizenRating:
    """Save the rating of a project by a phone for this week.

    ``phone`` and ``address`` are digests (`web.phones`); the address is empty where the request came from this machine.

    Raises:
        RuleBroken: there is no grade, the project is not rated any more, the phone has rated it this week (409), or one
            IP address has sent too many ratings in a day (429).
    """
    day, comment = local(now).date(), comment.strip()
    rules.check(grade, comment)
    if not is_open(tracking, day):
        raise RuleBroken("这个项目的群众评价已经结束，没有提交。感谢您的关注。", code="closed")
    _throttle(tracking, address, now)
    rating = CitizenRating(
        body_id=tracking.body_id,
        tracking_id=tracking.id,
        week=rules.week_of(day),
        phone=phone,
        grade=grade,
        comment=comment,
        rated_on=day,
    )
    db.session.add(rating)
    flush_or(
        RuleBroken("您本周已经评价过这个项目，之前的评价已收到。下周可以再来评价。", code="rated"),
        constraint="uq_citizen_ratings_once",
    )
    return rating


#: Prefix of the keys → how long they are kept: digests of IP addresses; numbers from one network, without its address.
_KEPT = {"rate:": timedelta(days=2), "crowd:": timedelta(days=400)}


def _throttle(tracking: Tracking, address: str, now: datetime) -> None:
    """Count one more rating from this IP address today, and refuse it beyond the limits.

    Many phones share an address (a gateway, a village's Wi-Fi). So the limits are wide, and conspicuous numbers below
    them are counted for the office.
    """
    if not address:
        return
    _delete_old(now)
    day = f"{local(now):%Y%m%d}"
    everything = _one_more(f"rate:{tracking.body_id}:{day}:{address}", now)
    of_project = _one_more(f"rate:{tracking.body_id}:{day}:{tracking.id}:{address}", now)
    if everything > rules.PER_ADDRESS or of_project > rules.PER_PROJECT:
        raise RuleBroken(
            "从您所在的网络提交的评价今天已经很多，请明天再试，或换用手机流量。没有提交。",
            code="too_many",
            status=429,
        )
    if of_project > rules.SAME_NETWORK:
        first = of_project == rules.SAME_NETWORK + 1
        _one_more(f"{_crowd(tracking.body_id)}{tracking.id}:{day}", now, by=of_project if first else 1)


def _crowd(body_id: int) -> str:
    return f"crowd:{body_id}:"


def _one_more(key: str, now: datetime, by: int = 1) -> int:
    """Add ``by`` to the number under ``key`` and return the sum; safe for two requests at the same time."""
    insert = sqlite.insert if db.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    query = insert(Throttle).values(key=key, failures=by, last_at=now)
    query = query.on_conflict_do_update(
        index_elements=["key"], set_={"failures": Throttle.failures + by, "last_at": now}
    )
    return db.session.execute(query.returning(Throttle.failures)).scalar_one()


def _delete_old(now: datetime) -> None:
    """Delete the numbers that nobody needs any more."""
    for prefix, kept in _KEPT.items():
        db.session.execute(
            delete(Throttle)
            .where(Throttle.key.startswith(prefix), Throttle.last_at < now - kept)
            .execution_options(synchronize_session=False)
        )


def handle(
    rating: CitizenRating,
    *,
    reply: str,
    published: bool,
    note_to_unit: str,
    checked: bool = False,
    by: Actor,
    now: datetime,
) -> None:
    """Reply to a comment, publish both or not, and notify the unit in the staff's own words.

    The audit log says what was done, without the citizen's words. ``checked``: staff have looked for names in the words.

    Raises:
        RuleBroken: words to be published may show personal data, or the note to the unit holds a number of a person.
    """
    reply, note = reply.strip(), note_to_unit.strip()
    if published:
        rules.check_public(rating.comment, reply, checked=checked)
    if has_numbers(note):
        raise invalid("note_to_unit", "转给责任单位的内容中有电话号码或身份证号码，请删去后保存。")
    before = _logged(rating)
    if note != rating.note_to_unit:
        rating.noted_on = local(now).date() if note else None
    rating.reply, rating.published, rating.note_to_unit = reply, published, note
    db.session.flush()
    old, new = audit.changes(before, _logged(rating))
    audit.record("citizen_rating.handle", by=by, at=now, about=rating, before=old, after=new)


def _logged(rating: CitizenRating) -> dict[str, Any]:
    return {"replied": bool(rating.reply), **audit.facts(rating, "published", "noted_on")}


def export(chosen: Mapping[str, Any], *, by: Actor, now: datetime) -> list[CitizenRating]:
    """Return all comments that fit ``chosen``, and record that they were exported."""
    rows = list(db.session.scalars(comments(chosen)))
    audit.record("citizen_rating.export", by=by, at=now, after={"count": len(rows)})
    return rows
