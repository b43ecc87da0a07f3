"""The facts of progress that pages show, of one project and of a year's."""

from datetime import date
from decimal import Decimal

from tests.years import make_tracked, report
from votes.services.delivery import trackings
from votes.web.delivery.project_page import progress_facts, year_facts

DAY = date(2027, 3, 6)


def test_progress_facts_of_a_project_before_its_first_report(world):
    with world.work():
        tracking_id = make_tracked(1)[0].id
    with world.work():
        facts = progress_facts(trackings.get(tracking_id), DAY)
    assert (facts["story"], facts["paid"], facts["money_chart"], facts["pictured"]) == ([], [], [], False)
    assert (len(facts["chart"]), facts["line"].standing.missing) == (2, (date(2027, 1, 1), date(2027, 2, 1)))


def test_year_facts_have_a_chart_for_each_curve(world):
    with world.work():
        report(make_tracked(1)[0].id, 1, 10, money_paid=Decimal("40.00"))
    with world.work():
        facts = year_facts(trackings.search(day=DAY), DAY)
    assert (facts["summary"].total, facts["summary"].paid) == (1, Decimal("40.00"))
    assert (facts["curve"][0].actual, facts["money_curve"][0].paid) == (10, Decimal("40.00"))
    assert (len(facts["chart"]), len(facts["money_chart"])) == (2, 2)


def test_year_facts_without_projects_have_no_charts(world):
    with world.work():
        facts = year_facts([], DAY)
    assert (facts["curve"], facts["chart"], facts["money_chart"]) == ([], [], [])
