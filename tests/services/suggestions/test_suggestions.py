"""Taking suggestions in, by every door; bounds, photos, authors kept apart, Excel."""

import threading
from datetime import date, timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from tests.factories import NOW, make_deputies
from votes.clock import local
from votes.db import db
from votes.exports.formats.xlsx import Row
from votes.models import AuditEntry, Author, ImportDraft, Suggestion, Throttle
from votes.rules.codes import grouped, is_code
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import PUBLIC, Actor
from votes.rules.people.roles import DeputyState
from votes.rules.suggestions import suggestions as rules
from votes.rules.suggestions.suggestions import AuthorText, Channel, SuggestionState
from votes.services import audit, imports, uploads
from votes.services.people import stations, village_sheets, villages as people_villages
from votes.services.suggestions import authors, intake, seasons, sheets, suggestions
from votes.services.suggestions.intake import Sender
from votes.services.suggestions.suggestions import Filter

BY = Actor(name="经办人", user_id=None)
TODAY = local(NOW).date()


@pytest.fixture
def place(world):
    """The county with an open season, a station and two villages of one name."""
    with world.work():
        seasons.save_season(
            None, year=2027, title="", opens_on=TODAY, closes_on=TODAY + timedelta(days=30), notice="", by=BY, now=NOW
        )  # fmt: skip
        stations.save_station(None, name="示例联络站", place="", by=BY, now=NOW)
        people_villages.add_villages(
            [("河镇", "示例村"), ("山乡", "示例村"), ("山乡", "石桥村")], by=BY, now=NOW
        )
    return world


def give(content="请修村口的路。", **more):
    given = {"channel": Channel.WEB, "by": PUBLIC, "now": NOW} | more
    return intake.receive(content=content, **given)


def photos(number=1):
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken by 示例某"
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG", exif=exif)
    return [uploads.File("示例某家门口.jpg", out.getvalue())] * number


# --- receipt -----------------------------------------------------------------------------------------------


def test_each_body_and_year_counts_its_own(place):
    with place.work():
        made = [give(f"第{i}件，请修路。") for i in range(3)]
        later = give("为后年提的建议。", channel=Channel.LETTER, by=BY, year=2029)
        assert [each.number for each in (*made, later)] == [1, 2, 3, 1]
        assert all(is_code(each.code) for each in made)
        assert len({each.code for each in made}) == 3
        assert {each.season.year for each in made} == {2027}
        assert later.season is None
    with place.work("other"):
        assert give(channel=Channel.VISIT, by=BY, year=2027).number == 1


@pytest.mark.parametrize("days", [-1, 31])
def test_the_public_waits_for_the_season_staff_do_not(place, days):
    when = NOW + timedelta(days=days)
    with place.work():
        assert (seasons.current(local(when).date()), seasons.nearest(local(when).date()).year) == (None, 2027)
        with pytest.raises(RuleBroken, match="不在征集期内"):
            give(now=when)
        made = give(now=when, channel=Channel.HOTLINE, by=BY)
        assert (made.year, made.entered_by) == (2027, "经办人")


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
def test_what_cannot_be_taken_says_which_field(place, given, field):
    with place.work():
        with pytest.raises(RuleBroken) as broken:
            give(**given)
        assert broken.value.field == field
        db.session.rollback()
        assert suggestions.counts(2027).total == 0


def test_what_is_sent_twice_is_received_once(place):
    with place.work():
        first = give(code="AAAAAAAAAA", sender=Sender("p"))
        again = give(code="AAAAAAAAAA", sender=Sender("p"))
        assert again is first
        assert db.session.scalar(select(Throttle.failures)) == 1


def together(world, *acts):
    """What the acts, begun at one moment, answered or were told."""
    told, start = [], threading.Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            with world.work():
                found = act()
            told.append(found)
        except Exception as error:
            told.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_those_who_send_at_one_moment_get_different_numbers(place):
    acts = [lambda i=i: give(f"第{i}件，请修路。", sender=Sender("p", "a")).number for i in range(6)]
    assert sorted(together(place, *acts)) == [1, 2, 3, 4, 5, 6]


