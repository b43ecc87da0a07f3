"""What pages weigh, what they fetch by themselves, and what they never contain."""

import re
from pathlib import Path

import lxml.html
import pytest

from tests.services.voting.test_vote import make_hall, open_
from tests.world import visits
from votes.demo.projects import CANDIDATES
from votes.services.meeting import cards, rounds, sessions

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("undrawn")]

#: Elements that make a browser fetch something, and the attributes that say what.
FETCHES = {"link", "script", "img", "source", "iframe", "video", "audio", "object", "embed", "use", "image"}
SAYING = ("src", "href", "srcset", "data", "poster", "{http://www.w3.org/1999/xlink}href")


def fetched(html: str) -> list[str]:
    """Return the URLs of all that a page makes a browser fetch (data: URLs fetch nothing)."""
    tree = lxml.html.fromstring(html)
    elements = [element for element in tree.iter() if element.tag in FETCHES]
    found = [element.get(name) for element in elements for name in SAYING if element.get(name)]
    for style in tree.iter("style"):
        found += re.findall(r"""(?:@import\s+|url\()\s*['"]?([^'");]+)""", "".join(style.itertext()))
    return [str(address) for address in found if not str(address).startswith("data:")]


def test_fetched_sees_what_a_page_fetches():
    html = (
        "<link href='//cdn/a.css'><img src='/b'><style>p{background:url(https://c)}</style><a href='/d'>e</a>"
    )
    assert fetched(html) == ["//cdn/a.css", "/b", "https://c"]


@pytest.mark.parametrize("method", ["choose", "threeway"])
def test_a_ballot_of_fifteen_is_one_light_document(world, as_, method):
    """Expect at most 6 kB compressed, with names and contents as long as real ones, and nothing else to load.

    Also by gzip: browsers accept br over HTTPS only.
    """
    hall = make_hall(world, projects=15, seats=12, method=method)
    county = CANDIDATES["shili"]
    written = [(c.name, c.content) for c in county] + [(f"{c.name}二期", c.background) for c in county[:3]]
    with world.work():
        round_ = rounds.get_round(hall["round"])
        for candidate, (candidate.name, candidate.summary) in zip(round_.candidates, written, strict=True):
            candidate.amount = "1268.50万元"
        meeting = sessions.get(hall["session"])
        card = cards.of_deputy(meeting, hall["deputies"][2])[0].id
    open_(world, hall)
    browser = as_()
    browser.sign_in(f"c:{card}")
    url = f"/vote/{hall['round']}"
    plain = browser.get(url)
    assert [name for name, _ in written if name not in plain.words] == []
    assert fetched(plain.text) == []
    for coding in ("br", "gzip"):
        page = browser.get(url, headers={"Accept-Encoding": coding})
        assert page.response.headers["Content-Encoding"] == coding
        assert len(page.data) <= 6_000, coding


def test_no_page_fetches_anything_from_elsewhere(year):
    """Expect everything from this server: pages work in a hall without the internet, and nobody else learns who reads them."""
    outward = re.compile(r"\s*(\w+:)?//")
    linked = re.compile(
        r"""<(?:a|form|button)\b[^>]*\b(?:href|action|formaction)=["']?\s*(https?://[^"'\s>]+)"""
    )
    own, wrong = year.app.config["PUBLIC_URL"], {}
    for visit in visits(year):
        if visit.is_html:
            found = [a for a in fetched(visit.page.text) if outward.match(a)]
            found += [a for a in linked.findall(visit.page.text) if not a.startswith(own)]
            wrong |= {visit.rule.endpoint: found} if found else {}
    assert wrong == {}


def test_no_file_that_pages_fetch_fetches_anything_from_elsewhere(year):
    folder = Path(year.app.static_folder)
    files = [path for path in folder.rglob("*") if path.suffix in (".css", ".js", ".svg")]
    assert len(files) > 5
    outward = re.compile(
        r"""(?:@import|url\(|fetch\(|src=|href=|import\(?)\s*['"]?\s*(?:https?:)?//[^'"\s)]+"""
    )
    found = {path.name: outward.findall(path.read_text(encoding="utf-8")) for path in files}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


def test_every_page_has_a_policy_and_nothing_that_it_forbids(year):
    """No inline style or event handler, no script or style without the nonce of its own answer."""
    wrong = []
    for visit in visits(year):
        if not visit.is_html:
            continue
        name, tree = visit.rule.endpoint, visit.page.tree
        policy = visit.page.response.headers["Content-Security-Policy"]
        nonces = set(re.findall(r"'nonce-([^']+)'", policy))
        if len(nonces) != 1 or "default-src 'self'" not in policy or "unsafe" in policy:
            wrong.append(f"{name}: {policy}")
        for element in tree.iter():
            if not isinstance(element.tag, str):
                continue
            given = dict(element.items())
            bad = [key for key in given if key == "style" or key.startswith("on")]
            bad += [key for key, value in given.items() if value.strip().lower().startswith("javascript:")]
            if (
                element.tag in ("script", "style")
                and not given.get("src")
                and given.get("nonce") not in nonces
            ):
                bad.append("nonce")
            wrong += [f"{name}: <{element.tag}> {key}" for key in bad]
    assert wrong == []


def test_a_nonce_is_used_once(year):
    policies = {
        year.browser("public").get("/sign-in").response.headers["Content-Security-Policy"] for _ in range(3)
    }
    assert len(policies) == 3
