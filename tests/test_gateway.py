"""What a server process does around the application: bodies, deadlines, the two groups."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from granian.rsgi import ProtocolClosed

from votes import gateway, staff_group
from votes.gateway import Gateway, call, environ_of
from votes.staff_group import HANDED_OVER, Answer, Lane, StaffAwayError, StaffGroup, _frame, _read_frame


class Headers:
    """The headers of a request, as Granian gives them: lower-case names, a name more than once."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = list(pairs)

    def items(self) -> list[tuple[str, str]]:
        return self._pairs

    def get(self, name: str) -> str | None:
        return next((value for key, value in self._pairs if key == name), None)


class Scope:
    """The head of a request."""

    proto, http_version, scheme = "http", "1.1", "http"
    server, client = "127.0.0.1:8000", "192.0.2.7:51234"

    def __init__(
        self, method: str = "POST", path: str = "/", query: str = "", headers: Headers | None = None
    ) -> None:
        self.method, self.path, self.query_string = method, path, query
        self.headers = headers or Headers()


class Connection:
    """The connection of a request: its body arrives in ``pieces``, each after ``seconds``; the answer is kept."""

    answer: Answer

    def __init__(self, *pieces: bytes, seconds: float = 0) -> None:
        self._pieces, self._seconds = pieces, seconds

    async def __aiter__(self) -> Any:
        for piece in self._pieces:
            await asyncio.sleep(self._seconds)
            yield piece

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = Answer(status, headers, body)


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Path", environ["PATH_INFO"])])
    return [environ["REQUEST_METHOD"].encode(), b" ", environ["wsgi.input"].read()]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run ``work`` in a thread of its own: while a browser of the tests is open, this one has a running event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def ask(scope: Scope, connection: Connection, application: Any = echo, **options: Any) -> Answer:
    site = Gateway(application, **{"longest": 1000, **options})
    run(site.__rsgi__(scope, connection))  # type: ignore[arg-type]
    return connection.answer


def of_length(length: int) -> Headers:
    return Headers(("content-length", str(length)))


def test_body_is_complete_before_the_application_runs() -> None:
    answer = ask(Scope(headers=of_length(6)), Connection(b"abc", b"def", seconds=0.01))
    assert (answer.status, answer.body) == (200, b"POST abcdef")
    assert ("content-type", "text/plain") in answer.headers


def test_body_too_large_is_refused_in_words() -> None:
    answer = ask(Scope(headers=of_length(1001)), Connection(b""))
    assert answer.status == 413
    assert "文件太大" in answer.body.decode()


@pytest.mark.parametrize(
    "headers",
    [Headers(("transfer-encoding", "chunked")), of_length(5), of_length(7)],
    ids=["no length", "longer than announced", "broken off"],
)
def test_body_of_another_length_than_announced_never_reaches_the_application(headers: Headers) -> None:
    answer = ask(Scope(headers=headers), Connection(b"m1=", b"for"))
    assert answer.status == 400
    assert "没有被提交" in answer.body.decode()


def test_body_that_never_arrives_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "PATIENCE", 0.05)
    answer = ask(Scope(headers=of_length(6)), Connection(b"abc", b"def", seconds=30))
    assert answer.status == 408
    assert "没有保存" in answer.body.decode()


def test_bodies_held_at_a_time_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "MOST_HELD", 500)
    monkeypatch.setattr(gateway, "SMALL", 0)
    assert ask(Scope(headers=of_length(501)), Connection(b"x" * 501)).status == 503
    assert ask(Scope(headers=of_length(500)), Connection(b"x" * 500)).status == 200


def test_bodies_that_are_still_arriving_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "MOST_HELD", 500)
    monkeypatch.setattr(gateway, "SMALL", 100)
    monkeypatch.setattr(gateway, "PATIENCE", 1)
    site = Gateway(echo, longest=1000)

    async def two_photos() -> list[int]:
        photo, other = Connection(b"x" * 400, b"x" * 50, seconds=0.2), Connection(b"x" * 120)
        first = asyncio.create_task(site.__rsgi__(Scope(headers=of_length(450)), photo))  # type: ignore[arg-type]
        await asyncio.sleep(0.3)
        await site.__rsgi__(Scope(headers=of_length(120)), other)  # type: ignore[arg-type]
        await first
        later = Connection(b"x" * 120)
        await site.__rsgi__(Scope(headers=of_length(120)), later)  # type: ignore[arg-type]
        return [each.answer.status for each in (other, photo, later)]

    assert run(two_photos()) == [503, 200, 200]


def test_a_ballot_is_taken_while_others_hold_all_that_may_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "MOST_HELD", 10)
    assert ask(Scope(headers=of_length(120)), Connection(b"m1=for" * 20)).status == 200


def test_error_outside_the_application_is_answered_500(caplog: pytest.LogCaptureFixture) -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise RuntimeError("no words for people")

    answer = ask(Scope("GET"), Connection(), broken)
    assert answer.status == 500
    assert "no words" not in answer.body.decode()


def test_client_that_leaves_is_not_answered() -> None:
    class Gone(Connection):
        async def __aiter__(self) -> Any:
            yield b"m1="
            raise ProtocolClosed

    connection = Gone()
    run(Gateway(echo, longest=1000).__rsgi__(Scope(headers=of_length(6)), connection))  # type: ignore[arg-type]
    assert not hasattr(connection, "answer")


