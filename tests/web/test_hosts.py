"""The host names that the application answers, and the cookies over HTTPS."""

import pytest

from votes import config, create_app
from votes.web.hosts import host_of

HTTPS = {
    "SECRET_KEY": "for the tests only",
    "PUBLIC_URL": "https://vote.example:8443",
    "ALLOWED_HOSTS": "inside.example, [fd00::1]",
    "WTF_CSRF_ENABLED": False,
}


@pytest.fixture(scope="module")
def https_app(tmp_path_factory):
    return create_app({**HTTPS, "INSTANCE_PATH": str(tmp_path_factory.mktemp("instance"))})


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("vote.example", 200),
        ("vote.example:8443", 200),
        ("VOTE.example:1", 200),
        ("localhost", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("inside.example", 200),
        ("[fd00::1]", 200),
        ("evil.example", 400),
        ("evil.example:8443", 400),
        ("vote.example.evil", 400),
        ("vote.example@evil.example", 400),
        ("evil.example/vote.example", 400),
        ("evil.example?vote.example", 400),
        ("localhost evil", 400),
        ("[::1", 400),
        ("", 400),
    ],
)
def test_host_is_answered_only_if_it_is_on_the_list(https_app, host, status):
    answer = https_app.test_client().get("/static/css/site.css", headers={"Host": host})
    assert answer.status_code == status
    if status == 400:
        assert "地址不对" in answer.text
        assert "evil" not in answer.text + str(answer.headers)


def test_request_without_a_host_is_answered(https_app):
    """A load balancer asks like this whether the server is there."""
    statuses = []
    environ = https_app.test_request_context("/static/css/site.css").request.environ
    del environ["HTTP_HOST"]
    list(https_app.wsgi_app(environ, lambda status, headers, exc=None: statuses.append(status)))
    assert statuses == ["200 OK"]


@pytest.mark.parametrize(
    ("text", "host"), [("a.example:80", "a.example"), ("https://B.example/x", "b.example"), ("//", "")]
)
def test_host_of_drops_port_and_path(text, host):
    assert host_of(text) == host


def test_hosts_on_all_addresses_have_that_of_the_machine(monkeypatch):
    monkeypatch.setattr(config, "own_address", lambda: "192.168.1.10")
    assert "192.168.1.10" in config.hosts("0.0.0.0", "http://127.0.0.1:8000", "")
    assert "192.168.1.10" not in config.hosts("127.0.0.1", "http://127.0.0.1:8000", "")


def test_session_cookie_over_https_belongs_to_this_host(https_app):
    assert https_app.config["SESSION_COOKIE_NAME"].startswith("__Host-votes_")
    assert https_app.config["SESSION_COOKIE_SECURE"]


def test_session_cookie_over_http_has_a_plain_name(one_app):
    assert one_app.config["SESSION_COOKIE_NAME"].startswith("votes_")
