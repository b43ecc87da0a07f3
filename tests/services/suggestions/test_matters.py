"""建议事项: merging that keeps every original, 交办, outcomes, answers, the 储备库 over the years."""

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.counting import statements
from tests.years import at, make_tracked
from votes.db import db
from votes.models import AuditEntry, Author, Matter, Project, Suggestion, Transfer, Village
from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.projects.projects import ProjectState
from votes.rules.suggestions.matters import MatterState, Outcome, TransferState
from votes.rules.suggestions.suggestions import AuthorText, Channel, SuggestionState
from votes.services.people import bodies
from votes.services.suggestions import (
    authors,
    decisions,
    intake,
    matters,
    merging,
    stories,
    suggestions,
    transfers,
)

OFFICE = Actor(name="人大办", roles=frozenset({Role.OFFICE}))
UNIT = Actor(name="交通运输局经办人", roles=frozenset({Role.DEPARTMENT}))
NOW = at(2026, 11, 2)  # a Monday
DAY = date(2026, 11, 2)

TEXTS = (
    ("东山村安装路灯", "东山村主干道没有路灯，晚上出行不安全，希望安装太阳能路灯，联系电话13800000000。"),
    ("建议东山村主干道安装太阳能路灯", "东山村主干道晚上没有路灯，老人出行不安全。"),
    ("老旧小区加装电梯", "小区老人多，上下楼不便，建议加装电梯。"),
)


def suggest(title: str, content: str = "", *, year: int = 2027, **values) -> Suggestion:
    return intake.receive(
        channel=values.pop("channel", Channel.VISIT),
        title=title,
        content=content or f"{title}，恳请研究解决。",
        category=values.pop("category", "便民服务"),
        year=year,
        by=OFFICE,
        now=NOW,
        **values,
    )


def fill(world):
    """Three suggestions, the first two of them about the same; their ids."""
    with world.work():
        village = Village(name="东山村", township="示例镇")
        db.session.add(village)
        db.session.flush()
        rows = [
            suggest(title, content, village_id=village.id, author=AuthorText(name=f"示例群众{i}", phone="13800000000"))
            for i, (title, content) in enumerate(TEXTS)
        ]  # fmt: skip
        return [row.id for row in rows]


PREPARED = {"made": fill}


@pytest.fixture
def made(world, prepared):
    return prepared["made"]


@pytest.fixture
def here(world, made):
    """A unit of work in the county, with the three suggestions."""
    with world.work():
        yield made


def rows(ids) -> list[Suggestion]:
    return sorted(merging.chosen(ids), key=lambda each: each.number)


def opened(ids, **values) -> Matter:
    return matters.get(merging.open_matter(rows(ids), by=OFFICE, now=NOW, **values).id)


def sent(matter, world, **values) -> Transfer:
    return transfers.send(
        matter,
        world.departments["county"],
        instruction=values.pop("instruction", "请研究可行性。"),
        by=OFFICE,
        now=NOW,
        **values,
    )


def refused(match, act, **values):
    with pytest.raises(RuleBroken, match=match) as broken:
        act(**values, by=OFFICE, now=NOW)
    return broken.value


# --- likeness ------------------------------------------------------------------------------------------


@pytest.mark.sqlite
def test_what_may_be_the_same_is_pointed_out_and_nothing_else(here):
    first, second, third = rows(here)
    found = merging.suspects([first, second, third], least=30)
    assert [[each.suggestion_id for each in found[row.id]] for row in (first, second, third)] == [
        [second.id],
        [first.id],
        [],
    ]
    assert found[first.id][0].percent == found[second.id][0].percent >= 60


@pytest.mark.sqlite
def test_likeness_looks_into_matters_and_the_reserve_but_not_at_what_was_refused_or_is_elsewhere(world, here):
    first, second, third = rows(here)
    matter = opened([second.id])
    suggestions.refuse(third, "广告", by=OFFICE, now=NOW)
    kept = opened([suggest("山东头安装路灯", "安装太阳能路灯", year=2026).id])
    decisions.decide(kept, Outcome.RESERVE, by=OFFICE, now=NOW)
    kept.title, kept.summary = TEXTS[0][0], TEXTS[0][1]
    db.session.flush()
    found = merging.suspects_of(first, least=30)
    assert [(each.matter_id, each.reserve) for each in found] == [(kept.id, True), (matter.id, False)]
    assert found[0].key == f"m{kept.id}"


