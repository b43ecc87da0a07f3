"""Every page of every layout, opened in Chromium by an actor who may see it: axe reports nothing.

The pages of phones and of the public can be used without JavaScript. The list of pages comes from the application, so
a new page is tested without being named here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page as Tab

from tests import plumbing
from tests.pages import Page
from tests.world import PEOPLE, Visit, Year, standing_at, visits

pytestmark = [pytest.mark.journey, pytest.mark.sqlite, pytest.mark.usefixtures("undrawn")]

#: The layouts of templates/layouts/, and the size at which each is read.
LAYOUTS = {
    "office": (1366, 768),
    "phone": (390, 844),
    "public": (390, 844),
    "screen": (1920, 1080),
}
#: So many tests share the pages of a layout, so that a red one names few.
PARTS = {"office": 4}

#: What cannot be used without JavaScript: what nothing but a script could show, press, send or follow.
DEAD = """() => {
    const found = [], say = (what, one) => found.push(`${what}: ${one.outerHTML.slice(0, 120)}`);
    const folded = one => one.closest('details:not([open])') && !one.closest('summary');
    const shown = one => one.offsetWidth + one.offsetHeight > 0;
    for (const one of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea')) {
        const label = one.labels && one.labels[0];
        if (!shown(one) && !(label && shown(label)) && !folded(one)) say('not to be seen', one);
    }
    for (const one of document.querySelectorAll('button[type=button], button:not([form])'))
        if (one.type === 'button' || !one.closest('form')) say('does nothing', one);
    for (const one of document.querySelectorAll('a'))
        if (!one.getAttribute('href') || /^(#$|javascript:)/.test(one.getAttribute('href'))) say('leads nowhere', one);
    for (const one of document.querySelectorAll('form'))
        if (![...one.elements].some(each => each.type === 'submit')) say('cannot be sent', one);
    return found;
}"""


#: Contrast is what axe takes longest over, and it is the same wherever the same element stands under the same classes
#: in the same layout: it is asked once of each such place.
CONTRAST = "color-contrast"
#: Marks the elements with words of their own whose place has not been seen, and answers the places.
NEW_PLACES = """known => {
    const seen = new Set(known), found = [];
    const name = one => one.tagName + [...one.classList].sort().map(each => '.' + each).join('')
        + ['disabled', 'readonly', 'checked', 'open', 'hidden'].filter(each => one[each]).map(each => ':' + each).join('')
        + (one.getAttribute('aria-current') ? ':current' : '');
    const place = one => one.parentElement ? place(one.parentElement) + '>' + name(one) : name(one);
    for (const one of document.body.querySelectorAll('*')) {
        const words = [...one.childNodes].some(each => each.nodeType === 3 && each.data.trim());
        if (!words && !/^(INPUT|SELECT|TEXTAREA)$/.test(one.tagName)) continue;
        const where = place(one);
        if (seen.has(where)) continue;
        seen.add(where); found.push(where); one.setAttribute('data-new-place', '');
    }
    return found;
}"""
ASK = """async ([contrast, any]) => {
    const found = await axe.run({resultTypes: ['violations'], rules: {[contrast]: {enabled: false}}});
    const faint = any && await axe.run('[data-new-place]', {resultTypes: ['violations'], runOnly: [contrast]});
    return [...found.violations, ...(faint ? faint.violations : [])];
}"""


@dataclass(frozen=True)
class Seen:
    """A page, who looks at it, and in which layout it is written."""

    visit: Visit
    who: str
    layout: str

    @property
    def name(self) -> str:
        return str(self.visit.rule.endpoint)


@pytest.fixture(scope="module")
def everything() -> Callable[[Year], list[Seen]]:
    """All pages that are HTML, asked once."""
    known: list[Seen] = []

    def ask(year: Year) -> list[Seen]:
        if not known:
            found = [(visit, *_shown(year, visit)) for visit in visits(year)]
            known.extend(Seen(visit, who, _layout(page)) for visit, who, page in found if page is not None)
        return known

    return ask


@pytest.fixture(scope="module")
def places() -> dict[str, list[str]]:
    """By layout: the places whose contrast has been asked."""
    return {layout: [] for layout in LAYOUTS}


def _shown(year: Year, visit: Visit) -> tuple[str, Page | None]:
    """Somebody to whom the page shows itself, and not a refusal in its place; (…, None) where it is no page but a file."""
    if visit.is_html:
        return visit.who, visit.page
    if visit.page.status == 200:
        return "", None
    for who in PEOPLE:
        page = year.browser(who).get(year.url(visit.rule, "county"))
        if page.status == 200:
            return who, page if page.response.mimetype == "text/html" else None
    return "", None


def _layout(page: Page) -> str:
    tree = page.tree
    kinds = " ".join(tree.xpath("//body/@class")).split()
    if tree.xpath("//link[contains(@href, 'print.css')]"):
        return "print"
    return next((name for name in ("office", "public", "screen") if name in kinds), "phone")


@pytest.fixture
def site(year: Year) -> Iterator[str]:
    """Serve the world of tests/world.py on its day."""

    def on_its_day(environ: Any, start_response: Any) -> Iterable[bytes]:
        with standing_at():
            return list(year.app(environ, start_response))

    with plumbing.serve(on_its_day) as url:
        yield url


@pytest.fixture
def opened(year: Year, site: str, browser: Browser) -> Iterator[Callable[..., Tab]]:
    """`opened(seen)`: the page in a browser of the one who looks; `script=False`: with JavaScript switched off."""
    tabs: dict[tuple[str, str, bool], Tab] = {}

    def open_(seen: Seen, *, script: bool = True) -> Tab:
        key = (seen.who, seen.layout, script)
        if key not in tabs:
            width, height = LAYOUTS[seen.layout]
            context = browser.new_context(
                viewport={"width": width, "height": height}, java_script_enabled=script
            )
            if script:
                context.add_init_script(Axe().axe_script)
            name = year.app.config["SESSION_COOKIE_NAME"]
            cookie = year.browser(seen.who).client.get_cookie(name)
            if cookie is not None:
                context.add_cookies([{"name": name, "value": cookie.value, "url": site}])
            tabs[key] = context.new_page()
        url = site + year.url(seen.visit.rule, "county")
        answer = tabs[key].goto(url)
        assert answer is not None
        assert (answer.status, tabs[key].url) == (200, url)
        return tabs[key]

    yield open_
    for tab in tabs.values():
        tab.context.close()


@pytest.mark.parametrize(
    ("layout", "part"), [(layout, part) for layout in LAYOUTS for part in range(PARTS.get(layout, 1))]
)
def test_axe_finds_nothing(year, everything, opened, places, layout, part):
    pages = [seen for seen in everything(year) if seen.layout == layout][part :: PARTS.get(layout, 1)]
    assert pages != []
    found = []
    for seen in pages:
        tab = opened(seen)
        new = tab.evaluate(NEW_PLACES, places[layout])
        places[layout] += new
        for one in tab.evaluate(ASK, [CONTRAST, bool(new)]):
            where = [node["html"][:160] for node in one["nodes"][:3]]
            found.append(f"{seen.name}: {one['id']} ({one['help']}) {len(one['nodes'])}× {where}")
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("layout", ["phone", "public"])
def test_pages_work_without_javascript(year, everything, opened, layout):
    """Expect every button and link to be there and to work by itself.

    tests/test_forms.py and tests/test_requests.py show that the server accepts what the forms send: their client knows no
    JavaScript.
    """
    found = []
    for seen in everything(year):
        if seen.layout == layout:
            found += [f"{seen.name}: {words}" for words in opened(seen, script=False).evaluate(DEAD)]
    assert found == [], "\n".join(found)


def test_hardly_a_page_goes_unseen(year, everything):
    """What stands outside an HTML page is a file, a figure for a script, or a mere redirection: these are known."""
    seen = {each.name for each in everything(year)}
    unseen = {visit.rule.endpoint: visit.page for visit in visits(year) if visit.rule.endpoint not in seen}
    pages = {
        name: page.status
        for name, page in unseen.items()
        if page.response.mimetype == "text/html" and page.status not in (301, 302, 303)
    }
    assert pages == {}
