"""Decisions by show of hands: entered, put right, listed, and what a round's page says of the rule."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import docx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.factories import NOW
from tests.services.voting.test_vote import make_hall
from votes.db import db
from votes.exports.formats.layout import to_docx
from votes.models import AuditEntry, Motion
from votes.rules.errors import RuleBroken
from votes.services import audit
from votes.services.meeting import motions, openings, rounds, sessions

BY = replace(audit.SYSTEM, name="示例工作人员")
COUNTED = {
    "title": "票决办法（草案）",
    "roster": 12,
    "present": 11,
    "votes_for": 9,
    "votes_against": 1,
    "abstentions": 0,
    "decided_on": date(2027, 1, 15),
}


PREPARED = {"hall": make_hall}


def record(hall, **changed):
    return motions.record(sessions.get(hall["session"]), **{**COUNTED, **changed}, by=BY, now=NOW)


def test_record_keeps_the_entry_with_its_outcome_and_author(world, hall):
    with world.work():
        record(hall)
        record(hall, title="关于甲事项的决议", votes_for=6, votes_against=5)
    with world.work():
        found = motions.of_session(sessions.get(hall["session"]))
        assert [(m.title, m.votes_for, m.passed, m.recorded_by) for m in found] == [
            ("票决办法（草案）", 9, True, "示例工作人员"),
            ("关于甲事项的决议", 6, False, "示例工作人员"),  # exactly half of twelve
        ]
        assert motions.hands(found[0]).not_voting == 1
        assert motions.usual_titles(sessions.get(hall["session"])) == [
            "总监票人、监票人名单（草案）",
            "关于2027年民生实事项目的决议（草案）",
        ]


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"title": "  "}, "title", "请填写表决事项"),
        ({"present": 13}, "present", "多于应到"),
        ({"votes_for": 11}, "votes_for", "合计 12 人，多于实到 11 人"),
        ({"decided_on": date(2027, 1, 14)}, "decided_on", "表决日期应在会议期间"),
        ({"decided_on": date(2027, 1, 17)}, "decided_on", "表决日期应在会议期间"),
    ],
)
def test_record_of_impossible_figures_is_refused(world, hall, changed, field, words):
    with world.work(), pytest.raises(RuleBroken, match=words) as refusal:
        record(hall, **changed)
    assert (refusal.value.field, refusal.value.status) == (field, 422)
    with world.work():
        assert db.session.scalars(select(Motion)).all() == []


def test_record_of_the_same_title_is_refused(world, hall):
    with world.work():
        record(hall)
    with world.work() as work, pytest.raises(RuleBroken, match="已经登记过，请在原处更正"):
        try:
            record(hall, votes_for=2)
        finally:
            work.rollback()


def test_database_refuses_impossible_figures(world, hall):
    with world.work():
        motion_id = record(hall).id
    with pytest.raises(IntegrityError), world.work():
        db.session.get(Motion, motion_id).votes_for = 12


def test_correct_logs_both_and_decides_anew(world, hall):
    with world.work():
        motion_id = record(hall).id
    with world.work():
        motion = motions.get(motion_id)
        motions.correct(motion, **COUNTED, by=BY, now=NOW)  # nothing changed, nothing logged
        motions.correct(motion, **{**COUNTED, "votes_for": 6, "votes_against": 4}, by=BY, now=NOW)
        assert motion.passed is False
    with world.work():
        lines = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "motion.correct")).all()
        assert [(line.before, line.after) for line in lines] == [
            (
                {"votes_for": 9, "votes_against": 1, "passed": True},
                {"votes_for": 6, "votes_against": 4, "passed": False},
            )
        ]


def test_record_outside_a_running_session_is_refused(world, hall):
    with world.work():
        motion_id = record(hall).id
        sessions.move(sessions.get(hall["session"]), "end", by=BY, now=NOW)
    with world.work(), pytest.raises(RuleBroken, match="会议进行中才能登记或更正"):
        record(hall, title="另一事项")
    with world.work(), pytest.raises(RuleBroken, match="会议进行中才能登记或更正"):
        motions.correct(motions.get(motion_id), **{**COUNTED, "votes_for": 8}, by=BY, now=NOW)


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ([], "还没有登记票决办法（草案）的表决结果"),
        ([{"title": "监票人名单（草案）"}], "还没有登记票决办法（草案）的表决结果"),
        ([{"votes_for": 6}], "“票决办法（草案）”登记的表决结果是未通过"),
        ([{}], None),
        ([{"votes_for": 6}, {"title": "票决办法（修改稿）"}], None),
    ],
)
def test_round_whose_rule_did_not_pass_opens_with_a_warning(world, hall, entered, words):
    with world.work():
        for changed in entered:
            record(hall, **changed)
        found = motions.warnings(rounds.get_round(hall["round"]))
        assert len(found) == (words is not None)
        assert words is None or words in found[0]
        openings.open_round(rounds.get_round(hall["round"]), by=BY, now=NOW)
        assert motions.warnings(rounds.get_round(hall["round"])) == []


def test_rehearsal_without_a_passed_rule_has_no_warning(world, hall):
    with world.work():
        rounds.get_round(hall["round"]).rehearsal = True
        assert motions.warnings(rounds.get_round(hall["round"])) == []


@pytest.mark.parametrize(("present", "words"), [(8, ""), (7, "不足法定人数 8 人")])
def test_decision_without_quorum_has_a_warning(world, hall, present, words):
    with world.work():
        motion = record(hall, present=present, votes_for=7, votes_against=0)
        found = motions.quorum_warning(sessions.get(hall["session"]), motion)
        assert (words in found) if words else (found == "")


def test_paper_says_the_same_as_the_list(world, hall):
    with world.work():
        record(hall)
        record(hall, title="关于甲事项的决议", votes_for=6, votes_against=3, abstentions=1)
        paper = motions.paper(sessions.get(hall["session"]))
    document = docx.Document(BytesIO(to_docx(paper)))
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows == [
        ["序号", "表决事项", "日期", "应到", "实到", "赞成", "反对", "弃权", "未表决", "结果"],
        ["1", "票决办法（草案）", "2027年1月15日", "12", "11", "9", "1", "0", "1", "通过"],
        ["2", "关于甲事项的决议", "2027年1月15日", "12", "11", "6", "3", "1", "1", "未通过"],
    ]
    assert "赞成超过全体代表半数的为通过" in "".join(p.text for p in document.paragraphs)
