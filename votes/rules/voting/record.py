"""The published record of a round (票决记录), format 2: how it is written. `record_reader` reads it back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import Source
from votes.rules.voting.digests import ballot_dicts, box_dicts, canonical_json, json_digest
from votes.rules.voting.result import BoxTotal, CastBallot, TurnoutFigures
from votes.rules.voting.tally import count

FORMAT = "minsheng-vote-record/2"
#: Formats that are read: the first had neither signatures nor reports.
FORMATS = ("minsheng-vote-record/1", FORMAT)
#: Reports that a vote was not cast by the deputy, and what 总监票人 found, where there were none.
NO_REPORTS: Mapping[str, Any] = {"number": 0, "decision": ""}


@dataclass(frozen=True)
class Heading:
    """Name the vote: names as printed; `round_id` and `parent` are the rounds' public ids."""

    body: str
    session: str
    round_id: str
    title: str
    ordinal: int = 1
    parent: str | None = None
    rehearsal: bool = False


def build(
    heading: Heading,
    *,
    rule: Rule,
    turnout: TurnoutFigures,
    candidates: Sequence[tuple[int, str]],
    ballots: Iterable[CastBallot],
    roll: Iterable[str],
    algorithm: str = "sha256",
    sealed: bool = False,
    boxes: Sequence[BoxTotal] = (),
    salts: Mapping[str, str] | None = None,
    reports: Mapping[str, Any] = NO_REPORTS,
    signatures: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the record of a counted round, JSON types only; the result is counted here from the ballots.

    `candidates` are (printed number, name) in ballot order, `roll` the entitled deputies' numbers, `boxes` the sums
    of those counted by hand, which are shown as the ballots are. `rule.disclosure` and `rule.publish` decide what of
    ballots and figures is shown; "withheld" gives the reason where marks are not (`_withheld`). `sealed` gives the
    full record for the sealed archive. `salts` are those of the round's digests (ballots, result, boxes, paper);
    each is shown where the figures under it are. `reports` and `signatures` are written as they are given. Raises RuleBroken as `count` does.
    """
    ballots, salts = list(ballots), salts or {}
    numbers = [no for no, _ in candidates]
    result = count(rule, turnout, numbers, ballots, boxes).to_dict()
    full_ballots, full_boxes = ballot_dicts(ballots), box_dicts(boxes, rule, numbers)
    # The digests are always of the full data, however much of it is published.
    contents = {"rule": rule.to_dict(), "roll": sorted(roll), "ballots": full_ballots}
    contents |= {"boxes": full_boxes} if boxes else {}
    contents |= {"result": result} if salts else {}
    withheld = _withheld(rule, ballots, boxes) if rule.disclosure == "ballots" and not sealed else ""
    disclosure = "ballots" if sealed else "codes" if withheld else rule.disclosure
    open_figures = sealed or rule.publish != "names"

    record: dict[str, Any] = {
        "format": FORMAT,
        "hash": algorithm,
        "body": heading.body,
        "session": heading.session,
        "round": {
            "id": heading.round_id,
            **{name: getattr(heading, name) for name in ("title", "ordinal", "parent", "rehearsal")},
        },
        "rule": rule.to_dict(),
        "turnout": {name: getattr(turnout, name) for name in ("roster", "present", "issued", "returned")},
        "candidates": [{"no": no, "name": name} for no, name in candidates],
        "ballots": [] if disclosure == "none" else _shown(full_ballots, disclosure, "code", "source"),
        "result": result if open_figures else _without_figures(rule, result),
        "digests": {
            name: json_digest(algorithm, content, salts.get(name)) for name, content in contents.items()
        },
    }
    if salts:
        open_names = {"result": open_figures, "boxes": bool(boxes) and disclosure == "ballots"}
        if open_salts := {name: salts[name] for name in salts if sealed or open_names.get(name)}:
            record["salts"] = open_salts
    if turnout.paper_issued is not None:
        record["turnout"]["paper_issued"] = turnout.paper_issued
        record["turnout"]["paper_returned"] = _papers(ballots) + sum(box.returned for box in boxes)
    if boxes:
        record["boxes"] = _shown(full_boxes, disclosure, "no", "returned")
    if withheld:
        record["withheld"] = withheld
    record["reports"] = dict(reports)
    record["signatures"] = [dict(signature) for signature in signatures]
    return record


def signed_content(record: Mapping[str, Any]) -> bytes:
    """Return what tellers sign: canonical JSON of the round's id, rule, turnout, digests and reports of its record."""
    names = ("rule", "turnout", "digests", "reports")
    return canonical_json({"round": record["round"]["id"], **{name: record[name] for name in names}})


def _shown(rows: list[dict[str, Any]], disclosure: str, *names: str) -> list[dict[str, Any]]:
    """Return the rows whole where the rule discloses the marks, else only the entries ``names`` of each."""
    return rows if disclosure == "ballots" else [{name: row[name] for name in names} for row in rows]


def _without_figures(rule: Rule, result: dict[str, Any]) -> dict[str, Any]:
    names = ("no", "grade" if rule.method == "rating" else "outcome")
    return result | {"counts": [{name: row[name] for name in names} for row in result["counts"]]}


def _papers(ballots: Iterable[CastBallot]) -> int:
    return sum(ballot.source == Source.PAPER for ballot in ballots)


def shows_marks(rule: Rule, ballots: Sequence[CastBallot], boxes: Sequence[BoxTotal] = ()) -> bool:
    """Return True when the public sees every mark, or there is none to see."""
    return not (ballots or boxes) or (rule.disclosure == "ballots" and not _withheld(rule, ballots, boxes))


def _withheld(rule: Rule, ballots: Sequence[CastBallot], boxes: Sequence[BoxTotal]) -> str:
    """Return why the marks may not be shown although the rule shows them; empty when they may.

    A body of fewer than `rule.small_body` ballots never shows marks. Where paper stood beside phones, neither way
    nor a box counted by hand may have fewer: who voted on paper is known in the hall (docs/decisions/0009).
    """
    if len(ballots) + sum(box.returned for box in boxes) < rule.small_body:
        return f"收回的票不足 {rule.small_body} 张，为保守投票秘密，只公开回执码，不公开每张票的内容。"
    if rule.paper == "none":
        return ""
    papers = _papers(ballots)
    groups = [papers, len(ballots) - papers, *(box.returned for box in boxes)]
    if any(0 < group < rule.small_body for group in groups):
        return (
            f"手机票、纸质票有一类（或者有的票箱）不足 {rule.small_body} 张，为保守投票秘密，"
            "只公开回执码，不公开每张票的内容。"
        )
    return ""


def to_bytes(record: Mapping[str, Any]) -> bytes:
    """Return the record as a file: the same bytes at every download, and those under the chain's digest."""
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
