"""满意度测评 with the published figures of 宁海 2020 and 镇海 2022, from the ballots to the papers."""

import pytest

from tests import factories
from tests.factories import NOW
from tests.ratings import ballots_for, published
from tests.services.voting.test_further import announce, rating, words
from tests.services.voting.test_vote import BY, make_hall, sign, teller_actor
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.projects.projects import ProjectState
from votes.rules.voting.result import BoxTotal
from votes.services.delivery import plans, trackings
from votes.services.meeting import openings, rounds
from votes.services.voting import (
    ballot_boxes,
    ballots,
    box_contents,
    box_totals,
    closing,
    documents,
    paper_ballots,
    results,
    tally,
)
from votes.web.publication import open_data

#: 95 + 27 + 0 is not 222; with 195 the row adds up like the others.
MISPRINTED, MEANT = (95, 27, 0), (195, 27, 0)


def projects_of_last_year(world, names):
    with world.work():
        made = [
            factories.make_project(name, year=2026, state=ProjectState.SELECTED, number=no)
            for no, name in enumerate(names, start=1)
        ]
        for project in made:
            plans.start(project, round_id=None, by=BY, now=NOW)
        return [project.id for project in made]


def open_rating(world, names, *, voters, members, **rule):
    """Open a rating of these projects with so many members, of whom `voters` are present."""
    hall = make_hall(world, deputies=voters)
    ids = projects_of_last_year(world, names)
    round_id = rating(world, hall, ids, publish="names+votes", **rule)
    with world.work():
        factories.make_deputies(members - voters, world.delegations["county"], start=500)
        openings.zero_check(rounds.get_round(round_id), by=teller_actor(hall["deputies"][0]), now=NOW)
        openings.open_round(rounds.get_round(round_id), by=BY, now=NOW)
    return {**hall, "round": round_id, "projects": ids}


def vote(world, hall, papers):
    with world.work():
        for deputy_id, marks in zip(hall["deputies"], papers, strict=True):
            ballots.cast(hall["round"], deputy_id, code=new_code(), marks=marks, now=NOW)
    with world.work():
        closing.close(rounds.get_round(hall["round"]), by=BY, now=NOW)
    sign(world, hall, 0)
    sign(world, hall, 1)


def test_the_ten_projects_of_ninghai(world):
    rows = published("ninghai_2020")
    figures = [MEANT if row == MISPRINTED else row for _, row, _ in rows]
    hall = open_rating(world, [name for name, _, _ in rows], voters=222, members=240)
    vote(world, hall, ballots_for(figures, 222))
    announce(world, hall["round"])
    with world.work():
        round_ = rounds.get_round(hall["round"])
        result = tally.result_of(round_)
        assert (result.valid, result.invalid) == (222, 0)
        assert [(r.satisfied, r.basically, r.dissatisfied, r.void) for r in result.ratings] == [
            (*row, 0) for row in figures
        ]
        assert [r.grade for r in result.ratings] == ["satisfied"] * 10
        sheet = words(documents.counting_sheet(round_))
        assert all(str(list(map(str, row)))[1:-1] in sheet for row in figures)
        overall = results.satisfaction(round_)
        assert (overall.satisfied, overall.favourable, overall.base) == (1693, 2202, 2220)
        line = next(x for x in trackings.search(day=NOW.date()) if x.project.name == "城南消防站")
        (published_line,) = open_data.projects([line])
        assert published_line["rating"] == "满意"
        assert published_line["ratings"][0] | {"session": ""} == {
            "session": "", "year": 2027, "grade": "满意",
            "satisfied": 159, "basically": 62, "dissatisfied": 1, "void": 0,
        }  # fmt: skip


def test_the_misprinted_row_of_ninghai_is_refused_at_the_box(world):
    """Counted by hand, the ten rows are typed as the paper has them; the first one cannot be."""
    rows = published("ninghai_2020")
    hall = open_rating(world, [name for name, _, _ in rows], voters=222, members=240, paper="totals")
    with world.work():
        for deputy_id in hall["deputies"]:
            paper_ballots.hand_out(rounds.get_round(hall["round"]), deputy_id, by=BY, now=NOW)
    with world.work():
        closing.close(rounds.get_round(hall["round"]), by=BY, now=NOW)
        box = ballot_boxes.add_box(
            rounds.get_round(hall["round"]), place="主会场", papers=222, by=BY, now=NOW
        ).id

    def enter(first):
        keys = ("satisfied", "basically", "dissatisfied", "void")
        counts = {
            no: dict(zip(keys, (*(first if no == 1 else row), 0), strict=True))
            for no, (_, row, _) in enumerate(rows, start=1)
        }
        with world.work():
            row, by = box_contents.get_box(box), Actor(name="计票员甲", user_id=2)
            box_totals.enter_totals(row, BoxTotal(row.number, 222, 0, counts), by=by, now=NOW)

    with pytest.raises(RuleBroken) as refused:
        enter(MISPRINTED)
    assert refused.value.message == (
        "第 1 项满意 95、基本满意 27、不满意 0、无效 0，合计 122，与有效票 222 张不符。"
    )
    enter(MEANT)


@pytest.mark.parametrize(("members", "others"), [(34, "satisfied"), (35, "basically")])
def test_the_eight_projects_of_zhenhai_are_satisfied_up_to_34_members(world, members, others):
    """Two projects got 17 marks of 满意: half of 34, and less than half of 35."""
    rows = published("zhenhai_2022")
    figures = [row for _, row, _ in rows]
    hall = open_rating(world, [name for name, _, _ in rows], voters=29, members=members)
    vote(world, hall, ballots_for(figures, 29))
    with world.work():
        result = tally.result_of(rounds.get_round(hall["round"]))
        assert [(r.satisfied, r.basically, r.dissatisfied) for r in result.ratings] == figures
        assert [r.grade for r in result.ratings] == [
            others if row[0] == 17 else "satisfied" for row in figures
        ]
