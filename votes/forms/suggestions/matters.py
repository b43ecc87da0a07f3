"""Forms of one matter: its text, its transfer to a unit, the unit's opinion, its outcome, the answer to the authors."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from votes.forms.base import Form, chosen
from votes.forms.suggestions.fields import area, category_field, given, values_of, village_choices
from votes.models import Department, Matter, Project, Village
from votes.rules.dates import chinese_date
from votes.rules.suggestions.matters import MAX_TITLE, MatterText, Outcome
from votes.rules.suggestions.terms import MatterSettings, latest_due
from votes.web.words.labels import label


class MatterForm(Form):
    title = StringField("事项名称", [given("事项名称")], render_kw={"maxlength": MAX_TITLE})
    category = category_field()
    village_id = SelectField("村（社区）", coerce=chosen)
    summary = area(
        "内容摘要", 8, "写明要解决什么、在哪里、涉及多少人；不写建议人的姓名和电话。建议原文不受影响。"
    )

    def __init__(self, matter: Matter, villages: Sequence[Village]) -> None:
        super().__init__(obj=matter)
        self.village_id.choices = [("", "不限于一个村（社区）"), *village_choices(villages, matter.village)]

    def values(self) -> MatterText:
        return MatterText(**values_of(self))


class TransferForm(Form):
    department_id = SelectField("交办单位", coerce=chosen)
    instruction = area("交办要求", 4, "请单位研究什么、需要哪些数据，例如投资匡算、用地条件、受益人数。")
    complex = BooleanField("复杂事项")
    due_on = DateField("办理期限", [Optional()])

    def __init__(self, units: Sequence[Department], settings: MatterSettings, day: date) -> None:
        """Say how long the terms of a transfer sent on ``day`` are; only ``units`` in use can be chosen."""
        super().__init__()
        self.department_id.choices = [("", "请选择"), *((u.id, u.name) for u in units if u.active)]
        self.complex.description = (
            f"一般事项 {settings.months} 个月内答复，复杂事项 {settings.months_complex} 个月内答复"
        )
        usual, longest = (
            chinese_date(latest_due(day, is_complex=each, settings=settings)) for each in (False, True)
        )
        self.due_on.description = f"空着时，一般事项为{usual}，复杂事项为{longest}；可以提前"

    def values(self) -> dict[str, Any]:
        return values_of(self, "department_id", "instruction", "due_on") | {"is_complex": self.complex.data}


class OpinionForm(Form):
    proposal = RadioField(
        "建议的处理结果",
        [InputRequired("请选择建议的处理结果。")],
        choices=[(outcome.value, label(outcome).word) for outcome in Outcome],
    )
    opinion = area(
        "办理意见", 7, "写明是否可行、需要多少投资、用地和资金条件、何时能完成；不可行的，写明原因。"
    )

    def values(self) -> dict[str, Any]:
        return {"proposal": Outcome(self.proposal.data), "opinion": self.opinion.data or ""}


class ReturnForm(Form):
    reason = area("退回理由", 3, "写明依据和应由哪个单位办理。")


OUTCOME_HINTS = {
    Outcome.CANDIDATE: "进入候选项目，参加审议和票决",
    Outcome.RESERVE: "今年暂不实施，留待以后年度取用",
    Outcome.DEPUTY_PROPOSAL: "由代表按建议程序提出",
    Outcome.DECLINED: "条件不具备，须写明理由",
    Outcome.OUT_OF_SCOPE: "不属于民生实事项目，须写明理由和去处",
}


class OutcomeForm(Form):
    result = RadioField(
        "处理结果",
        [InputRequired("请选择处理结果。")],
        choices=[(each.value, f"{label(each).word}（{hint}）") for each, hint in OUTCOME_HINTS.items()],
    )
    project_id = SelectField("候选项目", coerce=chosen, description="仅在纳入候选时填写")
    name = StringField(
        "新建项目的名称",
        [Length(max=60, message="名称不超过 60 个字")],
        description="新建时使用，建成草稿后由政府办和责任单位补充完善",
    )
    checked = BooleanField(
        "已核对：名称和摘要中没有姓名、电话、住址",
        description="新建候选项目时必须勾选：内容摘要将作为项目的建设内容，选定后公开",
    )
    reason = area("理由", 3, "不采纳、不属范围时必填；随处理结果告知建议人。")
    answer = area("对建议人的答复", 5, "每位建议人凭查询码读到同一份答复；可以先定处理结果，以后再答复。")

    def __init__(self, matter: Matter, projects: Sequence[Project], proposal: Outcome | None) -> None:
        super().__init__(data={"name": matter.title, "result": proposal})
        self.project_id.choices = [
            ("", "新建候选项目"),
            *((p.id, f"关联已有项目：{p.name}") for p in projects),
        ]

    def validate_checked(self, field: BooleanField) -> None:
        if self.result.data == Outcome.CANDIDATE and not self.project_id.data and not field.data:
            raise ValidationError("请先核对名称和摘要，再勾选。")

    def values(self) -> dict[str, Any]:
        values = values_of(self, "project_id", "name", "reason", "answer")
        return values | {"outcome": Outcome(self.result.data)}


class ReplyForm(Form):
    answer = area("对建议人的答复", 7, "每位建议人凭查询码读到同一份答复。")
