"""监督: who watches, what they saw, what was routed, answered, looked at again; and who gets to read which of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from tests import factories
from tests.services.voting.test_races import overlap
from tests.years import at, make_tracked, picture
from votes.db import db, everything
from votes.models import AuditEntry, Rectification
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState, Role
from votes.rules.supervision.supervision import InspectionKind, InspectionState, RectificationState, Slip
from votes.services import uploads
from votes.services.delivery import trackings
from votes.services.people import bodies, roster
from votes.services.supervision import groups, inspection_notes, inspections, overview, rectifications
from votes.services.supervision.inspections import InspectionPlan

OFFICE = Actor(name="人大办", roles=frozenset({Role.OFFICE}))
UNIT = Actor(name="交通运输局", roles=frozenset({Role.DEPARTMENT}))
DAY = date(2027, 6, 15)
NOW = at(2027, 6, 15)


def make_watched(world):
    """A project with a group of three, an inspection held on 15 June by two of them."""
    with world.work():
        tracking = make_tracked(1, department_id=world.departments["county"])[0]
        ids = [d.id for d in factories.make_deputies(5, world.delegations["county"])]
        groups.set_group(
            tracking, lead="", lead_deputy_id=ids[0], committee="示例工委", note="", deputy_ids=ids[1:3],
            by=OFFICE, now=NOW,
        )  # fmt: skip
        visit = plan(tracking, ids[:3])
        inspections.hold(visit, held_on=DAY, deputy_ids=ids[:2], summary="看了工地。", by=OFFICE, now=NOW)
        return {"tracking": tracking.id, "deputies": ids, "visit": visit.id}


PREPARED = {"watched": make_watched}


@pytest.fixture
def watched(world, prepared):
    return prepared["watched"]


def plan(tracking, ids, *, on=DAY, kind=InspectionKind.VISIT, theme="年中视察", now=NOW):
    values = InspectionPlan(kind, theme, on, "示例工地", ids)
    return inspections.plan(tracking, values, by=OFFICE, now=now)


def deputy(watched, which=0):
    return Actor(name="示例代表", deputy_id=watched["deputies"][which])


def saw(watched, *, about="", finding=True, text="边沟没有盖板。", photos=(), which=0):
    return inspection_notes.write(
        about or f"t{watched['tracking']}", text=text, place="示例河段", finding=finding, photos=photos,
        by=deputy(watched, which), now=NOW,
    )  # fmt: skip


def issue(watched, note=None, *, due=date(2027, 6, 30), now=NOW, **values):
    tracking = trackings.get(watched["tracking"])
    order = rectifications.order_for(note, tracking, DAY)
    wanted = order._replace(**{"problem": "边沟没有盖板。", "demand": "限期加装。", "due_on": due, **values})
    return rectifications.issue(tracking, wanted, note=note, by=OFFICE, now=now)


def answer(found, *, now=None, **values):
    given = {"measures": "加装盖板。", "result": "已加装 12 块。", **values}
    return rectifications.answer(found, **given, by=UNIT, now=now or NOW + timedelta(days=5))


def recheck(found, passed, *, on=date(2027, 6, 22), opinion="到位。", due=None):
    rectifications.recheck(
        found, passed=passed, rechecked_on=on, rechecked_by="示例代表", opinion=opinion, due_on=due, by=OFFICE,
        now=at(2027, 6, 22),
    )  # fmt: skip


def lines(action):
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


# --- groups and inspections ------------------------------------------------------------------------------


def test_a_group_is_set_once_and_changed_later(world, watched):
    with world.work():
        tracking, ids = trackings.get(watched["tracking"]), watched["deputies"]
        group = groups.group_of(tracking.id)
        assert [d.id for d in groups.members_of(group)] == ids[:3], "who leads belongs to it"
        assert groups.lead_of(group) == "示例代表001"
        groups.set_group(
            tracking, lead="常委会主任（示例）", lead_deputy_id=None, committee="示例工委", note="",
            deputy_ids=ids[2:4], by=OFFICE, now=NOW,
        )  # fmt: skip
        group = groups.group_of(tracking.id)
        assert ([d.id for d in groups.members_of(group)], groups.lead_of(group)) == (
            ids[2:4],
            "常委会主任（示例）",
        )
        changed = lines("group.set")[-1]
        assert changed.before["members"] == ["示例代表001", "示例代表002", "示例代表003"]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"deputy_ids": [10**6]}, "members"), ({"deputy_ids": [], "lead_deputy_id": None}, "lead")],
)
def test_a_group_of_nobody_or_of_strangers_is_refused(world, watched, change, field):
    given = {"lead": "", "lead_deputy_id": None, "committee": "", "note": "", "deputy_ids": [], **change}
    with world.work(), pytest.raises(RuleBroken) as caught:
        groups.set_group(trackings.get(watched["tracking"]), **given, by=OFFICE, now=NOW)
    assert caught.value.field == field


def test_who_has_left_stays_in_what_was_and_joins_nothing_new(world, watched):
    with world.work():
        tracking, ids = trackings.get(watched["tracking"]), watched["deputies"]
        roster.get(ids[1]).state = DeputyState.ENDED
        with pytest.raises(RuleBroken, match="暂停或终止"):
            plan(tracking, [ids[1]])
        groups.set_group(
            tracking,
            lead="",
            lead_deputy_id=ids[0],
            committee="",
            note="",
            deputy_ids=ids[:2],
            by=OFFICE,
            now=NOW,
        )
        assert len(groups.group_of(tracking.id).members) == 2


def test_attendance_is_what_was_recorded_and_can_be_put_right(world, watched):
    first, second, third, fourth = watched["deputies"][:4]
    with world.work():
        visit = inspections.get(watched["visit"])
        assert [len(inspections.attended(each, 2027)) for each in (first, second, third, fourth)] == [
            1,
            1,
            0,
            0,
        ]
        assert inspections.attended(first, 2026) == []
        inspections.hold(
            visit, held_on=date(2027, 6, 14), deputy_ids=[first, fourth], summary="更正。", by=OFFICE, now=NOW
        )
        assert [len(inspections.attended(each, 2027)) for each in (first, second, third, fourth)] == [
            1,
            0,
            0,
            1,
        ]
        assert len(inspections.names(visit)) == 4, "who was named stays named"
        assert lines("inspection.correct")[0].before == {
            "held_on": "2027-06-15", "members": ["示例代表001", "示例代表002"], "summary": "看了工地。",
        }  # fmt: skip


def test_a_deputy_is_told_of_the_next_inspections_and_the_latest(world, watched, monkeypatch):
    monkeypatch.setattr(inspections, "MINE", 2)
    with world.work():
        tracking, ids = trackings.get(watched["tracking"]), watched["deputies"]
        for days in (-2, -1, 3, 2, 1):
            plan(tracking, ids, on=DAY + timedelta(days=days))
        days = [[(i.day - DAY).days for i in part] for part in inspections.mine(ids[0], DAY)]
        assert days == [[1, 2], [0, -1]]
        row = overview.overview({"year": 2027}, DAY)[0]
        assert (row.planned, row.next_on) == (5, DAY + timedelta(days=1)), "what has passed comes no more"


def test_what_is_cancelled_comes_back_and_what_was_held_does_not_go(world, watched):
    with world.work():
        visit = plan(trackings.get(watched["tracking"]), watched["deputies"])
        inspections.move(visit, "cancel", by=OFFICE, now=NOW)
        for act in (
            lambda: inspections.hold(visit, held_on=DAY, deputy_ids=[1], summary="看", by=OFFICE, now=NOW),
            lambda: inspections.move(visit, "cancel", by=OFFICE, now=NOW),
            lambda: inspections.move(inspections.get(watched["visit"]), "cancel", by=OFFICE, now=NOW),
        ):
            with pytest.raises(RuleBroken):
                act()
        inspections.move(visit, "restore", by=OFFICE, now=NOW)
        assert visit.state == InspectionState.PLANNED


def test_nobody_outside_hears_of_an_unannounced_visit_before_it(world, watched):
    with world.work():
        tracking = trackings.get(watched["tracking"])
        visit = plan(tracking, watched["deputies"], kind=InspectionKind.UNANNOUNCED, theme="暗访")

        def seen(secret):
            query = inspections.search({"year": 2027}, secret=secret)
            there = overview.of_tracking(tracking.id, secret=secret).inspections
            assert {i.theme for i in there} == {i.theme for i in everything(query)}
            return "暗访" in {i.theme for i in there}

        assert (seen(True), seen(False)) == (True, False)
        assert [len(overview.due(DAY, secret=secret)) for secret in (True, False)] == [1, 0]
        assert overview.counts(DAY).planned == 0
        assert [
            overview.overview({"year": 2027}, DAY, secret=secret)[0].next_on for secret in (True, False)
        ] == [
            DAY,
            None,
        ]
        routed = issue(watched, saw(watched, about=f"i{visit.id}"))
        assert rectifications.source(routed) == "代表监督记录", (
            "the unit reads it before the visit is recorded"
        )
        inspections.hold(visit, held_on=DAY, deputy_ids=watched["deputies"], summary="看", by=OFFICE, now=NOW)
        assert seen(False)
        assert rectifications.source(routed) == "2027年6月15日暗访"


# --- notes -----------------------------------------------------------------------------------------------


def test_a_note_is_written_about_a_project_or_an_inspection(world, watched):
    photos = uploads.prepare_photos([picture(), picture("red")])
    with world.work():
        note = saw(watched, about=f"i{watched['visit']}", photos=photos)
        assert (note.tracking_id, note.inspection_id, len(note.photos)) == (
            watched["tracking"],
            watched["visit"],
            2,
        )
        assert inspection_notes.state_of(note) == "open"
        assert "盖板" not in str(lines("note.create")[0].after), "what was written stands in no log"
        keys = [each.key for each in inspection_notes.to_note(watched["deputies"][0], DAY)]
        assert keys == [f"i{watched['visit']}", f"t{watched['tracking']}"]
        keys = [
            each.key for each in inspection_notes.to_note(watched["deputies"][4], DAY + timedelta(days=60))
        ]
        assert keys == [f"t{watched['tracking']}"], "also about what is not one's own"


@pytest.mark.parametrize("about", ["", "t0", "i9999", "x1", "t１"])
def test_a_note_about_nothing_is_refused(world, watched, about):
    with world.work(), pytest.raises(RuleBroken) as caught:
        inspection_notes.write(about, text="看到了。", place="", finding=True, by=deputy(watched), now=NOW)
    assert caught.value.field == "about"


def test_only_what_is_published_is_public_photos_only_if_they_are_too(world, watched):
    photos = uploads.prepare_photos([picture()])
    with world.work():
        tracking = trackings.get(watched["tracking"])
        note = saw(watched, photos=photos)
        photo = note.photos[0].id

        def public():
            kinds = [m.kind for m in overview.story(tracking)]
            return "note" in kinds, overview.public_photo(photo) is not None

        assert public() == (False, False)
        for published, with_photos in ((True, False), (True, True), (False, True)):
            inspection_notes.publish(note, published=published, photos=with_photos, by=OFFICE, now=NOW)
            assert public() == (published, published and with_photos)


def test_a_finding_is_settled_in_words_or_by_a_rectification(world, watched):
    with world.work():
        first, second, plain = saw(watched), saw(watched), saw(watched, finding=False)
        query = inspection_notes.search({"year": 2027})
        assert {n.id for n in everything(query)[:2]} == {first.id, second.id}, "open ones first"
        inspection_notes.settle(first, "当场整改。", by=OFFICE, now=NOW)
        made = issue(watched, second)
        states = [inspection_notes.state_of(inspection_notes.get(n.id)) for n in (first, second, plain)]
        assert states == ["settled", "routed", "plain"]
        assert overview.counts(DAY).findings == 0
        for note in (second, plain):
            with pytest.raises(RuleBroken):
                inspection_notes.settle(inspection_notes.get(note.id), "已处理。", by=OFFICE, now=NOW)
        with pytest.raises(RuleBroken, match="已经转为督办件"):
            issue(watched, inspection_notes.get(second.id))
        assert made.note_id == second.id


def test_one_note_becomes_one_rectification_whoever_else_was_quicker(world, watched):
    """The database says so, where the note was read before the other's act."""
    with pytest.raises(RuleBroken, match="已经转为督办件"), world.work():
        note = inspection_notes.get(saw(watched).id)
        assert note.rectification is None
        quicker = {
            "problem": "边沟。",
            "demand": "",
            "person": "",
            "reason": "",
            "state": RectificationState.ISSUED,
        }
        db.session.execute(
            insert(Rectification).values(
                body_id=world.county, tracking_id=watched["tracking"], note_id=note.id, year=2027, number=7,
                department_id=world.departments["county"], issued_on=DAY, due_on=DAY, published=False, **quicker,
            )
        )  # fmt: skip
        issue(watched, note)


