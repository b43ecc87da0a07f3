import hashlib
import json
from itertools import product

import pytest
from hypothesis import strategies as st

from tests.rules.voting.boxes import columns
from votes.rules.meeting.rule import Rule
from votes.rules.voting.digests import ballot_dicts, json_digest
from votes.rules.voting.record import Heading, build
from votes.rules.voting.record_reader import recount
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
        "format": "minsheng-vote-record/2",
        "reports": {"number": 0, "decision": ""},
        "signatures": [],
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
        "digests": {
            "rule": json_digest("sha256", OPEN.to_dict()),
            "roll": json_digest("sha256", sorted(ROLL)),
            "ballots": json_digest("sha256", ballot_dicts(BALLOTS)),
        },
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


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.floats()
    | st.sampled_from(["", "for", "1", "paper", "汉"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["1", "no", "code"]), inner),
    max_leaves=4,
)


def test_one_changed_mark_changes_the_digest():
    changed = [CastBallot("K7Q29MXD4T", "phone", {3: "for", 2: "for"}), *BALLOTS[1:]]
    assert record(ballots=changed)["digests"]["ballots"] != record()["digests"]["ballots"]


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
