"""One unit of a government."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from votes.forms.base import Form


class DepartmentForm(Form):
    name = StringField(
        "单位名称", [InputRequired("请输入单位名称"), Length(max=60, message="名称不超过 60 个字")]
    )
    head = StringField("负责人", [Length(max=40, message="负责人不超过 40 个字")])
    contact = StringField("联系方式", [Length(max=60, message="联系方式不超过 60 个字")])

    @property
    def values(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("name", "head", "contact")}
