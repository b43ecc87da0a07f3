"""QR cards of deputies' pages as a PDF."""

import pytest

from tests.exports.tools import pdf_info, pdf_text
from votes.exports.duties import deputy_cards
from votes.exports.duties.deputy_cards import DeputyCard

CARDS = [
    DeputyCard(
        "示例县人大", "代表", f"示例代表{number}", "第一代表团", f"http://hall.example/p/shili/d/{number}"
    )
    for number in range(101, 106)
]


@pytest.mark.parametrize(("size", "pages"), [("a4", "2"), ("a6", "5")])
def test_sheets_of_five_cards_hold_four_on_a4_one_on_a6(size, pages):
    data = deputy_cards.sheets(CARDS, size)
    assert pdf_info(data)["Pages"] == pages
    assert all(card.name in pdf_text(data) for card in CARDS)
