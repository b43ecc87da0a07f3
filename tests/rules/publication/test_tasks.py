"""Kinds of tasks: words, pages, and the section of the front page in which they stand."""

from datetime import date

import pytest

from votes.rules.publication.tasks import DUE_NOUNS, Task, TaskSection, by_section


@pytest.mark.parametrize(
    ("task", "words", "endpoint", "values"),
    [
        (Task("round_opened", 7, "票决"), "票决“票决”正在投票", "rounds.show", {"round_id": 7}),
        (
            Task("gate", title="常委会", count=2),
            "2 个项目等待登记“常委会”的审议结果",
            "projects.index",
            {"state": "reviewing"},
        ),
        (
            Task("suggestions_waiting", 2027, count=3),
            "3 条2027年的建议等待归并",
            "matters.inbox",
            {"year": 2027},
        ),
        (
            Task("matters_reported", 2027, count=4),
            "4 个建议事项单位已反馈，等待确定处理结果",
            "matters.index",
            {"year": 2027, "state": "reported"},
        ),
        (Task("no_roster"), "代表名册还是空的，请先导入", "roster.index", {}),
        (Task("report", 5, "公路：{6}月报"), "公路：{6}月报", "progress.show", {"tracking_id": 5}),
    ],
)
def test_task_has_the_words_and_the_page_of_its_kind(task, words, endpoint, values):
    assert (task.words, task.endpoint, task.values) == (words, endpoint, values)


def test_due_nouns_name_each_kind_with_a_due_day():
    assert list(DUE_NOUNS) == ["report", "transfer", "rectification", "inspection", "rereport"]
    assert all(DUE_NOUNS.values())


def test_by_section_keeps_the_order_within_each():
    tasks = [Task("report", 1), Task("no_roster"), Task("citizen_comments"), Task("drafts")]
    assert by_section(tasks) == {
        TaskSection.WORK: [tasks[1], tasks[3]],
        TaskSection.OUTCOMES: [tasks[2]],
        TaskSection.DUE: [tasks[0]],
    }


def test_order_puts_the_earliest_due_day_first():
    late, early, never = (
        Task("report", 1, due_on=date(2027, 7, 9)),
        Task("transfer", 2, due_on=date(2027, 7, 5)),
        Task("no_roster"),
    )
    assert sorted([never, late, early], key=lambda task: task.order) == [early, late, never]


def test_days_over_is_negative_before_the_due_day():
    task = Task("report", 1, due_on=date(2027, 7, 5))
    assert [task.days_over(date(2027, 7, day)) for day in (3, 5, 8)] == [-2, 0, 3]
