"""The base class of all forms, and functions that forms share."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    FileField,
    Form as PlainForm,
    RadioField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.csrf.core import CSRFTokenField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from votes.rules.errors import RuleBroken
from votes.rules.people.organs import COUNTY, Organ
from votes.web.pages import number as number
from votes.web.transaction import refuse


def chosen(text: Any) -> int | None:
    """Return the id or year of a choice, None for the empty one; raise ValueError for other text (for ``coerce``)."""
    value = number(text)
    if value is None and text not in (None, ""):
        raise ValueError(text)
    return value


def required(words: str, most: int) -> list[Any]:
    """Return the validators of a text: ``words`` refuse an empty one, and it has at most ``most`` characters."""
    return [InputRequired(words), Length(max=most, message=f"不超过 {most} 字")]


def checkboxes(label: str, **options: Any) -> SelectMultipleField:
    """Return a field of several choices, each with a box to tick; ``options``: as the field takes them."""
    boxes = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
    return SelectMultipleField(label, **boxes, **options)


def yes_or_no(label: str, refusal: str, yes: str, no: str) -> RadioField:
    """Return a question whose value is True or False; ``refusal``: the words where it is left open."""
    answers = {"yes": True, "no": False}
    return RadioField(label, [InputRequired(refusal)], choices=[("yes", yes), ("no", no)], coerce=answers.get)


def pictures(label: str, description: str) -> MultipleFileField:
    """Return a field for several pictures."""
    accept = {"accept": "image/jpeg,image/png,image/webp"}
    return MultipleFileField(label, description=description, render_kw=accept)


def text_of(field: Any) -> str:
    """Return what was typed into ``field``, with plain line ends and without blanks around it."""
    return (field.data or "").replace("\r\n", "\n").strip()


def typed(form: Any, *names: str) -> dict[str, Any]:
    """Return what was typed into these fields, by name: words as `text_of` returns them, other values as they are."""
    fields = [form[name] for name in names]
    return {
        field.short_name: text_of(field) if type(field) in (StringField, TextAreaField) else field.data
        for field in fields
    }


def speak(form: Iterable[Any], organ: Organ) -> None:
    """Put the labels and hints of a form into the words of the organ."""
    for field in form:
        field.label.text = organ.speak(field.label.text)
        field.description = organ.speak(field.description)


class FormRow(PlainForm):
    """A form in a row of another form."""

    class Meta(PlainForm.Meta):
        locales: ClassVar[list[str]] = ["zh"]


class Form(FlaskForm):
    """A form that keeps what was typed and shows the message of a broken rule beside its field."""

    class Meta(FlaskForm.Meta):
        locales: ClassVar[list[str]] = ["zh"]

    #: what was refused as a whole, shown above the form
    refusal: str | None = None

    def accepts(self, act: Callable[[], Any]) -> bool:
        """On POST validate, then run ``act``; return False when the page is to be shown (again).

        When ``act`` raises `RuleBroken`, the work is rolled back, the refusal is recorded, and the message is shown
        beside its field, or above the form where it names none.
        """
        if request.method != "POST" or not self.validate():
            return False
        try:
            self.outcome = act()
        except RuleBroken as broken:
            refuse(broken)
            self.broken = broken
            if broken.field and broken.field in self._fields:
                field = self._fields[broken.field]
                field.errors = [*field.errors, broken.message]
            else:
                self.refusal = broken.message
            return False
        return True

    outcome: Any = None
    #: the rule's refusal, where a rule refused
    broken: RuleBroken | None = None

    @property
    def status(self) -> int:
        """Return 422 when something typed was not accepted, 429 when it came too early, else 200."""
        if self.broken is not None and self.broken.code == "locked":
            return self.broken.status
        return 422 if self.refusal or self.errors else 200

    def entry(self) -> dict[str, Any]:
        """Return field → what was typed, for services whose parameters have the names of the fields.

        Words are as `text_of` returns them. Buttons and files are left out.
        """
        aside = (SubmitField, FileField, CSRFTokenField)
        return typed(self, *(field.short_name for field in self if not isinstance(field, aside)))


class SpokenForm(Form):
    """A form that is said in the words of an organ."""

    def __init__(self, organ: Organ = COUNTY, **options: Any) -> None:
        super().__init__(**options)
        speak(self, organ)


class WithPhotos(Form):
    """A form with a field ``files`` for several pictures."""

    @property
    def photos(self) -> list[Any]:
        """Return the chosen files; an empty field has none."""
        return [file for file in self["files"].data or [] if getattr(file, "filename", "")]


class ActionForm(Form):
    """A form that has only a button (and the CSRF token)."""
