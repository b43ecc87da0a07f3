#!/usr/bin/env python3
"""核对一份公布的票决记录：重新计票，逐项比对，给出「一致」或「不一致」。

怎样用
    python3 recount.py 记录.json                    打印核对报告
    python3 recount.py 记录.json --roll 名册.txt    同时核对代表名册（每行一个代表证号）
    python3 recount.py 记录.json --json             打印供程序读取的报告（ASCII 编码的 JSON）
只需 Python 3.9 或更高版本，不联网，不改动任何文件，不需要安装任何东西。
退出码：0 一致；1 不一致；2 没有结论（文件不能作为票决记录读取）。

核对什么（记录里有多少就核对多少，不能核对的如实说明）
    1. 票决办法、选票、名册的摘要（SHA-256 或 SM3，由记录指明）；
    2. 回执码不重复，选票张数等于收回数，应到 ≥ 实到 ≥ 发出 ≥ 收回，法定人数，本轮是否无效；
    3. 每张选票是否有效，人工计票的票箱各栏之和，每个项目的票数，是否过半数，名次，票数相等，入选、待定、空缺；
    4. 监票人的签字（第 2 版记录）：总监票人和至少一名监票人签了字，手机密钥的签字逐个验算（ECDSA P-256），
       短码由公钥算出，请与监票人手签名单上的逐字对照；口令签字，第三方无法验证。

不能说明什么
    记录自己带的摘要只说明记录前后一致。要确认记录就是会场封存的那一份，请把报告末尾的摘要
    与监票人签字的计票报告单、会场大屏幕上公布的摘要逐字对照。

----

Verify a published record of a vote (formats ``minsheng-vote-record/1`` and ``/2``).

Usage: ``python3 recount.py RECORD.json [--roll FILE] [--json]``. The program needs Python 3.9 or later and its
standard library; it uses no network and changes no file. Exit code 0: consistent, 1: not consistent, 2: the file
cannot be read as a record.

The program recomputes as much as the record allows: the digests of rule, ballots and roll; unique codes; turnout
figures, quorum and voidness; the validity of each ballot; votes, majority, order, ties, selected, undecided, seats
left; of format 2 the tellers' signatures (ECDSA on P-256 with SHA-256). The report names what could not be recomputed. The digests inside a record only prove that it agrees with
itself: compare the digests at the end of the report with the signed counting sheet and the hall screen.

This file shares no code with the application that wrote the record. It is a second implementation of the counting
rules, so that a mistake in one of them does not confirm itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Optional

FORMATS = ("minsheng-vote-record/1", "minsheng-vote-record/2")
LARGEST = 10**9  # no congress is larger; the limit keeps arithmetic and printing short for hostile files

# The marks that a ballot may have for one project, by method. No mark is 弃权 (rating: void item).
MARKS = {
    "choose": ("for", "abstain"),
    "threeway": ("for", "against", "abstain"),
    "confirm": ("for", "against", "abstain"),
    "rating": ("satisfied", "basically", "dissatisfied"),
}
OUTCOMES = ("selected", "not_selected", "undecided", "no_majority")
WORDS = {
    "choose": "从候选项目中选若干项",
    "threeway": "逐项表决（赞成、反对、弃权）",
    "confirm": "等额表决（赞成、反对、弃权）",
    "rating": "满意度测评",
    "roster": "全体代表",
    "present": "到会代表",
    "valid": "有效票",
    "none": "不要求过半数（相对多数）",
    "for": "赞成",
    "against": "反对",
    "abstain": "弃权",
    "satisfied": "满意",
    "basically": "基本满意",
    "dissatisfied": "不满意",
    "void": "作废",
    "grade": "等次",
    "outcome": "结果",
    "selected": "入选",
    "not_selected": "未入选",
    "undecided": "待定",
    "no_majority": "未过半数",
    "returned_exceeds_issued": "收回多于发出",
    "no_quorum": "未达法定人数",
}


class Unreadable(Exception):
    """The file cannot be read as a record. The message is Chinese, for the operator."""


# --- Digests ------------------------------------------------------------------------------------------------


def sm3(data: bytes) -> str:
    """Return the SM3 digest (GB/T 32905-2016) in lower-case hex; not every build of hashlib has it."""

    def turn(word: int, by: int) -> int:
        by %= 32
        return ((word << by) | (word >> (32 - by))) & 0xFFFFFFFF

    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    constants = [turn(0x79CC4519 if j < 16 else 0x7A879D8A, j) for j in range(64)]
    for start in range(0, len(padded), 64):
        w = [int.from_bytes(padded[at : at + 4], "big") for at in range(start, start + 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15)
            w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            ss1 = turn((turn(a, 12) + e + constants[j]) & 0xFFFFFFFF, 7)
            ss2 = ss1 ^ turn(a, 12)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & 0xFFFFFFFF & g)
            tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
            tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
            a, b, c, d = tt1, a, turn(b, 9), c
            e, f, g, h = tt2 ^ turn(tt2, 9) ^ turn(tt2, 17), e, turn(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]  # noqa: B905 - Python 3.9
    return "".join(f"{word:08x}" for word in state)


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value: sorted keys, no spaces, UTF-8, no ASCII escapes."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode("utf-8")
    except (ValueError, RecursionError):  # an infinity, half of a surrogate pair, or too deep a nesting
        raise Unreadable("文件里有不成字的编码、无穷大的数或过深的嵌套，无法计算摘要") from None


def digest(algorithm: str, value: Any) -> str:
    """Return the digest of the canonical JSON of a value."""
    data = canonical(value)
    return hashlib.sha256(data).hexdigest() if algorithm == "sha256" else sm3(data)


# --- Signatures: ECDSA on P-256 (FIPS 186-5) -----------------------------------------------------------------

PRIME = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CURVE_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
BASE = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = Optional[tuple[int, int]]  # noqa: UP045 - Python 3.9. None: the point at infinity


def add_points(first: Point, second: Point) -> Point:
    """Return the sum of two points of the curve."""
    if first is None or second is None:
        return second if first is None else first
    (x1, y1), (x2, y2) = first, second
    if x1 == x2:
        if (y1 + y2) % PRIME == 0:
            return None
        slope = 3 * (x1 * x1 - 1) * pow(2 * y1, -1, PRIME)  # the curve's a is -3
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, PRIME)
    x3 = (slope * slope - x1 - x2) % PRIME
    return x3, (slope * (x1 - x3) - y1) % PRIME


def multiply(times: int, point: Point) -> Point:
    """Return a point added to itself so many times."""
    total: Point = None
    while times:
        if times & 1:
            total = add_points(total, point)
        point = add_points(point, point)
        times >>= 1
    return total


def is_hex(text: str, length: int) -> bool:
    """Return whether a text is so many hex digits in lower case."""
    return len(text) == length and not set(text) - set("0123456789abcdef")


def verifies(public_key: str, message: bytes, signature: str) -> bool:
    """Return whether a signature (hex: r, s) of a message is by a public key (hex: 04, x, y)."""
    if not is_hex(public_key, 130) or not public_key.startswith("04") or not is_hex(signature, 128):
        return False
    key = (int(public_key[2:66], 16), int(public_key[66:], 16))
    on_curve = (key[1] ** 2 - key[0] ** 3 + 3 * key[0] - CURVE_B) % PRIME == 0
    r, s = int(signature[:64], 16), int(signature[64:], 16)
    if not on_curve or max(key) >= PRIME or not (0 < r < ORDER and 0 < s < ORDER):
        return False
    hashed, inverse = int(hashlib.sha256(message).hexdigest(), 16), pow(s, -1, ORDER)
    point = add_points(multiply(hashed * inverse % ORDER, BASE), multiply(r * inverse % ORDER, key))
    return point is not None and point[0] % ORDER == r


def short_code(public_key: str) -> str:
    """Return 短码 of a public key: five bits each of the first ten bytes of a hash."""
    hashed = hashlib.sha256(b"minsheng-teller-key/1\n" + bytes.fromhex(public_key)).digest()
    return "".join("ABCDEFGHJKLMNPQRSTUVWXYZ23456789"[byte & 31] for byte in hashed[:10])


# --- Reading the file --------------------------------------------------------------------------------------


@dataclass
class Rule:
    """The parameters of 票决办法 that this program uses; ``raw`` is the whole object, which the digest covers."""

    raw: dict[str, Any]
    method: str
    seats: int
    quorum: tuple[int, int]
    quorum_more: bool
    majority: str
    overvote: str
    half: str
    disclosure: str
    publish: str
    small_body: int
    paper: bool

    @property
    def rating(self) -> bool:
        """Return whether the round is a rating (满意度测评)."""
        return self.method == "rating"

    def least_present(self, roster: int) -> int:
        """Return 法定人数 in heads: the share rounded up, or the next head above it where it must be exceeded."""
        whole, rest = divmod(roster * self.quorum[0], self.quorum[1])
        return whole + 1 if rest or self.quorum_more else whole

    @property
    def figures(self) -> tuple[str, ...]:
        """Return the names of the figures in one row of counts."""
        return (*MARKS["rating"], "void") if self.rating else ("for", "against", "abstain")

    @property
    def verdict(self) -> str:
        """Return the key of a row of counts that holds the decision."""
        return "grade" if self.rating else "outcome"


@dataclass
class Ballot:
    """One ballot; ``marks`` is None where the record publishes the code only."""

    code: str
    source: str
    marks: dict[str, str] | None
    spoilt: bool


@dataclass
class Box:
    """A ballot box counted by hand; ``counts`` is None where the record has only the number of its papers."""

    no: int
    returned: int
    valid: int
    invalid: int
    counts: dict[int, dict[str, int]] | None


@dataclass
class Stated:
    """The result in the record; None: not stated."""

    valid: int | None
    invalid: int | None
    rows: list[dict[str, Any]]
    selected: list[int] | None
    undecided: list[int] | None
    seats_left: int | None
    void: str | None


@dataclass
class GivenSignature:
    """One teller's signature; ``kind`` is key, passphrase or login, the last three are empty where it has none."""

    name: str
    role: str
    kind: str
    code: str
    public_key: str
    signature: str


