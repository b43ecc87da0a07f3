"""Groups, inspections, notes and 督办件: what is typed, and what lists are narrowed by."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from votes.forms.base import Form, WithPhotos, chosen, speak
from votes.forms.filters import FormFilters
from votes.models import Deputy
from votes.rules.supervision.supervision import (
    MAX_PHOTOS,
    InspectionKind,
    InspectionState,
    RectificationState,
    Slip,
)
from votes.services.supervision import groups as supervision_groups, inspection_notes, rectifications
from votes.web.menu import organ
from votes.web.words.labels import label

Choices = list[tuple[Any, str]]


def _id(value: Any) -> int:
    found = chosen(value)
    if not found:
        raise ValueError("no id")
    return found


def _words(kind: Any) -> Choices:
    return [(each.value, label(each).word) for each in kind]


def _text(name: str, longest: int, **options: Any) -> StringField:
    return StringField(name, [Length(max=longest, message=f"不超过 {longest} 个字")], **options)


def _long(name: str, rows: int, **options: Any) -> TextAreaField:
    return TextAreaField(
        name, [Length(max=2000, message="不超过 2000 个字")], render_kw={"rows": rows}, **options
    )


def _photos(description: str) -> MultipleFileField:
    return MultipleFileField(
        "照片", description=description, render_kw={"accept": "image/jpeg,image/png,image/webp"}
    )


# --- lists -----------------------------------------------------------------------------------------------


class _OfYear(FormFilters):
    def __init__(self, years: Sequence[int], **choices: Any) -> None:
        super().__init__(year=[(y, f"{y}年") for y in years], **choices)
        if self["year"].data is None:
            self["year"].data = next(iter(years), None)

    @property
    def narrowed(self) -> bool:
        return any(field.data for field in self if field.name not in ("year", "sort"))


class OverviewFilters(_OfYear):
    year = SelectField("年度", coerce=chosen)
    group = SelectField("监督小组", choices=[("", "全部"), ("bare", "尚未组建")])
    q = StringField("查找", render_kw={"placeholder": "项目名称"})
    sort = SelectField(
        "排序",
        choices=[("number", "按编号"), ("open", "问题多的在前"), ("held", "视察少的在前")],
    )


class InspectionFilters(_OfYear):
    year = SelectField("年度", coerce=chosen)
    state = SelectField("状态", choices=[("", "全部"), *_words(InspectionState)])
    kind = SelectField("方式", choices=[("", "全部"), *_words(InspectionKind)])
    q = StringField("查找", render_kw={"placeholder": "项目、主题、地点"})


class NoteFilters(_OfYear):
    year = SelectField("年度", coerce=chosen)
    state = SelectField("处理", choices=[("", "全部"), *inspection_notes.STATES.items()])
    published = SelectField("公开", choices=[("", "全部"), ("yes", "已公开"), ("no", "未公开")])
    q = StringField("查找", render_kw={"placeholder": "项目、内容、地点"})
    sort = SelectField("排序", choices=[("open", "待处理的在前"), ("new", "新的在前")])


class RectificationFilters(_OfYear):
    year = SelectField("年度", coerce=chosen)
    state = SelectField("状态", choices=[("", "全部"), ("open", "未销号"), *_words(RectificationState)])
    slip = SelectField("预警", choices=[("", "全部"), *_words(Slip)])
    unit = SelectField("责任单位", coerce=chosen)
    project = SelectField("项目", coerce=chosen)
    q = StringField("查找", render_kw={"placeholder": "问题、要求、责任人"})
    sort = SelectField("排序", choices=list(rectifications.SORTS.items()))

    def __init__(self, years: Sequence[int], units: Sequence[Any], projects: Sequence[Any]) -> None:
        super().__init__(
            years,
            unit=[("", "全部"), *((unit.id, unit.name) for unit in units)],
            project=[("", "全部"), *((each.id, each.name) for each in projects)],
        )

    def wanted(self) -> dict[str, Any]:
        state = self.state.data
        return {
            "state": RectificationState(state) if state and state != "open" else None,
            "open_only": state == "open",
            "slip": Slip(self.slip.data) if self.slip.data else None,
            "unit": self.unit.data,
            "tracking_id": self.project.data,
            "q": self.q.data or "",
            "sort": self.sort.data or "due",
        }


# --- who -------------------------------------------------------------------------------------------------


class _Spoken(Form):
    """A form whose labels and hints are in the words of the organ."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        speak(self, organ())


