"""Villages as people type them."""

import pytest

from votes.rules.people.places import Places

LIST = (
    (1, "河镇", "示例村"),
    (2, "山乡", "示例村"),
    (3, "山乡", "石桥村"),
    (4, "县城", "城东社区"),
    (5, "", "独立村"),
)
PLACES = Places(LIST)


@pytest.mark.parametrize(
    ("typed", "township", "found"),
    [
        ("石桥村", "", 3),
        ("山乡石桥村", "", 3),
        ("石桥", "", 3),
        (" 石 桥 村 ", "山乡", 3),
        ("石桥村村民委员会", "", 3),
        ("城东社区居委会", "", 4),
        ("示例村", "山乡", 2),
        ("河镇示例村", "", 1),
        ("示例村（山乡）", "", 2),
        ("示例(河镇)", "", 1),
        ("独立村", "", 5),
    ],
)
def test_find_returns_the_village_that_is_meant(typed, township, found):
    assert PLACES.find(typed, township) == found


@pytest.mark.parametrize(
    ("typed", "township", "words"),
    [
        ("示例村", "", "有几个乡镇都有“示例村”"),
        ("示例", "", "有几个乡镇都有“示例”"),
        ("石挢村", "", "是不是“山乡石桥村”"),
        ("石桥村", "河镇", "没有“河镇石桥村”。是不是"),
        ("天宫", "", "没有“天宫”。请改填"),
        ("村", "", "没有“村”。"),
    ],
)
def test_find_of_an_unknown_village_suggests_others(typed, township, words):
    with pytest.raises(ValueError, match=words):
        PLACES.find(typed, township)


def test_find_all_reads_several_villages_or_none():
    assert PLACES.find_all("城东社区、石桥村；河镇示例村，石桥") == [1, 3, 4]
    assert PLACES.find_all("不限") == []
    with pytest.raises(ValueError, match=r"“示例村”.*“天宫”"):
        PLACES.find_all("示例村、石桥村、天宫")


def test_choices_can_be_read_back():
    assert PLACES.choices() == ["河镇示例村", "山乡示例村", "石桥村", "城东社区", "独立村"]
    assert [PLACES.find(each) for each in PLACES.choices()] == [1, 2, 3, 4, 5]
