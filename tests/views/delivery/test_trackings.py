"""Tracking in the office: each page works, keeps to its roles and its body, and says what is wrong."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from docx import Document

from tests.counting import statements
from tests.years import BY, at, make_tracked, picture, report
from votes.db import db
from votes.models import Funding, SubProject
from votes.rules.delivery.trackings import TrackingState
from votes.services.delivery import plans, reports, trackings
from votes.services.delivery.plans import PlannedStep

DAY = date(2027, 6, 6)


@pytest.fixture(autouse=True)
def a_day_in_june(monkeypatch):
    """Stop the clocks on 6 June 2027: the reports of May were due yesterday."""
    for module in ("views.delivery.trackings", "views.publication.public", "web.delivery.curves"):
        monkeypatch.setattr(f"votes.{module}.today", lambda: DAY)
    monkeypatch.setattr("votes.views.delivery.trackings.now", lambda: at(2027, 6, 6))


def make_year(world):
    with world.work():
        first, second = make_tracked(2, department_id=world.departments["county"])
        third = make_tracked(1, department_id=world.departments["county"] + 1, start=3)[0]
        for tracking, last, each in ((first, 5, 8), (second, 4, 6), (third, 5, 8)):
            for month in range(1, last + 1):
                report(tracking.id, month, month * each)
        return [first.id, second.id, third.id]


PREPARED = {"tracked": make_year}


@pytest.fixture
def tracked(world, prepared):
    """Two projects of the county's first unit (the second without its May report), one of another unit."""
    return prepared["tracked"]


def plan_form(steps=(), **values):
    """Return what the browser sends for a plan; a step is (id, name, planned_on, percent, actual_on, note)."""
    data = {"starts_on": "2027-01-15", "due_on": "2027-12-20", "leader": "分管副县长（示例）", **values}
    for place, step in enumerate(steps):
        for name, value in zip(
            ("id", "name", "planned_on", "planned_percent", "actual_on", "note"), step, strict=True
        ):
            data[f"milestones-{place}-{name}"] = value
    return data


def report_form(**values):
    return {
        "month": "2027-06",
        "percent": "45",
        "money_planned": "860.00",
        "money_in_place": "600.00",
        "money_paid": "420.50",
        "narrative": "示例河段路面铺装完成两公里。",
        "problems": "管线迁改较慢，只供内部。",
        "next_step": "七月铺装余下路段。",
        "caption": "示例河段现场",
        **values,
    }


def url(tracking_id, page=""):
    return f"/office/progress/{tracking_id}{page}"


# --- lists ---------------------------------------------------------------------------------------------


def test_index_sums_up_the_year(as_, tracked):
    page = as_("office").get("/office/progress/")
    assert page.status == 200
    assert [a.text for a in page.tree.xpath("//tbody//td[2]/a")] == [
        "实事项目01",
        "实事项目02",
        "实事项目03",
    ]
    assert "有 1 个项目的进度逾期未报" in page.words
    assert "实事项目02（交通运输局）：2027年5月" in page.words
    assert "5月月报逾期未报，按4月所报进度计" in page.words
    assert len(page.tree.xpath("//svg[@class='chart']")) == 4  # progress and money, narrow and wide


def test_index_without_projects_says_what_comes_first(as_):
    page = as_("office").get("/office/progress/")
    assert "票决结果公告后，选定的项目自动进入进度跟踪" in page.words


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("government", ["实事项目01", "实事项目02", "实事项目03"]),
        ("leader", ["实事项目01", "实事项目02", "实事项目03"]),
        ("department", ["实事项目01", "实事项目02"]),
        ("department2", ["实事项目03"]),
    ],
)
def test_index_of_a_unit_has_only_its_own(as_, tracked, role, expected):
    page = as_(role).get("/office/progress/")
    assert [a.text for a in page.tree.xpath("//tbody//td[2]/a")] == expected
    sheet = openpyxl.load_workbook(BytesIO(as_(role).get("/office/progress/export.xlsx").data)).active
    assert [row[1].value for row in sheet.iter_rows(min_row=3)] == expected


