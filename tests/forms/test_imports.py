"""The forms of a workbook on its way in."""

from dataclasses import replace

import pytest

from votes.forms.imports import ApplyForm, UploadForm, YearUploadForm
from votes.services.people.village_sheets import SHEET

pytestmark = pytest.mark.sqlite


def test_upload_form_says_how_much_it_takes(app):
    with app.test_request_context("/"):
        form = UploadForm(replace(SHEET, most_rows=300), meeting=7)
        assert form.file.description == ".xlsx 格式，不超过 5 MB、300 行"
        assert form.context == {"meeting": 7}


def test_year_of_upload_form_is_the_typed_one(app):
    with app.test_request_context("/", method="POST", data={"year": "2028"}):
        assert YearUploadForm(SHEET, "提示", year=2027).context == {"year": 2028}
    with app.test_request_context("/"):
        form = YearUploadForm(SHEET, "提示", year=2027)
        assert (form.context, form.year.description) == ({"year": 2027}, "提示")


def test_apply_form_has_no_options_of_its_own(app):
    with app.test_request_context("/"):
        assert ApplyForm().options == {}
