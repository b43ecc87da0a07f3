"""What robots and mail servers are sent."""

import json
from email import message_from_bytes, policy

import pytest

from votes.exports.publication import notices


def test_robot_body_is_the_text_message_of_both_kinds():
    assert json.loads(notices.robot_body("示例县提醒\n1．示例公路")) == {
        "msgtype": "text",
        "text": {"content": "示例县提醒\n1．示例公路"},
    }


@pytest.mark.parametrize("count", [0, 1, 12, 400])
def test_text_of_long_list_is_cut_and_counts_the_rest(count):
    lines = [f"督办件（示例县交通运输局）：第{n}件，7月5日前，已逾期 3 天" for n in range(1, count + 1)]
    words = notices.text("【示例】", lines, "详情：http://hall.example/")
    assert len(words.encode()) <= notices.MOST_BYTES
    assert words.startswith("【示例】\n")
    assert words.endswith("\n详情：http://hall.example/")
    told = sum(line.split("．")[0].isdigit() for line in words.splitlines())
    assert told == count or f"另有 {count - told} 件" in words


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (b'{"errcode":0,"errmsg":"ok"}', ""),
        (b'{"errcode":93000,"errmsg":"invalid webhook url"}', "93000 invalid webhook url"),
        (b"<html>", "应答不是约定的格式"),
        (b"[]", "应答不是约定的格式"),
        (b"{}", "None"),
    ],
)
def test_robot_refusal_reads_the_answer(answer, refusal):
    assert notices.robot_refusal(answer) == refusal


def test_signed_url_has_the_signature_of_the_documentation():
    # HMAC-SHA256 of "1577262236757\nthis is secret", worked out with openssl
    expected = "https://robot.example/send?access_token=x&timestamp=1577262236757&sign="
    found = notices.signed("https://robot.example/send?access_token=x", "this is secret", 1577262236757)
    assert found.startswith(expected)
    assert found.removeprefix(expected) == "hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D"
    assert notices.signed("https://robot.example/send", "", 1) == "https://robot.example/send"


def test_letter_names_no_recipient():
    letter = notices.letter(subject="示例县提醒", words="一件", sender="a@b.example")
    read = message_from_bytes(letter.as_bytes(), policy=policy.default)
    assert (read["Subject"], read["To"], read.get_content().strip()) == ("示例县提醒", "a@b.example", "一件")
