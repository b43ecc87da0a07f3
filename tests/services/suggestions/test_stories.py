"""Stories: the history of a matter, the funnel of a year."""

from datetime import date

import pytest

from tests import factories
from tests.counting import statements
from tests.services.suggestions.samples import DAY, NOW, OFFICE, UNIT, fill, opened, sent, suggest
from tests.years import at, make_tracked
from votes.db import db
from votes.rules.delivery.trackings import TrackingState
from votes.rules.projects.projects import ProjectState
from votes.rules.suggestions.matters import Outcome
from votes.services.suggestions import decisions, matters, stories, suggestions, transfers

PREPARED = {"ids_only": fill}


@pytest.mark.sqlite
@pytest.mark.parametrize(("outcome", "titles"), [(Outcome.DECLINED, 0), (Outcome.RESERVE, 1)])
def test_story_of_reopened_matter_hides_decision_from_authors(ids, outcome, titles):
    matter = opened(ids[:1])
    decisions.decide(matter, outcome, reason="条件不成熟。", answer="感谢。", by=OFFICE, now=NOW)
    decisions.reopen(matter, by=OFFICE, now=NOW)
    matter = matters.get(matter.id)
    for_authors, for_staff = (
        [each.title for each in stories.story(matter, staff=staff) if "处理结果" in each.title]
        for staff in (False, True)
    )
    assert (len(for_authors), len(for_staff)) == (titles, 1)


def test_story_for_staff_has_internal_events(world, ids):
    matter = opened(ids[:2])
    transfers.send_back(sent(matter, world), "属住建部门职责", by=UNIT, now=NOW)
    second = sent(matter, world)
    transfers.answer(second, opinion="内部意见", proposal=Outcome.CANDIDATE, by=UNIT, now=at(2026, 11, 9))
    project = factories.make_project("示例项目")
    decisions.decide(
        matter, Outcome.CANDIDATE, project_id=project.id, answer="已纳入候选。", by=OFFICE, now=at(2026, 12, 1)
    )  # fmt: skip
    matter = matters.get(matter.id)
    titles = [(each.on, each.title, each.words) for each in stories.story(matter)]
    assert titles == [
        (DAY, "列为建议事项", "与另外 1 条内容相近的建议合并办理。"),
        (DAY, "交交通运输局研究办理", "请在2027年2月2日前提出意见。"),
        (date(2026, 11, 9), "交通运输局已提出办理意见", ""),
        (date(2026, 12, 1), "处理结果：纳入候选项目", ""),
        (date(2026, 12, 1), "答复", "已纳入候选。"),
    ]
    staff = [each.title for each in stories.story(matter, staff=True)]
    assert "交通运输局退回" in staff
    assert "交通运输局的意见" in staff
    project.state = ProjectState.LISTED  # the list says nothing before the result is announced
    assert len(stories.story(matter)) == len(titles)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("state", "title"),
    [
        (TrackingState.RUNNING, None),
        (TrackingState.DONE, "项目完成"),
        (TrackingState.UNFINISHED, "项目认定为未完成"),
        (TrackingState.TERMINATED, "项目终止实施"),
    ],
)
def test_story_of_selected_project_tells_its_end(ids, state, title):
    matter = opened(ids[:1])
    tracking = make_tracked(1)[0]
    decisions.decide(
        matter, Outcome.CANDIDATE, project_id=tracking.project_id, by=OFFICE, now=at(2026, 12, 1)
    )
    tracking.state = state
    tracking.finished_on = None if title is None else date(2027, 12, 1)
    db.session.flush()
    titles = [each.title for each in stories.story(matters.get(matter.id))][3:]
    assert titles == ([title] if title else [])


@pytest.mark.sqlite
def test_funnel_counts_in_three_statements(world, ids_only):
    with world.work():
        suggestions.refuse(suggest("广告"), "广告", by=OFFICE, now=NOW)
        matter, other = opened(ids_only[:2]), opened(ids_only[2:])
        sent(matter, world)
        transfers.answer(matter.transfers[0], opinion="可。", proposal=Outcome.CANDIDATE, by=UNIT, now=NOW)
        chosen = factories.make_project("选定的项目", state=ProjectState.SELECTED)
        decisions.decide(matter, Outcome.CANDIDATE, project_id=chosen.id, by=OFFICE, now=NOW)
        decisions.decide(other, Outcome.CANDIDATE, by=OFFICE, now=NOW)
        withdrawn, third = factories.make_project("撤回的项目"), opened([suggest("撤回").id])
        decisions.decide(third, Outcome.CANDIDATE, project_id=withdrawn.id, by=OFFICE, now=NOW)
        withdrawn.state = ProjectState.WITHDRAWN
        suggest("别年的", year=2028)
    with world.work(), statements(world.database) as queries:
        assert stories.funnel(2027) == (5, 1, 3, 1, 2, 1)
        assert len(queries) == 3
    with world.work("township"):
        assert stories.funnel(2027) == (0, 0, 0, 0, 0, 0)
