"""Save every page of the demo year, so that a refactoring can show that it changed none of them.

    python bench/pages.py save BEFORE [--checkout DIR] [--stages draft,voting,…] [--most 3] [--jobs 2]
    python bench/pages.py save AFTER
    python bench/pages.py compare BEFORE AFTER

``save`` loads each stage of the demo into a scratch folder, signs in as every kind of person, follows all links and
filter forms (GET only) and writes each answer to FOLDER/<stage>/<person>/<URL>.txt. Random bytes come from fixed
streams, the clock stands still, and commits are rolled back, so that two runs over the same code give the same files.
``compare`` groups the differences and exits with 1 when there are any.

What is compared of a page: status, a few headers, and the body without what may differ freely (white space beside tags,
order of attributes, nonces, signed tokens). Workbooks and documents are unzipped; a PDF is not drawn, the HTML that it
would be drawn from is kept instead; of pictures only the type and the magnitude of the size are kept.
"""

import argparse
import gc
import hashlib
import html
import io
import json
import logging
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, tzinfo
from difflib import SequenceMatcher
from functools import lru_cache
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urljoin, urlsplit

import itsdangerous
import weasyprint
from feedgenerator import SyndicationFeed
from werkzeug.exceptions import HTTPException

STAGES = ("draft", "voting", "midyear", "yearend")
SITE = "http://localhost"
#: The real time of every run. The demo puts its own clock ahead of it.
NOW = datetime(2026, 7, 1, 4, tzinfo=UTC)
HEADERS = ("Location", "Content-Type", "Content-Disposition", "Cache-Control", "Permissions-Policy")

# --- a run without chance ------------------------------------------------------------------------------


class FixedBytes:
    """Stand in for `os.urandom`: one stream for each size, so that codes do not depend on tokens."""

    def __init__(self) -> None:
        self.restart("load")

    def restart(self, name: str) -> None:
        """Begin all streams anew under ``name``."""
        self.name, self.asked = name, Counter[int]()
        random.seed(name)

    def __call__(self, size: int) -> bytes:
        self.asked[size] += 1
        return hashlib.shake_256(f"{self.name} {size} {self.asked[size]}".encode()).digest(size)


class StandingClock(datetime):
    """A `datetime` whose now() is always `NOW`."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.fromtimestamp(NOW.timestamp(), tz)


class Undrawn:
    """Stand in for WeasyPrint's HTML and Document: its "PDF" is the HTML source."""

    def __init__(self, string: str, **_: Any) -> None:
        self.pages = [string]

    def render(self, **_: Any) -> "Undrawn":
        return self

    def copy(self, pages: list[str]) -> "Undrawn":
        whole = Undrawn("")
        whole.pages = list(pages)
        return whole

    def write_pdf(self) -> bytes:
        return b"%PDF-\n" + "\n".join(self.pages).encode()


def fix_chance() -> FixedBytes:
    """Replace random bytes, clock and PDF drawing in this process; answer the streams of bytes."""
    clock = import_module("votes.clock")  # of the checkout, and not before a stage is saved
    fixed = FixedBytes()
    os.urandom = random._urandom = fixed  # type: ignore[attr-defined]
    clock.datetime = StandingClock  # type: ignore[misc]
    itsdangerous.TimestampSigner.get_timestamp = lambda self: int(NOW.timestamp())  # type: ignore[method-assign]
    weasyprint.HTML = Undrawn
    # a document's digest holds the time that its zip file gives to each part
    zipfile.time = SimpleNamespace(time=NOW.timestamp, localtime=time.gmtime)  # type: ignore[attr-defined]
    # an empty feed was changed just now
    newest = SyndicationFeed.latest_post_date
    SyndicationFeed.latest_post_date = lambda self: newest(self) if self.items else NOW
    return fixed


# --- what is kept of a page ----------------------------------------------------------------------------

