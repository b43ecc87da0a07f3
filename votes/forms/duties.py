"""Deputies' records: the year that a page shows, meetings and who came, entries, the public page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import request
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from votes.clock import today
from votes.forms.base import Form, checkboxes
from votes.models import Deputy, DutyMeeting
from votes.rules.duties import duties as rules
from votes.rules.people.roles import BodyKind
from votes.services.duties import figures
from votes.web import filters
from votes.web.words.labels import label

_STATES = {state.value for state in rules.DutyAttendanceState}


def _usual_year(choices: Sequence[filters.Choice]) -> int:
    return rules.year_shown([year for year, _ in choices], today())


def year_filter(*, coming: bool = False) -> filters.Filter:
    """Declare a filter by the years of `figures.years`."""
    by_year = filters.year(lambda: figures.years(today(), coming=coming))
    return replace(by_year, default=_usual_year)


def read_year() -> tuple[list[int], int]:
    """Return the years that a page offers, newest first, and the one that the reader chose."""
    choice = filters.read([year_filter()]).fields["year"]
    return [year for year, _ in choice.choices], choice.value


def meeting_choices(body: BodyKind, also: rules.DutyMeetingKind | None = None) -> list[tuple[str, str]]:
    """Return the kinds of meeting that may be chosen in a body; ``also``: the kind that a meeting has already."""
    kinds = {*rules.meeting_kinds(body), also}
    return [(kind.value, rules.meeting_word(kind, body)) for kind in rules.DutyMeetingKind if kind in kinds]


_EXAMPLES = {
    BodyKind.COUNTY: "第十八届人大常委会第二十一次会议",
    BodyKind.TOWNSHIP: "第十九届人大主席团第五次会议",
    BodyKind.STREET: "上半年民生实事项目座谈会",
}


class MeetingForm(Form):
    kind = SelectField("类别")
    title = StringField(
        "会议名称",
        [InputRequired("请填写会议名称。"), Length(max=100, message="会议名称不超过 100 个字。")],
    )
    held_on = DateField("日期", [InputRequired("请填写日期。")])

    def __init__(self, body: BodyKind, meeting: DutyMeeting | None = None, today: date | None = None) -> None:
        super().__init__(obj=meeting, data=None if meeting else {"held_on": today})
        self.kind.choices = meeting_choices(body, meeting.kind if meeting else None)
        self.title.description = f"如：{_EXAMPLES.get(body, _EXAMPLES[BodyKind.COUNTY])}"

    @property
    def values(self) -> dict[str, Any]:
        return {**self.entry(), "kind": rules.DutyMeetingKind(self.kind.data)}


class MarksForm(Form):
    """The attendance of a meeting: fields state-<id> (empty: not called) and spoke-<id> for every deputy.

    Two clerks may type at once: the second reads that `seen` is stale, and may then overwrite what the first saved.
    """

    seen = HiddenField()

    def __init__(self, deputies: list[Deputy], marks: Mapping[int, rules.Mark], now: str) -> None:
        """Show ``marks``, noted or proposed, until something is typed; ``now``: the fingerprint of those noted."""
        super().__init__()
        self._now = now
        if request.method != "POST":
            self.seen.data = now
        self.deputies = deputies
        self.problem = ""
        self.marks = self._typed() if request.method == "POST" else dict(marks)

    def accepts(self, act: Callable[[], Any]) -> bool:
        accepted = super().accepts(act)
        if self.broken and self.broken.code == "stale":
            self.seen.data = self._now  # the refusal was shown: the next save may overwrite
        return accepted

    def _typed(self) -> dict[int, rules.Mark]:
        marks: dict[int, rules.Mark] = {}
        for deputy in self.deputies:
            state = request.form.get(f"state-{deputy.id}", "")
            spoke = f"spoke-{deputy.id}" in request.form
            if state in _STATES:
                marks[deputy.id] = (rules.DutyAttendanceState(state), spoke)
            elif state or spoke:
                self.problem = f"{deputy.name}没有选择出席情况，不能记发言。请改正后再保存，您的选择仍在。"
        return marks

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        self.refusal = (valid and self.problem) or None
        return valid and not self.problem


class OwnEntryForm(Form):
    """A deputy enters what they did, on the phone."""

    kind = SelectField(
        "类别",
        [InputRequired("请选择类别。")],
        choices=[("", "请选择"), *((kind.value, label(kind).word) for kind in rules.DutyKind)],
    )
    held_on = DateField("日期", [InputRequired("请填写日期。")])
    title = StringField(
        "主要内容", [InputRequired("请填写主要内容。"), Length(max=100, message="主要内容不超过 100 个字。")]
    )
    text = TextAreaField(
        "详细情况（可不填）", [Length(max=2000, message="详细情况不超过 2000 个字。")], render_kw={"rows": 4}
    )

    def __init__(self, today: date, **data: Any) -> None:
        """Offer ``today`` as the day, and ``data`` for the other fields."""
        super().__init__(data={"held_on": today, **data})

    @property
    def values(self) -> rules.Activity:
        assert self.held_on.data is not None
        typed = self.title.data or "", self.text.data or ""
        return rules.Activity(rules.DutyKind(self.kind.data), self.held_on.data, *typed)


class EntryForm(OwnEntryForm):
    """Staff enter the same for one deputy or many."""

    deputies = checkboxes("代表", validators=[InputRequired("请至少选择一位参加的人员。")], coerce=int)

    def __init__(self, deputies: list[Deputy], today: date, chosen: int | None = None) -> None:
        """Offer ``deputies``; the one with the id ``chosen`` is ticked at first."""
        super().__init__(today, deputies=[chosen] if chosen else [])
        self.deputies.choices = [(deputy.id, deputy.name) for deputy in deputies]


class FieldsForm(Form):
    """What the deputies' pages show."""

    fields = checkboxes("公开内容", choices=list(rules.PUBLIC_FIELDS.items()))