@pytest.mark.parametrize(
    ("role", "buttons"), [("department", 1), ("department2", 0), ("office", 0), ("government", 1)]
)
def test_index_names_overdue_reports_to_who_owes_them(as_, tracked, role, buttons):
    page = as_(role).get("/office/progress/")
    assert len(page.tree.xpath("//div[@id='overdue']//a[contains(@class,'btn')]")) == buttons


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("light=green", ["实事项目01", "实事项目03"]),
        ("light=yellow", ["实事项目02"]),
        ("light=pink&unit=x&sort=?&year=1", ["实事项目01", "实事项目02", "实事项目03"]),
        ("q=项目03", ["实事项目03"]),
        ("sort=behind", ["实事项目02", "实事项目01", "实事项目03"]),
        ("category=教育", []),
    ],
)
def test_index_filtered_is_exported_as_shown(as_, tracked, query, expected):
    page = as_("office").get(f"/office/progress/?{query}")
    assert [a.text for a in page.tree.xpath("//tbody//td[2]/a")] == expected
    if not expected:
        assert "没有符合条件的项目" in page.words
    data = as_("office").get(f"/office/progress/export.xlsx?{query}").data
    sheet = openpyxl.load_workbook(BytesIO(data)).active
    assert [row[1].value for row in sheet.iter_rows(min_row=3) if row[1].value] == expected


def test_export_agrees_with_the_page(as_, tracked):
    data = as_("office").get("/office/progress/export.xlsx").data
    rows = list(openpyxl.load_workbook(BytesIO(data)).active.iter_rows(values_only=True))
    assert rows[0][0] == "2027年民生实事项目进度"
    result = dict(zip(rows[1], rows[3], strict=True))
    assert (result["状态"], result["实际进度"], result["逾期未报"], result["累计拨付（万元）"]) == (
        "滞后",
        0.24,
        1,
        300,
    )


# --- one project ---------------------------------------------------------------------------------------


def test_show_has_the_whole_project(as_, tracked):
    page = as_("office").get(url(tracked[0]))
    assert page.status == 200
    assert page.title.startswith("实事项目01")
    assert "至5月底计划 40.1%，实际 40%，落后 0.1 个百分点" in page.words
    assert "报送月报" not in page.words


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        ("government", ["报送月报", "修改计划", "认定办结", "公开页面"]),
        ("department", ["报送月报", "修改计划", "公开页面"]),
        ("office", ["公开页面"]),
        ("leader", ["公开页面"]),
    ],
)
def test_show_offers_each_role_its_acts(as_, tracked, role, acts):
    page = as_(role).get(url(tracked[0]))
    assert [
        " ".join(a.text_content().split()) for a in page.tree.xpath("//div[@class='page-acts']/a")
    ] == acts


PAGES = ("", "/plan", "/reports/new", "/finish")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("role", "body", "statuses"),
    [
        ("government", "county", (200, 200, 200, 200)),
        ("department", "county", (200, 200, 200, 403)),
        ("department2", "county", (403, 403, 403, 403)),
        ("office", "county", (200, 403, 403, 403)),
        ("leader", "county", (200, 403, 403, 403)),
        ("deputy", "county", (403, 403, 403, 403)),
        ("government", "other", (404, 404, 404, 404)),
        ("department", "township", (404, 404, 404, 404)),
    ],
)
def test_pages_open_to_their_roles_and_body(as_, tracked, role, body, statuses, page):
    assert as_(role, body).get(url(tracked[0], page)).status == statuses[PAGES.index(page)]


def test_pages_without_account_lead_to_signing_in(as_, tracked):
    assert as_().get(url(tracked[0])).location.startswith("/sign-in")


@pytest.mark.parametrize("page", ["/office/progress/4711", "/office/progress/reports/4711/edit"])
def test_pages_with_unknown_id_are_404(as_, tracked, page):
    assert as_("government").get(page).status == 404


@pytest.mark.parametrize("page", ["/office/progress/", "/office/progress/{}"])
def test_reading_pages_refuse_post(as_, tracked, page):
    assert as_("government").post(page.format(tracked[0])).status == 405


@pytest.mark.parametrize("count", [2, 12])
def test_pages_need_few_statements(as_, world, database, count):
    with world.work():
        made = make_tracked(count, department_id=world.departments["county"])
        for tracking in made:
            plans.plan(
                tracking, starts_on=tracking.starts_on, by=world.actor("government"), now=at(2027, 2, 1),
                steps=[PlannedStep(None, f"节点{n}", date(2027, n, 20), n * 8) for n in range(2, 8)],
            )  # fmt: skip
            for month in (1, 2, 3):
                report(tracking.id, month, month * 9, photos=[picture()] if month == 1 else [])
        tracking_id = made[0].id
    browser = as_("government")
    for page in (
        "/office/progress/",
        "/office/progress/export.xlsx",
        url(tracking_id),
        url(tracking_id, "/plan"),
    ):
        with statements(database) as seen:
            assert browser.get(page).status == 200
        assert len(seen) <= 20, "\n".join([page, *seen])


