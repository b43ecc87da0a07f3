"""Citizens' ratings: once a week by phone, limits, comments and what the office does with them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.years import at
from votes.db import db, page
from votes.models import AuditEntry, CitizenRating, Throttle
from votes.rules.errors import RuleBroken
from votes.rules.supervision import citizen_ratings as rating_rules
from votes.rules.supervision.citizen_ratings import Crowd, RatingCounts
from votes.services.delivery import trackings as progress
from votes.services.supervision import citizen_ratings

AUGUST = at(2027, 8, 10)
SEPTEMBER = at(2027, 9, 15)
REASON = "持续强降雨，基础施工推迟两个月。"


def rate(tracking_id, phone="a", grade="satisfied", comment="", now=AUGUST, address="home"):
    return citizen_ratings.rate(
        progress.get(tracking_id), grade=grade, comment=comment, phone=phone, address=address, now=now
    )


def test_rate_twice_in_a_week_by_one_phone_is_refused(world, tracked):
    """10 August 2027 is a Tuesday: the next Monday is another week."""
    with world.work():
        rate(tracked["county"])
        rate(tracked["county"], "b", "dissatisfied")
        rate(tracked["county"], now=at(2027, 8, 16, 0))
        assert citizen_ratings.has_rated(progress.get(tracked["county"]), "a", date(2027, 8, 15))
    with pytest.raises(RuleBroken, match="本周已经评价过"), world.work():
        rate(tracked["county"], now=at(2027, 8, 15, 23))
    with world.work():
        assert citizen_ratings.of([tracked["county"]]) == {tracked["county"]: RatingCounts(2, 0, 1)}


def test_rate_too_often_from_one_address_is_refused_for_a_day(world, tracked, monkeypatch):
    monkeypatch.setattr(rating_rules, "PER_ADDRESS", 2)
    with world.work():
        rate(tracked["county"], "a")
        rate(tracked["county"], "b")
        rate(tracked["county"], "c", address="elsewhere")
        rate(tracked["county"], "d", address="")  # without an address there is no limit
        rate(tracked["county"], "e", address="")
        with pytest.raises(RuleBroken, match="今天已经很多") as caught:
            rate(tracked["county"], "f")
        assert caught.value.status == 429
        rate(tracked["county"], "f", now=AUGUST + timedelta(days=3))
        keys = [k for k in db.session.scalars(select(Throttle.key)) if k.startswith("rate:")]
        assert len(keys) == 2, "those of earlier days are gone: the address's, and its own of the project"


@pytest.mark.sqlite
def test_rate_often_from_one_network_is_conspicuous_then_refused(world, tracked, monkeypatch):
    monkeypatch.setattr(rating_rules, "SAME_NETWORK", 2)
    monkeypatch.setattr(rating_rules, "PER_PROJECT", 4)
    project = tracked["county"]
    with world.work():
        for phone in "abc":
            rate(project, phone, address="")
            rate(project, f"at home {phone}", address=phone)
        assert citizen_ratings.crowds([project]) == {}
        for phone in "defg":
            rate(project, phone)
        assert citizen_ratings.crowds([project]) == {project: [Crowd(date(2027, 8, 10), 10, 4)]}
        with pytest.raises(RuleBroken, match="今天已经很多"):
            rate(project, "h")
        rate(project, "i", now=AUGUST + timedelta(days=7))
        assert [each.day for each in citizen_ratings.crowds([project])[project]] == [date(2027, 8, 10)]
        keys = [key for key in db.session.scalars(select(Throttle.key)) if key.startswith("crowd:")]
        assert keys == [f"crowd:{world.county}:{project}:20270810"], "no address in what is kept"


def test_audit_log_has_no_rating_and_no_words_of_a_comment(world, tracked, actors):
    with world.work():
        before = db.session.scalar(select(func.count(AuditEntry.id)))
        row = rate(tracked["county"], comment="示例张三，路灯不亮，请修。")
        assert db.session.scalar(select(func.count(AuditEntry.id))) == before
        citizen_ratings.handle(
            row,
            reply="已修好。",
            published=True,
            note_to_unit="请检修路灯。",
            by=actors["office"],
            now=AUGUST,
        )
        assert [each.comment for each in citizen_ratings.published(tracked["county"])] == [row.comment]
        assert [each.note_to_unit for each in citizen_ratings.notes_to_unit(tracked["county"])] == [
            "请检修路灯。"
        ]
        citizen_ratings.export({"year": 2027}, by=actors["office"], now=AUGUST)
        db.session.flush()
        lines = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(2)).all()
        logged = " ".join(str((line.about, line.before, line.after, line.message)) for line in lines)
        assert [line.action for line in lines] == ["citizen_rating.export", "citizen_rating.handle"]
        assert "张三" not in logged
        assert "published" in logged


def test_comment_with_personal_data_is_never_published(world, tracked, actors):
    with world.work():
        row = rate(tracked["county"], comment="请回电 138 0000 1234。")
        assert citizen_ratings.published(tracked["county"]) == []
        assert citizen_ratings.waiting() == 1
        with pytest.raises(RuleBroken, match="个人信息"):
            citizen_ratings.handle(
                row, reply="", published=True, note_to_unit="", by=actors["office"], now=AUGUST
            )
        with pytest.raises(RuleBroken, match="请删去后保存"):
            citizen_ratings.handle(
                row,
                reply="",
                published=False,
                note_to_unit="群众电话13800001234",
                by=actors["office"],
                now=AUGUST,
            )
        citizen_ratings.handle(
            row, reply="已电话联系。", published=False, note_to_unit="", by=actors["office"], now=AUGUST
        )
        assert citizen_ratings.waiting() == 0


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, ["好", "差"]),
        ({"sort": "worst"}, ["差", "好"]),
        ({"grade": "dissatisfied"}, ["差"]),
        ({"standing": "waiting"}, ["好"]),
        ({"standing": "replied"}, ["差"]),
        ({"q": "好"}, ["好"]),
        ({"year": 2026}, []),
    ],
)
@pytest.mark.sqlite
def test_comments_are_narrowed_and_sorted_as_chosen(world, tracked, actors, chosen, expected):
    with world.work():
        poor = rate(tracked["county"], "a", "dissatisfied", "差")
        rate(tracked["county"], "b", "satisfied", "好")
        rate(tracked["county"], "c")
        citizen_ratings.handle(
            poor, reply="改。", published=False, note_to_unit="", by=actors["office"], now=AUGUST
        )
        rows, total = page(citizen_ratings.comments(chosen), 1)
        assert [row.comment for row in rows] == expected
        assert total == len(expected)
        assert db.session.scalar(select(func.count(CitizenRating.id))) == 3
