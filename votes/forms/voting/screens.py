"""The hall's screens."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from votes.forms.base import Form


class ScreenForm(Form):
    name = StringField(
        "屏幕名称",
        [InputRequired("请给屏幕起个名称"), Length(max=60, message="不超过 60 字")],
        description="例如：主席台屏、二楼会场屏",
    )
