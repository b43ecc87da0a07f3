"""Merging: filing, splitting, joining; every suggestion and author stays."""

import pytest
from sqlalchemy import select, update

from tests.services.suggestions.samples import (
    NOW,
    OFFICE,
    TEXTS,
    UNIT,
    fill,
    opened,
    refused,
    rows,
    sent,
    suggest,
)
from votes.db import db
from votes.models import AuditEntry, Author, Suggestion
from votes.rules.errors import RuleBroken
from votes.rules.suggestions.matters import MatterState, MatterText, Outcome, TransferState
from votes.rules.suggestions.suggestions import AuthorText, SuggestionState
from votes.services.suggestions import decisions, matters, merging, suggestions, transfers

PREPARED = {"ids_only": fill}


def change_elsewhere(model, id_, **values):
    """Change a row as another request would, so that the rows at hand do not know."""
    query = update(model).where(model.id == id_).values(**values)
    db.session.execute(query, execution_options={"synchronize_session": False})


def test_merge_keeps_every_suggestion_and_author(ids):
    before = {each.id: (each.title, each.content, each.code) for each in rows(ids)}
    matter = opened(ids[:2])
    assert (matter.year, matter.number, matter.state, matter.title) == (
        2027,
        1,
        MatterState.OPEN,
        TEXTS[0][0],
    )
    assert matter.village.full_name == "示例镇东山村"
    merging.merge(matter, rows(ids[2:]), by=OFFICE, now=NOW)
    matters.edit(matter, MatterText("县城路灯和电梯", "合并办理", "城市建设"), by=OFFICE, now=NOW)
    assert {
        each.id: (each.title, each.content, each.code) for each in matters.get(matter.id).suggestions
    } == before
    assert {each.state for each in matter.suggestions} == {SuggestionState.FILED}
    assert [a.name for a in db.session.scalars(select(Author).order_by(Author.suggestion_id))] == [
        "示例群众0", "示例群众1", "示例群众2",
    ]  # fmt: skip


def test_open_matter_keeps_numbers_out_and_texts_out_of_the_log(world, ids_only):
    with world.work():
        matter = opened(ids_only[:2])
        assert "13800000000" not in matter.summary
        assert "（号码略）" in matter.summary
        matters.edit(matter, MatterText("新名称", "新摘要"), by=OFFICE, now=NOW)
    with world.work(None):
        lines = db.session.scalars(select(AuditEntry).where(AuditEntry.action.like("matter.%"))).all()
    assert [(line.action, line.about) for line in lines] == [
        ("matter.open", "2027年第1号建议事项"),
        ("matter.edit", "2027年第1号建议事项"),
    ]
    logged = "".join(f"{line.before}{line.after}" for line in lines)
    assert "路灯" not in logged
    assert "新" not in logged


@pytest.mark.sqlite
def test_open_matter_keeps_names_of_persons_out(ids):
    content = "我是示例群众甲，找过张书记，东山村的路灯一直没装。示例群众甲"
    row = suggest("", content, author=AuthorText(name="示例群众甲"))
    matter = opened([row.id])
    assert (matter.title, matter.summary) == (
        "我是（姓名略），找过某书记，东山村的路灯一直没装",
        "我是（姓名略），找过某书记，东山村的路灯一直没装。（姓名略）",
    )
    assert row.content == content, "the suggestion stays as it came"
    assert "示例群众甲" not in opened(ids[:2]).summary


def test_open_each_numbers_one_matter_for_each_suggestion(ids):
    opened([ids[0]])
    matters_ = merging.open_each(rows(ids[1:]), by=OFFICE, now=NOW)
    assert [(each.number, len(each.suggestions)) for each in matters_] == [(2, 1), (3, 1)]


@pytest.mark.parametrize("state", ["filed", "refused"])
def test_open_matter_with_filed_or_refused_suggestion_is_refused(ids, state):
    first, *others = rows(ids)
    if state == "filed":
        opened([first.id])
    else:
        suggestions.refuse(first, "广告", by=OFFICE, now=NOW)
    broken = refused(
        "第 1 号建议已由其他人归并或不予受理", lambda **by: merging.open_matter([first, *others], **by)
    )
    assert broken.code == "taken"
    assert [each.state for each in others] == [SuggestionState.RECEIVED] * 2


