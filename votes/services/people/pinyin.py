"""The spelling of names in pinyin. It is a column of its own, as no two databases sort Chinese alike.

Staff can correct a spelling in the form; the tables below make those of common surnames right from the start.
"""

import re
import unicodedata

from pypinyin import lazy_pinyin

#: Characters that are read differently at the head of a name, as a surname.
_SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "朴": "piao", "查": "zha", "盖": "ge", "区": "ou",
    "缪": "miao", "翟": "zhai", "召": "shao", "乐": "yue", "员": "yun", "覃": "qin", "种": "chong", "繁": "po",
    "折": "she", "黑": "he", "能": "nai", "洗": "xian", "薄": "bo", "隗": "wei", "卜": "bu", "句": "gou",
    "秘": "bi", "牟": "mu", "佴": "nai", "郇": "xun", "祭": "zhai", "都": "du", "乜": "nie", "任": "ren",
    "华": "hua", "宁": "ning", "尉": "wei", "纪": "ji", "燕": "yan", "应": "ying", "车": "che", "葛": "ge",
}  # fmt: skip
#: Surnames of two characters that begin with one of those; the library spells the other compound ones right.
_COMPOUND = {"单于": "chan yu", "乐正": "yue zheng", "尉迟": "yu chi"}


def spell(name: str) -> tuple[str, str]:
    """Return a name in pinyin, its syllables parted by blanks, and its initials: "zeng guo fan", "ZGF"."""
    name = re.sub(r"\s", "", unicodedata.normalize("NFC", name))
    head: list[str] = []
    if len(name) > 2 and name[:2] in _COMPOUND:
        head, name = _COMPOUND[name[:2]].split(), name[2:]
    elif name[:1] in _SURNAMES and "·" not in name:
        head, name = [_SURNAMES[name[0]]], name[1:]
    syllables = []
    for part in [*head, *lazy_pinyin(name)]:
        syllables += re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKD", part).lower())
    return tidy_pinyin(" ".join(syllables)), "".join(s[0] for s in syllables).upper()[:30]


def tidy_pinyin(text: str) -> str:
    """Return pinyin as the table keeps it: lower case, one blank between syllables."""
    return " ".join(text.lower().split())[:200].strip()