_TAG = re.compile(r"""(<!--.*?-->|<[a-zA-Z/!?](?:"[^"]*"|'[^']*'|[^>"'])*>)""", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_SIGNED = re.compile(r"[\w-]{8,}\.[\w-]{6}\.[\w-]{27,}", re.ASCII)  # itsdangerous: content, time, signature
_DATA = re.compile(r"(data:[\w/+.-]+;base64,)([\w+/=]+)")
_VERBATIM = re.compile(r"<(pre|textarea)\b")


@lru_cache(maxsize=100_000)
def one_tag(tag: str) -> str:
    """Sort a tag's attributes, collapse white space, hide nonce and CSRF token."""
    if tag.startswith(("<!", "</", "<?")):
        return " ".join(tag.split())
    head = re.match(r"<[^\s/>]+", tag)
    assert head is not None
    end = "/>" if tag.endswith("/>") else ">"
    attributes = {
        name: " ".join(html.unescape(quoted or single or bare).split()) if "=" in found else None
        for found, name, quoted, single, bare in (
            (m[0], m[1], m[2] or "", m[3] or "", m[4] or "")
            for m in _ATTRIBUTE.finditer(tag[head.end() : -len(end)])
        )
    }
    if "nonce" in attributes:
        attributes["nonce"] = "…"
    if attributes.get("name") == "csrf_token":
        attributes["value"] = "…"
    shown = "".join(f" {name}" + ("" if v is None else f'="{v}"') for name, v in sorted(attributes.items()))
    return f"{head[0]}{shown}{end}"


def markup(text: str) -> str:
    """HTML or XML with one tag or text a line; white space beside tags does not count."""
    lines, verbatim = list[str](), False
    for part in _TAG.split(text):
        if part.startswith("<") and _TAG.fullmatch(part):
            lines.append(one_tag(part))
            verbatim = bool(_VERBATIM.match(part))
        elif part.strip():
            lines.append(part if verbatim else " ".join(part.split()))
    return _DATA.sub(lambda m: m[1] + hashlib.sha256(m[2].encode()).hexdigest()[:16], "\n".join(lines))


def archive(data: bytes) -> str:
    """Unpack a zip file (a workbook or document is one) into one text."""
    lines = []
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        for name in sorted(whole.namelist()):
            if name != "docProps/core.xml":  # holds the time of making
                lines += [f"=== {name}", content(whole.read(name), name.rpartition(".")[2])]
    return "\n".join(lines)


def content(data: bytes, kind: str) -> str:
    """Reduce a body to what is compared.

    ``kind`` is its media type, or the extension of a file inside an archive.
    """
    if data.startswith(b"PK\x03\x04"):
        return archive(data)
    if data.startswith(b"%PDF-\n"):
        return markup(data.removeprefix(b"%PDF-\n").decode())
    if "json" in kind:
        return json.dumps(json.loads(data), ensure_ascii=False, sort_keys=True, indent=1)
    if re.search("html|xml|svg|rels", kind):
        return markup(data.decode())
    if re.search("text|csv|txt|md|py$", kind):
        return data.decode(errors="replace")
    return f"about 2^{len(data).bit_length()} bytes"


def file_name(url: str) -> str:
    """Make a file name out of a URL; long and unusual ones end in a digest."""
    name = unquote(url).replace("/", "~").replace("?", "@")
    plain = re.sub(r"[^\w~@.,:=&-]", "_", name)[:60]
    return f"{plain}.txt" if plain == name else f"{plain}-{hashlib.sha256(url.encode()).hexdigest()[:8]}.txt"


#: Accounts of the demo that see what another one sees.
TWINS = ("teller2", "office-shan", "office-hu")
#: Who opens the public pages too: they look the same to everybody else.
PUBLIC_READERS = ("anonymous", "office")

# --- following links -----------------------------------------------------------------------------------

_LINK = re.compile(r"""\b(?:href|src|action|data-[\w-]+)=["']([/?][^"'#]*)""")
_ABSOLUTE = re.compile(re.escape(SITE) + r"(/[^\s\"'<>#]*)")
_GET_FORM = re.compile(r"""<form\b[^>]*method=["']?get\b.*?</form>""", re.DOTALL | re.IGNORECASE)


class FormReader(HTMLParser):
    """Read a filter form: where it leads, and what may be chosen in each field."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action, self.fixed, self.choices = "", dict[str, str](), list[tuple[str, str]]()
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and value:
            self.choices.append((self._select, value))
        elif tag == "input" and name:
            kind = given.get("type", "text")
            if kind == "hidden":
                self.fixed[name] = value
            elif kind in ("checkbox", "radio"):
                self.choices.append((name, value))
            elif kind in ("text", "search"):
                self.choices.append((name, "路"))

    def urls(self, page: str) -> Iterator[str]:
        """One URL for each choice, all other fields left empty."""
        for name, value in self.choices:
            yield urljoin(urljoin(page, self.action), "?" + urlencode({**self.fixed, name: value}))


def links(text: str, page: str, is_html: bool) -> set[str]:
    """All URLs of this site that a page names, filter forms filled in."""
    found = set(_ABSOLUTE.findall(html.unescape(text)))
    if is_html:
        found |= {urljoin(page, html.unescape(link)) for link in _LINK.findall(text)}
        for form in _GET_FORM.findall(text):
            found |= set(FormReader(form).urls(page))
    return {url for url in found if not url.startswith("//") and not re.search(r"[{}\\]", url)}


def natural(url: str) -> list[tuple[int, str]]:
    """Make a sort key that has numbers in their order."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", url)]


