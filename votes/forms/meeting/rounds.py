"""Forms of a round: its rule (票决办法) and candidates, the presidium's decision of a tie, the announcement."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields import DateTimeLocalField
from wtforms.validators import InputRequired, Length, NumberRange, Optional as Maybe

from votes.clock import SHANGHAI
from votes.forms.base import Form, checkboxes, required
from votes.rules.meeting.rule import LEGEND, Rule
from votes.rules.people.organs import COUNTY, Organ
from votes.web.words.labels import COLOURS, RULE_WORDS, rule_words

#: The fields that do not apply to a vote, to a rating (满意度测评), and to a further round with its fixed list.
LEFT_OUT = {
    "vote": ("half",),
    "rating": (
        "method", "seats", "majority", "overvote", "tie", "shortfall", "mark_for", "mark_against", "mark_abstain"
    ),
    "further": ("method", "seats", "overvote", "projects", "rehearsal", "half"),
}  # fmt: skip
METHODS = [(method, word) for method, word in RULE_WORDS["method"].items() if method != "rating"]
#: The parameters of the rule that are a field of the same name.
PLAIN = (
    "method", "seats", "majority", "overvote", "tie", "shortfall", "disclosure", "publish", "checkin", "small_body",
    "half", "paper", "quorum_more",
)  # fmt: skip


def rule_fields(rule: Rule) -> dict[str, Any]:
    """Return what the fields of `RoundForm` show of a rule, by their names."""
    quorum = {"quorum_part": rule.quorum[0], "quorum_whole": rule.quorum[1]}
    marks = {f"mark_{name}": sign for name, sign in rule.marks.items()}
    return {name: getattr(rule, name) for name in PLAIN} | quorum | marks


def _choice(label: str, parameter: str, **options: Any) -> SelectField:
    return SelectField(label, choices=list(RULE_WORDS[parameter].items()), **options)


def _number(label: str, low: int, high: int, default: int, **options: Any) -> IntegerField:
    validators = [InputRequired("请填写"), NumberRange(low, high, f"{low} 至 {high}")]
    return IntegerField(label, validators, default=default, **options)


def _sign(label: str, mark: str) -> StringField:
    return StringField(label, [InputRequired("请填写"), Length(max=6)], default=LEGEND[mark])


class RoundForm(Form):
    """票决办法 of one round, and which projects stand."""

    title = StringField("票决名称", required("请填写票决名称", 100))
    rehearsal = BooleanField("这是演练", description="演练全程加注“演练”字样，不进入任何正式名单和统计")
    colour = SelectField(
        "票面颜色",
        choices=list(COLOURS.items()),
        default="white",
        description="同时进行几项票决时，各用一种颜色，手机、纸质票和大屏一致",
    )
    method = RadioField("票决方法", choices=METHODS, default="choose")
    seats = IntegerField(
        "应选名额", [InputRequired("请填写应选名额"), NumberRange(1, 200, "应选名额为 1 至 200 项")]
    )
    quorum_part = _number("法定人数（分子）", 1, 100, 2)
    quorum_whole = _number("法定人数（分母）", 1, 100, 3)
    quorum_more = BooleanField(
        "法定人数须超过此数（不含本数）", description="常委会会议须有全体组成人员的过半数出席"
    )
    majority = _choice("通过标准", "majority")
    overvote = _choice("超选的选票", "overvote")
    tie = _choice("并列票数不能确定时", "tie")
    shortfall = _choice("过半数项目不足名额时", "shortfall")
    half = _choice("恰好半数的等次", "half", description="以应到人数为基数，未出席的计入基数")
    paper = _choice("纸质票", "paper", default="none")
    disclosure = _choice("票决记录公开范围", "disclosure")
    publish = _choice("公告内容", "publish")
    checkin = _choice("签到方式", "checkin")
    small_body = _number(
        "小规模会议界线（票）", 0, 1000, 20, description="收回票数少于此数时，不公布选票内容"
    )
    mark_for = _sign("赞成符号", "for")
    mark_against = _sign("反对符号", "against")
    mark_abstain = _sign("弃权符号", "abstain")
    closes_at = DateTimeLocalField(
        "自动截止时间", [Maybe()], format="%Y-%m-%dT%H:%M", description="可不填，由工作人员手动关闭"
    )
    projects = checkboxes("候选项目", coerce=int)

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

    def rule(self, base: Rule) -> Rule:
        """Return the rule that was entered; what has no field stays as in ``base``. Raises RuleBroken at the field."""
        values = rule_fields(base) | {name: field.data for name, field in self._fields.items()}
        quorum = [values["quorum_part"], values["quorum_whole"]]
        marks = {name: values[f"mark_{name}"] for name in base.marks}
        plain = {name: values[name] for name in PLAIN}
        return Rule.from_dict({**base.to_dict(), **plain, "quorum": quorum, "marks": marks})

    def values(self, base: Rule, project_ids: Sequence[int] = ()) -> dict[str, Any]:
        """Return what was entered, as the services take it; the projects in the order of the list.

        ``project_ids``: those of a further round, which the form cannot change.
        """
        closes_at = self.closes_at.data
        if "projects" in self:
            project_ids = [value for value, _ in self.projects.choices if value in (self.projects.data or [])]
        return {
            "title": self.title.data,
            "rule": self.rule(base),
            "project_ids": project_ids,
            "colour": self.colour.data,
            "closes_at": closes_at.replace(tzinfo=SHANGHAI).astimezone(UTC) if closes_at else None,
        }


class PresidiumForm(Form):
    """Which of the tied projects were taken, and by whose decision."""

    chosen = checkboxes("列入的项目", coerce=int)
    decided_on = DateField("决定日期", [InputRequired("请填写决定日期")])
    note = StringField(
        "在哪次会议上、怎样决定",
        required("请写明在哪次会议上、怎样决定", 200),
        description="例如：主席团第三次会议举手表决，一致同意",
    )

    def values(self) -> dict[str, Any]:
        """Return what was entered, as the services take it."""
        return {"numbers": self.chosen.data or [], "decided_on": self.decided_on.data, "note": self.note.data}

    def in_words_of(self, organ: Organ) -> "PresidiumForm":
        """Name who decides as the organ does."""
        if organ.presider != COUNTY.presider:
            self.note.description = f"例如：{organ.presider}举手表决，一致同意"
        return self


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
