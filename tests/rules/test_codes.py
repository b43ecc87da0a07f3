import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from votes.rules.codes import (
    ALPHABET,
    code_of,
    grouped,
    hall_code,
    hall_code_ok,
    is_code,
    new_code,
    new_figures,
    new_pin,
    new_token,
    one_line,
    plain,
    readings,
    scanned_token,
    tidy,
)

KEY = bytes(range(32))
NOON = datetime(2027, 1, 15, 12, 0, 30, tzinfo=UTC)


def test_the_alphabet_has_32_signs_and_no_look_alikes():
    assert len(set(ALPHABET)) == len(ALPHABET) == 32
    assert not set(ALPHABET) & set("IO01")


def test_new_codes_are_codes_use_every_sign_and_do_not_repeat():
    codes = [new_code() for _ in range(2000)]
    assert all(is_code(code) for code in codes)
    assert len(set(codes)) == len(codes)
    assert set("".join(codes)) == set(ALPHABET)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("K7Q29MXD4T", True),
        ("K7Q29MXD4", False),
        ("K7Q29MXD4TT", False),
        ("k7q29mxd4t", False),
        ("K7Q29MXD40", False),
        ("K7Q2 9MXD4", False),
        ("", False),
    ],
)
def test_what_is_a_code(text, expected):
    assert is_code(text) is expected


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        ("k7q2 9mxd 4t", "K7Q29MXD4T"),
        ("K7Q2-9MXD-4T", "K7Q29MXD4T"),
        (" K7Q2—9MXD–4T\n", "K7Q29MXD4T"),
        ("Ｋ７Ｑ２　９ｍｘｄ　４ｔ", "K7Q29MXD4T"),
        ("K7Q2\u200b9MXD\ufeff4T", "K7Q29MXD4T"),
        ("１２３　４５６", "123456"),
        ("", ""),
    ],
)
def test_tidying_what_somebody_typed(typed, tidied):
    assert tidy(typed) == tidied


def test_groups_for_reading_aloud_tidy_back():
    assert grouped("K7Q29MXD4T") == "K7Q2 9MXD 4T"
    assert tidy(grouped("K7Q29MXD4T")) == "K7Q29MXD4T"


def test_a_token_holds_128_bits_safe_in_an_address():
    tokens = {new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert {len(base64.urlsafe_b64decode(token + "==")) for token in tokens} == {16}


def test_the_halls_code_is_six_figures_that_change_by_the_minute():
    shown = [hall_code(KEY, NOON + timedelta(minutes=minute)) for minute in range(60)]
    assert all(len(code) == 6 and code.isdecimal() for code in shown)
    assert len(set(shown)) > 55
    assert hall_code(KEY, NOON.replace(second=0)) == hall_code(KEY, NOON.replace(second=59)) == shown[0]


def test_the_halls_code_is_the_same_moment_in_every_zone():
    assert hall_code(KEY, NOON.astimezone(timezone(timedelta(hours=8)))) == hall_code(KEY, NOON)
    assert hall_code(KEY, NOON.replace(tzinfo=None)) == hall_code(KEY, NOON)


@pytest.mark.parametrize(
    ("seconds", "accepted"),
    [(-31, False), (-30, True), (0, True), (29, True), (30, True), (89, True), (90, False)],
)
def test_the_running_and_the_previous_minute_are_accepted(seconds, accepted):
    shown_from = NOON.replace(second=0)
    typed_at = shown_from + timedelta(seconds=30 + seconds)
    assert hall_code_ok(KEY, hall_code(KEY, shown_from), typed_at) is accepted


@pytest.mark.parametrize("typed", ["", "12345", "一二三四五六", "abcdef"])
def test_something_else_is_no_hall_code(typed):
    assert not hall_code_ok(KEY, typed, NOON)


def test_the_halls_code_is_tidied_and_belongs_to_its_key():
    code = hall_code(KEY, NOON)
    assert hall_code_ok(KEY, f" {code[:3]} {code[3:]} ", NOON)
    assert not hall_code_ok(b"another hall", code, NOON)


TOKEN = "fI5Y3F25gI1fClpbWHt-_g"


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (f"https://hall.example/c/{TOKEN}", TOKEN),
        (f"http://192.168.1.10:8000/c/{TOKEN}\r\n", TOKEN),
        (TOKEN, TOKEN),
        (f" {TOKEN}\n", TOKEN),
        (f"ZShttps://hall.example/c/{TOKEN}", TOKEN),  # behind what stood in the field
        (f"ｈｔｔｐ：／／hall.example／ｃ／{TOKEN}", TOKEN),  # a Chinese keyboard writes full-width
        (f"\ufeff{TOKEN}", TOKEN),
        (f"https://hall.example/c/{TOKEN}?x=1", TOKEN),
        (f"https://hall.example/c/{TOKEN}x", None),
        (f"https://hall.example/c/{TOKEN[:-1]}", None),
        (f"{TOKEN}x", None),
        (f"https://hall.example/h/{TOKEN}", None),
        ("胡永红", None),
        ("", None),
    ],
)
def test_a_cards_token_is_found_in_what_a_scanner_sends(text, token):
    assert scanned_token(text) == token


def test_a_new_token_is_found_whatever_its_signs():
    tokens = [new_token() for _ in range(500)]
    assert [scanned_token(f"http://x/c/{token}") for token in tokens] == tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [("　胡　永红\n", "胡 永红"), ("ＨＹ\u200b", "HY"), ("a\x00b", "ab"), ("", ""), ("\t", "")],
)
def test_plain_text(text, expected):
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("　遗失\n补发 ", "遗失 补发"), ("，ＨＹ", "，ＨＹ"), ("a\x00b", "ab"), ("\x00", ""), (" \x00\n", "")],
)
def test_text_on_one_line(text, expected):
    assert one_line(text) == expected


def test_new_figures_are_six_and_begin_with_any():
    drawn = [new_figures() for _ in range(3000)]
    assert {len(each) for each in drawn} == {6}
    assert {each[0] for each in drawn} == set("0123456789")


def test_new_pin_has_eight_figures_and_begins_with_any():
    drawn = [new_pin() for _ in range(3000)]
    assert {len(each) for each in drawn} == {8}
    assert {each[0] for each in drawn} == set("0123456789")


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("LQ7Q2MXD4T", ["LQ7Q2MXD4T"]),
        (" lq7q 2mxd-4t ", ["LQ7Q2MXD4T"]),
        ("1q7q2mxd4I", ["LQ7Q2MXD4L"]),
        ("LQ702MXD4T", ["LQ7D2MXD4T", "LQ7Q2MXD4T"]),
        ("LOOQ2MXD4T", ["LDDQ2MXD4T", "LDQQ2MXD4T", "LQDQ2MXD4T", "LQQQ2MXD4T"]),
        ("OOOOOMXD4T", []),  # more would be guessing
        ("LQ7Q2MXD4", []),
        ("LQ7Q2MXD4TT", []),
        ("您好您好您好您好您好", []),
        ("", []),
    ],
)
def test_look_alikes_are_read_as_what_they_look_like(typed, codes):
    assert readings(typed) == codes


@given(st.text(), st.text())
def test_code_of_a_text_is_its_own(one, other):
    code = code_of(b"key", one)
    assert is_code(code)
    assert readings(code) == [code]
    assert (code == code_of(b"key", other)) is (one == other)
    assert code != code_of(b"another key", one)


def test_code_of_many_texts_uses_the_whole_alphabet():
    assert set("".join(code_of(b"key", str(i)) for i in range(100))) == set(ALPHABET)
