"""督办件: issued, answered, inspected again, closed, reopened, cancelled."""

from datetime import date

import pytest
from sqlalchemy import insert, select

from tests.services.voting.test_races import overlap
from tests.supervision import DAY, NOW, OFFICE, answer, issue, recheck, supervise, write_note
from tests.years import at
from votes.db import db
from votes.models import Rectification
from votes.rules.errors import RuleBroken
from votes.rules.supervision.supervision import RectificationState
from votes.services.delivery import trackings
from votes.services.people import bodies
from votes.services.supervision import inspection_notes, rectifications

PREPARED = {"watched": supervise}


def test_issue_of_note_routed_meanwhile_is_refused(world, watched):
    """Another request routes the note after this one has read it: the database refuses the second 督办件."""
    with pytest.raises(RuleBroken, match="已经转为督办件"), world.work():
        note = inspection_notes.get(write_note(watched).id)
        assert note.rectification is None
        texts = {"problem": "边沟。", "demand": "", "person": "", "reason": ""}
        db.session.execute(
            insert(Rectification).values(
                body_id=world.county, tracking_id=watched["tracking"], note_id=note.id, year=2027, number=7,
                department_id=world.departments["county"], issued_on=DAY, due_on=DAY, published=False,
                state=RectificationState.ISSUED, **texts,
            )
        )  # fmt: skip
        issue(watched, note)


def test_issue_numbers_rectifications_through_the_year(world, watched):
    with world.work():
        first, second = issue(watched), issue(watched)
        later = issue(watched, due=date(2028, 2, 1), now=at(2028, 1, 5))
        assert [r.mark for r in (first, second, later)] == [
            "督办〔2027〕1号",
            "督办〔2027〕2号",
            "督办〔2028〕1号",
        ]
        assert first.department_id == world.departments["county"]
        tracking = trackings.get(watched["tracking"])
        assert rectifications.order_for(None, tracking, DAY).due_on == date(2027, 6, 30), "fifteen days"
    with world.work():
        body = bodies.get_body(world.county)
        bodies.change_settings(body, {"supervision": {"days": 30}}, by=OFFICE, now=NOW)
        tracking = trackings.get(watched["tracking"])
        assert rectifications.order_for(None, tracking, DAY).due_on == date(2027, 7, 15)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"problem": " "}, "problem"),
        ({"demand": ""}, "demand"),
        ({"department_id": 0}, "department_id"),
        ({"due": date(2027, 6, 14)}, "due_on"),
        ({"due": None}, "due_on"),
    ],
)
def test_issue_without_words_unit_or_deadline_is_refused(world, watched, change, field):
    with world.work(), pytest.raises(RuleBroken) as caught:
        issue(watched, **change)
    assert caught.value.field == field
    with world.work():
        assert db.session.scalar(select(Rectification.id)) is None


def test_recheck_failed_asks_again_and_passed_closes(world, watched):
    with world.work():
        row = issue(watched, published=True)
        answer(row)
        with pytest.raises(RuleBroken, match="哪些没有整改到位"):
            recheck(row, False, opinion=" ", due=date(2027, 7, 10))
        with pytest.raises(RuleBroken, match="整改期限"):
            recheck(row, False, opinion="还缺 3 块。")
        assert row.state == RectificationState.ANSWERED, "nothing has changed"
        recheck(row, False, opinion="还缺 3 块。", due=date(2027, 7, 10))
        assert (row.state, row.due_on) == (RectificationState.ISSUED, date(2027, 7, 10))
        answer(row, result="补齐。", now=at(2027, 6, 22))
        recheck(row, True)
        db.session.expire_all()
        row = rectifications.get(row.id)
        assert (row.state, row.closed_on) == (RectificationState.CLOSED, date(2027, 6, 22))
        assert [(a.ordinal, a.due_on, a.passed) for a in row.answers] == [
            (1, date(2027, 6, 30), False),
            (2, date(2027, 7, 10), True),
        ]
        rectifications.reopen(
            row, reason="问题反复。", due_on=date(2027, 7, 20), by=OFFICE, now=at(2027, 7, 1)
        )
        assert (row.state, row.closed_on, row.reason) == (RectificationState.ISSUED, None, "问题反复。")


