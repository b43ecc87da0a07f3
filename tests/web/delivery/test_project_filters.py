"""The filters of a year's projects offer what these projects have."""

from datetime import date

from tests.years import make_tracked
from votes.services.delivery import trackings
from votes.web import filters
from votes.web.delivery.project_filters import PROJECT_FILTERS, offer


def test_offer_gives_lights_units_and_categories_of_the_projects(app, world):
    with world.work():
        make_tracked(2, department_id=world.departments["county"], category="交通")
        make_tracked(1, department_id=world.departments["county"] + 1, start=3, category="教育")
    with app.test_request_context("/?year=2027&unit=4711"), world.work():
        chosen = filters.read(PROJECT_FILTERS)
        offer(chosen, trackings.search(day=date(2027, 1, 20), year=chosen.chosen["year"]))
        words = {
            name: [word for _, word in chosen.fields[name].choices] for name in ("light", "unit", "category")
        }
    assert words == {
        "light": ["全部", "正常", "滞后", "严重滞后", "已完成"],
        "unit": ["全部", "交通运输局", "教育局"],
        "category": ["全部", "交通", "教育"],
    }
    assert chosen.wrong == [], "links lead here from other years"
