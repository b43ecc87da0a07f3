"""Paper beside phones: stacks, boxes, keyed papers, the chief's word."""

from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional as Maybe

from votes.forms.base import Form
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import AGAINST, FOR, RATINGS

_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
WORDS = {
    FOR: "赞成",
    AGAINST: "反对",
    "abstain": "弃权",
    "satisfied": "满意",
    "basically": "基本满意",
    "dissatisfied": "不满意",
    "void": "无效",
}


class StackForm(Form):
    sheets = IntegerField(
        "印制张数",
        [InputRequired("请填写张数"), NumberRange(1, 500, "每叠 1 至 500 张")],
        render_kw=_NUMBER,
    )


class LeftOverForm(Form):
    left_over = IntegerField("剩余", [InputRequired("请填写剩余张数")], render_kw=_NUMBER)


class BoxForm(Form):
    place = StringField("票箱位置", [Length(max=60, message="不超过 60 字")])
    papers = IntegerField(
        "清点张数",
        [InputRequired("请填写清点出的张数"), NumberRange(0, 9999, "0 至 9999 张")],
        render_kw=_NUMBER,
    )


class PapersForm(Form):
    papers = IntegerField(
        "清点张数", [InputRequired("请填写张数"), NumberRange(0, 9999, "0 至 9999 张")], render_kw=_NUMBER
    )


class BoxReopenForm(Form):
    which = SelectField("重新录入", choices=[("second", "只重录第二遍"), ("both", "两遍都重录")])
    reason = StringField("原因", [InputRequired("请填写原因"), Length(max=200, message="不超过 200 字")])


class KeyForm(Form):
    """One paper: what is typed, and which paper of the pile it is."""

    position = HiddenField()
    typed = StringField(
        "这张票",
        [Length(max=400, message="内容过长，请核对")],
        render_kw={"autocomplete": "off", "autofocus": True, "spellcheck": "false"},
    )

    @property
    def place(self) -> int:
        text = self.position.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


class PaperDecisionForm(Form):
    choice = RadioField(
        "核定", choices=[("first", "采用第一遍"), ("second", "采用第二遍"), ("other", "另行认定")]
    )
    typed = StringField(
        "另行认定", [Maybe(), Length(max=400, message="内容过长，请核对")], render_kw={"autocomplete": "off"}
    )


class TotalsForm(Form):
    """The sums of a box counted by hand; `for_rule` adds a field for each project and column."""

    valid = IntegerField(
        "有效", [InputRequired("请填写有效票数"), NumberRange(0, 9999, "0 至 9999")], render_kw=_NUMBER
    )
    invalid = IntegerField(
        "无效", [InputRequired("请填写无效票数"), NumberRange(0, 9999, "0 至 9999")], render_kw=_NUMBER
    )

    @property
    def cells(self) -> dict[int, dict[str, Any]]:
        """The field of each project and column, as the template sets them."""
        found: dict[int, dict[str, Any]] = {}
        for name, field in self._fields.items():
            if name.startswith("n"):
                number, _, mark = name[1:].partition("-")
                found.setdefault(int(number), {})[mark] = field
        return found

    def counts(self) -> dict[int, dict[str, int]]:
        return {
            number: {mark: field.data for mark, field in row.items()} for number, row in self.cells.items()
        }


def totals_columns(rule: Rule) -> list[str]:
    """The columns of a box counted by hand: for `choose` only 赞成 is counted, the rest is 弃权."""
    if rule.method == "choose":
        return [FOR]
    return [*RATINGS, "void"] if rule.method == "rating" else [FOR, AGAINST, "abstain"]


def totals_form(rule: Rule, numbers: list[int], totals: dict[str, Any] | None) -> TotalsForm:
    """The form for a round's projects, filled with what was entered before."""

    class Filled(TotalsForm):
        pass

    columns = totals_columns(rule)
    for number in numbers:
        for mark in columns:
            setattr(
                Filled,
                f"n{number}-{mark}",
                IntegerField(
                    f"第 {number} 项{WORDS[mark]}",
                    [InputRequired("请填写"), NumberRange(0, 9999, "0 至 9999")],
                    render_kw=_NUMBER,
                ),
            )
    given: dict[str, Any] = {}
    if totals:
        given = {"valid": totals["valid"], "invalid": totals["invalid"]}
        for number in numbers:
            for mark in columns:
                given[f"n{number}-{mark}"] = totals["counts"].get(str(number), {}).get(mark)
    return Filled(data=given)
