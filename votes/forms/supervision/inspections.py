"""The forms of groups, inspections, notes and 督办件."""

from collections.abc import Callable, Sequence
from typing import Any

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

from votes.forms.base import Form, WithPhotos, chosen, pictures, speak, typed, yes_or_no
from votes.models import Deputy
from votes.rules.supervision.supervision import MAX_PHOTOS, InspectionKind
from votes.services.people import delegations, departments
from votes.services.supervision import groups as supervision_groups, inspection_notes, rectifications
from votes.services.supervision.inspections import InspectionPlan
from votes.web.filters import words_of
from votes.web.menu import organ


def _deputy_id(value: Any) -> int:
    """Return the deputy's id out of the request, or out of the row of a member."""
    deputy_id = chosen(getattr(value, "deputy_id", value))
    if not deputy_id:
        raise ValueError("no id")
    return deputy_id


def _text(name: str, longest: int, **options: Any) -> StringField:
    limit = Length(max=longest, message=f"不超过 {longest} 个字")
    return StringField(name, [limit], default="", **options)


def _long(name: str, rows: int, **options: Any) -> TextAreaField:
    limit = Length(max=2000, message="不超过 2000 个字")
    return TextAreaField(name, [limit], default="", render_kw={"rows": rows}, **options)


# --- groups and inspections ------------------------------------------------------------------------------


class _Spoken(Form):
    """A form whose labels and hints are in the words of the organ."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        speak(self, organ())


class PickForm(_Spoken):
    """A form that names deputies: the members so far, and those that a search matches.

    The search is a button of the same form. So nothing typed is lost, and no list of hundreds goes to the browser.
    """

    members = SelectMultipleField("代表", coerce=_deputy_id, validate_choice=False)
    q = StringField("姓名、拼音首字母或证号", [Length(max=60)], render_kw={"autocomplete": "off"})
    delegation_id = SelectField("代表团", coerce=chosen)
    find = SubmitField("查找代表", render_kw={"formnovalidate": True})

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        rows = delegations.all_delegations()
        self.delegation_id.choices = [("", "（不限）"), *((row.id, row.name) for row in rows)]

    @property
    def searching(self) -> bool:
        """Tell whether the search button was pressed: the form stays open and nothing is saved."""
        return bool(self.is_submitted() and self.find.data)

    def accepts(self, act: Callable[[], Any]) -> bool:
        """Do as every form does, but only show the page again after a search."""
        return not self.searching and super().accepts(act)

    @property
    def ids(self) -> list[int]:
        """Return the ids of the deputies that are chosen."""
        return list(self.members.data or [])

    def entry(self) -> dict[str, Any]:
        """Return what was typed beside the search, and the ids of the deputies that are chosen."""
        typed = super().entry()
        searched = {"members", "q", "delegation_id"}
        return {name: typed[name] for name in typed.keys() - searched} | {"deputy_ids": self.ids}

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
    """The form of a project's group."""

    lead = _text(
        "领衔人", 60, description="领衔督办的领导，如“县人大常委会副主任 王某某”；由小组中的代表领衔的，不填"
    )
    lead_deputy_id = SelectField("领衔代表", coerce=chosen, validate_choice=False)
    committee = _text("对口工委", 60, description="负责联络和组织的工作委员会")
    note = _text("备注", 200)


class InspectionForm(PickForm):
    """The form in which an inspection is planned."""

    kind = SelectField("方式", choices=words_of(InspectionKind), coerce=InspectionKind)
    theme = _text("主题", 100, description="如“养老服务中心建设情况视察”")
    planned_on = DateField("计划日期", [InputRequired("请填写计划日期")])
    place = _text("地点", 100)

    def values(self) -> InspectionPlan:
        return InspectionPlan(**self.entry())


class HoldForm(PickForm):
    """The record of an inspection."""

    held_on = DateField("开展日期", [InputRequired("请填写开展日期")])
    summary = _long("小结", 6, description="看了什么、听取了什么、提出了什么。小结在项目公开页面上显示")