@pytest.mark.sqlite
def test_likeness_knows_what_was_taken_out_of_the_reserve(here):
    old = opened([suggest(*TEXTS[1], year=2026).id])
    decisions.decide(old, Outcome.RESERVE, by=OFFICE, now=NOW)
    decisions.take_up(old, 2027, by=OFFICE, now=NOW)
    first = rows(here)[0]
    found = merging.suspects_of(first, least=30)
    assert {(each.key, each.reserve) for each in found} == {(f"m{old.id}", False), (f"s{here[1]}", False)}


@pytest.mark.sqlite
def test_a_page_of_likeness_takes_two_statements(world, made):
    with world.work() as session:
        page = rows(made)
        session.flush()
        with statements(world.database) as said:
            merging.suspects(page, least=30)
        assert len(said) == 2


# --- merging -------------------------------------------------------------------------------------------


def test_merging_keeps_every_original(here):
    before = {each.id: (each.title, each.content, each.code) for each in rows(here)}
    matter = opened(here[:2])
    assert (matter.year, matter.number, matter.state, matter.title) == (
        2027,
        1,
        MatterState.OPEN,
        TEXTS[0][0],
    )
    assert matter.village.full_name == "示例镇东山村"
    merging.merge(matter, rows(here[2:]), by=OFFICE, now=NOW)
    matters.edit(
        matter, title="县城路灯和电梯", summary="合并办理", category="城市建设", village_id=None, by=OFFICE, now=NOW
    )  # fmt: skip
    assert {
        each.id: (each.title, each.content, each.code) for each in matters.get(matter.id).suggestions
    } == before
    assert {each.state for each in matter.suggestions} == {SuggestionState.FILED}
    assert [a.name for a in db.session.scalars(select(Author).order_by(Author.suggestion_id))] == [
        "示例群众0", "示例群众1", "示例群众2",
    ]  # fmt: skip


def test_a_matter_takes_no_telephone_over_and_the_log_no_words_of_citizens(world, made):
    with world.work():
        matter = opened(made[:2])
        assert "13800000000" not in matter.summary
        assert "（号码略）" in matter.summary
        matters.edit(
            matter, title="新名称", summary="新摘要", category="", village_id=None, by=OFFICE, now=NOW
        )
    with world.work(None):
        lines = db.session.scalars(select(AuditEntry).where(AuditEntry.action.like("matter.%"))).all()
    assert [(line.action, line.about) for line in lines] == [
        ("matter.open", "2027年第1号建议事项"),
        ("matter.edit", "2027年第1号建议事项"),
    ]
    told = "".join(f"{line.before}{line.after}" for line in lines)
    assert "路灯" not in told
    assert "新" not in told


@pytest.mark.sqlite
def test_a_matter_takes_no_name_over_that_its_author_gave_or_that_is_called(here):
    said = "我是示例群众甲，找过张书记，东山村的路灯一直没装。示例群众甲"
    row = suggest("", said, author=AuthorText(name="示例群众甲"))
    matter = opened([row.id])
    assert (matter.title, matter.summary) == (
        "我是（姓名略），找过某书记，东山村的路灯一直没装",
        "我是（姓名略），找过某书记，东山村的路灯一直没装。（姓名略）",
    )
    assert row.content == said, "the original stays"
    assert "示例群众甲" not in opened(here[:2]).summary


def test_each_gets_a_matter_of_its_own_with_the_next_number(here):
    opened([here[0]])
    made = merging.open_each(rows(here[1:]), by=OFFICE, now=NOW)
    assert [(each.number, len(each.suggestions)) for each in made] == [(2, 1), (3, 1)]


@pytest.mark.parametrize("state", ["filed", "refused"])
def test_what_somebody_else_has_taken_is_not_merged(here, state):
    first, *others = rows(here)
    if state == "filed":
        opened([first.id])
    else:
        suggestions.refuse(first, "广告", by=OFFICE, now=NOW)
    broken = refused(
        "第 1 号建议已由其他人归并或不予受理", lambda **by: merging.open_matter([first, *others], **by)
    )
    assert broken.code == "taken"
    assert [each.state for each in others] == [SuggestionState.RECEIVED] * 2