def test_a_form_sent_twice_at_one_moment_is_received_once(place):
    told = together(place, *[lambda: give(code="AAAAAAAAAA").number] * 4)
    assert told == [1, 1, 1, 1]
    with place.work():
        assert suggestions.counts(2027).total == 1


def test_bounds_of_the_day(place):
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


def test_photos_lose_what_is_hidden_in_them_and_their_names(place):
    with pytest.raises(RuleBroken, match="最多 3 张"):
        intake.prepare_photos(photos(4))
    with pytest.raises(RuleBroken, match="不是照片"):
        intake.prepare_photos([uploads.File("a.pdf", b"%PDF-1.4")])
    prepared = intake.prepare_photos(photos(2))
    with place.work():
        made = give(photos=prepared)
        assert [photo.filename for photo in made.photos] == ["照片1.jpg", "照片2.jpg"]
        path, _ = uploads.open_file(made.photos[0])
        assert not Image.open(path).getexif()
        assert suggestions.get_photo(made.photos[0].id) is made.photos[0]
        assert uploads.get(made.photos[0].id) is None, "no other door leads to it"


def test_a_citizen_leaves_no_address_in_the_log(place):
    token = audit.address.set("10.9.8.7")
    try:
        with place.work():
            made = give(photos=intake.prepare_photos(photos()))
            suggestions.refuse(made, "重复。", by=BY, now=NOW)
            authors.satisfy(made, "satisfied", now=NOW)
            lines = {
                e.action: e.address
                for e in db.session.scalars(select(AuditEntry).where(AuditEntry.at == NOW))
            }
    finally:
        audit.address.reset(token)
    assert lines["suggestion.refuse"] == "10.9.8.7"
    for action in ("suggestion.receive", "attachment.add", "suggestion.satisfaction"):
        assert lines[action] is None


# --- the list ------------------------------------------------------------------------------------------------


def test_the_list_narrows_and_counts(place):
    with place.work():
        station = stations.all_stations()[0]
        villages = people_villages.all_villages()
        deputy = make_deputies(1, place.delegations["county"])[0]
        one = give("村口的路坏了。", category="交通出行", village_id=villages[0].id)
        two = give(
            "想建一座桥。",
            channel=Channel.STATION,
            station=station,
            village_id=villages[1].id,
            place="示例沟",
        )
        three = give("学校操场不平。", channel=Channel.DEPUTY, deputy_id=deputy.id, category="教育")
        suggestions.refuse(three, "重复。", by=BY, now=NOW)

        def found(**wanted):
            return {s.number for s in suggestions.every(suggestions.search(Filter(**wanted)))}

        for wanted, numbers in (
            ({}, {1, 2, 3}),
            ({"year": 2026}, set()),
            ({"state": SuggestionState.REFUSED}, {3}),
            ({"channel": Channel.STATION}, {2}),
            ({"category": "教育"}, {3}),
            ({"township": "山乡"}, {2}),
            ({"village_id": villages[0].id}, {1}),
            ({"station_id": station.id}, {2}),
            ({"deputy_id": deputy.id}, {3}),
            ({"words": "示例沟 桥"}, {2}),
            ({"words": "示例沟 路"}, set()),
            ({"words": "3"}, {3}),
            ({"words": grouped(one.code).replace(" ", "").lower()}, {1}),
            ({"words": "%"}, set()),
        ):
            assert (wanted, found(**wanted)) == (wanted, numbers)
            assert suggestions.total(Filter(**wanted)) == len(numbers)
        counts = suggestions.counts(2027)
        assert (counts.total, counts.channels) == (3, {Channel.WEB: 1, Channel.STATION: 1, Channel.DEPUTY: 1})
        assert dict(counts.categories) == {"交通出行": 1, "教育": 1, "未分类": 1}
        assert (counts.stations, counts.townships) == ([("示例联络站", 1)], [("山乡", 1), ("河镇", 1)])
        assert two.title == "想建一座桥"


