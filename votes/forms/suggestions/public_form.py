"""A citizen's suggestion, and what its author says about the answer."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from votes.forms.base import Form, WithPhotos, chosen
from votes.models import Village
from votes.rules.projects.fields import CATEGORIES
from votes.rules.suggestions import suggestions as rules
from votes.rules.suggestions.suggestions import AuthorText
from votes.services.suggestions.suggestions import SATISFACTIONS
from votes.web.words.labels import GRADES


class SuggestForm(WithPhotos):
    """`rules.suggestions.faults` judges the fields, as it does those of a workbook.

    ``key`` makes what is sent twice known again; ``website`` is for programs: people do not see it.
    """

    key = HiddenField()
    website = StringField()
    content = TextAreaField()
    category = SelectField(choices=[("", "不选"), *((c, c) for c in CATEGORIES)], default="")
    village_id = SelectField(coerce=chosen)
    place = StringField()
    files = MultipleFileField()
    name = StringField()
    phone = StringField()

    def __init__(self, villages: Sequence[Village]) -> None:
        super().__init__()
        self.village_id.choices = [("", ""), *((v.id, v.name) for v in villages)]

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        for name, message in rules.faults(self.values() | asdict(self.who())).items():
            if name in self._fields:
                self[name].errors = [message]
                fine = False
        return bool(fine)

    def values(self) -> dict[str, Any]:
        return {
            "content": (self.content.data or "").replace("\r\n", "\n").strip(),
            "category": self.category.data or "",
            "village_id": self.village_id.data,
            "place": " ".join((self.place.data or "").split()),
        }

    def who(self) -> AuthorText:
        return AuthorText("".join((self.name.data or "").split()), rules.tidy_phone(self.phone.data or ""))

    @property
    def status_code(self) -> int:
        """What the answer is sent with: the rule's own status where it has one of note."""
        return self.broken.status if self.broken and self.broken.status != 409 else self.status


class SatisfactionForm(Form):
    code = HiddenField()
    satisfaction = RadioField(
        choices=[(value, GRADES[value].word) for value in SATISFACTIONS],
        validators=[InputRequired("请选择一项。")],
    )
