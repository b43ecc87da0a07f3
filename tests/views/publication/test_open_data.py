"""The schema of the open data (openapi.json) against the routes, and every answer against the schema."""

import csv
import re
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from tests.counting import statements
from tests.factories import NOW
from tests.years import BY, announce, at, make_round, make_tracked, report
from votes.db import db
from votes.models import CitizenRating, Deputy, SubProject, Suggestion
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind
from votes.rules.delivery.parts import Money
from votes.rules.people.roles import DeputyState
from votes.rules.suggestions.suggestions import Channel
from votes.services.delivery import adjustments, reports, trackings
from votes.web.publication import open_data

pytestmark = pytest.mark.sqlite


def schema_of(as_or_browser: Any) -> dict[str, Any]:
    found: dict[str, Any] = as_or_browser.get("/p/shili/data/openapi.json").json
    return found


def test_schema_is_valid_openapi(year):
    validate(schema_of(year.browser("public")))


def test_schema_describes_each_route_of_data_and_no_other(year):
    """All public addresses that end in .json or .csv, with their arguments."""
    home = "/p/<body>"
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(home))
        for rule in year.app.url_map.iter_rules()
        if rule.rule.startswith(home) and rule.rule.endswith((".json", ".csv"))
    }
    assert set(schema_of(year.browser("public"))["paths"]) == routes


@pytest.mark.parametrize("body", ["shili", "linxian", "shilizhen"])
def test_answer_of_each_route_fits_the_schema(year, body):
    """With the whole year's data, and the same with nothing asked for or a year asked for that is not there."""
    browser = year.browser("public")
    told = browser.get(f"/p/{body}/data/openapi.json").json
    assert told["servers"] == [{"url": f"http://hall.example/p/{body}"}]
    for path, item in told["paths"].items():
        kind, content = next(iter(item["get"]["responses"]["200"]["content"].items()))
        for query in ("", "?year=2026", "?year=1999"):
            public_id = next(v["public_id"] for v in year.ids.values() if v["body"] == body)
            page = browser.get(f"/p/{body}{path.format(public_id=public_id)}{query}")
            assert page.status == 200
            assert page.response.mimetype == kind
            if kind == "application/json":
                whole = {**content["schema"], "components": told["components"]}
                checker = jsonschema.Draft202012Validator(
                    whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
                )
                assert [error.message for error in checker.iter_errors(page.json)] == [], path


def test_answers_of_the_year_have_rows(year):
    """An answer without rows would agree with any schema."""
    browser = year.browser("public")
    for name in ("projects", "results"):
        assert browser.get(f"/p/shili/data/{name}.json?year=2026").json[name], name


def test_schema_refuses_a_wrong_answer(year):
    told = schema_of(year.browser("public"))
    whole = {"$ref": "#/components/schemas/CitizenRating", "components": told["components"]}
    right = {"id": 1, "name": "示例", "satisfied": 1, "basically": 0, "dissatisfied": 0, "total": 1}
    checker = jsonschema.Draft202012Validator(whole)
    assert checker.is_valid(right)
    for wrong in ({**right, "phone": "139"}, {**right, "total": "1"}, {k: right[k] for k in ("id", "name")}):
        assert not checker.is_valid(wrong)


def test_page_names_each_set_and_field(as_, world):
    page = as_().get("/p/shili/data/")
    told = {code.text for code in page.tree.xpath("//td[1]/code")}
    for each in open_data.COUNTS:
        assert f"（{each.file}）" in page.words
        assert {field.key for field in each.fields} <= told


def test_suggestions_are_counted_without_their_texts(as_, world):
    with world.work():
        for number, (category, channel) in enumerate(
            [("教育", Channel.WEB), ("教育", Channel.LETTER), ("", Channel.WEB)], start=1
        ):
            db.session.add(
                Suggestion(
                    year=2028,
                    number=number,
                    code=f"CODE{number}",
                    channel=channel,
                    title="私下的题目",
                    content="私下的内容",
                    category=category,
                    received_at=NOW,
                    place="私下的地点",
                )
            )
    page = as_().get("/p/shili/data/suggestions.json")
    assert page.json["year"] == 2028
    assert {(row["by"], row["name"]): row["count"] for row in page.json["suggestions"]} == {
        ("category", "教育"): 2,
        ("category", "未分类"): 1,
        ("channel", "网页"): 2,
        ("channel", "来信来函"): 1,
    }
    assert "私下" not in page.text
    funnel = as_().get("/p/shili/data/funnel.json")
    assert funnel.json["funnel"][0]["suggestions"] == 3
    assert "私下" not in funnel.text


