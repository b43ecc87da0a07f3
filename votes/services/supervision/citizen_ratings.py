"""民生码: what citizens say of a project by the QR code on the spot. Never counted together with the deputies' rating.

No name is asked, no address kept: a phone is the digest of a random number in its own cookie, an address a digest that is
good for two days' counting. A rating leaves no line in the audit log, which would keep where it came from; the row itself is the record.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import Search, body_in_scope, db, flush_or, page as page, words_in
from votes.models import CitizenRating, Project, Throttle, Tracking
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.suggestions.personal import has_numbers
from votes.rules.supervision import citizen_ratings as rules
from votes.rules.supervision.citizen_ratings import Crowd, RatingCounts
from votes.services import audit

# --- reading -------------------------------------------------------------------------------------------


def of(tracking_ids: Collection[int]) -> dict[int, RatingCounts]:
    """What phones said of each of these projects, all weeks together; projects nobody rated are not in it."""
    rows = db.session.execute(
        select(CitizenRating.tracking_id, CitizenRating.grade, func.count(CitizenRating.id))
        .where(CitizenRating.tracking_id.in_(tracking_ids))
        .group_by(CitizenRating.tracking_id, CitizenRating.grade)
    )
    found: dict[int, dict[str, int]] = {}
    for tracking_id, grade, count in rows:
        found.setdefault(tracking_id, {})[grade] = count
    return {tracking_id: RatingCounts.of(grades) for tracking_id, grades in found.items()}


def counts(body_ids: Sequence[int], year: int) -> dict[int, RatingCounts]:
    """Body id → what phones said of that year's projects, for the bodies in scope; bodies without any are not in it."""
    rows = db.session.execute(
        select(CitizenRating.body_id, CitizenRating.grade, func.count(CitizenRating.id))
        .join(Tracking, CitizenRating.tracking_id == Tracking.id)
        .join(Project, Tracking.project_id == Project.id)
        .where(CitizenRating.body_id.in_(body_ids), Project.year == year)
        .group_by(CitizenRating.body_id, CitizenRating.grade)
    )
    found: dict[int, dict[str, int]] = {}
    for body_id, grade, count in rows:
        found.setdefault(body_id, {})[grade] = count
    return {body_id: RatingCounts.of(grades) for body_id, grades in found.items()}


def crowds(tracking_ids: Collection[int]) -> dict[int, list[Crowd]]:
    """The days on which these projects were rated conspicuously often, for the office to look into. Two statements."""
    by_day: dict[int, dict[date, int]] = {}
    for tracking_id, day, count in db.session.execute(
        select(CitizenRating.tracking_id, CitizenRating.rated_on, func.count(CitizenRating.id))
        .where(CitizenRating.tracking_id.in_(tracking_ids))
        .group_by(CitizenRating.tracking_id, CitizenRating.rated_on)
    ):
        by_day.setdefault(tracking_id, {})[day] = count
    prefix = _crowd(body_in_scope())
    networks: dict[int, dict[date, int]] = {}
    told = select(Throttle.key, Throttle.failures).where(Throttle.key.startswith(prefix))
    for key, count in db.session.execute(told):
        project, on = key.removeprefix(prefix).split(":")
        networks.setdefault(int(project), {})[date.fromisoformat(on)] = count
    found = {id_: rules.crowds(days, networks.get(id_, {})) for id_, days in by_day.items()}
    return {id_: each for id_, each in found.items() if each}


def published(tracking_id: int, most: int = 20) -> list[CitizenRating]:
    """The comments that staff have published, with their replies, the latest first."""
    return list(
        db.session.scalars(
            select(CitizenRating)
            .where(CitizenRating.tracking_id == tracking_id, CitizenRating.published)
            .order_by(CitizenRating.rated_on.desc(), CitizenRating.id.desc())
            .limit(most)
        )
    )


def notes_to_unit(tracking_id: int) -> list[CitizenRating]:
    """What the unit of a project was told of citizens' comments, the latest first."""
    return list(
        db.session.scalars(
            select(CitizenRating)
            .where(CitizenRating.tracking_id == tracking_id, CitizenRating.noted_on.isnot(None))
            .order_by(CitizenRating.noted_on.desc(), CitizenRating.id.desc())
        )
    )


def get(rating_id: int) -> CitizenRating | None:
    found: CitizenRating | None = db.session.scalar(_loaded().where(CitizenRating.id == rating_id))
    return found


def _loaded() -> Select[Any]:
    return (
        select(CitizenRating)
        .join(Tracking, CitizenRating.tracking_id == Tracking.id)
        .join(Project, Tracking.project_id == Project.id)
        .options(
            joinedload(CitizenRating.tracking).joinedload(Tracking.project),
            joinedload(CitizenRating.tracking).joinedload(Tracking.department),
        )
    )