def test_years_are_not_mixed(here):
    other = suggest("去年的建议", year=2026)
    refused("不同年度", lambda **by: merging.open_matter([*rows(here), other], **by))
    matter = opened(here[:1])
    refused("不属于同一年度", lambda **by: merging.merge(matter, [other], **by))
    refused("先勾选", lambda **by: merging.open_matter([], **by))


def test_a_suggestion_goes_back_to_the_work_list_and_the_last_takes_its_matter_along(world, here):
    matter = opened(here[:2])
    first, second, _ = rows(here)
    assert merging.split(matter, first, by=OFFICE, now=NOW)
    assert (first.state, first.matter_id) == (SuggestionState.RECEIVED, None)
    refused("已不在本事项中", lambda **by: merging.split(matter, first, **by))
    assert not merging.split(matter, second, by=OFFICE, now=NOW)
    assert matters.get(matter.id) is None
    assert second.state == SuggestionState.RECEIVED


def meanwhile(model, id_, **values):
    """What somebody else has committed, of which the rows in hand do not know."""
    query = update(model).where(model.id == id_).values(**values)
    db.session.execute(query, execution_options={"synchronize_session": False})


def test_what_somebody_else_did_meanwhile_is_seen(here):
    """The rows were read when the page was asked for; they are read anew once they are held."""
    matter = matters.get(opened(here[:2]).id)
    first, second, third = rows(here)
    meanwhile(Suggestion, second.id, state=SuggestionState.RECEIVED, matter_id=None)
    refused("已不在本事项中", lambda **by: merging.split(matter, second, **by))
    assert not merging.split(matter, first, by=OFFICE, now=NOW)  # it is the last one now
    assert matters.get(matter.id) is None
    refused("刚由其他人并入", lambda **by: merging.split(matter, first, **by))
    other = opened([first.id])
    meanwhile(Suggestion, third.id, state=SuggestionState.FILED, matter_id=other.id)
    with pytest.raises(RuleBroken):
        suggestions.refuse(third, "广告", by=OFFICE, now=NOW)


def test_the_last_suggestion_stays_once_something_has_happened(world, here):
    matter = opened(here[:1])
    sent(matter, world)
    transfers.recall(matter, by=OFFICE, now=NOW)
    refused("最后一条建议", lambda **by: merging.split(matters.get(matter.id), rows(here)[0], **by))


def test_two_matters_become_one_with_all_that_happened(world, here):
    one, other = opened(here[:1]), opened(here[1:])
    transfers.answer(sent(other, world), opinion="可行。", proposal=Outcome.CANDIDATE, by=UNIT, now=NOW)
    merging.join(one, other, by=OFFICE, now=NOW)
    one = matters.get(one.id)
    assert matters.get(other.id) is None
    assert [each.id for each in one.suggestions] == here
    assert [(each.state, each.opinion) for each in one.transfers] == [(TransferState.ANSWERED, "可行。")]
    assert one.state == MatterState.REPORTED
    refused("另一个事项", lambda **by: merging.join(one, one, **by))


@pytest.mark.parametrize("how", ["transferred", "decided"])
def test_nothing_is_merged_with_what_is_under_way_or_decided(world, here, how):
    matter, other = opened(here[:1]), opened(here[1:2])
    if how == "transferred":
        sent(matter, world)
    else:
        decisions.decide(matter, Outcome.DEPUTY_PROPOSAL, by=OFFICE, now=NOW)
    for act in (
        lambda **by: merging.merge(matter, rows(here[2:]), **by),
        lambda **by: merging.split(matter, rows(here)[0], **by),
        lambda **by: merging.join(matter, other, **by),
        lambda **by: merging.join(other, matter, **by),
    ):
        refused("再作归并或拆分", act)


# --- 交办 ----------------------------------------------------------------------------------------------