# --- the plan ------------------------------------------------------------------------------------------


def test_plan_posted_is_saved(as_, world, tracked):
    browser = as_("government")
    unit = str(world.departments["county"])
    page = browser.post(
        url(tracked[0], "/plan"),
        plan_form(
            [("", "招标", "2027-03-31", "10", "2027-04-02", "晚两天"), ("", "", "", "", "", "")],
            department_id=unit,
            due_on="2027-11-30",
        ),
    )
    assert page.status == 303
    assert "2027年11月30日（票决时为2027年12月20日）" in browser.follow(page).words
    again = browser.get(url(tracked[0], "/plan"))
    assert again.value("milestones-0-name") == "招标"
    assert again.value("milestones-0-actual_on") == "2027-04-02"
    with world.work():
        (milestone,) = trackings.get(tracked[0]).milestones
        first = str(milestone.id)
    browser.post(
        url(tracked[0], "/plan"),
        plan_form([(first, "完成招标", "2027-03-31", "12", "", "")], department_id=unit),
    )
    with world.work():
        (milestone,) = trackings.get(tracked[0]).milestones
        assert (str(milestone.id), milestone.name, milestone.planned_percent) == (first, "完成招标", 12)
    browser.post(url(tracked[0], "/plan"), plan_form([(first, "", "", "", "", "")], department_id=unit))
    with world.work():
        assert trackings.get(tracked[0]).milestones == []


def test_plan_by_unit_saves_milestones_only(as_, world, tracked):
    page = as_("department").post(
        url(tracked[0], "/plan"),
        plan_form([("", "招标", "2027-03-31", "10", "", "")], due_on="2028-12-31", leader="别人"),
    )
    assert page.status == 303
    with world.work():
        tracking = trackings.get(tracked[0])
        assert (tracking.due_on, tracking.leader) == (date(2027, 12, 20), "分管副县长（示例）")
        assert [m.name for m in tracking.milestones] == ["招标"]


def test_plan_one_more_row_keeps_what_was_typed(as_, world, tracked):
    page = as_("department").post(
        url(tracked[0], "/plan"),
        plan_form([("", "招标", "2027-03-31", "", "", "")], add_row="增加一行"),
    )
    assert page.status == 200
    assert page.value("milestones-0-name") == "招标"
    assert page.value("milestones-1-name") == ""
    with world.work():
        assert trackings.get(tracked[0]).milestones == []


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (("", "招标", "", "10", "", ""), "请填写计划日期"),
        (("", "", "2027-03-31", "10", "", ""), "请填写节点名称"),
        (("", "招标", "2027-03-31", "", "", ""), "请填写计划进度"),
        (("", "招标", "2027-03-31", "101", "", ""), "计划进度应在 0 至 100 之间"),
        (("", "招标", "2027-02-30", "10", "", ""), "不是有效的日期值"),
        (("", "招标", "2026-03-31", "10", "", ""), "节点“招标”的计划日期应在开始日期与完成时限之间"),
        (("", "招标", "2027-03-31", "10", "2027-07-01", ""), "实际完成日期还没有到"),
        (("4711", "招标", "2027-03-31", "10", "", ""), "节点已被别人删除"),
    ],
)
def test_plan_wrong_row_is_marked_and_stays(as_, world, tracked, step, words):
    page = as_("department").post(url(tracked[0], "/plan"), plan_form([step]))
    assert page.status == 422
    assert words in " ".join(page.errors)
    assert page.value("milestones-0-name") == step[1]
    assert page.value("milestones-0-planned_percent") == step[3]
    with world.work():
        assert trackings.get(tracked[0]).milestones == []


def test_plan_dates_out_of_order_are_refused_at_their_field(as_, world, tracked):
    page = as_("government").post(
        url(tracked[0], "/plan"),
        plan_form(due_on="2027-01-01", department_id=str(world.departments["county"])),
    )
    assert (page.status, page.errors[-1]) == (422, "完成时限不能早于开始日期。")