class Crawler:
    """Open the pages of one application, person by person, and write them down."""

    def __init__(self, app: Any, fixed: FixedBytes, folder: Path, most: int) -> None:
        self.app, self.fixed, self.folder, self.most = app, fixed, folder, most
        self.urls = app.url_map.bind("localhost")
        self.cookie_name = app.config["SESSION_COOKIE_NAME"]
        self.reached: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()

    def rule_of(self, url: str) -> str | None:
        """Find the route that answers GET ``url``; None when no page does."""
        try:
            rule, _ = self.urls.match(urlsplit(url).path, method="GET", return_rule=True)
        except HTTPException:
            return None
        return None if rule.endpoint.endswith("static") else str(rule.rule)

    def crawl(self, person: str, cookie: str | None, starts: Iterable[str]) -> None:
        """Follow the links from ``starts``, level by level, each level in the order of the URLs.

        The order of links within a page must not decide which pages are kept: hence the sorting. At most ``most``
        pages are opened for a route, and half as many for each set of parameters in its query. A filtered list does
        not lead to other views of the same list, for those have no end.
        """
        (self.folder / person).mkdir(parents=True)
        level, seen, taken = set(starts), set[str](), Counter[tuple[str, tuple[str, ...]]]()
        while level:
            found = set[str]()
            for url in sorted(level, key=natural):
                seen.add(url)
                rule = self.rule_of(url)
                which = (rule or "", tuple(sorted(parse_qs(urlsplit(url).query))))
                if rule is None or (rule.startswith("/p/") and person not in PUBLIC_READERS):
                    continue
                if taken[which] >= (self.most if not which[1] else (self.most + 1) // 2):
                    continue
                taken[which] += 1
                self.reached[rule] += 1
                path = urlsplit(url).path
                found |= {
                    link
                    for link in self.visit(person, cookie, url)
                    if not (which[1] and link.startswith(f"{path}?"))
                }
            level = found - seen

    def visit(self, person: str, cookie: str | None, url: str) -> set[str]:
        """Open one page in a fresh browser, write it down, answer the links on it."""
        self.fixed.restart("page")
        client = self.app.test_client()
        if cookie is not None:
            client.set_cookie(self.cookie_name, cookie)
        response = client.get(url, base_url=SITE)
        self.statuses[response.status_code] += 1
        kind = response.content_type or ""
        lines = [f"GET {url}", f"{response.status_code}"]
        lines += [f"{name}: {response.headers[name]}" for name in HEADERS if name in response.headers]
        body = content(response.data, kind) if response.data else ""
        text = _SIGNED.sub("…", "\n".join([*lines, "", body, ""]))
        (self.folder / person / file_name(url)).write_text(text, "utf-8")
        location = response.headers.get("Location", "")
        named = links(response.get_data(as_text=True), url, "html" in kind) if _is_text(kind) else set()
        return named | ({urljoin(url, location).removeprefix(SITE)} if location else set())


def _is_text(kind: str) -> bool:
    return bool(re.match("text/|application/(json|.*xml$)", kind.partition(";")[0]))


# --- the people of the demo ----------------------------------------------------------------------------


def sign_in(app: Any, url: str, **fields: str) -> str:
    """Send the form at ``url`` as a browser would; answer the session cookie."""
    client = app.test_client()
    page = client.get(url, base_url=SITE).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None, f"no form at {url}"
    answer = client.post(url, base_url=SITE, data={**fields, "csrf_token": token[1]})
    assert answer.status_code == 303, f"{url} answered {answer.status_code}"
    return str(client.get_cookie(app.config["SESSION_COOKIE_NAME"]).value)


def looking_at(app: Any, cookie: str, body_id: int) -> str:
    """Let the session ``cookie`` look at another congress; answer the new cookie."""
    client = app.test_client()
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie)
    with client.session_transaction() as session:
        session["viewing"] = body_id
    return str(client.get_cookie(app.config["SESSION_COOKIE_NAME"]).value)