class PickForm(_Spoken):
    """A form that names deputies: those chosen so far, and those that a search found. The search is a button of the
    same form, so nothing typed is lost and no list of hundreds is sent to the browser.
    """

    members = SelectMultipleField("代表", coerce=_id, validate_choice=False)
    q = StringField("姓名、拼音首字母或证号", [Length(max=60)], render_kw={"autocomplete": "off"})
    delegation_id = SelectField("代表团", coerce=chosen)
    find = SubmitField("查找代表", render_kw={"formnovalidate": True})

    def __init__(self, delegations: Sequence[Any], chosen: Iterable[int] = (), **given: Any) -> None:
        """``chosen``: ids of those to begin with; ``given``: the other fields."""
        super().__init__(data={**given, "members": list(chosen)})
        self.delegation_id.choices = [("", "（不限）"), *((d.id, d.name) for d in delegations)]

    @property
    def searching(self) -> bool:
        """The search button was pressed: nothing is saved, what was typed stays."""
        return bool(self.is_submitted() and self.find.data)

    @property
    def ids(self) -> list[int]:
        return list(self.members.data or [])

    def people(self) -> dict[str, list[Deputy]]:
        """Return the deputies to show: those chosen already, and the others whom the search matches."""
        matching = []
        if self.searching:
            matching = supervision_groups.find_deputies((self.q.data or "").strip(), self.delegation_id.data)
        return {
            "chosen": supervision_groups.deputies(self.ids),
            "matching": [deputy for deputy in matching if deputy.id not in self.ids],
        }


class GroupForm(PickForm):
    lead = _text(
        "领衔人", 60, description="领衔督办的领导，如“县人大常委会副主任 王某某”；由小组中的代表领衔的，不填"
    )
    lead_deputy_id = SelectField("领衔代表", coerce=chosen, validate_choice=False)
    committee = _text("对口工委", 60, description="负责联络和组织的工作委员会")
    note = _text("备注", 200)

    def values(self) -> dict[str, Any]:
        return {
            "lead": self.lead.data or "",
            "lead_deputy_id": self.lead_deputy_id.data,
            "committee": self.committee.data or "",
            "note": self.note.data or "",
            "deputy_ids": self.ids,
        }


class InspectionForm(PickForm):
    kind = SelectField("方式", choices=_words(InspectionKind))
    theme = _text("主题", 100, description="如“养老服务中心建设情况视察”")
    planned_on = DateField("计划日期", [InputRequired("请填写计划日期")])
    place = _text("地点", 100)

    def values(self) -> dict[str, Any]:
        return {
            "kind": InspectionKind(self.kind.data),
            "theme": self.theme.data or "",
            "planned_on": self.planned_on.data,
            "place": self.place.data or "",
            "deputy_ids": self.ids,
        }


class HoldForm(PickForm):
    held_on = DateField("开展日期", [InputRequired("请填写开展日期")])
    summary = _long("小结", 6, description="看了什么、听取了什么、提出了什么。小结在项目公开页面上显示")

    def values(self) -> dict[str, Any]:
        return {"held_on": self.held_on.data, "deputy_ids": self.ids, "summary": self.summary.data or ""}


# --- notes -----------------------------------------------------------------------------------------------


class PublishForm(Form):
    published = BooleanField("公开文字")
    with_photos = BooleanField("同时公开照片")


class SettleForm(_Spoken):
    settled = _text(
        "处理情况",
        200,
        description="不需要转督办件的，写明如何处理，如“已当场说明，施工单位次日整改”。代表会看到",
    )