def test_plan_with_unit_of_other_body_is_refused(as_, world, tracked):
    page = as_("government").post(
        url(tracked[0], "/plan"), plan_form(department_id=str(world.departments["other"]))
    )
    assert page.status == 422


# --- reports -------------------------------------------------------------------------------------------


def photo(colour="green"):
    file = picture(colour)
    return (BytesIO(file.data), file.filename)


def test_report_with_photo_is_saved_and_public(as_, world, tracked):
    browser = as_("department")
    page = browser.get(url(tracked[1], "/reports/new"))
    assert page.value("percent") == "24"
    assert page.value("money_paid") == "300.00"
    assert [o.text for o in page.tree.xpath("//select[@name='month']/option")] == ["2027年5月", "2027年6月"]
    page = browser.post(
        url(tracked[1], "/reports/new"), report_form(month="2027-05", files=[photo(), photo("red")])
    )
    assert page.status == 303
    shown = browser.follow(page)
    assert "月报已报送" in shown.words
    assert "管线迁改较慢，只供内部。" in shown.words
    assert len(shown.tree.xpath("//ul[@class='photos']//img[@alt='示例河段现场']")) == 2
    assert browser.get(shown.tree.xpath("//ul[@class='photos']//img/@src")[0]).status == 200


def test_report_money_that_does_not_fit_is_saved_with_warning(as_, tracked):
    browser = as_("department")
    page = browser.post(url(tracked[0], "/reports/new"), report_form(money_paid="700"))
    assert "累计拨付资金大于累计到位资金，请核对。" in browser.follow(page).words


@pytest.fixture
def compound(world, tracked):
    """Give the first project two parts, weighing 3 and 1, and money of two sources; the ids of the parts."""
    with world.work():
        tracking = trackings.get(tracked[0])
        project = tracking.project
        project.subprojects = [
            SubProject(position=n, name=name, target="", unit="", weight=weight)
            for n, (name, weight) in enumerate((("公路加宽", 3), ("危桥改造", 1)), start=1)
        ]
        project.funding = [
            Funding(position=n, source=source, amount=amount)
            for n, (source, amount) in enumerate((("县财政", 500), ("上级专项", 360)), start=1)
        ]
        db.session.flush()
        return [part.id for part in project.subprojects]


def compound_form(ids, *percents, sources=(), **values):
    data = report_form(**values)
    for place, (id_, percent) in enumerate(zip(ids, percents, strict=True)):
        data |= {f"parts-{place}-id": str(id_), f"parts-{place}-percent": percent, f"parts-{place}-note": ""}
    for place, row in enumerate(sources):
        names = ("source", "planned", "in_place", "paid")
        data |= {f"sources-{place}-{name}": value for name, value in zip(names, row, strict=True)}
    return data


SOURCES = [("县财政", "500", "400", "300"), ("上级专项", "360", "200", "120.50"), ("", "", "", "")]
BLANK = {"money_planned": "", "money_in_place": "", "money_paid": ""}


def test_report_with_parts_and_sources_is_shown(as_, tracked, compound):
    browser = as_("department")
    page = browser.get(url(tracked[0], "/reports/new"))
    assert [page.value(f"sources-{n}-source") for n in range(3)] == ["县财政", "上级专项", ""]
    assert not page.tree.xpath("//input[@name='percent' or @name='percent_reason']")
    data = compound_form(compound, "40", "60", sources=SOURCES, **BLANK)
    del data["percent"]
    shown = browser.follow(browser.post(url(tracked[0], "/reports/new"), data))
    assert "月报已报送，整体进度 45%" in shown.words
    for place in (shown, as_().get(f"/p/shili/projects/{tracked[0]}")):
        assert [e.text_content() for e in place.tree.xpath("//span[@class='part-percent']")] == ["40%", "60%"]
        rows = [
            [td.text for td in tr] for tr in place.tree.xpath("//table[caption='分来源（万元）']/tbody/tr")
        ]
        assert rows == [["县财政", "500.00", "400.00", "300.00"], ["上级专项", "360.00", "200.00", "120.50"]]
    again = browser.get(shown.tree.xpath("//a[starts-with(., '更正')]/@href")[0])
    assert [again.value(f"parts-{n}-percent") for n in range(2)] == ["40", "60"]
    assert again.value("sources-1-paid") == "120.50"


