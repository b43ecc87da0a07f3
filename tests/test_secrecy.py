"""The hunt: with the whole database, every page, export and log line in hand, who voted what after the close?

The test knows the truth (who cast which code, and in which order) and looks for it everywhere.
"""

import io
import json
import logging
import random
import zipfile
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.factories import NOW
from tests.pages import Browser
from tests.services.voting.test_paper_ballots import CLERK, OTHER, add_box, hand_out, key, resume
from tests.services.voting.test_vote import cast, close, make_hall, open_, sign
from votes.db import db
from votes.models import metadata
from votes.rules.codes import new_code
from votes.services.meeting import cards, rounds, sessions
from votes.services.voting import ballots

pytestmark = pytest.mark.fresh_database

DEPUTIES = 40


@pytest.fixture
def after(world, caplog):
    """Certify a round and return it with the truth beside it: (deputy id, code) in order of casting."""
    caplog.set_level(logging.DEBUG)
    hall = make_hall(world, deputies=DEPUTIES, projects=6, disclosure="ballots", publish="names+votes")
    open_(world, hall)
    order = list(range(DEPUTIES))
    random.Random(7).shuffle(order)
    truth = []
    for step, number in enumerate(order):
        code = new_code()
        marks = dict.fromkeys(random.Random(number).sample(range(1, 7), 3), "for")
        with world.work():
            ballots.cast(
                hall["round"],
                hall["deputies"][number],
                code=code,
                marks=marks,
                now=NOW + timedelta(seconds=step),
                browser=f"phone {number}",
            )
        truth.append((hall["deputies"][number], code))
    with world.work() as session:
        kept = session.execute(text("select resend_mark, browser_mark from turnout"))
        hall["marks"] = [mark for row in kept for mark in row]
        hall["key"] = rounds.get_round(hall["round"]).resend_key
    assert len(set(hall["marks"]) - {None}) == 2 * DEPUTIES, "there is something to destroy"
    close(world, hall)
    hall["truth"] = truth
    return hall


def dump(session) -> dict[str, list[str]]:
    """Every row of every table as text."""
    return {
        table.name: [
            json.dumps([str(v) for v in row], ensure_ascii=False) for row in session.execute(table.select())
        ]
        for table in metadata.sorted_tables
    }


def ranks_agree(known: list, seen: list) -> float:
    """Spearman's correlation of two orders of the same things: 0 for chance, ±1 for a copy."""
    place = {thing: i for i, thing in enumerate(known)}
    n = len(known)
    squares = sum((i - place[thing]) ** 2 for i, thing in enumerate(seen))
    return 1 - 6 * squares / (n * (n * n - 1))


def test_codes_stand_in_the_box_alone(world, after):
    with world.work(None) as session:
        rows = dump(session)
    codes = [code for _, code in after["truth"]]
    for table, lines in rows.items():
        if table != "ballots":
            assert [c for c in codes if any(c in line for line in lines)] == [], table
    assert len(rows["ballots"]) == DEPUTIES


def test_neither_table_has_a_clock_a_serial_or_the_others_key():
    box, roll = metadata.tables["ballots"], metadata.tables["turnout"]
    assert {c.name for c in box.columns} == {
        "round_id",
        "code",
        "marks",
        "source",
        "spoilt",
        "secret",
        "deputy_id",
    }
    assert {c.name for c in roll.columns} == {
        "round_id",
        "deputy_id",
        "channel",
        "resend_mark",
        "browser_mark",
    }


def test_a_secret_ballot_cannot_name_a_deputy(world, after):

    insert = text(
        "insert into ballots (round_id, code, marks, source, spoilt, secret, deputy_id) "
        "values (:r, 'ABCDEFGHJK', '{}', 'phone', false, true, :d)"
    )
    with pytest.raises(IntegrityError, match="secret_names_nobody"), world.work(None) as session:
        session.execute(insert, {"r": after["round"], "d": after["truth"][0][0]})


def test_marks_and_key_of_the_resend_are_gone_from_the_tables(world, after):
    with world.work(None) as session:
        everything = "\n".join(line for lines in dump(session).values() for line in lines)
        assert [m for m in after["marks"] if m in everything] == []
        assert session.execute(text("select count(*) from rounds where resend_key is not null")).scalar() == 0


def test_no_order_of_arrival_is_left(world, after, database):
    """What the database keeps beside the columns: row numbers, transactions, places on the page."""
    arrival = [code for _, code in after["truth"]]
    voters = [deputy for deputy, _ in after["truth"]]
    with world.work(None) as session:
        if database.is_sqlite:
            for table in ("ballots", "turnout"):
                with pytest.raises(Exception, match="no such column: rowid"):
                    session.execute(text(f"select rowid from {table}"))
            seen = [r[0] for r in session.execute(text("select code from ballots"))]
            assert seen == sorted(seen)
        else:
            for table in ("ballots", "turnout"):
                kinds = session.execute(text(f"select count(distinct xmin::text) from {table}")).scalar()
                assert kinds == 1, f"{table}: all rows are of one transaction"
            seen = [r[0] for r in session.execute(text("select code from ballots order by ctid"))]
            crossed = [r[0] for r in session.execute(text("select deputy_id from turnout order by ctid"))]
            assert abs(ranks_agree(voters, crossed)) < 0.75
            by_owner = {code: deputy for deputy, code in after["truth"]}
            assert abs(ranks_agree(crossed, [by_owner[c] for c in seen])) < 0.75, "roll and box lie alike"
    assert (
        abs(ranks_agree(arrival, seen)) < 0.75
    )  # by chance this is passed by hardly one run in a hundred thousand


