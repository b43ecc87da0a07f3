import copy
import hashlib
import json
from itertools import product

import pytest
from hypothesis import given, settings, strategies as st

from tests.rules.voting.boxes import box, columns
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.voting.digests import record_digests
from votes.rules.voting.record import Heading, build
from votes.rules.voting.record_reader import parse, recount
from votes.rules.voting.result import BoxTotal, CastBallot, TurnoutFigures

OPEN = Rule(seats=2, disclosure="ballots", publish="names+votes", small_body=3)
HEADING = Heading("示例县人民代表大会", "第十八届人民代表大会第五次会议", "f00d", "2027年民生实事项目票决")
TURNOUT = TurnoutFigures(roster=6, present=5, issued=5, returned=5)
CANDIDATES = [(1, "农村饮水安全巩固提升"), (2, "城区停车位"), (3, "普惠性托育")]
BALLOTS = [
    CastBallot("K7Q29MXD4T", "phone", {3: "for", 1: "for"}),
    CastBallot("ZZZZZZZZZZ", "phone", {1: "for", 2: "abstain"}),
    CastBallot("B222222222", "paper", {}, spoilt=True),
    CastBallot("A222222222", "paper", {1: "for", 2: "for", 3: "for"}),
    CastBallot("M222222222", "phone", {1: "for", 3: "for"}),
]
ROLL = ["003", "001", "002", "006", "005", "004"]


def record(rule=OPEN, **change):
    given = {
        "rule": rule,
        "turnout": TURNOUT,
        "candidates": CANDIDATES,
        "ballots": BALLOTS,
        "roll": ROLL,
    } | change
    return build(HEADING, **given)


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_record_as_a_whole():
    assert record() == {
        "format": "minsheng-vote-record/1",
        "hash": "sha256",
        "body": "示例县人民代表大会",
        "session": "第十八届人民代表大会第五次会议",
        "round": {
            "id": "f00d",
            "title": "2027年民生实事项目票决",
            "ordinal": 1,
            "parent": None,
            "rehearsal": False,
        },
        "rule": OPEN.to_dict(),
        "turnout": {"roster": 6, "present": 5, "issued": 5, "returned": 5},
        "candidates": [
            {"no": 1, "name": "农村饮水安全巩固提升"},
            {"no": 2, "name": "城区停车位"},
            {"no": 3, "name": "普惠性托育"},
        ],
        "ballots": [
            {"code": "A222222222", "source": "paper", "marks": {"1": "for", "2": "for", "3": "for"}},
            {"code": "B222222222", "source": "paper", "marks": {}, "spoilt": True},
            {"code": "K7Q29MXD4T", "source": "phone", "marks": {"1": "for", "3": "for"}},
            {"code": "M222222222", "source": "phone", "marks": {"1": "for", "3": "for"}},
            {"code": "ZZZZZZZZZZ", "source": "phone", "marks": {"1": "for"}},
        ],
        "result": {
            "valid": 3,
            "invalid": 2,
            "counts": [
                {"no": 1, "for": 3, "against": 0, "abstain": 0, "outcome": "no_majority"},
                {"no": 2, "for": 0, "against": 0, "abstain": 3, "outcome": "no_majority"},
                {"no": 3, "for": 2, "against": 0, "abstain": 1, "outcome": "no_majority"},
            ],
            "selected": [],
            "undecided": [],
            "seats_left": 2,
        },
        "digests": record_digests(algorithm="sha256", rule=OPEN, roll=ROLL, ballots=BALLOTS),
    }


