"""What axe finds on the main pages of each layout: nothing."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests import plumbing
from tests.world import Year, standing_at, visits

pytestmark = pytest.mark.journey

#: Pages by layout, and the size at which each layout is read.
LAYOUTS = {
    "office: projects": (
        "office.dashboard projects.index projects.edit projects.show projects.versions projects.review_many "
        "projects.import_preview",
        (1366, 768),
    ),
    "office: votes": (
        "sessions.index sessions.show sessions.cards desk.show desk.register desk.not_voted sessions.tellers rounds.show rounds.edit "
        "rounds.announce sessions.cards_print",
        (1366, 768),
    ),
    "office: paper": ("paper.show paper.key paper.totals", (1366, 768)),
    "office: the day": (
        "documents.index proof.show halls.index halls.edit halls.turnout motions.index motions.edit screens.index",
        (1366, 768),
    ),
    "phone: paper": ("paper.doubts", (390, 844)),
    "office: the year": (
        "progress.index progress.show progress.plan progress.report roster.index roster.delegations roster.edit "
        "departments.index users.index users.new bodies.settings audit.index",
        (1366, 768),
    ),
    "public": (
        "auth.sign_in public.index public.project public.announcements public.announcement public.receipts "
        "public.receipt public.data",
        (390, 844),
    ),
    "phone": (
        "cards.show hall.enter hall.pairing hall.home ballots.edit ballots.received tellers.index tellers.show "
        "halls.watch",
        (390, 844),
    ),
    "screen": ("screens.show", (1920, 1080)),
}
#: Where the usual visitor does not see the page itself.
SEEN_BY = {
    "hall.home": "teller",
    "hall.enter": "public",
    "hall.pairing": "public",
    "ballots.received": "teller",
    "ballots.edit": "voter",
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
    endpoints, (width, height) = LAYOUTS[layout]
    known = {visit.rule.endpoint: visit for visit in visits(year)}
    cookie_name = year.app.config["SESSION_COOKIE_NAME"]
    found = []
    for endpoint in endpoints.split():
        visit = known[endpoint]
        context = browser.new_context(viewport={"width": width, "height": height})
        cookie = year.browser(SEEN_BY.get(endpoint, visit.who)).client.get_cookie(cookie_name)
        if cookie is not None:
            context.add_cookies([{"name": cookie_name, "value": cookie.value, "url": site}])
        page = context.new_page()
        url = site + year.url(visit.rule, "county")
        answer = page.goto(url)
        assert answer is not None
        assert (answer.status, page.url) == (200, url)
        for one in Axe().run(page).response["violations"]:
            where = [node["html"][:160] for node in one["nodes"][:3]]
            found.append(f"{endpoint}: {one['id']} ({one['help']}) {len(one['nodes'])}× {where}")
        context.close()
    assert found == [], "\n".join(found)