def test_environ_joins_headers_that_stand_twice() -> None:
    headers = Headers(
        ("cookie", "a=1"), ("cookie", "b=2"), ("accept", "x"), ("accept", "y"), ("content-type", "t/x")
    )
    environ = environ_of(Scope("GET", "/中", "q=中", headers), 0)  # type: ignore[arg-type]
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_ACCEPT"] == "x,y"
    assert environ["CONTENT_TYPE"] == "t/x"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/中"
    assert environ["QUERY_STRING"].encode("latin-1").decode() == "q=中"
    assert (environ["REMOTE_ADDR"], environ["SERVER_PORT"]) == ("192.0.2.7", "8000")


def hands_over(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Hand each page but the ballot over, as `web.groups` does."""
    if environ.get(HANDED_OVER) is False and environ["PATH_INFO"] != "/vote/1":
        environ[HANDED_OVER] = Lane.SIGNED_IN if environ["PATH_INFO"] == "/office/" else Lane.STRANGERS
        start_response("204 NO CONTENT", [])
        return []
    return echo(environ, start_response)


@pytest.fixture
def staff(tmp_path: Any) -> Iterator[str]:
    """Run one staff process's loop in a thread: each request is answered with the id of that thread."""
    path = os.path.join(str(tmp_path), "s")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(8)

    def answer() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                request = _read_frame(connection)
                assert request is not None
                given = call(hands_over, *request)
                connection.sendall(
                    _frame({"status": given.status, "headers": given.headers}, b"staff: " + given.body)
                )

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield path
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_page_of_staff_is_answered_by_the_staff_group(staff: str) -> None:
    scope = Scope("POST", "/office/", headers=of_length(3))
    answer = ask(scope, Connection(b"abc"), hands_over, staff=StaffGroup(staff))
    assert (answer.status, answer.body) == (200, b"staff: POST abc")
    assert ("x-path", "/office/") in answer.headers


def test_large_body_reaches_the_staff_group_whole(staff: str) -> None:
    large = bytes(range(256)) * 2000
    scope = Scope("POST", "/office/", headers=of_length(len(large)))
    pieces = [large[at : at + 100_000] for at in range(0, len(large), 100_000)]
    answer = ask(scope, Connection(*pieces), hands_over, longest=len(large), staff=StaffGroup(staff))
    assert answer.body == b"staff: POST " + large


def test_ballot_is_answered_in_the_voting_group(staff: str) -> None:
    scope = Scope("POST", "/vote/1", headers=of_length(3))
    assert ask(scope, Connection(b"abc"), hands_over, staff=StaffGroup(staff)).body == b"POST abc"


def test_vote_goes_on_while_the_staff_group_is_away() -> None:
    away = StaffGroup("/nowhere/staff.sock")
    assert ask(Scope("GET", "/office/"), Connection(), hands_over, staff=away).status == 503
    assert ask(Scope("GET", "/vote/1"), Connection(), hands_over, staff=away).status == 200


def test_staff_group_that_dies_in_mid_answer_is_away(tmp_path: Any) -> None:
    path = str(tmp_path / "s")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)
    threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
    with pytest.raises(StaffAwayError):
        run(StaffGroup(path).ask({}, BytesIO(b"x"), Lane.SIGNED_IN))
    listener.close()


def test_crowd_of_strangers_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    group, at_work, done = StaffGroup("/nowhere"), [0], []

    async def answer(environ: dict[str, str], body: BytesIO, path: str) -> Answer:
        assert path.endswith(".strangers") is (environ["PATH_INFO"] != "/office/")
        at_work[0] += environ["PATH_INFO"] != "/office/"
        assert at_work[0] <= 1
        await asyncio.sleep(0.01)
        at_work[0] -= environ["PATH_INFO"] != "/office/"
        done.append(environ["PATH_INFO"])
        return Answer(200, [], b"")

    monkeypatch.setattr(group, "_ask", answer)
    monkeypatch.setattr(staff_group, "MOST_WAITING", 9)

    async def crowd() -> list[int]:
        site = Gateway(hands_over, longest=10, staff=group)
        asked = [Scope("GET", path) for path in ["/sign-in"] * 8 + ["/office/", "/sign-in"]]
        connections = [Connection() for _ in asked]
        await asyncio.gather(*map(site.__rsgi__, asked, connections))  # type: ignore[arg-type]
        return [each.answer.status for each in connections]

    assert run(crowd()) == [200] * 9 + [503]
    assert done[:2] == ["/sign-in", "/office/"] or done[0] == "/office/"
    assert done[2:] == ["/sign-in"] * 7


def test_requests_are_worked_on_one_at_a_time() -> None:
    running: list[int] = []

    def slow(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        running.append(1)
        assert len(running) == 1
        time.sleep(0.02)
        running.pop()
        return echo(environ, start_response)

    async def all_at_once() -> list[int]:
        site = Gateway(slow, longest=10)
        connections = [Connection() for _ in range(5)]
        await asyncio.gather(*(site.__rsgi__(Scope("GET"), each) for each in connections))  # type: ignore[arg-type]
        return [each.answer.status for each in connections]

    assert run(all_at_once()) == [200] * 5
