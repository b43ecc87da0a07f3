"""Further rounds, several questions at once, ratings: what each act starts, moves and leaves alone, on both databases."""

from datetime import date
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.factories import NOW
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign, teller_actor
from votes.db import db
from votes.models import Announcement, Project, Round, Tracking
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.meeting.rule import Rule
from votes.rules.projects.projects import ProjectState
from votes.services.delivery import announcements, plans
from votes.services.meeting import events, openings, rounds, sessions
from votes.services.voting import closing, counting, documents, further, results, tally

#: Twelve voters on five projects for three seats: 1 and 2 are in, 3 and 4 are level at the cut, 5 is out.
TIED = [{1, 2, 3}] * 5 + [{1, 2, 4}] * 5 + [{1, 3, 4}] * 2


def held(world, hall, wishes, round_id=None, until="certified"):
    """Hold the round: zero check, opening, these ballots, close, signatures."""
    if round_id is not None:
        hall = {**hall, "round": round_id}
        with world.work():
            openings.zero_check(rounds.get_round(round_id), by=teller_actor(hall["deputies"][0]), now=NOW)
    open_(world, hall)
    for number, wish in enumerate(wishes):
        marks = wish if isinstance(wish, dict) else dict.fromkeys(sorted(wish), "for")
        cast(world, hall, number, marks)
    close(world, hall)
    if until == "certified":
        sign(world, hall, 0)
        sign(world, hall, 1)
    return hall["round"]


def start(world, round_id):
    with world.work():
        made = further.start(rounds.get_round(round_id), by=BY, now=NOW)
        return made.id


def announce(world, round_id, number=1):
    with world.work():
        announcements.announce(
            rounds.get_round(round_id), number=number, announced_on=date(2027, 1, 16), by=BY, now=NOW
        )


def states(world):
    with world.work():
        return [p.state.value for p in db.session.query(Project).order_by(Project.number)]


def words(paper):
    found = []
    for block in paper.blocks:
        found.append(str(block))
    return "\n".join(found)


def make_tied(world, **rule):
    hall = make_hall(world, **rule)
    held(world, hall, TIED)
    return hall


PREPARED = {"tied": make_tied, "left_to_the_presidium": partial(make_tied, tie="presidium")}


@pytest.fixture
def tied(prepared):
    return prepared["tied"]


# --- ties -------------------------------------------------------------------------------------------------


def test_a_tie_goes_to_a_second_round_among_the_tied_under_their_numbers(world, tied):
    second = start(world, tied["round"])
    with world.work():
        made, parent = rounds.get_round(second), rounds.get_round(tied["round"])
        rule = rounds.rule_of(made)
        assert (made.ordinal, made.further, made.parent_id, made.state) == (2, "tie", parent.id, "draft")
        assert (made.title, made.colour, made.rehearsal) == (parent.title, parent.colour, False)
        assert (rule.method, rule.seats, rule.majority) == ("choose", 1, "none")
        assert [(c.number, c.name) for c in made.candidates] == [(3, "示例项目03"), (4, "示例项目04")]
        assert [c.summary for c in made.candidates] == [
            c.summary for c in parent.candidates if c.number in (3, 4)
        ]
        (first,) = events.events(made)
        assert (first.kind, first.payload["parent"], first.payload["candidates"]) == (
            "further",
            parent.public_id,
            [3, 4],
        )


def test_both_rounds_are_announced_together_and_every_project_is_moved_once(world, tied):
    second = start(world, tied["round"])
    held(world, tied, [{3}] * 5 + [{4}] * 7, second)
    announce(world, second)
    assert states(world) == ["selected", "selected", "not_selected", "selected", "not_selected"]
    with world.work():
        first, made = rounds.get_round(tied["round"]), rounds.get_round(second)
        assert (first.state, made.state) == (RoundState.ANNOUNCED, RoundState.ANNOUNCED)
        assert db.session.query(Announcement).count() == 1
        assert first.notice.round_id == made.id
        assert made.record["round"]["parent"] == first.public_id
        by_round = {t.project.number: t.round_id for t in db.session.query(Tracking)}
        assert by_round == {1: first.id, 2: first.id, 4: made.id}
        joined = further.final_list(further.family(first))
        assert [(row.number, row.ordinal) for row in joined] == [(1, 1), (2, 1), (4, 2)]
        assert events.verify(first) is None
        assert events.verify(made) is None
        for round_ in (first, made):  # both lead to the one announcement
            text = words(documents.announcement(round_))
            assert "经2轮投票，票决确定下列3个项目" in text
            assert all(name in text for name in ("示例项目01", "示例项目02", "示例项目04"))
            assert "示例项目03" not in text
        assert [r.id for r in results.notices()] == [made.id]
        assert [r["number"] for r in results.selected(first)] == [1, 2]