@dataclass
class Record:
    """A record of the right shape; nothing in it has been verified yet."""

    hash: str
    body: str
    session: str
    title: str
    ordinal: int | None
    rehearsal: bool
    rule: Rule
    turnout: dict[str, int]
    candidates: dict[int, str]
    ballots: list[Ballot]
    raw_ballots: list[dict[str, Any]]
    boxes: list[Box]
    raw_boxes: list[dict[str, Any]]
    stated: Stated
    raw_result: dict[str, Any]
    digests: dict[str, str]
    salts: dict[str, str]
    withheld: bool
    version: int
    signatures: list[GivenSignature]
    signed: dict[str, Any]  # what the tellers signed
    notes: list[str] = field(default_factory=list)

    @property
    def marks_known(self) -> bool:
        """Return whether the record has the marks of every ballot and the counts of every box."""
        if any(box.counts is None for box in self.boxes):
            return False
        if not self.ballots:
            return self.turnout["returned"] == self.in_boxes
        return all(ballot.marks is not None for ballot in self.ballots)

    @property
    def in_boxes(self) -> int:
        """Return the number of papers in boxes that were counted by hand."""
        return sum(box.returned for box in self.boxes)

    @property
    def papers(self) -> int:
        """Return 收回 of the paper ballots: counted where the record has the ballots, else as stated."""
        if self.ballots or "paper_returned" not in self.turnout:
            return sum(ballot.source == "paper" for ballot in self.ballots) + self.in_boxes
        return self.turnout["paper_returned"]

    @property
    def smallest(self) -> int:
        """Return the size of the smallest group whose votes the record would show separately.

        The groups are all ballots and, where paper is used beside phones, the phones, the papers and each box.
        """
        groups = [self.turnout["returned"]]
        if self.rule.paper:
            returned, papers = self.turnout["returned"], self.papers
            groups += [papers - self.in_boxes, returned - papers, *(box.returned for box in self.boxes)]
        return min([group for group in groups if group > 0], default=0)


KINDS = {int: "整数", str: "文字", bool: "true 或 false", list: "列表", dict: "对象"}


def pick(box: dict[str, Any], key: str, kind: type, where: str, *, optional: bool = False) -> Any:
    """Return ``box[key]``; raise Unreadable where it is missing or of another JSON type than ``kind``.

    With ``optional`` a missing key or null gives None. Whole numbers are at most LARGEST.
    """
    value = box.get(key)
    if value is None and optional:
        return None
    if key not in box:
        raise Unreadable(f"{where}缺少 {key}")
    return typed(value, kind, f"{where}的 {key}")


