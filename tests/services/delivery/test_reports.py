"""Reports: handed in by month or quarter, corrected; parts and money by source."""

from datetime import date
from decimal import Decimal

import pytest

from tests.services.delivery.acts import GOVERNMENT, JUNE, UNIT, last_entry, plan, progress_of, read_line
from tests.years import at, figures, picture, report
from votes.rules.delivery.parts import Money
from votes.rules.errors import RuleBroken
from votes.services import uploads
from votes.services.delivery import reports, trackings


def test_hand_in_carries_figures_to_the_next_report(world, tracking_id):
    with world.work():
        assert reports.carried(trackings.get(tracking_id)) == reports.ReportFigures(
            0, Decimal("860.00"), Decimal(0), Decimal(0)
        )
        report(tracking_id, 1, 8, by=UNIT, photos=[picture(), picture("red")])
    with world.work():
        tracking = trackings.get(tracking_id)
        assert reports.carried(tracking) == reports.ReportFigures(
            8, Decimal("860.00"), Decimal("500.00"), Decimal("300.00")
        )
        (made,) = tracking.reports
        assert (made.month, made.percent, made.reported_by) == (date(2027, 1, 1), 8, "交通运输局")
        assert [(p.is_picture, p.caption, p.report_id) for p in made.photos] == [
            (True, "示例现场", made.id)
        ] * 2
        assert uploads.open_file(made.photos[0], thumbnail=True)[0].is_file()
    assert last_entry(world, "report.create").about == "实事项目01（2027年1月）"


@pytest.mark.parametrize(
    ("month", "now", "field"),
    [
        (date(2027, 2, 1), at(2027, 6, 15), "month"),  # reported already
        (date(2027, 1, 1), at(2027, 6, 15), "month"),  # before the last report
        (date(2027, 7, 1), at(2027, 6, 15), "month"),  # ahead
        (date(2026, 12, 1), at(2027, 6, 15), "month"),  # before the start
    ],
)
def test_hand_in_month_not_open_is_refused(world, tracking_id, month, now, field):
    with world.work():
        report(tracking_id, 2, 10)
    with pytest.raises(RuleBroken) as refusal, world.work():
        reports.hand_in(trackings.get(tracking_id), month, figures(20), by=UNIT, now=now)
    assert refusal.value.field == field
    with world.work():
        assert len(trackings.get(tracking_id).reports) == 1


def test_hand_in_fallen_percentage_needs_a_reason(world, tracking_id):
    with world.work():
        report(tracking_id, 1, 10)
    with pytest.raises(RuleBroken) as refusal, world.work():
        report(tracking_id, 2, 9, narrative="调减")
    assert refusal.value.field == "narrative"
    with world.work():
        report(tracking_id, 2, 9, narrative="经复核，一月多计路基一公里，据实调减。")


def test_hand_in_document_as_photo_saves_nothing(world, tracking_id):
    paper = uploads.File("说明.pdf", b"%PDF-1.7\n%%EOF")
    with pytest.raises(RuleBroken) as refusal, world.work():
        reports.hand_in(
            trackings.get(tracking_id),
            date(2027, 1, 1),
            figures(5),
            photos=uploads.prepare_photos([picture(), paper]),
            by=UNIT,
            now=JUNE,
        )
    assert (refusal.value.field, refusal.value.message) == (
        "files",
        "“说明.pdf”不是图片。这里只附现场照片（JPG、PNG、WebP），没有保存任何文件。",
    )
    with world.work():
        assert trackings.get(tracking_id).reports == []


def test_correct_last_report_records_before_and_after(world, tracking_id):
    with world.work():
        made = report(tracking_id, 1, 10)
    with world.work():
        reports.correct(reports.get(made.id), figures(12), photos=[picture()], by=UNIT, now=at(2027, 2, 6))
    with world.work():
        result = reports.get(made.id)
        assert (result.percent, len(result.photos), result.reported_at) == (12, 1, at(2027, 2, 3))
    entry = last_entry(world, "report.correct")
    assert (entry.before, entry.after) == ({"percent": 10}, {"percent": 12})


def test_correct_superseded_report_is_refused(world, tracking_id):
    with world.work():
        made = report(tracking_id, 1, 10)
        report(tracking_id, 2, 20)
    with pytest.raises(RuleBroken) as refusal, world.work():
        reports.correct(reports.get(made.id), figures(12), by=UNIT, now=JUNE)
    assert refusal.value.code == "superseded"


def test_correct_below_the_report_before_is_refused(world, tracking_id):
    with world.work():
        report(tracking_id, 1, 10)
        made = report(tracking_id, 2, 20)
    with pytest.raises(RuleBroken), world.work():
        reports.correct(reports.get(made.id), figures(9, narrative=""), by=UNIT, now=JUNE)