# --- 督办件 ----------------------------------------------------------------------------------------------


def test_rectifications_are_numbered_through_the_year_of_each_body(world, watched):
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
def test_a_rectification_says_what_by_whom_and_by_when(world, watched, change, field):
    with world.work(), pytest.raises(RuleBroken) as caught:
        issue(watched, **change)
    assert caught.value.field == field
    with world.work():
        assert db.session.scalar(select(Rectification.id)) is None


def test_a_problem_fails_its_second_look_and_passes_the_next(world, watched):
    with world.work():
        found = issue(watched, published=True)
        answer(found)
        with pytest.raises(RuleBroken, match="哪些没有整改到位"):
            recheck(found, False, opinion=" ", due=date(2027, 7, 10))
        with pytest.raises(RuleBroken, match="整改期限"):
            recheck(found, False, opinion="还缺 3 块。")
        assert found.state == RectificationState.ANSWERED, "nothing has changed"
        recheck(found, False, opinion="还缺 3 块。", due=date(2027, 7, 10))
        assert (found.state, found.due_on) == (RectificationState.ISSUED, date(2027, 7, 10))
        answer(found, result="补齐。", now=at(2027, 6, 22))
        recheck(found, True)
        db.session.expire_all()
        found = rectifications.get(found.id)
        assert (found.state, found.closed_on) == (RectificationState.CLOSED, date(2027, 6, 22))
        assert [(a.ordinal, a.due_on, a.passed) for a in found.answers] == [
            (1, date(2027, 6, 30), False),
            (2, date(2027, 7, 10), True),
        ]
        rectifications.reopen(
            found, reason="问题反复。", due_on=date(2027, 7, 20), by=OFFICE, now=at(2027, 7, 1)
        )
        assert (found.state, found.closed_on, found.reason) == (RectificationState.ISSUED, None, "问题反复。")