def test_a_unit_is_asked_and_answers(world, here):
    matter = opened(here[:1])
    made = sent(matter, world)
    assert (made.sent_on, made.due_on, matter.state) == (DAY, date(2027, 2, 2), MatterState.TRANSFERRED)
    assert transfers.due(DAY) == [
        ("transfer", made.id, TEXTS[0][0], date(2027, 2, 2), world.departments["county"])
    ]
    assert transfers.due(DAY, own=world.departments["county"] + 1) == []
    refused("页面可能已经过时", lambda **by: sent(matter, world))
    transfers.answer(made, opinion=" 可列入。 ", proposal=Outcome.CANDIDATE, by=UNIT, now=at(2026, 11, 20))
    assert (made.state, made.opinion, made.answered_on, made.answered_by, matter.state) == (
        TransferState.ANSWERED, "可列入。", date(2026, 11, 20), UNIT.name, MatterState.REPORTED,
    )  # fmt: skip
    assert transfers.due(DAY) == []
    refused("已经反馈", lambda **by: transfers.send_back(made, "不归我们", **by))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"department_id": None}, "department_id"),
        ({"department_id": 0}, "department_id"),
        ({"due_on": date(2026, 11, 1)}, "due_on"),
        ({"due_on": date(2027, 2, 3)}, "due_on"),
        ({"instruction": "长" * 2001}, "instruction"),
    ],
)
def test_a_faulty_transfer_is_refused_at_its_field(world, here, values, field):
    matter = opened(here[:1])
    given = {"department_id": world.departments["county"], "instruction": "", **values}
    assert refused("请|期限|最多", lambda **by: transfers.send(matter, **given, **by)).field == field
    assert matters.get(matter.id).transfers == []


def test_a_unit_of_another_body_is_none_of_ours(world, here):
    matter = opened(here[:1])
    refused(
        "请选择责任单位",
        lambda **by: transfers.send(matter, world.departments["other"], instruction="", **by),
    )


def test_sending_back_within_seven_working_days_of_the_place(world, here):
    matter, other = opened(here[:1]), opened(here[1:2])
    body = bodies.get_body(world.county)
    bodies.change_settings(body, {"holidays": ["2026-11-05"]}, by=OFFICE, now=NOW)
    made, late = sent(matter, world), sent(other, world)
    with pytest.raises(RuleBroken, match="最迟为2026年11月12日"):
        transfers.send_back(late, "属住建部门职责", by=UNIT, now=at(2026, 11, 13))
    assert late.state == TransferState.SENT
    with pytest.raises(RuleBroken, match="请写明退回的理由"):
        transfers.send_back(made, " ", by=UNIT, now=at(2026, 11, 12))
    transfers.send_back(made, "属住建部门职责", by=UNIT, now=at(2026, 11, 12, 23))
    assert (made.state, made.returned_on, matter.state) == (
        TransferState.RETURNED, date(2026, 11, 12), MatterState.OPEN,
    )  # fmt: skip
    sent(matter, world)  # and to somebody else
    transfers.recall(matter, by=OFFICE, now=NOW)
    assert [each.state for each in matters.get(matter.id).transfers] == [
        TransferState.RETURNED, TransferState.RECALLED,
    ]  # fmt: skip


@pytest.mark.sqlite
@pytest.mark.parametrize(("words", "found"), [("", 1), (" ", 1), ("路灯 安全", 1), ("路灯 电梯", 0)])
def test_all_words_are_looked_for_among_transfers(world, here, words, found):
    sent(opened(here[:2]), world)
    wanted = transfers.Filter(DAY, words=words)
    assert (len(transfers.page(wanted, 1)), transfers.counts(wanted).shown) == (found, found)


# --- outcomes ------------------------------------------------------------------------------------------


def test_a_candidate_is_entered_with_what_is_known(world, here):
    matter = opened(here[:2])
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
    found = stories.sources(project.id)
    assert (found.count, found.villages, found.channels) == (2, {"示例镇东山村": 2}, {Channel.VISIT: 2})


def test_a_candidate_is_linked_to_a_project_of_its_year(world, here):
    matter = opened(here[:1])
    other = factories.make_project("上年项目", year=2026)
    gone = factories.make_project("撤回的项目", state=ProjectState.WITHDRAWN)
    there = factories.make_project("已有项目")
    for wrong in (other.id, gone.id, 0 - 1):
        act = partial(decisions.decide, matter, Outcome.CANDIDATE, project_id=wrong)
        assert refused("2027年的一个候选项目", act).field == "project_id"
    assert there in decisions.linkable(matter)
    assert gone not in decisions.linkable(matter)
    decisions.decide(matter, Outcome.CANDIDATE, project_id=there.id, by=OFFICE, now=NOW)
    assert matter.project is there


