"""Keying: two people read each paper of a box line by line, and 总监票人 decides on what differs (rule.paper = keyed)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from votes.db import db, flush_or
from votes.models import PaperBox, PaperDecision, PaperEntry, Round
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import TellerRole
from votes.rules.voting.paper_ballots import Pair, Reading, read_line
from votes.services import audit
from votes.services.meeting import rounds
from votes.services.voting.ballot_boxes import admit_reader, check_two_readers, key_of, lock
from votes.services.voting.box_contents import numbers, of_round, pairs, plain_marks, reading_of
from votes.services.voting.paper_ballots import mode


@dataclass(frozen=True)
class ReaderSeat:
    """Hold what one person may do at a box: which reading is theirs, how far it is, their own last papers."""

    reading: int
    done: int
    papers: int
    last: list[tuple[int, Reading]]

    @property
    def complete(self) -> bool:
        """Return True when this reading has every paper of the box."""
        return self.done >= self.papers


def seat(box: PaperBox, by: Actor) -> ReaderSeat:
    """Return the reading that is (or would become) ``by``'s. Nobody is shown what another has read.

    Raises RuleBroken for the chief, who decides; for a third person; for a second before the first is through; and for
    a second where neither is a teller or named for the session.
    """
    _not_the_chief(box, by)
    papers = box.papers or 0
    of_box = PaperEntry.box_id == box.id
    query = select(PaperEntry.reading, func.count()).where(of_box).group_by(PaperEntry.reading)
    counts: dict[int, int] = {row[0]: row[1] for row in db.session.execute(query)}
    reading = _reading_for(box, key_of(by), counts.get(1, 0))
    own = select(PaperEntry).where(of_box, PaperEntry.reading == reading)
    last = db.session.scalars(own.order_by(PaperEntry.position.desc()).limit(8))
    return ReaderSeat(reading, counts.get(reading, 0), papers, [(e.position, reading_of(e)) for e in last])


def _reading_for(box: PaperBox, key: str, read_once: int) -> int:
    """Return which reading (1 or 2) is the person's; ``read_once`` papers have their first reading."""
    if key == box.first_keyer or box.first_keyer is None:
        return 1
    if key == box.second_keyer:
        return 2
    if box.second_keyer is not None:
        words = f"第 {box.number} 号票箱的两遍录入已由{box.first_keyer_name}、{box.second_keyer_name}承担。"
        raise RuleBroken(words, code="taken", status=403)
    if read_once < (box.papers or 0):
        words = f"{box.first_keyer_name}正在录入第一遍（{read_once} / {box.papers or 0} 张），录完后请您录入第二遍。"
        raise RuleBroken(words, code="not_yet")
    check_two_readers(box.round, box.first_keyer, key)
    return 2


def _not_the_chief(box: PaperBox, by: Actor) -> None:
    if any(t.deputy_id == by.deputy_id and t.role == TellerRole.CHIEF for t in box.round.session.tellers):
        words = "总监票人负责核定两遍录入不一致的票，不参加录入。请由监票人或计票人员录入。"
        raise RuleBroken(words, code="chief", status=403)


def enter(box: PaperBox, typed: str, position: int, *, by: Actor, now: datetime) -> ReaderSeat:
    """Store what ``by`` reads on the paper at ``position`` of the pile and return where they stand then.

    The same line for the same paper again (an answer was lost) changes nothing. Raises RuleBroken for a line that
    cannot be read, a position out of turn, and as `seat` does.
    """
    box = lock(box)
    if mode(box.round) != "keyed":
        raise RuleBroken("本轮纸质票由人工计票，只录入各票箱的合计。")
    admit_reader(box.round, by, now)
    sitting = seat(box, by)
    reading = _read(box, typed)
    if position == sitting.done and sitting.last and sitting.last[0][1] == reading:
        return sitting
    if sitting.complete:
        words = f"本箱 {sitting.papers} 张已经全部录入。张数有误的，请工作人员重新录入本箱。"
        raise RuleBroken(words, code="complete")
    if position != sitting.done + 1:
        words = f"接下来应录入第 {sitting.done + 1} 张。请核对手中的票是第几张，再录入。"
        raise RuleBroken(words, code="out_of_turn")
    order = "first" if sitting.reading == 1 else "second"
    setattr(box, f"{order}_keyer", key_of(by))
    setattr(box, f"{order}_keyer_name", by.name[:60])
    entry = PaperEntry(position=position, reading=sitting.reading)
    _write(entry, reading)
    box.entries.append(entry)
    flush_or(RuleBroken("两遍录入须由两个人分别进行。", status=403), constraint="two_people")
    return seat(box, by)


