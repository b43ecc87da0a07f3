"""How hard a password is to guess: its length and what it is made of count, not which kinds of signs it mixes."""

import math
import re
from collections.abc import Collection, Mapping

from votes.rules.errors import RuleBroken

#: The least length, and the least strength in bits, of staff and of deputies (who have a card for the vote).
STAFF = (12, 45)
DEPUTIES = (8, 30)

_SIGN, _WIDE_SIGN = 5.0, 9.0  # bits of a sign that belongs to no pattern; of one that is not ASCII
_SYLLABLE, _PATTERN, _OWN, _AGAIN = 7.0, 8.0, 3.0, 2.0
_LONGEST = 24  # signs of the longest word that is looked up

#: Runs on the keyboard, of the number pad and of the alphabet.
_RUNS = (
    "`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "!@#$%^&*()_+", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "qazwsxedcrfvtgbyhnujmik", "1q2w3e4r5t6y7u8i9o0p", "147258369", "789456123", "741852963", "159357",
    "abcdefghijklmnopqrstuvwxyz", "9876543210", "a1b2c3d4e5f6",
)  # fmt: skip
#: What is tried first in China: words, greetings, numbers that sound like one, frequent names.
_FREQUENT_WORDS = (
    "woaini woaizhongguo nihao zhongguo mima mimamima guanliyuan renda renmin daibiao minsheng piaojue zhengfu xitong "
    "woshishei woshini baobei laopo laogong qinaide wangyong 520 521 1314 5201314 1314520 7758521 7758258 3344 "
    "zhangwei wangwei wangfang liwei wangxiuying lixiuying lina zhangxiuying liuwei zhangmin lijing zhangli wangjing "
    "wangli liqiang zhangjing limin wangmin wanglei liujun wangyan liujie lijun zhangyong lijie zhangjie zhanglei "
    "liyan chenjing chenwei yangyang wangqiang liming zhangsan lisi wangwu admin root office"
)
_FREQUENT = frozenset(_FREQUENT_WORDS.split())
_INITIALS = "zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]"
_FINALS = "iang|iong|uang|ueng|ang|eng|ing|ong|uai|uan|iao|ian|ai|ei|ui|ao|ou|iu|ie|ue|ve|er|an|en|in|un|ia|ua|uo|[aoeiuv]"
_PINYIN = re.compile(rf"(?:(?:{_INITIALS})(?:{_FINALS})|ai|ei|ao|ou|er|ang|eng|an|en)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"(?:(?:19|20)?\d\d)[-./]?(?:0?[1-9]|1[0-2])[-./]?(?:0?[1-9]|[12]\d|3[01])")
_PHONE = re.compile(r"1[3-9]\d{9}")
_PATTERNS = ((_PINYIN, _SYLLABLE), (_YEAR, 6.0), (_DATE, 13.0), (_PHONE, 20.0))
_LEET = str.maketrans("@4310$5!7", "aaeiossit")


def strength(password: str, *, common: Mapping[str, int], own: Collection[str] = ()) -> float:
    """Return in bits how hard the password is to guess, as the cheapest way to put it together from known parts.

    ``common`` maps the commonest words to their rank, ``own`` are words about the owner: username, name, place.
    """
    text = password.lower()
    plain = text.translate(_LEET)
    mine = {word.lower() for word in own if len(word) > 2}
    cheapest = [0.0] + [math.inf] * len(text)
    for end in range(1, len(text) + 1):
        sign = _SIGN if text[end - 1].isascii() else _WIDE_SIGN
        ways = [cheapest[end - 1] + sign]
        for start in range(max(0, end - _LONGEST), end - 1):
            bits = min(_part(text[start:end], common, mine), _part(plain[start:end], common, mine) + 1)
            ways.append(cheapest[start] + bits)
            if text[start:end] == text[max(0, 2 * start - end) : start]:
                ways.append(cheapest[start] + _AGAIN)
        cheapest[end] = min(ways)
    return cheapest[-1] + (1 if text != password else 0)


def _part(part: str, common: Mapping[str, int], own: Collection[str]) -> float:
    """Return the bits of a part of a password (two signs or more) that is known as a whole; infinite for any other."""
    if part in own:
        return _OWN
    ways = [bits for pattern, bits in _PATTERNS if pattern.fullmatch(part)]
    if len(part) > 2:
        if part in _FREQUENT or any(part in run or part in run[::-1] for run in _RUNS) or len(set(part)) == 1:
            ways.append(_PATTERN)
        if rank := common.get(part):
            ways.append(max(3.0, math.log2(rank)))
    return min(ways, default=math.inf)


def check(
    password: str,
    *,
    staff: bool,
    username: str,
    common: Mapping[str, int],
    own: Collection[str] = (),
    field: str = "password",
) -> None:
    """Refuse a password that is too short, contains the username, or is easily guessed.

    ``own`` are further words about the owner. Raises RuleBroken at ``field``.
    """
    least, bits = STAFF if staff else DEPUTIES
    if len(password) < least:
        raise RuleBroken(f"密码至少 {least} 位，现在是 {len(password)} 位。", field=field, status=422)
    if username.lower() in password.lower():
        raise RuleBroken("密码中不能包含用户名。", field=field, status=422)
    if password.lower() in common or strength(password, common=common, own=own) < bits:
        words = (
            "这个密码容易被猜到：常见密码、键盘顺序、重复、拼音姓名、年份日期都在最先试的名单里。"
            "请换一个，或者再加上几个互不相干的词。"
        )
        raise RuleBroken(words, field=field, status=422)
