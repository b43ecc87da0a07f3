"""A project in words: the text of a version, the lines of its pages, the differences between two texts."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from votes.rules.projects.fields import FIELDS, IN_FORM, KINDS, Field, PageCard, amount_words, day_words

#: The text of a version: label → words.
Text = Mapping[str, str]


def field_words(kind: str, value: Any) -> str:
    """Return one value as it is read: 860.00万元, 2027年12月20日, 是; empty for nothing."""
    return "" if value is None else _WORDS.get(kind, str)(value)


_WORDS: dict[str, Callable[[Any], str]] = {
    "money": amount_words,
    "date": day_words,
    "yes": lambda value: "是" if value else "否",
    "kind": lambda value: KINDS.get(value, ""),
    "count": lambda value: f"{value}人",
    "year": lambda value: f"{value}年",
}


def funding_words(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return 县财政 500.00万元；上级专项 360.00万元, as it is also written in a cell of the workbook."""
    return "；".join(" ".join(filter(None, (row["source"], amount_words(row["amount"])))) for row in rows)


def subproject_words(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return one numbered line for each part of a compound project."""
    return "\n".join(f"{place}. {_part_words(row)}" for place, row in enumerate(rows, start=1))


def _part_words(row: Mapping[str, Any]) -> str:
    investment = amount_words(row["investment"])
    labelled = (
        ("", row["name"]),
        ("目标：", row["target"]),
        ("实施单位：", row["unit"]),
        ("投资：", investment),
    )
    return "；".join(f"{label}{words}" for label, words in labelled if words)


def version_text(values: Mapping[str, Any], department: str) -> dict[str, str]:
    """Return the whole text of a project, label → words, in the order of `FIELDS`.

    ``values`` as in `fields.faults`; ``department`` is the name of the responsible unit.
    """
    text = {
        field.label: department if field.kind == "unit" else field_words(field.kind, values[field.name])
        for field in FIELDS
    }
    text["资金来源"] = funding_words(values["funding"])
    text["子项目"] = subproject_words(values["subprojects"])
    return text


class FieldLine(NamedTuple):
    """A field on a page, with its value; where that is empty, with what the page says instead."""

    field: Field
    value: Any
    blank: str = ""


def cards(values: Mapping[str, Any], department: str) -> dict[PageCard, list[FieldLine]]:
    """Return what each card of a project's page shows, in the order of the form. Arguments as in `version_text`."""
    shown: dict[PageCard, list[FieldLine]] = {card: [] for card in PageCard}
    for field in IN_FORM:
        value = department if field.kind == "unit" else values[field.name]
        if value not in (None, ""):
            shown[field.card].append(FieldLine(field, value))
        elif field.blank is not None:
            unasked = field.works_only and values["kind"] == "policy"
            shown[field.card].append(FieldLine(field, None, "不适用" if unasked else field.blank))
    return shown


def published(project: Any) -> list[FieldLine]:
    """Return what the public page lists: the published fields that have no sentence of their own on it.

    ``project`` has an attribute for each field.
    """
    listed = [field for field in IN_FORM if field.public and not field.public.worded]
    lines = [FieldLine(field, getattr(project, field.name)) for field in listed]
    return [line for line in lines if line.value not in (None, "")]


class TextChange(NamedTuple):
    """One label whose words differ."""

    label: str
    before: str
    after: str


def changes(before: Text, after: Text) -> list[TextChange]:
    """Return the labels whose words differ between two version texts, in their order."""
    labels = dict.fromkeys([*after, *before])
    pairs = (TextChange(label, before.get(label, ""), after.get(label, "")) for label in labels)
    return [pair for pair in pairs if pair.before != pair.after]


class Piece(NamedTuple):
    """A stretch of text that is the "same" on both sides, "gone" from the old or "new" in the new one."""

    kind: str
    text: str


# A number or a Latin word is one word; Chinese is compared sign by sign.
_WORD = re.compile(r"\d[\d,.%]*|[A-Za-z]+|\s+|.", re.S)
_SENTENCE = re.compile(r"[^。；;！？\n]*[。；;！？\n]|[^。；;！？\n]+")
_TOO_LONG = 4000  # words on both sides together: comparing them one by one would take seconds


def differences(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Cut the old text and the new one into pieces that say what is gone and what is new.

    The pieces of a side, joined, are that side's text. Sentences are matched first, and words only within sentences
    that differ: that keeps whole sentences together and is fast for long texts.
    """
    left: list[Piece] = []
    right: list[Piece] = []
    for equal, old, new in _match(_SENTENCE.findall(before), _SENTENCE.findall(after)):
        if equal:
            _add(left, "same", old)
            _add(right, "same", new)
            continue
        words_old, words_new = _WORD.findall("".join(old)), _WORD.findall("".join(new))
        if not old or not new or len(words_old) + len(words_new) > _TOO_LONG:
            _add(left, "gone", old)
            _add(right, "new", new)
            continue
        for equal, gone, added in _smooth(_match(words_old, words_new)):
            _add(left, "same" if equal else "gone", gone)
            _add(right, "same" if equal else "new", added)
    return left, right


_Run = tuple[bool, list[str], list[str]]


def _match(old: Sequence[str], new: Sequence[str]) -> list[_Run]:
    # "autojunk" ignores signs that are very frequent in a long text: without it "公路公路公路…" takes a minute.
    matcher = SequenceMatcher(None, old, new)
    return [
        (tag == "equal", list(old[i1:i2]), list(new[j1:j2])) for tag, i1, i2, j1, j2 in matcher.get_opcodes()
    ]


def _smooth(runs: list[_Run]) -> list[_Run]:
    """Count a single equal sign between two changes as part of the change."""
    smoothed: list[_Run] = []
    for place, (same, old, new) in enumerate(runs):
        lonely = same and len("".join(old)) == 1 and 0 < place < len(runs) - 1
        smoothed.append((same and not lonely, old, new))
    return smoothed


def _add(side: list[Piece], kind: str, words: Sequence[str]) -> None:
    text = "".join(words)
    if not text:
        return
    if side and side[-1].kind == kind:
        side[-1] = Piece(kind, side[-1].text + text)
    else:
        side.append(Piece(kind, text))
