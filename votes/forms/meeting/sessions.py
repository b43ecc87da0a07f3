"""Sessions, rounds and what is done at the service desk."""

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields import DateTimeLocalField
from wtforms.validators import InputRequired, Length, NumberRange, Optional as Maybe
from wtforms.widgets import CheckboxInput, ListWidget

from votes.forms.base import Form, speak
from votes.rules.meeting.rule import LEGEND, Rule
from votes.rules.people.organs import COUNTY, Organ
from votes.web.words.labels import COLOURS, RULE_WORDS, rule_words


class SessionForm(Form):
    title = StringField(
        "会议名称",
        [InputRequired("请填写会议名称"), Length(max=100, message="不超过 100 字")],
        description="例如：第十八届人民代表大会第五次会议",
    )
    year = IntegerField(
        "实施年度",
        [InputRequired("请填写年度"), NumberRange(2000, 2100, "请填写四位数的年份")],
        description="本次会议票决哪一年实施的项目",
    )
    starts_on = DateField("开会日期", [InputRequired("请填写开会日期")])
    ends_on = DateField("闭会日期", [InputRequired("请填写闭会日期")])
    place = StringField("地点", [Length(max=100, message="不超过 100 字")])

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name).data for name in ("title", "year", "starts_on", "ends_on", "place")}


def _choices(name: str) -> list[tuple[str, str]]:
    return list(RULE_WORDS[name].items())


#: What does not apply: to a vote, to a rating (满意度测评), to a further round, whose list the round before has fixed.
LEFT_OUT = {
    "vote": ("half",),
    "rating": (
        "method",
        "seats",
        "majority",
        "overvote",
        "tie",
        "shortfall",
        "mark_for",
        "mark_against",
        "mark_abstain",
    ),
    "further": ("method", "seats", "overvote", "projects", "rehearsal", "half"),
}


