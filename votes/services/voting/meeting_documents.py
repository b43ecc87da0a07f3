"""The papers of the day of a round (文书): each as Word and PDF, and all of them together."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from votes.clock import local
from votes.db import db
from votes.exports.formats import bundle
from votes.exports.voting import blanks, documents as papers, meeting_documents as words
from votes.exports.voting.documents import Paper
from votes.models import Delegation, Deputy, RollEntry, Round, Turnout, table_of
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, shows_counts
from votes.rules.people.roles import DeputyState, TellerRole
from votes.rules.voting import meeting_documents as rules
from votes.rules.voting.further import nth
from votes.services.meeting import motions, rounds, sessions
from votes.services.people import bodies
from votes.services.voting import ballot_boxes, digests, documents, results, tally

_roll, _turnout = table_of(RollEntry), table_of(Turnout)
_random = secrets.SystemRandom()

#: The paper of the session, not of the round, that goes with the set.
HANDS = "motions"


# --- what there is ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Available:
    """A paper of the day in a round: `missing` says why it cannot be made yet; empty when it can."""

    key: str
    name: str
    use: str
    missing: str


def overview(round_: Round) -> list[Available]:
    """All papers of the day in their order."""
    rule = rounds.rule_of(round_)
    return [
        Available(
            paper.key,
            paper.name,
            paper.use,
            rules.missing(paper.key, round_.state, returned=_listed(round_), small_body=rule.small_body),
        )
        for paper in rules.DAY_PAPERS
    ]


@dataclass(frozen=True)
class Part:
    """One file of the set: `key` names it in a request, `file` in the folder."""

    key: str
    file: str


def parts(round_: Round) -> list[Part]:
    """The files that make the set now, in their order."""
    found = []
    for number, paper in enumerate(overview(round_), start=1):
        if not paper.missing:
            found += [
                Part(f"{paper.key}.{kind}", f"{number:02d}-{paper.name}.{kind}") for kind in ("docx", "pdf")
            ]
    if shows_counts(round_.state):
        found.append(Part("results.xlsx", "11-计票结果.xlsx"))
        found.append(Part("record.json", "12-票决记录.json"))
    if hands(round_) is not None:
        found += [Part(f"{HANDS}.{kind}", f"13-举手表决结果.{kind}") for kind in ("docx", "pdf")]
    return found


def hands(round_: Round) -> Paper | None:
    """举手表决结果 of the round's session; None where nothing is entered, and for a rehearsal, which decides nothing."""
    if round_.rehearsal or not motions.of_session(round_.session):
        return None
    return motions.paper(round_.session)


def make(round_: Round, key: str, *, today: date) -> Callable[[], bytes]:
    """Read what the file needs, and answer what draws it: that takes no database and may take seconds.

    Raises RuleBroken for a file that does not exist (404) or not yet (409).
    """
    name, _, kind = key.rpartition(".")
    if key in ("results.xlsx", "record.json"):
        data = documents.results_workbook(round_) if kind == "xlsx" else documents.record_bytes(round_)
        return lambda: data
    paper = hands(round_) if name == HANDS else None
    if (name not in rules.BY_KEY and paper is None) or kind not in ("docx", "pdf"):
        raise RuleBroken("没有这种文书。", status=404)
    paper = paper or of(round_, name, today=today)
    if key == "sample.pdf":  # printed, it is the ballot itself
        blank = documents.blank_ballot(round_)
        return lambda: blanks.sheets(blank, 1)
    return (lambda: papers.to_pdf(paper)) if kind == "pdf" else (lambda: papers.to_docx(paper))


def file_name(round_: Round) -> str:
    return f"文书-{round_.title}{f'-{nth(round_.ordinal)}' if round_.ordinal > 1 else ''}{'-演练' if round_.rehearsal else ''}.zip"


def pack(round_: Round, files: dict[str, bytes]) -> bytes:
    """The files as one zip, with a list of their sizes and digests."""
    return bundle.zipped(bundle.with_manifest(files, round_.hash_name, title=file_name(round_)[:-4]))


# --- each of them ----------------------------------------------------------------------------------------


def of(round_: Round, key: str, *, today: date) -> Paper:
    """One paper of the day. Raises RuleBroken when it cannot be made in the round's state."""
    rule = rounds.rule_of(round_)
    rules.check(key, round_.state, returned=_listed(round_), small_body=rule.small_body)
    day = data(round_)
    match key:
        case "method":
            return words.method(day)
        case "points":
            return _points(round_)
        case "sample":
            return words.sample(day, documents.blank_ballot(round_))
        case "script":
            return words.script(day)
        case "signing_in":
            return words.signing_in(day, _groups(round_))
        case "attendance":
            return words.attendance(day, _attended(round_))
        case "sheet":
            return documents.counting_sheet(round_)
        case "report":
            return words.result_report(day, documents.sheet_data(round_))
        case "announcement":
            number = results.next_number(round_.session)
            return documents.announcement(round_, number=number, on=today)
        case _:
            return slips(round_)


