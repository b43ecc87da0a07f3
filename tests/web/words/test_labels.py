"""Labels of states, and what templates ask of the permission map and the lifecycles."""

from types import SimpleNamespace

import pytest

from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.organs import COUNTY
from votes.web.words.labels import LABELS, label, rule_words


def test_labels_of_states_of_one_value_differ_by_enum():
    assert label(SessionState.RUNNING).word == "会议进行中"
    assert label(RoundState.DRAFT).word == "准备中"


@pytest.mark.parametrize(("value", "word"), [("x", "x"), (3, "3"), (None, "")])
def test_label_of_another_value_is_the_value(value, word):
    assert label(value).word == word


def test_labels_never_rely_on_colour_alone():
    toned = [each for each in LABELS.values() if each.tone in ("ok", "warn", "bad", "done", "busy", "grave")]
    assert toned
    assert [each.word for each in toned if not each.shape] == []


def test_rule_words_of_the_county_name_its_deputies():
    assert rule_words("majority", COUNTY)["roster"] == "全体代表过半数"


@pytest.mark.parametrize(("state", "actions"), [("planned", ["start"]), ("running", ["end"]), ("ended", [])])
def test_actions_of_a_row_follow_its_lifecycle(app, state, actions):
    ask = app.jinja_env.globals["actions"]
    assert ask(SimpleNamespace(state=SessionState(state))) == actions


@pytest.mark.sqlite
def test_may_asks_permission_map_and_lifecycle(app, world, as_):
    planned = SimpleNamespace(state=SessionState.PLANNED, body_id=None)
    with app.test_request_context():
        may, permissions = app.jinja_env.globals["may"], app.jinja_env.globals["P"]
        assert may(permissions.PUBLIC_READ, planned, "start")
        assert not may(permissions.PUBLIC_READ, planned, "end")
        assert not may(permissions.SESSION_MANAGE, planned, "start")
