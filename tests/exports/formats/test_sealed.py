"""A file sealed to several people: two of them open it, one does not, and each mistake is told in words."""

from itertools import combinations

import pytest
from shamir_mnemonic.wordlist import WORDLIST

from votes.exports.formats import sealed
from votes.rules.errors import RuleBroken
from votes.rules.voting.archive_keys import MOST_HOLDERS


@pytest.fixture(scope="module")
def key():
    return sealed.split_key(5)


@pytest.fixture(scope="module")
def file(key):
    return sealed.seal(b"all the ballots", key.public, name="a.zip")


def refusal(act, *arguments):
    with pytest.raises(RuleBroken) as refused:
        act(*arguments)
    return refused.value.code, refused.value.message


@pytest.mark.parametrize("holders", range(2, MOST_HOLDERS + 1))
def test_any_two_of_all_holders_open_the_file(holders):
    key = sealed.split_key(holders)
    assert len(set(key.shares)) == holders
    assert {len(share.split()) for share in key.shares} == {sealed.WORDS}
    file = sealed.seal(b"content", key.public)
    for pair in combinations(key.shares, 2):
        assert sealed.open_sealed(file, pair) == b"content"


def test_one_share_alone_opens_nothing(key, file):
    for share in key.shares:
        assert refusal(sealed.open_sealed, file, [share])[0] == "one_share"
        assert refusal(sealed.open_sealed, file, [share, share])[0] == "one_share"


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 19])
def test_content_of_any_size_comes_back(key, size):
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert sealed.open_sealed(sealed.seal(content, key.public), key.shares[1:3]) == content


def test_same_content_is_sealed_differently_each_time(key, file):
    again = sealed.seal(b"all the ballots", key.public, name="a.zip")
    assert again != file
    assert b"ballots" not in file
    assert sealed.head_of(file)["name"] == "a.zip"


def test_changed_or_shortened_file_does_not_open(key):
    whole = sealed.seal(b"x" * (5 << 19), key.public)
    begin = whole.index(b"\n", len(sealed.MAGIC)) + 1
    piece = (1 << 20) + 16
    for place in (begin, begin + piece + 5, len(whole) - 1):
        changed = bytearray(whole)
        changed[place] ^= 1
        assert refusal(sealed.open_sealed, bytes(changed), key.shares[:2])[0] == "changed"
    shorter = [whole[:begin], whole[: begin + piece], whole[:-1], whole[: begin + 2 * piece]]
    swapped = whole[:begin] + whole[begin + piece : begin + 2 * piece] + whole[begin : begin + piece]
    for cut in [*shorter, swapped, whole + b"x"]:
        assert refusal(sealed.open_sealed, cut, key.shares[:2])[0] == "changed"


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", sealed.MAGIC, sealed.MAGIC + b"[]\n", sealed.MAGIC + b"{}\n"]
)
def test_other_file_is_no_archive(key, data):
    assert refusal(sealed.open_sealed, data, key.shares[:2])[0] == "no_archive"


def test_shares_of_another_archive_do_not_open_it(key, file):
    other = sealed.split_key(5)
    assert refusal(sealed.open_sealed, file, other.shares[:2]) == (
        "other_archive",
        "这两份密钥打不开这份档案：它们属于另一份档案。",
    )
    mixed = [key.shares[0], other.shares[1]]
    assert refusal(sealed.open_sealed, file, mixed) == (
        "other_archive",
        "这两份密钥不属于同一份档案。请核对每份密钥上写的轮次。",
    )


def test_words_are_read_as_people_write_them(key):
    share = key.shares[0]
    words = share.split()
    listed = "\n".join(f"{number:2}. {word.capitalize()}，" for number, word in enumerate(words, start=1))
    short = " ".join(word[:4] for word in words)
    assert [sealed.read_share(text) for text in (share.upper(), listed, short)] == [share] * 3


def test_wrong_word_is_told_with_its_place(key):
    words = key.shares[0].split()
    words[6] = "akademic"
    assert refusal(sealed.read_share, " ".join(words)) == (
        "words",
        "第 7 个词“akademic”不在词表中。是不是“academic”？请核对后重新输入。",
    )
    words[6] = "qqqq"
    assert refusal(sealed.read_share, " ".join(words))[1] == "第 7 个词“qqqq”不在词表中。请核对后重新输入。"


def test_word_of_the_list_in_a_wrong_place_is_told(key):
    words = key.shares[0].split()
    other = next(word for word in WORDLIST if word != words[10])
    exchanged = [*words[:10], other, *words[11:]]
    turned = [*words[:17], words[18], words[17], words[19]]
    for wrong in (exchanged, turned):
        if wrong != words:
            assert "有词抄错，或者次序不对" in refusal(sealed.read_share, " ".join(wrong))[1]
    assert refusal(sealed.read_share, " ".join(words[:-1]))[1].startswith(
        "一份密钥有 20 个词，现在读到 19 个"
    )
    assert refusal(sealed.read_share, "")[1].startswith("一份密钥有 20 个词，现在读到 0 个")
