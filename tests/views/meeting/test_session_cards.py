"""The voting cards of a session: the list, issuing, printing, reissuing and voiding."""

from tests.services.voting.test_vote import make_hall
from tests.views.voting.test_voting import card

PREPARED = {"hall": make_hall}


def test_index_lists_each_card_with_an_anchor(app, as_, world, hall):
    card_id, _, _ = card(app, world, hall, 0)
    page = as_("office").get(f"/office/sessions/{hall['session']}/cards")
    assert len(page.tree.xpath("//tbody/tr")) == 12
    (row,) = page.tree.xpath(f"//tr[.//*[@id='card-{card_id}']]")
    assert "示例代表001" in row.text_content()


def test_reissue_voids_the_card_and_leads_to_the_new_one(app, as_, world, hall):
    card_id, _, _ = card(app, world, hall, 4)
    office = as_("office")
    page = office.post(f"/office/sessions/cards/{card_id}/reissue", {"reason": ""})
    assert (page.status, "请填写原因" in page.words) == (422, True)
    page = office.post(f"/office/sessions/cards/{card_id}/reissue", {"reason": "遗失"})
    new_id, _, _ = card(app, world, hall, 4)
    assert page.location == f"/office/sessions/{hall['session']}/cards#card-{new_id}"
    assert new_id != card_id


def test_print_page_shows_every_card(as_, hall):
    page = as_("office").get(f"/office/sessions/{hall['session']}/cards/print")
    assert len(page.tree.xpath("//*[@class='vote-card']")) == 12


def test_pdf_of_a_part_that_does_not_exist_is_not_found(as_, hall):
    assert as_("office").get(f"/office/sessions/{hall['session']}/cards.pdf?part=9").status == 404


def test_cards_of_another_body_are_not_found(as_, hall):
    assert as_("office", "other").get(f"/office/sessions/{hall['session']}/cards").status == 404
