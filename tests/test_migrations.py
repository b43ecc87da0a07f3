"""The migrations and the models say the same, and an older database keeps its rows on the way up."""

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from tests import plumbing
from votes import migrations
from votes.db import Database
from votes.models import metadata

NOW = datetime(2027, 1, 1, tzinfo=UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")


@pytest.fixture
def empty(backend, tmp_path):
    """A database without tables."""
    if backend == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'votes.db'}")
        yield database
        database.dispose()
        return
    with plumbing.pg_database() as url:
        database = Database(url)
        yield database
        database.dispose()


def test_the_models_are_what_the_migrations_make(empty):
    migrations.upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_year_of_the_first_version_goes_up_whole(empty):
    migrations.upgrade(empty, "0002")
    with empty.work() as session:
        for statement in (
            "INSERT INTO bodies (id, code, name, place, kind, settings, is_demo, created_at)"
            " VALUES (1, 'county', '示例县人民代表大会', '示例县', 'county', '{}', false, :now)",
            "INSERT INTO delegations (id, name, position, body_id) VALUES (1, '第一代表团', 1, 1)",
            "INSERT INTO deputies (id, number, name, delegation_id, state, pinyin, initials, body_id)"
            " VALUES (1, '001', '代表示例', 1, 'active', '', '', 1)",
            "INSERT INTO sessions (id, title, year, starts_on, ends_on, place, state, hall_secret, hall_key,"
            " screen_key, created_at, body_id) VALUES (1, '第一次会议', 2027, '2027-01-01', '2027-01-02', '',"
            " 'running', '00', 'h', 's', :now, 1)",
            "INSERT INTO attendance (session_id, deputy_id, state, at, how, recorded_by, reason, body_id)"
            " VALUES (1, 1, 'present', :now, 'desk', '', '', 1)",
        ):
            session.execute(text(statement), {"now": NOW})
    migrations.upgrade(empty)
    with empty.work() as session:
        assert session.execute(text("SELECT kind FROM bodies")).scalar() == "county"
        assert session.execute(text("SELECT state FROM attendance")).scalar() == "present"
        screen = session.execute(
            text("SELECT session_id, name, key, view, round_id, body_id FROM screens")
        ).one()
        assert tuple(screen) == (1, "主屏", "s", "auto", None, 1), "the hall's PC keeps its address"
        session.execute(text("UPDATE attendance SET state = 'left'"))
        session.execute(text("UPDATE bodies SET kind = 'committee'"))
    with pytest.raises(Exception, match=r"(?i)check"), empty.work() as session:
        session.execute(text("UPDATE bodies SET kind = 'village'"))


def test_what_is_carried_out_goes_up_with_its_files(empty):
    migrations.upgrade(empty, "0003")
    with empty.work() as session:
        for statement in (
            "INSERT INTO bodies (id, code, name, place, kind, settings, is_demo, created_at)"
            " VALUES (1, 'county', '示例县人民代表大会', '示例县', 'county', '{}', false, :now)",
            "INSERT INTO projects (id, year, name, category, kind, content, target, location, benefit_scope, background,"
            " feasibility, preparation, safeguards, partners, leader, multi_year, stage_goal, state, gates_passed,"
            " created_at, body_id) VALUES (1, 2027, '示例项目', '教育', 'works', '', '', '', '', '', '', '', '', '', '',"
            " false, '', 'selected', 3, :now, 1)",
            "INSERT INTO subprojects (id, project_id, position, name, target, unit) VALUES (1, 1, 1, '子项目', '', '')",
            "INSERT INTO trackings (id, project_id, leader, starts_on, due_on, state, body_id)"
            " VALUES (1, 1, '', '2027-01-15', '2027-12-20', 'running', 1)",
            "INSERT INTO attachments (id, project_id, filename, caption, media_type, size, sha256, is_picture, added_by,"
            " added_at, body_id) VALUES (1, 1, '图.jpg', '', 'image/jpeg', 1, 'x', true, '示例', :now, 1)",
        ):
            session.execute(text(statement), {"now": NOW})
    migrations.upgrade(empty)
    with empty.work() as session:
        assert session.execute(text("SELECT period FROM trackings")).scalar() == "month"
        assert session.execute(text("SELECT weight FROM subprojects")).scalar() == 1
        assert (
            session.execute(text("SELECT filename FROM attachments WHERE project_id = 1")).scalar()
            == "图.jpg"
        )
        session.execute(text("UPDATE trackings SET state = 'suspended'"))
    with pytest.raises(Exception, match=r"(?i)check"), empty.work() as session:
        session.execute(text("UPDATE attachments SET project_id = NULL"))
