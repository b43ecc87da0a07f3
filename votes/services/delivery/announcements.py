"""主席团公告: publish a certified result, and start the tracking of the selected projects."""

from datetime import date, datetime
from typing import Any

from votes.db import db, flush_or
from votes.models import Announcement, Round
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import ROUND, RoundState
from votes.rules.people.actor import Actor
from votes.rules.voting.further import REASONS
from votes.services import audit
from votes.services.delivery import plans
from votes.services.meeting import events, rounds
from votes.services.projects import projects, reviews
from votes.services.voting import further, results, tally


def announce(
    round_: Round, *, number: int, announced_on: date, by: Actor, now: datetime
) -> Announcement | None:
    """Publish the result of a round.

    Record and announcement become public, selected projects become tracked ones.

    Earlier rounds of the question that were not announced yet are announced in it too. Projects that are still
    undecided (a further round follows) stay on the list; a rating moves no project; a rehearsal is announced in the
    hall only: it moves nothing, takes no number and leaves no announcement (None). Raises RuleBroken for a result
    without signatures, a tie that waits for the presidium, or a number that is taken.
    """
    round_ = rounds.lock(round_)
    if round_.state != RoundState.CERTIFIED or tally.result_of(round_) is None:
        raise RuleBroken("总监票人和监票人签字确认后才能公告；已公告的不能重复公告。")
    if round_.closed_at and announced_on < round_.session.starts_on:
        raise invalid("announced_on", "公告日期不能早于会议开始日期。")
    together = [*results.with_it(round_), round_]
    for each in together:
        follow_up = further.next_of(each)
        if follow_up and follow_up.kind == "tie_presidium" and each.decision is None:
            numbers = "、".join(map(str, follow_up.candidates))
            raise RuleBroken(
                f"第 {numbers} 项票数相等，由主席团决定。请先登记主席团的决定，再发布公告。", code="undecided"
            )
    if round_.rehearsal:
        for each in together:
            _end(rounds.lock(each), {}, by=by, now=now)
        return None
    row = Announcement(
        session_id=round_.session_id,
        round_id=round_.id,
        number=number,
        announced_on=announced_on,
        published_by=by.name,
    )
    db.session.add(row)
    flush_or(
        invalid("number", f"第 {number} 号公告已经存在，请换一个文号。"),
        constraint="uq_announcements_number",
    )
    for each in together:
        _end(rounds.lock(each), {"number": number, "on": announced_on.isoformat()}, by=by, now=now)
        if rounds.rule_of(each).method != "rating":
            _move_projects(each, by=by, now=now)
    return row


def _end(round_: Round, facts: dict[str, Any], *, by: Actor, now: datetime) -> None:
    round_.state = step(ROUND, round_.state, "announce")
    round_.announced_at = now
    events.append(round_, "announce", by=by, at=now, **facts)
    audit.record("round.announce", by=by, at=now, about=round_, after=facts or {"rehearsal": True})


def _move_projects(round_: Round, *, by: Actor, now: datetime) -> None:
    by_number = {c.number: c.project_id for c in round_.candidates}
    chosen, follow_up = further.chosen(round_), further.next_of(round_)
    follow = set(follow_up.candidates) if follow_up and follow_up.kind in REASONS else set()
    selected = [by_number[no] for no in chosen]
    rest = [id_ for no, id_ in by_number.items() if no not in chosen and no not in follow]
    reviews.mark_selected(selected, rest, by=by, now=now)
    for project_id in selected:
        project = projects.get(project_id)
        assert project is not None
        plans.start(project, round_id=round_.id, by=by, now=now)