def test_the_files_behind_the_tables_keep_no_trace(world, after, database):
    """The raw bytes: freed pages, logs and old row versions."""
    codes = [code.encode() for _, code in after["truth"]]
    marks = [mark.encode() for mark in after["marks"]]
    if database.is_sqlite:
        path = Path(database.url.database)
        raw = path.read_bytes()
        log = path.with_name(path.name + "-wal")
        late = log.read_bytes() if log.exists() else b""
        assert [m for m in marks if m in raw or m in late] == []
        assert after["key"] not in raw
        assert after["key"] not in late
        assert [raw.count(code) for code in codes] == [1] * DEPUTIES, "one copy of each ballot"
        assert [c for c in codes if c in late] == []
        places = sorted(codes, key=raw.index)
        assert abs(ranks_agree(codes, places)) < 0.75, "the pages keep the order of arrival"
    else:
        with world.work(None) as session:
            session.execute(text("checkpoint"))
            files = session.execute(
                text(
                    "select relname, pg_read_binary_file(pg_relation_filepath(oid)) from pg_class "
                    "where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace "
                    "and pg_relation_filepath(oid) is not null and relname like any (array['%ballots%', '%turnout%'])"
                )
            ).all()
        assert {name for name, _ in files} >= {"ballots", "turnout", "pk_ballots", "pk_turnout"}
        for name, raw in files:
            raw = bytes(raw)
            assert [m for m in marks if m in raw] == [], name
            if name == "ballots":
                assert [raw.count(code) for code in codes] == [1] * DEPUTIES


def test_pages_exports_and_logs_name_no_ballot_with_its_deputy(app, world, after, caplog):
    """Everything that anybody may open after certification, read whole."""
    sign(world, after, 0)
    sign(world, after, 1)
    codes = [code for _, code in after["truth"]]
    with world.work() as session:
        round_ = rounds.get_round(after["round"])
        record = json.dumps(round_.record, ensure_ascii=False)
        names = [r[0] for r in session.execute(text("select name from deputies where number <> '900'"))]
        signers = sorted(signature.name for signature in round_.signatures)
        screen, public_id = round_.session.screen_key, round_.public_id
        token = cards.active(round_.session)[3].id
    assert [c for c in codes if c in record] == codes, "the record lists every code"
    assert [n for n in names if n in record] == signers, "and no deputy but the tellers who signed"

    office, leader, root = (Browser(app) for _ in range(3))
    office.sign_in(world.user_key("office"))
    leader.sign_in(world.user_key("leader"))
    root.sign_in(world.user_key("sysadmin"))
    phone = Browser(app)
    phone.sign_in(f"c:{token}")
    base = f"/office/rounds/{after['round']}"
    seen = []
    for browser, urls in (
        (
            office,
            [
                base,
                f"{base}/not-voted",
                f"{base}/turnout.json",
                "/office/",
                f"/office/sessions/{after['session']}",
                f"/office/sessions/{after['session']}/desk",
                "/office/audit/",
                "/office/audit/export.csv",
                f"{base}/sheet.docx",
                f"{base}/results.xlsx",
                f"{base}/announcement.docx",
            ],
        ),
        (leader, [base, "/office/audit/"]),
        (root, ["/office/audit/"]),
        (phone, ["/hall/", f"/vote/{after['round']}", f"/vote/{after['round']}/received"]),
        (
            Browser(app),
            [
                "/",
                "/p/shili/",
                f"/screen/{screen}",
                f"/screen/{screen}/state.json",
                f"/p/shili/rounds/{public_id}/record.json",
            ],
        ),
    ):
        for url in urls:
            page = browser.follow(browser.get(url))
            assert page.status in (200, 404), (url, page.status)
            seen.append((url, readable(page.data)))
    assert len([1 for _, words in seen if words]) > 15
    for url, words in seen:
        assert [c for c in codes if c in words] == [], url

    lines = [record.getMessage() for record in caplog.records]
    assert [line for line in lines if any(c in line for c in codes) and "sqlalchemy" not in line] == []


