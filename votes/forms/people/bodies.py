"""Congresses, and what a place decides for itself."""

from dataclasses import asdict
from typing import Any, ClassVar

from wtforms import (
    BooleanField,
    FieldList,
    Form as PlainForm,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from votes.forms.base import Form, chosen
from votes.forms.boxes import required_text
from votes.rules.delivery.acceptances import dimensions
from votes.rules.delivery.lights import SCHEMES, THRESHOLDS, LightSettings
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import CHOICES, LEGEND, Rule
from votes.rules.people.organs import COUNTY, Organ
from votes.rules.people.roles import BodyKind, Role
from votes.rules.projects.projects import Gate
from votes.rules.supervision.supervision import Settings as Slips, check_settings
from votes.web.words.labels import RULE_WORDS, label, rule_words


class BodyForm(Form):
    """A new congress, committee or street assembly; ``parents`` are the counties that it may stand below."""

    name = required_text(
        "名称", 100, "全称，如：示例县人民代表大会、示例县人民代表大会常务委员会、示例街道议事代表会"
    )
    place = required_text("行政区域", 60, "简称，如：示例县、示例镇、示例街道")
    code = StringField(
        "代码",
        [InputRequired("请输入代码")],
        description="2 至 30 个小写字母、数字或连字符，以字母开头；用于公开页面的网址和代表的用户名，设立后不能更改",
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )
    kind = RadioField(
        "级别", choices=[(k.value, label(k).word) for k in BodyKind], default=BodyKind.TOWNSHIP.value
    )
    parent_id = SelectField("所在（所属）的县级人大", coerce=chosen)

    def __init__(self, parents: list[Any], **options: Any) -> None:
        super().__init__(**options)
        self.parent_id.choices = [("", "（县级人大不选）"), *((b.id, b.name) for b in parents)]

    @property
    def values(self) -> dict[str, Any]:
        fields = ("name", "place", "code", "parent_id")
        return {**{name: self[name].data for name in fields}, "kind": BodyKind(self.kind.data)}


class BodyNamesForm(Form):
    name = required_text("名称", 100)
    place = required_text("行政区域", 60)

    @property
    def values(self) -> dict[str, str]:
        return {"name": self.name.data or "", "place": self.place.data or ""}


_ROLES = [(role.value, label(role).word) for role in (Role.GOVERNMENT, Role.OFFICE)]


class GateEntry(PlainForm):
    key = HiddenField()
    order = IntegerField("次序", [Optional()])
    name = StringField("名称", [Length(max=30, message="名称不超过 30 个字")])
    role = SelectField("由谁记录结果", choices=_ROLES)


def _mark(label: str, hint: str = "") -> StringField:
    few = Length(max=6, message="不超过 6 个字")
    return StringField(label, [InputRequired(f"请填写{label}"), few], description=hint)


def _number(label: str, least: int, most: int, hint: str) -> IntegerField:
    in_range = NumberRange(least, most, f"应为 {least} 至 {most} 的整数")
    return IntegerField(label, [InputRequired("请输入一个数"), in_range], description=hint)


class SettingsForm(Form):
    """What a place decides for itself: gates, the defaults of its 票决办法, lights, the day on which reports are due."""

    SPARE = 2
    #: Parameters of 票决办法 with a fixed choice → their labels.
    RULE: ClassVar[dict[str, str]] = {
        "method": "票决方法",
        "majority": "通过标准",
        "overvote": "多选的票",
        "tie": "边缘票数相等时",
        "shortfall": "通过的项目不足名额时",
        "disclosure": "票决记录",
        "publish": "公告",
        "checkin": "签到方式",
        "half": "满意度测评恰好半数时",
        "paper": "纸质票",
    }
    LIGHTS = ("scheme", *(each.name for each in THRESHOLDS), "funds_month", "funds")

    gates = FieldList(FormField(GateEntry), "审议环节", max_entries=20)
    quorum = StringField(
        "法定人数",
        description="到会人数占全体的最低比例，写成分数；人民代表大会为 2/3（地方组织法第十四条），常务委员会为超过 1/2（第五十一条）",
    )
    quorum_more = BooleanField("到会人数须超过这个比例", description="恰好达到不算；常务委员会须过半数")
    mark_for, mark_against = _mark("赞成符号"), _mark("反对符号")
    mark_abstain = _mark("弃权符号", "印在选票和填票说明上；“空白”指不作标记。三种符号应互不相同")
    small_body = _number(
        "小规模会议界线",
        0,
        1000,
        "收回的票少于这个数时，不公开每张票的内容；人数少于这个数的分会场，不单独显示投票进度",
    )
    scheme = RadioField("亮灯办法", choices=[(key, scheme.choice) for key, scheme in SCHEMES.items()])
    funds_month = SelectField(
        "资金拨付要求",
        coerce=int,
        choices=[(0, "不要求"), *((month, f"{month}月底起") for month in range(1, 13))],
        description="从哪个月底起，资金拨付率不到要求的亮红灯",
    )
    funds = _number("资金拨付率（%）", 1, 100, "累计拨付占年度计划投资的百分比；有的地方要求 6 月底达到 70%")
    report_due_day = _number(
        "报送截止日", 1, 28, "每月几日前报送上月进度；按季报送的，每季度首月几日前报送上季度进度"
    )
    acceptance_dimensions = TextAreaField(
        "验收内容",
        [Length(max=1000, message="验收内容不超过 1000 个字")],
        description="验收时逐项登记是否达到，每行一项；已登记的验收不受影响",
        render_kw={"rows": 8},
    )

    slip_days = _number("整改期限（天）", 1, 365, "交办督办件时默认给责任单位这么多天")
    slip_soon = _number("蓝色提醒（天）", 0, 365, "期限前这么多天起提醒")
    slip_orange = _number("橙色警告（天）", 1, 365, "逾期达到这么多天；不到的为黄色提示")
    slip_red = _number("红色督办（天）", 1, 365, "逾期达到这么多天")

    def __init__(
        self, settings: dict[str, Any], gates: tuple[Gate, ...], rule: Rule, organ: Organ = COUNTY
    ) -> None:
        limits = LightSettings.of(settings)
        data = {
            **{name: getattr(rule, name) for name in (*self.RULE, "small_body", "quorum_more")},
            "quorum": "{}/{}".format(*rule.quorum),
            **{f"mark_{name}": sign for name, sign in rule.marks.items()},
            **{name: getattr(limits, name) for name in self.LIGHTS},
            "report_due_day": limits.due_day,
            **{f"slip_{name}": days for name, days in Slips.of(settings)._asdict().items()},
            "acceptance_dimensions": "\n".join(dimensions(settings)),
            "gates": [asdict(gate) | {"order": place} for place, gate in enumerate(gates, 1)],
        }
        super().__init__(data=data)
        for name in ("majority", "tie"):
            self[name].choices = list(rule_words(name, organ).items())
        if not self.is_submitted():
            for spare in range(self.SPARE):
                self.gates.append_entry({"order": len(gates) + spare + 1, "role": Role.GOVERNMENT.value})

    def validate(self, extra_validators: Any = None) -> bool:
        passed = super().validate(extra_validators)
        if passed:
            for scheme in SCHEMES.values():
                if fault := scheme.fault(self.data):
                    self[fault[0]].errors = [fault[1]]
            try:
                check_settings(Slips(**self._slips))
            except RuleBroken as broken:
                self.slip_red.errors = [broken.message]
        if self._quorum is None:
            self.quorum.errors = ["请写成分数，如 2/3。"]
        return passed and not self.errors

    @property
    def _quorum(self) -> list[int] | None:
        parts = (self.quorum.data or "").replace("／", "/").split("/")
        numbers = [int(part) for part in parts if part.strip().isdecimal()]
        return numbers if len(parts) == len(numbers) == 2 else None

    @property
    def gate_list(self) -> list[Gate]:
        """Return the named gates in their new order; a cleared name removes a gate."""
        rows = [entry.data for entry in self.gates if (entry.data["name"] or "").strip()]
        rows.sort(key=lambda row: 99 if row["order"] is None else row["order"])
        return [Gate(row["key"] or "", row["name"].strip(), row["role"]) for row in rows]

    @property
    def rule(self) -> dict[str, Any]:
        return {
            **{name: self[name].data for name in self.RULE},
            "quorum": self._quorum,
            "quorum_more": bool(self.quorum_more.data),
            "small_body": self.small_body.data,
            "marks": {name: self[f"mark_{name}"].data for name in LEGEND},
        }

    @property
    def others(self) -> dict[str, Any]:
        return {
            "lights": {name: self[name].data for name in self.LIGHTS},
            "report_due_day": self.report_due_day.data,
            "supervision": self._slips,
        }

    @property
    def _slips(self) -> dict[str, Any]:
        return {name: self[f"slip_{name}"].data for name in Slips._fields}


for _name, _label in SettingsForm.RULE.items():
    _words = [(value, RULE_WORDS[_name][value]) for value in CHOICES[_name] if value != "rating"]
    setattr(SettingsForm, _name, SelectField(_label, choices=_words))
for _each in THRESHOLDS:
    setattr(SettingsForm, _each.name, _number(_each.label, _each.least, _each.most, _each.hint))
