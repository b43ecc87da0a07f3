"""The published record of a round (票决记录), format 1: written, read back, counted again.

`parse` reads files from outside, so it trusts nothing in them.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import ABSTAIN, AGAINST, FOR, RATINGS
from votes.rules.voting.chain import canonical_json, digest
from votes.rules.voting.tally import Ballot, BoxTotal, Turnout, count

FORMAT = "minsheng-vote-record/1"

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


@dataclass(frozen=True)
class Heading:
    """Whose vote it was: names as printed; `round_id` and `parent` are the rounds' public ids."""

    body: str
    session: str
    round_id: str
    title: str
    ordinal: int = 1
    parent: str | None = None
    rehearsal: bool = False


def ballot_dict(ballot: Ballot) -> dict[str, Any]:
    """A full ballot as the record writes it: 弃权 left out, numbers as strings, a spoilt one without marks."""
    marks = {} if ballot.spoilt else ballot.marks
    plain: dict[str, Any] = {
        "code": ballot.code,
        "source": ballot.source,
        "marks": {str(no): marks[no] for no in sorted(marks) if marks[no] != ABSTAIN},
    }
    if ballot.spoilt:
        plain["spoilt"] = True
    return plain


def box_dict(box: BoxTotal, rule: Rule, candidates: Sequence[int]) -> dict[str, Any]:
    """The sums of a box counted by hand as the record writes them: every candidate, every figure but the last
    (弃权, or void items), which follows from the rest."""
    words = {"choose": (FOR,), "rating": RATINGS}.get(rule.method, (FOR, AGAINST))
    counts = [
        {"no": no, **{word: box.counts.get(no, {}).get(word, 0) for word in words}} for no in candidates
    ]
    return {
        "no": box.no,
        "returned": box.returned,
        "valid": box.valid,
        "invalid": box.invalid,
        "counts": counts,
    }


def _full_boxes(boxes: Iterable[BoxTotal], rule: Rule, candidates: Sequence[int]) -> list[dict[str, Any]]:
    return [box_dict(box, rule, candidates) for box in sorted(boxes, key=lambda box: box.no)]


def salted(value: Any, salt: str | None) -> Any:
    """What a digest of figures is taken over: with a salt, so that nobody finds them by trying the few that are possible.

    Without one (a round closed by an earlier version) the value alone.
    """
    return {"salt": salt, "value": value} if salt else value