def _listed(round_: Round) -> int:
    """How many ballots a list of them has, or stay off it where those are fewer: papers counted by hand are on none, and
    what the list lacks to the totals is theirs."""
    by_hand = sum(box.returned for box in ballot_boxes.boxes_of(round_))
    listed = (round_.returned or 0) - by_hand
    return min(listed, by_hand) if by_hand else listed


def slips(round_: Round) -> Paper:
    """选票清单. The caller sees to it that a small round's stays in the sealed archive."""
    by_hand = [(box.no, box.returned) for box in ballot_boxes.boxes_of(round_)]
    return words.slips(data(round_), _slips(round_), by_hand=by_hand)


def _points(round_: Round) -> Paper:
    roster = round_.roster or sessions.headcount(round_.session).roster or None
    return documents.rule_paper(round_, roster)


def data(round_: Round) -> words.DayData:
    """Everything that is known of the round now; nothing with votes before the signatures."""
    session, rule = round_.session, rounds.rule_of(round_)
    roster, present, leave, _ = sessions.headcount(session)
    if round_.roster is not None:
        roster, present = round_.roster, round_.present or 0
    begun = round_.roster is not None or present > 0
    closed = round_.returned is not None
    held = round_.closed_at or round_.opened_at
    return words.DayData(
        body=session.body.name,
        session=session.title,
        title=round_.title,
        held_on=local(held).date() if held else session.starts_on,
        rule=rule,
        candidates=[words.Candidate(c.number, c.name, c.summary, c.amount) for c in round_.candidates],
        organ=bodies.organ_of(session.body),
        place=session.place,
        ordinal=round_.ordinal,
        rehearsal=round_.rehearsal,
        roster=roster or None,
        present=present if begun else None,
        leave=leave if begun and round_.roster is None else None,
        issued=round_.issued if closed else None,
        returned=round_.returned if closed and round_.state != RoundState.CLOSED else None,
        tellers=_tellers(round_),
        passed=_passed(round_),
        sheet=documents.sheet_data(round_) if shows_counts(round_.state) and round_.result else None,
        digests=[
            ("票决办法", round_.rule_digest or digests.of(round_, round_.rule)),
            ("名册", round_.roll_digest or ""),
            ("票箱", round_.ballots_digest or ""),
        ],
        algorithm=round_.hash_name,
        software=f"民生票决 {round_.software}" if round_.software else "",
        opened=round_.opened_at is not None,
    )


def _tellers(round_: Round) -> list[words.Teller]:
    tellers = sorted(round_.session.tellers, key=lambda t: (t.role != TellerRole.CHIEF, t.id))
    return [words.Teller(t.deputy.name, chief=t.role == TellerRole.CHIEF) for t in tellers]


def _passed(round_: Round) -> dict[str, words.ShowOfHands]:
    """What the meeting decided by show of hands, found by what its title speaks of."""
    found = {}
    for motion in motions.of_session(round_.session):
        key = "tellers" if "监票" in motion.title else "method" if "办法" in motion.title else ""
        if key:
            found[key] = words.ShowOfHands(
                motion.votes_for, motion.votes_against, motion.abstentions, motion.passed
            )
    return found


def _groups(round_: Round) -> list[tuple[str, list[tuple[str, str]]]]:
    """The deputies by delegation: as frozen on the roll, before that those in office."""
    order = {d.name: (d.position, d.id) for d in db.session.scalars(select(Delegation))}
    if round_.roster is not None:
        rows = [(line["delegation"], line["number"], line["name"]) for line in digests.roll_lines(round_)]
    else:
        names = {d.id: d.name for d in db.session.scalars(select(Delegation))}
        rows = [
            (names[deputy.delegation_id], deputy.number, deputy.name)
            for deputy in db.session.scalars(
                select(Deputy).where(Deputy.state == DeputyState.ACTIVE).order_by(Deputy.number)
            )
        ]
    if not rows:
        raise RuleBroken(bodies.speak("代表名册上还没有在任代表，不能生成签到册。请先导入名册。"))
    groups: dict[str, list[tuple[str, str]]] = {}
    for delegation, number, name in sorted(rows, key=lambda r: (order.get(r[0], (9999, 0)), r[1])):
        groups.setdefault(delegation, []).append((number, name))
    return list(groups.items())


def _attended(round_: Round) -> list[words.Attended]:
    voted = {line["deputy"] for line in digests.turnout_lines(round_)}
    order = {d.name: (d.position, d.id) for d in db.session.scalars(select(Delegation))}
    lines = digests.roll_lines(round_)
    lines.sort(key=lambda line: (order.get(line["delegation"], (9999, 0)), line["number"]))
    return [
        words.Attended(
            number=line["number"],
            name=line["name"],
            delegation=line["delegation"],
            present=line["present"],
            voted=line["deputy"] in voted,
            late=line["late_by"] is not None,
        )
        for line in lines
    ]


def _slips(round_: Round) -> list[words.Slip]:
    """The box without codes, mixed anew each time: an order that followed from the codes could be undone."""
    box = tally.box(round_)
    sourced = rules.says_source([b.source for b in box], rounds.rule_of(round_).small_body)
    found = [words.Slip(dict(b.marks), b.spoilt, b.source if sourced else "") for b in box]
    _random.shuffle(found)
    return found
