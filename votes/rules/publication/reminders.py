"""When a task with a due day is pointed out, and how the days are put in words."""

from datetime import date

from votes.rules.publication.tasks import Task

#: A task is pointed out so many days before its due day for the first time; once overdue, every week.
BEFORE, AGAIN = 3, 7


def step(days_over: int) -> int | None:
    """Return the reminder that is due so many days after the due day: −3, 0, 7, 14 …; None for none yet.

    ``days_over`` is negative before the day. A step holds until the next, so that a command that runs only
    now and then misses none and sends none twice.
    """
    if days_over < -BEFORE:
        return None
    return -BEFORE if days_over < 0 else days_over // AGAIN * AGAIN


def key(task: Task, day: date) -> str | None:
    """Return the key by which the reminder of ``task`` on ``day`` goes out once; None where it is too early."""
    reached = step(task.days_over(day))
    return None if reached is None else f"{task.kind}:{task.about_id}:{task.due_on}:{reached}"


def when(task: Task, day: date) -> str:
    """Return the term in words: 已逾期 3 天, 今天到期, 还有 2 天."""
    over = task.days_over(day)
    if over > 0:
        return f"已逾期 {over} 天"
    return "今天到期" if over == 0 else f"还有 {-over} 天"
