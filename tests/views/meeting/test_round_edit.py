"""Setting up a round and changing it in preparation."""

from tests.services.voting.test_vote import make_hall, open_
from votes.services.meeting import rounds

PREPARED = {"hall": make_hall}


def fields(page) -> dict:
    """Return what the form would send as it stands."""
    (form,) = page.tree.xpath("//main//form")
    return dict(form.form_values()) | {"projects": form.xpath(".//input[@name='projects'][@checked]/@value")}


def test_new_vote_starts_from_the_list_and_the_usual_seats(as_, hall):
    form = fields(as_("office").get(f"/office/sessions/{hall['session']}/rounds/new"))
    assert (form["title"], form["seats"], form["colour"]) == ("2027年民生实事项目票决", "4", "pink")
    assert len(form["projects"]) == 5


def test_new_rating_without_earlier_projects_has_no_choice(as_, hall):
    page = as_("office").get(f"/office/sessions/{hall['session']}/rounds/new?kind=rating")
    assert page.tree.xpath("//input[@name='title']/@value") == ["2026年民生实事项目满意度测评"]
    assert page.tree.xpath("//input[@name='projects']") == []


def test_edit_saves_what_was_changed(as_, world, hall):
    office, url = as_("office"), f"/office/rounds/{hall['round']}/edit"
    page = office.post(url, fields(office.get(url)) | {"title": "改名的票决"})
    assert page.location == f"/office/rounds/{hall['round']}"
    with world.work():
        assert rounds.get_round(hall["round"]).title == "改名的票决"


def test_edit_of_an_open_round_is_refused(as_, world, hall):
    open_(world, hall)
    page = as_("office").get(f"/office/rounds/{hall['round']}/edit")
    assert (page.status, "不能再改" in page.words) == (409, True)
