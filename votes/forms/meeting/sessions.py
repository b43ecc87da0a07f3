"""Forms of sessions and of their voting cards."""

from wtforms import DateField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from votes.forms.base import Form, required


class SessionForm(Form):
    title = StringField(
        "会议名称", required("请填写会议名称", 100), description="例如：第十八届人民代表大会第五次会议"
    )
    year = IntegerField(
        "实施年度",
        [InputRequired("请填写年度"), NumberRange(2000, 2100, "请填写四位数的年份")],
        description="本次会议票决哪一年实施的项目",
    )
    starts_on = DateField("开会日期", [InputRequired("请填写开会日期")])
    ends_on = DateField("闭会日期", [InputRequired("请填写闭会日期")])
    place = StringField("地点", [Length(max=100, message="不超过 100 字")])


class CardReasonForm(Form):
    reason = StringField("原因", required("请填写原因", 200))
