"""The papers of a round, out of what is stored."""

from dataclasses import replace
from datetime import date

from votes.clock import local
from votes.exports.formats import xlsx
from votes.exports.voting import blanks, documents
from votes.exports.voting.documents import CountRow, Paper, RatingRow, SheetData, Signature
from votes.models import Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting.key_points import key_points
from votes.rules.meeting.rounds import COLOUR_WORDS, RoundState
from votes.rules.people.roles import TellerRole
from votes.rules.voting import record as records, tally as rules
from votes.services.meeting import events, rounds
from votes.services.people import bodies
from votes.services.voting import further, paper_ballots, tally


def rule_paper(round_: Round, roster: int | None) -> Paper:
    """票决办法要点 of the round, with the figures worked out."""
    rule = rounds.rule_of(round_)
    return documents.rule_paper(
        body=round_.session.body.name,
        session=round_.session.title,
        title=round_.title,
        points=key_points(rule, len(round_.candidates), roster, bodies.organ_of(round_.session.body)),
        rehearsal=round_.rehearsal,
    )


def sheet_data(round_: Round) -> SheetData:
    """Everything the papers say. Raises RuleBroken before the tellers have signed: no figure leaves the house."""
    result = tally.result_of(round_)
    if result is None:
        raise RuleBroken("总监票人和监票人签字前，不显示票数，也不能生成计票报告单。", status=403)
    rule = rounds.rule_of(round_)
    names = {c.number: c.name for c in round_.candidates}
    turnout = tally.turnout_of(round_)
    organ = bodies.organ_of(round_.session.body)
    phone, on_paper = tally.shares(round_) or (None, None)
    return SheetData(
        body=round_.session.body.name,
        session=round_.session.title,
        title=round_.title,
        held_on=local(round_.closed_at).date() if round_.closed_at else round_.session.starts_on,
        seats=rule.seats,
        roster=turnout.roster,
        present=turnout.present,
        issued=turnout.issued,
        returned=turnout.returned,
        valid=result.valid,
        invalid=result.invalid,
        method=rule.method,
        ordinal=round_.ordinal,
        rehearsal=round_.rehearsal,
        phone=_channel(phone),
        paper=_channel(on_paper),
        small_body=rule.small_body,
        counts=[
            CountRow(
                c.no,
                names[c.no],
                c.for_,
                c.against,
                c.abstain,
                c.outcome,
                _votes(phone, place),
                _votes(on_paper, place),
            )
            for place, c in enumerate(result.counts)
        ],
        ratings=[
            RatingRow(
                r.no,
                names[r.no],
                r.satisfied,
                r.basically,
                r.dissatisfied,
                r.void,
                r.grade,
                _grades(phone, place),
                _grades(on_paper, place),
            )
            for place, r in enumerate(result.ratings)
        ],
        points=key_points(rule, len(round_.candidates), turnout.roster, organ),
        next_step=rules.next_step(rule, result).kind,
        seats_left=result.seats_left,
        void=result.void,
        publish=rule.publish,
        digests=[
            ("票决办法", round_.rule_digest or ""),
            ("名册", round_.roll_digest or ""),
            ("票箱", round_.ballots_digest or ""),
            *([("票箱合计", boxes)] if (boxes := tally.boxes_digest(round_)) else []),
            *([("计票结果", tally.result_digest(round_))] if round_.salts else []),
            ("过程记录", events.certified(round_)),
        ],
        algorithm=round_.hash_name,
        software=f"民生票决 {round_.software}",
        signatures=[
            Signature("总监票人" if s.role == TellerRole.CHIEF else "监票人", s.name, local(s.signed_at))
            for s in sorted(round_.signatures, key=lambda s: (s.role != TellerRole.CHIEF, s.id))
        ],
        refused=[
            documents.Refused(
                "总监票人" if r.role == TellerRole.CHIEF else "监票人",
                r.name,
                r.reason,
                local(r.refused_at),
                signed=any(s.deputy_id == r.deputy_id for s in round_.signatures),
            )
            for r in tally.refusals(round_)
        ],
        number=round_.announcement.number if round_.announcement else None,
        announced_on=round_.announcement.announced_on if round_.announcement else None,
        organ=organ,
        decided=round_.decision.chosen if round_.decision else [],
        decision=f"{round_.decision.note}（{documents.chinese_date(round_.decision.decided_on)}）"
        if round_.decision
        else "",
    )


def _channel(share: tally.Share | None) -> documents.Channel | None:
    if share is None:
        return None
    if share.result is None:
        return documents.Channel(share.issued, share.returned)
    return documents.Channel(share.issued, share.returned, share.result.valid, share.result.invalid)