# --- notes -----------------------------------------------------------------------------------------------


class PublishForm(Form):
    """What of a note the public sees."""

    published = BooleanField("公开文字")
    with_photos = BooleanField("同时公开照片")


class SettleForm(_Spoken):
    """What the office did about a note without a 督办件."""

    settled = _text(
        "处理情况",
        200,
        description="不需要转督办件的，写明如何处理，如“已当场说明，施工单位次日整改”。代表会看到",
    )


class NoteForm(WithPhotos):
    """A deputy's note, written on a phone."""

    about = SelectField("项目或视察", validate_choice=False, default="")
    place = _text("地点（可不填）", 100)
    text = _long("所见情况", 6)
    finding = yes_or_no("是否发现问题", "请选择是否发现问题", "发现问题", "没有发现问题")
    files = pictures("照片", f"最多 {MAX_PHOTOS} 张，请避免拍到群众的面部和个人信息")

    def __init__(self, abouts: Sequence[inspection_notes.About], about: str) -> None:
        """Offer ``abouts``, and begin with the key ``about``."""
        super().__init__(about=about)
        groups: dict[str | None, Any] = {} if about else {None: [("", "（请选择）")]}
        for each in abouts:
            groups.setdefault(each.group, []).append((each.key, each.word))
        self.about.choices = groups


# --- 督办件 ----------------------------------------------------------------------------------------------


class OrderForm(Form):
    """The order of a 督办件."""

    problem = _long("存在的问题", 4, description="写明时间、地点、事实。不写群众的姓名和电话")
    demand = _long("整改要求", 3, description="写明要做到什么程度")
    department_id = SelectField("责任单位", coerce=chosen)
    person = _text("责任人", 40, description="姓名和职务，可以由责任单位确定；不对外公开")
    due_on = DateField("整改期限", [Optional()])
    published = BooleanField("在项目公开页面上显示问题、要求和整改反馈")

    def __init__(self, order: rectifications.Order) -> None:
        super().__init__(data=order._asdict())
        units = [u for u in departments.all_departments() if u.active or u.id == order.department_id]
        self.department_id.choices = [("", "（请选择）"), *((unit.id, unit.name) for unit in units)]

    def values(self) -> rectifications.Order:
        return rectifications.Order(**self.entry())


class AnswerForm(WithPhotos):
    """The unit's answer to a 督办件."""

    measures = _long("整改措施", 4, description="采取了哪些措施，何时完成")
    result = _long("整改结果", 3, description="现在是什么情况，写明数量和地点")
    files = pictures("照片", f"整改前后的照片等佐证，最多 {MAX_PHOTOS} 张；督办件公开后，照片随之公开")


class RecheckForm(_Spoken):
    """The second inspection of a 督办件."""

    outcome_ = RadioField(
        "复查结果",
        [InputRequired("请选择复查结果")],
        choices=[("pass", "整改到位，销号"), ("fail", "没有整改到位，再次交办")],
    )
    rechecked_on = DateField("复查日期", [InputRequired("请填写复查日期")])
    rechecked_by = _text("复查人", 100, description="参加复查的代表和工作人员")
    opinion = _long("复查意见", 3, description="没有到位的，写明哪些没有到位")
    due_on = DateField("新的整改期限", [Optional()], description="再次交办时填写")

    @property
    def passed(self) -> bool:
        """Tell whether the problem has been put right."""
        return bool(self.outcome_.data == "pass")

    def entry(self) -> dict[str, Any]:
        return {"passed": self.passed, **typed(self, "rechecked_on", "rechecked_by", "opinion", "due_on")}


class ReopenForm(Form):
    """The reason why a closed 督办件 is reopened."""

    reason = _text("重新交办的原因", 200, description="如“问题反复”“群众反映又出现”")
    due_on = DateField("新的整改期限", [Optional()])


class CancelForm(_Spoken):
    """The reason why a 督办件 is cancelled."""

    reason = _text("撤销的原因", 200, description="责任单位和代表会看到")
