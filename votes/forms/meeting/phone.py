"""Forms on a deputy's phone in the hall."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from votes.forms.base import Form, SpokenForm
from votes.rules.codes import PIN_FIGURES

_DIGITS = {"inputmode": "numeric", "autocomplete": "off", "maxlength": 6}


class CardSignInForm(SpokenForm):
    """Number and PIN of the card."""

    number = StringField(
        "代表证号", [InputRequired("请输入代表证号"), Length(max=30)], render_kw={"autocomplete": "off"}
    )
    pin = StringField(
        "凭证上的八位口令",
        [InputRequired("请输入八位口令"), Length(max=12)],
        render_kw={**_DIGITS, "maxlength": PIN_FIGURES},
    )


class CardPinForm(Form):
    """The PIN of a card that is at hand; empty where the QR code is enough."""

    pin = StringField("凭证上的八位口令", [Length(max=12)], render_kw={**_DIGITS, "maxlength": PIN_FIGURES})


class CheckInForm(Form):
    code = StringField("屏幕上的六位签到码", [Length(max=12)], render_kw=_DIGITS)
