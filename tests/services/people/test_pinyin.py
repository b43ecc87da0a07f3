"""Names are spelt as their bearers spell them."""

import pytest

from votes.services.people.pinyin import spell, tidy_pinyin


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("单小明", "shan xiao ming", "SXM"),
        ("曾国强", "zeng guo qiang", "ZGQ"),
        ("解放", "xie fang", "XF"),
        ("仇和", "qiu he", "QH"),
        ("朴海", "piao hai", "PH"),
        ("查明", "zha ming", "ZM"),
        ("盖明", "ge ming", "GM"),
        ("区明", "ou ming", "OM"),
        ("覃明", "qin ming", "QM"),
        ("薄冰", "bo bing", "BB"),
        ("吕单", "lv dan", "LD"),  # only the first character is a surname
        ("单于明", "chan yu ming", "CYM"),
        ("单于", "shan yu", "SY"),  # two characters: surname and name
        ("尉迟恭", "yu chi gong", "YCG"),
        ("欧阳修文", "ou yang xiu wen", "OYXW"),
        ("长孙无忌", "zhang sun wu ji", "ZSWJ"),
        ("万俟明", "mo qi ming", "MQM"),
        ("令狐冲", "ling hu chong", "LHC"),
        ("䶮三", "yan san", "YS"),
        ("买买提·艾力", "mai mai ti ai li", "MMTAL"),
        ("黑·卓玛", "hei zhuo ma", "HZM"),  # not a Han surname
        ("Ali 王", "ali wang", "AW"),
        ("", "", ""),
    ],
)
def test_spell_returns_pinyin_and_initials(name, pinyin, initials):
    assert spell(name) == (pinyin, initials)


def test_spell_of_the_longest_name_fits_its_columns():
    pinyin, initials = spell("庄" * 60)
    assert (len(pinyin) <= 200, len(initials) <= 30) == (True, True)


def test_tidy_pinyin_lowers_and_joins():
    assert tidy_pinyin("  Zeng   GUO fan ") == "zeng guo fan"
