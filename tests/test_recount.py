"""static/recount.py, the verifier that anybody can download: what it says of good, changed and broken records.

The records are made by hand here, digests included; only the last section asks the application for records.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import csv
import hashlib
import importlib.util
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.rules.voting.boxes import by_hand
from votes.demo.keys import PhoneKey
from votes.rules.meeting.rule import Rule
from votes.rules.voting.record import Heading, build, shows_marks, signed_content
from votes.rules.voting.result import BoxTotal, CastBallot, TurnoutFigures

SCRIPT = Path(__file__).parent.parent / "static" / "recount.py"
DATA = Path(__file__).parent / "data"

spec = importlib.util.spec_from_file_location("recount", SCRIPT)
assert spec is not None
assert spec.loader is not None
recount = importlib.util.module_from_spec(spec)
sys.modules["recount"] = recount  # dataclasses look their module up
spec.loader.exec_module(recount)

Json = dict[str, Any]
SM3 = "sm3" in hashlib.algorithms_available
FOR, AGAINST, ABSTAIN = "for", "against", "abstain"

RULE = {
    "method": "choose",
    "seats": 2,
    "quorum": [2, 3],
    "majority": "roster",
    "overvote": "void_ballot",
    "tie": "rerun",
    "shortfall": "vacant",
    "secret": True,
    "disclosure": "ballots",
    "publish": "names+votes",
    "checkin": "desk",
}
ROLL = [f"{number:03}" for number in range(1, 31)]


# --- Records made by hand ----------------------------------------------------------------------------------


def hashed(value: Any, algorithm: str = "sha256") -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.new(algorithm, text.encode()).hexdigest()


def ticks(*numbers: int) -> Json:
    """Return a ballot in favour of these projects."""
    return {"marks": {str(number): FOR for number in numbers}}


def sheet(**marks: str) -> Json:
    """Return a ballot with any marks, such as _1=FOR, _2=AGAINST."""
    return {"marks": {key[1:]: mark for key, mark in marks.items()}}


SPOILT: Json = {"marks": {}, "spoilt": True}


def box(*groups: tuple[int, Json]) -> list[Json]:
    """So many ballots of each kind; every third is paper; the codes are not in the order of the groups."""
    kinds = [kind for times, kind in groups for _ in range(times)]
    return [
        {
            "code": f"T{at * 7919 % 100003:09}",
            "source": "paper" if at % 3 == 0 else "phone",
            **copy.deepcopy(kind),
        }
        for at, kind in enumerate(kinds)
    ]


def row(number: int, *figures: Any, rating: bool = False) -> Json:
    """One row of counts: figures and, last, the outcome or grade."""
    keys = ("satisfied", "basically", "dissatisfied", "void") if rating else ("for", "against", "abstain")
    return {
        "no": number,
        **dict(zip(keys, figures, strict=False)),
        "grade" if rating else "outcome": figures[-1],
    }


def make(
    ballots: list[Json],
    counts: list[Json],
    *,
    selected: tuple[int, ...] = (),
    undecided: tuple[int, ...] = (),
    invalid: int = 0,
    void: str | None = None,
    rule: Json | None = None,
    turnout: Json | None = None,
    algorithm: str = "sha256",
) -> Json:
    """Return a full record with right digests. Turnout: 30 应到, 27 实到 and 发出, as many 收回 as there are ballots."""
    rule = copy.deepcopy({**RULE, **(rule or {})})
    result: Json = {
        "valid": len(ballots) - invalid,
        "invalid": invalid,
        "counts": counts,
        "selected": list(selected),
        "undecided": list(undecided),
        "seats_left": rule["seats"] - len(selected),
    }
    if void:
        result["void"] = void
    return {
        "format": "minsheng-vote-record/1",
        "hash": algorithm,
        "body": "示例县人民代表大会",
        "session": "第十八届人民代表大会第五次会议",
        "round": {
            "id": "r1",
            "title": "2027年民生实事项目票决",
            "ordinal": 1,
            "parent": None,
            "rehearsal": False,
        },
        "rule": rule,
        "turnout": {"roster": 30, "present": 27, "issued": 27, "returned": len(ballots), **(turnout or {})},
        "candidates": [{"no": line["no"], "name": f"示例项目{line['no']}"} for line in counts],
        "ballots": ballots,
        "result": result,
        "digests": {
            "rule": hashed(rule, algorithm),
            "roll": hashed(ROLL, algorithm),
            "ballots": hashed(sorted(ballots, key=lambda ballot: ballot["code"]), algorithm),
        },
    }


def base() -> Json:
    """27 ballots on three projects for two seats: 20, 12 and 18 in favour, one invalid, one blank."""
    return make(
        box(
            (13, ticks(1, 3)),
            (6, ticks(1, 2)),
            (5, ticks(2, 3)),
            (1, ticks(1, 2, 3)),
            (1, ticks()),
            (1, ticks(1)),
        ),
        [row(1, 20, 0, 6, "selected"), row(2, 11, 0, 15, "no_majority"), row(3, 18, 0, 8, "selected")],
        selected=(1, 3),
        invalid=1,
    )


def verify(record: Any, tmp_path: Path, *options: str) -> tuple[int, Json]:
    """Run the program in this process with --json; the exit code and the report."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = recount.main([str(path), "--json", *options])
    return code, json.loads(printed.getvalue())


def failed(report: Json) -> list[str]:
    return [check["name"] for check in report["checks"] if check["status"] == "不一致"]


def open_points(report: Json) -> list[str]:
    return [check["name"] for check in report["checks"] if check["status"] == "无法核对"]


ROLL_DIGEST, RULE_DIGEST, BALLOT_DIGEST = "名册摘要", "票决办法摘要", "选票摘要"
CODES, NUMBER, TURNOUT = "回执码不重复", "选票张数等于收回数", "人数关系（应到 ≥ 实到 ≥ 发出）"
VOID, DISCLOSURE, MARKS = "法定人数与本轮效力（收回 ≤ 发出）", "公布范围合乎办法", "选票内容合乎办法"
VALID, COUNTS, OUTCOMES = "有效票、无效票", "各项目票数", "各项目结果（过半数、名次、票数相等）"
GRADES, SELECTED, UNDECIDED, LEFT = "测评等次", "入选名单", "待定名单", "空缺名额"


# --- Good records ------------------------------------------------------------------------------------------