def test_refused_with_a_reason_and_taken_up_again(place):
    with place.work():
        made = give()
        with pytest.raises(RuleBroken, match="请写明"):
            suggestions.refuse(made, " ", by=BY, now=NOW)
        suggestions.refuse(made, "与民生实事无关。", by=BY, now=NOW)
        assert (made.state, made.refusal, authors.answered(made)) == (
            SuggestionState.REFUSED, "与民生实事无关。", True,
        )  # fmt: skip
        with pytest.raises(RuleBroken, match="当前状态"):
            suggestions.refuse(made, "再一次。", by=BY, now=NOW)
        authors.satisfy(made, "dissatisfied", now=NOW)
        suggestions.restore(made, by=BY, now=NOW)
        assert (made.state, made.refusal, made.satisfaction) == (SuggestionState.RECEIVED, "", None)
        with pytest.raises(RuleBroken, match="还没有答复"):
            authors.satisfy(made, "satisfied", now=NOW)


def test_sorting_leaves_the_words_alone(place):
    with place.work():
        made = give()
        village = people_villages.all_villages()[1]
        suggestions.classify(made, category="交通出行", village_id=village.id, by=BY, now=NOW)
        assert (made.category, made.village.full_name, made.content) == (
            "交通出行",
            "山乡示例村",
            "请修村口的路。",
        )
        with pytest.raises(RuleBroken):
            suggestions.classify(made, category="军事", village_id=None, by=BY, now=NOW)


# --- authors ---------------------------------------------------------------------------------------------------


def test_an_author_is_shown_to_whoever_asks_and_the_log_says_so(place):
    with place.work():
        made = give(author=AuthorText("示例某", "13800001234"))
        assert authors.masked(made) == AuthorText("示**", "138****1234")
        assert authors.masked(give("没有留名的建议。")) is None
        assert authors.reveal(made, by=BY, now=NOW) == AuthorText("示例某", "13800001234")
        looked = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "suggestion.reveal")).one()
        assert (looked.who, looked.about, looked.after) == ("经办人", "2027年第1号建议", None)


def test_authors_are_forgotten_once_the_season_is_over(place):
    with place.work():
        season = seasons.of_year(2027)
        give(author=AuthorText("示例某", "13800001234"))
        kept = give("别的年度的建议。", channel=Channel.LETTER, by=BY, year=2028, author=AuthorText("另一位"))
        line = Row(3, {"建议内容": "请修村口的桥。", "来源渠道": "来信", "建议人": "示例某"})
        imports.preview(sheets.SHEET, imports.Book("a.xlsx", [line]), year=2027, by=BY, now=NOW)
        with pytest.raises(RuleBroken, match="还没有结束"):
            authors.erase_authors(season, by=BY, now=NOW)
        assert authors.named_authors(season) == 1
        later = NOW + timedelta(days=40)
        assert authors.erase_authors(season, by=BY, now=later) == 1
        assert [a.suggestion_id for a in db.session.scalars(select(Author))] == [kept.id]
        assert db.session.scalars(select(ImportDraft)).all() == []
        assert suggestions.counts(2027).total == 1


def test_a_code_finds_its_suggestion_in_whichever_body(place):
    with place.work():
        made = give()
        code, body_id = made.code, made.body_id
    with place.work("other"):
        found = authors.find(f" {grouped(code).lower()} ")
        assert (found.body_id, authors.body_of(found).place) == (body_id, "示例县")
        assert authors.find("ZZZZZZZZZZ") is None
        with pytest.raises(RuleBroken, match="10 位"):
            authors.find("12")


# --- seasons, stations, villages ---------------------------------------------------------------------------------


