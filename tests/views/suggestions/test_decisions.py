"""What the office does with a matter, step by step."""

import re
from datetime import date

import pytest

from tests import factories
from tests.views.suggestions.samples import PHONE, fill, state_of
from votes.models import Matter
from votes.rules.suggestions.matters import MatterState
from votes.services.suggestions import matters

pytestmark = pytest.mark.sqlite
PREPARED = {"ids": fill}


def test_decide_after_answer_creates_candidate(world, as_, ids):
    """What the office and a unit do one after the other, each on its own page."""
    office, unit, matter_id = as_("office"), as_("department"), ids["sent"]
    mine = unit.get("/office/transfers/")
    assert "1 件已逾期" in mine.words
    assert PHONE not in unit.get(f"/office/transfers/{ids['transfer']}").text
    empty = unit.post(f"/office/transfers/{ids['transfer']}/answer", {"opinion": "可行，需 20 万元。"})
    assert empty.status == 422
    assert empty.value("opinion") == "可行，需 20 万元。"
    answered = unit.post(
        f"/office/transfers/{ids['transfer']}/answer",
        {"opinion": "可行，需 20 万元。", "proposal": "candidate"},
    )
    assert answered.status == 303
    page = office.get(f"/office/matters/{matter_id}/decide")
    assert page.value("result") == "candidate"
    assert "可行，需 20 万元。" in page.words
    with world.work():
        factories.make_project("已有项目")
    url = f"/office/matters/{matter_id}/decide"
    unchecked = office.post(url, {"result": "candidate", "name": "滨河健身步道"})
    assert (unchecked.status, "请先核对名称和摘要" in unchecked.words) == (422, True)
    sure = {"result": "candidate", "answer": "感谢您的建议。", "checked": "y"}
    taken = office.post(url, {**sure, "name": "已有项目"})
    assert (taken.status, taken.value("answer")) == (422, "感谢您的建议。")
    done = office.post(url, {**sure, "name": "滨河健身步道"})
    assert done.status == 303
    shown = office.get(f"/office/matters/{matter_id}")
    project = next(link for link in shown.links() if re.fullmatch(r"/office/projects/\d+", link))
    back = as_("government").get(project)
    assert f"/office/matters/{matter_id}" in back.links()
    assert "1 条建议" in back.words


def test_forms_of_closed_transfer_redirect(as_, ids):
    office, unit, url = as_("office"), as_("department"), f"/office/transfers/{ids['transfer']}"
    assert office.get(f"/office/matters/{ids['sent']}/reply").status == 302
    assert [unit.get(f"{url}/{page}").status for page in ("answer", "return")] == [200, 200]
    office.post(f"/office/matters/{ids['sent']}/recall")
    assert [unit.get(f"{url}/{page}").status for page in ("answer", "return")] == [302, 302]


@pytest.mark.parametrize(("typed", "due_on"), [({}, date(2027, 2, 20)), ({"complex": "y"}, date(2027, 5, 20))])  # fmt: skip
def test_transfer_without_day_has_statutory_term(world, as_, ids, typed, due_on):
    office, url = as_("office"), f"/office/matters/{ids['sent']}"
    office.post(f"{url}/recall")
    page = office.get(f"{url}/transfer")
    assert "一般事项为2027年2月20日，复杂事项为2027年5月20日" in page.words
    unit = str(world.departments["county"])
    assert office.post(f"{url}/transfer", {"department_id": unit, **typed}).status == 303
    with world.work():
        assert matters.get(ids["sent"]).transfers[-1].due_on == due_on


@pytest.mark.parametrize(
    ("page", "data", "status", "after"),
    [
        ("transfer", {"due_on": "2026-11-20"}, 422, MatterState.TRANSFERRED),
        ("recall", {}, 303, MatterState.OPEN),
        ("reopen", {}, 409, MatterState.TRANSFERRED),
        ("take-up", {}, 409, MatterState.TRANSFERRED),
        ("split", {"suggestion_id": "0"}, 422, MatterState.TRANSFERRED),
        ("join", {"number": "99"}, 422, MatterState.TRANSFERRED),
        ("reply", {"answer": "您好"}, 422, MatterState.TRANSFERRED),
        ("decide", {"result": "reserve"}, 422, MatterState.TRANSFERRED),
        ("decide", {"result": "nonsense"}, 422, MatterState.TRANSFERRED),
        ("edit", {"title": "", "summary": "摘要"}, 422, MatterState.TRANSFERRED),
        ("edit", {"title": "新名称", "summary": "摘要"}, 303, MatterState.TRANSFERRED),
    ],
)
def test_acts_on_transferred_matter_answer_with_status(world, as_, ids, page, data, status, after):
    answer = as_("office").post(f"/office/matters/{ids['sent']}/{page}", data)
    assert answer.status == status, answer.words
    assert state_of(world, Matter, ids["sent"]) == after


def test_take_up_empties_the_reserve(world, as_, ids):
    browser = as_("government")
    page = browser.get("/office/matters/reserve")
    assert "资金未落实" in page.words
    assert browser.post(f"/office/matters/{ids['reserve']}/take-up").status == 303
    assert state_of(world, Matter, ids["reserve"]) == MatterState.OPEN
    assert "储备库还是空的" in browser.get("/office/matters/reserve").words