def typed(value: Any, kind: type, where: str) -> Any:
    """Return ``value``; raise Unreadable where it is not a ``kind``. A bool is no int."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Unreadable(f"{where} 应是{KINDS[kind]}，现在是 {brief(value)}")
    if kind is int and isinstance(value, int) and not 0 <= value <= LARGEST:
        raise Unreadable(f"{where} 超出合理范围：{brief(value)}")
    return value


def choice(rule: dict[str, Any], key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    """Return the parameter ``key`` of a rule; raise Unreadable where it is none of ``allowed``."""
    value = pick(rule, key, str, "票决办法（rule）", optional=default is not None) or default
    if value not in allowed:
        raise Unreadable(f"票决办法（rule）的 {key} 是 {brief(value)}，本程序只认识 {'、'.join(allowed)}")
    return str(value)


def read_rule(raw: dict[str, Any], notes: list[str]) -> Rule:
    """Return the rule. A missing parameter has the default of the counting rules, and a note says so."""
    method = choice(raw, "method", tuple(MARKS))
    rating = method == "rating"
    seats = pick(raw, "seats", int, "票决办法（rule）", optional=rating)
    if not rating and seats < 1:
        raise Unreadable("票决办法（rule）的 seats（应选数）应至少为 1")
    quorum = pick(raw, "quorum", list, "票决办法（rule）", optional=True)
    quorum = [2, 3] if quorum is None else quorum
    if len(quorum) != 2 or typed(quorum[1], int, "quorum 的分母") < 1:
        raise Unreadable(f"票决办法（rule）的 quorum 应形如 [2, 3]，现在是 {brief(quorum)}")
    missing = [
        f"{key}（按 {value}）"
        for key, value in (("quorum", "2/3"), ("majority", "roster"), ("overvote", "void_ballot"))
        if raw.get(key) is None and not (rating and key != "quorum")
    ]
    if missing:
        notes.append(f"票决办法没有写明 {'、'.join(missing)}，已取计票规则的缺省值。")
    small_body = pick(raw, "small_body", int, "票决办法（rule）", optional=True)
    return Rule(
        raw=raw,
        method=method,
        seats=seats or 0,
        quorum=(typed(quorum[0], int, "quorum 的分子"), quorum[1]),
        quorum_more=bool(pick(raw, "quorum_more", bool, "票决办法（rule）", optional=True)),
        majority=choice(raw, "majority", ("roster", "present", "valid", "none"), "roster"),
        overvote=choice(raw, "overvote", ("void_ballot", "allow"), "void_ballot"),
        half=choice(raw, "half", ("satisfied", "both", "neither"), "satisfied"),
        disclosure=choice(raw, "disclosure", ("codes", "ballots", "none"), "codes"),
        publish=choice(raw, "publish", ("names", "names+votes"), "names"),
        small_body=20 if small_body is None else small_body,
        paper=choice(raw, "paper", ("none", "keyed", "totals"), "none") != "none",
    )


def read_ballot(raw: Any, position: int) -> Ballot:
    """Return a ballot of the record, numbered ``position`` in messages."""
    where = f"第 {position} 张选票"
    box = typed(raw, dict, where)
    marks = pick(box, "marks", dict, where, optional=True)
    for number, mark in (marks or {}).items():
        typed(mark, str, f"{where}对 {shown(number, 12)} 号的标记")
    return Ballot(
        code=pick(box, "code", str, where),
        source=pick(box, "source", str, where),
        marks=marks,
        spoilt=bool(pick(box, "spoilt", bool, where, optional=True)),
    )


def read_box(raw: Any, position: int, rule: Rule) -> Box:
    """Return a box of the record, numbered ``position`` in messages."""
    where = f"第 {position} 个票箱"
    box = typed(raw, dict, where)
    rows = pick(box, "counts", list, where, optional=True)
    counts: dict[int, dict[str, int]] | None = None
    if rows is not None:
        counts = {}
        for at, row in enumerate(rows, 1):
            place = f"{where}第 {at} 行"
            number = pick(typed(row, dict, place), "no", int, place)
            if number in counts:
                raise Unreadable(f"{where}里 {number} 号出现了两次")
            # A deputy who marked nothing abstained (rating: void item), so the last figure is never stated.
            counts[number] = {
                key: pick(row, key, int, place, optional=True) or 0 for key in rule.figures[:-1]
            }
    known = counts is not None
    return Box(
        no=pick(box, "no", int, where),
        returned=pick(box, "returned", int, where),
        valid=pick(box, "valid", int, where, optional=not known) or 0,
        invalid=pick(box, "invalid", int, where, optional=not known) or 0,
        counts=counts,
    )


def read_stated(raw: dict[str, Any], rule: Rule) -> Stated:
    """Return the result that the record states."""
    where = "公布结果（result）"
    rows = pick(raw, "counts", list, where)
    for position, row in enumerate(rows, 1):
        at = f"公布结果第 {position} 行"
        pick(typed(row, dict, at), "no", int, at)
        for key in rule.figures:
            pick(row, key, int, at, optional=True)
        pick(row, rule.verdict, str, at, optional=True)

    def numbers(key: str) -> list[int] | None:
        values = pick(raw, key, list, where, optional=rule.rating)
        for value in values or ():
            typed(value, int, f"{where}的 {key} 中的编号")
        return values

    names_only = rule.publish == "names"
    return Stated(
        valid=pick(raw, "valid", int, where, optional=names_only),
        invalid=pick(raw, "invalid", int, where, optional=names_only),
        rows=rows,
        selected=numbers("selected"),
        undecided=numbers("undecided"),
        seats_left=pick(raw, "seats_left", int, where, optional=rule.rating),
        void=pick(raw, "void", str, where, optional=True),
    )


def read_record(raw: Any) -> Record:
    """Return the record in a parsed JSON document; raise Unreadable with the place of the first fault."""
    top = typed(raw, dict, "整个文件")
    if top.get("format") not in FORMATS:
        raise Unreadable(
            f"记录格式（format）应是 {' 或 '.join(FORMATS)}，现在是 {brief(top.get('format'))}。"
            "若是较新的格式，请从公布记录的网站下载与之相配的核对程序"
        )
    algorithm = pick(top, "hash", str, "记录")
    if algorithm not in ("sha256", "sm3"):
        raise Unreadable(f"记录指明的摘要算法（hash）是 {brief(algorithm)}，本程序只认识 sha256 和 sm3")
    notes: list[str] = []
    rule = read_rule(pick(top, "rule", dict, "记录"), notes)
    turnout = pick(top, "turnout", dict, "记录")
    candidates: dict[int, str] = {}
    for position, item in enumerate(pick(top, "candidates", list, "记录"), 1):
        where = f"第 {position} 个候选项目"
        number = pick(typed(item, dict, where), "no", int, where)
        if number in candidates:
            raise Unreadable(f"候选项目编号 {number} 出现了两次，无法计票")
        candidates[number] = pick(item, "name", str, where)
    if not candidates:
        raise Unreadable("记录里没有候选项目（candidates 为空）")
    raw_ballots = pick(top, "ballots", list, "记录")
    raw_boxes = pick(top, "boxes", list, "记录", optional=True) or []
    digests = pick(top, "digests", dict, "记录")
    salts = pick(top, "salts", dict, "记录", optional=True) or {}
    about = pick(top, "round", dict, "记录")
    first = top["format"] == FORMATS[0]
    signatures = pick(top, "signatures", list, "记录", optional=first) or []
    if not first:
        pick(about, "id", str, "轮次（round）")
        reports = pick(top, "reports", dict, "记录")
        if number := pick(reports, "number", int, "投票异议（reports）"):
            decision = pick(reports, "decision", str, "投票异议（reports）")
            notes.append(f"有 {number} 名代表报告“不是我投的”。总监票人的结论：{shown(decision, 200)}")
    return Record(
        hash=algorithm,
        body=pick(top, "body", str, "记录"),
        session=pick(top, "session", str, "记录"),
        title=pick(about, "title", str, "轮次（round）"),
        ordinal=pick(about, "ordinal", int, "轮次（round）", optional=True),
        rehearsal=bool(pick(about, "rehearsal", bool, "轮次（round）", optional=True)),
        rule=rule,
        turnout={
            key: pick(turnout, key, int, "人数（turnout）")
            for key in ("roster", "present", "issued", "returned", "paper_issued", "paper_returned")
            if key in turnout or not key.startswith("paper")
        },
        candidates=candidates,
        ballots=[read_ballot(item, position) for position, item in enumerate(raw_ballots, 1)],
        raw_ballots=raw_ballots,
        boxes=[read_box(item, position, rule) for position, item in enumerate(raw_boxes, 1)],
        raw_boxes=raw_boxes,
        stated=read_stated(pick(top, "result", dict, "记录"), rule),
        raw_result=pick(top, "result", dict, "记录"),
        digests={
            key: pick(digests, key, str, "摘要（digests）", optional=True) or ""
            for key in ("rule", "roll", "ballots", "boxes", "result")
        },
        salts={
            key: pick(salts, key, str, "随机数（salts）", optional=True) or ""
            for key in ("ballots", "boxes", "result")
        },
        withheld=bool(top.get("withheld")),
        version=1 + FORMATS.index(top["format"]),
        signatures=[read_signature(item, position) for position, item in enumerate(signatures, 1)],
        signed={
            "round": about.get("id"),
            "rule": top["rule"],
            "turnout": turnout,
            "digests": digests,
            "reports": top.get("reports"),
        },
        notes=notes,
    )


def read_signature(raw: Any, position: int) -> GivenSignature:
    """Return a signature of the record, numbered ``position`` in messages."""
    where = f"第 {position} 个签字"
    box = typed(raw, dict, where)
    optional = {
        key: pick(box, key, str, where, optional=True) or "" for key in ("code", "public_key", "signature")
    }
    return GivenSignature(**{key: pick(box, key, str, where) for key in ("name", "role", "kind")}, **optional)


def load(path: str) -> Any:
    """Return the JSON document in a file; raise Unreadable.

    Two equal keys in one object are refused: two readers could see two different records in the same file.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        box = dict(pairs)
        if len(box) < len(pairs):
            twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
            raise Unreadable(f"同一个对象里 {brief(twice)} 出现了两次，含义不明")
        return box

    def constant(name: str) -> NoReturn:
        raise Unreadable(f"文件里有 {name}，这不是合法的 JSON 数值")

    text = read_file(path, "记录文件", ("utf-8-sig",))
    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise Unreadable(f"文件不是完整的 JSON（第 {error.lineno} 行第 {error.colno} 列附近出错）") from None
    except (ValueError, RecursionError):  # a number of thousands of digits; too deep a nesting
        raise Unreadable("文件里有过长的数字或过深的嵌套，不会是票决记录") from None