def test_one_season_a_year_and_its_year_stays_once_something_came(place):
    with place.work():
        season = seasons.of_year(2027)
        values = {"opens_on": TODAY, "closes_on": TODAY, "notice": "", "title": "改名", "by": BY, "now": NOW}
        assert seasons.save_season(season, year=2027, **values).title == "改名"
        give()
        with pytest.raises(RuleBroken, match="已经收到建议"):
            seasons.save_season(season, year=2028, **values)
        with pytest.raises(RuleBroken, match="已经设立"):
            seasons.save_season(None, year=2027, **values)
        db.session.rollback()


def test_a_new_key_shuts_the_old_posters_out(place):
    with place.work():
        station = stations.all_stations()[0]
        old = station.key
        assert stations.by_key(old) is station
        stations.renew_key(station, by=BY, now=NOW)
        assert (stations.by_key(old), stations.by_key(station.key)) == (None, station)
        stations.save_station(station, name="示例联络站", place="", active=False, by=BY, now=NOW)
        assert (stations.by_key(station.key), stations.all_stations()) == (None, [])
        with pytest.raises(RuleBroken, match="已经有名为"):
            stations.save_station(None, name=" 示例联络站 ", place="", by=BY, now=NOW)
        db.session.rollback()


def test_villages_stand_by_township_in_the_order_entered(place):
    with place.work():
        people_villages.save_village(None, township="河镇", name="新村", by=BY, now=NOW)
        assert [
            (t, [v.name for v in vs]) for t, vs in people_villages.grouped(people_villages.all_villages())
        ] == [
            ("河镇", ["示例村", "新村"]),
            ("山乡", ["示例村", "石桥村"]),
        ]
        village = people_villages.all_villages()[0]
        people_villages.save_village(village, township="河镇", name="示例村", active=False, by=BY, now=NOW)
        with pytest.raises(RuleBroken, match="不在名单中"):
            give(village_id=village.id)
        assert len(people_villages.all_villages()) == 3
        with pytest.raises(RuleBroken, match="已在名单中"):
            people_villages.save_village(None, township="山乡", name="石桥村", by=BY, now=NOW)
        db.session.rollback()


# --- Excel -------------------------------------------------------------------------------------------------------


def test_a_workbook_comes_in_as_a_whole_or_not_at_all(place):
    with place.work():
        give("学校门口没有路灯。")
        lines = [
            ({"建议内容": "请修村口的桥。", "来源渠道": "走访", "乡镇（街道）": "山乡", "村（社区）": "示例村",
              "建议人": "张　三", "联系电话": "138 0000 1234", "收到日期": "2027-01-10"}, "new"),
            ({"建议内容": "请修村口的桥。", "来源渠道": "走访座谈", "乡镇（街道）": "山乡", "村（社区）": "示例村"}, "same"),
            ({"建议内容": "学校门口没有路灯。", "来源渠道": "来电"}, "same"),
            ({"建议内容": "请修村口的路。", "来源渠道": "梦见的"}, "来源渠道应为"),
            ({"建议内容": "请修村口的路。", "来源渠道": "来信", "村（社区）": "示例村"}, "几个乡镇都有"),
            ({"建议内容": "请修村口的路。", "来源渠道": "来信", "村（社区）": "没有的村"}, "名单中没有"),
            ({"建议内容": "请修村口的路。", "来源渠道": "来信", "收到日期": date(2027, 12, 1)}, "不能晚于今天"),
            ({"建议内容": "请修村口的路。", "来源渠道": "来信", "联系电话": "12"}, "11 位手机号"),
        ]  # fmt: skip
        rows = [Row(3 + i, line) for i, (line, _) in enumerate(lines)]
        draft = imports.preview(sheets.SHEET, imports.Book("a.xlsx", rows), year=2027, by=BY, now=NOW)
        for row, (_, expected) in zip(draft.rows, lines, strict=True):
            assert expected in (row["status"], "".join(row["problems"])) or expected in "".join(
                row["problems"]
            )
        assert imports.counts(sheets.SHEET, draft.rows) == {"new": 1, "same": 2, "refused": 5}
        with pytest.raises(RuleBroken, match="全部没有导入"):
            imports.apply(sheets.SHEET, draft, by=BY, now=NOW)
        draft = imports.preview(sheets.SHEET, imports.Book("a.xlsx", rows[:3]), year=2027, by=BY, now=NOW)
        assert imports.apply(sheets.SHEET, draft, by=BY, now=NOW) == {"added": 1}
        made = db.session.scalars(select(Suggestion).where(Suggestion.number == 2)).one()
        assert (made.village.full_name, made.channel, local(made.received_at).date()) == (
            "山乡示例村", Channel.VISIT, date(2027, 1, 10),
        )  # fmt: skip
        assert authors.reveal(made, by=BY, now=NOW) == AuthorText("张三", "13800001234")
        assert "张三" not in str(draft.rows)
        assert "13800001234" not in str(draft.rows)
        with pytest.raises(RuleBroken, match="不会重复导入"):
            imports.apply(sheets.SHEET, draft, by=BY, now=NOW)


