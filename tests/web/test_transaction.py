"""A refusal rolls back, and the audit log keeps of it what the page allows."""

import pytest
from flask import Flask, g
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from votes.db import db
from votes.models import Body
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.web import transaction
from votes.web.facts import Layout, Pages, Refusals, facts


@pytest.mark.parametrize(
    ("refusals", "status", "message"),
    [
        (Refusals.LOGGED, 422, "第 3 项多选"),
        (Refusals.WITHOUT_WORDS, 422, "录入的内容有误，已退回更正（签字前不记录票上的内容和票数）"),
        (Refusals.WITHOUT_WORDS, 403, "第 3 项多选"),
        (Refusals.UNLOGGED, 422, None),
    ],
)
def test_refusal_is_noted_as_the_page_declares(monkeypatch, refusals, status, message):
    monkeypatch.setattr(transaction, "undo", lambda: None)
    monkeypatch.setattr(transaction, "me", lambda: Actor(user_id=1))
    app, pages = Flask("example"), Pages("example", __name__, Layout.OFFICE)
    pages.add_url_rule("/", "page", facts(refusals=refusals)(lambda: ""))
    app.register_blueprint(pages)
    with app.test_request_context("/"):
        g.refusals = []
        transaction.refuse(RuleBroken("第 3 项多选", status=status))
        assert g.refusals == ([] if message is None else [("example.page", message)])


def test_refused_request_only_reads_from_there_on(app, world):
    with app.test_request_context("/", method="POST"):
        transaction._begin(write=True)
        transaction.undo()
        assert db.session.scalar(select(func.count(Body.id))) > 0
        with pytest.raises(DBAPIError):
            db.session.execute(update(Body).values(name="改名"))
        transaction._close(None)