def digests(
    *,
    algorithm: str,
    rule: Rule,
    roll: Iterable[str],
    ballots: Iterable[Ballot],
    boxes: Sequence[BoxTotal] = (),
    candidates: Sequence[int] = (),
    salts: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Hex digests of the rule, the roll (entitled deputy numbers), the full ballots sorted by code, and the boxes
    counted by hand where there are any (their rows follow `candidates`, the printed numbers in ballot order), the last
    two with the salts there are for them.

    They are always taken over the full data, whatever of it is published.
    """
    full = [ballot_dict(ballot) for ballot in sorted(ballots, key=lambda ballot: ballot.code)]
    found = {
        "rule": digest(algorithm, canonical_json(rule.to_dict())),
        "roll": digest(algorithm, canonical_json(sorted(roll))),
        "ballots": digest(algorithm, canonical_json(salted(full, (salts or {}).get("ballots")))),
    }
    if boxes:
        full_boxes = _full_boxes(boxes, rule, candidates)
        found["boxes"] = digest(algorithm, canonical_json(salted(full_boxes, (salts or {}).get("boxes"))))
    return found


def build(
    heading: Heading,
    *,
    rule: Rule,
    turnout: Turnout,
    candidates: Sequence[tuple[int, str]],
    ballots: Iterable[Ballot],
    roll: Iterable[str],
    algorithm: str = "sha256",
    sealed: bool = False,
    boxes: Sequence[BoxTotal] = (),
    salts: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The record of a counted round, JSON types only.

    `candidates` are (printed number, name) in ballot order; `roll` the entitled deputies' numbers. What of the
    ballots and figures is shown follows `rule.disclosure` and `rule.publish`; a body of fewer than
    `rule.small_body` ballots never shows marks, and "withheld" says so. `sealed` gives the full record for the
    sealed archive instead. `boxes` are the sums of those counted by hand; they are shown as the ballots are. Where
    paper stood beside phones, marks are withheld too when either way, or a box counted by hand, gave fewer than
    `small_body` ballots: who voted on paper is known in the hall (docs/decisions/0009). The result is counted
    here from the ballots. `salts` are those of the round's digests (ballots, result, boxes, paper); each is shown where the
    figures under it are. Raises RuleBroken as `count` does.
    """
    box = sorted(ballots, key=lambda ballot: ballot.code)
    numbers = [no for no, _ in candidates]
    result = count(rule, turnout, numbers, box, boxes).to_dict()
    salts = salts or {}
    signed = digest(algorithm, canonical_json(salted(result, salts.get("result"))))
    if rule.publish == "names" and not sealed:
        told = "grade" if rule.method == "rating" else "outcome"
        result["counts"] = [{"no": row["no"], told: row[told]} for row in result["counts"]]

    disclosure = "ballots" if sealed else rule.disclosure
    withheld = ""
    if disclosure == "ballots" and not sealed:
        withheld = _withheld(rule, box, boxes)
    if withheld:
        disclosure = "codes"
    shown: list[dict[str, Any]] = []
    if disclosure == "ballots":
        shown = [ballot_dict(ballot) for ballot in box]
    elif disclosure == "codes":
        shown = [{"code": ballot.code, "source": ballot.source} for ballot in box]
    piles = _full_boxes(boxes, rule, numbers)
    if disclosure != "ballots":
        piles = [{"no": pile["no"], "returned": pile["returned"]} for pile in piles]

    record: dict[str, Any] = {
        "format": FORMAT,
        "hash": algorithm,
        "body": heading.body,
        "session": heading.session,
        "round": {
            "id": heading.round_id,
            "title": heading.title,
            "ordinal": heading.ordinal,
            "parent": heading.parent,
            "rehearsal": heading.rehearsal,
        },
        "rule": rule.to_dict(),
        "turnout": {
            "roster": turnout.roster,
            "present": turnout.present,
            "issued": turnout.issued,
            "returned": turnout.returned,
        },
        "candidates": [{"no": no, "name": name} for no, name in candidates],
        "ballots": shown,
        "result": result,
        "digests": digests(
            algorithm=algorithm,
            rule=rule,
            roll=roll,
            ballots=box,
            boxes=boxes,
            candidates=numbers,
            salts=salts,
        ),
    }
    if salts:
        record["digests"]["result"] = signed
        figures = {
            "result": rule.publish != "names",
            "boxes": bool(boxes) and disclosure == "ballots",
        }
        open_salts = {name: salt for name, salt in salts.items() if sealed or figures.get(name)}
        if open_salts:
            record["salts"] = open_salts
    if turnout.paper_issued is not None:
        record["turnout"]["paper_issued"] = turnout.paper_issued
        record["turnout"]["paper_returned"] = sum(ballot.source == "paper" for ballot in box) + sum(
            each.returned for each in boxes
        )
    if piles:
        record["boxes"] = piles
    if withheld:
        record["withheld"] = withheld
    return record


def shows_marks(rule: Rule, ballots: Sequence[Ballot], boxes: Sequence[BoxTotal] = ()) -> bool:
    """Whether nothing that is marked stays hidden from the public (or there is nothing to hide)."""
    return not (ballots or boxes) or (rule.disclosure == "ballots" and not _withheld(rule, ballots, boxes))


def _withheld(rule: Rule, ballots: Sequence[Ballot], boxes: Sequence[BoxTotal]) -> str:
    """Why the marks may not be shown although the rule shows them; empty when they may."""
    if len(ballots) + sum(box.returned for box in boxes) < rule.small_body:
        return f"收回的票不足 {rule.small_body} 张，为保守投票秘密，只公开回执码，不公开每张票的内容。"
    if rule.paper == "none":
        return ""
    papers = sum(ballot.source == "paper" for ballot in ballots)
    groups = [papers, len(ballots) - papers, *(box.returned for box in boxes)]
    if any(0 < group < rule.small_body for group in groups):
        return (
            f"手机票、纸质票有一类（或者有的票箱）不足 {rule.small_body} 张，为保守投票秘密，"
            "只公开回执码，不公开每张票的内容。"
        )
    return ""


def to_bytes(record: Mapping[str, Any]) -> bytes:
    """The record as a file: the same bytes at every download, and those that the chain's digest is of."""
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def recount(record: object) -> dict[str, Any]:
    """The "result" object computed from a record's rule, turnout, candidates and ballots.

    Takes what `parse` takes and raises what `parse` and `count` raise.
    """
    return count(*parse(record)).to_dict()


def parse(record: object) -> tuple[Rule, Turnout, list[int], list[Ballot], list[BoxTotal]]:
    """Read what `count` needs out of a record: an object, or the text or bytes of a JSON file.

    Raises RuleBroken (status 422, `field` the place in the record) for anything malformed, and with code
    "not_recountable" for a record that by its rule does not show the marks.
    """
    if isinstance(record, str | bytes):
        record = _load(record)
    top = _object(record, "票决记录")
    if _key(top, "format", "票决记录") != FORMAT:
        raise _bad("format", f"不是本系统认识的票决记录，format 应为“{FORMAT}”。", code="unknown_format")
    rule = Rule.from_dict(_key(top, "rule", "票决记录"))
    turnout = _turnout(_key(top, "turnout", "票决记录"))
    numbers = _candidates(_key(top, "candidates", "票决记录"))
    ballots = _list(_key(top, "ballots", "票决记录"), "ballots")
    boxes = [
        _box(entry, place, numbers, rule)
        for place, entry in enumerate(_list(top.get("boxes", []), "boxes"), start=1)
    ]
    if len({box.no for box in boxes}) != len(boxes):
        raise _bad("boxes", "票箱编号有重复。", code="duplicate_number")
    _refuse_without_marks(ballots, turnout, sum(box.returned for box in boxes))
    words = RATINGS if rule.method == "rating" else (FOR, AGAINST, ABSTAIN)
    printed = {str(no): no for no in numbers}
    read = [_ballot(entry, place, printed, words) for place, entry in enumerate(ballots, start=1)]
    codes: set[str] = set()
    for ballot in read:
        if ballot.code in codes:
            raise _bad("ballots", f"回执码 {ballot.code} 出现了两次，票有重复。", code="duplicate_code")
        codes.add(ballot.code)
    return rule, turnout, numbers, read, boxes


def _load(text: str | bytes) -> object:
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if _SURROGATE.search(text):
            canonical_json(
                value
            )  # half a character (\ud83d alone) is no text: it can be neither printed nor hashed
        return value
    except (ValueError, RecursionError):
        raise _bad(
            "", "文件不是有效的 JSON（UTF-8 编码），无法读取。请检查文件是否完整。", code="not_json"
        ) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Python would silently keep the last of two equal keys; a ballot must not hold two marks for one number."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _turnout(value: object) -> Turnout:
    figures = _object(value, "turnout")
    return Turnout(
        **{
            name: _whole(_key(figures, name, "turnout"), f"turnout.{name}", least=0)
            for name in ("roster", "present", "issued", "returned", "paper_issued")
            if name in figures or name != "paper_issued"
        }
    )


def _candidates(value: object) -> list[int]:
    numbers: list[int] = []
    for place, entry in enumerate(_list(value, "candidates"), start=1):
        where = f"candidates 第 {place} 个"
        candidate = _object(entry, where)
        no = _whole(_key(candidate, "no", where), f"{where} no", least=1)
        _text(_key(candidate, "name", where), f"{where} name")
        if no in numbers:
            raise _bad("candidates", f"候选项目编号 {no} 出现了两次。", code="duplicate_number")
        numbers.append(no)
    if not numbers:
        raise _bad("candidates", "记录中没有候选项目。", code="no_candidates")
    return numbers


def _box(entry: object, place: int, numbers: list[int], rule: Rule) -> BoxTotal:
    where = f"第 {place} 个票箱"
    box = _object(entry, where)
    no = _whole(_key(box, "no", where), f"{where} no", least=1)
    if "counts" not in box:
        raise _bad("boxes", "记录没有公开纸质票箱的计票数，无法从中重新计票。", code="not_recountable")
    counts: dict[int, dict[str, int]] = {}
    for line in _list(box["counts"], f"{where} counts"):
        row = _object(line, f"{where}的一行")
        number = _whole(_key(row, "no", where), f"{where}的项目编号", least=1)
        if number not in numbers or number in counts:
            raise _bad("boxes", f"{where}的第 {number} 项不在票上，或者出现了两次。", code="unknown_number")
        words = {key: value for key, value in row.items() if key != "no"}
        allowed = RATINGS if rule.method == "rating" else (FOR, AGAINST)
        if unknown := [key for key in words if key not in allowed]:
            raise _bad("boxes", f"{where}第 {number} 项有不认识的一栏“{unknown[0]}”。", code="unknown_mark")
        counts[number] = {
            key: _whole(value, f"{where}第 {number} 项 {key}", least=0) for key, value in words.items()
        }
    valid = _whole(_key(box, "valid", where), f"{where} valid", least=0)
    invalid = _whole(_key(box, "invalid", where), f"{where} invalid", least=0)
    if _whole(_key(box, "returned", where), f"{where} returned", least=0) != valid + invalid:
        raise _bad("boxes", f"{where}的收回数不等于有效与无效之和。")
    return BoxTotal(no, valid, invalid, counts)


def _refuse_without_marks(ballots: list[Any], turnout: Turnout, in_boxes: int) -> None:
    """By its rule a record may show codes only, or nothing: sound, but nothing to count from."""
    if not ballots and turnout.returned > in_boxes:
        raise _bad("ballots", "记录没有公开选票，无法从中重新计票。", code="not_recountable")
    if ballots and all(isinstance(entry, Mapping) and "marks" not in entry for entry in ballots):
        raise _bad(
            "ballots", "记录只公开了回执码，没有公开票的内容，无法从中重新计票。", code="not_recountable"
        )


def _ballot(entry: object, place: int, printed: Mapping[str, int], words: tuple[str, ...]) -> Ballot:
    where = f"第 {place} 张票"
    ballot = _object(entry, where)
    code = _text(_key(ballot, "code", where), f"{where}的 code")
    source = _key(ballot, "source", where)
    if source not in ("phone", "paper"):
        raise _bad("ballots", f"{where}的 source 应为 phone 或 paper。")
    spoilt = ballot.get("spoilt", False)
    if not isinstance(spoilt, bool):
        raise _bad("ballots", f"{where}的 spoilt 应为 true 或 false。")
    marks: dict[int, str] = {}
    for key, mark in _object(_key(ballot, "marks", where), f"{where}的 marks").items():
        if key not in printed:
            raise _bad("ballots", f"{where}标记了不存在的候选项目“{key}”。", code="unknown_number")
        if not isinstance(mark, str) or mark not in words:
            raise _bad(
                "ballots", f"{where}第 {key} 项的标记应为 {'、'.join(words)} 之一。", code="unknown_mark"
            )
        marks[printed[key]] = mark
    if spoilt and marks:
        raise _bad("ballots", f"{where}记为废票，却带有标记。")
    return Ballot(code, source, marks, spoilt)


def _bad(field: str, words: str, *, code: str = "malformed") -> RuleBroken:
    return RuleBroken(words, field=field or None, code=code, status=422)


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _bad(where, f"{where}应为一个对象。")
    return value


def _key(data: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in data:
        raise _bad(key, f"{where}中缺少 {key}。", code="missing")
    return data[key]


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _bad(where, f"{where} 应为一个列表。")
    return value


def _whole(value: object, where: str, *, least: int) -> int:
    if type(value) is not int or value < least:
        raise _bad(where, f"{where} 应为不小于 {least} 的整数。")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _bad(where, f"{where} 应为非空的文字。")
    return value
