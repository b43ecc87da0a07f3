"""Who is let in, and whose rows are in scope then."""

import pytest
from flask import Flask

from votes.db import db
from votes.models import Body, Department
from votes.rules.permissions import Permission as P
from votes.web.access import allow, enter_body

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(("row", "scope"), [(Body(id=7), 7), (Department(id=1, body_id=8), 8)])
def test_enter_body_puts_the_body_of_a_row_in_scope(work, row, scope):
    enter_body(row)
    assert db.session.scope == scope


@pytest.mark.parametrize(
    ("permission", "row", "scope"),
    [
        (P.PUBLIC_READ, Body(id=7), 7),
        (P.SCREEN_READ, Department(id=1, body_id=8), 8),
        (P.PUBLIC_READ, None, None),
    ],
)
def test_open_page_has_the_body_of_its_url_in_scope(app: Flask, work, permission, row, scope):
    scopes = []

    @allow(permission, row=lambda key: row)
    def page(**given: object) -> str:
        scopes.append(db.session.scope)
        return ""

    with app.test_request_context():
        if row is None:
            with pytest.raises(Exception, match="404"):
                page(row_key="x")
        else:
            page(row_key="x")
    assert scopes == ([] if row is None else [scope])
