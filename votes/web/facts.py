"""What a blueprint declares about its pages, and a view about its own: layout, menu, camera, refusals, audit log.

The menu, the error pages, the headers and the audit log read the declarations here and know no endpoint by name.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Any, NamedTuple, TypeVar

from flask import Blueprint, Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])


class Layout(StrEnum):
    """The file of templates/layouts that a page extends."""

    OFFICE = "office"
    PUBLIC = "public"
    PHONE = "phone"
    SCREEN = "screen"
    PRINT = "print"


class Refusals(Enum):
    """What the audit log keeps of a refusal."""

    LOGGED = "logged"
    #: That it happened. The words of the refusal (status 422) repeat what was read off ballots, and nobody
    #: reads a figure until the tellers have signed.
    WITHOUT_WORDS = "without words"
    #: Nothing. A refused ballot would say when somebody voted; of citizens the log would keep the IP address.
    UNLOGGED = "unlogged"


class Group(StrEnum):
    """The groups of the menu, in order, with their headings."""

    DESK = ""
    YEAR = "全年工作"
    PEOPLE = "人员"
    SYSTEM = "系统"


class MenuItem(NamedTuple):
    """One entry of the office layout's menu: its group, its position there, its Chinese word."""

    group: Group
    position: int
    word: str


@dataclass(frozen=True)
class Facts:
    """What is declared about a page.

    ``errors`` is the layout of error pages. It differs from ``layout`` where deputies use their phones at home:
    the error page for phones sends people to the service desk in the hall.
    """

    layout: Layout
    errors: Layout
    citizens: bool = False  # citizens fill the page in at home; no service desk helps them
    camera: bool = False  # the page may use the camera
    refusals: Refusals = Refusals.LOGGED
    within: str = ""  # the blueprint whose menu item is current on these pages; "" for the page's own
    audit: str = ""  # the key of `audit_actions.GROUPS` under which the audit log lists refusals
    #: answered in the voting group (`web.groups`); None: by the layout and the kind of request
    quick: bool | None = None
    #: open to an account that has yet to change its password or set up two-step sign-in
    before_setup: bool = False


class Pages(Blueprint):
    """The blueprint of a noun's pages, with the facts that hold for all of them."""

    def __init__(
        self, name: str, import_name: str, layout: Layout, *, url_prefix: str | None = None, **others: Any
    ) -> None:
        """Declare ``layout`` and ``others``, the remaining fields of `Facts`."""
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.facts = Facts(**{"layout": layout, "errors": layout, **others})


def facts(**own: Any) -> Callable[[View], View]:
    """Declare the facts of one view that differ from those of its blueprint."""

    def decorate(view: View) -> View:
        view.__facts__ = own  # type: ignore[attr-defined]
        return view

    return decorate


def menu_item(group: Group, position: int, word: str) -> Callable[[View], View]:
    """Give the view an entry in the menu; those with the view's permission see it."""

    def decorate(view: View) -> View:
        view.__menu__ = MenuItem(group, position, word)  # type: ignore[attr-defined]
        return view

    return decorate


#: The facts of a URL that belongs to no page.
_NO_PAGE = Facts(Layout.OFFICE, Layout.OFFICE)


def facts_of(app: Flask, endpoint: str) -> Facts:
    """Return the facts of a page: those of its blueprint, replaced by those of its view."""
    pages = app.blueprints.get(endpoint.rpartition(".")[0])
    if not isinstance(pages, Pages):
        return _NO_PAGE
    own = getattr(app.view_functions[endpoint], "__facts__", None)
    return replace(pages.facts, **own) if own else pages.facts  # asked several times in each request


def page_facts() -> Facts:
    """Return the facts of the requested page."""
    return facts_of(current_app, request.endpoint or "")


def serves_files(endpoint: str | None) -> bool:
    """Return whether ``endpoint`` is one of the routes for static files that Flask and its extensions add."""
    return endpoint is not None and endpoint.rpartition(".")[2] == "static"


def menu_items(app: Flask) -> dict[str, MenuItem]:
    """Return endpoint → menu item, in the order of the menu."""
    items = {name: view.__menu__ for name, view in app.view_functions.items() if hasattr(view, "__menu__")}
    groups = list(Group)
    return dict(sorted(items.items(), key=lambda each: (groups.index(each[1].group), each[1].position)))


def check_declared(app: Flask) -> None:
    """Raise RuntimeError naming the pages that declare no permission, no layout or no place in the menu."""
    with_item = {endpoint.partition(".")[0] for endpoint in menu_items(app)}
    missing: dict[str, list[str]] = {"permission": [], "layout": [], "place in the menu": []}
    for endpoint, view in app.view_functions.items():
        if serves_files(endpoint):
            continue
        pages = app.blueprints.get(endpoint.partition(".")[0])
        if not hasattr(view, "__permission__"):
            missing["permission"].append(endpoint)
        if not isinstance(pages, Pages):
            missing["layout"].append(endpoint)
        elif pages.facts.layout is Layout.OFFICE and (pages.facts.within or pages.name) not in with_item:
            missing["place in the menu"].append(endpoint)
    for what, endpoints in missing.items():
        if endpoints:
            raise RuntimeError(f"pages without a declared {what}: {', '.join(sorted(endpoints))}")