RATING = {"method": "rating", "seats": 0}
GOOD = {
    "clear": base(),
    "tie across the cut: the one above is in, the two level wait": make(
        box((10, ticks(1, 2)), (10, ticks(1, 3)), (7, ticks(2, 3))),
        [row(1, 20, 0, 7, "selected"), row(2, 17, 0, 10, "undecided"), row(3, 17, 0, 10, "undecided")],
        selected=(1,),
        undecided=(2, 3),
    ),
    "tie of all three": make(
        box((9, ticks(1, 2)), (9, ticks(1, 3)), (9, ticks(2, 3))),
        [row(number, 18, 0, 9, "undecided") for number in (1, 2, 3)],
        undecided=(1, 2, 3),
    ),
    "level but both within the seats": make(
        box((20, ticks(2, 3)), (7, ticks(1))),
        [row(1, 7, 0, 20, "no_majority"), row(2, 20, 0, 7, "selected"), row(3, 20, 0, 7, "selected")],
        selected=(2, 3),
    ),
    "a tie below the cut decides nothing": make(
        box((9, ticks(1, 2, 3)), (9, ticks(1, 2, 4)), (9, ticks(1, 3, 4))),
        [row(1, 27, 0, 0, "selected"), *(row(number, 18, 0, 9, "not_selected") for number in (2, 3, 4))],
        selected=(1,),
        # One seat: the three marks of each ballot need overvote = allow.
        rule={"method": "threeway", "seats": 1, "overvote": "allow"},
    ),
    "more pass than seats: most votes win whatever the number": make(
        box((12, ticks(3, 2)), (8, ticks(3, 1)), (7, ticks(1, 2))),
        [row(1, 15, 0, 12, "not_selected"), row(2, 19, 0, 8, "selected"), row(3, 20, 0, 7, "selected")],
        selected=(2, 3),
        rule={"majority": "present"},
    ),
    "shortfall: one passes, one seat stays vacant": make(
        box((16, ticks(1)), (11, ticks(2))),
        [row(1, 16, 0, 11, "selected"), row(2, 11, 0, 16, "no_majority"), row(3, 0, 0, 27, "no_majority")],
        selected=(1,),
    ),
    "exactly half of the roster is no majority": make(
        box((15, ticks(1)), (12, ticks(2))),
        [row(1, 15, 0, 12, "no_majority"), row(2, 12, 0, 15, "no_majority"), row(3, 0, 0, 27, "no_majority")],
    ),
    "base present: 14 of 27": make(
        box((14, ticks(1)), (13, ticks(2))),
        [row(1, 14, 0, 13, "selected"), row(2, 13, 0, 14, "no_majority"), row(3, 0, 0, 27, "no_majority")],
        selected=(1,),
        rule={"majority": "present"},
    ),
    "base valid: 10 of 19, the spoilt do not count": make(
        box((10, ticks(2)), (9, ticks()), (8, SPOILT)),
        [row(1, 0, 0, 19, "no_majority"), row(2, 10, 0, 9, "selected"), row(3, 0, 0, 19, "no_majority")],
        selected=(2,),
        invalid=8,
        rule={"majority": "valid"},
    ),
    "relative majority: one vote is enough, none is not": make(
        box((1, ticks(2)), (26, ticks())),
        [row(1, 0, 0, 27, "no_majority"), row(2, 1, 0, 26, "selected"), row(3, 0, 0, 27, "no_majority")],
        selected=(2,),
        rule={"majority": "none"},
    ),
    "all blank is all valid": make(
        box((27, ticks())),
        [row(number, 0, 0, 27, "no_majority") for number in (1, 2, 3)],
    ),
    "threeway: more 赞成 than seats voids the ballot, any number of 反对 does not": make(
        box((18, sheet(_1=FOR, _2=AGAINST, _3=AGAINST)), (5, ticks(1, 2, 3)), (4, sheet(_1=ABSTAIN, _2=FOR))),
        [row(1, 18, 0, 4, "selected"), row(2, 4, 18, 0, "no_majority"), row(3, 0, 18, 4, "no_majority")],
        selected=(1,),
        invalid=5,
        rule={"method": "threeway"},
    ),
    "confirm: as many candidates as seats": make(
        box((20, ticks(1, 2)), (7, sheet(_1=FOR, _2=AGAINST))),
        [row(1, 27, 0, 0, "selected"), row(2, 20, 7, 0, "selected")],
        selected=(1, 2),
        rule={"method": "confirm"},
    ),
    "below the quorum: void": make(
        box((19, ticks(1, 2))),
        [row(1, 19, 0, 0, "undecided"), row(2, 19, 0, 0, "undecided"), row(3, 0, 0, 19, "undecided")],
        undecided=(1, 2, 3),
        void="no_quorum",
        turnout={"present": 19, "issued": 19},
    ),
    "exactly at the quorum: stands": make(
        box((20, ticks(1, 2))),
        [row(1, 20, 0, 0, "selected"), row(2, 20, 0, 0, "selected"), row(3, 0, 0, 20, "no_majority")],
        selected=(1, 2),
        turnout={"present": 20, "issued": 20},
    ),
    "exactly half, and more than half is asked for: void": make(
        box((15, ticks(1, 2))),
        [row(1, 15, 0, 0, "undecided"), row(2, 15, 0, 0, "undecided"), row(3, 0, 0, 15, "undecided")],
        undecided=(1, 2, 3),
        void="no_quorum",
        rule={"quorum": [1, 2], "quorum_more": True},
        turnout={"present": 15, "issued": 15},
    ),
    "one more than half: stands": make(
        box((16, ticks(1, 2))),
        [row(1, 16, 0, 0, "selected"), row(2, 16, 0, 0, "selected"), row(3, 0, 0, 16, "no_majority")],
        selected=(1, 2),
        rule={"quorum": [1, 2], "quorum_more": True},
        turnout={"present": 16, "issued": 16},
    ),
    "exactly half where half is enough: stands": make(
        box((15, ticks(1, 2))),
        [
            row(number, 15 if number < 3 else 0, 0, 0 if number < 3 else 15, "no_majority")
            for number in (1, 2, 3)
        ],
        rule={"quorum": [1, 2]},
        turnout={"present": 15, "issued": 15},
    ),
    "one ballot more than issued: void": make(
        box((27, ticks(1, 2))),
        [row(1, 27, 0, 0, "undecided"), row(2, 27, 0, 0, "undecided"), row(3, 0, 0, 27, "undecided")],
        undecided=(1, 2, 3),
        void="returned_exceeds_issued",
        turnout={"issued": 26},
    ),
    "fewer than issued is a valid vote": make(
        box((21, ticks(1, 2))),
        [row(1, 21, 0, 0, "selected"), row(2, 21, 0, 0, "selected"), row(3, 0, 0, 21, "no_majority")],
        selected=(1, 2),
    ),
    "rating: half of all 30 is 满意, together half is not enough": make(
        box(
            (15, sheet(_1="satisfied", _2="basically", _3="satisfied", _4="satisfied")),
            (1, sheet(_1="basically", _3="basically")),
            (9, sheet(_1="dissatisfied", _2="dissatisfied", _3="basically")),
            (2, SPOILT),
        ),
        [
            row(1, 15, 1, 9, 0, "satisfied", rating=True),
            row(2, 0, 15, 9, 1, "dissatisfied", rating=True),
            row(3, 15, 10, 0, 0, "satisfied", rating=True),
            row(4, 15, 0, 0, 10, "satisfied", rating=True),
        ],
        invalid=2,
        rule=RATING,
    ),
    "rating: 14 and 2 together pass half": make(
        box((14, sheet(_1="satisfied")), (2, sheet(_1="basically")), (11, sheet(_1="dissatisfied"))),
        [row(1, 14, 2, 11, 0, "basically", rating=True)],
        rule=RATING,
    ),
    "rating: half = both": make(
        box((15, sheet(_1="satisfied", _2="basically")), (12, sheet(_1="dissatisfied", _2="dissatisfied"))),
        [
            row(1, 15, 0, 12, 0, "satisfied", rating=True),
            row(2, 0, 15, 12, 0, "basically", rating=True),
        ],
        rule={**RATING, "half": "both"},
    ),
    "rating: half = neither": make(
        box((15, sheet(_1="satisfied")), (12, sheet(_1="dissatisfied"))),
        [row(1, 15, 0, 12, 0, "dissatisfied", rating=True)],
        rule={**RATING, "half": "neither"},
    ),
    "rating below the quorum: void, no grade": make(
        box((19, sheet(_1="satisfied"))),
        [row(1, 19, 0, 0, 0, None, rating=True)],
        undecided=(1,),
        void="no_quorum",
        rule={**RATING, "seats": 1},
        turnout={"present": 19, "issued": 19},
    ),
    "sm3": make(
        box((20, ticks(2, 3)), (7, ticks(1))),
        [row(1, 7, 0, 20, "no_majority"), row(2, 20, 0, 7, "selected"), row(3, 20, 0, 7, "selected")],
        selected=(2, 3),
    )
    | {"hash": "sm3"},
}


