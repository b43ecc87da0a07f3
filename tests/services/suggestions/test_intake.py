"""Receiving suggestions by all channels: numbers, limits of a day, photos, the audit log."""

import threading
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from tests.factories import NOW
from tests.services.suggestions.samples import BY, TODAY, give
from votes.clock import local
from votes.db import db
from votes.models import AuditEntry, Throttle
from votes.rules.codes import is_code
from votes.rules.errors import RuleBroken
from votes.rules.suggestions import suggestions as rules
from votes.rules.suggestions.suggestions import AuthorText, Channel
from votes.services import audit, uploads
from votes.services.suggestions import authors, intake, seasons, suggestions
from votes.services.suggestions.intake import Sender


def photos(number=1):
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken by 示例某"
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG", exif=exif)
    return [uploads.File("示例某家门口.jpg", out.getvalue())] * number


def together(world, *acts):
    """Run the acts at one moment, each in a thread; return what they returned or raised."""
    answers, start = [], threading.Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            with world.work():
                answer = act()
            answers.append(answer)
        except Exception as error:
            answers.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_receive_numbers_by_body_and_year(place):
    with place.work():
        suggestions_ = [give(f"第{i}件，请修路。") for i in range(3)]
        later = give("为后年提的建议。", channel=Channel.LETTER, by=BY, year=2029)
        assert [each.number for each in (*suggestions_, later)] == [1, 2, 3, 1]
        assert all(is_code(each.code) for each in suggestions_)
        assert len({each.code for each in suggestions_}) == 3
        assert {each.season.year for each in suggestions_} == {2027}
        assert later.season is None
    with place.work("other"):
        assert give(channel=Channel.VISIT, by=BY, year=2027).number == 1


@pytest.mark.parametrize("days", [-1, 31])
def test_receive_outside_season_only_from_staff(place, days):
    when = NOW + timedelta(days=days)
    with place.work():
        assert (seasons.current(local(when).date()), seasons.nearest(local(when).date()).year) == (None, 2027)
        with pytest.raises(RuleBroken, match="不在征集期内"):
            give(now=when)
        suggestion = give(now=when, channel=Channel.HOTLINE, by=BY)
        assert (suggestion.year, suggestion.entered_by) == (2027, "经办人")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"content": "短"}, "content"),
        ({"village_id": 999}, "village_id"),
        ({"channel": Channel.STATION}, "station_id"),
        ({"channel": Channel.DEPUTY}, "deputy_id"),
        ({"channel": Channel.DEPUTY, "deputy_id": 999}, "deputy_id"),
        ({"author": AuthorText("示例某", "123")}, "phone"),
        ({"channel": Channel.LETTER, "received_on": TODAY + timedelta(days=1)}, "received_on"),
        ({"channel": Channel.LETTER, "year": 1900}, "year"),
    ],
)
def test_receive_with_fault_is_refused_at_its_field(place, given, field):
    with place.work():
        with pytest.raises(RuleBroken) as broken:
            give(**given)
        assert broken.value.field == field
        db.session.rollback()
        assert suggestions.counts(2027).total == 0


def test_receive_same_code_twice_returns_the_first(place):
    with place.work():
        first = give(code="AAAAAAAAAA", sender=Sender("p"))
        again = give(code="AAAAAAAAAA", sender=Sender("p"))
        assert again is first
        assert db.session.scalar(select(Throttle.failures)) == 1


def test_receive_at_one_moment_gives_different_numbers(place):
    acts = [lambda i=i: give(f"第{i}件，请修路。", sender=Sender("p", "a")).number for i in range(6)]
    assert sorted(together(place, *acts)) == [1, 2, 3, 4, 5, 6]


def test_receive_same_code_at_one_moment_is_received_once(place):
    answers = together(place, *[lambda: give(code="AAAAAAAAAA").number] * 4)
    assert answers == [1, 1, 1, 1]
    with place.work():
        assert suggestions.counts(2027).total == 1


def test_receive_beyond_limits_of_the_day_is_refused(place):
    with place.work():
        for i in range(rules.A_DAY_FROM_PHONE):
            give(f"第{i}件，请修路。", sender=Sender("one phone", "net"))
        with pytest.raises(RuleBroken, match="每日上限") as broken:
            give(sender=Sender("one phone", "net"))
        assert broken.value.status == 429
        give(sender=Sender("another phone", "net"))
        row = db.session.scalar(select(Throttle).where(Throttle.key.contains(":a:")))
        assert row.failures == rules.A_DAY_FROM_PHONE + 1
        row.failures = rules.A_DAY_FROM_ADDRESS
        with pytest.raises(RuleBroken, match="网络今天"):
            give(sender=Sender("third phone", "net"))
        give(sender=Sender("one phone", "net"), now=NOW + timedelta(days=1))
        give(sender=Sender("one phone", "net"), now=NOW + timedelta(days=4))
        assert db.session.query(Throttle).count() == 2, "yesterday's digests are forgotten"


def test_prepare_photos_removes_metadata_and_names(place):
    with pytest.raises(RuleBroken, match="最多 3 张"):
        intake.prepare_photos(photos(4))
    with pytest.raises(RuleBroken, match="不是照片"):
        intake.prepare_photos([uploads.File("a.pdf", b"%PDF-1.4")])
    prepared = intake.prepare_photos(photos(2))
    with place.work():
        suggestion = give(photos=prepared)
        assert [photo.filename for photo in suggestion.photos] == ["照片1.jpg", "照片2.jpg"]
        path, _ = uploads.open_file(suggestion.photos[0])
        assert not Image.open(path).getexif()
        assert suggestions.get_photo(suggestion.photos[0].id) is suggestion.photos[0]
        assert uploads.get(suggestion.photos[0].id) is None, "no other page serves it"


def test_receive_from_citizen_logs_no_address(place):
    token = audit.address.set("10.9.8.7")
    try:
        with place.work():
            suggestion = give(photos=intake.prepare_photos(photos()))
            suggestions.refuse(suggestion, "重复。", by=BY, now=NOW)
            authors.satisfy(suggestion, "satisfied", now=NOW)
            lines = {
                e.action: e.address
                for e in db.session.scalars(select(AuditEntry).where(AuditEntry.at == NOW))
            }
    finally:
        audit.address.reset(token)
    assert lines["suggestion.refuse"] == "10.9.8.7"
    for action in ("suggestion.receive", "attachment.add", "suggestion.satisfaction"):
        assert lines[action] is None
