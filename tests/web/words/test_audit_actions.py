"""Every act that the services record has words and a group."""

import re
from pathlib import Path

import pytest

from votes.web.words.audit_actions import ACTIONS, GROUPS, action_word

SERVICES = Path(__file__).resolve().parents[3] / "votes" / "services"


def recorded() -> set[str]:
    """Actions that stand as a literal in a call of `audit.record`."""
    found: set[str] = set()
    for path in SERVICES.rglob("*.py"):
        for call in re.findall(r"audit\.record\(\s*(.*?)(?:,\s*by=|\bby=)", path.read_text("utf-8"), re.S):
            found |= set(re.findall(r'"([a-z_]+\.[a-z_]+)"', call))
    return found


def test_every_recorded_action_has_words_and_a_group():
    actions = recorded()
    assert len(actions) > 20
    assert sorted(actions - set(ACTIONS)) == []
    nouns = {noun for _, group in GROUPS.values() for noun in group}
    assert sorted({a.partition(".")[0] for a in actions} - nouns) == []


@pytest.mark.parametrize(
    ("action", "word"),
    [
        ("user.create", "新增账号"),
        ("projects.edit", "候选项目：修改"),
        ("cards.fold", "票决凭证：fold"),
        ("bodies.new", "设立人大机构"),
        ("matters.pair", "归并建议"),
        ("moon.land", "moon.land"),
        ("plain", "plain"),
    ],
)
def test_words_of_actions(app, action, word):
    with app.app_context():
        assert action_word(action) == word