def sm3_hex(value: Any) -> str:
    """Through the program's own SM3: some builds of hashlib lack it; its vectors are tested below."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return recount.sm3(text.encode())


GOOD["sm3"]["digests"] = {
    "rule": sm3_hex(GOOD["sm3"]["rule"]),
    "roll": sm3_hex(ROLL),
    "ballots": sm3_hex(sorted(GOOD["sm3"]["ballots"], key=lambda ballot: ballot["code"])),
}


@pytest.mark.parametrize("record", GOOD.values(), ids=GOOD.keys())
def test_a_right_record_is_consistent(record: Json, tmp_path: Path) -> None:
    code, report = verify(record, tmp_path)
    assert failed(report) == []
    assert open_points(report) == [ROLL_DIGEST]
    assert (code, report["verdict"], report["basis"]) == (0, "一致", "ballots")
    own, stated = report["own"], record["result"]
    assert own["counts"] == stated["counts"]
    assert (own["valid"], own["invalid"]) == (stated["valid"], stated["invalid"])
    assert (own["selected"], own["undecided"]) == (stated["selected"], stated["undecided"])


def test_the_ratings_of_zhenhai_2022_are_all_satisfied(tmp_path: Path) -> None:
    """29 ballots of a membership of at most 34: even 17/11/1 is 满意, because 17 is half of 34."""
    with (DATA / "zhenhai_2022_ratings.csv").open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    marks: list[Json] = [{} for _ in range(29)]
    counts = []
    for number, line in enumerate(lines, 1):
        figures = [int(line[key]) for key in ("satisfied", "basically", "dissatisfied")]
        said = [
            word for word, times in zip(recount.MARKS["rating"], figures, strict=True) for _ in range(times)
        ]
        for ballot, mark in zip(marks, said, strict=True):
            ballot[str(number)] = mark
        counts.append(row(number, *figures, 0, "satisfied", rating=True))
    record = make(
        box(*((1, {"marks": ballot}) for ballot in marks)),
        counts,
        rule=RATING,
        turnout={"roster": 34, "present": 29, "issued": 29},
    )
    assert verify(record, tmp_path)[0] == 0
    record["turnout"]["roster"] = 35
    code, report = verify(record, tmp_path)
    assert (code, failed(report)) == (1, [GRADES])


# --- Records that publish less -----------------------------------------------------------------------------


def without_marks(record: Json) -> Json:
    return record | {"ballots": [{"code": b["code"], "source": b["source"]} for b in record["ballots"]]}


def with_rule(record: Json, **keys: Any) -> Json:
    rule = record["rule"] | keys
    return record | {"rule": rule, "digests": record["digests"] | {"rule": hashed(rule)}}


def names_only(record: Json) -> Json:
    result = dict(record["result"])
    result["counts"] = [{"no": line["no"], "outcome": line["outcome"]} for line in result["counts"]]
    return record | {"result": result}


def codes_and_votes(name: str = "clear") -> Json:
    return without_marks(with_rule(copy.deepcopy(GOOD[name]), disclosure="codes"))


def codes_and_names(name: str = "clear") -> Json:
    record = names_only(with_rule(codes_and_votes(name), publish="names"))
    del record["result"]["valid"], record["result"]["invalid"]
    return record


def nothing_but_names() -> Json:
    return with_rule(codes_and_names(), disclosure="none") | {"ballots": []}


def small_and_withheld() -> Json:
    record = make(
        box((12, ticks(1, 2)), (7, ticks(1))),
        [row(1, 19, 0, 0, "selected"), row(2, 12, 0, 7, "no_majority"), row(3, 0, 0, 19, "no_majority")],
        selected=(1,),
    )
    return without_marks(record) | {"withheld": "small_body"}


@pytest.mark.parametrize(
    ("record", "basis", "unchecked"),
    [
        pytest.param(
            codes_and_votes(), "stated", [BALLOT_DIGEST, ROLL_DIGEST, MARKS, VALID, COUNTS], id="codes, votes"
        ),
        pytest.param(
            codes_and_votes("tie across the cut: the one above is in, the two level wait"),
            "stated",
            [BALLOT_DIGEST, ROLL_DIGEST, MARKS, VALID, COUNTS],
            id="codes, votes, tie",
        ),
        pytest.param(
            codes_and_names(),
            "nothing",
            [BALLOT_DIGEST, ROLL_DIGEST, MARKS, VALID, COUNTS, OUTCOMES],
            id="codes, names",
        ),
        pytest.param(
            codes_and_names("tie across the cut: the one above is in, the two level wait"),
            "nothing",
            [BALLOT_DIGEST, ROLL_DIGEST, MARKS, VALID, COUNTS, OUTCOMES],
            id="codes, names, tie",
        ),
        pytest.param(
            nothing_but_names(),
            "nothing",
            [BALLOT_DIGEST, ROLL_DIGEST, CODES, NUMBER, MARKS, VALID, COUNTS, OUTCOMES],
            id="neither codes nor votes",
        ),
        pytest.param(
            small_and_withheld(),
            "stated",
            [BALLOT_DIGEST, ROLL_DIGEST, MARKS, VALID, COUNTS],
            id="a small body withholds marks",
        ),
        pytest.param(
            names_only(with_rule(base(), publish="names")),
            "ballots",
            [ROLL_DIGEST, COUNTS],
            id="ballots, names",
        ),
    ],
)
def test_what_is_not_published_is_said_to_be_unchecked(
    record: Json, basis: str, unchecked: list[str], tmp_path: Path
) -> None:
    code, report = verify(record, tmp_path)
    assert failed(report) == []
    assert (code, report["basis"], open_points(report)) == (0, basis, unchecked)


def test_a_sealed_record_may_hold_the_marks_its_rule_does_not_publish(tmp_path: Path) -> None:
    record = with_rule(base(), disclosure="codes")
    code, report = verify(record, tmp_path)
    assert (code, report["basis"], failed(report)) == (0, "ballots", [])


# --- Changed records ---------------------------------------------------------------------------------------

Change = Callable[[Json], None]  # changes a record in place


def put(*path: Any) -> Change:
    """Return a change: ("result", "valid", 25) sets record["result"]["valid"] = 25."""

    def change(record: Json) -> None:
        at: Any = record
        for key in path[:-2]:
            at = at[key]
        at[path[-2]] = path[-1]

    return change


def drop(*path: Any) -> Change:
    def change(record: Json) -> None:
        at: Any = record
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]

    return change


def both(*changes: Change) -> Change:
    def change(record: Json) -> None:
        for each in changes:
            each(record)

    return change


def redigest(record: Json) -> None:
    record["digests"]["ballots"] = hashed(sorted(record["ballots"], key=lambda ballot: ballot["code"]))


def duplicate_code(record: Json) -> None:
    record["ballots"][1]["code"] = record["ballots"][0]["code"]


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        # Ballots. The first 13 are for 1 and 3; number 24 marks all three; number 25 is blank.
        pytest.param(drop("ballots", 0, "marks", "3"), [BALLOT_DIGEST, COUNTS], id="a mark is taken away"),
        pytest.param(put("ballots", 25, "marks", "2", FOR), [BALLOT_DIGEST, COUNTS], id="a mark is added"),
        pytest.param(
            put("ballots", 0, "marks", "2", FOR),
            [BALLOT_DIGEST, VALID, COUNTS],
            id="an added mark voids the ballot",
        ),
        pytest.param(
            drop("ballots", 24, "marks", "2"),
            [BALLOT_DIGEST, VALID, COUNTS],
            id="a taken mark makes it valid",
        ),
        pytest.param(put("ballots", 25, "marks", "1", ABSTAIN), [BALLOT_DIGEST], id="弃权 spelt out"),
        pytest.param(
            both(drop("ballots", 0, "marks", "3"), redigest), [COUNTS], id="a mark, the digest made to fit"
        ),
        pytest.param(
            put("ballots", 25, "marks", "1", AGAINST), [BALLOT_DIGEST, MARKS], id="反对 where there is none"
        ),
        pytest.param(put("ballots", 25, "marks", "4", FOR), [BALLOT_DIGEST, MARKS], id="a project unknown"),
        pytest.param(put("ballots", 25, "marks", "01", FOR), [BALLOT_DIGEST, MARKS], id="01 is not 1"),
        pytest.param(put("ballots", 25, "marks", "1", "yes"), [BALLOT_DIGEST, MARKS], id="a mark unknown"),
        pytest.param(
            put("ballots", 0, "spoilt", True),
            [BALLOT_DIGEST, MARKS, VALID, COUNTS],
            id="spoilt and yet marked",
        ),
        pytest.param(put("ballots", 25, "spoilt", True), [BALLOT_DIGEST, VALID, COUNTS], id="spoilt"),
        pytest.param(put("ballots", 0, "source", "phone"), [BALLOT_DIGEST], id="paper said to be phone"),
        pytest.param(put("ballots", 0, "source", "post"), [BALLOT_DIGEST, MARKS], id="an unknown source"),
        pytest.param(put("ballots", 0, "code", "T999999999"), [BALLOT_DIGEST], id="a code is changed"),
        pytest.param(duplicate_code, [BALLOT_DIGEST, CODES], id="a code is there twice"),
        pytest.param(both(duplicate_code, redigest), [CODES], id="a code twice, the digest made to fit"),
        pytest.param(
            both(put("ballots", 0, "code", ""), redigest), [CODES], id="no code, the digest made to fit"
        ),
        pytest.param(drop("ballots", 0), [BALLOT_DIGEST, NUMBER, VALID, COUNTS], id="a ballot is dropped"),
        pytest.param(
            both(drop("ballots", 25), redigest, put("turnout", "returned", 26)),
            [VALID, COUNTS],
            id="a blank ballot is dropped and much else made to fit",
        ),
        pytest.param(
            lambda record: record["ballots"].append({**record["ballots"][25], "code": "T999999999"}),
            [BALLOT_DIGEST, NUMBER, VALID, COUNTS],
            id="a ballot is stuffed",
        ),
        pytest.param(drop("ballots", 0, "marks"), [DISCLOSURE], id="one ballot hides its marks"),
        # The result.
        pytest.param(put("result", "counts", 0, "for", 19), [COUNTS], id="a count is lowered"),
        pytest.param(
            put("result", "counts", 1, "for", 16), [COUNTS], id="a count is raised over the majority"
        ),
        pytest.param(put("result", "counts", 1, "abstain", 0), [COUNTS], id="an abstention is changed"),
        pytest.param(drop("result", "counts", 1, "abstain"), [COUNTS], id="a figure is missing"),
        pytest.param(drop("result", "counts", 1), [COUNTS], id="a row is missing"),
        pytest.param(
            lambda record: record["result"]["counts"].append(record["result"]["counts"][0]),
            [COUNTS],
            id="a row is there twice",
        ),
        pytest.param(
            put("result", "counts", 1, "outcome", "selected"), [OUTCOMES], id="an outcome is changed"
        ),
        pytest.param(put("result", "counts", 1, "outcome", "won"), [OUTCOMES], id="an outcome unknown"),
        pytest.param(drop("result", "counts", 1, "outcome"), [OUTCOMES], id="an outcome is missing"),
        pytest.param(put("result", "selected", [1, 2]), [SELECTED], id="another project selected"),
        pytest.param(put("result", "selected", [1]), [SELECTED], id="a selected project left out"),
        pytest.param(put("result", "selected", [3, 1]), [SELECTED], id="the list tells the ranking"),
        pytest.param(put("result", "selected", [1, 1, 3]), [SELECTED], id="selected twice"),
        pytest.param(put("result", "undecided", [2]), [UNDECIDED], id="undecided without a tie"),
        pytest.param(put("result", "seats_left", 1), [LEFT], id="seats left"),
        pytest.param(put("result", "valid", 27), [VALID], id="valid"),
        pytest.param(put("result", "invalid", 0), [VALID], id="invalid"),
        pytest.param(put("result", "void", "no_quorum"), [VOID], id="void without reason"),
        # The rule.
        pytest.param(put("rule", "majority", "valid"), [RULE_DIGEST], id="the base, with the same outcome"),
        pytest.param(
            put("rule", "majority", "none"), [RULE_DIGEST, OUTCOMES], id="the base, with another outcome"
        ),
        pytest.param(
            put("rule", "overvote", "allow"), [RULE_DIGEST, VALID, COUNTS], id="the overvote is allowed"
        ),
        pytest.param(
            put("rule", "seats", 1),
            [RULE_DIGEST, VALID, COUNTS, OUTCOMES, SELECTED, LEFT],
            id="the seats: then nearly all ballots hold too many marks",
        ),
        pytest.param(put("rule", "checkin", "open"), [RULE_DIGEST], id="a parameter the count does not use"),
        pytest.param(put("rule", "note", "x"), [RULE_DIGEST], id="a parameter is added"),
        # TurnoutFigures.
        pytest.param(put("turnout", "returned", 26), [NUMBER, VALID], id="returned"),
        pytest.param(put("turnout", "present", 31), [TURNOUT], id="present over roster"),
        pytest.param(put("turnout", "issued", 28), [TURNOUT], id="issued over present"),
        pytest.param(
            put("turnout", "issued", 26),
            [VOID, OUTCOMES, SELECTED, UNDECIDED, LEFT],
            id="returned over issued",
        ),
        pytest.param(put("turnout", "roster", 36), [OUTCOMES, SELECTED, LEFT], id="roster: 18 is half of it"),
        pytest.param(
            put("turnout", "roster", 41), [VOID, OUTCOMES, SELECTED, UNDECIDED, LEFT], id="roster: no quorum"
        ),
        # Digests.
        pytest.param(put("digests", "rule", "0" * 64), [RULE_DIGEST], id="digest of the rule"),
        pytest.param(put("digests", "ballots", "0" * 64), [BALLOT_DIGEST], id="digest of the ballots"),
        pytest.param(drop("digests", "roll"), [ROLL_DIGEST], id="digest of the roll missing"),
        pytest.param(drop("digests", "ballots"), [BALLOT_DIGEST], id="digest of the ballots missing"),
        pytest.param(put("hash", "sm3"), [RULE_DIGEST, BALLOT_DIGEST], id="another hash"),
        pytest.param(put("withheld", "small_body"), [DISCLOSURE], id="withheld by a body that is not small"),
    ],
)
def test_a_changed_record_is_not_consistent_and_the_reason_is_right(
    change: Change, reasons: list[str], tmp_path: Path
) -> None:
    record = base()
    change(record)
    code, report = verify(record, tmp_path)
    assert failed(report) == reasons
    assert (code, report["verdict"]) == (1, "不一致")
    assert report["differences"] == sum(len(check["differences"]) for check in report["checks"])


def test_any_one_mark_of_any_ballot_matters() -> None:
    """Change every mark of every ballot alone: the digest differs.

    With a digest that fits, the result differs too, except where 弃权 is only spelt out.
    """
    for at in range(27):
        for number in ("1", "2", "3"):
            record = base()
            marks = record["ballots"][at]["marks"]
            if marks.pop(number, None) is None:
                marks[number] = FOR
            assert BALLOT_DIGEST in statuses(record, "不一致")
            redigest(record)
            assert statuses(record, "不一致") != []


def statuses(record: Json, wanted: str) -> list[str]:
    read = recount.read_record(record)
    return [
        check.name for check in recount.check_all(read, recount.recount(read), None) if check.status == wanted
    ]


@pytest.mark.parametrize(
    ("record", "change", "reasons"),
    [
        pytest.param(codes_and_votes(), put("result", "counts", 0, "for", 21), [COUNTS], id="sum over valid"),
        pytest.param(
            codes_and_votes(),
            both(put("result", "counts", 2, "for", 12), put("result", "counts", 2, "abstain", 14)),
            [OUTCOMES, SELECTED, LEFT],
            id="selected without a majority by the stated figures",
        ),
        pytest.param(
            codes_and_votes(),
            both(put("result", "counts", 1, "for", 26), put("result", "counts", 1, "abstain", 0)),
            [COUNTS, OUTCOMES, SELECTED],
            id="more 赞成 than all valid ballots can hold",
        ),
        pytest.param(
            codes_and_votes(),
            both(put("result", "counts", 1, "against", 1), put("result", "counts", 1, "abstain", 14)),
            [COUNTS],
            id="反对 where the method has none",
        ),
        pytest.param(codes_and_votes(), drop("ballots", 0), [NUMBER], id="a code is dropped"),
        pytest.param(codes_and_votes(), duplicate_code, [CODES], id="a code is there twice"),
        pytest.param(codes_and_votes(), put("ballots", []), [NUMBER], id="all codes are dropped"),
        pytest.param(codes_and_votes(), put("result", "valid", 27), [VALID, COUNTS], id="valid"),
        pytest.param(
            codes_and_names(), put("result", "selected", [1, 2]), [SELECTED], id="selected, outcome not"
        ),
        pytest.param(
            codes_and_names(),
            put("result", "counts", 1, "outcome", "selected"),
            [OUTCOMES, SELECTED, LEFT],
            id="three selected for two seats",
        ),
        pytest.param(
            codes_and_names(),
            both(put("result", "counts", 1, "outcome", "undecided"), put("result", "undecided", [2])),
            [OUTCOMES],
            id="undecided with no seat left",
        ),
        pytest.param(
            codes_and_names(),
            both(
                put("result", "counts", 0, "outcome", "undecided"),
                put("result", "undecided", [1]),
                put("result", "selected", [3]),
                put("result", "seats_left", 1),
            ),
            [OUTCOMES],
            id="one undecided and a seat for it",
        ),
        pytest.param(
            codes_and_names(),
            both(
                put("result", "counts", 0, "outcome", "not_selected"),
                put("result", "selected", [3]),
                put("result", "seats_left", 1),
            ),
            [OUTCOMES],
            id="passed, a seat free, not selected",
        ),
        pytest.param(
            codes_and_names(),
            put("result", "counts", 0, "outcome", "won"),
            [OUTCOMES, SELECTED, LEFT],
            id="a word",
        ),
        pytest.param(
            codes_and_names(),
            put("turnout", "present", 19),
            [TURNOUT, VOID, OUTCOMES, SELECTED, UNDECIDED, LEFT],
            id="no quorum",
        ),
        pytest.param(
            without_marks(base()), lambda record: None, [DISCLOSURE], id="marks promised and not published"
        ),
        pytest.param(
            with_rule(base(), disclosure="codes"),
            drop("ballots", 0, "marks"),
            [DISCLOSURE],
            id="marks of all ballots but one",
        ),
        pytest.param(
            copy.deepcopy(GOOD["rating: 14 and 2 together pass half"]),
            put("result", "counts", 0, "grade", "satisfied"),
            [GRADES],
            id="a grade",
        ),
        pytest.param(
            copy.deepcopy(GOOD["rating: 14 and 2 together pass half"]),
            put("ballots", 0, "marks", {}),
            [BALLOT_DIGEST, COUNTS, GRADES],
            id="a rating mark",
        ),
        pytest.param(
            copy.deepcopy(GOOD["rating below the quorum: void, no grade"]),
            put("result", "counts", 0, "grade", "satisfied"),
            [GRADES],
            id="a grade in a void round",
        ),
        pytest.param(
            copy.deepcopy(GOOD["below the quorum: void"]),
            drop("result", "void"),
            [VOID],
            id="void left unsaid",
        ),
        pytest.param(
            copy.deepcopy(GOOD["below the quorum: void"]),
            put("result", "void", "returned_exceeds_issued"),
            [VOID],
            id="void for the wrong reason",
        ),
        pytest.param(
            copy.deepcopy(GOOD["below the quorum: void"]),
            both(put("result", "selected", [1]), put("result", "seats_left", 1)),
            [SELECTED, LEFT],
            id="selected in a void round",
        ),
    ],
)
def test_other_kinds_of_record_changed(
    record: Json, change: Change, reasons: list[str], tmp_path: Path
) -> None:
    record = copy.deepcopy(record)
    change(record)
    code, report = verify(record, tmp_path)
    assert (code, failed(report)) == (1, reasons)


def test_where_both_reasons_void_a_round_either_may_be_stated(tmp_path: Path) -> None:
    record = copy.deepcopy(GOOD["below the quorum: void"])
    record["turnout"]["issued"] = 18
    for reason in ("no_quorum", "returned_exceeds_issued"):
        record["result"]["void"] = reason
        assert verify(record, tmp_path)[0] == 0


def test_the_reasons_name_project_and_figures(tmp_path: Path) -> None:
    record = base()
    record["result"]["counts"][2]["for"] = 19
    record["result"]["selected"] = [1]
    reasons = [reason for check in verify(record, tmp_path)[1]["checks"] for reason in check["differences"]]
    assert reasons == ["3 号赞成公布 19，重算 18", "应列入而没有列入 3 号"]


# --- The roll ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "reasons"),
    [
        pytest.param("\n".join(ROLL), [], id="as it is"),
        pytest.param("\ufeff" + "\r\n".join(reversed(ROLL)) + "\r\n\r\n", [], id="Notepad, another order"),
        pytest.param("\n".join(ROLL[:-1]), [ROLL_DIGEST], id="one too few"),
        pytest.param("\n".join([*ROLL, "031"]), [ROLL_DIGEST], id="one too many"),
        pytest.param("\n".join([*ROLL[:-1], "999"]), [ROLL_DIGEST], id="another person"),
        pytest.param("", [ROLL_DIGEST], id="empty"),
    ],
)
def test_the_roll_is_checked_where_it_is_given(lines: str, reasons: list[str], tmp_path: Path) -> None:
    roll = tmp_path / "roll.txt"
    roll.write_bytes(lines.encode())
    code, report = verify(base(), tmp_path, "--roll", str(roll))
    assert (failed(report), open_points(report), code) == (reasons, [], 1 if reasons else 0)


def test_a_roll_of_the_wrong_size_is_seen_although_its_digest_fits(tmp_path: Path) -> None:
    roll = tmp_path / "roll.txt"
    roll.write_text("\n".join(ROLL[:26]), encoding="utf-8")
    record = base()
    record["digests"]["roll"] = hashed(ROLL[:26])
    assert failed(verify(record, tmp_path, "--roll", str(roll))[1]) == [ROLL_DIGEST]


# --- Hashes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        pytest.param(b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0", id="A.1"),
        pytest.param(
            b"abcd" * 16,
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
            id="A.2, two blocks",
        ),
        pytest.param(b"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b", id="empty"),
    ],
)
def test_sm3_gives_the_vectors_of_the_standard(data: bytes, digest: str) -> None:
    assert recount.sm3(data) == digest


@pytest.mark.skipif(
    "sm3" not in hashlib.algorithms_available, reason="this hashlib has no SM3 to compare with"
)
def test_sm3_agrees_with_hashlib_at_every_length_of_padding() -> None:
    for length in range(200):
        data = random.Random(length).randbytes(length)
        assert recount.sm3(data) == hashlib.new("sm3", data).hexdigest()


# --- The command line --------------------------------------------------------------------------------------


def printed(record: Json, tmp_path: Path) -> tuple[int, list[str]]:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = recount.main([str(path)])
    return code, out.getvalue().splitlines()


def test_the_report_for_people_ends_with_the_verdict(tmp_path: Path) -> None:
    code, lines = printed(base(), tmp_path)
    assert (code, lines[-1]) == (0, "结论：一致")
    assert lines[2:7] == [
        "  单位  示例县人民代表大会",
        "  会议  第十八届人民代表大会第五次会议",
        "  票决  2027年民生实事项目票决（第 1 轮）",
        "  方式  从候选项目中选若干项，应选 2 项，过半数的基数：全体代表",
        "  应到 30  实到 27  发出 27  收回 27",
    ]
    assert [line.split() for line in lines[9:13]] == [
        ["编号", "项目", "赞成", "反对", "弃权", "结果"],
        ["1", "示例项目1", "20", "0", "6", "入选"],
        ["2", "示例项目2", "11", "0", "15", "未过半数"],
        ["3", "示例项目3", "18", "0", "8", "入选"],
    ]


def test_the_verdict_counts_the_differences(tmp_path: Path) -> None:
    record = base()
    record["result"]["counts"][0]["for"] = 19
    record["result"]["seats_left"] = 1
    code, lines = printed(record, tmp_path)
    assert (code, lines[-1]) == (1, "结论：不一致（2 处）")


def test_a_rehearsal_says_so(tmp_path: Path) -> None:
    record = base()
    record["round"]["rehearsal"] = True
    _, lines = printed(record, tmp_path)
    assert lines[4] == "  票决  2027年民生实事项目票决（第 1 轮）【演练】"


def test_text_in_the_file_cannot_forge_a_line_or_steer_the_console(tmp_path: Path) -> None:
    record = base()
    record["body"] = "示例县\n结论：一致\r\x1b[2J\u202e"
    record["result"]["selected"] = [1]
    _, lines = printed(record, tmp_path)
    assert lines[2] == "  单位  示例县□结论：一致□□[2J□"
    assert lines[-1] == "结论：不一致（1 处）"


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "cp437", "ascii"])
def test_any_console_shows_a_report(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(base()), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(path)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    last = "结论：一致".encode(encoding, errors="replace")
    assert done.stdout.splitlines()[-1] == last


@pytest.mark.parametrize(
    "arguments", [(), ("a.json", "b.json"), ("--nonsense",)], ids=["nothing", "two files", "unknown option"]
)
def test_a_wrong_command_line_is_answered_in_chinese(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        recount.main(list(arguments))
    assert stop.value.code == 2
    assert capsys.readouterr().err == (
        "命令不完整或不正确。用法：python3 recount.py 记录.json [--roll 名册.txt] [--json]\n"
    )


def test_it_is_one_file_for_python_3_9_and_the_standard_library() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert imported - sys.stdlib_module_names == set()


# --- Files that are no record ------------------------------------------------------------------------------


def unreadable(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the message for a file that cannot be read as a record."""
    path = tmp_path / "record.json"
    path.write_bytes(data)
    assert recount.main([str(path)]) == 2
    out, err = capsys.readouterr()
    message, advice = err.splitlines()
    assert out == ""
    assert advice == "本程序没有改动任何文件。请重新下载公布的记录再试；仍然如此，请向公布单位反映。"
    return message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "无法核对：文件不是完整的 JSON（第 1 行第 1 列附近出错）。"),
        (b'{"format": ', "无法核对：文件不是完整的 JSON（第 1 行第 12 列附近出错）。"),
        (b"PK\x03\x04\xff\xfe", "无法核对：记录文件不是 UTF-8 编码的文本。"),
        ("示例".encode("gbk"), "无法核对：记录文件不是 UTF-8 编码的文本。"),
        (b"[]", "无法核对：整个文件 应是对象，现在是 一个列表。"),
        (b"null", "无法核对：整个文件 应是对象，现在是 null。"),
        (b'{"a": NaN}', "无法核对：文件里有 NaN，这不是合法的 JSON 数值。"),
        (b'{"a": 1, "a": 2}', "无法核对：同一个对象里 “a” 出现了两次，含义不明。"),
        (b"[" * 200_000, "无法核对：文件里有过长的数字或过深的嵌套，不会是票决记录。"),
        (
            b"{}",
            "无法核对：记录格式（format）应是 minsheng-vote-record/1 或 minsheng-vote-record/2，现在是 null。"
            "若是较新的格式，请从公布记录的网站下载与之相配的核对程序。",
        ),
    ],
)
def test_a_file_that_is_no_record(
    data: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unreadable(data, tmp_path, capsys) == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("hash", "md5"), "记录指明的摘要算法（hash）是 “md5”，本程序只认识 sha256 和 sm3"),
        (drop("rule"), "记录缺少 rule"),
        (drop("result", "selected"), "公布结果（result）缺少 selected"),
        (put("turnout", "returned", "27"), "人数（turnout）的 returned 应是整数，现在是 “27”"),
        (put("turnout", "returned", True), "人数（turnout）的 returned 应是整数，现在是 true"),
        (put("turnout", "returned", -1), "人数（turnout）的 returned 超出合理范围：-1"),
        (put("turnout", "returned", 10**400), "人数（turnout）的 returned 超出合理范围：一个很大的数"),
        (put("turnout", "returned", 27.0), "人数（turnout）的 returned 应是整数，现在是 27.0"),
        (
            put("rule", "method", "lottery"),
            "票决办法（rule）的 method 是 “lottery”，本程序只认识 choose、threeway、confirm、rating",
        ),
        (put("rule", "seats", 0), "票决办法（rule）的 seats（应选数）应至少为 1"),
        (put("rule", "quorum", [2, 0]), "票决办法（rule）的 quorum 应形如 [2, 3]，现在是 一个列表"),
        (put("rule", "quorum", []), "票决办法（rule）的 quorum 应形如 [2, 3]，现在是 一个列表"),
        (put("candidates", []), "记录里没有候选项目（candidates 为空）"),
        (put("candidates", 1, "no", 1), "候选项目编号 1 出现了两次，无法计票"),
        (put("candidates", 1, 7), "第 2 个候选项目 应是对象，现在是 7"),
        (put("ballots", 0, None), "第 1 张选票 应是对象，现在是 null"),
        (put("ballots", 0, "marks", ["1"]), "第 1 张选票的 marks 应是对象，现在是 一个列表"),
        (put("ballots", 0, "marks", "1", 1), "第 1 张选票对 1 号的标记 应是文字，现在是 1"),
        (drop("ballots", 0, "code"), "第 1 张选票缺少 code"),
        (put("result", "counts", 0, "for", "20"), "公布结果第 1 行的 for 应是整数，现在是 “20”"),
        (put("result", "selected", ["1"]), "公布结果（result）的 selected 中的编号 应是整数，现在是 “1”"),
        (put("rule", "note", "\ud800"), "文件里有不成字的编码、无穷大的数或过深的嵌套，无法计算摘要"),
    ],
)
def test_a_record_with_a_broken_part(
    change: Change, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = base()
    change(record)
    assert unreadable(json.dumps(record).encode(), tmp_path, capsys) == f"无法核对：{message}。"


def test_a_missing_file_and_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert recount.main([str(tmp_path / "none.json")]) == 2
    assert recount.main([str(tmp_path)]) == 2
    assert recount.main(["a\0b"]) == 2
    assert recount.main([str(tmp_path / "none.json"), "--json"]) == 2
    out, err = capsys.readouterr()
    assert [line.split("（")[0][:10] for line in err.splitlines()[::2]] == [
        "无法核对：找不到记录",
        "无法核对：打不开记录",
        "无法核对：打不开记录",
    ]
    assert json.loads(out)["verdict"] == "无法读取"


# --- Any damage whatever -----------------------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Yield the path of every value inside a JSON document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, each in inner for found in [(*path, key), *places(each, (*path, key))]]


def shortened() -> Json:
    """Return a record with three ballots, so that damage falls on every part of it alike."""
    return make(
        box((1, ticks(1, 3)), (1, SPOILT), (1, sheet(_2=AGAINST))),
        [row(1, 1, 0, 1, "no_majority"), row(2, 0, 1, 1, "no_majority"), row(3, 1, 0, 1, "no_majority")],
        invalid=1,
        rule={"method": "threeway"},
    )


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=0, max_value=4)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["for", "1", "rating", "names", "sm3", "none", "selected", "no_quorum", "\ud800", 10**30]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def outcome_of(data: bytes, path: Path) -> tuple[int, str, str]:
    """Exit code, last line and messages of the program for a file."""
    path.write_bytes(data)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = recount.main([str(path)])
        assert recount.main([str(path), "--json"]) == code
    return code, (out.getvalue().split("\n{")[0].splitlines() or [""])[-1], err.getvalue()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_record_never_breaks_the_program(tmp_path: Path, data: st.DataObject) -> None:
    record = shortened()
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(record)))
        if data.draw(st.booleans()):
            drop(*path)(record)
        else:
            put(*path, copy.deepcopy(data.draw(JUNK)))(record)
    code, last, errors = outcome_of(json.dumps(record).encode(), tmp_path / "record.json")
    if code == 2:
        assert errors.startswith("无法核对：")
    else:
        assert last.startswith("结论：一致" if code == 0 else "结论：不一致（")
        assert errors == ""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_bytes_never_break_the_program(tmp_path: Path, data: st.DataObject) -> None:
    whole = json.dumps(shortened(), ensure_ascii=False).encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    damaged = whole[:start] + data.draw(st.binary(max_size=6)) + whole[end:]
    assert outcome_of(damaged, tmp_path / "record.json")[0] in {0, 1, 2}


