"""Candidate projects: one project, a gate's decision, the list to be voted on, files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from flask import request
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from votes.forms import boxes
from votes.forms.base import Form, FormRow, chosen, number
from votes.rules.projects.fields import CATEGORIES, FIELDS, IN_FORM, KINDS, Field, faults
from votes.rules.projects.projects import Minutes, usual_seats

_TEXTS = (StringField, TextAreaField)


# --- one project -----------------------------------------------------------------------------------------


class RowForm(FormRow):
    """A row of a table in the form."""

    @property
    def blank(self) -> bool:
        """Tell whether nothing is typed in the row."""
        return not any(box.raw_data[0].strip() if box.raw_data else box.data for box in self)

    def values(self) -> dict[str, Any]:
        """Return what is typed, as `services.projects` takes it; an empty text is never None."""
        empty = {box.short_name: "" if type(box) is StringField else box.data for box in self}
        return {box.short_name: boxes.tidy(box.data) or empty[box.short_name] for box in self}


class FundingRow(RowForm):
    source = StringField("资金来源")
    amount = boxes.money("金额（万元）")


class SubProjectRow(RowForm):
    name = StringField("子项目名称")
    target = StringField("年度目标")
    unit = StringField("实施单位")
    investment = boxes.money("投资（万元）")


_BOXES: dict[str, Callable[..., Any]] = {
    "text": StringField,
    "long": TextAreaField,
    "money": boxes.money,
    "count": boxes.count,
    "date": boxes.day,
    "yes": BooleanField,
    "category": partial(SelectField, choices=[("", "请选择"), *((c, c) for c in CATEGORIES)]),
    "kind": partial(RadioField, choices=list(KINDS.items()), default="works"),
    "unit": partial(SelectField, coerce=chosen),
    "year": IntegerField,
}


def _box(field: Field) -> Any:
    """Return the box of the form in which the field is typed."""
    options: dict[str, Any] = {"description": field.hint}
    if field.must:
        options["validators"] = [InputRequired(field.must)]
    if field.kind == "long":
        options["render_kw"] = {"rows": field.rows}
    elif field.kind == "text" and field.must:
        options["render_kw"] = {"maxlength": field.limit}
    return _BOXES[field.kind](field.asks or field.heading, **options)


class ProjectForm(Form):
    """One project. `fields.faults` judges it, so that the form and the workbook refuse in the same words."""

    version = HiddenField()
    funding = FieldList(FormField(FundingRow), min_entries=2, max_entries=20)
    subprojects = FieldList(FormField(SubProjectRow), min_entries=1, max_entries=60)

    def __init__(
        self, *, units: Sequence[Any] | None, given: dict[str, Any] | None = None, version: int | None = None
    ) -> None:
        """Fill the form with ``given``. ``units`` are to choose from; with None the editor's own unit stays."""
        super().__init__(data={**(given or {}), "version": version})
        if units is None:
            del self["department_id"]
        else:
            self["department_id"].choices = [("", "请选择"), *((u.id, u.name) for u in units)]

    def rows(self, section: str) -> list[list[Field]]:
        """Return the fields of a section, those that stand side by side together."""
        rows: list[list[Field]] = []
        for field in IN_FORM:
            if field.section != section:
                continue
            if rows and field.in_row and rows[-1][-1].in_row:
                rows[-1].append(field)
            else:
                rows.append([field])
        return rows

    def grows(self) -> bool:
        """Append a row if a button for one was pressed, and keep what is typed; tell whether it was."""
        for name in ("funding", "subprojects"):
            if request.method == "POST" and f"more_{name}" in request.form:
                rows = self[name]
                if len(rows.entries) < rows.max_entries:
                    rows.append_entry()
                return True
        return False

    def values(self) -> dict[str, Any]:
        """Return what is typed, as `services.projects` takes it, without blank rows."""
        values = {}
        for name in (field.column for field in FIELDS if field.column in self):
            box = self[name]  # a browser may leave out an empty text
            values[name] = "" if box.data is None and type(box) in _TEXTS else boxes.tidy(box.data)
        for name in ("funding", "subprojects"):
            values[name] = [row.form.values() for row in self[name] if not row.form.blank]
        return values

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate the boxes, then add the faults of the fields that have no message yet."""
        fine = super().validate(extra_validators)
        for name, message in faults(self.values()).items():
            if name in self._fields and not self[name].errors:
                self[name].errors = [message]
                fine = False
        return bool(fine)

    @property
    def base(self) -> int | None:
        """Return the version that the editor read."""
        return number(self.version.data)


for _field in FIELDS:
    setattr(ProjectForm, _field.column, _box(_field))


# --- decisions -------------------------------------------------------------------------------------------


class GateDecisionForm(Form):
    """What a meeting decided: date, document number, opinion."""

    decided_on = boxes.day("会议日期", validators=[InputRequired("请填写会议日期。")])
    document_number = StringField(
        "文号",
        [Length(max=60, message="最多 60 个字。")],
        description="会议纪要或文件的编号，例如：示例府常〔2027〕3号",
    )
    opinion = TextAreaField("意见", [Length(max=2000, message="最多 2000 个字。")], render_kw={"rows": 3})

    @property
    def minutes(self) -> Minutes:
        return Minutes(*(boxes.tidy(self[each.name].data or "") for each in fields(Minutes)))


class ReviewForm(GateDecisionForm):
    decision = RadioField(
        "审议结果",
        choices=[("pass", "通过"), ("return", "退回修改")],
        validators=[InputRequired("请选择审议结果。")],
    )
    gate = HiddenField()


class ReviewManyForm(GateDecisionForm):
    projects = SelectMultipleField("审议通过的项目", coerce=int)

    def __init__(self, waiting: Sequence[Any]) -> None:
        super().__init__(data={"projects": [p.id for p in waiting]})
        self.projects.choices = [(p.id, p.name) for p in waiting]
        self.waiting = waiting

    @property
    def ticked(self) -> list[Any]:
        """Return the projects that passed."""
        return [project for project in self.waiting if project.id in (self.projects.data or ())]


@dataclass
class ListRow:
    """One line of the list to be confirmed."""

    project: Any
    chosen: bool
    typed: str

    @property
    def number(self) -> int | None:
        return int(self.typed) if self.typed.isdecimal() and len(self.typed) < 5 else None


class ListForm(GateDecisionForm):
    """Which projects are voted on, and in which order: by typed numbers, or by buttons that move a project."""

    def __init__(self, listable: Sequence[Any]) -> None:
        super().__init__()
        posted = request.method == "POST"
        self.rows = [
            ListRow(
                project,
                chosen=not posted or f"on-{project.id}" in request.form,
                typed=request.form.get(f"number-{project.id}", "").strip() if posted else str(place),
            )
            for place, project in enumerate(listable, start=1)
        ]

    @property
    def usual_seats(self) -> int:
        """Return the usual number of seats for the ticked projects."""
        return usual_seats(len(self.numbers))

    @property
    def numbers(self) -> dict[int, int | None]:
        """Return the typed numbers of the ticked projects, by id; None for what is no number."""
        return {row.project.id: row.number for row in self.rows if row.chosen}

    def rearranges(self) -> bool:
        """Change the order if a button for it was pressed, and save nothing; tell whether one was."""
        button = request.form.get("do", "confirm")
        if request.method != "POST" or button == "confirm":
            return False
        verb, _, project_id = button.partition("-")
        key = _ORDERS.get(verb, lambda row: row.number or 10_000)
        self.rows.sort(key=lambda row: (not row.chosen, key(row)))
        if verb in ("up", "down"):
            self._move(project_id, 1 if verb == "down" else -1)
        chosen = [row for row in self.rows if row.chosen]
        for row in self.rows:
            row.typed = str(chosen.index(row) + 1) if row.chosen else ""
        return True

    def _move(self, project_id: str, by: int) -> None:
        for place, row in enumerate(self.rows):
            other = place + by
            if str(row.project.id) == project_id and 0 <= other < len(self.rows) and self.rows[other].chosen:
                self.rows[place], self.rows[other] = self.rows[other], row
                return


_ORDERS: dict[str, Callable[[ListRow], Any]] = {
    "category": lambda row: (CATEGORIES.index(row.project.category), row.project.id),
    "entered": lambda row: row.project.id,
}


# --- files -----------------------------------------------------------------------------------------------


class AttachForm(Form):
    files = MultipleFileField(
        "文件或图片",
        description="PDF、Word（.docx）、Excel（.xlsx）每个最大 20 MB；JPG、PNG、WebP 图片每张最大 15 MB。可一次选多个",
        render_kw={"accept": ".pdf,.docx,.xlsx,.jpg,.jpeg,.png,.webp"},
    )
    caption = StringField(
        "说明", [Optional(), Length(max=100, message="说明最多 100 个字。")], description="例如：改造前的路面"
    )

    @property
    def status(self) -> int:
        """Return 413 for a file that is too large."""
        too_large = any("太大" in error or "像素" in error for error in self.files.errors)
        return 413 if too_large else super().status


class VillagesForm(Form):
    """Villages ticked on the list of the place."""

    villages = SelectMultipleField("涉及村（社区）", coerce=int, validate_choice=False)

    def __init__(self, given: Sequence[int]) -> None:
        super().__init__(data={"villages": list(given)})

    @property
    def chosen(self) -> set[int]:
        return set(self.villages.data or ())
