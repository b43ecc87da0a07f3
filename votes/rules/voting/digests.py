"""Digests: how a JSON value, a ballot, a box and a whole round are hashed (SHA-256 or SM3).

Whoever changes a line here changes digests that are printed on signed counting sheets.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import ABSTAIN, AGAINST, FOR, RATINGS
from votes.rules.voting.result import BoxTotal, CastBallot

ALGORITHMS = ("sha256", "sm3")


def canonical_json(value: Any) -> bytes:
    """Return the one byte string of a JSON value: sorted keys, no spaces, UTF-8, no ASCII escaping.

    Raises ValueError or TypeError for what JSON cannot hold (NaN, bytes, dates …).
    """
    # The first pass turns tuples into lists and whole-number keys into strings, so that a value hashes alike
    # before it was stored and after it was read back: {2:…, 10:…} sorts differently from {"2":…, "10":…}.
    plain = json.loads(json.dumps(value, allow_nan=False))
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(algorithm: str, data: bytes) -> str:
    """Return the hex digest of `data` by "sha256" or "sm3" (GB/T 32905).

    Raises RuleBroken for another name, or where this machine's library lacks SM3.
    """
    if algorithm not in ALGORITHMS:
        words = f"不认识的摘要算法“{algorithm}”，只能用 sha256 或 sm3。"
        raise RuleBroken(words, field="hash", code="unknown_hash", status=422)
    try:
        return hashlib.new(algorithm, data).hexdigest()
    except ValueError:
        words = "本机的密码库不支持 SM3 摘要算法。没有作任何改动；请改用 sha256，或者安装带 SM3 的 OpenSSL。"
        raise RuleBroken(words, field="hash", code="hash_missing") from None


def json_digest(algorithm: str, value: Any, salt: str | None = None) -> str:
    """Return the hex digest of a JSON value's canonical form.

    With a salt, nobody finds the value by trying the few that are possible. A round closed before salts were
    introduced has none: its digests are of the value alone.
    """
    return digest(algorithm, canonical_json({"salt": salt, "value": value} if salt else value))


def ballot_dict(ballot: CastBallot) -> dict[str, Any]:
    """Return a full ballot as records write it: 弃权 left out, numbers as strings, a spoilt one without marks."""
    marks = {} if ballot.spoilt else ballot.marks
    plain: dict[str, Any] = {
        "code": ballot.code,
        "source": ballot.source,
        "marks": {str(no): marks[no] for no in sorted(marks) if marks[no] != ABSTAIN},
    }
    if ballot.spoilt:
        plain["spoilt"] = True
    return plain


def ballot_dicts(ballots: Iterable[CastBallot]) -> list[dict[str, Any]]:
    """Return full ballots as records write them, sorted by code."""
    return [ballot_dict(ballot) for ballot in sorted(ballots, key=lambda ballot: ballot.code)]


def box_dicts(boxes: Iterable[BoxTotal], rule: Rule, candidates: Sequence[int]) -> list[dict[str, Any]]:
    """Return the sums of the boxes counted by hand as records write them, by box number.

    Each has a row for every candidate with every figure but the last (弃权, or void items): it follows from the
    others.
    """
    words = {"choose": (FOR,), "rating": RATINGS}.get(rule.method, (FOR, AGAINST))
    return [
        {
            **{name: getattr(box, name) for name in ("no", "returned", "valid", "invalid")},
            "counts": [
                {"no": no, **{word: box.counts.get(no, {}).get(word, 0) for word in words}}
                for no in candidates
            ],
        }
        for box in sorted(boxes, key=lambda box: box.no)
    ]
