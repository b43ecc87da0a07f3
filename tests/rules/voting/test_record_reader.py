"""Records read back from outside, and counted again."""

import copy
import json

import pytest
from hypothesis import given, settings, strategies as st

from tests.rules.voting.boxes import box
from tests.rules.voting.test_record import OPEN, TURNOUT, junk, record
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.voting.record_reader import parse, recount
from votes.rules.voting.result import CastBallot, TurnoutFigures


@pytest.mark.parametrize("form", [dict, json.dumps, lambda r: json.dumps(r, ensure_ascii=False).encode()])
def test_a_published_record_counts_again(form):
    assert recount(form(record())) == record()["result"]


def test_a_file_with_a_byte_order_mark_is_read():
    assert recount("\ufeff".encode() + json.dumps(record()).encode()) == record()["result"]


def test_what_parse_reads():
    rule, turnout, numbers, ballots, boxes = parse(record())
    assert (rule, turnout, numbers, boxes) == (OPEN, TURNOUT, [1, 2, 3], [])
    assert ballots[1] == CastBallot("B222222222", "paper", {}, spoilt=True)
    assert ballots[2] == CastBallot("K7Q29MXD4T", "phone", {1: "for", 3: "for"})


def test_a_record_from_elsewhere_needs_only_what_is_counted():
    bare = {key: record()[key] for key in ("format", "turnout", "candidates", "ballots")}
    assert recount(bare | {"rule": {"method": "choose", "seats": 2}}) == record()["result"]


def test_a_void_round_recounts_as_void():
    void = record(turnout=TurnoutFigures(roster=6, present=5, issued=4, returned=5))
    assert void["result"]["void"] == "returned_exceeds_issued"
    assert recount(void) == void["result"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"disclosure": "codes"}, "记录只公开了回执码，没有公开票的内容，无法从中重新计票。"),
        ({"disclosure": "none"}, "记录没有公开选票，无法从中重新计票。"),
    ],
)
def test_a_record_without_marks_says_that_it_cannot_be_counted(change, message):
    with pytest.raises(RuleBroken) as refusal:
        recount(record(Rule(seats=2, **change)))
    assert (refusal.value.code, refusal.value.message) == ("not_recountable", message)


def put(path, value):
    def change(data):
        *way, last = path
        for key in way:
            data = data[key]
        data[last] = value

    return change