def test_announced_one_after_the_other_the_tied_stay_listed_in_between(world, tied):
    announce(world, tied["round"], 8)
    assert states(world) == ["selected", "selected", "listed", "listed", "not_selected"]
    second = start(world, tied["round"])
    held(world, tied, [{3}] * 7 + [{4}] * 5, second)
    announce(world, second, 9)
    assert states(world) == ["selected", "selected", "selected", "not_selected", "not_selected"]
    with world.work():
        text = words(documents.announcement(rounds.get_round(second)))
        assert "进行第二轮投票，票决确定下列1个项目" in text
        assert "连同第8号公告公布的2个项目，示例县示例共3个" in text
        assert words(documents.announcement(rounds.get_round(tied["round"]))).count("结果另行公告") == 1
        assert len(results.notices()) == 2


def test_level_again_they_go_to_a_third_round(world, tied):
    second = start(world, tied["round"])
    held(world, tied, [{3}] * 6 + [{4}] * 6, second)
    third = start(world, second)
    held(world, tied, [{3}] * 8, third)
    announce(world, third)
    assert states(world)[:4] == ["selected", "selected", "selected", "not_selected"]
    with world.work():
        assert [r.ordinal for r in further.family(rounds.get_round(second))] == [1, 2, 3]
        assert "经3轮投票" in words(documents.announcement(rounds.get_round(second)))


def test_a_second_click_starts_no_second_round(world, tied):
    second = start(world, tied["round"])
    with pytest.raises(RuleBroken, match="第二轮已经设立"):
        start(world, tied["round"])
    with pytest.raises(IntegrityError), world.work():  # nor does the database let one in
        there = rounds.get_round(second)
        db.session.add(
            Round(
                session_id=there.session_id,
                parent_id=there.parent_id,
                ordinal=2,
                title="x",
                rule=there.rule,
                created_at=NOW,
            )
        )
        db.session.flush()


def test_one_that_was_cancelled_is_taken_up_again(world, tied):
    second = start(world, tied["round"])
    with world.work():
        openings.zero_check(rounds.get_round(second), by=teller_actor(tied["deputies"][0]), now=NOW)
        rounds.cancel_round(rounds.get_round(second), by=BY, now=NOW)
    assert start(world, tied["round"]) == second
    with world.work():
        made = rounds.get_round(second)
        assert (made.state, made.zero_checked_at) == (RoundState.DRAFT, None)


def test_list_and_seats_of_a_further_round_stay(world, tied):
    second = start(world, tied["round"])
    with world.work():
        made = rounds.get_round(second)
        rule, ids = rounds.rule_of(made), [c.project_id for c in made.candidates]
        more = [p.id for p in rounds.listed_projects(2027)]
        for seats, projects in ((1, more), (2, more[:4])):
            changed = Rule.from_dict({**rule.to_dict(), "seats": seats})
            with pytest.raises(RuleBroken, match="由上一轮的结果确定"):
                rounds.edit_round(made, title="x", rule=changed, project_ids=projects, by=BY, now=NOW)
        rounds.edit_round(
            made, title="再次投票", rule=rule, project_ids=list(reversed(ids)), colour="pink", by=BY, now=NOW
        )
        assert [(c.number, c.project_id) for c in made.candidates] == list(zip((3, 4), ids, strict=True))
        assert (made.title, made.colour) == ("再次投票", "pink")


@pytest.mark.parametrize("state", ["draft", "opened", "counted"])
def test_nothing_follows_before_the_signatures(world, state):
    hall = make_hall(world)
    if state == "opened":
        open_(world, hall)
    elif state == "counted":
        held(world, hall, TIED, until="counted")
    with pytest.raises(RuleBroken, match="还没有签字确认的结果"):
        start(world, hall["round"])


