"""Reading a record of a round (票决记录) from outside, and counting it again. Nothing in the file is trusted."""

import json
import re
from collections.abc import Mapping
from typing import Any

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import ABSTAIN, AGAINST, FOR, KINDS, RATINGS, Source
from votes.rules.voting.digests import canonical_json
from votes.rules.voting.record import FORMATS
from votes.rules.voting.result import BoxTotal, CastBallot, TurnoutFigures
from votes.rules.voting.tally import count

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


def recount(record: object) -> dict[str, Any]:
    """Return the "result" object computed from a record's rule, turnout, candidates and ballots.

    Takes what `parse` takes and raises what `parse` and `count` raise.
    """
    return count(*parse(record)).to_dict()


def parse(record: object) -> tuple[Rule, TurnoutFigures, list[int], list[CastBallot], list[BoxTotal]]:
    """Read from a record what `count` needs; `record` is an object, or the text or bytes of a JSON file.

    Raises RuleBroken (status 422, `field` the place in the record) for anything malformed, and with code
    "not_recountable" for a record that does not show the marks.
    """
    if isinstance(record, str | bytes):
        record = _load(record)
    top = _object(record, "票决记录")
    if _key(top, "format", "票决记录") not in FORMATS:
        words = f"不是本系统认识的票决记录，format 应为“{'”或“'.join(FORMATS)}”。"
        raise _bad("format", words, code="unknown_format")
    rule = Rule.from_dict(_key(top, "rule", "票决记录"))
    turnout = _turnout(_key(top, "turnout", "票决记录"))
    numbers = _candidates(_key(top, "candidates", "票决记录"))
    entries = _list(_key(top, "ballots", "票决记录"), "ballots")
    boxes = _boxes(_list(top.get("boxes", []), "boxes"), numbers, rule)
    _refuse_without_marks(entries, turnout, sum(box.returned for box in boxes))
    return rule, turnout, numbers, _ballots(entries, numbers, rule), boxes


def _boxes(entries: list[Any], numbers: list[int], rule: Rule) -> list[BoxTotal]:
    boxes = [_box(entry, place, numbers, rule) for place, entry in enumerate(entries, start=1)]
    if len({box.no for box in boxes}) != len(boxes):
        raise _bad("boxes", "票箱编号有重复。", code="duplicate_number")
    return boxes


def _ballots(entries: list[Any], numbers: list[int], rule: Rule) -> list[CastBallot]:
    words = RATINGS if rule.method == "rating" else (FOR, AGAINST, ABSTAIN)
    printed = {str(no): no for no in numbers}
    ballots: dict[str, CastBallot] = {}
    read = [_ballot(entry, place, printed, words) for place, entry in enumerate(entries, start=1)]
    for ballot in read:
        if ballot.code in ballots:
            raise _bad("ballots", f"回执码 {ballot.code} 出现了两次，票有重复。", code="duplicate_code")
        ballots[ballot.code] = ballot
    return read


def _load(text: str | bytes) -> object:
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if _SURROGATE.search(text):
            # Half a character (\ud83d alone) is no text: it can be neither printed nor hashed.
            canonical_json(value)
        return value
    except (ValueError, RecursionError):
        raise _bad(
            "", "文件不是有效的 JSON（UTF-8 编码），无法读取。请检查文件是否完整。", code="not_json"
        ) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object with two equal keys: a ballot must not hold two marks for one number.

    Python would silently keep the last of them.
    """
    plain = dict(pairs)
    if len(plain) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return plain


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _turnout(value: object) -> TurnoutFigures:
    figures = _object(value, "turnout")
    paper = ["paper_issued"] if "paper_issued" in figures else []
    numbers = {}
    for name in ("roster", "present", "issued", "returned", *paper):
        numbers[name] = _whole(_key(figures, name, "turnout"), f"turnout.{name}", least=0)
    return TurnoutFigures(**numbers)


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


def _refuse_without_marks(ballots: list[Any], turnout: TurnoutFigures, in_boxes: int) -> None:
    """Refuse a record that shows codes only, or nothing: it may be sound but cannot be counted."""
    if not ballots and turnout.returned > in_boxes:
        raise _bad("ballots", "记录没有公开选票，无法从中重新计票。", code="not_recountable")
    if ballots and all(isinstance(entry, Mapping) and "marks" not in entry for entry in ballots):
        raise _bad(
            "ballots", "记录只公开了回执码，没有公开票的内容，无法从中重新计票。", code="not_recountable"
        )


def _ballot(entry: object, place: int, printed: Mapping[str, int], words: tuple[str, ...]) -> CastBallot:
    where = f"第 {place} 张票"
    ballot = _object(entry, where)
    code = _text(_key(ballot, "code", where), f"{where}的 code")
    source = _key(ballot, "source", where)
    if not isinstance(source, str) or source not in KINDS:
        raise _bad("ballots", f"{where}的 source 应为 {' 或 '.join(KINDS)}。")
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
    return CastBallot(code, Source(source), marks, spoilt)


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