def test_an_upload_that_nobody_imports_is_dropped_after_a_week(place):
    book = imports.Book("a.xlsx", [Row(3, {"建议内容": "请修村口的桥。", "来源渠道": "走访"})])
    one, other = place.actor("office"), place.actor("government")
    with place.work():
        for by, later, left in (
            (one, 0, [one]),
            (other, 7 * 86400, [one, other]),
            (other, 7 * 86400 + 1, [other]),
        ):
            imports.preview(sheets.SHEET, book, year=2027, by=by, now=NOW + timedelta(seconds=later))
            made = db.session.scalars(select(ImportDraft.created_by_id).order_by(ImportDraft.created_at))
            assert list(made) == [each.user_id for each in left]


def test_what_is_exported_can_be_read_back_and_names_nobody(place):
    with place.work():
        give("学校门口没有路灯。", author=AuthorText("示例某", "13800001234"))
        found = suggestions.every(suggestions.search())
        data = sheets.export(found, "建议", word=str)
        book = imports.read(sheets.SHEET, "a.xlsx", data)
        assert book.rows[0].values["建议内容"] == "学校门口没有路灯。"
        assert not {"示例某", "13800001234"} & {str(v) for v in book.rows[0].values.values()}
        with pytest.raises(RuleBroken, match="没有内容"):
            imports.read(sheets.SHEET, "a.xlsx", sheets.template())


def test_a_list_of_villages_comes_in_by_excel(place):
    with place.work():
        pairs = [("山乡", "石桥村"), ("山乡", "新村"), ("", "滨河社区")]
        rows = [Row(3 + i, {"乡镇（街道）": t, "村（社区）": n}) for i, (t, n) in enumerate(pairs)]
        draft = imports.preview(village_sheets.SHEET, imports.Book("a.xlsx", rows), by=BY, now=NOW)
        assert [row["status"] for row in draft.rows] == ["same", "new", "new"]
        assert imports.apply(village_sheets.SHEET, draft, by=BY, now=NOW) == {"added": 2}
        assert len(people_villages.all_villages()) == 5
        twice = imports.preview(
            village_sheets.SHEET, imports.Book("a.xlsx", [rows[1], rows[1]]), by=BY, now=NOW
        )
        assert [row["status"] for row in twice.rows] == ["same", "refused"]
        back = imports.read(village_sheets.SHEET, "a.xlsx", village_sheets.export())
        assert len(back.rows) == 5


def test_a_deputy_who_has_left_collects_no_more(place):
    with place.work():
        deputy = make_deputies(1, place.delegations["county"])[0]
        deputy.page_key = "k" * 22
        db.session.flush()
        assert suggestions.deputy_by_key("k" * 22) is deputy
        deputy.state = DeputyState.ENDED
        db.session.flush()
        assert suggestions.deputy_by_key("k" * 22) is None
