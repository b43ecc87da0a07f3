"""What axe finds on every page, as everybody sees it: nothing."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests import plumbing
from tests.world import Year, standing_at, visits

pytestmark = pytest.mark.journey

#: The layouts by the blueprints that use them, and the size on which each is read.
LAYOUTS = {
    "office": ({"office", "projects", "sessions", "rounds"}, (1366, 768)),
    "office, the rest": ({"progress", "roster", "departments", "users", "bodies", "audit"}, (1366, 768)),
    "public": ({"public", "auth"}, (390, 844)),
    "phone": ({"ballots", "cards", "hall", "tellers"}, (390, 844)),
    "screen": ({"screens"}, (1920, 1080)),
}


@pytest.fixture
def site(year: Year) -> Iterator[str]:
    """The world of tests/world.py behind a port, on its day."""

    def on_its_day(environ: Any, start_response: Any) -> Iterable[bytes]:
        with standing_at():
            return list(year.app(environ, start_response))

    with plumbing.serve(on_its_day) as url:
        yield url


@pytest.mark.parametrize("layout", LAYOUTS)
def test_axe_finds_nothing(year, site, browser: Browser, layout):
    blueprints, (width, height) = LAYOUTS[layout]
    name = year.app.config["SESSION_COOKIE_NAME"]
    found = []
    pages = {who: [] for who in year.keys}
    for visit in visits(year):
        if visit.is_html and visit.rule.endpoint.partition(".")[0] in blueprints:
            pages[visit.who].append(year.url(visit.rule, "county"))
    if layout == "phone":
        pages["teller"] += [f"/vote/{year.ids['county']['round_id:opened']}/received", "/hall/"]
    for who, urls in pages.items():
        context = browser.new_context(viewport={"width": width, "height": height})
        cookie = year.browser(who).client.get_cookie(name)
        if cookie is not None:
            context.add_cookies([{"name": name, "value": cookie.value, "url": site}])
        page = context.new_page()
        for url in urls:
            answer = page.goto(site + url)
            assert answer is not None
            assert answer.status == 200, url
            for one in Axe().run(page).response["violations"]:
                where = [node["html"][:160] for node in one["nodes"][:3]]
                found.append(f"{url}: {one['id']} ({one['help']}) {len(one['nodes'])}× {where}")
        context.close()
    assert found == []
