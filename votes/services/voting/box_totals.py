"""Boxes counted by hand: one person enters the sums of a box, a second confirms them (rule.paper = totals)."""

from datetime import datetime

from votes.db import db, flush_or
from votes.models import PaperBox
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.voting.digests import json_digest
from votes.rules.voting.reconciliation import box_complaints
from votes.rules.voting.result import BoxTotal
from votes.services import audit
from votes.services.meeting import rounds
from votes.services.voting.ballot_boxes import admit_reader, check_two_readers, key_of, lock
from votes.services.voting.box_contents import numbers
from votes.services.voting.paper_ballots import mode


def enter_totals(box: PaperBox, total: BoxTotal, *, by: Actor, now: datetime) -> None:
    """Enter what was counted by hand out of a box; a second person confirms it (`confirm_totals`).

    Raises RuleBroken where the sums are impossible: 收回 = 有效 + 无效, 赞成 + 反对 + 弃权 = 有效, 赞成 in all at most
    seats × 有效.
    """
    box = lock(box)
    admit_reader(box.round, by, now)
    if mode(box.round) != "totals":
        raise RuleBroken("本轮纸质票逐张录入，不录入合计。")
    if box.second_keyer is not None:
        raise RuleBroken("本箱合计已经两人核对。确有错误的，请工作人员重新录入本箱。")
    complaints = box_complaints(rounds.rule_of(box.round), numbers(box.round), total)
    if total.returned != box.papers:
        complaints.insert(
            0,
            f"收回 {box.papers} 张，不等于有效 {total.valid} 张与无效 {total.invalid} 张之和 {total.returned} 张。",
        )
    if complaints:
        raise RuleBroken("".join(complaints), code="box_sums", status=422)
    box.totals = {
        **audit.facts(total, "valid", "invalid"),
        "counts": {str(no): dict(row) for no, row in sorted(total.counts.items())},
    }
    box.first_keyer, box.first_keyer_name, box.totals_by = key_of(by), by.name[:60], by.name[:60]
    db.session.flush()
    audit.record("paper.totals", by=by, at=now, about=box.round, after={"box": box.number})


def may_see_totals(box: PaperBox, by: Actor) -> bool:
    """Return True for the two people who vouch for the sums, and for anybody while the second is still missing."""
    if key_of(by) in (box.first_keyer, box.second_keyer):
        return True
    return box.second_keyer is None and box.round.state == RoundState.CLOSED


def totals_mark(box: PaperBox) -> str:
    """Return the digest of the sums as they are now, so that nobody confirms others than they have seen."""
    return json_digest("sha256", box.totals)


def confirm_totals(box: PaperBox, *, seen: str, by: Actor, now: datetime) -> None:
    """Record that a second person has compared the entered sums with the counting slip.

    ``seen`` is the `totals_mark` at that time. Raises RuleBroken for the first one, and when the sums were corrected meanwhile.
    """
    box = lock(box)
    admit_reader(box.round, by, now)
    if box.totals is None:
        raise RuleBroken("本箱还没有录入合计。")
    if box.second_keyer is not None:
        raise RuleBroken("本箱合计已经两人核对，无需再次确认。")
    if seen != totals_mark(box):
        raise RuleBroken("本箱合计在您打开页面之后有改动，请与计票单重新核对后再确认。", code="changed")
    if key_of(by) != box.first_keyer:
        check_two_readers(box.round, box.first_keyer, key_of(by))
    box.second_keyer, box.second_keyer_name = key_of(by), by.name[:60]
    flush_or(
        RuleBroken(f"合计由{box.first_keyer_name}录入，须由另一人核对确认。", status=403),
        constraint="two_people",
    )
    audit.record("paper.confirm_totals", by=by, at=now, about=box.round, after={"box": box.number})