def drop(*path):
    def change(data):
        *way, last = path
        for key in way:
            data = data[key]
        del data[last]

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (drop("format"), "missing"),
        (put(["format"], "minsheng-vote-record/3"), "unknown_format"),
        (put(["format"], 1), "unknown_format"),
        (drop("rule"), "missing"),
        (put(["rule"], []), "bad_rule"),
        (drop("rule", "seats"), "bad_rule"),
        (put(["rule", "seats"], 0), "bad_rule"),
        (put(["rule", "proxy"], True), "unknown_key"),
        (drop("turnout"), "missing"),
        (put(["turnout"], [6, 5, 5, 5]), "malformed"),
        (drop("turnout", "issued"), "missing"),
        (put(["turnout", "roster"], "6"), "malformed"),
        (put(["turnout", "roster"], 6.0), "malformed"),
        (put(["turnout", "roster"], True), "malformed"),
        (put(["turnout", "roster"], -6), "malformed"),
        (put(["turnout", "returned"], 4), "returned_mismatch"),
        (drop("candidates"), "missing"),
        (put(["candidates"], {}), "malformed"),
        (put(["candidates"], []), "no_candidates"),
        (put(["candidates", 0], 1), "malformed"),
        (put(["candidates", 0, "no"], "1"), "malformed"),
        (put(["candidates", 0, "no"], 0), "malformed"),
        (put(["candidates", 0, "no"], 2), "duplicate_number"),
        (drop("candidates", 0, "no"), "missing"),
        (drop("candidates", 0, "name"), "missing"),
        (put(["candidates", 0, "name"], ""), "malformed"),
        (drop("ballots"), "missing"),
        (put(["ballots"], None), "malformed"),
        (put(["ballots"], {}), "malformed"),
        (put(["ballots", 0], "A222222222"), "malformed"),
        (drop("ballots", 0), "returned_mismatch"),
        (drop("ballots", 0, "code"), "missing"),
        (put(["ballots", 0, "code"], 7), "malformed"),
        (put(["ballots", 0, "code"], " "), "malformed"),
        (put(["ballots", 0, "code"], "B222222222"), "duplicate_code"),
        (drop("ballots", 0, "source"), "missing"),
        (put(["ballots", 0, "source"], "post"), "malformed"),
        (put(["ballots", 0, "source"], ["phone"]), "malformed"),
        (drop("ballots", 0, "marks"), "missing"),
        (put(["ballots", 0, "marks"], ["for"]), "malformed"),
        (put(["ballots", 0, "marks"], {"4": "for"}), "unknown_number"),
        (put(["ballots", 0, "marks"], {"01": "for"}), "unknown_number"),
        (put(["ballots", 0, "marks"], {"１": "for"}), "unknown_number"),
        (put(["ballots", 0, "marks"], {"1": "yes"}), "unknown_mark"),
        (put(["ballots", 0, "marks"], {"1": True}), "unknown_mark"),
        (put(["ballots", 0, "marks"], {"1": ["for"]}), "unknown_mark"),
        (put(["ballots", 0, "marks"], {"1": "satisfied"}), "unknown_mark"),
        (put(["ballots", 0, "spoilt"], 1), "malformed"),
        (put(["ballots", 0, "spoilt"], True), "malformed"),
    ],
)
def test_a_malformed_record_is_refused(change, code):
    broken = copy.deepcopy(record())
    change(broken)
    with pytest.raises(RuleBroken) as refusal:
        recount(broken)
    assert (refusal.value.code, refusal.value.status) == (code, 422)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        "示例".encode("gb18030"),
        b'{"format": NaN}',
        b'{"format": 1, "format": 2}',
        b"[" * 100_000,
        b'{"turnout": ' + b"9" * 5000 + b"}",
        json.dumps(record()).replace('"source": "phone"', '"source": "phone", "source": "paper"', 1).encode(),
        json.dumps(record()).replace("M222222222", "\\ud800"),
    ],
)
def test_what_is_no_json_is_refused(text):
    with pytest.raises(RuleBroken) as refusal:
        recount(text)
    assert refusal.value.message == "文件不是有效的 JSON（UTF-8 编码），无法读取。请检查文件是否完整。"


@pytest.mark.parametrize("value", [None, 7, [], "[]", "null", b"7"])
def test_what_is_no_object_is_refused(value):
    with pytest.raises(RuleBroken) as refusal:
        recount(value)
    assert refusal.value.message == "票决记录应为一个对象。"


@settings(max_examples=300)
@given(st.data())
def test_whatever_is_wrong_is_a_broken_rule_and_nothing_worse(data):
    """Put anything anywhere into a good record: it is counted or refused, it never crashes."""
    broken = copy.deepcopy(record())
    place = broken
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
        else:
            break
    place[key] = data.draw(junk)
    try:
        result = recount(broken)
    except RuleBroken:
        return
    assert result["valid"] + result["invalid"] == len(broken["ballots"])


@given(st.binary(max_size=60) | st.text(max_size=30))
def test_any_bytes_and_any_text_are_refused_in_words(text):
    with pytest.raises(RuleBroken):
        recount(text)


def test_a_county_sized_record_counts_again():
    rule = Rule(seats=10, disclosure="ballots", publish="names+votes")
    votes = {no: 90 + no for no in range(1, 13)}
    made = record(
        rule,
        turnout=TurnoutFigures(180, 174, 174, 174),
        candidates=[(no, f"示例项目{no}") for no in votes],
        ballots=box(votes, 174),
    )
    assert recount(json.dumps(made)) == made["result"]
    assert made["result"]["selected"] == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
