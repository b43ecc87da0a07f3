"""How far the vote of a year has come in each body."""

from tests.years import announce, make_round
from votes.rules.meeting.rounds import SessionState
from votes.services.people import bodies
from votes.services.publication.regional_votes import votes


def read(world, year=2027):
    with world.work(None):
        ids = [world.county, world.other]
        return votes(ids, year, {id_: bodies.get_body(id_) for id_ in ids})


def test_votes_before_the_announcement_have_the_figures_of_the_box(world):
    make_round(world)
    vote = read(world)[world.county]
    assert (vote.roster, vote.present, vote.needed, vote.quorate) == (7, 6, 5, True)
    assert (vote.opened, vote.announced, vote.session.state) == (True, False, SessionState.RUNNING)


def test_votes_after_the_announcement_say_so(world):
    announce(world, make_round(world))
    assert read(world)[world.county].announced


def test_votes_of_rehearsals_are_no_votes(world):
    make_round(world, rehearsal=True)
    assert not read(world)[world.county].opened


def test_votes_of_a_year_without_sessions_are_empty(world):
    assert read(world, 2031) == {}
