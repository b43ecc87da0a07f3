"""The work list, filing, comparing."""

import pytest

from tests.counting import statements
from tests.views.suggestions.samples import NAME, PHONE, fill
from tests.years import at
from votes.db import db
from votes.models import Suggestion
from votes.rules.suggestions.suggestions import Channel, SuggestionState
from votes.services.suggestions import worklist

pytestmark = pytest.mark.sqlite
PREPARED = {"ids": fill}


def test_work_list_links_suspects(as_, ids):
    page = as_("office").get("/office/matters/inbox?year=2027")
    assert page.status == 200
    first, second, _ = ids["alike"]
    links = [link for link in page.links() if "with=" in link]
    assert links == [
        f"/office/matters/inbox/{first}?with=s{second}",
        f"/office/matters/inbox/{second}?with=s{first}",
    ]
    assert "便民服务（3 条）" in page.words
    assert (NAME in page.text, PHONE in page.text) == (False, False)


def test_compare_page_merges_with_one_click(world, as_, ids):
    first, second, _ = ids["alike"]
    browser = as_("office")
    page = browser.get(f"/office/matters/inbox/{first}")
    assert "合并为一个事项" in page.words
    assert "".join(page.tree.xpath("(//section)[2]//mark/text()")).startswith("东山村")
    done = browser.post(f"/office/matters/inbox/{first}", {"other_id": second})
    assert done.status == 303
    with world.work():
        rows = [db.session.get(Suggestion, each) for each in (first, second)]
        assert rows[0].matter_id == rows[1].matter_id is not None
    again = browser.post(f"/office/matters/inbox/{first}", {"other_id": second})
    assert again.status == 409
    assert "已由其他人归并" in again.words


@pytest.mark.parametrize(
    ("how", "number", "status", "matters_made"),
    [
        ("one", "", 303, 1),
        ("each", "", 303, 3),
        ("into", "", 422, 0),
        ("into", "99", 422, 0),
        ("into", "1", 409, 0),
    ],
)
def test_file_chosen_suggestions_opens_or_fills_matters(world, as_, ids, how, number, status, matters_made):
    """The matter of number 1 is with a unit: nothing comes to it."""
    page = as_("office").post("/office/matters/inbox", {"ids": ids["alike"], "how": how, "number": number})
    assert page.status == status
    with world.work():
        filed = {row.matter_id for row in worklist.chosen(ids["alike"]) if row.matter_id}
        assert len(filed) == matters_made


def test_file_without_choice_is_refused(as_, ids):
    page = as_("office").post("/office/matters/inbox", {"how": "one"})
    assert page.status == 422
    assert "先勾选" in page.words


def test_large_work_list_takes_few_statements(world, as_, ids):
    """Fifty of 600 are shown; what they are compared with is read in two statements."""
    with world.work():
        now = at(2026, 10, 10)
        db.session.add_all(
            Suggestion(
                year=2027, number=1000 + i, code=f"T{i:09d}", channel=Channel.WEB, title=f"示例{i}",
                content=f"第{i}村的路灯不亮", category="便民服务", state=SuggestionState.RECEIVED, received_at=now,
            )
            for i in range(600)
        )  # fmt: skip
    with statements(world.database) as queries:
        page = as_("office").get("/office/matters/inbox?page=2")
    assert len(page.tree.xpath("//input[@name='ids']")) == 50
    assert len(queries) <= 20
