"""The roster: one deputy, the deputies that a workbook leaves out, the delegations."""

from datetime import date
from typing import Any

from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from votes.forms.base import Form, speak
from votes.forms.imports import ApplyForm
from votes.rules.people import roster as rules
from votes.rules.people.organs import COUNTY, Organ


class DeputyForm(Form):
    """One deputy. The rules of the sheet judge the fields, so both refuse in the same words."""

    number = StringField(
        "代表证号", [InputRequired("没有填写代表证号。")], description="每位代表不同，导入名册时按它对应"
    )
    name = StringField("姓名", [InputRequired("没有填写姓名。")])
    gender = RadioField("性别", choices=[(g, g) for g in rules.GENDERS], validators=[Optional()])
    ethnicity = StringField("民族", render_kw={"list": "ethnicities"})
    born = StringField("出生年月", description="年和月，如 1968-05")
    delegation = StringField(
        "代表团",
        [InputRequired("没有填写代表团。")],
        description="可选已有的，也可填写新的代表团",
        render_kw={"list": "delegations"},
    )
    constituency = StringField("选区")
    post = StringField("职务")
    phone = StringField(
        "手机号", description="11 位手机号，或带区号的固定电话", render_kw={"inputmode": "tel"}
    )
    pinyin = StringField(
        "姓名拼音", [Length(max=200)], description="用于排序，不填由系统生成；多音字有误时请改正"
    )
    initials = StringField("拼音首字母", [Length(max=30)], description="用于查找，如 WJG")

    def __init__(self, today: date, organ: Organ = COUNTY, **options: Any) -> None:
        super().__init__(**options)
        self._today, self._organ = today, organ
        speak(self, organ)

    @property
    def texts(self) -> dict[str, str | None]:
        return {name: self[name].data for name in (*rules.COLUMNS, "pinyin", "initials") if name != "state"}

    def validate(self, extra_validators: Any = None) -> bool:
        passed = super().validate(extra_validators)
        for name, problem in rules.clean(self.texts, today=self._today)[1].items():
            if name in self._fields and not self[name].errors:
                self[name].errors = [problem]
        return passed and not self.errors


class StateForm(Form):
    state = SelectField("代表资格", choices=[(s.value, word) for word, s in rules.STATES.items()])
    reason = StringField("原因", [Length(max=200)])


class RosterApplyForm(ApplyForm):
    departures = RadioField(
        "名册中有、文件中没有的代表",
        choices=[
            ("end", "按离任处理：状态改为“终止”"),
            ("keep", "保持原状态：这份文件只是部分名册"),
        ],
        validators=[InputRequired("请选择如何处理文件中没有的人员。")],
    )

    def __init__(self, plan: rules.Plan, organ: Organ = COUNTY) -> None:
        super().__init__(data={"departures": "end" if plan.covers_most else "keep"})
        speak(self, organ)

    @property
    def options(self) -> dict[str, Any]:
        return {"end_departed": self.departures.data == "end"}


class DelegationsForm(Form):
    """Names and places of all delegations: fields name-<id> and position-<id>."""

    def __init__(self, delegations: list[Any]) -> None:
        super().__init__()
        self.delegations = delegations

    def changes(self, given: Any) -> dict[int, tuple[str, int]]:
        """Return id → (name, position) as submitted; a position that is no number stays."""
        changes = {}
        for row in self.delegations:
            position = given.get(f"position-{row.id}", row.position, type=int)
            changes[row.id] = given.get(f"name-{row.id}", row.name), position
        return changes