def read_file(path: str, what: str, encodings: tuple[str, ...]) -> str:
    """Return the text of a file in the first of ``encodings`` that fits; raise Unreadable."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        raise Unreadable(f"找不到{what} {shown(path, 200)}，请检查文件名和所在文件夹") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        reason = getattr(error, "strerror", None) or error
        raise Unreadable(f"打不开{what} {shown(path, 200)}（{reason}）") from None
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"{what}不是 UTF-8 编码的文本")


def read_roll(path: str) -> list[str]:
    """Return the numbers of entitled deputies, one a line without blank lines; GB 18030 is accepted."""
    lines = read_file(path, "名册文件", ("utf-8-sig", "gb18030")).splitlines()
    return [line.strip() for line in lines if line.strip()]


# --- Counting ----------------------------------------------------------------------------------------------


@dataclass
class Own:
    """The result that this program has computed.

    ``basis`` is what it was computed from: "ballots", "stated" figures, or "nothing". ``verdicts`` and ``lists`` (selected
    and undecided, ascending) are empty where that is not enough.
    """

    basis: str
    valid: int | None
    invalid: int | None
    rows: dict[int, dict[str, int]]
    verdicts: dict[int, str]
    lists: dict[str, list[int]]
    void: list[str]


def lists_of(verdicts: Mapping[int, str | None]) -> dict[str, list[int]]:
    """Return the lists that follow from the outcomes, in ascending printed number."""
    return {
        key: sorted(no for no, said in verdicts.items() if said == key) for key in ("selected", "undecided")
    }


def is_valid(rule: Rule, ballot: Ballot) -> bool:
    """Return whether a ballot is valid.

    A spoilt paper is not, nor is a ballot with more 赞成 than seats, unless the rule allows it. A ballot with fewer, or
    none, is valid.
    """
    if ballot.spoilt:
        return False
    if rule.rating or rule.overvote == "allow":
        return True
    return sum(mark == "for" for mark in (ballot.marks or {}).values()) <= rule.seats


def tally(record: Record) -> tuple[int, int, dict[int, dict[str, int]]]:
    """Count the ballots; return valid, invalid and one row of figures for each candidate."""
    rule = record.rule
    valid = [ballot for ballot in record.ballots if is_valid(rule, ballot)]
    seen = Counter((number, mark) for ballot in valid for number, mark in (ballot.marks or {}).items())
    *explicit, rest = rule.figures  # a deputy who marked nothing abstained (rating: void item)
    rows = {}
    for number in record.candidates:
        row = {mark: seen[str(number), mark] if mark in MARKS[rule.method] else 0 for mark in explicit}
        by_hand = sum(box.valid for box in record.boxes)
        for box in record.boxes:
            for mark, votes in (box.counts or {}).get(number, {}).items():
                row[mark] += votes
        row[rest] = len(valid) + by_hand - sum(row.values())
        rows[number] = row
    good = len(valid) + sum(box.valid for box in record.boxes)
    return good, len(record.ballots) + record.in_boxes - good, rows


def grade(rule: Rule, row: dict[str, int], roster: int) -> str:
    """Return the grade of a project by the membership (应到).

    满意 where 满意 reaches half of it, else 基本满意 where 满意 and 基本满意 together do, else 不满意. ``half`` says at which
    of the two steps exactly half is enough: satisfied, both or neither.
    """
    first, second = 2 * row["satisfied"], 2 * (row["satisfied"] + row["basically"])
    if first > roster or (first == roster and rule.half != "neither"):
        return "satisfied"
    if second > roster or (second == roster and rule.half == "both"):
        return "basically"
    return "dissatisfied"


def decide(rule: Rule, votes: dict[int, int], base: int | None) -> dict[int, str]:
    """Return the outcome of each candidate from its 赞成; the printed number never decides.

    A candidate that passes is selected when it and all with as many or more votes find a seat. It is not selected when
    those with more votes fill the seats. Otherwise it ties at the cut and is undecided.

    Args:
        rule: the rule, whose seats count here.
        votes: 赞成 by candidate number.
        base: a majority is more than half of this; None: relative majority, one vote is enough to pass.
    """
    passed = {no: count for no, count in votes.items() if (count > 0 if base is None else 2 * count > base)}
    outcome = {}
    for number in votes:
        if number not in passed:
            outcome[number] = "no_majority"
            continue
        above = sum(count > passed[number] for count in passed.values())
        level = sum(count == passed[number] for count in passed.values())
        if above + level <= rule.seats:
            outcome[number] = "selected"
        elif above >= rule.seats:
            outcome[number] = "not_selected"
        else:
            outcome[number] = "undecided"
    return outcome


def stated_rows(record: Record) -> dict[int, dict[str, int]] | None:
    """Return the stated figures by candidate; None unless each candidate has exactly one full row."""
    figures = record.rule.figures
    rows = {
        row["no"]: {key: row[key] for key in figures} for row in record.stated.rows if is_full(row, figures)
    }
    whole = rows.keys() == record.candidates.keys() and len(record.stated.rows) == len(rows)
    return rows if whole else None


def is_full(row: dict[str, Any], figures: tuple[str, ...]) -> bool:
    """Return whether a row has all ``figures``."""
    return all(row.get(key) is not None for key in figures)


def recount(record: Record) -> Own:
    """Compute the result from the ballots, else from the stated figures."""
    rule, turnout = record.rule, record.turnout
    void = []
    if (
        turnout["returned"] > turnout["issued"]
        or record.papers > turnout.get("paper_issued", record.papers)  # too many paper ballots
    ):
        void.append("returned_exceeds_issued")
    if turnout["present"] < rule.least_present(turnout["roster"]):
        void.append("no_quorum")
    basis, valid, invalid = "nothing", record.stated.valid, record.stated.invalid
    rows: dict[int, dict[str, int]] = {}
    if record.marks_known:
        basis = "ballots"
        valid, invalid, rows = tally(record)
    else:
        stated = stated_rows(record)
        if stated is not None and (rule.majority != "valid" or valid is not None):
            basis, rows = "stated", stated
    verdicts: dict[int, str] = {}
    lists: dict[str, list[int]] = {}
    if void:  # no project is selected, all are undecided, and a rating gives no grade
        lists = {"selected": [], "undecided": sorted(record.candidates)}
        verdicts = {} if rule.rating else dict.fromkeys(record.candidates, "undecided")
    elif rule.rating:
        lists = {"selected": [], "undecided": []}
        verdicts = {number: grade(rule, row, turnout["roster"]) for number, row in rows.items()}
    elif rows:
        base = {"roster": turnout["roster"], "present": turnout["present"], "valid": valid}.get(rule.majority)
        verdicts = decide(rule, {number: row["for"] for number, row in rows.items()}, base)
        lists = lists_of(verdicts)
    return Own(basis, valid, invalid, rows, verdicts, lists, void)


# --- Checking ----------------------------------------------------------------------------------------------


@dataclass
class Check:
    """One line of the report: 不一致 where it has differences; a ``gap`` names what could not be checked."""

    name: str
    differences: list[str] = field(default_factory=list)
    gap: str = ""
    remark: str = ""

    @property
    def status(self) -> str:
        """Return 一致, 不一致 or 无法核对."""
        return "不一致" if self.differences else "无法核对" if self.gap else "一致"


def check_digest(name: str, record: Record, key: str, value: Any, gap: str = "") -> Check:
    """Compare the digest ``key`` with that of ``value``, unless there is a ``gap``."""
    stated = record.digests[key]
    if not stated:
        return Check(name, [f"记录没有载明 digests.{key}"])
    if gap:
        return Check(name, gap=gap)
    salt = record.salts.get(key)
    own = digest(record.hash, {"salt": salt, "value": value} if salt else value)
    if own != stated:
        return Check(name, [f"内容与摘要不符，记录被改动过：载明 {shown(stated, 64)}，重算 {own}"])
    return Check(name)


def check_roll(record: Record, roll: list[str] | None) -> Check:
    """Compare the roll of deputies with its digest and with the turnout figures."""
    name = "名册摘要"
    if roll is None:
        return check_digest(
            name, record, "roll", None, "没有提供代表名册；有名册的，用 --roll 名册.txt 再核对"
        )
    check = check_digest(name, record, "roll", sorted(roll))
    twice = [number for number, times in Counter(roll).items() if times > 1]
    if twice:
        check.differences.append(f"名册里有重复的代表证号：{listed(twice)}")
    roster, issued = record.turnout["roster"], record.turnout["issued"]
    if not issued <= len(roll) <= roster:
        check.differences.append(f"名册有 {len(roll)} 人，与应到 {roster}、发出 {issued} 不合")
    check.remark = f"名册 {len(roll)} 人"
    return check


def check_codes(record: Record) -> Check:
    """Find codes that occur twice, and ballots without a code."""
    check = Check("回执码不重复")
    twice = [code for code, times in Counter(ballot.code for ballot in record.ballots).items() if times > 1]
    if twice:
        check.differences.append(f"以下回执码不止出现一次：{listed(twice)}")
    if any(not ballot.code for ballot in record.ballots):
        check.differences.append("有选票没有回执码")
    if not record.ballots and record.turnout["returned"]:
        check.gap = "记录没有公布选票或回执码"
    return check


def check_number_of_ballots(record: Record) -> Check:
    """Compare the number of ballots with 收回."""
    name, returned = "选票张数等于收回数", record.turnout["returned"]
    listed_here = len(record.ballots) + record.in_boxes
    if (
        not record.ballots
        and returned > record.in_boxes
        and (record.withheld or record.rule.disclosure == "none")
    ):
        return Check(name, gap="记录没有公布选票或回执码")
    if listed_here != returned:
        return Check(name, [f"收回 {returned}，记录里有 {listed_here} 张"])
    if record.turnout.get("paper_returned", record.papers) != record.papers:
        said = record.turnout["paper_returned"]
        return Check(name, [f"收回纸质票 {said}，记录里有 {record.papers} 张"])
    return Check(name, remark=f"{returned} 张")


def check_turnout(record: Record) -> Check:
    """Check 应到 ≥ 实到 ≥ 发出. More 收回 than 发出 voids the round instead (see `check_void`)."""
    check = Check("人数关系（应到 ≥ 实到 ≥ 发出）")
    turnout = record.turnout
    if turnout["present"] > turnout["roster"]:
        check.differences.append(f"实到 {turnout['present']} 多于应到 {turnout['roster']}")
    if turnout["issued"] > turnout["present"]:
        check.differences.append(f"发出 {turnout['issued']} 多于实到 {turnout['present']}")
    if turnout.get("paper_issued", 0) > turnout["issued"]:
        check.differences.append(f"发出的纸质票 {turnout['paper_issued']} 多于发出 {turnout['issued']}")
    return check


def check_void(record: Record, own: Own) -> Check:
    """Check whether the round is void: 收回 ≤ 发出 and the quorum. Where both fail, either may be stated."""
    check = Check("法定人数与本轮效力（收回 ≤ 发出）")
    stated, turnout = record.stated.void, record.turnout
    needed = record.rule.least_present(turnout["roster"])
    reasons = "、".join(WORDS[reason] for reason in own.void)
    if stated is None and own.void:
        check.differences.append(f"{reasons}，本轮应为无效，记录没有写明")
    elif stated is not None and stated not in own.void:
        fact = f"本轮无效的原因是{reasons}" if own.void else "本轮有效"
        check.differences.append(f"记录写明本轮无效（{word(stated)}），重算：{fact}")
    check.remark = f"法定人数 {needed}，实到 {turnout['present']}" + (
        f"；{reasons}，本轮无效" if own.void else ""
    )
    return check


def check_marks(record: Record) -> Check:
    """Check that ballots mark known projects with marks of the method, and that spoilt papers have none."""
    check = Check("选票内容合乎办法")
    allowed = MARKS[record.rule.method]
    known = {str(number) for number in record.candidates}
    for ballot in record.ballots:
        at = f"选票 {shown(ballot.code, 16)}"
        if ballot.source not in ("phone", "paper"):
            check.differences.append(f"{at}：来源 {brief(ballot.source)} 不是 phone 或 paper")
        if ballot.spoilt and ballot.marks:
            check.differences.append(f"{at}：已作废票（spoilt）处理，却带有标记")
        for number, mark in (ballot.marks or {}).items():
            if number not in known:
                check.differences.append(f"{at}：没有 {shown(number, 12)} 号候选项目")
            if mark not in allowed:
                check.differences.append(
                    f"{at}：{shown(number, 12)} 号的标记 {brief(mark)} 不是这种票决方式的标记"
                )
    if not record.marks_known:
        check.gap = "记录没有公布全部选票的内容"
    return check


def check_disclosure(record: Record) -> Check:
    """Check that the record publishes what its own rule promises."""
    check = Check("公布范围合乎办法")
    bare = sum(ballot.marks is None for ballot in record.ballots)
    promised = record.rule.disclosure == "ballots"
    if 0 < bare < len(record.ballots):
        check.differences.append(f"{len(record.ballots)} 张选票中有 {bare} 张没有公布内容")
    elif promised and not record.marks_known and not record.withheld:
        check.differences.append("办法规定公布选票内容，记录没有公布，也没有说明（withheld）")
    if record.withheld and record.smallest >= record.rule.small_body:
        check.differences.append(
            f"记录以人数少为由不公布选票，但收回 {record.turnout['returned']} 张，不少于 {record.rule.small_body} 张"
        )
    return check


def check_boxes(record: Record) -> Check:
    """Check the boxes counted by hand: 收回 = 有效 + 无效, each row within 有效, no more 赞成 than seats allow."""
    check = Check("人工计票的票箱")
    rule = record.rule
    twice = [no for no, times in Counter(box.no for box in record.boxes).items() if times > 1]
    check.differences += [f"{no} 号票箱不止出现一次" for no in twice]
    for box in record.boxes:
        at = f"{box.no} 号票箱"
        if box.counts is None:
            check.gap = "记录只公布了各票箱的张数"
            continue
        if box.valid + box.invalid != box.returned:
            check.differences.append(f"{at}：有效 {box.valid} 加无效 {box.invalid} 不等于收回 {box.returned}")
        for number, row in box.counts.items():
            if number not in record.candidates:
                check.differences.append(f"{at}：没有 {number} 号候选项目")
            if sum(row.values()) > box.valid:
                check.differences.append(
                    f"{at}：{number} 号各栏之和 {sum(row.values())} 多于有效票 {box.valid}"
                )
            if rule.method == "choose" and row.get("against"):
                check.differences.append(f"{at}：{number} 号有反对票，这种票决方式没有反对票")
        approvals = sum(row.get("for", 0) for row in box.counts.values())
        if not rule.rating and rule.overvote == "void_ballot" and approvals > rule.seats * box.valid:
            check.differences.append(
                f"{at}：赞成票合计 {approvals}，多于每票至多 {rule.seats} 项所能有的 {rule.seats * box.valid}"
            )
    check.remark = f"{len(record.boxes)} 个票箱，{record.in_boxes} 张"
    return check


def check_valid(record: Record, own: Own) -> Check:
    """Compare the stated valid and invalid ballots with the count and with 收回."""
    check = Check("有效票、无效票")
    valid, invalid, returned = record.stated.valid, record.stated.invalid, record.turnout["returned"]
    if own.basis == "ballots":
        for name, stated, counted in (("有效", valid, own.valid), ("无效", invalid, own.invalid)):
            if stated is not None and stated != counted:
                check.differences.append(f"{name}票公布 {stated}，重算 {counted}")
    if valid is not None and invalid is not None and valid + invalid != returned:
        check.differences.append(f"有效 {valid} 加无效 {invalid} 不等于收回 {returned}")
    if own.basis != "ballots":
        check.gap = "没有选票内容，只核对了两者之和等于收回数"
    if valid is None or invalid is None:
        check.gap = "记录没有公布有效票数和无效票数"
    return check


def check_counts(record: Record, own: Own) -> Check:
    """Compare every stated figure with the count; without ballots, check that the figures are possible."""
    check = Check("各项目票数")
    rule, stated = record.rule, record.stated
    numbers = Counter(row["no"] for row in stated.rows)
    check.differences += [f"{no} 号的票数出现 {times} 次" for no, times in numbers.items() if times > 1]
    check.differences += [
        f"没有 {no} 号候选项目，却公布了它的票数" for no in numbers if no not in record.candidates
    ]
    check.differences += [f"没有公布 {no} 号的结果" for no in record.candidates if no not in numbers]
    for row in stated.rows:
        for key in rule.figures:
            value = row.get(key)
            if value is None and rule.publish != "names":
                check.differences.append(f"{row['no']} 号没有公布{WORDS[key]}票数")
            elif value is not None and own.basis == "ballots" and row["no"] in own.rows:
                counted = own.rows[row["no"]][key]
                if value != counted:
                    check.differences.append(f"{row['no']} 号{WORDS[key]}公布 {value}，重算 {counted}")
    if own.basis == "ballots":
        if not any(is_full(row, rule.figures) for row in stated.rows):
            check.gap = "记录只公布名称，不公布票数；票数已由本程序重算"
        return check
    check.gap = "没有选票内容，票数以公布的为准" if own.rows else "记录没有公布票数"
    check.differences += impossible_sums(record, own)
    return check


def impossible_sums(record: Record, own: Own) -> list[str]:
    """Return why the stated figures cannot all be true: sums that the valid ballots do not allow."""
    rule, stated = record.rule, record.stated
    reasons = []
    for number, row in own.rows.items():
        total = sum(row.values())
        if stated.valid is not None and total != stated.valid:
            reasons.append(f"{number} 号各栏之和 {total} 不等于有效票 {stated.valid}")
        if rule.method == "choose" and row["against"]:
            reasons.append(f"{number} 号有反对票 {row['against']}，这种票决方式没有反对票")
    if own.rows and not rule.rating and rule.overvote == "void_ballot" and stated.valid is not None:
        total, most = sum(row["for"] for row in own.rows.values()), rule.seats * stated.valid
        if total > most:
            reasons.append(f"赞成票合计 {total}，多于每票至多 {rule.seats} 项所能有的 {most}")
    return reasons


def check_verdicts(record: Record, own: Own) -> Check:
    """Compare the stated outcome or grade of each candidate with the computed one."""
    rule, stated = record.rule, record.stated
    check = Check("测评等次" if rule.rating else "各项目结果（过半数、名次、票数相等）")
    if rule.rating and own.void:
        graded = [row["no"] for row in stated.rows if row.get("grade") is not None]
        check.differences += [f"本轮无效，{number} 号不应有等次" for number in graded]
        return check
    known = MARKS["rating"] if rule.rating else OUTCOMES
    for row in stated.rows:
        number, said = row["no"], row.get(rule.verdict)
        if said is None:
            check.differences.append(f"{number} 号没有公布{WORDS[rule.verdict]}")
        elif number in own.verdicts and said != own.verdicts[number]:
            votes = f"（赞成 {own.rows[number]['for']}）" if own.rows and not rule.rating else ""
            right = WORDS[own.verdicts[number]]
            check.differences.append(f"{number} 号{votes}公布{word(said)}，重算{right}")
        elif not own.verdicts and said not in known:
            check.differences.append(f"{number} 号的结果 {brief(said)} 不是规定的用语")
    if not own.verdicts:
        check.gap = "记录没有公布票数，只核对了公布的结果彼此是否相容"
        if not rule.rating:
            check.differences += contradictions(record)
    elif own.basis == "stated":
        check.remark = "按公布的票数重算"
    return check


def contradictions(record: Record) -> list[str]:
    """Return why outcomes that were published without figures are not possible together."""
    said = Counter(row.get("outcome") for row in record.stated.rows)
    seats, selected, undecided = record.rule.seats, said["selected"], said["undecided"]
    reasons = []
    if selected > seats:
        reasons.append(f"入选 {selected} 项，多于应选 {seats} 项")
    elif undecided and undecided <= seats - selected:
        reasons.append(f"尚有 {seats - selected} 个名额，{undecided} 项却列为待定")
    elif undecided and selected == seats:
        reasons.append("名额已满，却仍有待定项目")
    elif said["not_selected"] and selected < seats and not undecided:
        reasons.append("名额未满也没有待定项目，却有过半数的项目未入选")
    return reasons


def check_lists(record: Record, own: Own) -> list[Check]:
    """Compare 入选, 待定 and 空缺 with the computed lists, or with the published outcomes where there are none."""
    rule, stated = record.rule, record.stated
    expected = own.lists or lists_of({row["no"]: row.get("outcome") for row in stated.rows})
    checks = []
    for key, given in (("selected", stated.selected or []), ("undecided", stated.undecided or [])):
        check, right = Check(f"{WORDS[key]}名单"), expected[key]
        extra, lacking = sorted(set(given) - set(right)), sorted(set(right) - set(given))
        if extra:
            check.differences.append(f"不应列入 {listed(extra)} 号")
        if lacking:
            check.differences.append(f"应列入而没有列入 {listed(lacking)} 号")
        if not extra and not lacking and given != right:
            check.differences.append(f"应按编号从小到大各列一次：{listed(right)}")
        checks.append(check)
    left = rule.seats - len(expected["selected"])
    wrong = stated.seats_left != left and not (rule.rating and stated.seats_left is None)
    checks.append(Check("空缺名额", [f"公布 {stated.seats_left}，重算 {left}"] if wrong else []))
    return checks


def check_all(record: Record, own: Own, roll: list[str] | None) -> list[Check]:
    """Return every check, in the order of the report."""
    by_code = sorted(record.raw_ballots, key=lambda ballot: str(ballot["code"]))
    no_marks = "" if record.marks_known else "记录没有公布选票内容，摘要只能与封存的完整记录核对"
    by_hand = []
    if record.boxes or record.digests["boxes"]:
        boxes = sorted(record.raw_boxes, key=lambda box: int(box["no"]))
        by_hand = [check_digest("票箱合计摘要", record, "boxes", boxes, no_marks), check_boxes(record)]
    counted = []
    if record.digests["result"]:  # records of earlier versions have none
        no_salt = "" if record.salts["result"] else "记录没有公布票数，摘要只能与封存的完整记录核对"
        counted = [check_digest("计票结果摘要", record, "result", record.raw_result, no_salt)]
    return [
        check_digest("票决办法摘要", record, "rule", record.rule.raw),
        check_digest("选票摘要", record, "ballots", by_code, no_marks),
        check_roll(record, roll),
        check_codes(record),
        *by_hand,
        *counted,
        check_number_of_ballots(record),
        check_turnout(record),
        check_void(record, own),
        check_disclosure(record),
        check_marks(record),
        check_valid(record, own),
        check_counts(record, own),
        check_verdicts(record, own),
        *check_lists(record, own),
        *check_signatures(record),
    ]


def check_signatures(record: Record) -> list[Check]:
    """Check who signed, and each signature; none for records of the first version, which have no signatures."""
    if record.version == 1:
        return []
    names = [given.name for given in record.signatures]
    roles = [given.role for given in record.signatures]
    who = Check("总监票人和监票人已签字", remark=listed(names))
    if roles.count("chief") != 1 or "teller" not in roles or set(roles) - {"chief", "teller"}:
        who.differences.append("须有总监票人一名、监票人至少一名签字")
    keys = [given.public_key for given in record.signatures if given.public_key]
    if len(set(keys)) < len(keys):
        who.differences.append("有两人的公钥相同")
    message = canonical(record.signed)
    return [who, *(check_signature(given, message, record.rehearsal) for given in record.signatures)]


def check_signature(given: GivenSignature, message: bytes, rehearsal: bool) -> Check:
    """Check one signature; only that of a key can be verified by others."""
    role = {"chief": "总监票人", "teller": "监票人"}.get(given.role, brief(given.role))
    check = Check(f"{role}{shown(given.name, 20)}的签字")
    if given.kind == "passphrase":
        check.gap = f"口令签字，第三方无法验证（短码 {shown(given.code, 10)}）"
    elif given.kind == "login":
        check.gap = "没有使用签字密钥，第三方无法验证"
        if not rehearsal:
            check.gap += "（由较早的版本办理）"
    elif given.kind != "key":
        check.differences.append(f"签字方式 {brief(given.kind)} 不是规定的用语")
    elif not verifies(given.public_key, message, given.signature):
        check.differences.append("签字与所签的内容（轮次、票决办法、人数、摘要、异议）或公钥不符")
    elif given.code != short_code(given.public_key):
        check.differences.append(f"短码应为 {short_code(given.public_key)}，记录写的是 {brief(given.code)}")
    else:
        check.remark = f"短码 {given.code}，请与监票人手签名单对照"
    return check


# --- Printing ----------------------------------------------------------------------------------------------


def shown(text: str, limit: int = 60) -> str:
    """Return text from the file for one line of output: it cannot control the console or imitate a verdict."""
    safe = "".join(sign if sign.isprintable() or sign == "\u3000" else "□" for sign in text[: limit + 1])
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def brief(value: Any) -> str:
    """Return a value from the file for an error message, short whatever its size."""
    if value is None or isinstance(value, (bool, int, float)):
        big = isinstance(value, int) and abs(value) > 10**18  # printing huge integers may be refused
        return "一个很大的数" if big else json.dumps(value)
    if isinstance(value, str):
        return f"“{shown(value, 24)}”"
    return f"一个{KINDS[type(value)]}"


def word(value: str) -> str:
    """Return the Chinese word for a value, or the value itself."""
    return WORDS.get(value) or brief(value)


def listed(values: list[Any], most: int = 30) -> str:
    """Return values in one line, at most ``most`` of them."""
    head = "、".join(shown(str(value), 24) for value in values[:most])
    return head + (f" 等 {len(values)} 个" if len(values) > most else "") if values else "无"


def width(text: str) -> int:
    """Return the number of console columns that a text takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def fit(text: str, columns: int) -> str:
    """Cut or fill a text to a number of console columns, of which a Chinese character takes two."""
    while width(text) > columns:
        text = text[:-2] + "…"
    return text + " " * (columns - width(text))


