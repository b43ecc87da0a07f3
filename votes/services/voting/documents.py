"""The documents of a round, made from what is stored."""

from dataclasses import replace
from datetime import date
from typing import Any

from votes.clock import local
from votes.exports.formats import xlsx
from votes.exports.formats.layout import Paper
from votes.exports.formats.official import algorithm, percent
from votes.exports.voting import announcement as announcements, before_vote, blanks, counting_sheet as sheets
from votes.exports.voting.sheet import OUTCOMES, RefusalLine, ReportLines, SheetData, SignatureLine, VoteData
from votes.models import Refusal, Round, Signature
from votes.rules.dates import chinese_date
from votes.rules.errors import RuleBroken
from votes.rules.meeting.key_points import key_points
from votes.rules.meeting.rounds import COLOUR_WORDS, RoundState
from votes.rules.people.roles import TellerRole
from votes.rules.voting import record as records
from votes.rules.voting.ballots import GRADES, BallotLine
from votes.rules.voting.further import next_step
from votes.services import audit
from votes.services.meeting import events, rounds
from votes.services.people import bodies
from votes.services.voting import anchors, digests, further, paper_ballots, signing, tally, vote_reports


def rule_paper(round_: Round, roster: int | None) -> Paper:
    """Return 票决办法要点 of the round, with the figures worked out."""
    vote = VoteData(**vote_facts(round_))
    points = key_points(vote.rule, len(round_.candidates), roster, vote.organ)
    return before_vote.rule_paper(vote, points)


def vote_facts(round_: Round) -> dict[str, Any]:
    """Return what every document says of the round: the fields of `VoteData` but the digests."""
    session, held = round_.session, round_.closed_at or round_.opened_at
    return {
        **audit.facts(round_, "title", "ordinal", "rehearsal"),
        "body": session.body.name,
        "session": session.title,
        "held_on": local(held).date() if held else session.starts_on,
        "rule": rounds.rule_of(round_),
        "organ": bodies.organ_of(session.body),
        "algorithm": round_.hash_name,
        "software": f"民生票决 {round_.software}" if round_.software else "",
    }


def sheet_data(round_: Round) -> SheetData:
    """Return everything the documents say. Raises RuleBroken before the tellers have signed: no figure is shown."""
    result = tally.result_of(round_)
    if result is None:
        raise RuleBroken("总监票人和监票人签字前，不显示票数，也不能生成计票报告单。", status=403)
    notice, decision = round_.announcement, round_.decision
    return SheetData(
        **vote_facts(round_),
        turnout=tally.turnout_of(round_),
        result=result,
        names={c.number: c.name for c in round_.candidates},
        shares=tally.shares(round_),
        next_step=next_step(rounds.rule_of(round_), result).kind,
        digests=_digests(round_),
        signatures=[
            SignatureLine(_role(s), s.name, local(s.signed_at), s.code, bool(s.signature))
            for s in sorted(round_.signatures, key=lambda s: (s.role != TellerRole.CHIEF, s.id))
        ],
        refusals=_refusals(round_),
        reports=_reports(round_),
        number=notice.number if notice else None,
        announced_on=notice.announced_on if notice else None,
        decided=decision.chosen if decision else [],
        decision=f"{decision.note}（{chinese_date(decision.decided_on)}）" if decision else "",
    )


def frozen_digests(round_: Round) -> list[tuple[str, str]]:
    """Return the digests of rule, roll and ballots with their labels; empty ones for what is not frozen yet."""
    rule = round_.rule_digest or digests.of(round_, "rule")
    return [("票决办法", rule), ("名册", round_.roll_digest or ""), ("票箱", round_.ballots_digest or "")]


def _digests(round_: Round) -> list[tuple[str, str]]:
    boxes = digests.stored_of_boxes(round_)
    printed = [
        *frozen_digests(round_),
        *([("票箱合计", boxes)] if boxes else []),
        *([("计票结果", digests.of(round_, "result"))] if round_.salts else []),
        ("过程记录", events.certified(round_)),
    ]
    # what hall and tellers have seen before, where it has become another since: by 补签, by papers
    shown = {digest for _, digest in printed}
    return printed + [
        (anchor.word, anchor.digest) for anchor in anchors.of(round_) if anchor.digest not in shown
    ]


def _refusals(round_: Round) -> list[RefusalLine]:
    signed = {s.deputy_id for s in round_.signatures}
    return [
        RefusalLine(_role(r), r.name, r.reason, local(r.refused_at), signed=r.deputy_id in signed)
        for r in signing.refusals(round_)
    ]


