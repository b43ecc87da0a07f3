"""Personal data in texts: removed where it is certain, pointed out where it may be. All names are made up."""

import pytest
from hypothesis import given, strategies as st

from votes.rules.suggestions.personal import has_numbers, pointed_out, without_numbers, without_persons


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("联系人13800000000，谢谢", "联系人（号码略），谢谢"),
        ("138 0000 0000、+86-13900000001", "（号码略）、（号码略）"),
        ("电话0971-8200000", "电话（号码略）"),
        ("身份证63010119900101123X", "身份证（号码略）"),
        ("修路 12 公里，投资 860.00 万元，2027 年完成", "修路 12 公里，投资 860.00 万元，2027 年完成"),
        ("水表编号 202613800000000123456", "水表编号 202613800000000123456"),
    ],
)
def test_without_numbers_replaces_personal_numbers(text, left):
    assert without_numbers(text) == left


@given(st.text(max_size=60))
def test_without_numbers_keeps_text_without_digits(text):
    if not any(sign.isdigit() for sign in text):
        assert without_numbers(text) == text


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("请找张书记协调，电话 13800000000。", (), "请找某书记协调，电话 （号码略）。"),
        ("李医生走了以后没人看病", (), "某医生走了以后没人看病"),
        ("王大爷八十多岁，欧阳老师帮忙写的", (), "某大爷八十多岁，某老师帮忙写的"),
        ("王小明老师反映校门拥堵", (), "某老师反映校门拥堵"),
        ("我叫张三，家住东山村", (), "我叫（姓名略），家住东山村"),
        ("联系人：李四光", (), "联系人：（姓名略）"),
        ("示例甲家门口的路坏了，示例甲敬上", ("示例甲",), "（姓名略）家门口的路坏了，（姓名略）敬上"),
        ("甲路坏了", ("甲",), "甲路坏了"),  # one character is no name to look for
        ("信箱 a.b@example.org", (), "信箱 （号码略）"),
    ],
)
def test_without_persons_replaces_certain_mentions(text, names, left):
    assert without_persons(text, names) == left
    assert without_persons(left, names) == left


@pytest.mark.parametrize(
    "text",
    [
        "缺少语文老师和医生，地方小，老师们住不下",
        "提高医生待遇，公安同志要多巡逻",
        "东山村到石桥村的路 3 公里，2027 年修通",
        "我是东山村村民，本人建议修路",
        "江边没有护栏，万一落水怎么办",
        "周边老人多，没有食堂",
        "方便群众，万年桥要修",
        "谢谢！许多的路灯坏了，万一，周边的人何时，马上，李子，范围的，300 余人，3.4 万辆，5张票",
        "王家村、李家沟、张湾组没有自来水",
    ],
)
def test_text_that_names_nobody_stays_as_it_is(text):
    assert without_persons(text) == text
    assert pointed_out(text) == []


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("村民张三家门口，刘老汉摔伤", ["张三", "刘老汉"]),
        ("，张三家的墙", ["张三"]),
        ("老张家旁边", ["老张家"]),
        ("阳光小区 3 栋 2 单元 501 室漏水", ["3 栋 2 单元 501 室"]),
        ("我叫李四，电话 0512-12345678", ["我叫李四", "0512-12345678"]),
    ],
)
def test_pointed_out_returns_possible_persons(text, passages):
    assert pointed_out(text) == passages


def test_has_numbers_recognizes_personal_numbers_only():
    assert has_numbers("138 0000 0000")
    assert not has_numbers("总投资 13800000 元")
    assert without_numbers("拨打13800000000或 0512-12345678") == "拨打（号码略）或 （号码略）"
