"""Who made a suggestion is found nowhere but where somebody asked for it, and the log says that they did.

Names and telephones are planted by tests/worlds/solicitation.py; this looks for them on every page of everybody, in
every file that may be downloaded, in the log of acts, in addresses and in what the server writes down.
"""

import io
import logging
import zipfile

import pytest
from sqlalchemy import select

from tests.pages import Page
from tests.world import Year, filled, visits
from tests.worlds.solicitation import AUTHOR
from votes.exports.formats import xlsx
from votes.models import AuditEntry, Throttle, metadata
from votes.web.access import OPEN

pytestmark = pytest.mark.sqlite

SECRETS = (AUTHOR.name, AUTHOR.phone, AUTHOR.unit)
#: Tables that may hold who it was: the authors, and an upload until it is imported or dropped.
KNOWING = {"authors", "import_drafts"}


def found_in(data: bytes) -> list[str]:
    """Return the planted words in what was sent, also inside a workbook or an archive, as text or as JSON escapes."""
    parts = [data]
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    forms = {secret: (secret.encode(), ascii(secret)[1:-1].encode()) for secret in SECRETS}
    return [s for s, written in forms.items() if any(form in part for form in written for part in parts)]


def said(page: Page) -> bytes:
    head = "\n".join(f"{name}: {value}" for name, value in page.response.headers)
    return page.data + head.encode()


@pytest.mark.parametrize(
    "data",
    [
        AUTHOR.name.encode(),
        ascii(AUTHOR.name).encode(),
        f"<td>{AUTHOR.phone}</td>".encode(),
        xlsx.write("名单", [xlsx.SheetColumn("姓名")], [[AUTHOR.name]]),
    ],
)
def test_the_search_would_find_it(data):
    assert found_in(data) != []


def test_the_planted_author_is_there_and_shown_to_whoever_asks(year: Year):
    """Else nothing could leak and the other tests would say nothing."""
    suggestion_id = year.ids["county"]["suggestion_id"]
    page = year.browser("office").post(f"/office/suggestions/{suggestion_id}/author")
    assert found_in(page.data) == list(SECRETS)
    assert found_in(year.browser("leader").post(f"/office/suggestions/{suggestion_id}/author").data) == []


def test_no_page_and_no_file_tells_who_it_was(year: Year):
    """Every address there is, opened by somebody who may: those of staff as well, for only a POST reveals."""
    year.visits = []  # another test may have looked at papers that were not drawn
    opened = visits(year)
    assert any(visit.rule.endpoint == "suggestions.export" for visit in opened)
    public = [v for v in opened if year.app.view_functions[v.rule.endpoint].__permission__ in OPEN]  # type: ignore[attr-defined]
    assert len(public) > 15
    told = {v.rule.endpoint: found_in(said(v.page)) for v in opened}
    masked = {"suggestions.show"}  # 单位 stands there beside the covered name
    assert {name: words for name, words in told.items() if words and name not in masked} == {}
    assert set(told["suggestions.show"]) <= {AUTHOR.unit}


def test_what_its_author_reads_by_code_names_nobody(year: Year):
    ids = year.ids["county"]
    page = year.browser("public").post(f"/p/{ids['body']}/suggest/track", {"code": ids["suggestion_code"]})
    assert "路坏了" in page.words
    assert found_in(said(page)) == []


def test_no_table_but_its_own_holds_it(year: Year):
    with year.database.engine.connect() as connection:
        told = {
            table.name: found_in(repr(connection.execute(select(table)).all()).encode())
            for table in metadata.sorted_tables
        }
    assert {name for name, words in told.items() if words} == KNOWING
    assert {AuditEntry.__tablename__, Throttle.__tablename__} <= set(told)


@pytest.mark.parametrize("more", [{}, {"content": "短"}, {"place": "\x00"}, {"key": "forged"}])
def test_nothing_is_written_down_when_a_form_is_sent(year: Year, caplog, more):
    """Taken or refused or broken: not in the server's log, not in the log of acts, not in the address that follows."""
    caplog.set_level(logging.DEBUG)
    browser, url = year.browser("public"), f"/p/{year.ids['county']['body']}/suggest"
    given = filled(browser.get(url))
    given.pop("files", None)
    page = browser.post(
        url, given | {"content": "请修村口的路。", "name": AUTHOR.name, "phone": AUTHOR.phone} | more
    )
    logging.getLogger("votes").debug("heard")
    assert "heard" in caplog.text
    assert found_in(caplog.text.encode()) == []
    assert found_in(page.location.encode()) == []
    with year.database.work(write=False) as session:
        assert found_in(repr([vars(line) for line in session.scalars(select(AuditEntry))]).encode()) == []
