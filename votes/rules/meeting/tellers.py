"""Who should not watch the count: tellers (监票人) who answer for a unit that a candidate project belongs to.

Kin of candidates may not be tellers (选举法 art. 43). A project has no kin; by analogy the head of the unit that
would carry it out stands aside. It is a warning: names are compared, and two people may bear the same one.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

#: An office after a name (张三局长, 张三常务副县长) and before it (县交通运输局局长张三): what may stand between two names
#: must not be taken for one.
_ENDS = "(?:长|主任|书记|主席|主管|负责人|同志|总经理)"
_AFTER = f"(?:副|常务|第一|代理|党组|党委|党工委|支部|县|市|区|镇|乡|街道|局|委|办公室|办|科|部|处|院|校|站|所|厅)*{_ENDS}"
_BEFORE = rf"\w*{_ENDS}"
_HEAD = re.compile(r"(?<!副)(?:局长|主任|书记|科长|院长|校长|站长|所长|主席|镇长|乡长|县长|部长|总经理)")
_APART = re.compile(r"[、，,;；/()（）]+")


class Watcher(NamedTuple):
    """A named teller, with the post that the roster gives them."""

    name: str
    post: str = ""


class Unit(NamedTuple):
    """The unit that a candidate project belongs to, who heads it, and who leads the project."""

    name: str
    head: str = ""
    leader: str = ""
    project: str = ""


class Conflict(NamedTuple):
    """Why a teller should stand aside. `why`: head (heads the unit), leader (leads the project), post (by their
    post in the roster)."""

    teller: str
    unit: str
    why: str
    projects: tuple[str, ...]


def conflicts(tellers: Iterable[Watcher], units: Iterable[Unit]) -> list[Conflict]:
    """The tellers whose name stands at the head of a responsible unit or of a candidate project, in their order.

    A name is found alone ("张三", "张　三") or beside an office ("张三局长", "副县长张三", "张三、李四"), never as a part of a
    longer name. Source: 选举法 art. 43, by analogy.
    """
    tellers = list(tellers)
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for unit in units:
        for teller in tellers:
            for why, named in (
                ("head", _names(unit.head, teller.name)),
                ("leader", _names(unit.leader, teller.name)),
                ("post", _heads(teller.post, unit.name)),
            ):
                if named:
                    found.setdefault((teller.name, unit.name, why), {})[unit.project] = None
                    break
    order = {teller.name: place for place, teller in reversed(list(enumerate(tellers)))}
    return sorted(
        (
            Conflict(teller, unit, why, tuple(p for p in projects if p))
            for (teller, unit, why), projects in found.items()
        ),
        key=lambda conflict: order[conflict.teller],
    )


def _names(text: str | None, name: str) -> bool:
    """Does ``text`` name this person?"""
    plain = re.sub(r"\s", "", name)
    if not plain:
        return False
    beside = re.compile(f"(?:{_BEFORE})?{re.escape(plain)}(?:{_AFTER})?")
    parts = _APART.split(re.sub(r"\s", "", text or ""))
    apart = _APART.split(re.sub(r"[ \t]+", "、", (text or "").strip()))  # "局长 张三"
    return any(beside.fullmatch(part) for part in (*parts, *apart) if part)


def _heads(post: str | None, unit: str) -> bool:
    """Is ``post`` that of the head of ``unit``: 县交通运输局党组书记、局长, not 交通运输局副局长?"""
    if not unit:
        return False
    _, here, after = (post or "").partition(unit)
    return bool(here) and _HEAD.search(f"{unit[-1]}{after}".replace("党组副书记", "")) is not None
