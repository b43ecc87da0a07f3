"""nginx and Caddy with the files of deploy/: what reaches the server, and what does not."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import proxies
from tests.plumbing import serve

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


LIMIT = 48 * 1024 * 1024


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer with the headers of the request and with the length of its body."""
    said = {key: value for key, value in environ.items() if isinstance(value, str)}
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if environ["PATH_INFO"] == "/gone":
        environ["werkzeug.socket"].shutdown(SHUT_RDWR)
        return []
    if length <= LIMIT:
        said["read"] = str(len(environ["wsgi.input"].read(length))) if length else "no length"
    start_response("200 OK", [("Content-Type", "application/json"), ("Server", "votes")])
    return [json.dumps(said).encode()]


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[proxies.Proxy]:
    if not proxies.is_there(request.param):
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp("proxy") / "files"
    with serve(echo) as url, proxies.run(request.param, urlsplit(url).port or 0, folder) as running:
        yield running


def curl(proxy: proxies.Proxy, *options: str, path: str = "/", plain: bool = False) -> tuple[str, str]:
    """Return head and body of an answer."""
    port = proxy.plain if plain else proxy.port
    url = f"{'http' if plain else 'https'}://{proxies.NAME}:{port}{path}"
    resolve = f"{proxies.NAME}:{port}:127.0.0.1"
    command = ["curl", "-sS", "-i", "--max-time", "60", "--cacert", proxy.certificate, "--resolve", resolve]
    done = subprocess.run([*command, *options, url], capture_output=True, check=False)
    head, _, body = done.stdout.decode(errors="replace").rpartition("\r\n\r\n")
    return head, body


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
@pytest.mark.parametrize("chunked", [(), ("-H", "Transfer-Encoding: chunked", "-H", "Content-Length:")])
def test_upload_of_a_browser_arrives_whole_with_its_length(
    proxy: proxies.Proxy, tmp_path: Path, version: str, chunked: tuple[str, ...]
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"x" * 3_000_000)
    _, body = curl(proxy, version, *chunked, "-H", "Expect:", "--data-binary", f"@{photo}", path="/vote/1")
    # Caddy passes a body without a length on as it is, and the gateway refuses it; browsers announce the length of theirs.
    assert json.loads(body)["read"] == ("no length" if chunked and proxy.kind == "caddy" else "3000000")


def test_form_arrives_with_name_and_address_of_the_sender(proxy: proxies.Proxy) -> None:
    forged = "-H", "X-Forwarded-For: 192.0.2.9", "-H", "X-Forwarded-Proto: http"
    head, body = curl(proxy, *forged, "-d", "m1=for", path="/vote/%E4%B8%AD?q=1")
    said = json.loads(body)
    assert said["HTTP_HOST"] == f"{proxies.NAME}:{proxy.port}"
    assert said["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert said["HTTP_X_FORWARDED_PROTO"] == "https"
    assert (said["read"], said["QUERY_STRING"]) == ("6", "q=1")
    names = [line for line in head.splitlines() if line.lower().startswith("server:")]
    assert names == (["server: nginx"] if proxy.kind == "nginx" else [])


def test_body_over_the_limit_is_refused_in_words(proxy: proxies.Proxy, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(60_000_000)
    head, body = curl(proxy, "--http1.1", "-H", "Expect:", "--data-binary", f"@{large}")
    if proxy.kind == "caddy":  # the gateway refuses it
        assert json.loads(body)["CONTENT_LENGTH"] == "60000000"
    else:
        assert " 413" in head.splitlines()[0]
        assert "文件太大" in body


def test_server_that_is_away_is_told_in_words(proxy: proxies.Proxy) -> None:
    if proxy.kind == "caddy":
        pytest.skip("Caddy answers with an empty page")
    head, body = curl(proxy, path="/gone")
    assert " 502" in head.splitlines()[0]
    assert "系统繁忙" in body


def test_plain_http_leads_to_https(proxy: proxies.Proxy) -> None:
    head, _ = curl(proxy, path="/c/abc", plain=True)
    assert head.splitlines()[0].split()[1] in ("301", "308")
    assert f"location: https://{proxies.NAME}" in head.lower()


def test_half_sent_head_and_idle_connection_are_closed(proxy: proxies.Proxy) -> None:
    begun = time.monotonic()
    held = [proxy.connect(), proxy.connect()]
    held[0].sendall(b"GET / HTTP/1.1\r\nHost: vote.example.org\r\nX-Half")
    held[1].sendall(b"GET / HTTP/1.1\r\nHost: vote.example.org\r\n\r\n")
    for each in held:
        each.settimeout(45)
        while each.recv(4096):
            pass
        each.close()
    assert 10 < time.monotonic() - begun < 40
