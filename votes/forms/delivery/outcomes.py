"""Adjustment, acceptance, citizens' rating, second report: what is typed, and what the lists are narrowed by."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form as PlainForm,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from votes.forms.base import Form, WithPhotos, chosen
from votes.forms.filters import Filters
from votes.forms.projects import _day, _money
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Item, Mark, RereportState
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind
from votes.rules.supervision.citizen_ratings import COMMENT_LENGTH
from votes.services.supervision import citizen_ratings, second_reports
from votes.web.words.labels import GRADES, label

GRADE_CHOICES = [(key, each.word) for key, each in GRADES.items()]


def _choices(kinds: Any, all_words: str) -> list[tuple[str, str]]:
    return [("", all_words), *((each.value, label(each).word) for each in kinds)]


def _sorts(sorts: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key, value if isinstance(value, str) else value[0]) for key, value in sorts.items()]


def _years(years: Sequence[int]) -> list[tuple[Any, str]]:
    return [("", "全部年度"), *((y, f"{y}年") for y in years)]


def _units(units: Sequence[Any]) -> list[tuple[Any, str]]:
    return [("", "全部单位"), *((u.id, u.name) for u in units)]


# --- lists ---------------------------------------------------------------------------------------------


class CommentFilters(Filters):
    year = SelectField("年度", coerce=chosen)
    tracking_id = SelectField("项目", coerce=chosen)
    grade = SelectField("评价", choices=[("", "全部评价"), *GRADE_CHOICES])
    standing = SelectField(
        "处理情况", choices=[("", "全部"), *((k, v[0]) for k, v in citizen_ratings.STANDINGS.items())]
    )
    q = StringField("查找", render_kw={"placeholder": "意见中的词", "size": 12})
    sort = SelectField("排序", choices=_sorts(citizen_ratings.SORTS))

    def __init__(self, years: Sequence[int], projects: Sequence[tuple[int, str]]) -> None:
        super().__init__(year=_years(years), tracking_id=[("", "全部项目"), *projects])
        if "year" not in request.args and not self.standing.data and years:
            self.year.data = years[0]

    @property
    def narrowed(self) -> bool:
        return bool(self.tracking_id.data or self.grade.data or self.standing.data or self.q.data)

    def wanted(self) -> citizen_ratings.Filter:
        return citizen_ratings.Filter(
            year=self.year.data,
            tracking_id=self.tracking_id.data,
            grade=self.grade.data or "",
            standing=self.standing.data or "",
            q=self.q.data or "",
            sort=self.sort.data or "latest",
        )


class RereportFilters(Filters):
    state = SelectField("状态", choices=[*_choices(RereportState, "全部状态"), ("overdue", "已过期限")])
    year = SelectField("年度", coerce=chosen)
    unit = SelectField("责任单位", coerce=chosen)
    q = StringField("查找", render_kw={"placeholder": "项目名称", "size": 14})
    sort = SelectField("排序", choices=_sorts(second_reports.SORTS))

    def __init__(self, years: Sequence[int], units: Sequence[Any]) -> None:
        super().__init__(year=_years(years), unit=_units(units))

    def wanted(self) -> second_reports.Filter:
        return second_reports.Filter(
            state=self.state.data or "",
            year=self.year.data,
            unit=self.unit.data,
            q=self.q.data or "",
            sort=self.sort.data or "due",
        )


# --- adjustment ----------------------------------------------------------------------------------------


class AdjustmentForm(Form):
    """An application; the fields of what may change start from how it stands (``stands``)."""

    kind = RadioField("申请类型", [InputRequired("请选择申请类型")])
    cause = RadioField(
        "原因类别",
        [InputRequired("请选择原因类别")],
        choices=[(each.value, label(each).word) for each in AdjustmentCause],
    )
    reason = TextAreaField(
        "原因和依据",
        [DataRequired("请写明调整的原因和依据"), Length(max=2000, message="原因不超过 2000 个字")],
        description="写明发生了什么、依据哪个文件；同意并公告后，原因随公告公开",
        render_kw={"rows": 4},
    )
    target = TextAreaField("年度目标", [Length(max=2000)], render_kw={"rows": 3})
    content = TextAreaField("建设内容和规模", [Length(max=2000)], render_kw={"rows": 3})
    due_on = _day("完成时限")
    total_investment = _money("总投资（万元）")
    year_investment = _money("当年计划投资（万元）")
    submit = SubmitField("提交申请")

    CHANGING = ("target", "content", "due_on", "total_investment", "year_investment")

    def __init__(self, stands: Mapping[str, Any], deciders: Mapping[AdjustmentKind, str]) -> None:
        super().__init__(data=dict(stands))
        self.kind.choices = [
            (kind.value, f"{label(kind).word}（由{organ}决定）") for kind, organ in deciders.items()
        ]

    def values(self) -> dict[str, Any]:
        return {
            "kind": AdjustmentKind(self.kind.data),
            "cause": AdjustmentCause(self.cause.data),
            "reason": _words(self.reason),
            "wanted": {
                name: _words(self[name]) if isinstance(self[name], TextAreaField) else self[name].data
                for name in self.CHANGING
            },
        }


def _words(field: Any) -> str:
    return (field.data or "").replace("\r\n", "\n").strip()


class DecisionForm(Form):
    approved = RadioField(
        "决定",
        [InputRequired("请选择决定")],
        choices=[("yes", "同意：立即生效，进度跟踪和项目内容随之变更"), ("no", "不同意：项目照原计划实施")],
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

    def values(self) -> dict[str, Any]:
        return {
            "approved": self.approved.data == "yes",
            "organ": self.organ.data or "",
            "document_number": self.document_number.data or "",
            "decided_on": self.decided_on.data,
            "opinion": _words(self.opinion),
        }


class NoticeForm(Form):
    notice = TextAreaField(
        "公告内容",
        [DataRequired("请填写公告内容"), Length(max=4000)],
        description="已按决定拟好，可以修改；一行一段",
        render_kw={"rows": 10},
    )
    announced_on = DateField("公告日期", [InputRequired("请填写公告日期")])
    submit = SubmitField("发布公告")

    def values(self) -> dict[str, Any]:
        return {"notice": _words(self.notice), "announced_on": self.announced_on.data}


# --- acceptance ----------------------------------------------------------------------------------------


class ItemRow(PlainForm):
    class Meta(PlainForm.Meta):
        locales = ("zh",)

    dimension = HiddenField()
    mark = RadioField(
        "是否达到", [InputRequired("请选择是否达到")], choices=[(m.value, label(m).word) for m in Mark]
    )
    note = StringField("情况说明", [Length(max=200, message="说明不超过 200 个字")])


class AcceptanceForm(WithPhotos):
    """An acceptance along ``dimensions``; ``kinds`` that this account records (none: a correction, the kind stays)."""

    kind = RadioField("验收类型", [InputRequired("请选择验收类型")])
    held_on = DateField("验收日期", [InputRequired("请填写验收日期")])
    held_by = StringField(
        "组织验收",
        [DataRequired("请填写由谁组织验收"), Length(max=100)],
        description="组织验收的单位、验收组组长，如“示例县人大常委会验收组（组长：示例）”",
    )
    items = FieldList(FormField(ItemRow), "验收内容", max_entries=60)
    conclusion = RadioField(
        "结论",
        [InputRequired("请选择结论")],
        choices=[(each.value, label(each).word) for each in Conclusion],
    )
    opinion = TextAreaField("意见", [Length(max=2000)], description="随验收结果公开", render_kw={"rows": 3})
    files = MultipleFileField(
        "现场照片",
        description="可选多张，JPG、PNG 或 WebP；照片对外公开，请避免拍到群众的个人信息",
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    caption = StringField("照片说明", [Length(max=100)])
    submit = SubmitField("登记验收")

    def __init__(
        self, dimensions: Sequence[str], kinds: Sequence[AcceptanceKind] = (), given: Any = None, **data: Any
    ) -> None:
        if given is not None:
            rows = [{"dimension": i.dimension, "mark": i.mark.value, "note": i.note} for i in given.items]
            data |= {
                "held_on": given.held_on,
                "held_by": given.held_by,
                "conclusion": given.conclusion.value,
                "opinion": given.opinion,
            }
        else:
            rows = [{"dimension": each} for each in dimensions]
        self.dimensions = [row["dimension"] for row in rows]
        super().__init__(data={**data, "items": rows})
        if kinds:
            self.kind.choices = [(kind.value, label(kind).word) for kind in kinds]
            if len(kinds) == 1 and not self.is_submitted():
                self.kind.data = kinds[0].value
        else:
            del self.kind
            self.submit.label.text = "保存更正"

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if len(self.items) != len(self.dimensions):
            self.refusal = "验收内容与设置不符，没有保存。请刷新页面后重新填写。"
            return False
        return valid

    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "held_on": self.held_on.data,
            "held_by": self.held_by.data or "",
            "conclusion": Conclusion(self.conclusion.data),
            "opinion": _words(self.opinion),
            "items": [
                Item(name, Mark(row.form.mark.data), (row.form.note.data or "").strip())
                for name, row in zip(self.dimensions, self.items, strict=True)
            ],
            "caption": (self.caption.data or "").strip(),
        }
        if "kind" in self:
            found["kind"] = AcceptanceKind(self.kind.data)
        return found


# --- citizens ------------------------------------------------------------------------------------------


class RateForm(Form):
    """What a citizen says. `grade` and `comment` are checked by the rule, which has the words."""

    grade = RadioField(
        "您对这个项目满意吗？", [InputRequired("请选择“满意”“基本满意”或“不满意”")], choices=GRADE_CHOICES
    )
    comment = TextAreaField(
        "您的意见（可不填）",
        [Length(max=COMMENT_LENGTH, message=f"意见最多 {COMMENT_LENGTH} 个字，请精简后提交")],
        render_kw={"rows": 4},
    )

    def values(self) -> dict[str, Any]:
        return {"grade": self.grade.data or "", "comment": _words(self.comment)}


class HandleForm(Form):
    reply = TextAreaField(
        "答复",
        [Length(max=1000, message="答复不超过 1000 个字")],
        description="公开时与意见一起公布，请勿写入个人信息",
        render_kw={"rows": 3},
    )
    published = BooleanField("公开这条意见和答复", description="不勾选则只供内部掌握；任何意见都不会自动公开")
    checked = BooleanField(
        "已核对，没有指明具体的人或住处", description="意见或答复中有疑似姓名、住址的，核对后勾选才能公开"
    )
    note_to_unit = TextAreaField(
        "转责任单位",
        [Length(max=1000, message="不超过 1000 个字")],
        description="用您的话概括意见和要求，责任单位在项目页面上看到；清空即撤回",
        render_kw={"rows": 3},
    )
    submit = SubmitField("保存")

    def values(self) -> dict[str, Any]:
        return {
            "reply": _words(self.reply),
            "published": bool(self.published.data),
            "note_to_unit": _words(self.note_to_unit),
            "checked": bool(self.checked.data),
        }


# --- second report -------------------------------------------------------------------------------------


class DemandForm(Form):
    due_on = DateField("报告期限", [InputRequired("请填写报告期限")])
    reason = TextAreaField(
        "原因和要求",
        [DataRequired("请写明要求再次报告的原因和内容"), Length(max=1000)],
        render_kw={"rows": 3},
    )
    submit = SubmitField("要求再次报告")

    def values(self) -> dict[str, Any]:
        return {"due_on": self.due_on.data, "reason": _words(self.reason)}


class ReportTextForm(Form):
    text = TextAreaField(
        "再次报告",
        [DataRequired("请填写报告内容"), Length(max=8000)],
        description="写明群众和代表不满意的原因、整改措施和结果、下一步安排；审议通过后公开",
        render_kw={"rows": 12},
    )
    submit = SubmitField("提交报告")


class SettleForm(Form):
    accepted = RadioField(
        "审议结果",
        [InputRequired("请选择审议结果")],
        choices=[("yes", "通过：报告随之公开"), ("no", "退回：按新的期限再次报告")],
    )
    opinion = TextAreaField("审议意见", [Length(max=2000)], render_kw={"rows": 4})
    settled_on = DateField("审议日期", [InputRequired("请填写审议日期")])
    due_on = DateField("新的报告期限", [Optional()], description="退回时填写")
    submit = SubmitField("登记审议结果")

    def values(self) -> dict[str, Any]:
        return {
            "accepted": self.accepted.data == "yes",
            "opinion": _words(self.opinion),
            "settled_on": self.settled_on.data,
            "due_on": self.due_on.data,
        }