def test_report_with_totals_only_has_no_sources(as_, world, tracked, compound):
    rows = [("县财政", "500", "", ""), ("上级专项", "360", "", "")]  # as the form proposes them
    data = compound_form(compound, "40", "60", sources=rows, percent="", money_planned="")
    assert as_("department").post(url(tracked[0], "/reports/new"), data).status == 303
    with world.work():
        last = trackings.get(tracked[0]).reports[-1]
        assert (last.money, last.money_in_place, last.money_planned) == (
            [],
            Decimal("600.00"),
            Decimal("860.00"),
        )


@pytest.mark.parametrize(
    ("role", "change", "words"),
    [
        ("department", {"parts-1-percent": ""}, "请填写进度"),
        ("department", {"parts-1-percent": "101"}, "应在 0 至 100 之间"),
        ("department", {"parts-1-id": "x"}, "子项目已有变动"),
        ("department", {"money_paid": "421"}, "各来源的累计拨付资金合计 420.50 万元，与总数 421.00 万元不符"),
        ("department", {"sources-1-source": ""}, "请写明资金来源的名称"),
        ("department", {"sources-1-source": "县财政"}, "同一资金来源只填一行"),
        ("government", {"percent": "40"}, "请写明另行认定的理由"),
    ],
)
def test_report_wrong_parts_or_sources_are_refused_and_stay(
    as_, world, tracked, compound, role, change, words
):
    data = compound_form(compound, "40", "60", sources=SOURCES, **{**BLANK, "percent": ""}) | change
    page = as_(role).post(url(tracked[0], "/reports/new"), data)
    assert page.status == 422
    assert words in page.words
    assert page.value("parts-0-percent") == "40"
    with world.work():
        assert len(trackings.get(tracked[0]).reports) == 5


def test_report_by_government_departs_with_public_reason(as_, tracked, compound):
    why = "主体工程检测未通过，暂按已验收部分计。"
    data = compound_form(
        compound, "40", "60", sources=SOURCES, **{**BLANK, "percent": "41", "percent_reason": why}
    )
    page = as_("government").post(url(tracked[0], "/reports/new"), data)
    assert page.status == 303
    assert why in as_().get(f"/p/shili/projects/{tracked[0]}").words


def test_plan_by_government_sets_period_and_weights(as_, world, tracked, compound):
    browser = as_("government")
    weights = {
        f"weights-{n}-{key}": value
        for n, id_ in enumerate(compound)
        for key, value in (("id", id_), ("weight", 5))
    }
    unit = str(world.departments["county"])
    page = browser.post(url(tracked[0], "/plan"), plan_form(department_id=unit, period="quarter", **weights))
    assert "每季" in browser.follow(page).words
    with world.work():
        tracking = trackings.get(tracked[0])
        assert [part.weight for part in tracking.project.subprojects] == [5, 5]
    page = browser.get(url(tracked[0], "/reports/new"))
    assert [o.text for o in page.tree.xpath("//select[@name='month']/option")] == ["2027年第二季度"]
    bad = browser.post(
        url(tracked[0], "/plan"),
        plan_form(department_id=unit, period="quarter", **{**weights, "weights-0-weight": "0"}),
    )
    assert (bad.status, "应为 1 至 100 的整数" in bad.words) == (422, True)
    assert not as_("department").get(url(tracked[0], "/plan")).tree.xpath("//*[@name='period']")