def test_merge_of_different_years_is_refused(ids):
    other = suggest("去年的建议", year=2026)
    refused("不同年度", lambda **by: merging.open_matter([*rows(ids), other], **by))
    matter = opened(ids[:1])
    refused("不属于同一年度", lambda **by: merging.merge(matter, [other], **by))
    refused("先勾选", lambda **by: merging.open_matter([], **by))


def test_split_of_the_last_suggestion_deletes_the_matter(world, ids):
    matter = opened(ids[:2])
    first, second, _ = rows(ids)
    assert merging.split(matter, first, by=OFFICE, now=NOW)
    assert (first.state, first.matter_id) == (SuggestionState.RECEIVED, None)
    refused("已不在本事项中", lambda **by: merging.split(matter, first, **by))
    assert not merging.split(matter, second, by=OFFICE, now=NOW)
    assert matters.get(matter.id) is None
    assert second.state == SuggestionState.RECEIVED


def test_split_reads_again_what_others_have_changed(ids):
    """The rows were read when the page was asked for; they are read anew once they are held."""
    matter = matters.get(opened(ids[:2]).id)
    first, second, third = rows(ids)
    change_elsewhere(Suggestion, second.id, state=SuggestionState.RECEIVED, matter_id=None)
    refused("已不在本事项中", lambda **by: merging.split(matter, second, **by))
    assert not merging.split(matter, first, by=OFFICE, now=NOW)  # it is the last one now
    assert matters.get(matter.id) is None
    refused("刚由其他人并入", lambda **by: merging.split(matter, first, **by))
    other = opened([first.id])
    change_elsewhere(Suggestion, third.id, state=SuggestionState.FILED, matter_id=other.id)
    with pytest.raises(RuleBroken):
        suggestions.refuse(third, "广告", by=OFFICE, now=NOW)


def test_split_of_the_last_suggestion_after_transfer_is_refused(world, ids):
    matter = opened(ids[:1])
    sent(matter, world)
    transfers.recall(matter, by=OFFICE, now=NOW)
    refused("最后一条建议", lambda **by: merging.split(matters.get(matter.id), rows(ids)[0], **by))


def test_join_moves_suggestions_transfers_and_decisions(world, ids):
    one, other = opened(ids[:1]), opened(ids[1:])
    transfers.answer(sent(other, world), opinion="可行。", proposal=Outcome.CANDIDATE, by=UNIT, now=NOW)
    merging.join(one, other, by=OFFICE, now=NOW)
    one = matters.get(one.id)
    assert matters.get(other.id) is None
    assert [each.id for each in one.suggestions] == ids
    assert [(each.state, each.opinion) for each in one.transfers] == [(TransferState.ANSWERED, "可行。")]
    assert one.state == MatterState.REPORTED
    refused("另一个事项", lambda **by: merging.join(one, one, **by))


def test_join_moves_the_decisions_of_a_reopened_matter(ids):
    one, other = opened(ids[:1]), opened(ids[1:])
    for matter, reason in ((one, "条件不具备。"), (other, "资金未落实。")):
        decisions.decide(matter, Outcome.DECLINED, reason=reason, by=OFFICE, now=NOW)
        decisions.reopen(matter, by=OFFICE, now=NOW)
    merging.join(matters.get(one.id), matters.get(other.id), by=OFFICE, now=NOW)
    assert [each.reason for each in matters.get(one.id).decisions] == ["条件不具备。", "资金未落实。"]


@pytest.mark.parametrize("how", ["transferred", "decided"])
def test_merge_split_join_under_way_or_decided_are_refused(world, ids, how):
    matter, other = opened(ids[:1]), opened(ids[1:2])
    if how == "transferred":
        sent(matter, world)
    else:
        decisions.decide(matter, Outcome.DEPUTY_PROPOSAL, by=OFFICE, now=NOW)
    for act in (
        lambda **by: merging.merge(matter, rows(ids[2:]), **by),
        lambda **by: merging.split(matter, rows(ids)[0], **by),
        lambda **by: merging.join(matter, other, **by),
        lambda **by: merging.join(other, matter, **by),
    ):
        refused("再作归并或拆分", act)


def test_merge_into_reserve_takes_the_matter_up(ids):
    old = opened([suggest("路灯", year=2026).id])
    decisions.decide(old, Outcome.RESERVE, by=OFFICE, now=NOW)
    merging.merge(old, rows(ids[:2]), by=OFFICE, now=NOW)
    old = matters.get(old.id)
    assert (old.year, old.state, [each.year for each in old.suggestions]) == (
        2027, MatterState.OPEN, [2026, 2027, 2027],
    )  # fmt: skip