def table(record: Record, own: Own) -> list[str]:
    """Return the lines of the table of results."""
    figures = record.rule.figures
    lines = [
        "  " + fit("编号", 6) + fit("项目", 34) + "".join(fit(WORDS[key], 10) for key in figures) + "结果"
    ]
    for number, name in record.candidates.items():
        row, verdict = own.rows.get(number, {}), own.verdicts.get(number)
        cells = "".join(fit(str(row.get(key, "—")), 10) for key in figures)
        lines.append(
            f"  {fit(str(number), 6)}{fit(shown(name), 32)}  {cells}{WORDS[verdict] if verdict else '—'}"
        )
    return lines


def remarks(record: Record) -> list[str]:
    """Return notes for an auditor that do not contradict the record."""
    rule, candidates = record.rule, len(record.candidates)
    notes = list(record.notes)
    if record.rehearsal:
        notes.append("这是演练，不是正式票决。")
    if record.withheld:
        notes.append("收回的选票少，为保守秘密，记录没有公布选票内容。")
    if rule.method == "confirm" and candidates != rule.seats:
        notes.append(f"等额表决的候选项目 {candidates} 项与应选 {rule.seats} 项不等。")
    if rule.method in ("choose", "threeway") and candidates <= rule.seats:
        notes.append(f"候选项目 {candidates} 项不多于应选 {rule.seats} 项，不是差额票决。")
    small = 0 < record.smallest < rule.small_body
    if small and record.marks_known and rule.disclosure == "ballots":
        notes.append(f"收回不足 {rule.small_body} 张而公布了选票内容，可能暴露个人的意见。")
    return notes


