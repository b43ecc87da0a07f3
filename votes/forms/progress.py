"""Plan, monthly report, end of a project; and what readers of the lists choose."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import request
from flask_wtf.file import MultipleFileField
from wtforms import (
    DateField,
    DecimalField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms import Form as Row
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from votes.forms.base import Form
from votes.rules.progress import Light
from votes.services import progress

MONEY = NumberRange(min=0, max=99_999_999, message="请填写不小于 0 的金额，单位万元")
SPARE_ROWS = 3


def _numeric(hint: str = "") -> dict[str, str]:
    return {"inputmode": "decimal", "autocomplete": "off", "placeholder": hint}


class Choice(NamedTuple):
    """What the reader of a list chose; what makes no sense is as if it had not been chosen."""

    year: int | None
    unit: int | None = None
    category: str = ""
    light: Light | None = None
    q: str = ""
    sort: str = "number"

    @classmethod
    def read(cls, years: Sequence[int]) -> "Choice":
        """Out of the address; the newest year of ``years`` where none is named."""
        args = request.args
        year = args.get("year", type=int)
        light = args.get("light", "")
        return cls(
            year=year if year in years else next(iter(years), None),
            unit=args.get("unit", type=int),
            category=args.get("category", ""),
            light=Light(light) if light in list(Light) else None,
            q=args.get("q", "").strip()[:60],
            sort=args.get("sort", "number"),
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.unit or self.category or self.light or self.q)

    def of(self, lines: Sequence[progress.Line]) -> list[progress.Line]:
        """Those of ``lines`` that were asked for."""
        return progress.narrow(
            lines, unit=self.unit, category=self.category, light=self.light, q=self.q, sort=self.sort
        )


class StepRow(Row):
    """One milestone; a row left empty is none."""

    class Meta:
        locales = ("zh",)

    id = HiddenField()
    name = StringField("节点", [Length(max=60, message="节点名称不超过 60 个字")])
    planned_on = DateField("计划日期", [Optional()])
    planned_percent = IntegerField(
        "计划进度（%）",
        [Optional(), NumberRange(0, 100, "计划进度应在 0 至 100 之间")],
        render_kw=_numeric(),
    )
    actual_on = DateField("实际完成日期", [Optional()])
    note = StringField("说明", [Length(max=200, message="说明不超过 200 个字")])

    @property
    def blank(self) -> bool:
        return not any(
            (field.raw_data and field.raw_data[0].strip()) or field.data
            for name, field in self._fields.items()
            if name != "id"
        )

    def validate(self, extra_validators: Any = None) -> bool:
        if self.blank:
            return True
        valid = super().validate(extra_validators)
        for field, words in (
            (self.name, "请填写节点名称"),
            (self.planned_on, "请填写计划日期"),
            (self.planned_percent, "请填写计划进度"),
        ):
            if not field.errors and (field.data is None or field.data == ""):
                field.errors = [words]
                valid = False
        return valid

    def step(self) -> progress.Step:
        number = str(self.id.data or "")
        return progress.Step(
            int(number) if number.isdigit() else None,
            (self.name.data or "").strip(),
            self.planned_on.data,
            self.planned_percent.data,
            self.actual_on.data,
            (self.note.data or "").strip(),
        )


class PlanForm(Form):
    department_id = SelectField("责任单位", coerce=int)
    leader = StringField("分管领导", [Length(max=60)])
    due_on = DateField("完成时限", [InputRequired("请填写完成时限")])
    starts_on = DateField("开始日期", [InputRequired("请填写开始日期")])
    milestones = FieldList(FormField(StepRow), "节点计划", max_entries=60)
    add_row = SubmitField("增加一行", render_kw={"formnovalidate": True})
    submit = SubmitField("保存计划")

    def __init__(self, tracking: progress.Tracking, units: Sequence[Any], *, whole: bool) -> None:
        """``whole``: the government office, who may also change due date, unit and leader."""
        super().__init__(obj=tracking)
        if whole:
            kept = [u for u in units if u.active or u.id == tracking.department_id]
            self.department_id.choices = [(u.id, u.name) for u in kept]
        else:
            del self.department_id, self.leader, self.due_on
        if not self.is_submitted():
            for _ in range(SPARE_ROWS):
                self.milestones.append_entry()

    @property
    def adding(self) -> bool:
        """The button for one more row was pressed: nothing is saved, what was typed stays."""
        return bool(self.is_submitted() and self.add_row.data)

    def more(self) -> None:
        self.milestones.append_entry()

    def values(self) -> dict[str, Any]:
        found = {
            name: self[name].data
            for name in ("department_id", "leader", "due_on", "starts_on")
            if name in self
        }
        return {**found, "steps": [row.form.step() for row in self.milestones if not row.form.blank]}


class ReportForm(Form):
    month = SelectField("报告月份")
    percent = IntegerField(
        "形象进度（%）",
        [InputRequired("请填写形象进度"), NumberRange(0, 100, "形象进度应在 0 至 100 之间")],
        description="至月底，项目整体完成的百分比",
        render_kw=_numeric(),
    )
    money_planned = DecimalField(
        "年度计划投资（万元）", [InputRequired("请填写年度计划投资"), MONEY], places=2, render_kw=_numeric()
    )
    money_in_place = DecimalField(
        "累计到位资金（万元）", [InputRequired("请填写累计到位资金"), MONEY], places=2, render_kw=_numeric()
    )
    money_paid = DecimalField(
        "累计拨付资金（万元）", [InputRequired("请填写累计拨付资金"), MONEY], places=2, render_kw=_numeric()
    )
    narrative = TextAreaField(
        "进展情况",
        [DataRequired("请填写进展情况"), Length(max=2000)],
        description="本月做了什么、做到什么程度，写明数量和地点",
        render_kw={"rows": 4},
    )
    problems = TextAreaField(
        "存在问题", [Length(max=2000)], description="只供内部掌握，不对外公开", render_kw={"rows": 3}
    )
    next_step = TextAreaField("下一步安排", [Length(max=2000)], render_kw={"rows": 3})
    files = MultipleFileField(
        "现场照片",
        description="可选多张，JPG、PNG 或 WebP，每张不超过 15 MB；照片对外公开，请避免拍到群众的个人信息",
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    caption = StringField(
        "照片说明", [Length(max=100)], description="写明拍摄地点和内容，如“东山村段路面浇筑现场”"
    )
    submit = SubmitField("报送月报")

    def __init__(self, figures: progress.Figures, months: Sequence[date]) -> None:
        """``figures`` to start from; ``months`` that may be reported (none: a correction, the month stays)."""
        super().__init__(data=figures._asdict())
        if months:
            self.month.choices = [(f"{m:%Y-%m}", f"{m.year}年{m.month}月") for m in months]
        else:
            del self.month
            self.submit.label.text = "保存更正"

    def figures(self) -> progress.Figures:
        return progress.Figures(
            *(self[name].data for name in ("percent", "money_planned", "money_in_place", "money_paid")),
            *((self[name].data or "").strip() for name in ("narrative", "problems", "next_step")),
        )

    @property
    def photos(self) -> list[Any]:
        """The chosen files; an empty field is none."""
        return [file for file in self.files.data or [] if getattr(file, "filename", "")]

    def values(self) -> dict[str, Any]:
        return {"figures": self.figures(), "caption": (self.caption.data or "").strip()}

    def reported_month(self) -> date:
        return date.fromisoformat(f"{self.month.data}-01")


class FinishForm(Form):
    action = RadioField(
        "办结情况",
        [InputRequired("请选择办结情况")],
        choices=[
            SelectChoice("complete", "完成（已通过验收）"),
            SelectChoice("basically", "基本完成（尚有收尾工作）"),
            SelectChoice("fail", "未完成"),
        ],
    )
    finished_on = DateField("认定日期", [InputRequired("请填写日期")])
    submit = SubmitField("认定")