@pytest.mark.parametrize("act", ["answer", "recheck", "reopen", "cancel", "correct"])
def test_what_the_state_does_not_allow_is_refused(world, watched, act):
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
        found = issue(watched)
        if state == "answered":
            answer(found)
        with pytest.raises(RuleBroken) as caught:
            forbidden(found)
    assert caught.value.code == "wrong_state"


def test_what_is_taken_back_meanwhile_is_not_answered(world, watched):
    with world.work():
        made = issue(watched).id
    told = overlap(
        world,
        lambda: rectifications.cancel(rectifications.get(made), reason="重复。", by=OFFICE, now=NOW),
        lambda: answer(rectifications.get(made)),
    )
    assert told[0] == "done"
    with world.work():
        found = rectifications.get(made)
        assert (found.state, found.answers) == (RectificationState.CANCELLED, []), told[1]


def test_a_note_whose_order_was_cancelled_tells_why_and_may_be_routed_anew(world, watched):
    with world.work():
        note = saw(watched)
        made = issue(watched, note)
        assert inspection_notes.state_of(note) == "routed"
        rectifications.cancel(made, reason="交错了单位。", by=OFFICE, now=NOW)
        assert (inspection_notes.state_of(note), note.settled) == ("settled", "交错了单位。")
        again = issue(watched, note)
        assert (note.rectification, again.note, note.settled) == (again, note, "")
        assert inspection_notes.state_of(note) == "routed"
    with world.work():
        with pytest.raises(RuleBroken, match="已经转为督办件"):
            issue(watched, inspection_notes.get(note.id))
        assert rectifications.get(made.id).note is not None, "the cancelled one still says where it came from"


