"""The form that puts each delegation into a hall."""

import pytest
from flask import Flask

from votes.forms.meeting.halls import HallNameForm, placement_form
from votes.models import Delegation, Hall
from votes.services.meeting.halls import Placement

HALLS = [Hall(id=1, name="主会场"), Hall(id=2, name="分会场")]
PLACEMENTS = [
    Placement(Delegation(id=7, name="第一代表团"), 5, 2),
    Placement(Delegation(id=8, name="第二代表团"), 3, None),
]


def test_placement_form_shows_the_present_halls(one_app: Flask):
    with one_app.test_request_context(method="POST", data={"name": "新会场"}):
        form = placement_form(PLACEMENTS, HALLS, submitted=False)
        assert form.halls_of == {7: 2, 8: None}
        assert form["hall_7"].choices == [("", "（未安排）"), ("1", "主会场"), ("2", "分会场")]


def test_placement_form_reads_the_chosen_halls(one_app: Flask):
    with one_app.test_request_context(method="POST", data={"hall_7": "", "hall_8": "1"}):
        form = placement_form(PLACEMENTS, HALLS, submitted=True)
        assert form.validate()
        assert form.halls_of == {7: None, 8: 1}


def test_placement_form_unknown_hall_is_refused(one_app: Flask):
    with one_app.test_request_context(method="POST", data={"hall_7": "3", "hall_8": ""}):
        form = placement_form(PLACEMENTS, HALLS, submitted=True)
        assert not form.validate()
        assert list(form.errors) == ["hall_7"]


@pytest.mark.parametrize(("name", "fits"), [("", False), ("会" * 60, True), ("会" * 61, False)])
def test_hall_name_has_one_to_sixty_characters(one_app: Flask, name, fits):
    with one_app.test_request_context(method="POST", data={"name": name}):
        assert HallNameForm().validate() is fits
