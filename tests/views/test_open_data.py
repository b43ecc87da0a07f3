"""The schema of the open data (openapi.json) against the routes, and every answer against the schema."""

import re
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from tests.factories import NOW
from tests.years import announce, make_round, make_tracked
from votes.db import db
from votes.models import CitizenRating, Deputy, Suggestion
from votes.rules.people import DeputyState
from votes.rules.suggestions import Channel
from votes.web import open_data

pytestmark = pytest.mark.sqlite


def schema_of(as_or_browser: Any) -> dict[str, Any]:
    found: dict[str, Any] = as_or_browser.get("/p/shili/data/openapi.json").json
    return found


def test_the_description_is_valid(year):
    validate(schema_of(year.browser("public")))


def test_it_describes_every_route_that_hands_out_data_and_no_other(year):
    """All public addresses that end in .json or .csv, with their arguments."""
    home = "/p/<body>"
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(home))
        for rule in year.app.url_map.iter_rules()
        if rule.rule.startswith(home) and rule.rule.endswith((".json", ".csv"))
    }
    assert set(schema_of(year.browser("public"))["paths"]) == routes


@pytest.mark.parametrize("body", ["shili", "linxian", "shilizhen"])
def test_every_answer_is_as_described(year, body):
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


def test_the_world_has_something_of_the_main_sets(year):
    """An answer without rows would agree with any schema."""
    browser = year.browser("public")
    for name in ("projects", "results"):
        assert browser.get(f"/p/shili/data/{name}.json?year=2026").json[name], name


def test_a_wrong_answer_would_be_noticed(year):
    told = schema_of(year.browser("public"))
    whole = {"$ref": "#/components/schemas/CitizenRating", "components": told["components"]}
    right = {"id": 1, "name": "示例", "satisfied": 1, "basically": 0, "dissatisfied": 0, "total": 1}
    checker = jsonschema.Draft202012Validator(whole)
    assert checker.is_valid(right)
    for wrong in ({**right, "phone": "139"}, {**right, "total": "1"}, {k: right[k] for k in ("id", "name")}):
        assert not checker.is_valid(wrong)


def test_the_page_names_every_set_and_field(as_, world):
    page = as_().get("/p/shili/data/")
    told = {code.text for code in page.tree.xpath("//td[1]/code")}
    for _, file, _, fields in open_data.COUNTS:
        assert f"（{file}）" in page.words
        assert {name for name, _ in fields} <= told


def test_counts_of_suggestions_and_nothing_of_what_they_say(as_, world):
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


def test_what_citizens_said_of_each_project(as_, world):
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


def test_only_deputies_with_a_page_and_only_what_the_place_has_chosen(as_, world):
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