def _votes(share: tally.Share | None, place: int) -> documents.Tally | None:
    if share is None or share.result is None:
        return None
    row = share.result.counts[place]
    return documents.Tally(row.for_, row.against, row.abstain)


def _grades(share: tally.Share | None, place: int) -> tuple[int, int, int] | None:
    if share is None or share.result is None:
        return None
    row = share.result.ratings[place]
    return row.satisfied, row.basically, row.dissatisfied


def blank_ballot(round_: Round, serial: int | None = None) -> blanks.Blank:
    """The round's paper ballot, of the stack ``serial`` (None: a sample, 票样)."""
    rule = rounds.rule_of(round_)
    frozen = (
        f"票决办法（{documents.algorithm(round_.hash_name)}）　{round_.rule_digest}"
        if round_.opened_at
        else ""
    )
    return blanks.Blank(
        session=documents.full_session(round_.session.body.name, round_.session.title),
        title=round_.title,
        method=rule.method,
        seats=rule.seats,
        lines=[blanks.Line(c.number, c.name, c.amount) for c in round_.candidates],
        marks=dict(rule.marks),
        date=documents.chinese_date(round_.session.starts_on),
        ordinal=round_.ordinal,
        overvote=rule.overvote,
        colour=COLOUR_WORDS[round_.colour] if round_.colour != "white" else "",
        stack=serial,
        check=paper_ballots.list_mark(round_),
        foot=frozen if serial is None else "",
        phones=rule.paper == "none",
        rehearsal=round_.rehearsal,
    )


def counting_sheet(round_: Round) -> Paper:
    """计票报告单: all figures, for the signatures of the tellers."""
    return documents.counting_sheet(sheet_data(round_))


def announcement(round_: Round, *, number: int | None = None, on: date | None = None) -> Paper:
    """主席团公告; before it is published with the number and date it would get."""
    notice = round_.notice
    if notice is not None and notice.round_id != round_.id:
        return announcement(notice.round)  # a further round announced it too
    earlier = further.before(round_)
    together = [
        r
        for r in earlier
        if r.announcement is None and r.state in (RoundState.CERTIFIED, RoundState.ANNOUNCED)
    ]
    before = [r for r in earlier if r.notice is not None and r not in together]
    data = replace(
        sheet_data(round_),
        together=[sheet_data(r) for r in together],
        already=[CountRow(c.number, c.name, 0, 0, 0, "selected") for c in further.final_list(before)],
        announced=sorted({r.notice.number for r in before if r.notice}),
    )
    if data.number is None:
        data = replace(data, number=number, announced_on=on)
    return documents.announcement(data)


def results_workbook(round_: Round) -> bytes:
    """All figures of the round as Excel."""
    data = sheet_data(round_)
    if data.method == "rating":
        columns = [
            xlsx.Column("序号", 8, "int"),
            xlsx.Column("项目名称", 40),
            xlsx.Column("满意", 10, "int"),
            xlsx.Column("基本满意", 10, "int"),
            xlsx.Column("不满意", 10, "int"),
            xlsx.Column("无效", 10, "int"),
            xlsx.Column("等次", 12),
        ]
        rows = [
            [
                r.no,
                r.name,
                r.satisfied,
                r.basically,
                r.dissatisfied,
                r.void,
                documents.GRADES.get(r.grade or "", ""),
            ]
            for r in data.ratings
        ]
    else:
        columns = [
            xlsx.Column("序号", 8, "int"),
            xlsx.Column("项目名称", 40),
            xlsx.Column("赞成", 10, "int"),
            xlsx.Column("反对", 10, "int"),
            xlsx.Column("弃权", 10, "int"),
            xlsx.Column("占应到", 12),
            xlsx.Column("占有效票", 12),
            xlsx.Column("结果", 14),
        ]
        rows = [
            [
                c.no,
                c.name,
                c.for_,
                c.against,
                c.abstain,
                documents.percent(c.for_, data.roster),
                documents.percent(c.for_, data.valid),
                documents.OUTCOMES.get(c.outcome, c.outcome),
            ]
            for c in data.counts
        ]
    return xlsx.write(
        f"{round_.title}计票结果",
        columns,
        rows,
        notes=[
            f"{data.body}　{data.session}",
            f"应到 {data.roster} 人，实到 {data.present} 人；发出 {data.issued} 票，收回 {data.returned} 票；"
            f"有效 {data.valid} 票，无效 {data.invalid} 票；未投 {data.uncast} 票。",
            *(["演练数据，不是正式结果。"] if round_.rehearsal else []),
        ],
    )


def record_bytes(round_: Round) -> bytes:
    """The published record as a file: the same bytes at every download."""
    if round_.record is None:
        raise RuleBroken("签字确认后才有票决记录。", status=404)
    return records.to_bytes(round_.record)
