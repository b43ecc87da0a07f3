"""Tellers (监票人) who should stand aside: those who answer for the unit of a candidate project.

Kin of candidates may not be tellers (选举法 art. 43). A project has no kin; by analogy the head of the unit that
would carry it out stands aside. This is only a warning: the code compares names, and two people may share one.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

#: An office after a name (张三局长, 张三常务副县长) or before it (县交通运输局局长张三).
_ENDS = "(?:长|主任|书记|主席|主管|负责人|同志|总经理)"
_AFTER = f"(?:副|常务|第一|代理|党组|党委|党工委|支部|县|市|区|镇|乡|街道|局|委|办公室|办|科|部|处|院|校|站|所|厅)*{_ENDS}"
_BEFORE = rf"\w*{_ENDS}"
_HEAD = re.compile(r"(?<!副)(?:局长|主任|书记|科长|院长|校长|站长|所长|主席|镇长|乡长|县长|部长|总经理)")
_APART = re.compile(r"[、，,;；/()（）]+")


class Watcher(NamedTuple):
    """A teller's name, with the post that the roster gives."""

    name: str
    post: str = ""


class Unit(NamedTuple):
    """The unit of a candidate project, the head of the unit, and the leader of the project."""

    name: str
    head: str = ""
    leader: str = ""
    project: str = ""


class Conflict(NamedTuple):
    """A reason for a teller to stand aside.

    `why`: head (heads the unit), leader (leads the project), post (heads the unit by their post in the roster).
    """

    teller: str
    unit: str
    why: str
    projects: tuple[str, ...]


def conflicts(tellers: Iterable[Watcher], units: Iterable[Unit]) -> list[Conflict]:
    """Return the tellers who head a responsible unit or lead a candidate project, in the tellers' order.

    A name matches alone ("张三", "张　三") or beside an office ("张三局长", "副县长张三", "张三、李四"), never as a part of a
    longer name. Source: 选举法 art. 43, by analogy.
    """
    projects: dict[tuple[str, str, str], dict[str, None]] = {}
    tellers = list(tellers)
    for unit in units:
        for teller in tellers:
            if why := _why(teller, unit):
                projects.setdefault((teller.name, unit.name, why), {})[unit.project] = None
    order = {teller.name: place for place, teller in reversed(list(enumerate(tellers)))}
    reasons = [Conflict(*key, tuple(filter(None, names))) for key, names in projects.items()]
    return sorted(reasons, key=lambda conflict: order[conflict.teller])


def _why(teller: Watcher, unit: Unit) -> str:
    if _names(unit.head, teller.name):
        return "head"
    if _names(unit.leader, teller.name):
        return "leader"
    return "post" if _heads(teller.post, unit.name) else ""


def _names(text: str | None, name: str) -> bool:
    """Tell whether ``text`` names this person."""
    plain = re.sub(r"\s", "", name)
    if not plain:
        return False
    beside = re.compile(f"(?:{_BEFORE})?{re.escape(plain)}(?:{_AFTER})?")
    parts = _APART.split(re.sub(r"\s", "", text or ""))
    apart = _APART.split(re.sub(r"[ \t]+", "、", (text or "").strip()))  # "局长 张三"
    return any(beside.fullmatch(part) for part in (*parts, *apart) if part)


def _heads(post: str | None, unit: str) -> bool:
    """Tell whether ``post`` heads ``unit``: 县交通运输局党组书记、局长 does, 交通运输局副局长 does not."""
    if not unit:
        return False
    _, here, after = (post or "").partition(unit)
    return bool(here) and _HEAD.search(f"{unit[-1]}{after}".replace("党组副书记", "")) is not None
