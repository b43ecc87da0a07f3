"""Decisions: outcomes, answers, reopening, the 储备库."""

from datetime import date
from functools import partial

import pytest

from tests import factories
from tests.services.suggestions.samples import DAY, NOW, OFFICE, UNIT, fill, opened, refused, sent, suggest
from tests.years import at
from votes.db import db
from votes.rules.errors import RuleBroken
from votes.rules.projects.projects import ProjectState
from votes.rules.suggestions.matters import MatterState, Outcome
from votes.rules.suggestions.suggestions import Channel
from votes.services.suggestions import authors, decisions, matters, stories, suggestions, transfers

PREPARED = {"ids_only": fill}


def test_decide_candidate_creates_prefilled_project(world, ids):
    matter = opened(ids[:2])
    transfers.answer(sent(matter, world), opinion="可列入。", proposal=Outcome.CANDIDATE, by=UNIT, now=NOW)
    decisions.decide(
        matters.get(matter.id), Outcome.CANDIDATE, name="东山村亮化工程", answer="已纳入候选。", by=OFFICE, now=NOW
    )  # fmt: skip
    project = matters.get(matter.id).project
    assert (project.name, project.year, project.category, project.location, project.department_id, project.state) == (
        "东山村亮化工程", 2027, "便民服务", "示例镇东山村", world.departments["county"], ProjectState.DRAFT,
    )  # fmt: skip
    assert "共征集到 2 条相关建议" in project.background
    assert "13800000000" not in project.content
    assert [each.id for each in stories.of_project(project.id)] == [matter.id]
    origin = stories.sources(project.id)
    assert (origin.count, origin.villages, origin.channels) == (2, {"示例镇东山村": 2}, {Channel.VISIT: 2})


def test_decide_candidate_links_only_project_of_its_year(world, ids):
    matter = opened(ids[:1])
    other = factories.make_project("上年项目", year=2026)
    withdrawn = factories.make_project("撤回的项目", state=ProjectState.WITHDRAWN)
    existing = factories.make_project("已有项目")
    for wrong in (other.id, withdrawn.id, 0 - 1):
        act = partial(decisions.decide, matter, Outcome.CANDIDATE, project_id=wrong)
        assert refused("2027年的一个候选项目", act).field == "project_id"
    assert existing in decisions.linkable(matter)
    assert withdrawn not in decisions.linkable(matter)
    decisions.decide(matter, Outcome.CANDIDATE, project_id=existing.id, by=OFFICE, now=NOW)
    assert matter.project is existing


def test_decide_with_name_in_use_leaves_matter_open(world, ids_only):
    with world.work():
        factories.make_project("已有项目")
        matter_id = opened(ids_only[:1]).id
    with pytest.raises(RuleBroken, match="已有名为") as broken, world.work():
        decisions.decide(matters.get(matter_id), Outcome.CANDIDATE, name="已有项目", by=OFFICE, now=NOW)
    assert broken.value.field == "name"
    with world.work():
        assert matters.get(matter_id).state == MatterState.OPEN


def test_reopen_keeps_decisions_and_answers(ids):
    matter = opened(ids[:1])
    refused("先确定处理结果", lambda **by: decisions.reply(matter, "您好", **by))
    refused("写明理由", lambda **by: decisions.decide(matter, Outcome.DECLINED, **by))
    decisions.decide(matter, Outcome.DECLINED, reason="条件不成熟。", by=OFFICE, now=NOW)
    decisions.reply(matter, "感谢您的建议。", by=OFFICE, now=at(2026, 12, 10))
    assert (matter.answer, matter.answered_on) == ("感谢您的建议。", date(2026, 12, 10))
    authors.satisfy(matter.suggestions[0], "satisfied", now=at(2026, 12, 11))
    assert suggestions.counts(None).satisfactions == {"satisfied": 1}
    decisions.reopen(matter, by=OFFICE, now=at(2026, 12, 20))
    assert suggestions.counts(None).satisfactions == {}, (
        "the answer no longer stands, so nobody is satisfied with it"
    )
    assert (matter.state, matter.outcome, matter.answer) == (MatterState.OPEN, None, "")
    decisions.decide(matter, Outcome.RESERVE, answer="转入储备库。", by=OFFICE, now=at(2026, 12, 21))
    matter = matters.get(matter.id)
    assert [(each.outcome, each.reason, each.answer, each.year) for each in matter.decisions] == [
        (Outcome.DECLINED, "条件不成熟。", "感谢您的建议。", 2027),
        (Outcome.RESERVE, "", "转入储备库。", 2027),
    ]
    assert [(each.on, each.title, each.words) for each in stories.story(matter)][1:] == [
        (DAY, "处理结果：不予采纳", "条件不成熟。\n当时的答复：感谢您的建议。"),
        (date(2026, 12, 21), "处理结果：转入储备库", ""),
        (date(2026, 12, 21), "答复", "转入储备库。"),
    ]


@pytest.mark.parametrize(
    ("state", "held"),
    [("draft", False), ("listed", True), ("selected", True), ("not_selected", False), ("withdrawn", False)],
)
def test_reopen_with_listed_or_selected_project_is_refused(ids, state, held):
    matter = opened(ids[:1])
    project = factories.make_project("示例项目")
    decisions.decide(matter, Outcome.CANDIDATE, project_id=project.id, by=OFFICE, now=NOW)
    project.state = ProjectState(state)
    db.session.flush()
    if held:
        refused("已列入票决名单或已选定", lambda **by: decisions.reopen(matter, **by))
    else:
        decisions.reopen(matter, by=OFFICE, now=NOW)
        assert matter.project is None


def test_take_up_for_another_year_gives_a_new_number(ids):
    old = opened([suggest("旧建议", year=2025).id])
    opened(ids[:1])
    refused("不在储备库", lambda **by: decisions.take_up(old, 2027, **by))
    decisions.decide(old, Outcome.RESERVE, answer="转入储备库。", by=OFFICE, now=NOW)
    refused("更早的年度", lambda **by: decisions.take_up(old, 2024, **by))
    decisions.take_up(old, 2027, by=OFFICE, now=NOW)
    assert (old.year, old.number, old.state, old.outcome) == (2027, 2, MatterState.OPEN, None)
    assert stories.funnel(2025)[:3] == (1, 0, 1)  # it counts in the year in which it was decided, too
    assert stories.funnel(2027).matters == 2
