"""Second reports: the demand, the report, what the deliberation came to."""

from wtforms import DateField, SubmitField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from votes.forms.base import Form, yes_or_no


class DemandForm(Form):
    due_on = DateField("报告期限", [InputRequired("请填写报告期限")])
    reason = TextAreaField(
        "原因和要求",
        [DataRequired("请写明要求再次报告的原因和内容"), Length(max=1000)],
        render_kw={"rows": 3},
    )
    submit = SubmitField("要求再次报告")


class ReportTextForm(Form):
    text = TextAreaField(
        "再次报告",
        [DataRequired("请填写报告内容"), Length(max=8000)],
        description="写明群众和代表不满意的原因、整改措施和结果、下一步安排；审议通过后公开",
        render_kw={"rows": 12},
    )
    submit = SubmitField("提交报告")


class DeliberationForm(Form):
    accepted = yes_or_no("审议结果", "请选择审议结果", "通过：报告随之公开", "退回：按新的期限再次报告")
    opinion = TextAreaField("审议意见", [Length(max=2000)], render_kw={"rows": 4})
    settled_on = DateField("审议日期", [InputRequired("请填写审议日期")])
    due_on = DateField("新的报告期限", [Optional()], description="退回时填写")
    submit = SubmitField("登记审议结果")
