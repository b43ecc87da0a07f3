"""Which phone and which network a request comes from."""

import pytest

from votes.web import phones

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::9", True),  # a phone chooses the second half
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.9.8.7", "10.9.8.7", True),
        ("10.9.8.7", "10.9.8.8", False),
        ("::1", "127.0.0.1", True),  # this machine, where a proxy may run
        ("::ffff:127.0.0.1", "127.0.0.1", True),
    ],
)
def test_network_of_two_addresses_is_the_same_or_not(app, one, other, same):
    networks = []
    for address in (one, other):
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            networks.append(phones.network("suggest"))
    assert (networks[0] == networks[1]) is same
    assert (networks == ["", ""]) is (other == "127.0.0.1")


def test_phone_is_recognised_by_its_cookie(app):
    with app.test_request_context():
        first = phones.phone("rate")
        assert first != phones.phone("suggest")
        cookie = app.process_response(app.make_response("")).headers["Set-Cookie"].partition(";")[0]
    with app.test_request_context(headers={"Cookie": cookie}):
        assert phones.phone("rate") == first
    with app.test_request_context(headers={"Cookie": f"{cookie}x"}):
        assert phones.phone("rate") != first