@pytest.mark.parametrize("act", ["answer", "recheck", "reopen", "cancel", "correct"])
def test_act_that_state_does_not_allow_is_refused(world, watched, act):
    acts = {
        "answer": (answer, "answered"),
        "recheck": (lambda r: recheck(r, True), "issued"),
        "reopen": (
            lambda r: rectifications.reopen(r, reason="反复", due_on=date(2027, 8, 1), by=OFFICE, now=NOW),
            "issued",
        ),
        "cancel": (lambda r: rectifications.cancel(r, reason="重复", by=OFFICE, now=NOW), "answered"),
        "correct": (
            lambda r: rectifications.correct(r, rectifications.order_of(r), by=OFFICE, now=NOW),
            "answered",
        ),
    }
    forbidden, state = acts[act]
    with world.work():
        row = issue(watched)
        if state == "answered":
            answer(row)
        with pytest.raises(RuleBroken) as caught:
            forbidden(row)
    assert caught.value.code == "wrong_state"


def test_answer_to_rectification_cancelled_meanwhile_is_refused(world, watched):
    with world.work():
        row_id = issue(watched).id
    outcomes = overlap(
        world,
        lambda: rectifications.cancel(rectifications.get(row_id), reason="重复。", by=OFFICE, now=NOW),
        lambda: answer(rectifications.get(row_id)),
    )
    assert outcomes[0] == "done"
    with world.work():
        row = rectifications.get(row_id)
        assert (row.state, row.answers) == (RectificationState.CANCELLED, []), outcomes[1]


def test_cancel_leaves_reason_in_note_that_may_be_routed_anew(world, watched):
    with world.work():
        note = write_note(watched)
        first = issue(watched, note)
        assert inspection_notes.state_of(note) == "routed"
        rectifications.cancel(first, reason="交错了单位。", by=OFFICE, now=NOW)
        assert (inspection_notes.state_of(note), note.settled) == ("settled", "交错了单位。")
        second = issue(watched, note)
        assert (note.rectification, second.note, note.settled) == (second, note, "")
        assert inspection_notes.state_of(note) == "routed"
    with world.work():
        with pytest.raises(RuleBroken, match="已经转为督办件"):
            issue(watched, inspection_notes.get(note.id))
        assert rectifications.get(first.id).note is not None, "the cancelled one still has its note"


def test_answer_with_ten_photos_is_refused(world, watched):
    with world.work(), pytest.raises(RuleBroken) as caught:
        answer(issue(watched), photos=(None,) * 10)
    assert caught.value.field == "files"


def test_letter_names_problem_deadline_and_failed_inspections(world, watched):
    with world.work():
        row = issue(watched, write_note(watched, about=f"i{watched['visit']}"), person="局长（示例）")
        answer(row)
        recheck(row, False, opinion="还缺 3 块。", due=date(2027, 7, 10))

        def words_on(day):
            letter = rectifications.letter(rectifications.get(row.id), day)
            return letter, " ".join(getattr(block, "text", "") for block in letter.blocks)

        letter, words = words_on(DAY)
        assert letter.number == "督办〔2027〕1号"
        assert not letter.red, "red heads are for announcements"
        for part in (
            "交通运输局：",
            "2027年6月15日年中视察",
            "限期加装。",
            "还缺3块。",
            "2027年7月10日前",
            "局长（示例）",
        ):
            assert part in words
        assert letter.organ == "示例县人民代表大会常务委员会办公室"
        answer(row, now=at(2027, 6, 22))
        recheck(row, True)
        rectifications.reopen(
            row, reason="又堆满了。", due_on=date(2027, 9, 1), by=OFFICE, now=at(2027, 8, 1)
        )
        letter, words = words_on(date(2027, 8, 2))
        assert "四、重新交办的原因 又堆满了。 请于2027年9月1日前" in words
        assert (letter.blocks[-1].organ, letter.blocks[-1].date) == (letter.organ, "2027年8月2日")