def test_a_name_that_is_taken_leaves_the_matter_undecided(world, made):
    with world.work():
        factories.make_project("已有项目")
        matter_id = opened(made[:1]).id
    with pytest.raises(RuleBroken, match="已有名为") as broken, world.work():
        decisions.decide(matters.get(matter_id), Outcome.CANDIDATE, name="已有项目", by=OFFICE, now=NOW)
    assert broken.value.field == "name"
    with world.work():
        assert matters.get(matter_id).state == MatterState.OPEN


def test_decisions_and_answers_are_kept_when_it_is_taken_up_again(here):
    matter = opened(here[:1])
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


@pytest.mark.sqlite
@pytest.mark.parametrize(("outcome", "told"), [(Outcome.DECLINED, 0), (Outcome.RESERVE, 1)])
def test_what_was_taken_back_is_not_told_to_authors_until_it_is_decided_anew(here, outcome, told):
    matter = opened(here[:1])
    decisions.decide(matter, outcome, reason="条件不成熟。", answer="感谢。", by=OFFICE, now=NOW)
    decisions.reopen(matter, by=OFFICE, now=NOW)
    matter = matters.get(matter.id)
    for_authors, for_staff = (
        [each.title for each in stories.story(matter, staff=staff) if "处理结果" in each.title]
        for staff in (False, True)
    )
    assert (len(for_authors), len(for_staff)) == (told, 1)


@pytest.mark.parametrize(
    ("state", "held"),
    [("draft", False), ("listed", True), ("selected", True), ("not_selected", False), ("withdrawn", False)],
)
def test_what_is_on_its_way_to_the_vote_is_not_reopened(here, state, held):
    matter = opened(here[:1])
    project = factories.make_project("示例项目")
    decisions.decide(matter, Outcome.CANDIDATE, project_id=project.id, by=OFFICE, now=NOW)
    project.state = ProjectState(state)
    db.session.flush()
    if held:
        refused("已列入票决名单或已选定", lambda **by: decisions.reopen(matter, **by))
    else:
        decisions.reopen(matter, by=OFFICE, now=NOW)
        assert matter.project is None


def test_out_of_the_reserve_for_another_year(here):
    old = opened([suggest("旧建议", year=2025).id])
    opened(here[:1])
    refused("不在储备库", lambda **by: decisions.take_up(old, 2027, **by))
    decisions.decide(old, Outcome.RESERVE, answer="转入储备库。", by=OFFICE, now=NOW)
    refused("更早的年度", lambda **by: decisions.take_up(old, 2024, **by))
    decisions.take_up(old, 2027, by=OFFICE, now=NOW)
    assert (old.year, old.number, old.state, old.outcome) == (2027, 2, MatterState.OPEN, None)
    assert stories.funnel(2025)[:3] == (1, 0, 1)  # it counts in the year in which it was decided, too
    assert stories.funnel(2027).matters == 2


def test_a_new_suggestion_brings_a_matter_out_of_the_reserve(here):
    old = opened([suggest("路灯", year=2026).id])
    decisions.decide(old, Outcome.RESERVE, by=OFFICE, now=NOW)
    merging.merge(old, rows(here[:2]), by=OFFICE, now=NOW)
    old = matters.get(old.id)
    assert (old.year, old.state, [each.year for each in old.suggestions]) == (
        2027, MatterState.OPEN, [2026, 2027, 2027],
    )  # fmt: skip


# --- story, funnel, lists --------------------------------------------------------------------------------


