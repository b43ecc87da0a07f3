"""Canonical JSON and digests, byte for byte."""

import hashlib
import json

import pytest
from hypothesis import given, strategies as st

from tests.rules.voting.test_chain import scalars, text, values
from votes.rules.errors import RuleBroken
from votes.rules.voting import digests
from votes.rules.voting.digests import canonical_json, digest


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"名称": "农村饮水“安全”"}, '{"名称":"农村饮水“安全”"}'),
        ({"10": 1, "2": 1}, '{"10":1,"2":1}'),
        ({2: 1, 10: 1}, '{"10":1,"2":1}'),
        ({"quorum": (2, 3)}, '{"quorum":[2,3]}'),
        ([], "[]"),
    ],
)
def test_canonical_json_byte_for_byte(value, expected):
    assert canonical_json(value) == expected.encode()


@given(values)
def test_canonical_json_round_trip(value):
    assert json.loads(canonical_json(value)) == value
    assert canonical_json(json.loads(canonical_json(value))) == canonical_json(value)


@given(st.dictionaries(text, scalars))
def test_the_order_of_keys_never_matters(value):
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


@pytest.mark.parametrize("value", [float("nan"), {"a": float("inf")}, b"bytes", {"a": {1}}, "\ud800"])
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        canonical_json(value)


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        # the example of GB/T 32905-2016, annex A.1
        ("sm3", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    ],
)
def test_digests_of_the_standards(algorithm, expected):
    assert digest(algorithm, b"abc") == expected


@pytest.mark.parametrize("algorithm", ["md5", "SHA256", ""])
def test_no_other_digest_is_taken(algorithm):
    with pytest.raises(RuleBroken) as refusal:
        digest(algorithm, b"abc")
    assert refusal.value.code == "unknown_hash"


def test_a_machine_without_sm3_is_told_what_to_do(monkeypatch):
    def without_sm3(name, data):
        if name == "sm3":
            raise ValueError("unsupported hash type sm3")
        return hashlib.sha256(data)

    monkeypatch.setattr(digests.hashlib, "new", without_sm3)
    with pytest.raises(RuleBroken) as refusal:
        digest("sm3", b"abc")
    assert refusal.value.code == "hash_missing"
    assert digest("sha256", b"abc") == hashlib.sha256(b"abc").hexdigest()