def test_warnings_name_money_that_does_not_fit(world, tracking_id):
    with world.work():
        report(tracking_id, 1, 10)
        made = report(tracking_id, 2, 20, money_in_place=Decimal(400), money_paid=Decimal(450))
    with world.work():
        assert reports.warnings(reports.get(made.id)) == [
            "累计拨付资金大于累计到位资金，请核对。",
            "累计到位资金少于上次所报，请核对是否按累计数填写。",
        ]


def test_passed_over_months_are_listed_and_closed(world, tracking_id):
    with world.work():
        report(tracking_id, 1, 10)
        report(tracking_id, 4, 30)
    with world.work():
        tracking = trackings.get(tracking_id)
        assert reports.passed_over(tracking) == [date(2027, 2, 1), date(2027, 3, 1)]
        assert reports.choices(tracking, date(2027, 6, 15)) == [date(2027, 5, 1), date(2027, 6, 1)]


SOURCES = [
    Money("县财政", Decimal("500.00"), Decimal("300.00"), Decimal("200.00")),
    Money("上级专项", Decimal("360.00"), Decimal("200.00"), Decimal("100.00")),
]


def test_hand_in_whole_follows_from_its_parts(world, compound):
    tracking_id, ids = compound
    with world.work():
        report(tracking_id, 1, 30, by=UNIT, parts=progress_of(ids, 20, 60), money=SOURCES)
    with world.work():
        tracking = trackings.get(tracking_id)
        assert [(p.part.name, p.part.weight, p.percent) for p in reports.parts_of(tracking)] == [
            ("公路加宽", 3, 20),
            ("危桥改造", 1, 60),
        ]
        assert reports.carried_money(tracking) == SOURCES
    entry = last_entry(world, "report.create")
    assert entry.after["parts"] == ["公路加宽 20%", "危桥改造 60%"]
    assert entry.after["money"][0] == "县财政：计划 500.00，到位 300.00，拨付 200.00"


@pytest.mark.parametrize(
    ("by", "percent", "more", "field"),
    [
        (UNIT, 31, {}, "percent"),
        (UNIT, 31, {"percent_reason": "主体工程检测未通过，暂按已验收部分计。"}, "percent"),
        (GOVERNMENT, 31, {}, "percent_reason"),
        (UNIT, 30, {"money": SOURCES[:1]}, "money_planned"),
        (UNIT, 30, {"parts": 1}, "parts"),
    ],
)
def test_hand_in_whole_unlike_its_parts_is_refused(world, compound, by, percent, more, field):
    tracking_id, ids = compound
    rest = {key: value for key, value in more.items() if key != "parts"}
    with pytest.raises(RuleBroken) as refusal, world.work():
        report(tracking_id, 1, percent, by=by, parts=progress_of(ids, 20, 60)[: more.get("parts", 2)], **rest)
    assert refusal.value.field == field


def test_hand_in_by_government_departs_with_a_reason(world, compound):
    tracking_id, ids = compound
    why = "主体工程检测未通过，暂按已验收部分计。"
    with world.work():
        made = report(tracking_id, 1, 25, by=GOVERNMENT, parts=progress_of(ids, 20, 60), percent_reason=why)
    with world.work():
        assert reports.get(made.id).percent_reason == why
        reports.correct(
            reports.get(made.id), figures(35, parts=progress_of(ids, 20, 80)), by=GOVERNMENT, now=JUNE
        )
    with world.work():
        result = reports.get(made.id)
        assert (result.percent_reason, [p.percent for p in reports.parts_of(result.tracking)]) == (
            "",
            [20, 80],
        )
    entry = last_entry(world, "report.correct")
    assert (entry.before["parts"][1], entry.after["parts"][1]) == ("危桥改造 60%", "危桥改造 80%")


def test_hand_in_quarterly_project_reports_quarters(world, tracking_id):
    plan(world, tracking_id, [], period="quarter")
    with world.work():
        tracking = trackings.get(tracking_id)
        assert reports.choices(tracking, date(2027, 5, 1)) == [date(2027, 3, 1), date(2027, 6, 1)]
        report(tracking_id, 3, 20)
        with pytest.raises(RuleBroken) as refusal:
            report(tracking_id, 4, 30)
    assert refusal.value.field == "month"
    assert read_line(world, tracking_id, date(2027, 7, 5)).standing.missing == ()
    assert read_line(world, tracking_id, date(2027, 7, 6)).standing.missing == (date(2027, 6, 1),)
