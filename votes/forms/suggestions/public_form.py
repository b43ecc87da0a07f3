"""The public form for a suggestion, and the rating of the answer by its author."""

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from votes.forms.base import Form, chosen
from votes.forms.suggestions.fields import SuggestionForm, category_field
from votes.models import Village
from votes.rules.suggestions.suggestions import MOST_PHOTOS
from votes.services.people.villages import grouped
from votes.services.suggestions.suggestions import SATISFACTIONS
from votes.web.words.labels import GRADES


class SuggestForm(SuggestionForm):
    """The public form.

    ``key`` identifies a form that is sent twice. ``website`` is a trap for programs: people do not see it.
    """

    key = HiddenField()
    website = StringField()
    content = TextAreaField()
    category = category_field(None, "不选")
    village_id = SelectField(coerce=chosen)
    place = StringField()
    files = MultipleFileField()
    name = StringField()
    phone = StringField()
    most = MOST_PHOTOS

    def __init__(self, villages: Sequence[Village]) -> None:
        """Offer ``villages``, which are sorted by township."""
        super().__init__()
        self.townships = grouped(villages)
        self.village_id.choices = [("", ""), *((village.id, village.name) for village in villages)]

    def values(self) -> dict[str, Any]:
        return {**self.text(), "village_id": self.village_id.data}

    @property
    def status_code(self) -> int:
        """Return the status of the answer: that of the rule that refused, except 409."""
        return self.broken.status if self.broken and self.broken.status != 409 else self.status


class SatisfactionForm(Form):
    code = HiddenField()
    satisfaction = RadioField(
        choices=[(value, GRADES[value].word) for value in SATISFACTIONS],
        validators=[InputRequired("请选择一项。")],
    )