class NoteForm(WithPhotos):
    """Written on a phone, often on the spot."""

    about = SelectField("项目或视察", validate_choice=False)
    place = _text("地点（可不填）", 100)
    text = _long("所见情况", 6)
    finding = RadioField(
        "是否发现问题",
        [InputRequired("请选择是否发现问题")],
        choices=[("yes", "发现问题"), ("no", "没有发现问题")],
    )
    files = _photos(f"最多 {MAX_PHOTOS} 张，请避免拍到群众的面部和个人信息")

    def __init__(self, abouts: Sequence[inspection_notes.About], wanted: str) -> None:
        super().__init__(data={"about": wanted})
        groups: dict[str | None, Choices] = {} if wanted else {None: [("", "（请选择）")]}
        for each in abouts:
            groups.setdefault(each.group, []).append((each.key, each.word))
        self.about.choices = groups

    def values(self) -> dict[str, Any]:
        return {
            "text": self.text.data or "",
            "place": self.place.data or "",
            "finding": self.finding.data == "yes",
        }


# --- 督办件 ----------------------------------------------------------------------------------------------


class OrderForm(Form):
    problem = _long("存在的问题", 4, description="写明时间、地点、事实。不写群众的姓名和电话")
    demand = _long("整改要求", 3, description="写明要做到什么程度")
    department_id = SelectField("责任单位", coerce=chosen)
    person = _text("责任人", 40, description="姓名和职务，可以由责任单位确定；不对外公开")
    due_on = DateField("整改期限", [Optional()])
    published = BooleanField("在项目公开页面上显示问题、要求和整改反馈")

    def __init__(self, order: rectifications.Order, units: Sequence[Any]) -> None:
        super().__init__(data=order._asdict())
        kept = [u for u in units if u.active or u.id == order.department_id]
        self.department_id.choices = [("", "（请选择）"), *((u.id, u.name) for u in kept)]

    def order(self) -> rectifications.Order:
        return rectifications.Order(
            self.problem.data or "",
            self.demand.data or "",
            self.department_id.data or 0,
            self.person.data or "",
            self.due_on.data,
            bool(self.published.data),
        )


class AnswerForm(WithPhotos):
    measures = _long("整改措施", 4, description="采取了哪些措施，何时完成")
    result = _long("整改结果", 3, description="现在是什么情况，写明数量和地点")
    files = _photos(f"整改前后的照片等佐证，最多 {MAX_PHOTOS} 张；督办件公开后，照片随之公开")


class RecheckForm(_Spoken):
    outcome_ = RadioField(
        "复查结果",
        [InputRequired("请选择复查结果")],
        choices=[("pass", "整改到位，销号"), ("fail", "没有整改到位，再次交办")],
    )
    rechecked_on = DateField("复查日期", [InputRequired("请填写复查日期")])
    rechecked_by = _text("复查人", 100, description="参加复查的代表和工作人员")
    opinion = _long("复查意见", 3, description="没有到位的，写明哪些没有到位")
    due_on = DateField("新的整改期限", [Optional()], description="再次交办时填写")

    def values(self) -> dict[str, Any]:
        return {
            "passed": self.outcome_.data == "pass",
            "rechecked_on": self.rechecked_on.data,
            "rechecked_by": self.rechecked_by.data or "",
            "opinion": self.opinion.data or "",
            "due_on": self.due_on.data,
        }


class ReopenForm(Form):
    reason = _text("重新交办的原因", 200, description="如“问题反复”“群众反映又出现”")
    due_on = DateField("新的整改期限", [Optional()])

    def __init__(self, due_on: date) -> None:
        super().__init__(data={"due_on": due_on})


class CancelForm(_Spoken):
    reason = _text("撤销的原因", 200, description="责任单位和代表会看到")


def chosen_of(people: Collection[Any]) -> list[int]:
    """The ids of members of a group or of an inspection."""
    return [each.deputy_id for each in people]


def given_of(thing: Any, *names: str) -> dict[str, Any]:
    """What a form starts from: these fields of a row, none where there is no row."""
    return {name: getattr(thing, name) for name in names} if thing else {}
