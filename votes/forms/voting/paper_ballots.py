"""Paper beside phones: stacks, boxes, keyed papers, 总监票人's decisions, sums counted by hand."""

from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional as Maybe

from votes.forms.base import Form
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import ABSTAIN, AGAINST, FOR, MARK_WORDS, RATINGS

_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
MOST = 9999  # papers in a box


def _count(label: str, what: str, most: int, refusal: str, least: int = 0) -> IntegerField:
    return IntegerField(
        label, [InputRequired(f"请填写{what}"), NumberRange(least, most, refusal)], render_kw=_NUMBER
    )


def _sum(label: str, what: str) -> IntegerField:
    return _count(label, what, MOST, f"0 至 {MOST}")


class StackForm(Form):
    sheets = _count("印制张数", "张数", 500, "每叠 1 至 500 张", least=1)


class LeftOverForm(Form):
    left_over = IntegerField("剩余", [InputRequired("请填写剩余张数")], render_kw=_NUMBER)


class BoxForm(Form):
    place = StringField("票箱位置", [Length(max=60, message="不超过 60 字")])
    papers = _count("清点张数", "清点出的张数", MOST, f"0 至 {MOST} 张")


class PapersForm(Form):
    papers = _count("清点张数", "张数", MOST, f"0 至 {MOST} 张")


class BoxReopenForm(Form):
    which = SelectField("重新录入", choices=[("second", "只重录第二遍"), ("both", "两遍都重录")])
    reason = StringField("原因", [InputRequired("请填写原因"), Length(max=200, message="不超过 200 字")])


class KeyForm(Form):
    """Take one paper: what is typed, and which paper of the pile it is."""

    position = HiddenField()
    typed = StringField(
        "这张票",
        [Length(max=400, message="内容过长，请核对")],
        render_kw={"autocomplete": "off", "autofocus": True, "spellcheck": "false"},
    )

    @property
    def place(self) -> int:
        """Return the paper's position in the pile, from 1; 0 for what is no position."""
        text = self.position.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0

    @property
    def complaint(self) -> str:
        """Return why the line was refused."""
        return self.refusal or "".join(str(words) for field in self for words in field.errors)


class PaperDecisionForm(Form):
    choice = RadioField(
        "核定", choices=[("first", "采用第一遍"), ("second", "采用第二遍"), ("other", "另行认定")]
    )
    typed = StringField(
        "另行认定", [Maybe(), Length(max=400, message="内容过长，请核对")], render_kw={"autocomplete": "off"}
    )


class TotalsForm(Form):
    """Take the sums of a box counted by hand; `totals_form` adds a field for each project and column."""

    valid = _sum("有效", "有效票数")
    invalid = _sum("无效", "无效票数")

    @property
    def cells(self) -> dict[int, dict[str, Any]]:
        """Return the field of each project and column, as the template sets them."""
        cells: dict[int, dict[str, Any]] = {}
        for name, field in self._fields.items():
            if name.startswith("n"):
                number, _, mark = name[1:].partition("-")
                cells.setdefault(int(number), {})[mark] = field
        return cells

    @property
    def totals(self) -> dict[str, Any]:
        """Return 有效, 无效 and the counts by printed number and mark."""
        counts = {no: {mark: field.data for mark, field in row.items()} for no, row in self.cells.items()}
        return {"valid": self.valid.data or 0, "invalid": self.invalid.data or 0, "counts": counts}


def totals_columns(rule: Rule) -> list[str]:
    """Return the columns of a box counted by hand: for `choose` only 赞成 is counted, the rest is 弃权."""
    if rule.method == "choose":
        return [FOR]
    return [*RATINGS, "void"] if rule.method == "rating" else [FOR, AGAINST, ABSTAIN]


def totals_form(columns: list[str], numbers: list[int], totals: dict[str, Any] | None) -> TotalsForm:
    """Return the form for the projects of a round, filled with what was entered before."""
    cells = {f"n{number}-{mark}": (number, mark) for number in numbers for mark in columns}
    fields = {name: _sum(f"第 {no} 项{MARK_WORDS[mark]}", "") for name, (no, mark) in cells.items()}
    data: dict[str, Any] = {}
    if totals:
        data = {"valid": totals["valid"], "invalid": totals["invalid"]}
        for name, (number, mark) in cells.items():
            data[name] = totals["counts"].get(str(number), {}).get(mark)
    form: TotalsForm = type("FilledTotalsForm", (TotalsForm,), fields)(data=data)
    return form
