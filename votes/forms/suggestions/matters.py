"""Matters: what lists are narrowed by, merging, 交办, outcome, answer, terms of the place."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from votes.forms.base import Form, chosen
from votes.forms.filters import Filters
from votes.forms.suggestions.suggestions import village_choices
from votes.models import Matter
from votes.rules.dates import chinese_date
from votes.rules.projects.fields import CATEGORIES
from votes.rules.suggestions import matters as rules
from votes.rules.suggestions.matters import LIMITS, MatterState, Outcome, Settings, Term, TransferState
from votes.rules.suggestions.suggestions import Channel
from votes.services.suggestions import matters, merging, transfers
from votes.web.words.labels import label


def _words(kind: Any, every: str) -> list[tuple[str, str]]:
    return [("", every), *((member.value, label(member).word) for member in kind)]


NO_CATEGORY = "-"  # in an address: those without one
_CATEGORIES = [("", "全部类别"), *((c, c) for c in CATEGORIES)]


def _year_choices(years: Sequence[int]) -> list[tuple[Any, str]]:
    return [(year, f"{year}年") for year in years]


# --- lists ---------------------------------------------------------------------------------------------


class MatterFilters(Filters):
    year = SelectField("年度", coerce=chosen)
    state = SelectField("状态", choices=_words(MatterState, "全部状态"))
    outcome = SelectField("处理结果", choices=_words(Outcome, "全部结果"))
    category = SelectField("类别", choices=_CATEGORIES)
    department_id = SelectField("交办单位", coerce=chosen)
    overdue = SelectField("期限", choices=[("", "不限"), ("1", "逾期未反馈")])
    q = StringField("查找", render_kw={"placeholder": "名称、摘要", "size": 14})
    sort = SelectField("排序", choices=list(matters.SORTS.items()))

    def __init__(self, years: Sequence[int], units: Sequence[Any], latest: int) -> None:
        super().__init__(
            year=_year_choices(years), department_id=[("", "全部单位"), *((u.id, u.name) for u in units)]
        )
        if self.year.data is None:
            self.year.data = latest

    @property
    def narrowed(self) -> bool:
        return any(field.data for field in self if field.name not in ("year", "sort"))

    def wanted(self, day: date) -> matters.Filter:
        return matters.Filter(
            year=self.year.data,
            day=day,
            state=MatterState(self.state.data) if self.state.data else None,
            outcome=Outcome(self.outcome.data) if self.outcome.data else None,
            category=self.category.data or "",
            department_id=self.department_id.data,
            overdue=bool(self.overdue.data),
            words=self.q.data or "",
            sort=self.sort.data or "number",
        )


class WaitingFilters(Filters):
    year = SelectField("年度", coerce=chosen)
    category = SelectField("类别", choices=[*_CATEGORIES, (NO_CATEGORY, "未分类")])
    village_id = SelectField("村（社区）", coerce=chosen)
    channel = SelectField("来源", choices=_words(Channel, "全部来源"))
    q = StringField("查找", render_kw={"placeholder": "标题、内容、地点", "size": 14})

    def __init__(self, years: Sequence[int], villages: Sequence[Any], latest: int) -> None:
        super().__init__(
            year=_year_choices(years), village_id=[("", "全部"), *((v.id, v.full_name) for v in villages)]
        )
        if self.year.data is None:
            self.year.data = latest

    @property
    def narrowed(self) -> bool:
        return any(field.data for field in self if field.name != "year")

    def wanted(self) -> merging.Waiting:
        chosen = self.category.data or None
        return merging.Waiting(
            year=self.year.data,
            category="" if chosen == NO_CATEGORY else chosen,
            village_id=self.village_id.data,
            channel=Channel(self.channel.data) if self.channel.data else None,
            words=self.q.data or "",
        )


class ReserveFilters(Filters):
    category = SelectField("类别", choices=_CATEGORIES)
    year = SelectField("转入年度", coerce=chosen)
    q = StringField("查找", render_kw={"placeholder": "名称、摘要", "size": 14})
    sort = SelectField(
        "排序", choices=[("newest", "新转入的在前"), ("category", "按类别"), ("many", "建议多的在前")]
    )

    def __init__(self, years: Sequence[int]) -> None:
        super().__init__(year=[("", "历年"), *_year_choices(years)])

    def wanted(self, day: date) -> matters.Filter:
        return matters.Filter(
            year=self.year.data,
            day=day,
            outcome=Outcome.RESERVE,
            category=self.category.data or "",
            words=self.q.data or "",
            sort=self.sort.data or "newest",
        )


class TransferFilters(Filters):
    state = SelectField("状态", choices=_words(TransferState, "全部状态"))
    term = SelectField("期限", choices=_words(Term, "不限"))
    department_id = SelectField("单位", coerce=chosen)
    q = StringField("查找", render_kw={"placeholder": "事项名称、摘要", "size": 14})
    sort = SelectField("排序", choices=list(transfers.SORTS.items()))

    def __init__(self, units: Sequence[Any]) -> None:
        super().__init__(department_id=[("", "全部单位"), *((u.id, u.name) for u in units)])

    def wanted(self, day: date, own: int | None, soon_days: int) -> transfers.Filter:
        return transfers.Filter(
            day=day,
            own=own,
            state=TransferState(self.state.data) if self.state.data else None,
            department_id=self.department_id.data,
            term=Term(self.term.data) if self.term.data else None,
            words=self.q.data or "",
            sort=self.sort.data or "due",
            soon_days=soon_days,
        )


# --- one matter ----------------------------------------------------------------------------------------


def _area(word: str, rows: int, description: str = "") -> TextAreaField:
    return TextAreaField(word, description=description, render_kw={"rows": rows})


class MatterForm(Form):
    title = StringField(
        "事项名称", [InputRequired("请填写事项名称。")], render_kw={"maxlength": rules.MAX_TITLE}
    )
    category = SelectField("类别", choices=[("", "未分类"), *((c, c) for c in CATEGORIES)])
    village_id = SelectField("村（社区）", coerce=chosen)
    summary = _area(
        "内容摘要", 8, "写明要解决什么、在哪里、涉及多少人；不写建议人的姓名和电话。建议原文不受影响。"
    )

    def __init__(self, matter: Matter, villages: Sequence[Any]) -> None:
        super().__init__(obj=matter)
        self.village_id.choices = [("", "不限于一个村（社区）"), *village_choices(villages, matter.village)]

    def values(self) -> dict[str, Any]:
        return {
            "title": " ".join((self.title.data or "").split()),
            "category": self.category.data or "",
            "village_id": self.village_id.data,
            "summary": (self.summary.data or "").replace("\r\n", "\n"),
        }


class TransferForm(Form):
    department_id = SelectField("交办单位", coerce=chosen)
    instruction = _area("交办要求", 4, "请单位研究什么、需要哪些数据，例如投资匡算、用地条件、受益人数。")
    complex = BooleanField("复杂事项")
    due_on = DateField("办理期限", [Optional()])

    def __init__(self, units: Sequence[Any], place: Settings, day: date) -> None:
        """``day``: on which it is sent."""
        super().__init__()
        self.department_id.choices = [("", "请选择"), *((u.id, u.name) for u in units if u.active)]
        self.complex.description = (
            f"一般事项 {place.months} 个月内答复，复杂事项 {place.months_complex} 个月内答复"
        )
        plain, complex_ = (
            chinese_date(rules.latest_due(day, complex=each, settings=place)) for each in (False, True)
        )
        self.due_on.description = f"空着时，一般事项为{plain}，复杂事项为{complex_}；可以提前"

    def values(self) -> dict[str, Any]:
        return {
            "department_id": self.department_id.data,
            "instruction": self.instruction.data or "",
            "complex": bool(self.complex.data),
            "due_on": self.due_on.data,
        }


OUTCOME_HINTS = {
    Outcome.CANDIDATE: "进入候选项目，参加审议和票决",
    Outcome.RESERVE: "今年暂不实施，留待以后年度取用",
    Outcome.DEPUTY_PROPOSAL: "由代表按建议程序提出",
    Outcome.DECLINED: "条件不具备，须写明理由",
    Outcome.OUT_OF_SCOPE: "不属于民生实事项目，须写明理由和去处",
}


class DecideForm(Form):
    result = RadioField(
        "处理结果",
        [InputRequired("请选择处理结果。")],
        choices=[(o.value, f"{label(o).word}（{words}）") for o, words in OUTCOME_HINTS.items()],
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
    reason = _area("理由", 3, "不采纳、不属范围时必填；随处理结果告知建议人。")
    answer = _area("对建议人的答复", 5, "每位建议人凭查询码读到同一份答复；可以先定处理结果，以后再答复。")

    def __init__(self, matter: Matter, projects: Sequence[Any], proposal: Outcome | None) -> None:
        super().__init__(data={"name": matter.title, "result": proposal})
        self.project_id.choices = [
            ("", "新建候选项目"),
            *((p.id, f"关联已有项目：{p.name}") for p in projects),
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if self.result.data == Outcome.CANDIDATE and not self.project_id.data and not self.checked.data:
            self.checked.errors = ["请先核对名称和摘要，再勾选。"]
            fine = False
        return bool(fine)

    def values(self) -> dict[str, Any]:
        return {
            "project_id": self.project_id.data,
            "name": " ".join((self.name.data or "").split()),
            "reason": self.reason.data or "",
            "answer": self.answer.data or "",
        }


class ReplyForm(Form):
    answer = _area("对建议人的答复", 7, "每位建议人凭查询码读到同一份答复。")


# --- the unit's ----------------------------------------------------------------------------------------


class AnswerForm(Form):
    proposal = RadioField(
        "建议的处理结果",
        [InputRequired("请选择建议的处理结果。")],
        choices=[(outcome.value, label(outcome).word) for outcome in Outcome],
    )
    opinion = _area(
        "办理意见", 7, "写明是否可行、需要多少投资、用地和资金条件、何时能完成；不可行的，写明原因。"
    )


class ReturnForm(Form):
    reason = _area("退回理由", 3, "写明依据和应由哪个单位办理。")


# --- terms of the place --------------------------------------------------------------------------------


def _whole(name: str, word: str, description: str = "") -> IntegerField:
    low, high = LIMITS[name]
    return IntegerField(
        word,
        [InputRequired("请填写整数。")],
        description=description or f"{low} 至 {high}",
        render_kw={"inputmode": "numeric", "min": low, "max": high},
    )


class MatterSettingsForm(Form):
    months = _whole("months", "一般事项的办理期限（月）", "代表法规定的答复期限为 3 个月")
    months_complex = _whole("months_complex", "复杂事项的办理期限（月）", "代表法规定最长不超过 6 个月")
    return_days = _whole(
        "return_days", "退回期限（工作日）", "责任单位认为不属本单位职责的，在这些工作日内退回"
    )
    soon_days = _whole("soon_days", "临期提醒（天）", "离期限不足这些天的，标为临期")
    likeness = _whole(
        "likeness", "疑似重复的界线（%）", "两条建议的相似度达到这个数就提示；提示太多可调高，漏掉太多可调低"
    )
    holidays = _area(
        "法定节假日", 4, "每行一天，如 2026-10-01；连续的可写 2026-10-01至2026-10-07。周末不必填写。"
    )
    workdays = _area("调休上班日", 2, "周末上班的日子，写法相同。")

    def __init__(self, place: Settings) -> None:
        calendar = place.calendar
        super().__init__(
            data={
                **{name: getattr(place, name) for name in LIMITS},
                "holidays": "\n".join(map(str, sorted(calendar.holidays))),
                "workdays": "\n".join(map(str, sorted(calendar.workdays))),
            }
        )

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        for field in (self.holidays, self.workdays):
            _, wrong = rules.read_days(field.data or "")
            if wrong:
                field.errors = [f"“{'”“'.join(wrong[:3])}”不是日期，请写成 2026-10-01 的样子。"]
                fine = False
        return bool(fine)

    def values(self) -> dict[str, Any]:
        return {
            "numbers": {name: self[name].data for name in LIMITS},
            "holidays": rules.read_days(self.holidays.data or "")[0],
            "workdays": rules.read_days(self.workdays.data or "")[0],
        }
