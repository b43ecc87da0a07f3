"""What a list is narrowed by: read from the address, never refused, kept in every link."""

from typing import Any

from flask import request
from wtforms import Form as PlainForm


class FormFilters(PlainForm):
    """Fields out of the query; what makes no sense counts as not given."""

    class Meta(PlainForm.Meta):
        locales = ("zh",)

    def __init__(self, **choices: Any) -> None:
        """``choices``: for each select field that depends on the body, its choices."""
        super().__init__(request.args)
        for name, values in choices.items():
            self[name].choices = values
        self.validate()
        self.wrong = [field for field in self if field.errors and request.args.get(field.name)]
        for field in self:
            if field.errors:
                field.data, field.errors = None, []

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out of the list."""
        return any(field.data for field in self if field.name not in ("sort", "body_id"))

    @property
    def query(self) -> dict[str, str]:
        """What was given, for links to other pages of the same list and to its export."""
        return {field.name: request.args[field.name] for field in self if request.args.get(field.name)}
