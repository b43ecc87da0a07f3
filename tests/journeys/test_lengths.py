"""Ballots over HTTPS, overheard: with script and without, nobody can tell by a length what was marked."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import plumbing
from tests.journeys.people import Person
from tests.test_lengths import METHODS, box_of, open_ballot, wishes
from tests.test_storm import settings
from tests.tls import Exchange, Listener, listened_to

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.sqlite]


def papers_of(method: str) -> list[dict[int, str]]:
    """Return the ballots that a phone may cast."""
    return [marks for name, marks in wishes(method).items() if name != "too many"]


@pytest.fixture
def hall(world: Any, method: str) -> dict[str, Any]:
    return open_ballot(world, method, deputies=len(papers_of(method)))


def mark(phone: Person, marks: dict[int, str]) -> None:
    """Tap what this ballot marks."""
    for number, word in marks.items():
        phone.page.locator(f".opt:has([name=m{number}][value^={word}])").tap()


def overheard_of(exchanges: list[Exchange]) -> set[tuple[int, int]]:
    """Return the bytes either way, without the sign-in's cookie: its length is the phone's and not the ballot's."""
    return {(each.sent - each.cookie, each.received - each.renewed) for each in exchanges}


@pytest.fixture
def overheard(world: Any, tmp_path: Path) -> Iterator[Listener]:
    """Run the real server behind HTTPS, listened to."""
    port = plumbing.free_port()
    env = {"PUBLIC_URL": f"https://localhost:{port}", "TRUSTED_PROXIES": "127.0.0.1", "WORKERS": "1"}
    with (
        plumbing.serve_granian(tmp_path / "server", {**settings(world), **env}) as server,
        listened_to(server.url, port, tmp_path / "tls") as listener,
    ):
        yield listener
        assert "Traceback" not in server.said


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("method", METHODS)
def test_ballots_over_https_cannot_be_told_apart_by_length(
    world: Any,
    meet: Callable[..., Person],
    overheard: Listener,
    hall: dict[str, Any],
    record_property: Callable[[str, Any], None],
    method: str,
    script: bool,
) -> None:
    papers = papers_of(method)
    for deputy, marks in zip(hall["deputies"], papers, strict=True):
        phone = meet(overheard.url, ignore_https_errors=True, java_script_enabled=script)
        phone.open(f"/c/{hall['secrets'][deputy][0]}")
        phone.press("进入")
        phone.open(f"/vote/{hall['round']}")
        mark(phone, marks)
        assert phone.press("核对选票") == 200
        phone.press("返回修改")
        assert phone.press("核对选票") == 200
        assert phone.press("提交选票") == 200
        phone.reads("已收到")
    with world.work():
        box = sorted(str(each.marks) for each in box_of(hall["round"]))
    assert box == sorted(str({n: m for n, m in marks.items() if m != "abstain"}) for marks in papers)
    reviews, casts = overheard.of("/review"), overheard.of("/cast")
    assert {each.answer[:12] for each in reviews} == {"HTTP/1.1 200"}
    assert {each.answer[:12] for each in casts} == {"HTTP/1.1 303"}
    assert (len(reviews), len(casts)) == (3 * len(papers), len(papers))
    steps = {"review": reviews[::3], "back": reviews[1::3], "again": reviews[2::3], "cast": casts}
    lengths = {step: overheard_of(exchanges) for step, exchanges in steps.items()}
    record_property("bytes sent and received", str(lengths))
    assert [name for name, seen in lengths.items() if len(seen) != 1] == []
    assert len({received for step in ("review", "back", "again") for _, received in lengths[step]}) == 1
