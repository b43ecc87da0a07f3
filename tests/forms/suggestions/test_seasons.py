"""Forms of a season, a station and a village."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from votes.forms.suggestions.seasons import SeasonForm, StationForm, VillageForm
from votes.models import Season, Station
from votes.rules.suggestions.suggestions import SeasonText

TYPED = {
    "year": "2027",
    "title": "征集",
    "opens_on": "2026-09-01",
    "closes_on": "2026-10-01",
    "notice": "一\r\n二",
}


def test_season_form_returns_the_values_of_a_season(app):
    with app.test_request_context(method="POST", data=TYPED):
        form = SeasonForm(None, coming=2027)
        assert form.validate()
        assert form.values() == SeasonText(
            year=2027,
            title="征集",
            opens_on=date(2026, 9, 1),
            closes_on=date(2026, 10, 1),
            notice="一\r\n二",
        )


def test_season_form_begins_with_the_coming_year_or_the_season(app):
    with app.test_request_context():
        assert SeasonForm(None, coming=2027).year.data == 2027
        assert SeasonForm(Season(year=2025), coming=2027).year.data == 2025


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("year", "", "请填写实施年度。"),
        ("opens_on", "", "请填写开始日期。"),
        ("title", "长" * 101, "名称最多 100 个字。"),
        ("notice", "长" * 5001, "公告最多 5000 个字。"),
    ],
)
def test_season_form_with_faulty_field_names_the_fault(app, name, value, message):
    with app.test_request_context(method="POST", data=TYPED | {name: value}):
        form = SeasonForm(None, coming=2027)
        assert not form.validate()
        assert form.errors == {name: [message]}


def test_station_form_asks_for_use_only_once_it_exists(app):
    typed = MultiDict({"name": "示例联络站"})
    with app.test_request_context(method="POST", data=typed):
        assert StationForm(None).values() == {"name": "示例联络站", "place": ""}
        assert StationForm(Station(name="旧", place="街", active=True)).values() == {
            "name": "示例联络站",
            "place": "街",
            "active": False,
        }


def test_village_form_without_name_is_refused(app):
    with app.test_request_context(method="POST", data={"township": "河镇"}):
        form = VillageForm(None)
        assert not form.validate()
        assert form.errors == {"name": ["请填写村（社区）名称。"]}