def test_the_story_for_authors_and_for_staff(world, here):
    matter = opened(here[:2])
    transfers.send_back(sent(matter, world), "属住建部门职责", by=UNIT, now=NOW)
    second = sent(matter, world)
    transfers.answer(second, opinion="内部意见", proposal=Outcome.CANDIDATE, by=UNIT, now=at(2026, 11, 9))
    project = factories.make_project("示例项目")
    decisions.decide(
        matter, Outcome.CANDIDATE, project_id=project.id, answer="已纳入候选。", by=OFFICE, now=at(2026, 12, 1)
    )  # fmt: skip
    matter = matters.get(matter.id)
    told = [(each.on, each.title, each.words) for each in stories.story(matter)]
    assert told == [
        (DAY, "列为建议事项", "与另外 1 条内容相近的建议合并办理。"),
        (DAY, "交交通运输局研究办理", "请在2027年2月2日前提出意见。"),
        (date(2026, 11, 9), "交通运输局已提出办理意见", ""),
        (date(2026, 12, 1), "处理结果：纳入候选项目", ""),
        (date(2026, 12, 1), "答复", "已纳入候选。"),
    ]
    staff = [each.title for each in stories.story(matter, staff=True)]
    assert "交通运输局退回" in staff
    assert "交通运输局的意见" in staff
    project.state = ProjectState.LISTED  # nothing is told of the list before the result is announced
    assert len(stories.story(matter)) == len(told)


def test_what_waits_for_the_office_in_one_statement(world, made):
    with world.work():
        assert matters.to_do() == (2027, 3, None, 0)
        matter = opened(made[:1])
        transfers.answer(sent(matter, world), opinion="可。", proposal=Outcome.RESERVE, by=UNIT, now=NOW)
        suggest("去年的", year=2026)
    with world.work(), statements(world.database) as said:
        assert matters.to_do() == (2027, 2, 2027, 1)
        assert len(said) == 1
    with world.work("other"):
        assert matters.to_do() == (None, 0, None, 0)


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
def test_authors_read_how_their_project_ended_whatever_the_end(here, state, title):
    matter = opened(here[:1])
    tracking = make_tracked(1)[0]
    decisions.decide(
        matter, Outcome.CANDIDATE, project_id=tracking.project_id, by=OFFICE, now=at(2026, 12, 1)
    )
    tracking.state = state
    tracking.finished_on = None if title is None else date(2027, 12, 1)
    db.session.flush()
    told = [each.title for each in stories.story(matters.get(matter.id))][3:]
    assert told == ([title] if title else [])


@pytest.mark.sqlite
def test_the_funnel_in_three_statements(world, made):
    with world.work():
        suggestions.refuse(suggest("广告"), "广告", by=OFFICE, now=NOW)
        matter, other = opened(made[:2]), opened(made[2:])
        sent(matter, world)
        transfers.answer(matter.transfers[0], opinion="可。", proposal=Outcome.CANDIDATE, by=UNIT, now=NOW)
        chosen = factories.make_project("选定的项目", state=ProjectState.SELECTED)
        decisions.decide(matter, Outcome.CANDIDATE, project_id=chosen.id, by=OFFICE, now=NOW)
        decisions.decide(other, Outcome.CANDIDATE, by=OFFICE, now=NOW)
        gone, third = factories.make_project("撤回的项目"), opened([suggest("撤回").id])
        decisions.decide(third, Outcome.CANDIDATE, project_id=gone.id, by=OFFICE, now=NOW)
        gone.state = ProjectState.WITHDRAWN
        suggest("别年的", year=2028)
    with world.work(), statements(world.database) as said:
        assert stories.funnel(2027) == (5, 1, 3, 1, 2, 1)
        assert len(said) == 3
    with world.work("township"):
        assert stories.funnel(2027) == (0, 0, 0, 0, 0, 0)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [1, 2]),
        ({"state": MatterState.TRANSFERRED}, [1]),
        ({"outcome": Outcome.RESERVE}, [2]),
        ({"category": "便民服务", "words": "电梯"}, [2]),
        ({"words": "路灯 安全"}, [1]),
        ({"overdue": True}, [1]),
        ({"overdue": True, "day": DAY}, []),
        ({"sort": "many"}, [1, 2]),
        ({"sort": "newest"}, [2, 1]),
        ({"year": 2026}, []),
        ({"department_id": 0 - 1}, []),
    ],
)
def test_lists_of_matters(world, here, values, expected):
    matter, other = opened(here[:2]), opened(here[2:])
    sent(matter, world, due_on=DAY + timedelta(days=5))
    decisions.decide(other, Outcome.RESERVE, by=OFFICE, now=NOW)
    wanted = matters.Filter(**{"year": 2027, "day": date(2026, 12, 1), **values})
    found = matters.page(matters.search(wanted), 1)
    assert [row.matter.number for row in found] == expected
    assert matters.count(wanted) == len(expected)
    assert db.session.scalar(select(Project.id)) is None