_HANDLED = (CitizenRating.reply != "") | CitizenRating.published | CitizenRating.noted_on.isnot(None)
#: What was done with a comment → its word, and the condition.
STANDINGS: dict[str, tuple[str, Any]] = {
    "waiting": ("待处理", ~_HANDLED),
    "replied": ("已答复", CitizenRating.reply != ""),
    "published": ("已公开", CitizenRating.published),
    "noted": ("已转责任单位", CitizenRating.noted_on.isnot(None)),
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
    return SEARCH.of(_loaded().where(CitizenRating.comment != ""), chosen)


def waiting() -> int:
    """How many comments nobody has dealt with."""
    found = db.session.scalar(
        select(func.count(CitizenRating.id)).where(CitizenRating.comment != "", ~_HANDLED)
    )
    return found or 0


def is_open(tracking: Tracking, day: date) -> bool:
    """May the project be rated on ``day``?"""
    return rules.is_open(tracking.state, tracking.project.year, day)


def has_rated(tracking: Tracking, phone: str, day: date) -> bool:
    """Has this phone rated the project in the week of ``day``?"""
    found = db.session.scalar(
        select(CitizenRating.id).where(
            CitizenRating.tracking_id == tracking.id,
            CitizenRating.week == rules.week_of(day),
            CitizenRating.phone == phone,
        )
    )
    return found is not None


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
    """Keep what a phone says of a project this week.

    ``phone`` and ``address`` are digests, as `web.phones` gives them (the address empty where it says nothing). Raises RuleBroken for no grade, for a project that is not rated any more, for the second time in a
    week (409), and when too many came from one address in a day (429).
    """
    day, comment = local(now).date(), comment.strip()
    rules.check(grade, comment)
    if not is_open(tracking, day):
        raise RuleBroken("这个项目的群众评价已经结束，没有提交。感谢您的关注。", code="closed")
    _brake(tracking, address, now)
    made = CitizenRating(
        body_id=tracking.body_id,
        tracking_id=tracking.id,
        week=rules.week_of(day),
        phone=phone,
        grade=grade,
        comment=comment,
        rated_on=day,
    )
    db.session.add(made)
    flush_or(
        RuleBroken("您本周已经评价过这个项目，之前的评价已收到。下周可以再来评价。", code="rated"),
        constraint="uq_citizen_ratings_once",
    )
    return made


_KEPT = timedelta(days=2)  # digests of addresses
_TOLD = timedelta(days=400)  # how many of a project came from one network, without saying from which


def _brake(tracking: Tracking, address: str, now: datetime) -> None:
    """One more from this address today, and of this project. Many phones share one (a gateway, a village's Wi-Fi): the
    bounds are wide, and what is conspicuous below them is counted for the office.
    """
    if not address:
        return
    _forget(now)
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
    """``by`` more under ``key``, also when two do so at one moment; what it comes to."""
    insert = sqlite.insert if db.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = insert(Throttle).values(key=key, failures=by, last_at=now)
    kept = made.on_conflict_do_update(
        index_elements=["key"], set_={"failures": Throttle.failures + by, "last_at": now}
    )
    return db.session.execute(kept.returning(Throttle.failures)).scalar_one()


def _forget(now: datetime) -> None:
    """Those of earlier days say nothing any more."""
    for prefix, kept in (("rate:", _KEPT), ("crowd:", _TOLD)):
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
    """What staff do with a comment: answer it, publish both or not, tell the unit of it in their own words.

    The log says what was done, never the citizen's words. Raises RuleBroken for a comment with a telephone or identity
    number in it that was to be published, for one in which something looks like a name while nobody has ``checked`` the words,
    and for one who passes such a number on.
    """
    reply, note = reply.strip(), note_to_unit.strip()
    if published:
        rules.check_public(rating.comment, reply, checked=checked)
    if has_numbers(note):
        raise RuleBroken(
            "转给责任单位的内容中有电话号码或身份证号码，请删去后保存。", field="note_to_unit", status=422
        )
    before = _facts(rating)
    if note != rating.note_to_unit:
        rating.noted_on = local(now).date() if note else None
    rating.reply, rating.published, rating.note_to_unit = reply, published, note
    db.session.flush()
    old, new = audit.changes(before, _facts(rating))
    audit.record("citizen_rating.handle", by=by, at=now, about=rating, before=old, after=new)


def _facts(rating: CitizenRating) -> dict[str, Any]:
    return {
        "replied": bool(rating.reply),
        "published": rating.published,
        "noted_on": rating.noted_on,
    }


def export(chosen: Mapping[str, Any], *, by: Actor, now: datetime) -> list[CitizenRating]:
    """Return all comments that fit ``chosen``, and record that they were exported."""
    rows = list(db.session.scalars(comments(chosen)))
    audit.record("citizen_rating.export", by=by, at=now, after={"count": len(rows)})
    return rows
