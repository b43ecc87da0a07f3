"""The plan, the reports and the end of a project."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

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
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from votes.forms.base import Form, FormRow, WithPhotos, number, pictures, text_of, typed
from votes.models import Report, Tracking
from votes.rules.delivery.parts import TOTALS, Money
from votes.rules.delivery.periods import NOUNS, PERIODS, QUARTER, word
from votes.services.delivery import plans, reports
from votes.web.uploads import drawn

MONEY = NumberRange(min=0, max=99_999_999, message="请填写不小于 0 的金额，单位万元")
SPARE_ROWS = 3
_NUMERIC = {"inputmode": "decimal", "autocomplete": "off", "placeholder": ""}


def _percent(label: str, empty: Any, noun: str = "", description: str = "") -> Any:
    """Return the field of a percentage.

    ``empty``: the validator of an empty field, ``noun``: of the refusal.
    """
    validators = [empty, NumberRange(0, 100, f"{noun}应在 0 至 100 之间")]
    return IntegerField(label, validators, description=description, render_kw=_NUMERIC)


def _amount(label: str, empty: Any) -> Any:
    """Return the field of an amount in 万元; ``empty``: the validator of an empty field."""
    return DecimalField(label, [empty, MONEY], places=2, render_kw=_NUMERIC)


def _total(name: str) -> Any:
    """Return the field of a total of `TOTALS`."""
    words = TOTALS[name][1]
    return _amount(f"{words}（万元）", InputRequired(f"请填写{words}"))


class MilestoneRow(FormRow):
    """One milestone; a row left empty is none."""

    id = HiddenField()
    name = StringField("节点", [Length(max=60, message="节点名称不超过 60 个字")])
    planned_on = DateField("计划日期", [Optional()])
    planned_percent = _percent("计划进度（%）", Optional(), "计划进度")
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

    def step(self) -> plans.PlannedStep:
        values = typed(self, "name", "planned_on", "planned_percent", "actual_on", "note")
        return plans.PlannedStep(number(self.id.data), **values)


class WeightRow(FormRow):
    """The weight of one 子项目."""

    id = HiddenField()
    weight = IntegerField(
        "权重", [InputRequired("请填写权重"), NumberRange(1, 100, "应为 1 至 100 的整数")], render_kw=_NUMERIC
    )


class PlanForm(Form):
    department_id = SelectField("责任单位", coerce=int)
    leader = StringField("分管领导", [Length(max=60)])
    due_on = DateField("完成时限", [InputRequired("请填写完成时限")])
    period = SelectField(
        "报送周期", choices=[(key, f"{words}（{NOUNS[key]}）") for key, words in PERIODS.items()]
    )
    starts_on = DateField("开始日期", [InputRequired("请填写开始日期")])
    weights = FieldList(FormField(WeightRow), "子项目权重", max_entries=100)
    milestones = FieldList(FormField(MilestoneRow), "节点计划", max_entries=60)
    add_row = SubmitField("增加一行", render_kw={"formnovalidate": True})
    submit = SubmitField("保存计划")

    def __init__(self, tracking: Tracking, units: Sequence[Any], *, whole: bool) -> None:
        """Read the plan of a project.

        ``whole``: the government office may also change due date, unit, leader, period and weights.
        """
        parts = tracking.project.subprojects
        super().__init__(obj=tracking, weights=[{"id": part.id, "weight": part.weight} for part in parts])
        if whole:
            active = [unit for unit in units if unit.active or unit.id == tracking.department_id]
            self.department_id.choices = [(unit.id, unit.name) for unit in active]
        else:
            del self.department_id, self.leader, self.due_on, self.period
        if not whole or not parts:
            del self.weights
        if not self.is_submitted():
            for _ in range(SPARE_ROWS):
                self.milestones.append_entry()

    def values(self) -> dict[str, Any]:
        names = ("department_id", "leader", "due_on", "period", "starts_on")
        values = typed(self, *(name for name in names if name in self))
        if "weights" in self:
            values["weights"] = {_id(row.form.id.data): row.form.weight.data for row in self.weights}
        return {**values, "steps": [row.form.step() for row in self.milestones if not row.form.blank]}


def _id(text: Any) -> int:
    """Return the id in a hidden field; 0, which no row has, for any other text."""
    return number(text) or 0


class PartProgressRow(FormRow):
    """What is reported of one 子项目."""

    id = HiddenField()
    percent = _percent("形象进度（%）", InputRequired("请填写进度"))
    note = StringField("说明", [Length(max=200, message="说明不超过 200 个字")])

    def progress(self) -> reports.PartProgress:
        return reports.PartProgress(_id(self.id.data), self.percent.data, text_of(self.note))


class MoneyRow(FormRow):
    """Money from one source; a row without any amount is none."""

    source = StringField("资金来源", [Length(max=60, message="不超过 60 个字")])
    planned = _amount("年度计划投资", Optional())
    in_place = _amount("累计到位资金", Optional())
    paid = _amount("累计拨付资金", Optional())

    def money(self) -> Money:
        amounts = [field.data or Decimal(0) for field in (self.planned, self.in_place, self.paid)]
        return Money(text_of(self.source), *amounts)


class ReportForm(WithPhotos):
    month = SelectField("报告月份")
    parts = FieldList(FormField(PartProgressRow), "子项目进度", max_entries=100)
    percent = _percent(
        "形象进度（%）", InputRequired("请填写形象进度"), "形象进度", "至期末，项目整体完成的百分比"
    )
    percent_reason = StringField(
        "另行认定的理由",
        [Length(max=300)],
        description="只在整体进度与子项目按权重得出的不同时填写，对外公开",
    )
    sources = FieldList(FormField(MoneyRow), "分来源资金", max_entries=40)
    money_planned = _total("money_planned")
    money_in_place = _total("money_in_place")
    money_paid = _total("money_paid")
    narrative = TextAreaField(
        "进展情况",
        [DataRequired("请填写进展情况"), Length(max=2000)],
        description="本期做了什么、做到什么程度，写明数量和地点",
        render_kw={"rows": 4},
    )
    problems = TextAreaField(
        "存在问题", [Length(max=2000)], description="只供内部掌握，不对外公开", render_kw={"rows": 3}
    )
    next_step = TextAreaField("下一步安排", [Length(max=2000)], render_kw={"rows": 3})
    files = pictures(
        "现场照片", "可选多张，JPG、PNG 或 WebP，每张不超过 15 MB；照片对外公开，请避免拍到群众的个人信息"
    )
    caption = StringField(
        "照片说明", [Length(max=100)], description="写明拍摄地点和内容，如“东山村段路面浇筑现场”"
    )
    submit = SubmitField("报送")

    def __init__(
        self, tracking: Tracking, months: Sequence[date], report: Report | None = None, *, departs: bool
    ) -> None:
        """Begin with the figures of the last report, or with those of ``report`` to correct it.

        ``months``: those that may be reported; none: a correction, the month stays. ``departs``: the reader may set
        another percentage than the parts say.
        """
        figures = reports.figures_of(report) if report else reports.carried(tracking)
        parts = reports.parts_of(tracking, report)
        sources = (reports.money_of(report) if report else []) or reports.carried_money(tracking)
        data = figures._asdict()
        data["parts"] = [{"id": p.part.id, "percent": p.percent, "note": p.note} for p in parts]
        data["sources"] = [row._asdict() for row in sources]
        for name, (column, _) in TOTALS.items():
            if any(getattr(row, column) for row in sources):  # the total is what the sources add up to
                data[name] = None
        super().__init__(data=data)
        self.tracking, self.known = tracking, {p.part.id: p.part for p in parts}
        self._set_months(months)
        self._set_percent(figures, has_parts=bool(parts), departs=departs)
        self._set_sources(bool(sources))

    def _set_months(self, months: Sequence[date]) -> None:
        period = self.tracking.period
        self.submit.label.text = f"报送{NOUNS[period]}" if months else "保存更正"
        if not months:
            del self.month
            return
        self.month.choices = [(f"{m:%Y-%m}", word(m, None, period)) for m in months]
        if period == QUARTER:
            self.month.label.text = "报告季度"

    def _set_percent(self, figures: reports.ReportFigures, *, has_parts: bool, departs: bool) -> None:
        if not (has_parts and departs):
            del self.percent_reason
        if not has_parts:
            del self.parts
            return
        if not departs:
            del self.percent
            return
        self.percent.validators = [Optional(), *self.percent.validators[1:]]
        self.percent.label.text = "另行认定整体进度（%）"
        self.percent.description = "留空即按各子项目的权重得出"
        self.percent.flags.required = False
        if not self.is_submitted() and not figures.percent_reason:
            self.percent.data = None

    def _set_sources(self, any_sources: bool) -> None:
        if not any_sources:
            del self.sources
            return
        if not self.is_submitted():
            self.sources.append_entry()
        for name in TOTALS:
            self[name].description = "留空即为各来源合计"
            self[name].flags.required = False

    def part(self, row: PartProgressRow) -> Any:
        """Return the 子项目 that a row is about."""
        return self.known.get(_id(row.id.data))

    def validate(self, extra_validators: Any = None) -> bool:
        rows = self._sources()
        if rows:
            for name, (column, _) in TOTALS.items():
                field = self[name]
                if field.data is None and not "".join(map(str, field.raw_data or [])).strip():
                    field.data = sum((getattr(row, column) for row in rows), Decimal(0))
                    field.raw_data, field.process_errors = [str(field.data)], []
        return super().validate(extra_validators)

    def _sources(self) -> list[Money]:
        """Return the sources with an amount."""
        rows = [row.form.money() for row in self.sources] if "sources" in self else []
        return [row for row in rows if row.planned or row.in_place or row.paid]

    def _money(self) -> list[Money]:
        """Return the sources with an amount; none where only the totals were filled in."""
        rows = self._sources()
        totals_only = not any(row.in_place or row.paid for row in rows)  # the planned sums are the form's
        return [] if totals_only and (self.money_in_place.data or self.money_paid.data) else rows

    def values(self) -> dict[str, Any]:
        """Return the arguments of `reports.hand_in` or `reports.correct`.

        The photos are resized without the write lock.
        """
        month = {"month": date.fromisoformat(f"{self.month.data}-01")} if "month" in self else {}
        parts = [row.form.progress() for row in self.parts] if "parts" in self else []
        percent = self.percent.data if "percent" in self else None
        if percent is None:
            percent = reports.computed_percent(self.tracking, parts)
        amounts: dict[str, Any] = {name: self[name].data or Decimal(0) for name in TOTALS}
        reason = typed(self, "percent_reason") if "percent_reason" in self else {}
        words = typed(self, "narrative", "problems", "next_step")
        figures = reports.ReportFigures(
            percent=percent or 0, **amounts, **reason, **words, parts=parts, money=self._money()
        )
        return {**month, **typed(self, "caption"), "figures": figures, "photos": drawn(self.photos)}


class FinishForm(Form):
    action = RadioField(
        "办结情况",
        [InputRequired("请选择办结情况")],
        choices=[
            ("complete", "完成（已通过验收）"),
            ("basically", "基本完成（尚有收尾工作）"),
            ("fail", "未完成"),
        ],
    )
    finished_on = DateField("认定日期", [InputRequired("请填写日期")])
    submit = SubmitField("认定")

    def values(self) -> dict[str, Any]:
        return {"action": self.action.data, "on": self.finished_on.data}