def as_text(path: str, record: Record, own: Own, checks: list[Check]) -> str:
    """Return the report for people. Its last line is the verdict."""
    rule, turnout = record.rule, record.turnout
    ordinal = "" if record.ordinal is None else f"（第 {record.ordinal} 轮）"
    seats = "" if rule.rating else f"，应选 {rule.seats} 项，过半数的基数：{WORDS[rule.majority]}"
    sources = Counter(ballot.source for ballot in record.ballots)
    lines = [
        "民生实事项目票决记录核对",
        f"  文件  {shown(path, 200)}",
        f"  单位  {shown(record.body)}",
        f"  会议  {shown(record.session)}",
        f"  票决  {shown(record.title)}{ordinal}{'【演练】' if record.rehearsal else ''}",
        f"  方式  {WORDS[rule.method]}{seats}",
        f"  应到 {turnout['roster']}  实到 {turnout['present']}  发出 {turnout['issued']}  收回 {turnout['returned']}",
        "",
        {
            "ballots": f"本程序重新计票：有效 {own.valid}，无效 {own.invalid}"
            f"（手机 {sources['phone']} 张，纸质 {record.papers} 张）",
            "stated": "记录没有公布选票内容，以下票数是公布的，结果由本程序按此重算",
            "nothing": "记录没有公布选票内容和票数，无法重新计票",
        }[own.basis],
        *table(record, own),
    ]
    if own.lists and not rule.rating:
        lines.append(f"  入选 {listed(own.lists['selected'])}")
        lines.append(f"  待定 {listed(own.lists['undecided'])}")
        lines.append(f"  空缺 {rule.seats - len(own.lists['selected'])}")
    lines += ["", "核对"]
    for check in checks:
        detail = check.gap if check.status == "无法核对" else check.remark
        lines.append(f"  {fit(check.status, 10)}{check.name}{f'：{detail}' if detail else ''}")
        lines += [f"            - {reason}" for reason in check.differences[:20]]
        if len(check.differences) > 20:
            lines.append(f"            - 另有 {len(check.differences) - 20} 处同类差异")
    notes = remarks(record)
    if notes:
        lines += ["", "提示", *(f"  {note}" for note in notes)]
    lines += ["", f"记录载明的摘要（{record.hash}），请与签字的计票报告单、会场大屏幕逐字对照"]
    named = [("rule", "票决办法"), ("roll", "名册    "), ("ballots", "选票    ")]
    if record.boxes:
        named.append(("boxes", "票箱合计"))
    if record.digests["result"]:
        named.append(("result", "计票结果"))
    for key, name in named:
        lines.append(f"  {name}  {shown(record.digests[key], 64) or '没有载明'}")
    kinds = Counter(check.status for check in checks)
    differences = sum(len(check.differences) for check in checks)
    lines += [
        "",
        f"共 {len(checks)} 项：一致 {kinds['一致']}，不一致 {kinds['不一致']}，无法核对 {kinds['无法核对']}",
    ]
    if kinds["无法核对"]:
        lines.append("“无法核对”的各项不在结论之内。")
    lines.append(f"结论：不一致（{differences} 处）" if differences else "结论：一致")
    return "\n".join(lines)