def readable(data: bytes) -> str:
    """Return the words of an answer, inside office files too."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as files:
            return "\n".join(files.read(n).decode("utf-8", "replace") for n in files.namelist())
    return data.decode("utf-8", "replace")


def test_casting_over_the_web_leaves_no_audit_line_and_no_time(app, world, caplog):
    caplog.set_level(logging.DEBUG)
    hall = make_hall(world, deputies=6, projects=4)
    open_(world, hall)
    with world.work() as session:
        before = session.execute(text("select count(*) from audit_entries")).scalar()
        card_ids = [c.id for c in cards.active(sessions.get(hall["session"]))]
    for card_id in card_ids:
        phone = Browser(app)
        phone.sign_in(f"c:{card_id}")
        assert phone.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": new_code()}).status == 303
        again = phone.post(f"/vote/{hall['round']}/cast", {"m2": "for", "code": new_code()})
        assert again.status == 409
        assert "您已投过票" in again.words
    with world.work() as session:
        assert session.execute(text("select count(*) from audit_entries")).scalar() == before
        assert db.session.execute(text("select count(*) from ballots")).scalar() == 6


# --- paper beside phones -----------------------------------------------------------------------------------

PAPERS = list(
    combinations(range(1, 7), 3)
)  # twenty papers, no two marked alike: each can be known by its marks


@pytest.fixture
def mixed(world):
    """Twenty phones and twenty papers, counted and signed; `handed` says in which order papers were handed out."""
    hall = make_hall(
        world, deputies=DEPUTIES, projects=6, paper="keyed", disclosure="ballots", publish="names+votes"
    )
    open_(world, hall)
    order = random.Random(11).sample(range(2, DEPUTIES), 20)
    for number in order:
        hand_out(world, hall, number)
    for number in set(range(DEPUTIES)) - set(order):
        cast(world, hall, number, {1: "for", 2: "for"})
    close(world, hall)
    box = add_box(world, hall, papers=20)
    for clerk in (CLERK, OTHER):
        key(world, box, clerk, *(" ".join(map(str, marks)) for marks in PAPERS))
    resume(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    hall["handed"] = [hall["deputies"][number] for number in order]
    return hall


def test_a_paper_is_not_led_back_by_its_place_in_the_pile_or_the_order_of_handing_out(world, mixed, database):
    with world.work(None) as session:
        order = "order by code" if database.is_sqlite else "order by ctid"
        found = session.execute(text(f"select code, marks from ballots where source = 'paper' {order}")).all()
        crossed = "" if database.is_sqlite else "order by ctid"
        holders = session.execute(
            text(f"select deputy_id from turnout where channel = 'paper' {crossed}")
        ).all()
        rows = dump(session)
    marks = [json.loads(m) if isinstance(m, str) else m for _, m in found]
    pile = [PAPERS.index(tuple(sorted(int(no) for no in each))) for each in marks]
    assert sorted(pile) == list(range(20))
    assert abs(ranks_agree(list(range(20)), pile)) < 0.85, "the box keeps the order of the pile"
    assert abs(ranks_agree(mixed["handed"], [row[0] for row in holders])) < 0.85
    codes = [code for code, _ in found]
    for table, lines in rows.items():
        if table not in ("ballots", "rounds"):  # a round holds its published record
            assert [c for c in codes if any(c in line for line in lines)] == [], table
    numbers = {n: i for i, n in enumerate(mixed["deputies"])}
    log = [line for line in rows["audit_entries"] if "paper." in line]
    named = [i for i in numbers.values() if any(f"示例代表{i + 1:03d}" in line for line in log)]
    assert named == [], "the log names nobody beside the time of handing out a paper"


def test_the_papers_of_the_day_name_who_voted_and_never_a_code(app, world, mixed):
    with world.work() as session:
        round_ = rounds.get_round(mixed["round"])
        codes = [ballot["code"] for ballot in round_.record["ballots"]]
        card = cards.of_deputy(round_.session, mixed["deputies"][0])[0].id
        names = [r[0] for r in session.execute(text("select name from deputies where number <> '900'"))]
    assert len(codes) == DEPUTIES
    office, chief = Browser(app), Browser(app)
    office.sign_in(world.user_key("office"))
    chief.sign_in(f"c:{card}")
    base = f"/office/rounds/{mixed['round']}"
    seen = {}
    for paper in ("attendance", "slips", "sheet", "report", "script", "signing_in", "method", "sample"):
        answer = office.get(f"{base}/papers/{paper}.docx")
        seen[paper] = (answer.status, readable(answer.data))
    for url in (base, f"{base}/papers", f"{base}/paper", f"{base}/proof"):
        answer = office.follow(office.get(url))
        seen[url] = (answer.status, answer.text)
    seen["teller"] = (chief.get(f"/teller/rounds/{mixed['round']}").status, chief.get("/teller/").text)
    assert {name: status for name, (status, _) in seen.items() if status != 200} == {}
    for name, (_, words) in seen.items():
        assert [c for c in codes if c in words] == [], name
    assert [n for n in names if n not in seen["attendance"][1]] == [], "everybody on the roll is named there"
    assert [n for n in names if n in seen["slips"][1]] == [], "and nobody on the slips"