def test_project_has_parts_money_and_announced_adjustments(as_, world):
    with world.work():
        (made,) = make_tracked(1)
        made.project.subprojects = [
            SubProject(position=n, name=name, unit="示例局", target="", weight=weight)
            for n, (name, weight) in enumerate([("路面", 3), ("桥梁", 1)], start=1)
        ]
        db.session.flush()
        parts = [
            reports.PartProgress(part.id, percent)
            for part, percent in zip(made.project.subprojects, (40, 20), strict=True)
        ]
        sources = [Money("县级财政", Decimal(600), Decimal(400), Decimal("299.50")), Money("上级专项", Decimal(260), Decimal(100), Decimal("0.50"))]  # fmt: skip
        report(made.id, 1, 35, parts=parts, money=sources)
        for wanted, announced in ((date(2028, 3, 31), True), (date(2028, 6, 30), False)):
            moved = adjustments.apply(
                trackings.get(made.id), AdjustmentKind.MAJOR, cause=AdjustmentCause.OTHER, reason="岩石段较多，须爆破施工。",
                values={"due_on": wanted}, by=BY, now=at(2027, 9, 1),
            )  # fmt: skip
            adjustments.decide(
                moved, approved=True, organ="示例县人大常委会", document_number="示例〔2027〕9号",
                decided_on=date(2027, 9, 2), opinion="", by=BY, now=at(2027, 9, 3),
            )  # fmt: skip
            if announced:
                adjustments.announce(moved, notice="关于项目调整的公告：调整的内容、原因和决定机关如上表所列。", announced_on=date(2027, 9, 3), by=BY, now=at(2027, 9, 3))  # fmt: skip
    page = as_().get("/p/shili/data/projects.json")
    (found,) = page.json["projects"]
    assert [(p["name"], p["unit"], p["weight"], p["percent"]) for p in found["parts"]] == [
        ("路面", "示例局", 3, 40),
        ("桥梁", "示例局", 1, 20),
    ]
    assert found["sources"] == [
        {"source": "县级财政", "planned": 600, "in_place": 400, "paid": 299.5},
        {"source": "上级专项", "planned": 260, "in_place": 100, "paid": 0.5},
    ]
    assert found["reports"][0]["sources"] == found["sources"]
    assert [(p["name"], p["percent"]) for p in found["reports"][0]["parts"]] == [("路面", 40), ("桥梁", 20)]
    assert (found["due_on"], found["beyond"]) == ("2028-06-30", "顺延")
    assert [(a["kind"], a["changes"], a["announced_on"]) for a in found["adjustments"]] == [
        (
            "重大调整",
            [{"name": "完成时限", "before": "2027年12月20日", "after": "2028年3月31日"}],
            "2027-09-03",
        )
    ], "one that was not announced stays inside"
    told = schema_of(as_())
    checker = jsonschema.Draft202012Validator(
        {"$ref": "#/components/schemas/Project", "components": told["components"]}
    )
    assert [error.message for error in checker.iter_errors(found)] == []
    head, row = csv.reader(StringIO(as_().get("/p/shili/data/projects.csv").data.decode("utf-8-sig")))
    cells = dict(zip(head, row, strict=True))
    assert (cells["跨年度情况"], cells["子项目"]) == ("顺延", "路面（权重 3）40%；桥梁（权重 1）20%")
    assert (
        cells["分来源资金"]
        == "县级财政：计划 600.00，到位 400.00，拨付 299.50；上级专项：计划 260.00，到位 100.00，拨付 0.50"
    )


@pytest.mark.parametrize("count", [2, 12])
def test_projects_of_a_year_take_few_statements(as_, world, database, count):
    with world.work():
        for made in make_tracked(count):
            report(made.id, 1, 10, money=[Money("县级财政", Decimal(860), Decimal(500), Decimal(300))])
    for file in ("projects.json", "projects.csv"):
        with statements(database) as seen:
            assert as_().get(f"/p/shili/data/{file}").status == 200
        assert len(seen) <= 18, "\n".join(seen)


def test_citizen_ratings_are_counted_by_project(as_, world):
    with world.work():
        made = make_tracked(2)
        for i, grade in enumerate(["satisfied", "satisfied", "dissatisfied"]):
            db.session.add(
                CitizenRating(
                    tracking_id=made[0].id,
                    week=made[0].starts_on,
                    phone=str(i),
                    grade=grade,
                    rated_on=made[0].starts_on,
                    comment="不公开的话",
                )
            )
    page = as_().get("/p/shili/data/citizen-ratings.json")
    assert [
        (r["name"], r["satisfied"], r["dissatisfied"], r["total"]) for r in page.json["citizen_ratings"]
    ] == [("实事项目01", 2, 1, 3), ("实事项目02", 0, 0, 0)]
    assert "不公开的话" not in page.text


def test_deputies_with_a_page_have_the_chosen_fields_only(as_, world):
    announce(world, make_round(world))
    with world.work():
        for number, key, state in (
            ("101", "key1", DeputyState.ACTIVE),
            ("102", None, DeputyState.ACTIVE),
            ("103", "key3", DeputyState.ENDED),
        ):
            deputy = db.session.query(Deputy).filter_by(number=number).one()
            deputy.page_key, deputy.state, deputy.phone, deputy.post = key, state, "13900001234", "示例职务"
    page = as_().get("/p/shili/data/deputies.json")
    rows = page.json["deputies"]
    assert [(row["name"], row["page"]) for row in rows] == [
        ("示例代表101", "http://hall.example/p/shili/d/key1")
    ]
    assert rows[0]["post"] == "示例职务"
    assert (rows[0]["gender"], rows[0]["entries"]) == (None, None), "not among what is chosen by default"
    assert "13900001234" not in page.text