def as_data(record: Record, own: Own, checks: list[Check]) -> dict[str, Any]:
    """Return the report for programs."""
    differences = sum(len(check.differences) for check in checks)
    return {
        "verdict": "不一致" if differences else "一致",
        "differences": differences,
        "basis": own.basis,
        "own": {
            "valid": own.valid,
            "invalid": own.invalid,
            "counts": [
                {"no": number, **own.rows.get(number, {}), record.rule.verdict: own.verdicts.get(number)}
                for number in record.candidates
            ],
            **own.lists,
            "void": own.void,
        },
        "checks": [
            {
                "name": c.name,
                "status": c.status,
                "differences": c.differences,
                "gap": c.gap,
                "remark": c.remark,
            }
            for c in checks
        ],
        "notes": remarks(record),
        "hash": record.hash,
        "digests": record.digests,
    }


class Arguments(argparse.ArgumentParser):
    """A parser that explains in Chinese what is wrong with the command line."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and exit with 2."""
        print(
            "命令不完整或不正确。用法：python3 recount.py 记录.json [--roll 名册.txt] [--json]",
            file=sys.stderr,
        )
        sys.exit(2)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code 0, 1 or 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console that is not UTF-8 shows ? instead of an error
            stream.reconfigure(errors="replace")
    parser = Arguments(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", metavar="记录.json", help="公布的票决记录")
    parser.add_argument("--roll", metavar="名册.txt", help="代表名册，每行一个代表证号")
    parser.add_argument("--json", action="store_true", help="打印供程序读取的报告")
    options = parser.parse_args(arguments)
    try:
        record = read_record(load(options.record))
        roll = None if options.roll is None else read_roll(options.roll)
        own = recount(record)
        checks = check_all(record, own, roll)
    except Unreadable as error:
        if options.json:
            print(json.dumps({"verdict": "无法读取", "error": str(error)}))
            return 2
        print(f"无法核对：{error}。", file=sys.stderr)
        print("本程序没有改动任何文件。请重新下载公布的记录再试；", end="", file=sys.stderr)
        print("仍然如此，请向公布单位反映。", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(as_data(record, own, checks), indent=2))
    else:
        print(as_text(options.record, record, own, checks))
    return 1 if any(check.differences for check in checks) else 0


if __name__ == "__main__":
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of the output has closed it, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 2
    sys.exit(code)