def test_ten_photos_are_too_many_for_an_answer(world, watched):
    with world.work(), pytest.raises(RuleBroken) as caught:
        answer(issue(watched), photos=(None,) * 10)
    assert caught.value.field == "files"


def test_what_is_due_and_how_the_slip_climbs(world, watched):
    with world.work():
        tracking = trackings.get(watched["tracking"])
        for days in (-20, -8, -2, 2, 30):
            issue(watched, due=DAY + timedelta(days=days), now=at(2027, 5, 1))
        closed = issue(watched, due=DAY - timedelta(days=20), now=at(2027, 5, 1))
        rectifications.cancel(closed, reason="重复交办。", by=OFFICE, now=NOW)
        plan(tracking, watched["deputies"], on=DAY + timedelta(days=1))
        plan(tracking, watched["deputies"], on=DAY + timedelta(days=90))
        slips = [
            r.due_on
            for slip in Slip
            for r in everything(rectifications.search({"year": 2027, "slip": slip}, DAY))
        ]
        assert [(day - DAY).days for day in slips] == [30, 2, -2, -8, -20]
        due = overview.due(DAY)
        assert [(d.kind, d.days_over(DAY)) for d in due] == [
            ("rectification", 20), ("rectification", 8), ("rectification", 2), ("inspection", -1), ("rectification", -2),
        ]  # fmt: skip
        assert {d.kind for d in overview.due(DAY, own=world.departments["county"])} == {"rectification"}
        assert overview.due(DAY, own=world.departments["county"] + 1) == []
        counted = overview.counts(DAY)
        assert (counted.issued, counted.overdue, counted.planned, counted.held, counted.open) == (
            5,
            3,
            2,
            1,
            5,
        )
        assert overview.counts(DAY, 2026) == overview.SupervisionCounts()


