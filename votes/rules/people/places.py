"""Villages and communities as people type them into a sheet: 东山村, 示例镇东山村, 东山村（示例镇）, 东山村委会."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

#: Words in a cell that name no village in particular.
NOWHERE = ("不限", "无", "全县", "全市", "全区", "全镇", "全乡", "全域")
_BETWEEN = re.compile(r"[、，,；;/\n]+")
_KIND = re.compile(r"(?:村民委员会|社区居民委员会|居民委员会|村委会|社区居委会|居委会|社区|村)$")
_BRACKETS = re.compile(r"(.+?)[（(](.+?)[)）]")


def _stem(name: str) -> str:
    """Return the name without its kind of place, also where that stands twice (东山村村委会)."""
    return _KIND.sub("", _KIND.sub("", name))


class Places:
    """The villages of a place as (id, township, name); `find` recognises what people type."""

    def __init__(self, villages: Sequence[tuple[int, str, str]]) -> None:
        self._words = {id_: f"{township}{name}" for id_, township, name in villages}
        self._places: dict[str, list[tuple[str, int]]] = {}
        self._short: dict[str, list[tuple[str, int]]] = {}
        for id_, township, name in villages:
            for typed in {name, f"{township}{name}"}:
                self._places.setdefault(typed, []).append((township, id_))
                self._short.setdefault(_stem(typed), []).append((township, id_))
        self._names = {id_: (township, name) for id_, township, name in villages}

    def choices(self) -> list[str]:
        """Return what a workbook offers: each name, with its township where the name occurs twice."""
        return [
            name if len(self._places[name]) == 1 else self._words[id_]
            for id_, (_, name) in self._names.items()
        ]

    def find(self, typed: str, township: str = "") -> int:
        """Return the id of the village that is meant, of ``township`` where one is given.

        Raises ValueError with Chinese words for an unknown village and for a name that several townships have.
        """
        name, township = "".join(typed.split()), "".join(township.split())
        if brackets := _BRACKETS.fullmatch(name):
            name, township = brackets[1], township or brackets[2]
        for known, key in ((self._places, name), (self._short, _stem(name))):
            ids = {id_ for where, id_ in known.get(key, ()) if not township or where == township}
            if len(ids) == 1:
                return ids.pop()
            if ids:
                raise ValueError(f"有几个乡镇都有“{name}”，请填写乡镇（街道）。")
        hint = "、".join(f"“{each}”" for each in self._near(township, name))
        question = f"是不是{hint}？" if hint else ""
        raise ValueError(
            f"村（社区）名单中没有“{township}{name}”。{question}请改填名单中的名称，或先在名单中添加。"
        )

    def _near(self, township: str, name: str) -> list[str]:
        """Return the few villages whose names are most like an unknown one."""
        if near := get_close_matches(f"{township}{name}", self._words.values(), n=2, cutoff=0.6):
            return near
        bare = get_close_matches(name, [name for _, name in self._names.values()], n=2, cutoff=0.5)
        return [self._words[id_] for id_, (_, each) in self._names.items() if each in bare][:3]

    def find_all(self, typed: str) -> list[int]:
        """Return the villages of a cell that may name several (东山村、西河村), each once, in the order of the list.

        不限 means none. Raises ValueError with Chinese words for all that are unknown.
        """
        if "".join(typed.split()) in NOWHERE:
            return []
        ids, problems = set(), []
        for part in _BETWEEN.split(typed):
            if not part.strip():
                continue
            try:
                ids.add(self.find(part))
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise ValueError("".join(problems))
        return [id_ for id_ in self._words if id_ in ids]
