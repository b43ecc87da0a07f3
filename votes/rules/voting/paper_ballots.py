"""Paper ballots (纸质票): what a person keys for one paper, and the arithmetic of boxes and stacks.

A line is typed on the numeric keypad, which has no space bar: figures, ``.``, ``+``, ``-``, ``*``, ``/`` and Enter.
A paper is stored as it was marked; `rules/voting/ballots.py` decides whether the ballot is valid.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import AGAINST, FOR, MARK_WORDS, RATINGS, agree

#: Why a paper is spoilt, by the figure typed after "/". Too many marks are no reason: the rule detects those.
SPOILT = {
    1: "无法辨认",
    2: "书写其他内容",
    3: "严重损坏",
    4: "不是本次印制的选票",
    5: "其他",
}
_TOKEN = re.compile(r"-?[0-9]{1,4}|[0-9]{1,4}\.[0-9]|\*|[0-3]{5,200}")

#: The signs that stand for a blank between two figures.
_BETWEEN = re.compile(r"(?<=[0-9])[+./*](?=-?[0-9])")
_BETWEEN_GRADES = re.compile(r"(?<=[0-9])[+/](?=[0-9])")


@dataclass(frozen=True)
class Reading:
    """Hold what one person read on one paper: marks as on a phone's ballot, or spoilt with the reason."""

    marks: Mapping[int, str]
    spoilt: bool = False
    reason: str = ""


def read_line(rule: Rule, numbers: Collection[int], typed: str) -> Reading:
    """Return what one keyed line says.

    choose             ``1 3 5``: those chosen · ``0``: blank
    threeway, confirm  ``1 3 -2``: 赞成 1 and 3, 反对 2, the rest 弃权 · ``*``: 赞成 all · ``* -3`` · ``0``: blank
    rating             ``1 1 2 3``: the grade of each project in order, ``0`` none (that item is void) · ``*``: all 满意 ·
                       ``* 3.2``: but project 3 基本满意 · a single ``0``: blank
    all                ``/1`` … ``/5``: spoilt, for that reason (`SPOILT`)

    Between figures ``.`` ``+`` ``*`` ``/`` , 、 separate like a blank (in a rating, ``.`` and ``*`` keep their meaning).
    At the beginning of a line a sign keeps its meaning. Full-width signs are read too. Raises RuleBroken (field
    "typed", 422) for anything else.
    """
    text = unicodedata.normalize("NFKC", typed).replace("、", " ").replace(",", " ").replace("。", ".")
    text = text.strip()
    if not text:
        raise _bad("没有输入内容。空白票请输入 0，废票请输入 / 和原因编号。")
    if text.startswith("/"):
        return _spoilt(text[1:].strip())
    every, rest = ("*", text[1:]) if text.startswith("*") else ("", text)
    between = _BETWEEN_GRADES if rule.method == "rating" else _BETWEEN
    tokens = [*every, *between.sub(" ", rest).split()]
    for token in tokens:
        if not _TOKEN.fullmatch(token):
            raise _bad(f"“{token[:20]}”无法识别。请只输入序号，用 + 或空格隔开。")
    if tokens == ["0"]:
        return Reading({})
    if rule.method == "rating":
        return Reading(_rated(sorted(numbers), tokens))
    return Reading(_marked(rule, numbers, tokens))


def _spoilt(figure: str) -> Reading:
    if figure not in {str(key) for key in SPOILT}:
        reasons = "、".join(f"/{key} {word}" for key, word in SPOILT.items())
        raise _bad(f"废票请注明原因：{reasons}。")
    return Reading({}, True, SPOILT[int(figure)])


def _marked(rule: Rule, numbers: Collection[int], tokens: Sequence[str]) -> dict[int, str]:
    marks: dict[int, str] = {}
    given: set[int] = set()
    for token in tokens:
        if token == "*":
            if rule.method == "choose" or token is not tokens[0]:
                raise _bad("“*”（全部赞成）只用于逐项表决，并且只能写在最前面。")
            marks = dict.fromkeys(sorted(numbers), FOR)
            continue
        if token.lstrip("-").strip("0") == "":
            raise _bad(f"“{token}”无法识别。请输入票上的序号；空白票只输入 0。")
        if token.startswith("-") and rule.method == "choose":
            raise _bad("本轮只画所选项目，没有反对一栏，请不要输入减号。")
        number = abs(int(token))
        _known(number, numbers, given)
        marks[number] = AGAINST if token.startswith("-") else FOR
    return dict(sorted(marks.items()))