def test_photos_are_in_the_order_of_time(as_, world, tracked):
    page = as_("office").get(url(tracked[0], "/photos"))
    assert "还没有现场照片" in page.words
    with world.work():
        report(tracked[0], 6, 44, photos=[picture(), picture("red")])
    for result in (
        as_("office").get(url(tracked[0], "/photos")),
        as_().get(f"/p/shili/projects/{tracked[0]}/photos"),
    ):
        assert [h.text for h in result.tree.xpath("//section/h2")] == ["2027年6月"]
        assert len(result.tree.xpath("//section//img")) == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"percent": ""}, "请填写形象进度"),
        ({"percent": "101"}, "形象进度应在 0 至 100 之间"),
        ({"percent": "四十"}, "不是有效的整数"),
        ({"money_paid": "-1"}, "请填写不小于 0 的金额，单位万元"),
        ({"money_paid": "NaN"}, "请填写不小于 0 的金额，单位万元"),
        ({"money_paid": "很多"}, "不是有效的小数"),
        ({"narrative": " "}, "请填写进展情况"),
        ({"percent": "39", "narrative": "调减"}, "形象进度 39% 低于上次月报的 40%"),
        ({"month": "2027-05"}, "月份"),
        ({"month": "2027-07"}, "月份"),
    ],
)
def test_report_wrong_keeps_what_was_typed(as_, world, tracked, values, words):
    page = as_("department").post(url(tracked[0], "/reports/new"), report_form(**values))
    assert page.status == 422
    assert page.value("next_step") == "七月铺装余下路段。"
    assert page.value("percent") == values.get("percent", "45")
    if words != "月份":
        assert words in " ".join(page.errors)
    with world.work():
        assert len(trackings.get(tracked[0]).reports) == 5


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ((b"%PDF-1.7\n%%EOF", "a.jpg"), "不是图片"),
        ((b"GIF89a", "a.gif"), "是 GIF 图片"),
        ((b"\xff\xd8\xff" + b"\0" * (16 * 1024 * 1024), "large.jpg"), "图片最大 15 MB"),
    ],
)
def test_report_with_file_that_is_no_photo_saves_nothing(as_, world, tracked, file, words):
    data, name = file
    page = as_("department").post(url(tracked[0], "/reports/new"), report_form(files=[(BytesIO(data), name)]))
    assert page.status == 422
    assert words in " ".join(page.errors)
    assert page.value("narrative") == "示例河段路面铺装完成两公里。"
    with world.work():
        assert len(trackings.get(tracked[0]).reports) == 5


def test_correct_last_report_is_saved(as_, world, tracked):
    browser = as_("department")
    with world.work():
        *_, before, last = (r.id for r in trackings.get(tracked[0]).reports)
    page = browser.get(f"/office/progress/reports/{last}/edit")
    assert (page.value("percent"), page.value("narrative")) == (
        "40",
        "完成路基三公里，示例河段已通车，沿线排水同步完成。",
    )
    assert page.tree.xpath("//select[@name='month']") == []
    page = browser.post(f"/office/progress/reports/{last}/edit", report_form(percent="41"))
    assert "月报已更正" in browser.follow(page).words
    with world.work():
        assert reports.get(last).percent == 41
    assert "这一期不能再改" in browser.get(f"/office/progress/reports/{before}/edit").words
    assert browser.post(f"/office/progress/reports/{before}/edit", report_form()).status == 422


@pytest.mark.parametrize(
    ("role", "body", "status"),
    [("department2", "county", 403), ("office", "county", 403), ("government", "other", 404)],
)
def test_correct_by_others_is_refused(as_, world, tracked, role, body, status):
    with world.work():
        last = trackings.get(tracked[0]).reports[-1].id
    browser = as_(role, body)
    assert browser.get(f"/office/progress/reports/{last}/edit").status == status
    assert browser.post(f"/office/progress/reports/{last}/edit", report_form(percent="99")).status == status
    with world.work():
        assert reports.get(last).percent == 40


def test_take_down_removes_photo_of_any_month(as_, world, tracked):
    with world.work():
        made = make_tracked(1, department_id=world.departments["county"], start=8)[0]
        first = report(made.id, 1, 8, photos=[picture(), picture("red")])
        report(made.id, 2, 16)
        report_id, photos = first.id, [photo.id for photo in reports.get(first.id).photos]
    browser = as_("department")
    remove = f"/office/progress/reports/{report_id}/photos/remove"
    assert browser.get(url(made.id)).tree.xpath("//a[text()='撤下照片']/@href") == [
        f"/office/progress/reports/{report_id}/edit#photos"
    ]
    assert "照片已撤下" in browser.follow(browser.post(remove, {"attachment_id": photos[0]})).words
    with world.work():
        assert [photo.id for photo in reports.get(report_id).photos] == photos[1:]
    assert as_().get(f"/p/shili/photos/{photos[0]}").status == 404
    assert browser.post(remove, {"attachment_id": photos[0]}).status == 409
    assert browser.post(remove, {"attachment_id": "x"}).status == 409
    for role, body, status in (
        ("department2", "county", 403),
        ("office", "county", 403),
        ("government", "other", 404),
    ):
        assert as_(role, body).post(remove, {"attachment_id": photos[1]}).status == status
    with world.work():
        assert len(reports.get(report_id).photos) == 1


# --- the end -------------------------------------------------------------------------------------------


