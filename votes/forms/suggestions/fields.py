"""Fields that several forms of the chapter have."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from votes.forms.base import Form, WithPhotos, text_of
from votes.models import Village
from votes.rules.projects.fields import CATEGORIES
from votes.rules.suggestions.suggestions import AuthorKind, AuthorText, faults, tidy_phone


def area(label: str, rows: int, description: str = "", *checks: Any) -> TextAreaField:
    """Return a field for a long text, ``rows`` lines high."""
    return TextAreaField(label, checks, description=description, render_kw={"rows": rows})


def values_of(form: Form, *names: str) -> dict[str, Any]:
    """Return the data of fields by name, of all fields without ``names``; empty text where nothing was typed."""
    fields = [form[name] for name in names] or [field for field in form if field.name != "csrf_token"]
    return {
        field.name: field.data or "" if isinstance(field, StringField) else field.data for field in fields
    }


def given(word: str) -> InputRequired:
    """Return the check that a field was filled in; ``word`` names it in the message."""
    return InputRequired(f"请填写{word}。")


def at_most(longest: int, word: str = "") -> Length:
    """Return the check that a text has at most ``longest`` characters; ``word`` names it in the message."""
    return Length(max=longest, message=f"{word}最多 {longest} 个字。")


def category_field(label: str | None = "类别", none: str = "未分类") -> SelectField:
    """Return the choice of a category; ``none`` is the word for no category."""
    return SelectField(label, choices=[("", none), *((name, name) for name in CATEGORIES)], default="")


def village_choices(villages: Sequence[Village], own: Village | None) -> list[tuple[Any, str]]:
    """Return the villages in use, and the row's own village, which may be in use no longer."""
    others = [own] if own is not None and own not in villages else []
    return [(village.id, village.full_name) for village in (*villages, *others)]


class SuggestionForm(WithPhotos):
    """A form for one suggestion; `rules.suggestions.faults` judges its fields, as it does those of a workbook."""

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        for name, message in faults(self.text() | asdict(self.author())).items():
            self[name].errors = [message]
            valid = False
        return bool(valid)

    def _line(self, name: str) -> str:
        return " ".join((self[name].data or "").split()) if name in self else ""

    def text(self) -> dict[str, str]:
        return {
            "title": self._line("title"),
            "content": text_of(self["content"]),
            "category": self["category"].data or "",
            "place": self._line("place"),
        }

    def author(self) -> AuthorText:
        choice = self["kind"].data if "kind" in self else None
        kind = AuthorKind(choice) if choice in list(AuthorKind) else AuthorKind.CITIZEN
        name, phone = self._line("name").replace(" ", ""), tidy_phone(self["phone"].data or "")
        return AuthorText(name, phone, self._line("unit"), kind)
