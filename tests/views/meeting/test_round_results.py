"""The announcement and the papers of a round."""

from tests.services.voting.test_vote import make_hall

PREPARED = {"hall": make_hall}


def test_announce_before_the_signatures_is_refused(as_, hall):
    office, url = as_("office"), f"/office/rounds/{hall['round']}/announce"
    assert "公告样稿（PDF）" in office.get(url).words
    page = office.post(url, {"number": "1", "announced_on": "2027-01-16"})
    assert page.status == 422


def test_rule_paper_is_printed_before_the_opening(as_, hall):
    page = as_("office").get(f"/office/rounds/{hall['round']}/rule.docx")
    assert (page.status, page.data[:2]) == (200, b"PK")


def test_results_of_an_uncounted_round_are_forbidden_to_a_unit(as_, hall):
    assert as_("department").get(f"/office/rounds/{hall['round']}/record.json").status == 403
