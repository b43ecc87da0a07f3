"""The office's list of tellers: naming, approval, warnings of who should stand aside."""

from functools import partial

import pytest

from tests.services.voting.test_vote import make_hall
from votes.models import Department, Deputy
from votes.services.meeting import rounds, sessions

CHIEF = 0
PREPARED = {"hall": partial(make_hall, secrets=False)}


def test_office_names_tellers_and_records_the_approval(as_, world, hall):
    office, base = as_("office"), f"/office/sessions/{hall['session']}/tellers"
    page = office.post(
        base,
        {"deputy_id": hall["deputies"][5], "role": "teller", "nominated_by": world.delegations["county"]},
    )
    page = office.follow(page)
    assert "示例代表006" in page.words
    assert "尚未登记" in page.words
    assert "监票人名单还没有登记经大会通过" in office.get(f"/office/rounds/{hall['round']}").words
    page = office.follow(office.post(f"{base}/approve", {"on": "2025-01-15", "how": "举手表决，全体通过"}))
    assert "已通过 2025年1月15日，举手表决，全体通过" in page.words
    assert "还没有登记经大会通过" not in office.get(f"/office/rounds/{hall['round']}").words
    teller_id = page.tree.xpath("//form[contains(@action, '/remove')]/@action")[-1]
    page = office.follow(office.post(teller_id))
    assert "尚未登记" in page.words, "another list than the one that was passed"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"on": "", "how": "举手表决"}, "请填写日期"),
        ({"on": "2027-02-30", "how": "举手表决"}, "日期"),
        ({"on": "2999-01-01", "how": "举手表决"}, "不能晚于今天"),
        ({"on": "2027-01-15", "how": ""}, "怎样通过"),
        ({"on": "2027-01-15", "how": "长" * 101}, "不超过 100 字"),
    ],
)
def test_wrong_approval_keeps_what_was_typed(as_, world, hall, given, words):
    page = as_("office").post(f"/office/sessions/{hall['session']}/tellers/approve", given)
    assert page.status == 422
    assert words in " ".join(page.errors)
    assert (page.value("on"), page.value("how")) == (given["on"], given["how"])
    with world.work():
        assert sessions.get(hall["session"]).tellers_approved_on is None


def test_wrong_teller_leaves_the_approval_form_alone(as_, hall):
    page = as_("office").post(
        f"/office/sessions/{hall['session']}/tellers", {"deputy_id": "0", "role": "teller"}
    )
    assert page.status == 422
    assert page.value("how") == "举手表决，全体通过"


def test_conflicting_teller_is_warned_of_on_both_pages(as_, world, hall):
    office = as_("office")
    urls = [f"/office/sessions/{hall['session']}/tellers", f"/office/rounds/{hall['round']}"]
    assert all("请核对回避" not in office.get(url).words for url in urls)
    with world.work() as session:
        session.get(Department, world.departments["county"]).head = "局长 王五"
        session.get(Deputy, hall["deputies"][CHIEF]).name = "王五"
        rounds.listed_projects(2027)[0].department_id = world.departments["county"]
    for url in urls:
        assert "监票人王五与责任单位“交通运输局”的负责人同名（示例项目01）" in office.get(url).words