def test_the_digests_byte_for_byte():
    found = record()["digests"]
    assert found["rule"] == sha(
        '{"checkin":"desk_or_hall_code","disclosure":"ballots","half":"satisfied","majority":"roster",'
        '"marks":{"abstain":"空白","against":"×","for":"○"},"method":"choose","overvote":"void_ballot",'
        '"publish":"names+votes","quorum":[2,3],"seats":2,"secret":true,"shortfall":"vacant","small_body":3,'
        '"tie":"rerun"}'
    )
    assert found["roll"] == sha('["001","002","003","004","005","006"]')
    assert found["ballots"] == sha(
        '[{"code":"A222222222","marks":{"1":"for","2":"for","3":"for"},"source":"paper"},'
        '{"code":"B222222222","marks":{},"source":"paper","spoilt":true},'
        '{"code":"K7Q29MXD4T","marks":{"1":"for","3":"for"},"source":"phone"},'
        '{"code":"M222222222","marks":{"1":"for","3":"for"},"source":"phone"},'
        '{"code":"ZZZZZZZZZZ","marks":{"1":"for"},"source":"phone"}]'
    )


SALTS = {"ballots": "b1" * 16, "result": "5a" * 16, "boxes": "17" * 16, "paper": "c0" * 16}


@pytest.mark.parametrize(
    ("publish", "disclosure", "sealed", "shown"),
    [
        ("names+votes", "ballots", False, {"result", "boxes"}),
        ("names+votes", "codes", False, {"result"}),
        ("names", "codes", False, set()),
        ("names", "codes", True, {"ballots", "result", "boxes", "paper"}),
    ],
)
def test_a_salt_is_shown_where_the_figures_under_it_are(publish, disclosure, sealed, shown):
    """Without it, trying every possible count finds the one that the digest is of."""
    rule = Rule(seats=2, disclosure=disclosure, publish=publish, small_body=1, paper="totals")
    change = {"boxes": [BoxTotal(1, 5, 0, {1: {"for": 4}})], "ballots": [], "sealed": sealed}
    found = record(rule, **change, salts=SALTS)
    assert set(found.get("salts", {})) == shown
    plain = record(rule, **change)
    assert "salts" not in plain
    assert "result" not in plain["digests"]
    assert {name for name, value in plain["digests"].items() if value != found["digests"][name]} == {
        "boxes",
        "ballots",
    }
    if "counts" in found["boxes"][0]:
        boxes = json.dumps(found["boxes"], sort_keys=True, separators=(",", ":"))
        assert found["digests"]["boxes"] == sha(f'{{"salt":"{SALTS["boxes"]}","value":{boxes}}}')


def test_the_record_names_its_hash():
    chinese = record(algorithm="sm3")
    assert chinese["hash"] == "sm3"
    plain = b'["001","002","003","004","005","006"]'
    assert chinese["digests"]["roll"] == hashlib.new("sm3", plain).hexdigest()


def test_neither_the_order_of_ballots_nor_of_the_roll_shows_in_the_record():
    assert record(ballots=BALLOTS[::-1], roll=sorted(ROLL)) == record()


CODES = [
    {"code": "A222222222", "source": "paper"},
    {"code": "B222222222", "source": "paper"},
    {"code": "K7Q29MXD4T", "source": "phone"},
    {"code": "M222222222", "source": "phone"},
    {"code": "ZZZZZZZZZZ", "source": "phone"},
]


def test_published_codes_do_not_lead_to_the_marks_by_trying():
    """Three ballots, each marked in one of three ways, and the codes are public: without a salt one guess fits the digest."""
    rule = Rule(seats=1, small_body=0, publish="names+votes")
    box = [CastBallot(code, "phone", {1: "for"}) for code in ("A222222222", "B222222222", "C222222222")]
    told = [{"code": b.code, "source": b.source} for b in box]
    options: list[dict[str, str]] = [{}, {"1": "for"}, {"2": "for"}]

    def tried(salts: dict[str, str] | None) -> int:
        found = record(rule, ballots=box, turnout=TurnoutFigures(3, 3, 3, 3), salts=salts)
        assert found["ballots"] == told
        assert "ballots" not in found.get("salts", {})
        guesses = (
            json.dumps(
                [{**each, "marks": marks} for each, marks in zip(told, guess, strict=True)],
                sort_keys=True,
                separators=(",", ":"),
            )
            for guess in product(options, repeat=3)
        )
        return sum(sha(guess) == found["digests"]["ballots"] for guess in guesses)

    assert (tried(None), tried(SALTS)) == (1, 0)


