"""Deputies' records: what a list is narrowed by, meetings and who was there, entries, the public page."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import request
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from votes.forms.base import Form, chosen
from votes.forms.filters import FormFilters
from votes.rules.duties.duties import (
    PUBLIC_FIELDS,
    RATE_WORDS,
    DutyAttendanceState,
    DutyKind,
    DutyMeetingKind,
    Mark,
    meeting_kinds,
    meeting_word,
    year_shown,
)
from votes.rules.people import organs
from votes.rules.people.roles import BodyKind
from votes.web.words.labels import label

_STATES = {state.value for state in DutyAttendanceState}


class YearFilters(FormFilters):
    year = SelectField("年度", coerce=chosen, default="")

    def __init__(self, years: list[int], today: date, **choices: Any) -> None:
        super().__init__(year=[(year, f"{year}年") for year in years], **choices)
        self.chosen: int = self.year.data or year_shown(years, today)
        self.year.data = self.chosen

    @property
    def narrowed(self) -> bool:
        return any(field.data for field in self if field.name not in ("sort", "year"))


SORTS = [
    ("delegation", "代表团"),
    ("number", "代表证号"),
    ("name", "姓名拼音"),
    ("votes", "参加票决少的在前"),
    ("suggestions", "建议多的在前"),
    ("inspections", "视察多的在前"),
    ("activities", "活动多的在前"),
]


class DutyFilters(YearFilters):
    q = StringField("查找", render_kw={"placeholder": "姓名、首字母、证号、职务", "size": 20})
    delegation_id = SelectField("代表团", coerce=chosen, default="")
    sort = SelectField("排序")

    def __init__(self, years: list[int], today: date, delegations: list[Any], body: BodyKind) -> None:
        organ = organs.of(body)
        rates = [(key, f"{word}低的在前") for key, word in RATE_WORDS[body].items()]
        sorts = [(key, organ.speak(word)) for key, word in SORTS]
        super().__init__(
            years,
            today,
            delegation_id=[("", "全部"), *((d.id, d.name) for d in delegations)],
            sort=[*sorts[:3], *rates, *sorts[3:]],
        )
        self.delegation_id.label.text = organ.group

    @property
    def values(self) -> dict[str, Any]:
        return {
            "q": self.q.data or "",
            "delegation_id": self.delegation_id.data,
            "sort": self.sort.data or "delegation",
        }


class MeetingFilters(YearFilters):
    kind = SelectField("类别")

    def __init__(self, years: list[int], today: date, body: BodyKind) -> None:
        super().__init__(years, today, kind=[("", "全部"), *_meeting_kinds(body)])

    @property
    def wanted(self) -> DutyMeetingKind | None:
        return DutyMeetingKind(self.kind.data) if self.kind.data else None


def _meeting_kinds(body: BodyKind, also: DutyMeetingKind | None = None) -> list[tuple[str, str]]:
    """What may be chosen; ``also`` what a meeting is already."""
    kinds = meeting_kinds(body)
    return [
        (kind.value, meeting_word(kind, body)) for kind in DutyMeetingKind if kind in kinds or kind == also
    ]


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

    def __init__(self, body: BodyKind, meeting: Any = None, today: date | None = None) -> None:
        super().__init__(obj=meeting, data=None if meeting else {"held_on": today})
        self.kind.choices = _meeting_kinds(body, meeting and meeting.kind)
        self.title.description = f"如：{_EXAMPLES.get(body, _EXAMPLES[BodyKind.COUNTY])}"

    @property
    def values(self) -> dict[str, Any]:
        assert self.held_on.data is not None
        return {
            "kind": DutyMeetingKind(self.kind.data),
            "title": self.title.data or "",
            "held_on": self.held_on.data,
        }


class MarksForm(Form):
    """Who was there: fields state-<id> (empty: not called) and spoke-<id> for every deputy.

    Two clerks at one meeting: the second is told what `seen` shows to be stale, and may save over it.
    """

    seen = HiddenField()

    def __init__(self, deputies: list[Any], marks: Mapping[int, Mark], now: str) -> None:
        """``deputies``: those on the page; ``marks``: as noted, or proposed, until something is typed; ``now``: the
        fingerprint of what is noted.
        """
        super().__init__()
        self._now = now
        if request.method != "POST":
            self.seen.data = now
        self.deputies = deputies
        self.problem = ""
        self.marks = self._typed() if request.method == "POST" else dict(marks)

    def accepts(self, act: Callable[[], Any]) -> bool:
        done = super().accepts(act)
        if self.broken and self.broken.code == "stale":
            self.seen.data = self._now  # whoever has been told may save over it
        return done

    def _typed(self) -> dict[int, Mark]:
        found: dict[int, Mark] = {}
        for deputy in self.deputies:
            given = request.form.get(f"state-{deputy.id}", "")
            spoke = f"spoke-{deputy.id}" in request.form
            if given in _STATES:
                found[deputy.id] = (DutyAttendanceState(given), spoke)
            elif given or spoke:
                self.problem = f"{deputy.name}没有选择出席情况，不能记发言。请改正后再保存，您的选择仍在。"
        return found

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        self.refusal = self.problem or None
        return not self.problem


class _EntryForm(Form):
    kind = SelectField(
        "类别",
        [InputRequired("请选择类别。")],
        choices=[("", "请选择"), *((kind.value, label(kind).word) for kind in DutyKind)],
    )
    held_on = DateField("日期", [InputRequired("请填写日期。")])
    title = StringField(
        "主要内容", [InputRequired("请填写主要内容。"), Length(max=100, message="主要内容不超过 100 个字。")]
    )
    text = TextAreaField(
        "详细情况（可不填）", [Length(max=2000, message="详细情况不超过 2000 个字。")], render_kw={"rows": 4}
    )

    @property
    def values(self) -> dict[str, Any]:
        assert self.held_on.data is not None
        return {
            "kind": DutyKind(self.kind.data),
            "held_on": self.held_on.data,
            "title": self.title.data or "",
            "text": self.text.data or "",
        }


class EntryForm(_EntryForm):
    """Staff enter the same for one deputy or many."""

    deputies = SelectMultipleField(
        "代表",
        [InputRequired("请至少选择一位参加的人员。")],
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def __init__(self, deputies: list[Any], today: date, chosen: int | None = None) -> None:
        """``deputies``: who may be chosen; ``chosen`` is ticked at first."""
        super().__init__(data={"held_on": today, "deputies": [chosen] if chosen else []})
        self.deputies.choices = [(deputy.id, deputy.name) for deputy in deputies]


class OwnEntryForm(_EntryForm):
    """A deputy enters what they did, on the phone."""

    def __init__(self, today: date) -> None:
        super().__init__(data={"held_on": today})


class RefuseForm(Form):
    reason = StringField("原因", [Length(max=200, message="原因不超过 200 个字。")])


class FieldsForm(Form):
    """What the deputies' pages show."""

    fields = SelectMultipleField(
        "公开内容",
        choices=list(PUBLIC_FIELDS.items()),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )


class PageForm(Form):
    act = RadioField(
        "办理",
        choices=[("open", "开通"), ("renew", "更换地址"), ("close", "关闭")],
        validators=[InputRequired("没有这种办理，没有改动。请从页面上的按钮办理。")],
    )