def _reports(round_: Round) -> ReportLines | None:
    rows, signed = vote_reports.of_round(round_), signing.reports_of(round_)
    if not rows:
        return None
    found, later = vote_reports.finding(round_), len(rows) - int(signed["number"])
    return ReportLines(
        number=len(rows),
        decision=str(signed["decision"]),
        withdrawn=sum(bool(row.withdrawn_before) for row in rows),
        later=later,
        finding_later=found.finding if found and later and found.finding != signed["decision"] else "",
    )


def _role(row: Signature | Refusal) -> str:
    return "总监票人" if row.role == TellerRole.CHIEF else "监票人"


def blank_ballot(round_: Round, serial: int | None = None) -> blanks.BlankBallot:
    """Return the round's paper ballot, of the stack ``serial`` (None: a sample, 票样)."""
    frozen = f"票决办法（{algorithm(round_.hash_name)}）　{round_.rule_digest}" if round_.opened_at else ""
    return blanks.BlankBallot(
        **vote_facts(round_),
        lines=lines_of(round_),
        date=chinese_date(round_.session.starts_on),
        colour=COLOUR_WORDS[round_.colour] if round_.colour != "white" else "",
        stack=serial,
        check=paper_ballots.list_mark(round_),
        foot=frozen if serial is None else "",
    )


def lines_of(round_: Round) -> list[BallotLine]:
    """Return what the round's ballot says of each project."""
    return [BallotLine(c.number, c.name, c.summary, c.amount) for c in round_.candidates]


def counting_sheet(round_: Round) -> Paper:
    """Return 计票报告单: all figures, for the signatures of the tellers."""
    return sheets.counting_sheet(sheet_data(round_))


def announcement(round_: Round, *, number: int | None = None, on: date | None = None) -> Paper:
    """Return 主席团公告; before it is published, with the number and date it would get."""
    notice = round_.notice
    if notice is not None and notice.round_id != round_.id:
        return announcement(notice.round)  # a further round announced it too
    earlier = further.before(round_)
    signed = (RoundState.CERTIFIED, RoundState.ANNOUNCED)
    together = [r for r in earlier if r.announcement is None and r.state in signed]
    before = [r for r in earlier if r.notice is not None and r not in together]
    data = replace(
        sheet_data(round_),
        together=[sheet_data(r) for r in together],
        already={c.number: c.name for c in further.final_list(before)},
        announced=sorted({r.notice.number for r in before if r.notice}),
    )
    if data.number is None:
        data = replace(data, number=number, announced_on=on)
    return announcements.announcement(data)


def results_workbook(round_: Round) -> bytes:
    """Return all figures of the round as Excel."""
    data = sheet_data(round_)
    turnout, result = data.turnout, data.result
    heads = ["满意", "基本满意", "不满意", "无效"] if data.is_rating else ["赞成", "反对", "弃权"]
    ends = {"等次": 12} if data.is_rating else {"占应到": 12, "占有效票": 12, "结果": 14}
    columns = [xlsx.SheetColumn("序号", 8, "int"), xlsx.SheetColumn("项目名称", 40)]
    columns += [xlsx.SheetColumn(head, 10, "int") for head in heads]
    columns += [xlsx.SheetColumn(head, width) for head, width in ends.items()]
    rows: list[list[object]] = [
        [r.no, data.names[r.no], *r.figures, r.void, GRADES.get(r.grade or "", "")] for r in result.ratings
    ]
    for c in result.counts:
        rates = [percent(c.for_, turnout.roster), percent(c.for_, result.valid)]
        rows.append([c.no, data.names[c.no], *c.figures, *rates, OUTCOMES.get(c.outcome, c.outcome)])
    notes = [
        f"{data.body}　{data.session}",
        f"应到 {turnout.roster} 人，实到 {turnout.present} 人；发出 {turnout.issued} 票，收回 {turnout.returned} 票；"
        f"有效 {result.valid} 票，无效 {result.invalid} 票；未投 {turnout.uncast} 票。",
        *(["演练数据，不是正式结果。"] if round_.rehearsal else []),
    ]
    return xlsx.write(f"{round_.title}计票结果", columns, rows, notes=notes)


def record_bytes(round_: Round) -> bytes:
    """Return the published record as a file: the same bytes at every download."""
    if round_.record is None:
        raise RuleBroken("签字确认后才有票决记录。", status=404)
    return records.to_bytes(round_.record)
