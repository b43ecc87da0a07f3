"""Boxes of forms whose content a rule reads: amounts, days, numbers of people."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from votes.rules.projects.rows import read_amount, read_count, read_day


def tidy(value: Any) -> Any:
    """Return a text as it is stored: with the line ends of Unix, which browsers do not send, and no outer blanks."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def required_text(label: str, limit: int, hint: str = "", **options: Any) -> StringField:
    """Return a text box that may not stay empty; ``limit``: how many characters it takes."""
    too_long = Length(max=limit, message=f"{label}不超过 {limit} 个字")
    return StringField(label, [InputRequired(f"请输入{label}"), too_long], description=hint, **options)


class ReadField(StringField):
    """A text box that a rule reads. Where it cannot be read, the box keeps what was typed."""

    def __init__(
        self, label: str, *, read: Callable[[str], Any], write: Callable[[Any], str] = str, **options: Any
    ) -> None:
        super().__init__(label, **options)
        self.read, self.write = read, write

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed. The rule raises ValueError with words for what it cannot read."""
        if valuelist:
            self.data = None
            self.data = self.read(valuelist[0].strip())

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)


#: An amount in 万元.
money = partial(
    ReadField,
    read=read_amount,
    write=lambda value: f"{Decimal(value):.2f}",
    render_kw={"inputmode": "decimal", "autocomplete": "off"},
)
count = partial(ReadField, read=read_count, render_kw={"inputmode": "numeric", "autocomplete": "off"})
day = partial(ReadField, read=read_day, write=date.isoformat, render_kw={"type": "date"})