def people(app: Any, stage: str, demo: dict[str, Any], database: Path) -> dict[str, str | None]:
    """Everybody whose pages are opened, with their session cookies (None: nobody signed in)."""
    with sqlite3.connect(database) as connection:
        tellers = connection.execute(
            "SELECT number FROM deputies JOIN tellers ON deputies.id = deputy_id ORDER BY tellers.id"
        )
        watching = [number for (number,) in tellers]
        bodies = connection.execute("SELECT id FROM bodies ORDER BY parent_id IS NOT NULL, id")
        county, township = (body_id for (body_id,) in bodies.fetchmany(2))
    found: dict[str, str | None] = {"anonymous": None}
    for login in demo["logins"]:
        name, password = login["username"], login["password"]
        found[name] = sign_in(app, "/sign-in", username=name, password=password)
    found["admin-in-county"] = looking_at(app, str(found["admin"]), county)
    found["leader-in-township"] = looking_at(app, str(found["leader"]), township)
    if stage == "voting":  # cards end with the session
        cards = {deputy["number"]: urlsplit(deputy["qr_url"]).path for deputy in demo["deputies"]}
        found["card-of-teller"] = sign_in(app, cards[watching[0]])
        found["card-of-deputy"] = sign_in(app, cards[min(cards.keys() - set(watching))])
    return found