class RoundForm(Form):
    """票决办法 of one round, and which projects stand."""

    title = StringField(
        "票决名称", [InputRequired("请填写票决名称"), Length(max=100, message="不超过 100 字")]
    )
    rehearsal = BooleanField("这是演练", description="演练全程加注“演练”字样，不进入任何正式名单和统计")
    colour = SelectField(
        "票面颜色",
        choices=list(COLOURS.items()),
        default="white",
        description="同时进行几项票决时，各用一种颜色，手机、纸质票和大屏一致",
    )
    method = RadioField(
        "票决方法",
        choices=[(k, v) for k, v in RULE_WORDS["method"].items() if k != "rating"],
        default="choose",
    )
    seats = IntegerField(
        "应选名额", [InputRequired("请填写应选名额"), NumberRange(1, 200, "应选名额为 1 至 200 项")]
    )
    quorum_part = IntegerField(
        "法定人数（分子）", [InputRequired("请填写"), NumberRange(1, 100, "1 至 100")], default=2
    )
    quorum_whole = IntegerField(
        "法定人数（分母）", [InputRequired("请填写"), NumberRange(1, 100, "1 至 100")], default=3
    )
    quorum_more = BooleanField(
        "法定人数须超过此数（不含本数）", description="常委会会议须有全体组成人员的过半数出席"
    )
    majority = SelectField("通过标准", choices=_choices("majority"))
    overvote = SelectField("超选的选票", choices=_choices("overvote"))
    tie = SelectField("并列票数不能确定时", choices=_choices("tie"))
    shortfall = SelectField("过半数项目不足名额时", choices=_choices("shortfall"))
    half = SelectField(
        "恰好半数的等次", choices=_choices("half"), description="以应到人数为基数，未出席的计入基数"
    )
    paper = SelectField("纸质票", choices=_choices("paper"), default="none")
    disclosure = SelectField("票决记录公开范围", choices=_choices("disclosure"))
    publish = SelectField("公告内容", choices=_choices("publish"))
    checkin = SelectField("签到方式", choices=_choices("checkin"))
    small_body = IntegerField(
        "小规模会议界线（票）",
        [InputRequired("请填写"), NumberRange(0, 1000, "0 至 1000")],
        default=20,
        description="收回票数少于此数时，不公布选票内容",
    )
    mark_for = StringField("赞成符号", [InputRequired("请填写"), Length(max=6)], default=LEGEND["for"])
    mark_against = StringField(
        "反对符号", [InputRequired("请填写"), Length(max=6)], default=LEGEND["against"]
    )
    mark_abstain = StringField(
        "弃权符号", [InputRequired("请填写"), Length(max=6)], default=LEGEND["abstain"]
    )
    closes_at = DateTimeLocalField(
        "自动截止时间", [Maybe()], format="%Y-%m-%dT%H:%M", description="可不填，由工作人员手动关闭"
    )
    projects = SelectMultipleField(
        "候选项目", coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def narrow(self, kind: str, organ: Organ = COUNTY) -> "RoundForm":
        """Leave out what does not apply to this kind of question (vote | rating | further), in the organ's words."""
        for name in LEFT_OUT[kind]:
            del self[name]
        for name in ("majority", "tie"):
            if name in self:
                self[name].choices = list(rule_words(name, organ).items())
        if kind == "rating":
            self.title.label.text, self.projects.label.text = "测评名称", "测评项目"
            self.publish.choices = [("names", "只公布测评等次"), ("names+votes", "公布测评等次和票数")]
        return self

    #: parameters of the rule that are a field of the same name
    PLAIN = (
        "method", "seats", "majority", "overvote", "tie", "shortfall", "disclosure", "publish", "checkin", "small_body",
        "half", "paper", "quorum_more",
    )  # fmt: skip
    MARKS = ("for", "against", "abstain")

    def fill(self, rule: Rule) -> None:
        """Show a rule in the fields."""
        for name in self.PLAIN:
            if name in self:
                self[name].data = getattr(rule, name)
        self.quorum_part.data, self.quorum_whole.data = rule.quorum
        for name in self.MARKS:
            if f"mark_{name}" in self:
                self[f"mark_{name}"].data = rule.marks[name]

    def rule(self, base: Rule) -> Rule:
        """The rule typed; what has no field stays as it is in ``base``. Raises RuleBroken naming the field."""
        typed = {name: self[name].data for name in self.PLAIN if name in self}
        marks = {
            name: self[f"mark_{name}"].data if f"mark_{name}" in self else base.marks[name]
            for name in self.MARKS
        }
        quorum = [self.quorum_part.data, self.quorum_whole.data]
        return Rule.from_dict({**base.to_dict(), **typed, "quorum": quorum, "marks": marks})


class PresidiumForm(Form):
    """Which of the tied projects were taken, by whom."""

    chosen = SelectMultipleField(
        "列入的项目", coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    decided_on = DateField("决定日期", [InputRequired("请填写决定日期")])
    note = StringField(
        "在哪次会议上、怎样决定",
        [InputRequired("请写明在哪次会议上、怎样决定"), Length(max=200, message="不超过 200 字")],
        description="例如：主席团第三次会议举手表决，一致同意",
    )

    def in_words_of(self, organ: Organ) -> "PresidiumForm":
        """Name who decides as the organ does."""
        if organ.presider != COUNTY.presider:
            self.note.description = f"例如：{organ.presider}举手表决，一致同意"
        return self


class ReasonForm(Form):
    reason = StringField("原因", [InputRequired("请填写原因"), Length(max=200, message="不超过 200 字")])


class AnnounceForm(Form):
    number = IntegerField(
        "公告文号",
        [InputRequired("请填写文号"), NumberRange(1, 9999, "文号为正整数")],
        description="主席团公告（第 N 号）",
    )
    announced_on = DateField("公告日期", [InputRequired("请填写公告日期")])

    def in_words_of(self, organ: Organ) -> "AnnounceForm":
        """Name the announcement as the organ does."""
        self.number.description = f"{organ.announces}（第 N 号）"
        return self


class HallForm(Form):
    """Number and PIN of the card, with the six figures on the screen where they are needed."""

    def __init__(self, organ: Organ = COUNTY, **options: Any) -> None:
        super().__init__(**options)
        speak(self, organ)

    number = StringField(
        "代表证号", [InputRequired("请输入代表证号"), Length(max=30)], render_kw={"autocomplete": "off"}
    )
    pin = StringField(
        "凭证上的六位口令",
        [InputRequired("请输入六位口令"), Length(max=12)],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 6},
    )


class CheckInForm(Form):
    code = StringField(
        "屏幕上的六位签到码",
        [Length(max=12)],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 6},
    )
