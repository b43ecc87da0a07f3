"""The public form for a suggestion, and the rating of the answer by its author."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from flask_wtf.file import MultipleFileField
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from votes.forms.base import Form, chosen
from votes.forms.suggestions.fields import SuggestionForm, category_field
from votes.models import Village
from votes.rules.errors import RuleBroken
from votes.rules.suggestions.suggestions import LEAST_SECONDS, MOST_PHOTOS
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

    def renew_key(self, now: datetime) -> None:
        """Give the form a key unless it has a valid one: signed, a random text and the time when it was opened."""
        if self._age(now) is None:
            self.key.data = _signer().dumps([secrets.token_urlsafe(9), int(now.timestamp())])

    def check_human(self, now: datetime) -> None:
        """Raise RuleBroken for a form that a program filled in, that is too old, or that came back too quickly."""
        if self.website.data:
            words = "没有提交成功：页面上一个应当空着的栏目被自动填写了。请关闭浏览器的自动填写后再提交。"
            raise RuleBroken(words, status=422)
        age = self._age(now)
        if age is None:
            words = "页面打开得太久，没有提交成功。请再点一次“提交建议”，您填写的内容都还在。"
            raise RuleBroken(words, status=422)
        if age < LEAST_SECONDS:
            words = "提交得太快了。请核对一遍，过几秒钟再点“提交建议”，您填写的内容都还在。"
            raise RuleBroken(words, status=429)

    def _age(self, now: datetime) -> float | None:
        """Return the seconds since the form was opened; None where its key is forged, or older than a day."""
        try:
            _, opened = _signer().loads(self.key.data or "")
            age: float = now.timestamp() - opened
        except (BadSignature, ValueError, TypeError):
            return None
        return age if 0 <= age < 24 * 3600 else None

    @property
    def status(self) -> int:
        """Return the status of the answer: that of the rule that refused, except 409."""
        return self.broken.status if self.broken and self.broken.status != 409 else super().status


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="suggestion")


class SatisfactionForm(Form):
    code = HiddenField()
    satisfaction = RadioField(
        choices=[(value, GRADES[value].word) for value in SATISFACTIONS],
        validators=[InputRequired("请选择一项。")],
    )
