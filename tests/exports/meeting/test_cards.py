from itertools import pairwise

import pytest

from tests.exports.tools import RARE, decode, pdf_info, pdf_pages, pdf_text, run
from votes.exports.meeting.cards import VotingCard, sheets


def card(place: int = 1, **changes: str) -> VotingCard:
    values = {
        "name": "示例甲",
        "delegation": f"第{place % 7 + 1}代表团",
        "number": f"{place:04d}",
        "url": f"http://192.168.10.8:8000/c/AbCdEfGhIjKlMnOpQ{place:05d}",
        "pin": f"{place * 7919 % 100_000_000:08d}",
        "body": "示例县人民代表大会",
        "session": "第十八届人民代表大会第五次会议",
    }
    return VotingCard(**(values | changes))


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (8, 1), (9, 2), (41, 6)])
def test_sheets_hold_eight_cards_whose_codes_can_be_read(count, pages, tmp_path):
    cards = [card(place) for place in range(1, count + 1)]
    made = sheets(cards)
    assert pdf_info(made)["Pages"] == str(pages)
    assert pdf_info(made)["Page size"] == "595.276 x 841.89 pts (A4)"
    read = [url for image in pdf_pages(made, tmp_path, dpi=150) for url in decode(image, tmp_path)]
    assert sorted(read) == [each.url for each in cards]


def test_card_names_deputy_session_and_what_to_do():
    text = pdf_text(sheets([card(12, name="示例乙")]))
    assert text == (
        "示例县人民代表大会第十八届人民代表大会第五次会议示例乙第6代表团代表证号0012口令00095028"
        "扫码后点击“进入”，凭证仅限本人使用"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"name": RARE},
        {"name": "示例古丽·阿不都热合曼·买买提依明"},
        {"name": "示例"},
        {"name": "<b>&示例"},
        {"delegation": "示例镇示例片区和示例街道联合代表团"},
        {"body": "示例维吾尔自治区示例哈萨克自治州示例县人民代表大会"},
    ],
)
def test_card_prints_rare_and_long_words_whole(changes):
    (words,) = changes.values()
    assert words in pdf_text(sheets([card(**changes)]))


@pytest.mark.parametrize("length", [50, 70, 90, 110])
def test_code_is_at_least_30_mm_wide(length):
    url = "https://example.gov.cn/c/".ljust(length, "x")
    listed = run("pdfimages", "-list", "-", data=sheets([card(url=url)])).decode().splitlines()[2].split()
    width, per_inch = int(listed[3]), int(listed[12])
    modules = width // 4 - 8
    assert modules * 4 / per_inch * 25.4 >= 30


def test_marks_stand_between_cards_and_never_across(tmp_path):
    (image,) = pdf_pages(sheets([card(place) for place in range(1, 9)]), tmp_path, dpi=254)  # 10 pixels a mm

    def dark(x1: float, y1: float, x2: float, y2: float) -> bool:
        return image.crop((int(x1 * 10), int(y1 * 10), int(x2 * 10), int(y2 * 10))).getextrema()[0] < 160

    xs, ys = (10, 105, 200), (12.5, 80.5, 148.5, 216.5, 284.5)
    for x in xs:
        assert dark(x - 0.3, 7, x + 0.3, 11)
        assert dark(x - 0.3, 286, x + 0.3, 290)
    for y in ys:
        assert dark(5, y - 0.3, 8, y + 0.3)
        assert dark(202, y - 0.3, 205, y + 0.3)
    for y in ys[1:-1]:
        assert dark(103, y - 0.3, 107, y + 0.3)
    for above, below in pairwise(ys):
        assert not dark(104, above + 4, 106, below - 4)
    assert not dark(0, 0, 4, 297)  # what printers cannot reach is empty


def test_progress_counts_the_cards_done():
    told = []
    sheets([card(place) for place in range(1, 42)], progress=lambda done, total: told.append((done, total)))
    assert told == [(40, 41), (41, 41)]


def test_sheets_without_a_card_raise_value_error():
    with pytest.raises(ValueError):
        sheets([])
