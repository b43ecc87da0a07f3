"""The documents of the day of a round (文书): each as Word and PDF, and all of them together."""

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select

from votes.db import db
from votes.exports.formats import bundle
from votes.exports.formats.layout import Paper, to_docx, to_pdf
from votes.exports.voting import before_vote, blanks, lists, report, script
from votes.exports.voting.day import DayData, MotionOnPaper
from votes.models import Delegation, Deputy, Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, shows_counts
from votes.rules.people.roles import DeputyState, TellerRole
from votes.rules.voting import meeting_documents as rules
from votes.rules.voting.further import nth
from votes.services import audit
from votes.services.meeting import motions, rounds, sessions
from votes.services.people import bodies
from votes.services.voting import box_contents, digests, documents, results, tally

_random = secrets.SystemRandom()

#: The document of the session, not of the round, that belongs to the set.
HANDS = "motions"


# --- what there is ---------------------------------------------------------------------------------------


def overview(round_: Round) -> dict[rules.DayDocument, str]:
    """Return all documents of the day in their order, with why each cannot be made yet (empty when it can)."""
    facts = _facts(round_)
    return {each: rules.missing(each.key, round_.state, **facts) for each in rules.DAY_DOCUMENTS}


def _facts(round_: Round) -> dict[str, Any]:
    """Return what says whether the list of marks may leave the sealed archive."""
    return {"returned": _listed(round_), **audit.facts(rounds.rule_of(round_), "small_body", "disclosure")}


def parts(round_: Round) -> dict[str, str]:
    """Return the files that make the set now, in their order: the key in a request → the name in the folder."""
    files: dict[str, str] = {}
    for number, (document, missing) in enumerate(overview(round_).items(), start=1):
        if not missing:
            files |= _word_and_pdf(document.key, f"{number:02d}-{document.name}")
    if shows_counts(round_.state):
        files |= {"results.xlsx": "11-计票结果.xlsx", "record.json": "12-票决记录.json"}
    if hands(round_) is not None:
        files |= _word_and_pdf(HANDS, "13-举手表决结果")
    return files


def _word_and_pdf(key: str, name: str) -> dict[str, str]:
    return {f"{key}.{kind}": f"{name}.{kind}" for kind in ("docx", "pdf")}


def hands(round_: Round) -> Paper | None:
    """Return 举手表决结果 of the round's session; None where nothing is entered, and for a rehearsal."""
    if round_.rehearsal or not motions.of_session(round_.session):
        return None
    return motions.paper(round_.session)


def make(round_: Round, key: str, *, today: date) -> Callable[[], bytes]:
    """Read what the file needs and return a function that draws it without the database, which may take seconds.

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
    return (lambda: to_pdf(paper)) if kind == "pdf" else (lambda: to_docx(paper))


def file_name(round_: Round, kind: str = "文书") -> str:
    """Return the name of a zip of the round's documents."""
    ordinal = f"-{nth(round_.ordinal)}" if round_.ordinal > 1 else ""
    return f"{kind}-{round_.title}{ordinal}{'-演练' if round_.rehearsal else ''}.zip"


def pack(round_: Round, files: dict[str, bytes], name: str, **facts: str) -> bytes:
    """Return the files as a zip of that name, with a list of their sizes and digests that states the ``facts``."""
    title = name.removesuffix(".zip")
    return bundle.zipped(bundle.with_manifest(files, round_.hash_name, title=title, **facts))


# --- each of them ----------------------------------------------------------------------------------------


def of(round_: Round, key: str, *, today: date) -> Paper:
    """Return one document of the day. Raises RuleBroken when it cannot be made in the round's state."""
    rules.check(key, round_.state, **_facts(round_))
    day = data(round_)
    make_one: dict[str, Callable[[], Paper]] = {
        "method": lambda: before_vote.method(day),
        "points": lambda: documents.rule_paper(round_, day.roster),
        "sample": lambda: before_vote.sample(day, documents.blank_ballot(round_)),
        "script": lambda: script.script(day),
        "signing_in": lambda: lists.signing_in(day, _groups(round_)),
        "attendance": lambda: lists.attendance(day, _attended(round_)),
        "sheet": lambda: documents.counting_sheet(round_),
        "report": lambda: report.result_report(day, documents.sheet_data(round_)),
        "announcement": lambda: documents.announcement(
            round_, number=results.next_number(round_.session), on=today
        ),
        "slips": lambda: slips(round_),
    }
    return make_one[key]()