def test_a_round_that_filled_its_seats_has_no_further_one(world):
    hall = make_hall(world)
    held(world, hall, [{1, 2, 3}] * 12)
    with pytest.raises(RuleBroken, match="不需要再次投票"):
        start(world, hall["round"])


# --- shortfall and void -------------------------------------------------------------------------------------


def test_a_shortfall_is_filled_among_the_others_by_the_same_rule(world):
    hall = make_hall(world, shortfall="further")
    held(world, hall, [{1, 2}] * 12)
    second = start(world, hall["round"])
    with world.work():
        made = rounds.get_round(second)
        rule = rounds.rule_of(made)
        assert (made.further, rule.method, rule.seats, rule.majority) == ("shortfall", "choose", 1, "roster")
        assert [c.number for c in made.candidates] == [3, 4, 5]
    held(world, hall, [{5}] * 12, second)
    announce(world, second)
    assert states(world) == ["selected", "selected", "not_selected", "not_selected", "selected"]


def test_as_many_as_seats_are_confirmed_one_by_one(world):
    hall = make_hall(world, method="confirm", seats=5, shortfall="further")
    held(world, hall, [{1, 2, 3}] * 12)
    second = start(world, hall["round"])
    with world.work():
        made = rounds.get_round(second)
        assert (rounds.rule_of(made).method, [c.number for c in made.candidates]) == ("confirm", [4, 5])
    held(world, hall, [{4: "for", 5: "against"}] * 12, second)
    announce(world, second)
    assert states(world)[3:] == ["selected", "listed"], "按票决办法，第 5 项仍可另行票决"


def test_a_void_round_is_voted_on_again_with_all_candidates(world):
    hall = make_hall(world)
    held(world, hall, [{1, 2, 3}] * 12, until="counted")
    with world.work():
        counting.void_round(rounds.get_round(hall["round"]), "票箱封条破损", by=BY, now=NOW)
    second = start(world, hall["round"])
    with world.work():
        made, parent = rounds.get_round(second), rounds.get_round(hall["round"])
        assert (made.further, made.rule) == ("void", parent.rule)
        assert [c.number for c in made.candidates] == [1, 2, 3, 4, 5]
    held(world, hall, [{1, 2, 3}] * 12, second)
    announce(world, second)
    assert states(world) == ["selected"] * 3 + ["not_selected"] * 2
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.VOID
        assert [r.id for r in results.question(rounds.get_round(second))] == [second]


# --- the presidium ------------------------------------------------------------------------------------------


@pytest.fixture
def left_to_the_presidium(prepared):
    return prepared["left_to_the_presidium"]


def decide(world, round_id, *numbers, note="主席团第三次会议举手表决", on=date(2027, 1, 15)):
    with world.work():
        further.decide(rounds.get_round(round_id), numbers, decided_on=on, note=note, by=BY, now=NOW)


def test_the_presidium_decides_before_the_announcement(world, left_to_the_presidium):
    round_id = left_to_the_presidium["round"]
    with pytest.raises(RuleBroken, match="不需要再次投票"):
        start(world, round_id)
    with pytest.raises(RuleBroken, match="先登记主席团的决定"):
        announce(world, round_id)
    decide(world, round_id, 4)
    with pytest.raises(RuleBroken, match="已经登记，不能再改"):
        decide(world, round_id, 3)
    announce(world, round_id)
    assert states(world) == ["selected", "selected", "not_selected", "selected", "not_selected"]
    with world.work():
        round_ = rounds.get_round(round_id)
        assert events.verify(round_) is None
        (event,) = (e for e in events.events(round_) if e.kind == "presidium")
        assert (event.payload["chosen"], event.payload["note"]) == ([4], "主席团第三次会议举手表决")
        assert round_.record["result"]["undecided"] == [3, 4], "the count stays what it was"
        (by_vote, _, taken) = further.final_list([round_])
        assert (by_vote.by_presidium, taken.number, taken.by_presidium) == (False, 4, True)
        text = words(documents.announcement(round_))
        assert "下列3个项目" in text
        assert "其中“示例项目04”按照票决办法由主席团决定列入" in text
        assert "另行公告" not in text
        assert "主席团决定第4项列入：主席团第三次会议举手表决（2027年1月15日）" in words(
            documents.counting_sheet(round_)
        )