def _rated(numbers: list[int], tokens: Sequence[str]) -> dict[int, str]:
    marks: dict[int, str] = {}
    if tokens[0] == "*" or all("." in token for token in tokens):
        rest = tokens
        if tokens[0] == "*":
            marks, rest = dict.fromkeys(numbers, RATINGS[0]), tokens[1:]
        given: set[int] = set()
        for token in rest:
            number, _, figure = token.partition(".")
            if not figure or token.startswith("-"):
                raise _bad(f"“{token}”无法识别。请输入“序号.等次”，例如 3.2 表示第 3 项基本满意。")
            _known(int(number), numbers, given)
            marks.pop(int(number), None)
            if word := _grade(figure):
                marks[int(number)] = word
        return dict(sorted(marks.items()))
    if len(tokens) == 1 and len(numbers) > 1 and len(tokens[0]) == len(numbers):
        tokens = list(tokens[0])  # 1121 for four projects
    if len(tokens) != len(numbers):
        raise _bad(
            f"票上有 {len(numbers)} 项，输入了 {len(tokens)} 个等次。请按票上的顺序每项输入一个（没有选择的输入 0）。"
        )
    for no, token in zip(numbers, tokens, strict=True):
        if word := _grade(token):
            marks[no] = word
    return marks


def _grade(figure: str) -> str:
    if figure not in ("0", "1", "2", "3"):
        raise _bad(f"等次“{figure[:10]}”无法识别：1 满意，2 基本满意，3 不满意，0 没有选择或者选了多个。")
    return ("", *RATINGS)[int(figure)]


def _known(number: int, numbers: Collection[int], given: set[int]) -> None:
    if number not in numbers:
        raise _bad(f"票上没有第 {number} 项，请核对。")
    if number in given:
        raise _bad(f"第 {number} 项输入了两次，请核对。")
    given.add(number)


def _bad(words: str) -> RuleBroken:
    return RuleBroken(words, field="typed", code="bad_line", status=422)


def in_words(rule: Rule, numbers: Collection[int], reading: Reading) -> str:
    """Return the reading in words: 「赞成 1、3、5（3 项）」「空白票」「废票：无法辨认」."""
    if reading.spoilt:
        return f"废票：{reading.reason}"
    if not reading.marks:
        return "空白票"
    parts = []
    for mark, word in MARK_WORDS.items():
        marked = [str(no) for no in sorted(reading.marks) if reading.marks[no] == mark]
        if marked:
            which = "全部" if len(marked) == len(numbers) else "、".join(marked)
            parts.append(f"{'选' if rule.method == 'choose' else word} {which}（{len(marked)} 项）")
    return "；".join(parts)


class Pair(NamedTuple):
    """Hold one paper as its two readers saw it, and how 总监票人 decided (None: not decided, or not needed)."""

    position: int
    first: Reading
    second: Reading
    decided: Reading | None = None

    @property
    def differs(self) -> list[int]:
        """Return the printed numbers on which the two differ; 0 for whether the paper is spoilt."""
        return agree(
            self.first.marks, self.second.marks, spoilt_a=self.first.spoilt, spoilt_b=self.second.spoilt
        )

    @property
    def settled(self) -> Reading | None:
        """Return the reading that counts: the decision, else what both read; None while they differ."""
        return self.decided or (None if self.differs else self.first)


def unsettled(papers: int, pairs: Iterable[Pair]) -> int:
    """Return how many of the ``papers`` in a box are neither read twice alike nor decided."""
    return papers - sum(pair.settled is not None for pair in pairs)


def pile_too_small(piles: Iterable[int], small_body: int) -> bool:
    """Return True when a box has the papers of few deputies beside other boxes.

    Readings stay by box, and who voted in a hall is known there.
    """
    filled = [papers for papers in piles if papers]
    return len(filled) > 1 and min(filled) < small_body


@dataclass(frozen=True)
class Reconciliation:
    """Reconcile the blank papers: 印制 = 发出 + 换发、损坏 + 剩余.

    printed     sheets of all stacks
    issued      papers that deputies hold or have cast
    left_over   blank papers counted back; None while a stack is not counted
    returned    papers found in the boxes; None while no box is counted
    """

    printed: int
    issued: int
    left_over: int | None
    returned: int | None

    @property
    def replaced(self) -> int | None:
        """Return the papers exchanged or damaged in handing out; None while not all is counted."""
        return None if self.left_over is None else self.printed - self.issued - self.left_over

    @property
    def complaints(self) -> list[str]:
        """Return what does not add up, in Chinese; [] when everything does."""
        complaints = []
        if self.replaced is not None and self.replaced < 0:
            complaints.append(
                f"印制 {self.printed} 张，少于发出 {self.issued} 张与剩余 {self.left_over} 张之和，"
                "请核对印制、发出和剩余的张数。"
            )
        if self.returned is not None and self.returned > self.issued:
            complaints.append(
                f"纸质票收回 {self.returned} 张，多于发出 {self.issued} 张。请重新清点；仍然如此的，本轮投票无效。"
            )
        return complaints
