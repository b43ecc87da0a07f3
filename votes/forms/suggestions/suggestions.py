"""Suggestions in the office: what the list is narrowed by, one typed in by staff, its place, a workbook."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from votes.forms.base import Form, WithPhotos, chosen
from votes.forms.filters import Filters
from votes.models import Deputy, Station, Village
from votes.rules.projects.fields import CATEGORIES
from votes.rules.suggestions import suggestions as rules
from votes.rules.suggestions.suggestions import BY_STAFF, AuthorKind, AuthorText, Channel, SuggestionState
from votes.services.suggestions import suggestions
from votes.web.words.labels import label


class SuggestionFilters(Filters):
    year = SelectField("年度", coerce=chosen)
    state = SelectField("状态", choices=[("", "全部"), *((s.value, label(s).word) for s in SuggestionState)])
    channel = SelectField("来源", choices=[("", "全部"), *((c.value, label(c).word) for c in Channel)])
    category = SelectField("类别", choices=[("", "全部"), *((c, c) for c in CATEGORIES)])
    township = SelectField("乡镇（街道）")
    village_id = SelectField("村（社区）", coerce=chosen)
    station_id = SelectField("联络站", coerce=chosen)
    deputy_id = SelectField("收集代表", coerce=chosen)
    q = StringField("查找", render_kw={"placeholder": "内容、编号、查询码", "size": 16})
    sort = SelectField("排序", choices=list(suggestions.SORTS.items()))

    def __init__(
        self,
        years: Sequence[int],
        townships: Sequence[str],
        villages: Sequence[Village],
        stations: Sequence[Station],
        deputies: Sequence[Deputy],
    ) -> None:
        super().__init__(
            year=[("", "全部年度"), *((y, f"{y}年") for y in years)],
            township=[("", "全部"), *((t, t) for t in townships)],
            village_id=[("", "全部"), *((v.id, v.full_name) for v in villages)],
            station_id=[("", "全部"), *((s.id, s.name) for s in stations)],
            deputy_id=[("", "全部"), *((d.id, d.name) for d in deputies)],
        )
        if "year" not in self.query and years:
            self.year.data = years[0]

    @property
    def narrowed(self) -> bool:
        return any(field.data for field in self if field.name not in ("sort", "year"))

    def wanted(self) -> suggestions.Filter:
        return suggestions.Filter(
            year=self.year.data,
            state=SuggestionState(self.state.data) if self.state.data else None,
            channel=Channel(self.channel.data) if self.channel.data else None,
            category=self.category.data or "",
            township=self.township.data or "",
            village_id=self.village_id.data,
            station_id=self.station_id.data,
            deputy_id=self.deputy_id.data,
            words=(self.q.data or "")[:60],
            sort=self.sort.data or "new",
        )


def village_choices(villages: Sequence[Village], own: Village | None) -> list[tuple[Any, str]]:
    """The villages in use and the one that stands there already, which is kept though it be in use no longer."""
    rows = list(villages)
    if own is not None and own not in rows:
        rows.append(own)
    return [(row.id, row.full_name) for row in rows]


class PlaceForm(Form):
    """Category and village, for what came without."""

    category = SelectField("类别", choices=[("", "未分类"), *((c, c) for c in CATEGORIES)], default="")
    village_id = SelectField("村（社区）", coerce=chosen)

    def __init__(self, villages: Sequence[Village], own: Village | None = None, **options: Any) -> None:
        """``own``: the village it has, which may be in use no longer."""
        super().__init__(**options)
        self.village_id.choices = [("", "未填写"), *village_choices(villages, own)]

    def sorting(self) -> dict[str, Any]:
        return {"category": self.category.data or "", "village_id": self.village_id.data}


class EnterForm(WithPhotos, PlaceForm):
    """One that came by another way, typed in by staff."""

    channel = SelectField("来源渠道", choices=[(c.value, label(c).word) for c in BY_STAFF])
    received_on = DateField("收到日期", [InputRequired("请填写收到日期。")])
    year = IntegerField("实施年度", [InputRequired("请填写实施年度。")], description="为哪一年的项目提出")
    content = TextAreaField(
        "建议内容",
        description="按原话记录，一事一提；提出人的姓名、电话填在下面，不写在内容里",
        render_kw={"rows": 5},
    )
    title = StringField("标题", description="可以空着，由系统取建议内容的第一句")
    place = StringField("具体地点")
    deputy_id = SelectField("收集代表", coerce=chosen, description="由代表转来的，选这位代表")
    files = MultipleFileField(
        "照片",
        description=f"最多 {rules.MOST_PHOTOS} 张，不公开",
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    name = StringField("姓名", description="可以空着")
    phone = StringField("电话", description="可以空着")
    unit = StringField("单位", description="以单位名义提出的填写")
    kind = SelectField("身份", choices=[(k.value, label(k).word) for k in AuthorKind], default="citizen")

    def __init__(self, villages: Sequence[Village], deputies: Sequence[Deputy], **given: Any) -> None:
        super().__init__(villages, data=given)
        self.deputy_id.choices = [("", "无"), *((d.id, f"{d.name}（{d.delegation.name}）") for d in deputies)]

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        for name, message in rules.faults(self.text() | asdict(self.who())).items():
            self[name].errors = [message]
            fine = False
        return bool(fine)

    def text(self) -> dict[str, Any]:
        return {
            "title": " ".join((self.title.data or "").split()),
            "content": (self.content.data or "").replace("\r\n", "\n").strip(),
            "category": self.category.data or "",
            "place": " ".join((self.place.data or "").split()),
        }

    def who(self) -> AuthorText:
        return AuthorText(
            "".join((self.name.data or "").split()),
            rules.tidy_phone(self.phone.data or ""),
            " ".join((self.unit.data or "").split()),
            AuthorKind(self.kind.data) if self.kind.data in list(AuthorKind) else AuthorKind.CITIZEN,
        )

    def values(self) -> dict[str, Any]:
        return {
            **self.text(),
            "channel": Channel(self.channel.data),
            "received_on": self.received_on.data,
            "year": self.year.data,
            "village_id": self.village_id.data,
            "deputy_id": self.deputy_id.data,
            "author": self.who(),
        }


class RefuseForm(Form):
    reason = TextAreaField(
        "不予受理的理由",
        [InputRequired("请写明不予受理的理由。"), Length(max=200, message="理由最多 200 个字。")],
        description="提出人凭查询码可以看到，请写得清楚、平和",
        render_kw={"rows": 2},
    )