def test_a_unit_reads_no_rectification_of_its_project_that_another_answers_for(world, watched):
    own = world.departments["county"]
    with world.work():
        made = issue(watched, department_id=own + 1)
        assert lines("rectification.issue")[0].after["department"] == made.department.name
        for unit, there in ((own, 0), (None, 1)):
            assert len(overview.of_tracking(watched["tracking"], own=unit).rectifications) == there
            assert overview.overview({"year": 2027}, DAY, own=unit)[0].open == there


def test_an_inspection_may_be_of_an_earlier_year_s_project_that_goes_on(world, watched):
    with world.work():
        done, going = make_tracked(2, year=2026)
        done.state, done.finished_on = TrackingState.DONE, date(2026, 12, 1)
        assert [w.tracking.id for w in overview.to_visit(DAY)] == [watched["tracking"], going.id]


def test_another_unit_finds_nothing_and_another_body_neither(world, watched):
    with world.work():
        made = issue(watched).id
        note = saw(watched).id
        other = world.departments["county"] + 1
        assert everything(rectifications.search({"year": 2027}, DAY, own=other)) == []
        assert overview.overview({"year": 2027}, DAY, own=other) == []
    with world.work("other"):
        assert rectifications.get(made) is None
        assert inspection_notes.get(note) is None
        assert inspections.get(watched["visit"]) is None


def test_what_a_letter_says(world, watched):
    with world.work():
        found = issue(watched, saw(watched, about=f"i{watched['visit']}"), person="局长（示例）")
        answer(found)
        recheck(found, False, opinion="还缺 3 块。", due=date(2027, 7, 10))

        def words_on(day):
            letter = rectifications.letter(rectifications.get(found.id), day)
            return letter, " ".join(getattr(block, "text", "") for block in letter.blocks)

        letter, words = words_on(DAY)
        assert letter.number == "督办〔2027〕1号"
        assert not letter.red, "red heads are for announcements"
        for said in (
            "交通运输局：",
            "2027年6月15日年中视察",
            "限期加装。",
            "还缺3块。",
            "2027年7月10日前",
            "局长（示例）",
        ):
            assert said in words
        assert letter.organ == "示例县人民代表大会常务委员会办公室"
        answer(found, now=at(2027, 6, 22))
        recheck(found, True)
        rectifications.reopen(
            found, reason="又堆满了。", due_on=date(2027, 9, 1), by=OFFICE, now=at(2027, 8, 1)
        )
        letter, words = words_on(date(2027, 8, 2))
        assert "四、重新交办的原因 又堆满了。 请于2027年9月1日前" in words
        assert (letter.blocks[-1].organ, letter.blocks[-1].date) == (letter.organ, "2027年8月2日")