@pytest.mark.parametrize(
    ("numbers", "options", "message"),
    [
        ((), {}, "应确定 1 项，现在选了 0 项"),
        ((3, 4), {}, "现在选了 2 项"),
        ((5,), {}, "第 5 项不在票数相等的项目之中"),
        ((4,), {"note": "  "}, "请写明在哪次会议上"),
        ((4,), {"on": date(2026, 12, 31)}, "不能早于会议开始日期"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(world, left_to_the_presidium, numbers, options, message):
    with pytest.raises(RuleBroken, match=message):
        decide(world, left_to_the_presidium["round"], *numbers, **options)
    with world.work():
        assert rounds.get_round(left_to_the_presidium["round"]).decision is None


def test_where_the_rule_says_vote_again_the_presidium_decides_nothing(world, tied):
    with pytest.raises(RuleBroken, match="没有须另行决定"):
        decide(world, tied["round"], 4)


# --- several questions at once --------------------------------------------------------------------------------


def another(world, hall, title="第二项票决", checked=True, **options):
    with world.work():
        meeting = sessions.get(hall["session"])
        made = rounds.create_round(
            meeting, title=title, rule=Rule(seats=2, small_body=0), by=BY, now=NOW,
            project_ids=[p.id for p in factories.make_listed(3, first=20 + len(rounds.listed_projects(2027)))], **options,
        )  # fmt: skip
        if checked:
            openings.zero_check(made, by=teller_actor(hall["deputies"][0]), now=NOW)
        return made.id


def open_together(world, *ids):
    with world.work():
        openings.open_together([rounds.get_round(i) for i in ids], by=BY, now=NOW)


def test_a_project_is_under_one_vote_at_a_time(world):
    hall = make_hall(world)
    with world.work():
        meeting, listed = sessions.get(hall["session"]), rounds.listed_projects(2027)
        second = rounds.create_round(
            meeting, title="第二项票决", rule=Rule(seats=2, small_body=0), by=BY, now=NOW,
            project_ids=[p.id for p in listed[:3]],
        )  # fmt: skip
        openings.zero_check(second, by=teller_actor(hall["deputies"][0]), now=NOW)
        second = second.id
        assert openings.disputed(rounds.get_round(second)) == []
        (warned,) = openings.shared_with_drafts(rounds.get_round(second))
        assert "“示例票决”也在准备之中，同样列有“示例项目01”等 3 项" in warned
        (warned,) = openings.shared_with_drafts(rounds.get_round(hall["round"]))
        assert "“第二项票决”也在准备之中" in warned
    with pytest.raises(RuleBroken, match="正在“示例票决”中票决"):
        open_together(world, hall["round"], second)
    open_together(world, hall["round"])
    with world.work():
        assert openings.shared_with_drafts(rounds.get_round(second)) == [], "that one is open"
    with pytest.raises(RuleBroken, match="“示例项目01”正在“示例票决”中票决"):
        open_together(world, second)
    with world.work():
        closing.close(rounds.get_round(hall["round"]), by=BY, now=NOW)
    with pytest.raises(RuleBroken, match="尚未公告"):
        open_together(world, second)
    with world.work():
        counting.void_round(rounds.get_round(hall["round"]), "重来", by=BY, now=NOW)
        rounds.listed_projects(2027)[0].state = ProjectState.WITHDRAWN
    with pytest.raises(RuleBroken, match="“示例项目01”已不在候选名单上"):
        open_together(world, second)
    with world.work():
        db.session.query(Project).filter_by(name="示例项目01").one().state = ProjectState.LISTED
    open_together(world, second)


def test_questions_are_first_rounds_each_and_may_be_open_together(world):
    hall = make_hall(world)
    with world.work():
        assert rounds.free_colour(sessions.get(hall["session"])) == "pink"
    second = another(world, hall, colour="pink")
    open_together(world, hall["round"], second)
    cast(world, hall, 3, {1: "for"})
    cast(world, {**hall, "round": second}, 3, {2: "for"})
    with world.work():
        both = db.session.query(Round).order_by(Round.id).all()
        assert [(r.ordinal, r.parent_id, r.state.value) for r in both] == [(1, None, "opened")] * 2
        assert [len(line) for line in further.questions(sessions.get(hall["session"]))] == [1, 1]


def test_opening_together_is_all_or_none(world):
    hall = make_hall(world)
    second = another(world, hall, checked=False)
    with pytest.raises(RuleBroken, match=r"“第二项票决”：监票人还没有确认票箱为空.*没有开启任何一项"):
        open_together(world, hall["round"], second)
    with world.work():
        assert {r.state for r in db.session.query(Round)} == {RoundState.DRAFT}
    with pytest.raises(RuleBroken, match="至少选择一项"):
        open_together(world)
    rehearsal = another(world, hall, rehearsal=True)
    with pytest.raises(RuleBroken, match="演练不能与正式票决同时开启"):
        open_together(world, hall["round"], rehearsal)


def test_an_unknown_colour_is_refused(world):
    hall = make_hall(world)
    with pytest.raises(RuleBroken, match="没有这种票面颜色"):
        another(world, hall, colour="purple")


# --- ratings --------------------------------------------------------------------------------------------------


def tracked(world, count, year=2026):
    """Projects that an earlier session selected, carried out since."""
    with world.work():
        made = [
            factories.make_project(f"上年示例{i:02d}", year=year, state=ProjectState.SELECTED, number=i)
            for i in range(1, count + 1)
        ]
        for project in made:
            plans.start(project, round_id=None, by=BY, now=NOW)
        return [p.id for p in made]


def rating(world, hall, ids, **options):
    with world.work():
        made = rounds.create_round(
            sessions.get(hall["session"]), title="满意度测评", project_ids=ids, by=BY, now=NOW,
            rule=Rule(seats=0, method="rating", small_body=0, **options),
        )  # fmt: skip
        return made.id


def test_a_rating_grades_the_projects_of_last_year_and_moves_none(world):
    hall, ids = make_hall(world), None
    ids = tracked(world, 2)
    round_id = rating(world, hall, ids, publish="names+votes")
    held(
        world,
        hall,
        [{1: "satisfied", 2: "basically"}] * 5 + [{1: "satisfied"}] * 2 + [{2: "basically"}],
        round_id,
    )
    announce(world, round_id)
    with world.work():
        result = tally.result_of(rounds.get_round(round_id))
        assert [(r.satisfied, r.basically, r.void, r.grade) for r in result.ratings] == [
            (7, 0, 1, "satisfied"),
            (0, 6, 2, "dissatisfied"),
        ], "six of twelve is exactly half: enough for 满意, not for 基本满意"
        rated = [db.session.get(Project, i) for i in ids]
        assert {p.state for p in rated} == {ProjectState.SELECTED}
        assert db.session.query(Tracking).count() == 2
        found = results.ratings(ids)
        assert [(i, found[i][0].grade) for i in ids] == [(ids[0], "satisfied"), (ids[1], "dissatisfied")]
        assert results.satisfaction(rounds.get_round(round_id)).favourable == 13
        assert further.next_of(rounds.get_round(round_id)).kind == "none"
        assert "满意度测评" in words(documents.announcement(rounds.get_round(round_id)))


def test_only_projects_of_earlier_years_are_rated_and_only_listed_ones_voted_on(world):
    hall = make_hall(world)
    (old,), (late,) = tracked(world, 1), tracked(world, 1, year=2027)
    with world.work():
        listed = rounds.listed_projects(2027)[0].id
        assert [p.id for p in rounds.rateable_projects(2027)] == [old]
    for wrong in (listed, late):
        with pytest.raises(RuleBroken, match="往年票决选定"):
            rating(world, hall, [wrong])
    with pytest.raises(RuleBroken, match="尚未列入票决"), world.work():
        rounds.create_round(
            sessions.get(hall["session"]),
            title="x",
            rule=Rule(seats=1),
            project_ids=[old, listed],
            by=BY,
            now=NOW,
        )
