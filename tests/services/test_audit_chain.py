"""The audit log as a hash chain for each body: what is found, what waits for what, and what the command says."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.plumbing import unguarded
from votes.db import db
from votes.models import AuditEntry, AuditLink, Body, table_of
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.voting import chain
from votes.services import audit

NOW = datetime(2027, 3, 1, 8, 30, 15, 123456, tzinfo=UTC)
CLERK = Actor(name="王示例", roles=frozenset({Role.OFFICE}))
LINES = 5


@pytest.fixture
def log(world) -> list[int]:
    """Write five lines of the county after those of its founding, one of its neighbour; return the county's ids."""
    ids = []
    for number in range(LINES):
        with world.work():
            line = audit.record(
                "user.edit",
                by=CLERK,
                at=NOW,
                before={"name": "甲", "n": None},
                after={"name": "乙", "n": number},
            )
            db.session.flush()
            ids.append(line.id)
    with world.work("other"):
        audit.refused("projects.edit", "项目已列入票决，不能修改。", by=CLERK, at=NOW, address="192.0.2.7")
    return ids


def tamper(world, *statements: str, **values: Any) -> None:
    """Change the tables as somebody at a database console would."""
    with unguarded(world.database) as connection:
        for statement in statements:
            assert connection.execute(text(statement), values).rowcount > 0


def proofs(world) -> dict[str, audit.AuditProof]:
    with world.work(None):
        return {proof.body: proof for proof in audit.verify()}


def flaw(world) -> str:
    """Return what is wrong with the county's log; assert that no other is broken."""
    found = proofs(world)
    with world.work(None) as session:
        county = found.pop(session.get(Body, world.county).name)
    assert [proof.flaw for proof in found.values()] == [""] * len(found)
    return county.flaw


def place(world, line: int) -> int:
    with world.work() as session:
        return int(session.scalars(select(AuditLink.position).where(AuditLink.entry_id == line)).one())


def test_untouched_logs_are_whole_each_body_from_one(world, log):
    assert flaw(world) == ""
    with world.work(None) as session:
        rows = session.execute(select(AuditLink.chain, AuditLink.position).order_by(AuditLink.entry_id)).all()
        lines = session.scalar(select(func.count()).select_from(AuditEntry))
    assert len(rows) == lines
    by_chain: dict[int, list[int]] = {}
    for number, position in rows:
        by_chain.setdefault(number, []).append(position)
    assert all(positions == list(range(1, len(positions) + 1)) for positions in by_chain.values())
    assert {world.county, world.other} <= set(by_chain)


#: column → another value of it
OTHERS = {
    "at": "'2027-03-01 08:30:16'", "user_id": "1", "who": "'李示例'", "role": "'leader'", "action": "'user.create'",
    "about_kind": "'users'", "about_id": "7", "about": "'别人'", "before": "'{\"name\": \"丙\"}'",
    "after": "'{\"name\": \"乙\", \"n\": 9}'", "outcome": "'refused'", "message": "'改'", "address": "'192.0.2.9'",
}  # fmt: skip


@pytest.mark.parametrize("column", sorted(OTHERS))
def test_changed_column_of_a_line_is_found(world, log, column):
    tamper(world, f'UPDATE audit_entries SET "{column}" = {OTHERS[column]} WHERE id = {log[2]}')
    assert flaw(world) == f"第 {place(world, log[2])} 条记录的内容与其摘要不符：内容被改动。"


def test_every_column_of_a_line_is_on_the_chain():
    columns = set(table_of(AuditEntry).columns.keys())
    assert columns == {*audit.CHAINED_FACTS, "at"} == {*OTHERS, "id", "body_id"}


