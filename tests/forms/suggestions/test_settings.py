"""The form of 办理设置."""

from datetime import date

import pytest

from votes.forms.suggestions.settings import MatterSettingsForm
from votes.rules.suggestions.terms import Calendar, MatterSettings

NUMBERS = {"months": 3, "months_complex": 6, "return_days": 7, "soon_days": 7, "likeness": 30}
PLACE = MatterSettings(calendar=Calendar(frozenset({date(2026, 10, 2), date(2026, 10, 1)})))


def test_settings_form_shows_numbers_and_days_in_order(app):
    with app.test_request_context():
        form = MatterSettingsForm(PLACE)
        assert {name: form[name].data for name in NUMBERS} == NUMBERS
        assert (form.holidays.data, form.workdays.data) == ("2026-10-01\n2026-10-02", "")


def test_settings_form_reads_numbers_and_days(app):
    typed = {**NUMBERS, "holidays": "2026-10-01至2026-10-02", "workdays": "2026年10月10日"}
    with app.test_request_context(method="POST", data=typed):
        form = MatterSettingsForm(PLACE)
        assert form.validate()
        assert form.values() == {
            "numbers": NUMBERS,
            "days": {
                "holidays": [date(2026, 10, 1), date(2026, 10, 2)],
                "workdays": [date(2026, 10, 10)],
            },
        }


@pytest.mark.parametrize("name", ["holidays", "workdays"])
def test_settings_form_with_text_that_is_no_day_is_refused(app, name):
    with app.test_request_context(method="POST", data={**NUMBERS, name: "国庆 2026-10-01"}):
        form = MatterSettingsForm(PLACE)
        assert not form.validate()
        assert form.errors == {name: ["“国庆”不是日期，请写成 2026-10-01 的样子。"]}