def _read(box: PaperBox, typed: str) -> Reading:
    """Return what a typed line says. Raises RuleBroken for a line that cannot be read."""
    return read_line(rounds.rule_of(box.round), numbers(box.round), typed)


def _write(row: PaperEntry | PaperDecision, reading: Reading) -> None:
    row.marks, row.spoilt, row.reason = plain_marks(reading), reading.spoilt, reading.reason


def undo(box: PaperBox, *, by: Actor, now: datetime) -> ReaderSeat:
    """Take back one's own last paper; refused once the reading is complete and another one builds on it."""
    box = lock(box)
    sitting = seat(box, by)
    if not sitting.done:
        raise RuleBroken("还没有录入任何票。")
    if (sitting.reading == 1 and box.second_keyer is not None) or (sitting.reading == 2 and sitting.complete):
        words = "这一遍已经录完并交付核对，不能再撤销。两遍不一致的，由总监票人核定。"
        raise RuleBroken(words, code="complete")
    own = (sitting.reading, sitting.done)
    box.entries.remove(next(entry for entry in box.entries if (entry.reading, entry.position) == own))
    db.session.flush()
    return seat(box, by)


@dataclass(frozen=True)
class Doubt:
    """Hold a paper for 总监票人: read differently, or called spoilt by both."""

    box: PaperBox
    pair: Pair


def doubts(round_: Round) -> list[Doubt]:
    """Return what the chief looks at: papers read differently first, then those that both readers call spoilt.

    Only boxes that both have read to the end count: until then the second reader could learn from the first.
    """
    if mode(round_) != "keyed":
        return []
    rows = []
    for box in of_round(round_):
        both = pairs(box)
        if len(both) == (box.papers or 0):
            rows += [Doubt(box, pair) for pair in both if pair.differs or pair.first.spoilt or pair.decided]
    return sorted(rows, key=lambda doubt: (doubt.pair.settled is not None, doubt.box.number))


def decide(
    box: PaperBox, position: int, choice: str, typed: str = "", *, by: Actor, now: datetime
) -> PaperDecision:
    """Record how 总监票人 reads a paper in doubt: ``choice`` first | second | other (then ``typed`` as when keying).

    It may be decided anew until the count. Raises RuleBroken for a paper that is not in doubt, and for anybody but
    the chief.
    """
    box = lock(box)
    chief = next((t for t in box.round.session.tellers if t.role == TellerRole.CHIEF), None)
    if chief is None or chief.deputy_id != by.deputy_id:
        raise RuleBroken("只有总监票人可以核定。", status=403)
    doubt = next((d for d in doubts(box.round) if d.box.id == box.id and d.pair.position == position), None)
    if doubt is None:
        raise RuleBroken("这张票两遍录入一致，或者还没有录完，不需要核定。", code="no_doubt")
    if choice not in ("first", "second", "other"):
        raise RuleBroken("请选择采用哪一种认定。", field="choice", status=422)
    reading = {"first": doubt.pair.first, "second": doubt.pair.second}.get(choice) or _read(box, typed)
    row = next((d for d in box.decisions if d.position == position), None)
    if row is None:
        row = PaperDecision(position=position, deputy_id=chief.deputy_id)
        box.decisions.append(row)
    _write(row, reading)
    row.name, row.decided_at = chief.deputy.name, now
    db.session.flush()
    audit.record("paper.decide", by=by, at=now, about=box.round, after={"box": box.number, "paper": position})
    return row