ADD = (
    "INSERT INTO audit_entries (body_id, at, who, role, action, outcome)"
    " SELECT body_id, at, who, role, {action}, outcome FROM audit_entries WHERE id = :third"
)
LINK = (
    "INSERT INTO audit_links (entry_id, chain, position, hash_name, previous, hash) SELECT max(e.id), l.chain,"
    " max(l.position) + 1, 'sha256', (SELECT hash FROM audit_links WHERE entry_id = :last), 'aa'"
    " FROM audit_entries e, audit_links l WHERE l.chain = :county GROUP BY l.chain"
)
CUT_LINE = "DELETE FROM audit_entries WHERE id = :third"
CUT_LINK = "DELETE FROM audit_links WHERE entry_id = :third"
SHIFT = "UPDATE audit_links SET position = {} WHERE entry_id = :{}"


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        pytest.param([CUT_LINE], "第 {third} 条记录的内容缺失：记录被删除。", id="line deleted"),
        pytest.param([CUT_LINK], "第 {third} 条记录缺失：中间有记录被删除或调换。", id="place deleted"),
        pytest.param([CUT_LINK, CUT_LINE], "第 {third} 条记录缺失：中间有记录被删除或调换。", id="both deleted"),
        pytest.param(
            [CUT_LINK, CUT_LINE, SHIFT.format("position - 1", "fourth"), SHIFT.format("position - 1", "last")],
            "第 {third} 条记录与前一条不相接：中间有记录被删除、插入或调换。",
            id="deleted and renumbered",
        ),
        pytest.param([ADD.format(action="action")], "不在链条上：是后来插入的", id="line inserted"),
        pytest.param(
            [ADD.format(action="action"), LINK], "第 {after} 条记录的内容与其摘要不符", id="inserted with a place"
        ),
        pytest.param(
            [SHIFT.format(-1, "third"), SHIFT.format("{third}", "fourth"), SHIFT.format("{fourth}", "third")],
            "第 {third} 条记录与前一条不相接",
            id="two swapped",
        ),
        pytest.param(
            [SHIFT.format("position + 9", "last")], "第 {last} 条记录缺失", id="a gap before the last"
        ),
        pytest.param(["UPDATE audit_entries SET body_id = :other WHERE id = :third"], "机构被改动", id="other body"),
    ],
)  # fmt: skip
def test_deleted_inserted_and_reordered_lines_are_found(world, log, statements, words):
    places = {
        "third": place(world, log[2]),
        "fourth": place(world, log[3]),
        "last": place(world, log[4]),
        "after": place(world, log[4]) + 1,
    }
    ids = {"third": log[2], "fourth": log[3], "last": log[4], "county": world.county, "other": world.other}
    tamper(world, *(statement.format(**places) for statement in statements), **ids)
    assert words.format(**places) in flaw(world)


def test_changed_line_of_no_body_is_found(world, log):
    with world.work(None):
        root = Actor(name="系统管理员", roles=frozenset({Role.SYSADMIN}))
        audit.record("settings.edit", by=root, at=NOW)
    tamper(world, "UPDATE audit_entries SET role = '' WHERE body_id IS NULL")
    assert "内容被改动" in proofs(world)["系统（不属于任何一级人大）"].flaw


def test_chain_is_never_changed_or_cut_by_the_application(world, log):
    for statement in ("UPDATE audit_links SET hash = 'x'", "DELETE FROM audit_links"):
        with pytest.raises(DBAPIError, match="the audit chain is never"), world.work():
            db.session.execute(text(statement))


def test_sign_ins_of_deputies_are_on_no_chain_and_those_of_staff_are(world, log):
    def places():
        with world.work() as session:
            return session.scalar(select(func.count()).where(AuditLink.chain == world.county))

    before = places()
    with world.work():
        deputy = Actor(name="示例代表", body_id=world.county, roles=frozenset({Role.DEPUTY}))
        for by in (deputy, CLERK):
            audit.record("user.sign_in", by=by, at=NOW)
    assert (places() - before, flaw(world)) == (1, "")


def test_line_that_is_rolled_back_has_no_place(world, log):
    with world.work() as session:
        audit.record("user.edit", by=CLERK, at=NOW)
        session.flush()
        session.rollback()
        audit.record("user.create", by=CLERK, at=NOW)
    with world.work() as session:
        last = select(AuditEntry.action).join(AuditLink).where(AuditLink.chain == world.county)
        assert session.scalars(last.order_by(AuditLink.position.desc()).limit(2)).all() == [
            "user.create",
            "user.edit",
        ]
    assert flaw(world) == ""