def save_stage(stage: str, folder: Path, most: int) -> None:
    """Load one stage of the demo into INSTANCE_PATH and write its pages to ``folder``."""
    fixed = fix_chance()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    logging.disable(logging.ERROR)
    create_app = import_module(
        "votes"
    ).create_app  # with chance fixed: modules may draw bytes when they are imported
    result = create_app().test_cli_runner().invoke(args=["demo", "--stage", stage, "--json"])
    if result.exit_code:
        raise SystemExit(f"demo --stage {stage}: {result.output}\n{result.exception!r}")
    demo = json.loads(result.stdout)
    app = create_app()  # reads the demo's time when it starts
    everybody = people(app, stage, demo, Path(os.environ["INSTANCE_PATH"]) / "votes.db")
    app.extensions["votes.database"].engine.dialect.do_commit = lambda connection: connection.rollback()
    crawler = Crawler(app, fixed, folder, most)
    rules = [rule for rule in app.url_map.iter_rules() if not rule.endpoint.endswith("static")]
    pages = {rule.rule: rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    starts = [rule for rule in pages if "<" not in rule]
    cards = [urlsplit(deputy["qr_url"]).path for deputy in demo["deputies"][:2] if deputy["qr_url"]]
    for person, cookie in everybody.items():
        if person not in TWINS:
            crawler.crawl(person, cookie, [*starts, *(cards if cookie is None else [])])
    routes = sorted({f"{method} {rule.rule}" for rule in rules for method in rule.methods or ()})
    (folder / "routes.txt").write_text("\n".join(routes) + "\n", "utf-8")
    unreached = {rule: endpoint for rule, endpoint in pages.items() if not crawler.reached[rule]}
    print(json.dumps({"statuses": crawler.statuses, "unreached": unreached, "routes": len(pages)}))


# --- the two commands ----------------------------------------------------------------------------------


def run_stage(stage: str, given: argparse.Namespace) -> dict[str, Any]:
    """Save one stage in a process of its own, over the code of ``given.checkout``."""
    checkout, begun = Path(given.checkout).resolve(), time.monotonic()
    with tempfile.TemporaryDirectory() as instance:
        result = subprocess.run(
            [sys.executable, __file__, "stage", stage, str(given.folder.resolve() / stage), str(given.most)],
            cwd=checkout,
            env={
                **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
                "INSTANCE_PATH": instance,
                "PUBLIC_URL": SITE,
                "SECRET_KEY": "pages",
                "PYTHONHASHSEED": "0",
                "PYTHONPATH": str(checkout),
                "PYTHONSAFEPATH": "1",
            },
            stdout=subprocess.PIPE,
            check=True,
        )
    told: dict[str, Any] = json.loads(result.stdout)
    counts = ", ".join(f"{number} × {status}" for status, number in sorted(told["statuses"].items()))
    print(f"{stage}: {counts} in {time.monotonic() - begun:.0f} s", flush=True)
    return told


def save(given: argparse.Namespace) -> int:
    """Save all stages; say how many pages there are, and which routes no page leads to."""
    if given.folder.exists() and any(given.folder.iterdir()):
        raise SystemExit(f"{given.folder} is not empty: name another folder")
    given.folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with ThreadPoolExecutor(given.jobs) as pool:
        # the latest stage has most pages: it goes first
        told = list(pool.map(lambda stage: run_stage(stage, given), reversed(given.stages.split(","))))
    unreached = set.intersection(*(set(each["unreached"].items()) for each in told))
    number = sum(sum(each["statuses"].values()) for each in told)
    print(f"{number} pages in {time.monotonic() - begun:.0f} s")
    print(f"{len(unreached)} of {told[0]['routes']} routes were not reached:")
    for rule, endpoint in sorted(unreached, key=lambda each: each[1]):
        print(f"    {endpoint}  {rule}")
    return 0


def alike(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the items at the beginning that two sequences share."""
    shorter = min(len(old), len(new))
    return next((i for i in range(shorter) if old[i] != new[i]), shorter)


def changes(before: list[str], after: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Find the places where two lists of lines differ, as slices of each."""
    start = alike(before, after)
    end = alike(before[start:][::-1], after[start:][::-1])
    a, b = before[start : len(before) - end], after[start : len(after) - end]
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b).get_opcodes():
        if tag != "equal":
            yield start + a1, start + a2, start + b1, start + b2


def gist(old: str, new: str) -> tuple[str, str, str]:
    """Reduce a difference to what it has in common with its like on other pages.

    That is the tag with which it begins, and the words that changed.
    """
    start = alike(old, new)
    end = alike(old[start:][::-1], new[start:][::-1])
    tag = re.match(r"<[\w/!?]+", old or new)
    return tag[0] if tag else "", old[start : len(old) - end], new[start : len(new) - end]


def example(name: str, before: list[str], after: list[str], place: tuple[int, int, int, int]) -> str:
    """One difference as a unified diff with two lines around it."""
    a1, a2, b1, b2 = place
    lines = [f"--- {name}", f"@@ -{a1 + 1},{a2 - a1} +{b1 + 1},{b2 - b1} @@"]
    lines += [f" {line}" for line in before[max(a1 - 2, 0) : a1]]
    lines += [f"-{line}" for line in before[a1:a2]] + [f"+{line}" for line in after[b1:b2]]
    lines += [f" {line}" for line in before[a2 : a2 + 2]]
    shown = [line if len(line) <= 240 else line[:240] + "…" for line in lines]
    return "\n".join(shown if len(shown) <= 30 else [*shown[:30], f"… {len(shown) - 30} more lines"])


def kept_lines(path: Path, ignore: str | None) -> list[str]:
    """Read a page's lines without those that match ``ignore``."""
    lines = path.read_text("utf-8").split("\n")
    return lines if ignore is None else [line for line in lines if not re.search(ignore, line)]


def named(names: Iterable[str]) -> None:
    """Print file names, those alike but for their figures as one line."""
    groups = defaultdict(list)
    for name in sorted(names):
        groups[re.sub(r"[0-9]+", "0", name.rpartition("/")[2])].append(name)
    for same in groups.values():
        print(f"    {same[0]}" + (f"  and {len(same) - 1} alike" if len(same) > 1 else ""))


def compare(given: argparse.Namespace) -> int:
    """Print what differs between two folders, the same difference on many pages once; 1 when there is any."""
    old, new = (
        {str(path.relative_to(folder)): path for path in folder.rglob("*.txt")}
        for folder in (given.before, given.after)
    )
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    examples, differing = dict[tuple[str, str, str], str](), set[str]()
    for name in sorted(old.keys() & new.keys()):
        before, after = kept_lines(old[name], given.ignore), kept_lines(new[name], given.ignore)
        if before == after:
            continue
        differing.add(name)
        for place in changes(before, after):
            key = gist("\n".join(before[place[0] : place[1]]), "\n".join(after[place[2] : place[3]]))
            groups[key].append(name)
            examples.setdefault(key, example(name, before, after, place))
    for word, lost in (("missing", old.keys() - new.keys()), ("new", new.keys() - old.keys())):
        if lost:
            print(f"{len(lost)} pages are {word}:")
            named(lost)
    for key, names in sorted(groups.items(), key=lambda each: -len(set(each[1])))[: given.groups]:
        print(f"\n{len(names)} places on {len(set(names))} pages, such as:\n{examples[key]}")
    if len(groups) > given.groups:
        print(f"\n… and {len(groups) - given.groups} more groups (--groups shows more)")
    same = len(old.keys() & new.keys()) - len(differing)
    if not old or old.keys() != new.keys() or differing:
        print(f"\n{same} pages are the same, {len(differing)} differ in {len(groups)} groups.")
        return 1
    print(f"{same} pages compared: no difference.")
    return 0


def main() -> int:
    """Read the command line and do what it says."""
    if sys.argv[1:2] == ["stage"]:  # one stage in a process of its own, started by `save`
        save_stage(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
        return 0
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = options.add_subparsers(required=True)
    saving = commands.add_parser("save", help="write all pages to an empty folder")
    saving.add_argument("folder", type=Path)
    saving.add_argument("--checkout", default=Path(__file__).resolve().parents[1], help="whose code is run")
    saving.add_argument("--stages", default=",".join(STAGES))
    saving.add_argument("--most", type=int, default=3, help="pages of a route that each person opens")
    saving.add_argument("--jobs", type=int, default=2, help="stages at the same time")
    saving.set_defaults(act=save)
    comparing = commands.add_parser("compare", help="list the differences of two folders")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    comparing.add_argument("--groups", type=int, default=40, help="how many groups are shown")
    comparing.add_argument("--ignore", metavar="REGEX", help="lines that need not agree")
    comparing.set_defaults(act=compare)
    given = options.parse_args()
    return int(given.act(given))


if __name__ == "__main__":
    sys.exit(main())
