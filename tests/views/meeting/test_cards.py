"""The URL of the personal QR code."""

from tests.pages import Browser
from tests.services.voting.test_vote import make_hall
from tests.views.voting.test_voting import card

PREPARED = {"hall": make_hall}


def test_unknown_token_is_not_found(app, world):
    assert Browser(app).get("/c/AAAAAAAAAAAAAAAAAAAAAA").status == 404


def test_card_signs_in_only_by_its_button(app, world, hall):
    _, token, _ = card(app, world, hall, 4)
    browser = Browser(app)
    assert "示例代表005" in browser.get(f"/c/{token}").words
    assert browser.get("/hall/").status == 302
    assert browser.post(f"/c/{token}").location == "/hall/"
    assert browser.get("/hall/").status == 200
