"""Passwords: length and what they are made of; the commonest parts cost a guesser little."""

import pytest

from votes.rules.errors import RuleBroken
from votes.rules.people.passwords import DEPUTIES, STAFF, check, strength

COMMON = {"password": 2, "correct": 900, "horse": 1800, "battery": 4000, "staple": 20000, "dragon": 10}
OWN = ("renda", "shili", "zhangxiaoming")


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword", "P@ssw0rd2027!!", "qwertyuiop12", "1qaz2wsx3edc4rfv", "asdfghjkl;'123", "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc", "12345678901234567890", "147258369147258", "woaizhongguo1949", "zhangwei19850412",
        "ZhangWei@1985.04.12", "wangfang13812345678", "20270115-20270115", "shili-renda-2027", "zhangxiaoming8888",
        "dragon-dragon-dragon", "zxcvbnm,./987", "5201314woaini", "minsheng-piaojue-2027",
    ],
)  # fmt: skip
def test_check_common_parts_are_refused(password):
    with pytest.raises(RuleBroken, match="容易被猜到") as broken:
        check(password, staff=True, username="office.x", common=COMMON, own=OWN, field="new")
    assert (broken.value.field, broken.value.status) == ("new", 422)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple", "qkzvwtrpxbjd", "k7mq-vt2x-98pd", "gezi fei guo 3 zuo qiao", "山下有一座红桥三条狗跑",
        "mingtian 8dian kaihui", "Wolke,Teich;Kran",
    ],
)  # fmt: skip
def test_check_long_and_odd_passwords_are_accepted(password):
    if len(password) >= STAFF[0]:
        check(password, staff=True, username="office", common=COMMON, own=OWN)
    else:
        check(password, staff=False, username="office", common=COMMON, own=OWN)


@pytest.mark.parametrize(
    ("staff", "password", "accepted"),
    [
        (True, "qkzvwtrpxbj", False),  # 11
        (True, "qkzvwtrpxbjd", True),
        (False, "qkzvwtr", False),
        (False, "qkzvwtrp", True),
    ],
)
def test_check_needs_twelve_signs_of_staff_eight_of_deputies(staff, password, accepted):
    if accepted:
        check(password, staff=staff, username="office", common=COMMON)
        return
    least = (STAFF if staff else DEPUTIES)[0]
    with pytest.raises(RuleBroken, match=f"至少 {least} 位，现在是 {len(password)} 位"):
        check(password, staff=staff, username="office", common=COMMON)


def test_check_username_inside_is_refused():
    with pytest.raises(RuleBroken, match="不能包含用户名"):
        check("qkzv-Chen.Li-wtrpx", staff=True, username="chen.li", common=COMMON)


@pytest.mark.parametrize(
    ("password", "bits"),
    [
        ("", 0),
        ("q", 5),
        ("password", 3),
        ("PASSWORD", 4),
        ("qqqq", 8),
        ("2027", 6),
        ("13812345678", 20),
        ("红", 9),
    ],
)
def test_strength_of_parts(password, bits):
    assert strength(password, common=COMMON) == bits


def test_strength_never_falls_with_a_sign_more():
    password = "correct horse 1985 qkzvw"
    grown = [strength(password[:n], common=COMMON, own=OWN) for n in range(len(password) + 1)]
    assert grown[-1] > STAFF[1]
    assert all(later >= grown[n] - 16 for n, later in enumerate(grown[1:])), (
        "a word found at its end costs less"
    )
