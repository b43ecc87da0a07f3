"""Proof that what is stored of a vote is unchanged: every row of a closed round against its chain of events.

The chain is walked again, the digests are made again from the tables, and both are compared. Nothing of it tells how
many votes a project has, so it may be read before the tellers have signed.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from votes.db import db
from votes.exports.voting import timestamps
from votes.models import AnchorStamp, Ballot, Event, Round, Signature, Turnout, table_of
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import ROUND, RoundState
from votes.rules.meeting.signing_secrets import SignatureKind
from votes.rules.voting.digests import ballot_dict, canonical_json
from votes.services import audit
from votes.services.meeting import events, rounds, session_proof, signing_secrets
from votes.services.voting import digests, signing, tally, vote_reports
from votes.services.voting.anchors import Anchor, of_events, stamps

OK, WRONG, UNKNOWN = "ok", "wrong", "unknown"
#: The state of a round after an event of that kind; what happens before the opening is no event.
BECOMES = {
    kind: state
    for steps in ROUND.values()
    for kind, state in steps.items()
    if state not in (RoundState.DRAFT, RoundState.CANCELLED)
}
COUNTED = (RoundState.COUNTED, RoundState.CERTIFIED, RoundState.ANNOUNCED)


@dataclass(frozen=True)
class ProofFinding:
    """Hold one check: `what` was checked, its `state` ok | wrong | unknown, and what is wrong, in Chinese."""

    what: str
    state: str
    message: str = ""

    @property
    def word(self) -> str:
        """Return the state in Chinese."""
        return {OK: "一致", WRONG: "不一致", UNKNOWN: "无法核对"}[self.state]


@dataclass(frozen=True)
class Proof:
    """Hold the findings of one round.

    `head` is the last hash of its chain, `certified` the one printed on the signed sheet: comparing it reveals even a
    chain that was made anew as a whole. `anchors` were made known while it went on, `stamps` are theirs, by kind.
    """

    round_id: int
    public_id: str
    title: str
    state: str
    head: str = ""
    certified: str = ""
    findings: list[ProofFinding] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    stamps: dict[str, AnchorStamp] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Return True when nothing is wrong."""
        return all(finding.state != WRONG for finding in self.findings)

    @property
    def wrong(self) -> list[ProofFinding]:
        """Return what is wrong."""
        return [finding for finding in self.findings if finding.state == WRONG]

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as JSON values."""
        names = ("round_id", "public_id", "title", "state", "whole", "head", "certified")
        facts = {name: getattr(self, name) for name in names}
        return {**facts, "findings": [asdict(finding) for finding in self.findings]}


class _Changed(Exception):
    """Say that what is stored differs from the chain."""


class _Missing(Exception):
    """Say that the chain has no digest of it."""


def find(which: str) -> list[int]:
    """Return round ids for "all", a number, or a public id. Raises RuleBroken when there is no such round."""
    query = select(table_of(Round).c.id)
    if which == "all":
        return list(db.session.scalars(query.order_by(Round.id)))
    this = Round.id == int(which) if which.isdecimal() else Round.public_id == which
    ids = list(db.session.scalars(query.where(this)))
    if not ids:
        raise RuleBroken(f"没有编号为 {which} 的票决轮次。", status=404)
    return ids


def verify_id(round_id: int) -> Proof:
    """Verify a round that may no longer be readable at all."""
    try:
        round_ = rounds.get_round(round_id)
        assert round_ is not None
        return verify(round_)
    except Exception as error:  # a changed byte may break reading in any way, and that is what is looked for
        broken = ProofFinding("轮次", WRONG, f"这一轮的数据无法读取（{type(error).__name__}），内容被改动。")
        return Proof(round_id, "", f"第 {round_id} 号轮次", "", findings=[broken])


def verify(round_: Round) -> Proof:
    """Check everything that is stored of a round. Changes nothing and never raises for what is wrong."""
    look = _Look(round_)
    findings = list(look.findings())
    certified = next((e.hash for e in look.events if e.kind == "certify"), "")
    return Proof(
        round_.id,
        round_.public_id,
        round_.title,
        round_.state.value,
        look.head,
        certified,
        findings,
        look.anchors,
        look.stamps,
    )


class _Look:
    """Check one round, part by part."""

    def __init__(self, round_: Round) -> None:
        self.round = round_
        self.events: list[Event] = []
        self.anchors: list[Anchor] = []
        self.stamps: dict[str, AnchorStamp] = {}
        self.head = ""
        self.expected = RoundState.DRAFT

    def findings(self) -> Iterator[ProofFinding]:
        yield self._try("过程记录", self._chain)
        yield self._try("会议的凭证记录", self._cards)
        yield self._try("轮次状态", self._state)
        if self.expected == RoundState.DRAFT:
            return
        yield self._try("票决办法", self._rule)
        yield self._try("“不是我投的”报告", self._reports)
        if self.expected == RoundState.OPENED:
            return
        yield self._try("轮次名称和次序", lambda: self._fixed("heading"))
        yield self._try("人数和票数", self._figures)
        yield self._try("名册", self._roll)
        yield self._try("投票登记", self._turnout)
        yield self._try("候选名单", lambda: self._fixed("candidates"))
        yield self._try("票箱", self._box)
        if rounds.rule_of(self.round).paper != "none":
            yield self._try("纸质票", self._paper)
        if self.expected in COUNTED or self.round.result is not None:
            yield self._try("计票结果", self._result)
        yield self._try("监票人签字", self._signatures)
        yield self._try("不予签字", self._refusals)
        yield self._try("并列项目的决定", self._decision)
        if self.stamps:
            yield self._try("时间戳", self._stamps)
        if self.expected in (RoundState.CERTIFIED, RoundState.ANNOUNCED) or self.round.record is not None:
            yield self._try("票决记录", self._record)
            yield self._try("操作日志", self._log)
        if self.expected == RoundState.ANNOUNCED or self.round.announcement is not None:
            yield self._try("公告", self._announcement)

    def _try(self, what: str, check: Callable[[], None]) -> ProofFinding:
        try:
            check()
        except _Changed as changed:
            return ProofFinding(what, WRONG, str(changed))
        except _Missing:
            return ProofFinding(what, UNKNOWN, "过程记录中没有这一项的摘要（由较早的版本办理），无法核对。")
        except (RuleBroken, ValueError, TypeError, KeyError, LookupError, AttributeError, AssertionError):
            return ProofFinding(what, WRONG, "内容无法按原来的格式读取，已被改动。")
        return ProofFinding(what, OK)

    # --- what the chain says ------------------------------------------------------------------------------

    def _of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [event.payload for event in self.events if event.kind == kind]

    def _last(self, kind: str) -> dict[str, Any]:
        payloads = self._of_kind(kind)
        if not payloads:
            raise _Changed(f"过程记录中没有“{kind}”这一条，与轮次状态不符。")
        return payloads[-1]

    def _fact(self, kind: str, name: str) -> Any:
        payload = self._last(kind)
        if name not in payload:
            raise _Missing
        return payload[name]

    def _counted(self) -> str:
        """Return the kind of the event of the count; empty before (a count may itself void the round)."""
        return next(
            (e.kind for e in self.events if e.kind in ("count", "void") and "result" in e.payload), ""
        )

    def _fixed(self, name: str) -> None:
        self._same("close", name)

    def _same(self, kind: str, name: str) -> None:
        """Compare a digest in the chain with the one made now."""
        if self._fact(kind, name) != digests.of(self.round, name):
            raise _Changed("与过程记录中的摘要不符，内容被改动。")

    def _at(self, what: str, stored: datetime | None, in_chain: str | None) -> None:
        moment = datetime.fromisoformat(in_chain) if in_chain else None
        if (stored.replace(microsecond=0) if stored else None) != moment:
            raise _Changed(f"{what}与过程记录不符。")

    def _chain(self) -> None:
        self.events = events.events(self.round)
        self.head = self.events[-1].hash if self.events else ""
        for event in self.events:
            self.expected = BECOMES.get(event.kind, self.expected)
        self.anchors, self.stamps = of_events(self.events), stamps(self.round)
        for place, event in enumerate(self.events, start=1):
            payload, where = event.payload, f"第 {place} 条"
            if event.position != place or payload.get("position") != place:
                raise _Changed(f"{where}的序号不对：中间有记录被删除、插入或调换。")
            if payload.get("kind") != event.kind or payload.get("round") != self.round.public_id:
                raise _Changed(f"{where}的事项或轮次与其内容不符。")
            if event.body_id != self.round.body_id:
                raise _Changed(f"{where}的机构被改动。")
            self._at(f"{where}的时间", event.at, payload.get("at"))
        if broken := events.verify(self.round, self.events):
            raise _Changed(broken.message)

    def _cards(self) -> None:
        if flaw := session_proof.flaw(self.round.session):
            raise _Changed(flaw)

    def _state(self) -> None:
        round_ = self.round
        before = RoundState.DRAFT
        for event in self.events:
            after = BECOMES.get(event.kind)
            if after is None:
                continue
            step(ROUND, before, event.kind)  # an event out of turn raises
            before = after
        allowed = {self.expected}
        if self.expected == RoundState.DRAFT:
            allowed.add(RoundState.CANCELLED)
        if round_.state not in allowed:
            raise _Changed("轮次的状态与过程记录的末一条不符：状态被改动，或者末尾有记录缺失。")
        in_chain: dict[str, Any] = {event.kind: event.payload for event in self.events}
        for what, stored, kind in (
            ("开启时间", round_.opened_at, "open"),
            ("关闭时间", round_.closed_at, "close"),
            ("确认时间", round_.certified_at, "certify"),
            ("公告时间", round_.announced_at, "announce"),
        ):
            self._at(what, stored, in_chain.get(kind, {}).get("at"))
        if self.expected != RoundState.DRAFT:
            checked = in_chain.get("zero_check", {})
            self._at("零票确认时间", round_.zero_checked_at, checked.get("at"))
            if round_.zero_checked_by != checked.get("by"):
                raise _Changed("零票确认人与过程记录不符。")

    # --- the rows -----------------------------------------------------------------------------------------

    def _rule(self) -> None:
        if not digests.of(self.round, "rule") == self.round.rule_digest == self._fact("open", "rule"):
            raise _Changed("票决办法与开启时的摘要不符，内容被改动。")
        if self.round.software != self._fact("open", "software"):
            raise _Changed("软件版本与开启时的记录不符。")

    def _figures(self) -> None:
        for name in ("roster", "present", "issued", "returned"):
            if getattr(self.round, name) != self._latest(name):
                raise _Changed("应到、实到、发出、收回中有与过程记录不符的。")

    def _latest(self, name: str) -> Any:
        """Return a fact of the close, or of a later event that has changed it (paper joins after the close)."""
        closed = max(e.position for e in self.events if e.kind == "close")
        values = [e.payload[name] for e in self.events if e.position >= closed and name in e.payload]
        if not values:
            raise _Missing
        return values[-1]

    def _roll(self) -> None:
        round_ = self.round
        if not digests.of(round_, "roll") == round_.roll_digest == self._fact("close", "roll"):
            raise _Changed("有表决权的代表与关闭时的名册摘要不符，名册被改动。")
        self._fixed("roll_lines")

    def _turnout(self) -> None:
        table = table_of(Turnout)
        marked = table.c.resend_mark.is_not(None) | table.c.browser_mark.is_not(None)
        marks = db.session.scalars(
            select(table.c.deputy_id).where(table.c.round_id == self.round.id, marked)
        ).all()
        if marks or self.round.resend_key is not None:
            raise _Changed("关闭时已经销毁的标记又出现了，内容被改动。")
        self._fixed("turnout")

    def _box(self) -> None:
        round_, table = self.round, table_of(Ballot)
        rows = db.session.execute(select(table).where(table.c.round_id == round_.id)).all()
        box = {ballot.code: ballot_dict(ballot) for ballot in tally.box(round_)}
        for row in rows:
            plain = {"code": row.code, "source": row.source, "marks": row.marks}
            if row.spoilt:
                plain["spoilt"] = True
            if plain != box[row.code] or row.secret is not True or row.deputy_id is not None:
                raise _Changed("票箱中有选票的写法与本系统写入的不同，内容被改动。")
        if not digests.of(round_, "ballots") == round_.ballots_digest == self._latest("ballots"):
            raise _Changed("票箱与摘要不符：有选票被改动、增加或者取走。")

    def _paper(self) -> None:
        if self._counted():  # before the count the papers are still being read
            self._same(self._counted(), "paper")

    def _result(self) -> None:
        self._same(self._counted(), "result")
        counted = tally.count_again(self.round).to_dict()
        if canonical_json(counted) != canonical_json(self.round.result):
            raise _Changed("由票箱重新计票，得出的结果与保存的结果不同。")

    def _signatures(self) -> None:
        payloads = self._of_kind("sign")
        if len(payloads) != len(self.round.signatures):
            raise _Changed("签字的份数与过程记录不符。")
        by_deputy = {s.deputy_id: s for s in self.round.signatures}
        for payload in payloads:
            if "deputy" not in payload:
                raise _Missing
            name, row = payload["name"], by_deputy.get(payload["deputy"])
            if row is None or row.body_id != self.round.body_id:
                raise _Changed("签字人与过程记录不符。")
            if (row.name, row.role.value, row.result_digest) != (name, payload["role"], payload["result"]):
                raise _Changed(f"{name}的签字与过程记录不符，内容被改动。")
            self._at(f"{name}的签字时间", row.signed_at, payload["at"])
            self._secret(row, payload)

    def _secret(self, row: Signature, payload: dict[str, Any]) -> None:
        """Compare how a signature was given with the chain, and verify the signature of a key once more."""
        stored = signing.secret_facts(row)
        if "secret" not in payload:  # signed before tellers had secrets
            if stored["kind"] != SignatureKind.LOGIN:
                raise _Changed(f"{row.name}的签字方式与过程记录不符，内容被改动。")
            return
        if (payload["secret"], payload["reports"]) != (stored, row.reports):
            raise _Changed(f"{row.name}的签字方式、短码或者签字内容与过程记录不符，内容被改动。")
        if row.kind == SignatureKind.KEY and not signing_secrets.verifies(
            row.public_key, signing.content(self.round), row.signature
        ):
            raise _Changed(f"{row.name}的签字与所签内容不符，内容被改动。")

    def _refusals(self) -> None:
        payloads = self._of_kind("refuse")
        stored = {
            (r.deputy_id, r.name, r.role.value, r.reason, r.result_digest, r.refused_at, r.body_id)
            for r in signing.refusals(self.round)
        }
        names = ("deputy", "name", "role", "reason", "result")
        in_chain = {
            (*(p[name] for name in names), datetime.fromisoformat(p["at"]), self.round.body_id)
            for p in payloads
        }
        if stored != in_chain or len(stored) != len(payloads):
            raise _Changed("不予签字的登记与过程记录不符，内容被改动。")

    def _reports(self) -> None:
        made = {payload["deputy"]: None for payload in self._of_kind("report")}
        made |= {payload["deputy"]: payload["before"] for payload in self._of_kind("report_withdrawn")}
        stored = vote_reports.of_round(self.round)
        withdrawn = {row.number: row.withdrawn_before_id for row in stored}
        if withdrawn != made or {row.body_id for row in stored} - {self.round.body_id}:
            raise _Changed("报告或者撤回与过程记录不符，内容被改动。")
        names, row = ("finding", "number", "deputy"), vote_reports.finding(self.round)
        payload = next(reversed(self._of_kind("report_finding")), None)
        in_chain = payload and [payload[name] for name in names]
        if in_chain != (row and [row.finding, row.number, row.deputy_id]):
            raise _Changed("总监票人的核查结果与过程记录不符，内容被改动。")

    def _decision(self) -> None:
        payload = next(reversed(self._of_kind("presidium")), None)
        row = self.round.decision
        if row is None and payload is None:
            return
        if (
            row is None
            or payload is None
            or (row.chosen, row.decided_on.isoformat(), row.note, row.recorded_by, row.body_id)
            != (payload["chosen"], payload["on"], payload["note"], payload["by"], self.round.body_id)
        ):
            raise _Changed("登记的决定与过程记录不符，内容被改动。")
        self._at("登记决定的时间", row.recorded_at, payload["at"])

    def _record(self) -> None:
        if self.round.record is None:
            raise _Changed("票决记录缺失。")
        if digests.of_record(self.round) != self._fact("certify", "record"):
            raise _Changed("票决记录与签字确认时的摘要不符，内容被改动。")

    def _stamps(self) -> None:
        known = {anchor.kind: anchor.digest for anchor in self.anchors}
        for kind, stamp in self.stamps.items():
            if not timestamps.covers(stamp.token, known[kind]):
                raise _Changed("时间戳所盖的摘要与过程记录不符：过程记录或者时间戳被改动。")

    def _log(self) -> None:
        if not audit.has_link(self.round.body_id, self._fact("certify", "audit")):
            raise _Changed("签字确认时操作日志末尾的摘要已不在操作日志中：操作日志被截去或者重造。")

    def _announcement(self) -> None:
        payload, notice = self._last("announce"), self.round.notice  # its own, or a further round's for both
        if self.round.rehearsal:
            if notice is not None:
                raise _Changed("演练没有公告，保存的公告是后来加上的。")
            return
        if notice is None or (
            notice.number,
            notice.announced_on.isoformat(),
            notice.published_by,
            notice.session_id,
            notice.body_id,
        ) != (payload["number"], payload["on"], payload["by"], self.round.session_id, self.round.body_id):
            raise _Changed("公告的文号、日期或者发布人与过程记录不符，内容被改动。")