def test_segment_closes_with_a_sealed_head_and_the_next_goes_on_from_it(world, log):
    def close(after: int, key: str = "the server's") -> dict[str, Any]:
        return audit.close_segment(world.county, after=after, key=key, by=CLERK, at=NOW)

    with world.work():
        first = close(0)
    links = [chain.Link(line["payload"], line["previous"], line["hash"]) for line in first["lines"]]
    assert chain.verify("sha256", links, head=first["head"]) is None
    with world.work():
        second, forged, again = (
            close(first["last"], key) for key in ("the server's", "another", "the server's")
        )
    assert second["lines"][0]["previous"] == first["head"]
    assert second["lines"][0]["payload"]["after"]["head"] == first["head"]
    assert second["seal"] == again["seal"] != forged["seal"]
    assert flaw(world) == ""


# --- the command ----------------------------------------------------------------------------------------


def run(app, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["verify-chain", *arguments])
    return result.exit_code, result.output


def test_verify_chain_command_names_the_log_that_was_changed(app, world, log):
    code, words = run(app)
    assert (code, words.count("操作日志　"), words.count("不完整")) == (0, 4, 0)
    tamper(world, f"UPDATE audit_entries SET who = '别人' WHERE id = {log[1]}")
    code, words = run(app)
    assert (code, words.count("不完整。第")) == (1, 1)
    answer = json.loads(run(app, "--json")[1])
    assert [each["whole"] for each in answer["audit"]].count(False) == 1


def test_lines_cut_off_at_the_end_are_found_by_a_head_known_from_elsewhere(app, world, log):
    with world.work() as session:
        head = audit.head(world.county)
        earlier = session.scalars(select(AuditLink.hash).where(AuditLink.entry_id == log[0])).one()
    assert run(app, "--expect", head)[0] == 0
    last = {"last": log[4]}
    tamper(
        world,
        *(f"DELETE FROM {name} = :last" for name in ("audit_links WHERE entry_id", "audit_entries WHERE id")),
        **last,
    )
    assert flaw(world) == ""
    code, words = run(app, "--expect", head, "--expect", earlier)
    assert (code, "整条重造" in words, f"已知的摘要 {earlier} 在过程记录中（操作日志" in words) == (
        1,
        True,
        True,
    )


@pytest.mark.parametrize("nonsense", ["", "abc", "x" * 64, "a" * 65])
def test_expecting_what_is_no_digest_stops_with_words(app, world, nonsense):
    code, words = run(app, "--expect", nonsense)
    assert (code, "不是摘要" in words) == (1, True)


# --- several writers ------------------------------------------------------------------------------------


def in_threads(*acts: Any) -> None:
    """Run the acts at the same time; raise what one of them has raised."""
    pool = ThreadPoolExecutor(len(acts))
    for done in [pool.submit(act) for act in acts]:
        done.result(60)


def test_many_writers_of_two_bodies_at_once_make_two_whole_chains(world, log):
    def write(body: str) -> None:
        for _ in range(8):
            with world.work(body):
                audit.record("user.edit", by=CLERK, at=NOW)
                audit.record("user.active", by=CLERK, at=NOW)

    before = {body: proof.lines for body, proof in proofs(world).items()}
    in_threads(*[lambda: write("county")] * 3, *[lambda: write("other")] * 2)
    assert flaw(world) == ""
    more = sorted(proof.lines - before[body] for body, proof in proofs(world).items())
    assert more == [0, 0, 2 * 2 * 8, 3 * 2 * 8]


def test_writers_that_lock_a_row_before_and_after_the_line_do_not_deadlock(world, log):
    def lock() -> None:
        db.session.execute(select(Body).where(Body.id == world.county).with_for_update())

    def first() -> None:
        with world.work():
            audit.record("user.edit", by=CLERK, at=NOW)
            db.session.flush()
            time.sleep(0.2)
            lock()

    def second() -> None:
        with world.work():
            lock()
            time.sleep(0.3)
            audit.record("user.edit", by=CLERK, at=NOW)

    in_threads(first, second)
    assert flaw(world) == ""


@pytest.mark.postgresql
def test_writer_waits_for_no_other_body(world, log):
    if world.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    with world.work("other") as session:
        audit.record("user.edit", by=CLERK, at=NOW)
        audit._append_to_chains(session)  # as at the commit, which is still to come

        def write() -> None:
            with world.work("county") as own:
                own.execute(text("SET LOCAL lock_timeout = '200ms'"))
                audit.record("user.edit", by=CLERK, at=NOW)

        in_threads(write)
        session.rollback()
    assert flaw(world) == ""
