"""The form that names a screen of the hall."""

import pytest
from flask import Flask

from votes.forms.voting.screens import ScreenForm


@pytest.mark.parametrize(
    ("name", "errors"),
    [("主席台屏", []), ("", ["请给屏幕起个名称"]), ("屏" * 60, []), ("屏" * 61, ["不超过 60 字"])],
)
def test_name_of_screen_required_and_short(one_app: Flask, name, errors):
    with one_app.test_request_context(method="POST", data={"name": name}):
        form = ScreenForm(meta={"csrf": False})
        assert form.validate() == (not errors)
        assert list(form.name.errors) == errors