def _listed(round_: Round) -> int:
    """Return how many ballots a list of them has, or lacks where those are fewer.

    Papers counted by hand are on no list: the difference between the list and the totals is theirs.
    """
    by_hand = sum(box.returned for box in box_contents.totals_of(round_))
    listed = (round_.returned or 0) - by_hand
    return min(listed, by_hand) if by_hand else listed


def slips(round_: Round) -> Paper:
    """Return 选票清单. The caller makes sure that it leaves the sealed archive only where the rule allows."""
    by_hand = [(box.no, box.returned) for box in box_contents.totals_of(round_)]
    return lists.slips(data(round_), _slips(round_), by_hand=by_hand)


def data(round_: Round) -> DayData:
    """Return everything that is known of the round now; nothing with votes before the signatures."""
    roster, present, leave, _ = sessions.headcount(round_.session)
    if round_.roster is not None:
        roster, present = round_.roster, round_.present or 0
    begun = round_.roster is not None or present > 0
    return DayData(
        **documents.vote_facts(round_),
        candidates=documents.lines_of(round_),
        roster=roster or None,
        present=present if begun else None,
        leave=leave if begun and round_.roster is None else None,
        issued=round_.issued,
        returned=round_.returned if round_.state != RoundState.CLOSED else None,
        chief_teller=next(iter(_tellers(round_, TellerRole.CHIEF)), ""),
        other_tellers=_tellers(round_, TellerRole.TELLER),
        passed=_passed(round_),
        sheet=documents.sheet_data(round_) if shows_counts(round_.state) and round_.result else None,
        digests=documents.frozen_digests(round_),
        opened=round_.opened_at is not None,
    )


def _tellers(round_: Round, role: TellerRole) -> list[str]:
    return [teller.deputy.name for teller in round_.session.tellers if teller.role == role]


def _passed(round_: Round) -> dict[str, MotionOnPaper]:
    """Return what the meeting decided by show of hands on tellers and 票决办法, told by the motions' titles."""
    decisions = {}
    for motion in motions.of_session(round_.session):
        key = "tellers" if "监票" in motion.title else "method" if "办法" in motion.title else ""
        if key:
            votes = motion.votes_for, motion.votes_against, motion.abstentions
            decisions[key] = MotionOnPaper(*votes, motion.passed)
    return decisions


def _delegation_order() -> Callable[[str], tuple[int, int]]:
    """Return the sort key of a delegation's name: as the roster orders them, unknown ones last."""
    order = {d.name: (d.position, d.id) for d in db.session.scalars(select(Delegation))}
    return lambda name: order.get(name, (9999, 0))


def _groups(round_: Round) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the deputies by delegation: as frozen on the roll, before that those in office."""
    if round_.roster is not None:
        rows = [(line["delegation"], line["number"], line["name"]) for line in digests.roll_lines(round_)]
    else:
        query = select(Delegation.name, Deputy.number, Deputy.name).join_from(Deputy, Delegation)
        active = query.where(Deputy.state == DeputyState.ACTIVE).order_by(Deputy.number)
        rows = [(row[0], row[1], row[2]) for row in db.session.execute(active)]
    if not rows:
        raise RuleBroken(bodies.speak("代表名册上还没有在任代表，不能生成签到册。请先导入名册。"))
    groups: dict[str, list[tuple[str, str]]] = {}
    order = _delegation_order()
    for delegation, number, name in sorted(rows, key=lambda row: (order(row[0]), row[1])):
        groups.setdefault(delegation, []).append((number, name))
    return list(groups.items())


def _attended(round_: Round) -> list[lists.AttendanceLine]:
    voted = {line["deputy"] for line in digests.turnout_lines(round_)}
    order = _delegation_order()
    names = ("number", "name", "delegation", "present")
    lines = [
        lists.AttendanceLine(
            **{name: line[name] for name in names},
            voted=line["deputy"] in voted,
            late=line["late_by"] is not None,
        )
        for line in digests.roll_lines(round_)
    ]
    return sorted(lines, key=lambda line: (order(line.delegation), line.number))


def _slips(round_: Round) -> list[lists.BallotSlip]:
    """Return the box without codes, shuffled anew each time: an order derived from the codes could be undone."""
    box = tally.box(round_)
    sourced = rules.says_source([b.source for b in box], rounds.rule_of(round_).small_body)
    rows = [lists.BallotSlip(dict(b.marks), b.spoilt, b.source if sourced else None) for b in box]
    _random.shuffle(rows)
    return rows