@pytest.mark.parametrize(
    ("change", "ballots", "withheld"),
    [
        ({"disclosure": "codes"}, CODES, False),
        ({"disclosure": "none"}, [], False),
        ({"disclosure": "ballots", "small_body": 5}, record()["ballots"], False),
        ({"disclosure": "ballots", "small_body": 6}, CODES, True),
        ({"disclosure": "codes", "small_body": 6}, CODES, False),
    ],
)
def test_how_much_of_the_ballots_is_shown(change, ballots, withheld):
    rule = Rule(**{"seats": 2, "publish": "names+votes"} | change)
    shown = record(rule)
    assert shown["ballots"] == ballots
    assert ("withheld" in shown) is withheld
    assert shown["result"] == record()["result"]
    assert shown["digests"]["ballots"] == record()["digests"]["ballots"]


def test_a_small_body_is_told_why():
    shown = record(Rule(seats=2, disclosure="ballots", publish="names+votes"))
    assert shown["withheld"] == "收回的票不足 20 张，为保守投票秘密，只公开回执码，不公开每张票的内容。"


def test_where_names_are_announced_no_figure_is_in_the_record():
    shown = record(Rule(seats=2))
    assert shown["result"]["counts"] == [
        {"no": 1, "outcome": "no_majority"},
        {"no": 2, "outcome": "no_majority"},
        {"no": 3, "outcome": "no_majority"},
    ]
    rating = Rule(seats=0, method="rating")
    graded = record(rating, ballots=columns({1: {"satisfied": 4}}, 5))
    assert graded["result"]["counts"][0] == {"no": 1, "grade": "satisfied"}


def test_the_sealed_record_holds_everything():
    rule = Rule(seats=2)
    sealed = record(rule, sealed=True)
    assert sealed["ballots"] == record()["ballots"]
    assert sealed["result"] == record()["result"]
    assert "withheld" not in sealed
    assert sealed["digests"] == record(rule)["digests"]
    assert recount(sealed) == sealed["result"]


# --- reading and counting again ---------------------------------------------------------------------------


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
        (put(["format"], "minsheng-vote-record/2"), "unknown_format"),
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


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.floats()
    | st.sampled_from(["", "for", "1", "paper", "汉"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["1", "no", "code"]), inner),
    max_leaves=4,
)


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


def test_one_changed_mark_changes_the_digest():
    changed = [CastBallot("K7Q29MXD4T", "phone", {3: "for", 2: "for"}), *BALLOTS[1:]]
    assert record(ballots=changed)["digests"]["ballots"] != record()["digests"]["ballots"]


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


@pytest.mark.parametrize(
    ("paper", "small_body", "boxes", "withheld"),
    [
        ("keyed", 2, [], False),
        ("keyed", 3, [], True),  # five ballots, but only two on paper: who cast those is known in the hall
        ("totals", 2, [BoxTotal(1, 2, 0, {1: {"for": 2}})], False),
        ("totals", 2, [BoxTotal(1, 2, 0, {}), BoxTotal(2, 1, 0, {})], True),
        ("totals", 2, [BoxTotal(1, 2, 0, {}), BoxTotal(2, 0, 0, {})], False),  # an empty box tells nothing
    ],
)
def test_a_small_way_of_voting_is_never_shown_apart(paper, small_body, boxes, withheld):
    rule = Rule(seats=2, disclosure="ballots", publish="names+votes", paper=paper, small_body=small_body)
    returned = len(BALLOTS) + sum(box.returned for box in boxes)
    shown = record(rule, turnout=TurnoutFigures(9, 9, 9, returned, 9), boxes=boxes)
    assert ("withheld" in shown) is withheld
    assert all(("marks" in ballot) is not withheld for ballot in shown["ballots"])
    assert all(("counts" in box) is not withheld for box in shown.get("boxes", []))
    assert ("boxes" in shown["digests"]) is bool(boxes)
    if not withheld:
        assert recount(shown) == shown["result"]
