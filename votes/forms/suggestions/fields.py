"""Fields that several forms of the chapter have."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from wtforms import SelectField, TextAreaField

from votes.forms.base import WithPhotos
from votes.models import Village
from votes.rules.projects.fields import CATEGORIES
from votes.rules.suggestions import suggestions as rules
from votes.rules.suggestions.suggestions import AuthorKind, AuthorText


def area(label: str, rows: int, description: str = "") -> TextAreaField:
    """Return a field for a long text, ``rows`` lines high."""
    return TextAreaField(label, description=description, render_kw={"rows": rows})


def category_field(label: str | None = "类别", none: str = "未分类") -> SelectField:
    """Return the choice of a category; ``none`` is the word for no category."""
    return SelectField(label, choices=[("", none), *((name, name) for name in CATEGORIES)], default="")


def village_choices(villages: Sequence[Village], own: Village | None) -> list[tuple[Any, str]]:
    """Return the villages in use, and the row's own village, which may be in use no longer."""
    rows = list(villages)
    if own is not None and own not in rows:
        rows.append(own)
    return [(row.id, row.full_name) for row in rows]


class SuggestionForm(WithPhotos):
    """A form for one suggestion; `rules.suggestions.faults` judges its fields, as it does those of a workbook."""

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        for name, message in rules.faults(self.text() | asdict(self.author())).items():
            self[name].errors = [message]
            valid = False
        return bool(valid)

    def _line(self, name: str) -> str:
        return " ".join((self[name].data or "").split()) if name in self else ""

    def text(self) -> dict[str, str]:
        return {
            "title": self._line("title"),
            "content": (self["content"].data or "").replace("\r\n", "\n").strip(),
            "category": self["category"].data or "",
            "place": self._line("place"),
        }

    def author(self) -> AuthorText:
        kind = self["kind"].data if "kind" in self else None
        return AuthorText(
            self._line("name").replace(" ", ""),
            rules.tidy_phone(self["phone"].data or ""),
            self._line("unit"),
            AuthorKind(kind) if kind in list(AuthorKind) else AuthorKind.CITIZEN,
        )
