"""Units of work: the body in scope, and what runs after the commit."""

import pytest

from votes.db import EVERY_BODY, ScopeMissing, body_in_scope, db, scoped


def test_body_in_scope_is_the_one_body(work):
    work.scope = 7
    assert body_in_scope() == 7


@pytest.mark.parametrize("scope", [None, EVERY_BODY])
def test_body_in_scope_without_one_body_is_refused(work, scope):
    work.scope = scope
    with pytest.raises(ScopeMissing):
        body_in_scope()


def test_scoped_restores_the_scope_even_after_an_error(work):
    work.scope = 7
    with pytest.raises(ValueError, match="example"), scoped(EVERY_BODY):
        assert db.session.scope is EVERY_BODY
        raise ValueError("example")
    assert db.session.scope == 7


@pytest.mark.parametrize("fails", [False, True])
def test_on_commit_runs_only_when_the_work_commits(app, database, fails):
    ran = []
    try:
        with database.work() as session:
            session.on_commit(ran.append)
            assert ran == []
            if fails:
                raise ValueError("example")
    except ValueError:
        pass
    assert ran == ([] if fails else [database])


def test_session_outside_a_unit_of_work_is_refused():
    with pytest.raises(RuntimeError, match="no unit of work"):
        _ = db.session