def test_finish_and_resume_by_government(as_, world, tracked):
    browser = as_("government")
    page = browser.post(url(tracked[0], "/finish"), {"action": "complete", "finished_on": "2027-06-05"})
    assert page.status == 422
    assert "最近一次报送的形象进度是 40%" in " ".join(page.errors)
    page = browser.post(url(tracked[0], "/finish"), {"action": "basically", "finished_on": "2027-06-05"})
    assert "2027年6月5日认定为基本完成" in browser.follow(page).words
    page = browser.get(url(tracked[0], "/reports/new"))
    assert "现在没有可以报送的月份" in browser.follow(page).words
    assert browser.post(url(tracked[0], "/resume")).status == 303
    with world.work():
        assert trackings.get(tracked[0]).state == TrackingState.RUNNING


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"finished_on": "2027-06-05"}, "请选择办结情况"),
        ({"action": "fail", "finished_on": ""}, "请填写日期"),
        ({"action": "fail", "finished_on": "2027-06-07"}, "日期应在开始实施之后，且不晚于今天。"),
    ],
)
def test_finish_wrong_is_refused(as_, tracked, data, words):
    page = as_("government").post(url(tracked[0], "/finish"), data)
    assert page.status == 422
    assert words in " ".join(page.errors)


def test_project_moved_to_the_next_year_goes_on_and_says_so(as_, world, tracked):
    with world.work():
        plans.adjust(
            trackings.get(tracked[0]), None, {"due_on": date(2028, 6, 30)}, by=BY, now=at(2027, 6, 1)
        )
    browser = as_("government")
    for page in (url(tracked[0]), f"/p/shili/projects/{project_of(world, tracked[0])}"):
        words = browser.get(page).words
        assert "完成时限按决定顺延至2028年6月30日" in words
        assert "（票决时为2027年12月20日）" in words or "→ 顺延" in words
    page = browser.post(url(tracked[0], "/finish"), {"action": "fail", "finished_on": "2027-06-05"})
    assert page.status == 422
    assert "完成时限是2028年6月30日，还没有到期，不认定为“未完成”" in page.words


def project_of(world, tracking_id):
    with world.work():
        return trackings.get(tracking_id).project_id


@pytest.mark.parametrize(("action", "acts"), [("suspend", ["公开页面"]), ("terminate", ["公开页面"])])
def test_project_stopped_by_decision_has_no_finish_or_resume(as_, world, tracked, action, acts):
    with world.work():
        plans.adjust(trackings.get(tracked[0]), action, {}, by=BY, now=at(2027, 6, 1))
    page = as_("government").get(url(tracked[0]))
    assert [
        " ".join(a.text_content().split()) for a in page.tree.xpath("//div[@class='page-acts']/a")
    ] == acts
    assert "恢复为实施中" not in page.words


def test_resume_twice_or_by_get_is_refused(as_, tracked):
    browser = as_("government")
    assert browser.post(url(tracked[0], "/resume")).status == 409
    assert browser.get(url(tracked[0], "/resume")).status == 405
    assert as_("department").post(url(tracked[0], "/resume")).status == 403


# --- the year's report ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"), [("office", 200), ("government", 200), ("leader", 200), ("department", 403)]
)
def test_year_report_is_for_those_who_see_the_whole_year(as_, tracked, role, status):
    page = as_(role).get("/office/progress/report?year=2027&kind=midyear")
    assert page.status == status
    if status == 200:
        assert "关于2027年民生实事项目上半年实施情况的报告" in page.words
        assert "3 项民生实事项目中，正常 2 项，滞后 1 项。" in page.words


def test_year_report_file_agrees_with_the_page(as_, tracked):
    answer = as_("office").get("/office/progress/report.docx?year=2027&kind=midyear")
    rows = [[cell.text for cell in row.cells] for row in Document(BytesIO(answer.data)).tables[0].rows]
    shown = as_("office").get("/office/progress/report?year=2027&kind=midyear")
    table = shown.tree.xpath("//div[@class='sheet']//table")[0]
    assert rows == [["".join(cell.itertext()).strip() for cell in tr] for tr in table.xpath(".//tr")]
    assert as_("office").get("/office/progress/report.pdf?kind=yearend").data.startswith(b"%PDF")


def test_year_report_without_projects_is_empty(as_):
    assert "还没有实施中的项目" in as_("office").get("/office/progress/report?kind=x").words
    assert as_("office").get("/office/progress/report.docx").status == 404
