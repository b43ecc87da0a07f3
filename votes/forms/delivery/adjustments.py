"""Adjustments: the application, the decision, the announcement."""

from collections.abc import Mapping
from typing import Any

from wtforms import DateField, RadioField, StringField, SubmitField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from votes.forms.base import Form, typed, yes_or_no
from votes.forms.boxes import day, money
from votes.rules.delivery.adjustments import FIELDS, AdjustmentCause, AdjustmentKind
from votes.web.filters import words_of
from votes.web.words.labels import label


class AdjustmentForm(Form):
    """An application; the fields of what may change start from how it stands (``stands``)."""

    kind = RadioField("申请类型", [InputRequired("请选择申请类型")])
    cause = RadioField("原因类别", [InputRequired("请选择原因类别")], choices=words_of(AdjustmentCause))
    reason = TextAreaField(
        "原因和依据",
        [DataRequired("请写明调整的原因和依据"), Length(max=2000, message="原因不超过 2000 个字")],
        description="写明发生了什么、依据哪个文件；同意并公告后，原因随公告公开",
        render_kw={"rows": 4},
    )
    target = TextAreaField("年度目标", [Length(max=2000)], render_kw={"rows": 3})
    content = TextAreaField("建设内容和规模", [Length(max=2000)], render_kw={"rows": 3})
    due_on = day("完成时限")
    total_investment = money("总投资（万元）")
    year_investment = money("当年计划投资（万元）")
    submit = SubmitField("提交申请")

    def __init__(self, stands: Mapping[str, Any], deciders: Mapping[AdjustmentKind, str]) -> None:
        super().__init__(data=dict(stands))
        self.kind.choices = [
            (kind.value, f"{label(kind).word}（由{organ}决定）") for kind, organ in deciders.items()
        ]

    def values(self) -> dict[str, Any]:
        kind, cause = AdjustmentKind(self.kind.data), AdjustmentCause(self.cause.data)
        return {"kind": kind, "cause": cause, **typed(self, "reason"), "values": typed(self, *FIELDS)}


class AdjustmentDecisionForm(Form):
    approved = yes_or_no(
        "决定", "请选择决定", "同意：立即生效，进度跟踪和项目内容随之变更", "不同意：项目照原计划实施"
    )
    organ = StringField("决定机关", [DataRequired("请填写决定机关"), Length(max=60)])
    document_number = StringField(
        "文号",
        [DataRequired("请填写文号或会议纪要编号"), Length(max=60)],
        description="决定的文号或会议纪要编号",
    )
    decided_on = DateField("决定日期", [InputRequired("请填写决定日期")])
    opinion = TextAreaField("意见", [Length(max=1000)], render_kw={"rows": 3})
    submit = SubmitField("登记决定")


class NoticeForm(Form):
    notice = TextAreaField(
        "公告内容",
        [DataRequired("请填写公告内容"), Length(max=4000)],
        description="已按决定拟好，可以修改；一行一段",
        render_kw={"rows": 10},
    )
    announced_on = DateField("公告日期", [InputRequired("请填写公告日期")])
    submit = SubmitField("发布公告")