# --- Against the application -------------------------------------------------------------------------------


@st.composite
def recorded_rounds(draw: st.DrawFn, *, open_marks: bool = False) -> Json:
    """Draw a random round as the application counts and records it.

    Figures are small, so that ties, shortfalls, void rounds and overfull ballots are frequent. With ``open_marks``
    there is at least one ballot, and marks are published.
    """
    method = draw(st.sampled_from(["choose", "threeway", "confirm", "rating"]))
    numbers = draw(st.lists(st.integers(1, 30), min_size=1, max_size=6, unique=True))
    disclosure = "ballots" if open_marks else draw(st.sampled_from(["codes", "ballots", "none"]))
    rule = Rule(
        method=method,
        seats=len(numbers) if method == "confirm" else draw(st.integers(1, 4)),
        quorum=draw(st.sampled_from([(2, 3), (1, 2), (1, 2)])),
        quorum_more=draw(st.booleans()),
        majority=draw(st.sampled_from(["roster", "present", "valid", "none"])),
        overvote=draw(st.sampled_from(["void_ballot", "allow"])) if method == "threeway" else "void_ballot",
        half=draw(st.sampled_from(["satisfied", "both", "neither"])),
        disclosure=disclosure,
        publish="names+votes" if disclosure == "ballots" else draw(st.sampled_from(["names", "names+votes"])),
        small_body=1 if open_marks else draw(st.sampled_from([1, 4, 20])),
        paper=draw(st.sampled_from(["none", "keyed", "totals"])),
    )
    papers = draw(
        st.lists(
            st.none() | st.dictionaries(st.sampled_from(numbers), st.sampled_from(recount.MARKS[method])),
            min_size=1 if open_marks else 0,
            max_size=12,
        )
    )
    times = draw(st.integers(1, 3))
    ballots = [
        CastBallot(
            f"C{at:09}", "paper" if marks is None or at % 2 else "phone", marks or {}, spoilt=marks is None
        )
        for at, marks in enumerate(papers * times)
    ]
    returned = len(ballots)
    issued = max(0, returned + draw(st.integers(-1, 3)))
    present = issued + draw(st.integers(0, 2))
    roster = present + draw(st.integers(0, 1 + present // 2))
    on_paper = [ballot for ballot in ballots if ballot.source == "paper"]
    out = None if rule.paper == "none" else max(0, min(issued, len(on_paper) + draw(st.integers(-1, 2))))
    boxes: list[BoxTotal] = []
    if rule.paper == "totals":  # what lay in the boxes is known by its sums only
        ballots = [ballot for ballot in ballots if ballot.source == "phone"]
        boxes = [by_hand(rule, no, on_paper[no - 1 :: 2]) for no in (1, 2)]
    hidden = {} if shows_marks(rule, ballots, boxes) else {"ballots": "b1" * 16}
    return build(
        Heading("示例县人民代表大会", "第五次会议", "r1", "票决"),
        rule=rule,
        turnout=TurnoutFigures(roster, present, issued, returned, out),
        candidates=[(number, f"示例项目{number}") for number in numbers],
        ballots=draw(st.permutations(ballots)),
        boxes=boxes,
        roll=[f"{number:03}" for number in range(roster)],
        algorithm=draw(st.sampled_from(["sha256", "sm3"])) if SM3 else "sha256",
        sealed=draw(st.booleans()),
        salts=draw(
            st.sampled_from([None, hidden | {"result": "5a" * 16, "boxes": "17" * 16, "paper": "c0" * 16}])
        ),
        signatures=[
            {"name": "示例代表001", "role": "chief", "kind": "passphrase", "code": "K7Q29MXD4T"},
            {"name": "示例代表002", "role": "teller", "kind": "login"},
        ],
    )


@settings(max_examples=250, deadline=None)
@given(recorded_rounds())
def test_what_the_application_records_is_consistent(record: Json) -> None:
    record = json.loads(json.dumps(record, ensure_ascii=False))
    read = recount.read_record(record)
    own = recount.recount(read)
    roll = [f"{number:03}" for number in range(record["turnout"]["roster"])]
    checks = recount.check_all(read, own, roll)
    assert [(check.name, check.differences) for check in checks if check.differences] == []


@settings(max_examples=100, deadline=None)
@given(recorded_rounds(open_marks=True).filter(lambda record: record["ballots"]), st.data())
def test_one_changed_mark_in_what_the_application_records_is_seen(record: Json, data: st.DataObject) -> None:
    marks = data.draw(st.sampled_from(record["ballots"]))["marks"]
    number = str(data.draw(st.sampled_from(record["candidates"]))["no"])
    before = marks.pop(number, None)
    others = [mark for mark in (None, *recount.MARKS[record["rule"]["method"]]) if mark != before]
    after = data.draw(st.sampled_from(others))
    if after is not None:
        marks[number] = after
    assert BALLOT_DIGEST in statuses(record, "不一致")


@settings(max_examples=100, deadline=None)
@given(recorded_rounds(open_marks=True).filter(lambda record: record.get("boxes")), st.data())
def test_one_changed_sum_of_a_box_is_seen(record: Json, data: st.DataObject) -> None:
    box = data.draw(st.sampled_from(record["boxes"]))
    row = data.draw(st.sampled_from(box["counts"]))
    key = data.draw(st.sampled_from([key for key in row if key != "no"]))
    row[key] += 1
    assert "票箱合计摘要" in statuses(record, "不一致")


@settings(max_examples=60, deadline=None)
@given(recorded_rounds(open_marks=True).filter(lambda record: "salts" in record), st.data())
def test_one_changed_figure_of_what_the_tellers_signed_is_seen(record: Json, data: st.DataObject) -> None:
    assert "计票结果摘要" in statuses(record, "一致")
    record["result"]["valid"] += 1
    assert "计票结果摘要" in statuses(record, "不一致")
    record["result"]["valid"] -= 1
    record["salts"]["result"] = data.draw(st.sampled_from(["a5" * 16, "5A" * 16]))
    assert "计票结果摘要" in statuses(record, "不一致")


# --- signatures of tellers (format 2) ----------------------------------------------------------------------


def signed(record: Json) -> Json:
    """Return the record as two tellers have signed it with the keys of their phones."""
    record = json.loads(json.dumps(record, ensure_ascii=False))
    record["signatures"] = []
    for name, role, number in (("示例代表001", "chief", 5), ("示例代表002", "teller", 7)):
        key = PhoneKey(ec.derive_private_key(number, ec.SECP256R1()))
        given = {"public_key": key.public, "signature": key.sign(signed_content(record)).signature}
        record["signatures"].append(
            {"name": name, "role": role, "kind": "key", "code": recount.short_code(key.public), **given}
        )
    return record


def findings(record: Json) -> dict[str, str]:
    """Return check → status of the checks of signatures."""
    read = recount.read_record(json.loads(json.dumps(record)))
    return {check.name: check.status for check in recount.check_signatures(read)}


WHO, OF_CHIEF, OF_TELLER = "总监票人和监票人已签字", "总监票人示例代表001的签字", "监票人示例代表002的签字"


@settings(max_examples=10, deadline=None)
@given(recorded_rounds())
def test_signatures_of_keys_are_verified(record: Json) -> None:
    assert findings(signed(record)) == dict.fromkeys((WHO, OF_CHIEF, OF_TELLER), "一致")


SIGNED_PARTS = {
    "round": lambda record: record["round"].update(id="r2"),
    "rule": lambda record: record["rule"].update(seats=record["rule"]["seats"] + 1),
    "turnout": lambda record: record["turnout"].update(returned=record["turnout"]["returned"] + 1),
    "digest": lambda record: record["digests"].update(roll="0" * 64),
    "reports": lambda record: record["reports"].update(number=1),
    "decision": lambda record: record["reports"].update(decision="查无异常"),
}


@pytest.mark.parametrize("part", SIGNED_PARTS)
@settings(max_examples=3, deadline=None)
@given(record=recorded_rounds())
def test_changed_part_of_what_was_signed_is_refused(record: Json, part: str) -> None:
    record = signed(record)
    SIGNED_PARTS[part](record)
    assert findings(record) == {WHO: "一致", OF_CHIEF: "不一致", OF_TELLER: "不一致"}


@settings(max_examples=10, deadline=None)
@given(recorded_rounds(), st.data())
def test_changed_byte_of_one_signature_is_refused(record: Json, data: st.DataObject) -> None:
    record = signed(record)
    place = data.draw(st.integers(0, 127))
    first = record["signatures"][0]
    digit = data.draw(st.sampled_from([d for d in "0123456789abcdef" if d != first["signature"][place]]))
    first["signature"] = first["signature"][:place] + digit + first["signature"][place + 1 :]
    assert findings(record) == {WHO: "一致", OF_CHIEF: "不一致", OF_TELLER: "一致"}


@settings(max_examples=3, deadline=None)
@given(recorded_rounds())
def test_who_signed_must_be_the_chief_and_another(record: Json) -> None:
    record = signed(record)
    alone = {**record, "signatures": record["signatures"][:1]}
    twice = {**record, "signatures": [record["signatures"][0], {**record["signatures"][0], "role": "teller"}]}
    assert [findings(each)[WHO] for each in (alone, twice)] == ["不一致"] * 2


@settings(max_examples=3, deadline=None)
@given(recorded_rounds())
def test_short_code_follows_from_the_key(record: Json) -> None:
    record = signed(record)
    record["signatures"][0]["code"] = "AAAAAAAAAA"
    assert findings(record) == {WHO: "一致", OF_CHIEF: "不一致", OF_TELLER: "一致"}


@settings(max_examples=3, deadline=None)
@given(recorded_rounds())
def test_record_of_the_first_format_is_read_without_signatures(record: Json) -> None:
    first = {key: value for key, value in record.items() if key not in ("signatures", "reports")}
    assert findings({**first, "format": "minsheng-vote-record/1"}) == {}
    with pytest.raises(recount.Unreadable, match="缺少 signatures"):
        findings(first)
