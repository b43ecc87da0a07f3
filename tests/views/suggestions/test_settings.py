"""办理设置 of the place."""

import pytest

from votes.services.people import bodies

pytestmark = pytest.mark.sqlite


def test_settings_with_valid_values_are_saved(world, as_):
    browser = as_("office")
    good = {
        "months": "3", "months_complex": "6", "return_days": "5", "soon_days": "10", "likeness": "50",
        "holidays": "2026-10-01至2026-10-03", "workdays": "2026-10-10",
    }  # fmt: skip
    bad = browser.post("/office/matters/settings", {**good, "holidays": "国庆", "months": "99"})
    assert (bad.status, bad.value("holidays")) == (422, "国庆")
    assert browser.post("/office/matters/settings", {**good, "months_complex": "2"}).status == 422
    assert browser.post("/office/matters/settings", {**good, "workdays": "2026-10-01"}).status == 422
    with world.work():
        assert "matters" not in bodies.get_body(world.county).settings
    assert browser.post("/office/matters/settings", good).status == 303
    page = browser.get("/office/matters/settings")
    assert (page.value("return_days"), page.value("holidays").split()) == (
        "5", ["2026-10-01", "2026-10-02", "2026-10-03"],
    )  # fmt: skip
