"""The verification of P-256 signatures in recount.py, written anew, against the library that the server uses."""

import importlib.util
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings, strategies as st

from votes.config import ROOT
from votes.demo.keys import PhoneKey
from votes.rules.meeting.signing_secrets import code_of_key
from votes.services.meeting import signing_secrets

pytestmark = pytest.mark.sqlite

_spec = importlib.util.spec_from_file_location("recount", ROOT / "static" / "recount.py")
recount = importlib.util.module_from_spec(_spec)
sys.modules["recount"] = recount
_spec.loader.exec_module(recount)

ORDER = recount.ORDER
numbers = st.integers(1, ORDER - 1)


def key_of(number):
    return PhoneKey(ec.derive_private_key(number, ec.SECP256R1()))


@settings(max_examples=25, deadline=None)
@given(numbers, st.binary(max_size=200))
def test_signature_of_the_library_is_accepted_by_both(number, message):
    key = key_of(number)
    signature = key.sign(message).signature
    assert recount.verifies(key.public, message, signature)
    assert signing_secrets.verifies(key.public, message, signature)
    assert recount.short_code(key.public) == code_of_key(key.public)


@settings(max_examples=25, deadline=None)
@given(numbers, st.binary(min_size=1, max_size=60), st.data())
def test_one_changed_byte_is_refused_by_both(number, message, data):
    key = key_of(number)
    signature = key.sign(message).signature
    part = data.draw(st.sampled_from(["message", "signature", "key"]))
    whole = {"message": message, "signature": bytes.fromhex(signature), "key": bytes.fromhex(key.public)}
    place = data.draw(st.integers(0, len(whole[part]) - 1))
    changed = bytearray(whole[part])
    changed[place] ^= data.draw(st.integers(1, 255))
    whole[part] = bytes(changed)
    given_ = whole["key"].hex(), whole["message"], whole["signature"].hex()
    assert not recount.verifies(*given_)
    assert not signing_secrets.verifies(*given_)


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 1), (1, 0), (ORDER, 1), (1, ORDER), (0, 0), (ORDER, ORDER), (2**256 - 1, 2**256 - 1), (1, 1)],
)
def test_numbers_out_of_range_are_refused_by_both(r, s):
    key = key_of(12345)
    assert not recount.verifies(key.public, b"x", f"{r:064x}{s:064x}")
    assert not signing_secrets.verifies(key.public, b"x", f"{r:064x}{s:064x}")


@pytest.mark.parametrize(
    "key", ["", "04" + "0" * 128, "04" + "f" * 128, "02" + "0" * 64, "zz" * 65, key_of(1).public.upper()]
)
def test_what_is_no_key_is_refused_by_both(key):
    signature = key_of(1).sign(b"x").signature
    assert not recount.verifies(key, b"x", signature)
    if key != key_of(1).public.upper():
        assert not signing_secrets.verifies(key, b"x", signature)


@settings(max_examples=15, deadline=None)
@given(numbers, numbers)
def test_key_of_another_teller_is_refused(first, second):
    signature = key_of(first).sign(b"x").signature
    assert recount.verifies(key_of(second).public, b"x", signature) is (first == second)
